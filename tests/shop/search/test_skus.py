"""Tests of the SKUs of a question."""

import pytest

from shop.search.skus import skus_of

KNOWN = {"moc4471", "a12", "9780100000048", "zx900bk"}


@pytest.mark.parametrize(
    ("question", "skus", "rest"),
    [
        ("is moc 4471 in stock", ("moc4471",), "is   in stock"),
        ("moc-4471?", ("moc4471",), " ?"),
        ("978-0-10-000004-8", ("9780100000048",), " "),
        ("zx-900-bk or moc4471", ("zx900bk", "moc4471"), "  or  "),
        ("a 12", (), "a 12"),
        ("37 38", (), "37 38"),
    ],
)
def test_skus_are_found_in_any_spelling(question: str, skus: tuple[str, ...], rest: str) -> None:
    found, left = skus_of(question, KNOWN.__contains__)

    assert found == skus
    assert left.split() == rest.split()
