"""Tests of contacts."""

import pytest

from shop.checks import Evidence, check
from shop.products import Product, Text

EVIDENCE = Evidence(
    [Product("Kettle", "K-110", url="https://shop.example/kettle")],
    [
        Text(
            "a.md",
            "Call +55 81 0555-0142 or +353 1 555 0177, or write to ola@shop.example. Help: https://shop.example/help",
        )
    ],
    "I am ana@home.example",
)


@pytest.mark.parametrize(
    "written",
    [
        "+55 81 0555-0142",
        "(81) 0555-0142",
        "+353 1 555 0177",
        "ola@shop.example",
        "https://shop.example/help",
        "https://shop.example/kettle",
        "ana@home.example",
    ],
)
def test_a_contact_of_the_data_is_supported(written: str) -> None:
    assert [one.verdict for one in check(f"Try {written}, please.", EVIDENCE)] == ["supported"]


@pytest.mark.parametrize(
    ("written", "true"),
    [
        ("+55 81 0555-0124", "+55 81 0555-0142"),
        ("ola@shop.example.org", "ola@shop.example"),
        ("https://shop.example/helpdesk", "https://shop.example/help"),
    ],
)
def test_another_contact_has_the_true_one(written: str, true: str) -> None:
    assert [(one.verdict, one.true) for one in check(f"Try {written}, please.", EVIDENCE)] == [("contradicted", true)]


def test_order_numbers_and_days_are_no_telephones() -> None:
    assert [one for one in check("Your order 1234 5678 of 2026-11-28.", EVIDENCE) if one.kind == "contact"] == []
