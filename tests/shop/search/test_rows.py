"""Tests of what a product's name calls the thing, and of the columns that are searched."""

import pytest

from shop.products import Option, Product, Variant
from shop.search import lexicon
from shop.search.folding import stem
from shop.search.rows import COLUMNS, head_of, row_of, stock_of

LEXICON = lexicon.read()


@pytest.mark.parametrize(
    ("name", "brand", "language", "head", "modifiers"),
    [
        ("Tapete Orla Trilha", "Orla", "pt", ["tapet"], []),
        ("Tapete de ioga Orla Trilha", "Orla", "pt", ["tapet"], ["ioga"]),
        ("Mesa de madeira", "", "pt", ["mesa"], []),
        ("Cama para cachorro", "", "pt", ["cama"], ["cachorro"]),
        ("Jogo de 6 copos Orla", "Orla", "pt", ["jogo"], []),
        ("Par de meias", "", "pt", ["meia"], []),
        ("Café da Serra, torra média", "", "pt", ["cafe"], []),
        ("Panela com tampa", "", "pt", ["panela"], []),
        ("Wool rug Orla", "Orla", "en", ["rug"], []),
        ("Orla table lamp Trilha", "Orla", "en", ["trilha"], []),
        ("Table lamp, white", "", "en", ["lamp"], []),
        ("Hoodie with logo", "", "en", ["hoodi"], []),
        ("Case for telephones", "", "en", ["case"], ["telephon"]),
        ("Rede Casal double hammock", "", "", ["rede", "hammock"], []),
        ("", "", "en", [], []),
    ],
)
def test_the_head_of_a_name_is_what_it_calls_the_thing(
    name: str, brand: str, language: str, head: list[str], modifiers: list[str]
) -> None:
    found = head_of(name, brand, language, LEXICON)

    assert found[:2] == (head, modifiers)


def test_words_before_an_english_noun_narrow_it() -> None:
    assert head_of("Bicycle helmet", "", "en", LEXICON) == (["helmet"], [], ["bicycl"])


SHIRT = Product(
    "Camiseta",
    category="Roupas",
    brand="Orla",
    price=5_000,
    options=(Option("cor", ("azul-marinho",)),),
    text="De algodão.",
    variants=(Variant((("tamanho", "GG"),), price=7_000, stock=0), Variant((("tamanho", "P"),), price=None, stock=2)),
)


def test_a_row_has_the_words_of_options_and_variants() -> None:
    columns = dict(zip(COLUMNS, row_of(SHIRT, "pt", LEXICON).columns, strict=True))

    assert set(columns["options"].split()) == {"azul", "marinho", "azulmarinho", "gg", "p"}
    assert (columns["head"], columns["category"], columns["brand"]) == ("camiseta", "roupa", "orla")
    assert stem("algodao") in columns["text"].split()


def test_a_row_has_the_lowest_and_the_highest_price_of_variants() -> None:
    row = row_of(SHIRT, "pt", LEXICON)

    assert (row.lowest, row.highest, row.is_in_stock) == (5_000, 7_000, True)


@pytest.mark.parametrize(
    ("stock", "variants", "expected"),
    [(None, [], None), (0, [], False), (True, [], True), (None, [0, None], False), (0, [3], True)],
)
def test_a_product_is_in_stock_when_any_variant_is(
    stock: int | None, variants: list[int | None], expected: bool | None
) -> None:
    assert stock_of(Product("x", stock=stock, variants=tuple(Variant((), stock=one) for one in variants))) is expected


@pytest.mark.parametrize(
    ("name", "head", "before"),
    [
        ("Panos de Prato, 3 tea towels", ["pano", "towel"], ["tea"]),
        ("Xícaras, 4 coffee cups", ["xicara", "cup"], ["coffe"]),
        ("Moringa water jug", ["moringa", "jug"], ["water"]),
        ("Porta-copos", ["porta", "portacopo"], ["copo"]),
    ],
)
def test_a_name_in_two_languages_has_two_nouns(name: str, head: list[str], before: list[str]) -> None:
    heads, _, beside = head_of(name, "", "", LEXICON)

    assert heads == head
    assert set(before) <= set(beside)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("White Jade (edible core) Pineapple Plant, well rooted", "plant"),
        ("Mug [new] with lid", "mug"),
        ("Oak Table (round)", "tabl"),
        ("Clemens | Hand made wooden chair", "chair"),
    ],
)
def test_what_stands_in_brackets_or_after_a_bar_cuts_no_name(name: str, head: str) -> None:
    assert head in head_of(name, "", "en", LEXICON)[0]
