"""Tests of what is found for a question: rows in their order, follow-ups, variants, passages, and when nothing is sold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.products import Option, Product, Variant
from shop.search.finding import FOUND
from shop.search.index import Index
from tests.support.catalogues import contents_of, index_of, products_of

GOODS = """sku,name,category,brand,price,stock,colours,sizes,description
TAP-1,Tapete Orla Garoa,Sala,Orla,250.00,3,azul; cinza,,Tapete de lã.
TAP-2,Tapete Zimbro Duna,Sala,Zimbro,180.00,0,verde,,
TAP-3,Tapete de ioga Orla Prisma,Esportes,Orla,90.00,9,azul,,
RED-1,Rede de casal Orla Garoa,Redes,Orla,320.00,4,azul; cru,,
RED-2,Rede Zimbro,Redes,Zimbro,400.00,4,vermelho,,
CAP-1,Capacete de bicicleta Zimbro,Esportes,Zimbro,150.00,2,preto,M; G,
CAM-1,Camiseta Azul & Cia,Roupas,Azul & Cia,40.00,8,vermelho,P; M,
CAM-2,Camiseta Orla,Roupas,Orla,55.00,8,azul,M; GG,
CAN-1,Caneca Orla Tamarindo,Mesa,Orla,30.00,5,branco,,Para café.
CHA-1,Chaleira Zimbro,Cozinha,Zimbro,99.90,,vermelho,1 L,
CHA-2,Chaleira Orla,Cozinha,Orla,,1,preto,,
"""
SHOE = Product(
    "Sapatilha", sku="SAP", category="Calçados", price=9_000, file="more.csv", line=2,
    options=(Option("cor", ("preta", "rosa")), Option("tamanho", ("36", "37"))),
    variants=(
        Variant((("cor", "preta"), ("tamanho", "36")), sku="SAP-P36", price=9_000, stock=0),
        Variant((("cor", "preta"), ("tamanho", "37")), sku="SAP-P37", price=9_500, stock=2),
        Variant((("cor", "rosa"), ("tamanho", "37")), sku="SAP-R37", price=12_000, stock=1),
    ),
)  # fmt: skip
TEXTS = {
    "entrega.md": "# Entrega\n\n- Recife: R$ 12,00, 1 dia útil.\n- Sul: R$ 36,00, 5 dias úteis.\n",
    "trocas.md": "# Trocas\n\n- Devoluções: 30 dias, sem uso.\n- Reembolso no cartão em até 10 dias.\n",
    "loja.md": "# A loja\n\n- Horário: sábado 9h–13h.\n- +55 81 0555-0142\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("index")
    opened = index_of(folder, contents_of([*products_of(GOODS), SHOE], TEXTS), [["tapeçaria", "tapete"]])
    yield opened
    opened.close()


def skus(index: Index, question: str, **before: object) -> list[str]:
    return [hit.product.sku for hit in index.find(question, **before).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("quanto custa a caneca tamarindo?", "CAN-1"),
        ("canecas", "CAN-1"),
        ("kaneca tamarino", "CAN-1"),
        ("how much is the mug?", "CAN-1"),
        ("do you have a double hammock", "RED-1"),
        ("cam 2", "CAM-2"),
        ("chaleira de 1 litro", "CHA-1"),
        ("red kettle", "CHA-1"),
        ("camiseta azul", "CAM-2"),
        ("camiseta tamanho GG", "CAM-2"),
        ("t-shirt size XL", "CAM-2"),
        ("a blue rug", "TAP-1"),
        ("tapeçaria verde", "TAP-2"),
    ],
)
def test_the_right_row_is_first(index: Index, question: str, first: str) -> None:
    assert skus(index, question)[0] == first


def test_a_thing_comes_before_what_another_name_makes_of_it(index: Index) -> None:
    assert skus(index, "tapete") == ["TAP-1", "TAP-2", "TAP-3"]  # TAP-2 is sold out
    assert skus(index, "tapete por menos de R$ 200")[0] == "TAP-2"
    assert skus(index, "tapete de ioga")[0] == "TAP-3"


def test_the_cheapest_is_the_cheapest_of_that_name(index: Index) -> None:
    assert skus(index, "qual o tapete mais barato?")[:2] == ["TAP-2", "TAP-1"]
    assert skus(index, "the most expensive rug")[0] == "TAP-1"


def test_a_narrower_kind_of_the_same_category_is_one_of_them(index: Index) -> None:
    assert skus(index, "rede mais barata") == ["RED-1", "RED-2"]


def test_the_cheapest_in_stock_can_be_bought(index: Index) -> None:
    assert skus(index, "o tapete mais barato em estoque")[0] == "TAP-1"


def test_what_has_no_price_is_not_the_cheapest(index: Index) -> None:
    assert skus(index, "chaleira mais barata") == ["CHA-1"]


def test_a_sold_out_product_is_found_when_asked_for(index: Index) -> None:
    assert skus(index, "o tapete zimbro está disponível?")[0] == "TAP-2"


def test_the_cheapest_of_all_needs_no_name(index: Index) -> None:
    found = index.find("what is the cheapest thing you sell?")

    assert (found.hits[0].product.sku, found.coverage) == ("CAN-1", 1.0)
    assert skus(index, "algo até 35 reais") == ["CAN-1"]


@pytest.mark.parametrize("question", ["rede entre 310 e 350", "redes de R$ 310 a R$ 350"])
def test_rows_outside_the_limits_are_left_out(index: Index, question: str) -> None:
    assert skus(index, question) == ["RED-1"]


@pytest.mark.parametrize(
    "question",
    [
        "do you sell laptops?",
        "tem geladeira?",
        "vende bicicleta?",
        "CAN-999",
        "cadeira de praia",
        "quero uma barraca de camping",
        "iphone 17",
    ],
)
def test_what_is_not_sold_has_a_low_coverage(index: Index, question: str) -> None:
    assert index.find(question).coverage < FOUND


@pytest.mark.parametrize(
    "question",
    ["quanto custa a caneca?", "mug", "tem tapete azul?", "capacete para bicicleta", "rede para varanda", "SAP"],
)
def test_what_is_sold_has_a_high_coverage(index: Index, question: str) -> None:
    assert index.find(question).coverage >= FOUND


@pytest.mark.parametrize(
    ("question", "sku"),
    [
        ("sapatilha rosa", "SAP-R37"),
        ("sapatilha preta 37", "SAP-P37"),
        ("SAP-P36", "SAP-P36"),
        ("sapatilha preta", "SAP-P37"),
    ],
)
def test_the_variant_asked_for_is_named(index: Index, question: str, sku: str) -> None:
    (hit, *_) = index.find(question).hits

    assert hit.variant is not None
    assert hit.variant.sku == sku


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("tap 1", "SKU TAP1"),
        ("caneca de prata", "words: caneca"),
        ("algo até 35 reais", "price"),
        ("rede vermelha", "words: rede, vermelha"),
    ],
)
def test_a_row_says_why_it_was_found(index: Index, question: str, reason: str) -> None:
    assert index.find(question).hits[0].reason == reason


def test_no_variant_is_named_where_none_was_asked_for(index: Index) -> None:
    assert index.find("sapatilha").hits[0].variant is None


@pytest.mark.parametrize(
    "question", ["e o preço dele?", "how much is it?", "tem em estoque?", "qual o material?", "e azul?", "and in blue?"]
)
def test_a_follow_up_speaks_of_what_was_shown(index: Index, question: str) -> None:
    found = index.find(question, previous=["TAP-1"], last_question="tapete orla garoa")

    assert (found.hits[0].product.sku, found.coverage) == ("TAP-1", 1.0)


def test_a_follow_up_in_another_colour_finds_others_of_the_kind(index: Index) -> None:
    assert skus(index, "e verde?", previous=["TAP-1"], last_question="tem tapete azul?")[0] == "TAP-2"


def test_a_follow_up_for_a_cheaper_one_searches_again(index: Index) -> None:
    assert skus(index, "tem mais barato?", previous=["TAP-1"], last_question="quero um tapete")[0] == "TAP-2"
    assert skus(index, "a cheaper one?", previous=["TAP-1"], last_question="the garoa rug")[0] == "TAP-2"


def test_a_question_that_says_it_and_more_keeps_what_was_shown(index: Index) -> None:
    found = index.find("is it dishwasher safe?", previous=["CAN-1"], last_question="mug")

    assert found.hits[0].product.sku == "CAN-1"
    assert found.coverage < FOUND


def test_a_question_that_names_a_thing_is_no_follow_up(index: Index) -> None:
    assert skus(index, "e a chaleira?", previous=["TAP-1"], last_question="tapete")[0].startswith("CHA")


def test_without_a_turn_before_there_is_nothing_to_refer_to(index: Index) -> None:
    assert skus(index, "how much is it?") == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("quanto é o frete para o sul?", "Sul"),
        ("shipping to the South", "Sul"),
        ("can I return it?", "Devoluções"),
        ("when do I get a refund", "Reembolso"),
        ("are you open on Saturday", "Horário"),
        ("qual o telefone?", "+55"),
    ],
)
def test_the_passage_of_a_rule_is_found_in_both_languages(index: Index, question: str, words: str) -> None:
    assert words in index.find(question).texts[0].text


def test_a_passage_says_where_it_stands(index: Index) -> None:
    (hit, *_) = index.find("devolução").texts

    assert (hit.file, hit.line, hit.section) == ("trocas.md", 3, "Trocas")
    assert 0 < hit.score <= 1


def test_no_more_is_found_than_asked_for(index: Index) -> None:
    found = index.find("tapete rede camiseta entrega dias", most=2, most_texts=1)

    assert (len(found.hits), len(found.texts)) == (2, 1)


def test_an_empty_shop_finds_nothing(tmp_path: Path) -> None:
    found = index_of(tmp_path, contents_of()).find("the cheapest mug under 10, and delivery?")

    assert (found.hits, found.texts, found.coverage) == ((), (), 0.0)


@pytest.mark.parametrize(
    ("question", "first", "never"),
    [
        ("a tapete that is not green", "TAP-1", "TAP-2"),
        ("camiseta que não seja vermelha", "CAM-2", "CAM-1"),
        ("camiseta, sem ser azul", "CAM-1", "CAM-2"),
        ("any kettle other than red", "CHA-2", "CHA-1"),
    ],
)
def test_a_colour_that_is_not_wanted_is_left_out(index: Index, question: str, first: str, never: str) -> None:
    assert skus(index, question)[0] == first
    assert never not in skus(index, question)


def test_a_variant_without_the_unwanted_colour_is_chosen(index: Index) -> None:
    variant = index.find("sapatilha que não seja preta").hits[0].variant

    assert variant is not None
    assert variant.sku == "SAP-R37"


def test_where_nothing_has_the_price_the_nearest_is_found(index: Index) -> None:
    below, above = index.find("chaleira por menos de 20 reais"), index.find("rede acima de 900 reais")

    assert (below.is_nearest, below.hits[0].product.sku) == (True, "CHA-1")
    assert (above.is_nearest, above.hits[0].product.sku) == (True, "RED-2")
    assert not index.find("laptop até 900 reais").is_nearest


def test_books_are_known_by_their_number(tmp_path: Path) -> None:
    rows = "sku,name,price\n9780100000017,The Silent Harbour,10.00\nPEN-1,Silent pen,2.00\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    assert skus(shop, "do you have a book called silent harbour?")[0] == "9780100000017"
    assert skus(shop, "tem livros?") == ["9780100000017"]


def test_a_maker_is_asked_for_whatever_its_things_are_called(tmp_path: Path) -> None:
    rows = "sku,name,brand,price\nA-1,The Keeper of the Red Lighthouse,Ines Marlowe,10.00\nA-2,The Tram,Ines Marlowe,12.00\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    found = shop.find("what do you have by Ines Marlowe?")
    assert [round(hit.score, 2) for hit in found.hits] == [round(found.hits[0].score, 2)] * 2


def test_what_also_comes_in_another_colour_is_not_left_out(index: Index) -> None:
    assert "TAP-1" in skus(index, "a tapete that is not blue")


def test_a_phrase_of_the_other_language_is_no_false_friend(tmp_path: Path) -> None:
    rows = "sku,name,price\nA-1,Espresso beans with a box,9.00\nA-2,Ceramic mug with a lid,9.00\nA-3,Água sanitária 5 L,9.00\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    assert shop.find("tem água sanitária?").coverage > 0.9
