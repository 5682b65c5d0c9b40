from dataclasses import replace

import pytest

from shop.answers import asking, card
from shop.answers.card import Speaker
from shop.products import Option, Product, Variant
from shop.search.results import Hit

ENGLISH, PORTUGUESE = Speaker("en", str), Speaker("pt_BR", str)
KITE = Product(
    "Kite *Arara*", "KI-1", price=12_950, currency="BRL", stock=4, options=(Option("Colour", ("red", "blue")),),
    text="Flies in light wind. Spans 120 cm.", url="https://shop.example/kite (1)", file="p.csv", line=2,
)  # fmt: skip
SHIRT = Product(
    "Shirt", currency="BRL", options=(Option("Size", ("S", "M")),),
    variants=(Variant((("Size", "S"),), "SH-S", 5_000, 6_000, 2), Variant((("Size", "M"),), "SH-M", 5_500, None, 0)),
    file="p.csv", line=3,
)  # fmt: skip


def hit(product: Product, variant: Variant | None = None) -> Hit:
    return Hit(product, variant, "", 1.0)


def said(product: Product, question: str, speaker: Speaker = ENGLISH, variant: Variant | None = None) -> str:
    return card.sentence([hit(product, variant)], asking.read(question), speaker, "")


def test_a_card_has_name_sku_price_stock_options_text_and_link() -> None:
    assert card.print_card(hit(KITE), (), ENGLISH, "", is_only=True).split("  \n") == [
        "**[Kite \\*Arara\\*](https://shop.example/kite%20%281%29)** · KI-1",
        "R$129.50 · in stock (4)",
        "Colour: red, blue",
        "Flies in light wind. Spans 120 cm.",
    ]


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("/pictures/kite.svg", "![Kite \\*Arara\\*](/pictures/kite.svg)"),
        ("https://cdn.example/a b.jpg", "[Picture](https://cdn.example/a%20b.jpg)"),
        ("/logout", None),
        ("/pictures/../settings.toml", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_only_pictures_of_our_own_are_shown(image: str, shown: str | None) -> None:
    lines = card.print_card(hit(replace(KITE, image=image)), (), ENGLISH, "", is_only=False).split("  \n")

    assert [line for line in lines if "](" in line and "shop.example" not in line] == ([shown] if shown else [])


@pytest.mark.parametrize(
    ("minor", "currency", "english", "portuguese"),
    [
        (28_900, "BRL", "R$289.00", "R$ 289,00"),
        (123_450, "USD", "$1,234.50", "US$ 1.234,50"),
        (1_500, "JPY", "¥1,500", "JP¥ 1.500"),
        (899, "", "8.99", "8,99"),
    ],
)
def test_money_is_written_as_each_language_does(minor: int, currency: str, english: str, portuguese: str) -> None:
    assert ENGLISH.money(minor, currency) == english
    assert PORTUGUESE.money(minor, currency) == portuguese


@pytest.mark.parametrize(
    ("product", "question", "sentence"),
    [
        (KITE, "how much is it?", "Kite \\*Arara\\* costs R$129.50."),
        (replace(KITE, old_price=15_000), "price?", "Kite \\*Arara\\* costs R$129.50 instead of R$150.00."),
        (SHIRT, "price?", "Shirt costs from R$50.00 to R$55.00, depending on the option."),
        (replace(KITE, price=None), "price?", "We have no price for Kite \\*Arara\\* in our data."),
        (KITE, "in stock?", "Kite \\*Arara\\* is in stock: 4."),
        (replace(KITE, stock=True), "available?", "Yes, Kite \\*Arara\\* is in stock."),
        (replace(KITE, stock=0), "available?", "Kite \\*Arara\\* is sold out."),
        (replace(KITE, stock=None), "available?", "We have no stock count for Kite \\*Arara\\* in our data."),
        (KITE, "which colours?", "Kite \\*Arara\\* comes in: red, blue."),
        (SHIRT, "what sizes?", "Shirt comes in: S, M."),
        (KITE, "tell me about the kite", ""),
    ],
)
def test_what_is_asked_is_said_first(product: Product, question: str, sentence: str) -> None:
    assert said(product, question) == sentence


def test_a_variant_has_its_own_price_stock_and_sku() -> None:
    small = SHIRT.variants[0]

    assert said(SHIRT, "how much and in stock?", variant=small) == (
        "Shirt (S) is in stock: 2. Shirt (S) costs R$50.00 instead of R$60.00."
    )
    assert card.sku_of(hit(SHIRT, small)) == "SH-S"
    assert card.sku_of(hit(SHIRT)) == "p.csv:3"


def test_a_difference_is_computed_in_one_currency_only() -> None:
    other = replace(KITE, name="Box kite", price=20_000)
    asked = asking.read("how much more is the box kite?")

    assert card.sentence([hit(KITE), hit(other)], asked, ENGLISH, "") == (
        "Kite \\*Arara\\* costs R$129.50 and Box kite costs R$200.00: a difference of R$70.50."
    )
    assert "difference" not in card.sentence([hit(KITE), hit(replace(other, currency="USD"))], asked, ENGLISH, "")


def test_the_sentence_of_a_text_that_answers_is_quoted() -> None:
    long = replace(KITE, text="It is a fine present for everybody. " * 6 + "It spans 120 cm. Made of silk.")

    assert card.excerpt(long, ("spans",), always=True) == "It spans 120 cm."
    assert card.excerpt(long, (), always=True) == "It is a fine present for everybody."
    assert card.excerpt(long, (), always=False) == ""
