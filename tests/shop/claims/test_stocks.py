"""Tests of claims of stock."""

from dataclasses import replace

import pytest

from shop.checks import Evidence, check
from shop.products import Product, Stock, Variant


def verdict(sentence: str, stock: Stock) -> list[tuple[str, str]]:
    found = check(sentence, Evidence([Product("Blue Kettle", "K-110", stock=stock)]))
    return [(one.verdict, one.true) for one in found if one.kind == "stock"]


RIGHT = [
    ("We have 7 of the Blue Kettle.", 7),
    ("The Blue Kettle is in stock.", 7),
    ("The Blue Kettle is in stock.", True),
    ("Blue Kettle (K-110): only 2 left!", 2),
    ("A K-110 está esgotada.", 0),
    ("A K-110 está indisponível.", False),
    ("Restam 3 unidades da K-110.", 3),
    ("The K-110 is not available.", 0),
    ("There are seven Blue Kettles in stock.", 7),
]


@pytest.mark.parametrize(("sentence", "stock"), RIGHT)
def test_a_right_stock_is_supported(sentence: str, stock: Stock) -> None:
    assert verdict(sentence, stock) == [("supported", "")]


WRONG = [
    ("We have 8 of the Blue Kettle.", 7, "7"),
    ("The Blue Kettle is in stock.", 0, "0"),
    ("The Blue Kettle is back in stock.", 0, "0"),
    ("The K-110 is sold out.", 4, "4"),
    ("A K-110 está disponível em estoque.", False, "sold out"),
]


@pytest.mark.parametrize(("sentence", "stock", "true"), WRONG)
def test_a_wrong_stock_has_the_true_one(sentence: str, stock: Stock, true: str) -> None:
    assert verdict(sentence, stock) == [("contradicted", true)]


SHARED = Product(
    "Tote",
    "TOTE",
    stock=12,
    variants=tuple(Variant((("Colour", name),), f"TOTE-{name[0]}1") for name in ("Navy", "Red")),
)


@pytest.mark.parametrize(
    ("sentence", "expected", "true"),
    [
        ("We have 12 of the Tote.", "supported", ""),
        ("The Tote in Navy is in stock.", "supported", ""),
        ("TOTE-R1: only 12 left!", "supported", ""),
        ("We have 24 of the Tote.", "contradicted", "12"),
        ("The TOTE-N1 is sold out.", "contradicted", "12"),
    ],
)
def test_variants_share_the_stock_of_a_product_counted_as_one(sentence: str, expected: str, true: str) -> None:
    found = [one for one in check(sentence, Evidence([SHARED])) if one.kind == "stock"]

    assert [(one.verdict, one.true) for one in found] == [(expected, true)]


def test_a_variant_without_stock_has_not_that_of_the_others() -> None:
    counted, other = replace(SHARED.variants[0], stock=12), SHARED.variants[1]
    evidence = Evidence([replace(SHARED, stock=True, variants=(counted, other))])

    found = check("The TOTE-R1 is in stock.", evidence)

    assert [one.verdict for one in found if one.kind == "stock"] == ["unsupported"]


def test_what_is_not_counted_has_no_number() -> None:
    assert verdict("There are 5 of the K-110 in stock.", True) == [("unsupported", "")]
    assert verdict("The K-110 is in stock.", None) == [("unsupported", "")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The K-110 is available in blue.",
        "Sold-out products cannot be ordered: K-110.",
        "When the K-110 is back in stock, look here.",
        "K-110: one of the best.",
    ],
)
def test_other_words_are_no_claim_of_stock(sentence: str) -> None:
    assert verdict(sentence, 0) == []


KETTLES = [
    Product("Blue Kettle", "K-110", stock=4),
    Product("Straw Bag", "B-20", stock=26),
    Product("Tin Jug", "J-7", stock=0),
]


def of_shop(text: str) -> list[tuple[str, str]]:
    return [(one.verdict, one.about) for one in check(text, Evidence(KETTLES)) if one.kind == "stock"]


def test_a_clause_without_a_name_may_mean_another_one() -> None:
    text = "The Straw Bag beats the Blue Kettle: only 4 kettles are left; there are 26 bags."

    assert [verdict for verdict, _ in of_shop(text)] == ["supported", "supported"]


def test_a_group_that_was_named_is_no_count() -> None:
    assert of_shop("The Straw Bag and the Blue Kettle. Both of the two are in stock.") == [("supported", "K-110")]


def test_all_must_be_in_stock_where_all_are_said_to() -> None:
    assert of_shop("The Tin Jug and the Blue Kettle. Both are in stock.") == [("contradicted", "J-7")]
