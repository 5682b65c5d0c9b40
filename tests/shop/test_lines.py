import pytest

from shop.lines import lines_of, money, short_lines_of, table
from shop.products import Option, Product, Variant

MUG = Product(
    "Blue mug", "MUG-1", "Mugs", "Oleiro", 500, "BRL", stock=3, text="Holds 300 ml.", url="https://s.example/1"
)
SHIRT = Product(
    "Shirt",
    "TEE",
    currency="BRL",
    options=(Option("Size", ("S", "M")),),
    variants=(
        Variant((("Size", "S"),), "TEE-S", 4000, stock=2),
        Variant((("Size", "M"),), "TEE-M", 4500, stock=0),
    ),
)


@pytest.mark.parametrize(
    ("minor", "currency", "shown", "text"),
    [
        (129990, "BRL", "", "1299.90 BRL"),
        (129990, "BRL", "BRL", "1299.90"),
        (129990, "", "", "1299.90"),
        (1500, "JPY", "", "1500 JPY"),
        (1500, "KWD", "", "1.500 KWD"),
        (0, "EUR", "", "0.00 EUR"),
        (None, "EUR", "", ""),
    ],
)
def test_a_price_is_told_without_doubt(minor, currency, shown, text):
    assert money(minor, currency, shown) == text


def test_a_head_names_the_columns_and_the_currency():
    assert lines_of([MUG]) == [
        "SKU | name | category | brand | price in BRL | stock | description | link",
        "MUG-1 | Blue mug | Mugs | Oleiro | 5.00 | 3 | Holds 300 ml. | https://s.example/1",
    ]


def test_columns_that_nothing_stands_in_are_left_out():
    assert lines_of([Product("Mug", price=500), Product("Cup", sku="C")]) == [
        "SKU | name | price",
        " | Mug | 5.00",
        "C | Cup",
    ]


def test_prices_in_two_currencies_each_have_theirs():
    assert lines_of([Product("Mug", price=500, currency="USD"), Product("Cup", price=400)], "BRL") == [
        "name | price",
        "Mug | 5.00 USD",
        "Cup | 4.00 BRL",
    ]


def test_each_choice_has_its_own_sku_price_and_stock():
    assert (
        lines_of([SHIRT])[1]
        == "TEE | Shirt | 40.00 to 45.00 | 2 | S, TEE-S, 40.00, 2 in stock; M, TEE-M, 45.00, sold out"
    )


def test_of_many_choices_only_the_options_are_told():
    many = tuple(Variant((("Size", str(n)),), f"TEE-{n}") for n in range(40))

    assert (
        lines_of([Product("Shirt", options=(Option("Size", ("0", "39")),), variants=many)])[1] == "Shirt | Size: 0, 39"
    )


@pytest.mark.parametrize(
    ("stock", "text"), [(3, "3"), (0, "sold out"), (False, "sold out"), (True, "in stock"), (None, "")]
)
def test_a_stock_is_a_count_or_a_word(stock, text):
    assert lines_of([Product("Mug", price=1, stock=stock)])[1] == f"Mug | 0.01 | {text}".rstrip(" |")


def test_an_old_price_is_told_where_it_was_higher():
    assert lines_of([Product("Mug", price=500, old_price=700)])[1] == "Mug | 5.00, before 7.00"
    assert lines_of([Product("Mug", price=500, old_price=400)])[1] == "Mug | 5.00"


def test_a_cell_cannot_end_its_column_or_its_line():
    assert lines_of([Product("Mug | 0.01\nCup", price=500)])[1] == "Mug / 0.01 Cup | 5.00"


def test_a_long_description_is_cut_at_a_word():
    assert lines_of([Product("Mug", text="one two three")], most_chars=9)[1] == "Mug | one two …"


def test_short_lines_have_no_description():
    assert short_lines_of([MUG]) == ["SKU | name | price in BRL | stock", "MUG-1 | Blue mug | 5.00 | 3"]


def test_no_products_are_no_lines():
    assert lines_of([]) == short_lines_of([]) == []


def test_a_table_has_a_section_for_each_file():
    found = table([Product("Mug", file="a.csv"), Product("Cup", file="b.csv")], "", most_chars=1000)

    assert found == "# Products of a.csv\n\nname\nMug\n\n# Products of b.csv\n\nname\nCup"


def test_a_table_above_its_size_is_none():
    products = [Product("Mug", text="x" * 50) for _ in range(10)]

    assert table(products, "", most_chars=400) is None
    assert table(products, "", most_chars=2000) is not None
