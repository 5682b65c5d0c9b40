"""Single cells: stock, yes and no, what is hidden, lists, addresses."""

import pytest

from shop.products import Stock
from shop.readers.cells import count_of, first_address, is_no, is_yes, reason_hidden, stock_of, values_in


@pytest.mark.parametrize(
    ("cell", "stock"),
    [
        ("12", 12), ("0", 0), ("-3", 0), ("5.0", 5), ("1.234", 1234), ("12 un", 12), ("", None), ("?", None), ("-", None),
        ("in stock", True), ("in_stock", True), ("Disponível", True), ("sim", True), ("auf Lager", True), (">10", True), ("10+", True),
        ("Esgotado", False), ("sold out", False), ("out_of_stock", False), ("não", False), ("ausverkauft", False), ("épuisé", False),
    ],
)  # fmt: skip
def test_a_stock_is_a_count_or_yes_or_no(cell: str, stock: Stock) -> None:
    found = stock_of(cell)

    assert found == stock
    assert type(found) is type(stock)


def test_a_count_beyond_reason_is_bounded() -> None:
    assert count_of("9" * 400) is None
    assert count_of("9" * 12) == 10**9


@pytest.mark.parametrize("cell", ["", " ", "some"])
def test_a_cell_without_a_number_has_no_count(cell: str) -> None:
    assert count_of(cell) is None


def test_yes_and_no_are_read_in_several_languages() -> None:
    assert all(map(is_yes, ["Yes", "sim", "Sí", "ja", "oui", "1", "TRUE", "x"]))
    assert all(map(is_no, ["No", "não", "NEIN", "non", "0", "false"]))


@pytest.mark.parametrize(
    ("status", "reason"),
    [("Active", None), ("draft", "draft"), ("Rascunho", "draft"), ("ARCHIVED", "archived"), ("hidden", "hidden"), ("0", "hidden"), ("", None)],
)  # fmt: skip
def test_a_status_may_hide_a_product(status: str, reason: str | None) -> None:
    assert reason_hidden(status) == reason


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("natural; blue; blue", ("natural", "blue")),
        ("P/M/G", ("P", "M", "G")),
        ("1/2 inch", ("1/2 inch",)),
        ("Blue, Green", ("Blue", "Green")),
        ("1,5L", ("1,5L",)),
        ("", ()),
    ],
)
def test_a_cell_may_list_values(cell: str, values: tuple[str, ...]) -> None:
    assert values_in(cell) == values


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("https://x.example/a.jpg, https://x.example/b.jpg", "https://x.example/a.jpg"),
        ("https://x.example/a,b.jpg", "https://x.example/a,b.jpg"),
        ('["https://x.example/a.jpg"]', "https://x.example/a.jpg"),
        ("mug.jpg", "mug.jpg"),
        ("no picture", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_the_first_address_of_a_cell_is_taken(cell: str, address: str) -> None:
    assert first_address(cell) == address
