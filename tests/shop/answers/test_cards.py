from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.answers import cards
from shop.answers.card import Speaker
from shop.answers.cards import CodeAnswer
from shop.checks import check
from shop.claims.values import Evidence
from shop.products import Product, Text
from shop.search.index import Index
from tests.support.catalogues import contents_of, index_of, products_of

ROWS = """sku,name,category,price,stock,colours,sizes,description
LA-1,Paper lantern,Lamps,30.00,5,red; white,,Folds flat.
LA-2,Glass lantern,Lamps,80.00,0,,,For candles.
LA-3,Storm lantern,Lamps,120.00,3,,,Burns oil.
RU-1,Wool rug,Rugs,300.00,2,grey,90 cm; 120 cm,Woven by hand.
"""
TEXTS = {
    "rules.md": "# Delivery\n\n- Delivery costs R$ 20.00.\n\n# Contact\n\n- Write to hi@shop.example or call +55 11 0555-0100."
}
ENGLISH = Speaker("en", str)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    index = index_of(tmp_path_factory.mktemp("index"), contents_of(products_of(ROWS), TEXTS))
    yield index
    index.close()


def ask(index: Index, question: str, *, own: str = "", previous: tuple[str, ...] = (), last: str = "") -> CodeAnswer:
    found = index.find(question, previous=previous, last_question=last)
    contacts = cards.contacts_of(index.texts(), own)
    return cards.answer(found, question=question, speaker=ENGLISH, currency="BRL", contacts=contacts)


def test_at_most_three_products_answer(index: Index) -> None:
    assert set(ask(index, "lanterns").products) == {"LA-1", "LA-2", "LA-3"}
    assert ask(index, "glass lantern").products == ("LA-2",)
    assert ask(index, "la1 la2 la3 ru1").products == ("LA-1", "LA-2", "LA-3")


def test_the_cheapest_is_one(index: Index) -> None:
    assert ask(index, "the cheapest lantern").products == ("LA-1",)
    assert ask(index, "most expensive lantern").products == ("LA-3",)


def test_texts_answer_with_their_section_and_line(index: Index) -> None:
    found = ask(index, "How much is delivery?")

    assert (found.kind, found.products, found.texts) == ("texts", (), ("rules.md:3",))
    assert found.text == "**Delivery:** Delivery costs R$ 20.00."


def test_a_sku_and_a_rule_are_both_answered(index: Index) -> None:
    found = ask(index, "how much is LA-2, and how much is delivery?")

    assert (found.products, found.texts) == (("LA-2",), ("rules.md:3",))


@pytest.mark.parametrize("question", ["Do you sell tyres?", "LA-99", "a red sofa", "xyzzy", "", "?!"])
def test_what_is_not_there_is_said_to_be_so(index: Index, question: str) -> None:
    found = ask(index, question)

    assert (found.kind, found.products, found.texts) == ("nothing", (), ())
    assert found.text.startswith("We found nothing about this in the shop's data. Could you")
    assert "hi@shop.example" in found.text


def test_a_colour_that_is_not_there_shows_those_that_are(index: Index) -> None:
    found = ask(index, "a green paper lantern")

    assert (found.kind, found.products) == ("nothing", ())
    assert found.text == "We found nothing like this in green. Paper lantern comes in: red, white."


def test_a_follow_up_speaks_of_the_last_products(index: Index) -> None:
    found = ask(index, "and its price?", previous=("RU-1",), last="do you have a wool rug?")

    assert found.products == ("RU-1",)
    assert found.text.startswith("Wool rug costs R$300.00.")


def test_a_person_is_reached_as_the_owner_says(index: Index) -> None:
    said = "Contact us:\n\n- Write to hi@shop.example or call +55 11 0555-0100."
    assert ask(index, "can I talk to a person?") == CodeAnswer(said, "contact", (), ("rules.md:7",))

    own = ask(index, "can I talk to a person?", own="Ana, hi@shop.example, +55 11 0555-0100")
    assert own == CodeAnswer("Contact us:\n\n- Ana, hi@shop.example, +55 11 0555-0100", "contact", (), ("rules.md:7",))


def test_without_a_contact_that_is_said(tmp_path: Path) -> None:
    index = index_of(tmp_path, contents_of(products_of(ROWS)))

    assert ask(index, "a human, please").text == "There are no contact details in the shop's data."
    assert ask(index, "tyres").text.count("\n") == 0


def test_courtesy_is_answered_in_kind(index: Index) -> None:
    assert ask(index, "Hello!").text == "Hello! What are you looking for?"
    assert ask(index, "thanks a lot").text == "You're welcome!"


def test_what_the_shop_pays_is_not_told(index: Index) -> None:
    assert ask(index, "what do you pay for the glass lantern?").text.startswith("Sorry, we don't share that.")


def test_lines_with_an_address_are_contacts() -> None:
    text = Text("a.md", "# Us\n\n* Call +55 81 0555-0142\nNothing here\n1. ola@shop.example")

    assert cards.contacts_of([text]) == cards.Contacts(
        ("Call +55 81 0555-0142", "ola@shop.example"), ("a.md:3", "a.md:5")
    )


def test_a_price_that_nothing_has_is_answered_with_the_nearest(index: Index) -> None:
    found = ask(index, "a lantern under $10")

    assert found.products == ("LA-1",)
    assert found.text.startswith("We found nothing at this price.")


def test_two_things_are_two_cards(index: Index) -> None:
    assert ask(index, "price of the glass lantern and the wool rug").products == ("LA-2", "RU-1")


def test_another_colour_in_the_name_is_not_the_one_asked_for(tmp_path: Path) -> None:
    rows = "sku,name,price\nCO-1,Red collar,10.00\nCO-2,Blue collar,12.00\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    assert ask(shop, "do you have a red collar?").products == ("CO-1",)
    assert ask(shop, "do you have a green collar?").kind == "nothing"


def test_a_question_about_ones_order_is_for_a_person(index: Index) -> None:
    for question in ("Where is my order?", "cadê meu pedido?", "my parcel hasn't arrived yet", "status do meu pedido"):
        found = ask(index, question)
        assert (found.kind, found.products) == ("contact", ())
        assert "hi@shop.example" in found.text


def test_what_ignores_an_unknown_word_is_near_and_not_sold(index: Index) -> None:
    found = ask(index, "a velvet rug")

    assert (found.kind, found.products) == ("nothing", ())
    assert found.text.startswith("We found nothing that is all of this. The nearest to it:")
    assert "Wool rug" in found.text


def test_a_word_more_holds_up_no_answer(index: Index) -> None:
    assert ask(index, "is the grey wool rug, woven by hand, gone already?").products == ("RU-1",)


def test_a_message_gets_cards_and_lines_for_its_parts(index: Index) -> None:
    for question in (
        "how much is the glass lantern, and what does delivery cost?",
        "tem wool rug e quanto é a entrega?",
    ):
        found = ask(index, question)
        assert (len(found.products), found.texts) == (1, ("rules.md:3",))


def test_a_rule_asked_about_a_thing_is_told_not_the_thing(index: Index) -> None:
    assert ask(index, "how much is delivery for a storm lantern?").products == ()
    assert ask(index, "what is the shipping fee of the storm lantern?").texts == ("rules.md:3",)


def test_what_is_not_sold_is_told_by_lines_that_speak_of_it(index: Index) -> None:
    assert ask(index, "do you sell telephones?").kind == "nothing"


def test_a_telephone_without_a_country_is_a_contact() -> None:
    assert cards.is_contact("Phone: (503) 555-0199, weekdays")
    assert not cards.is_contact("Open (2024) from 9 to 5")


def test_a_gift_below_a_price_is_any_product(index: Index) -> None:
    for question in ("something under R$ 100 for my mother", "um presente até 100 reais"):
        assert set(ask(index, question).products) == {"LA-1", "LA-2"}


def test_another_colour_in_the_name_beside_sizes_is_not_shown(tmp_path: Path) -> None:
    rows = "sku,name,price,sizes\nTS-1,Owl T-shirt black,10.00,S; M\nTS-2,Owl T-shirt white,12.00,S; M\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    for question in ("do you have the owl t-shirt in black?", "black owl t-shirt, size M"):
        assert ask(shop, question).products == ("TS-1",)
    assert ask(shop, "a green owl t-shirt").kind == "nothing"


def test_a_size_that_is_named_is_not_asked_for(tmp_path: Path) -> None:
    rows = "sku,name,price,sizes\nTS-1,Owl T-shirt,10.00,S; M\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    assert "comes in" not in ask(shop, "how much is the owl t-shirt in size M?").text
    assert "comes in: S, M" in ask(shop, "which sizes does the owl t-shirt come in?").text


ROASTS = {
    "a.md": "# Roasting\n\nWe roast on Tuesdays.\n\n# Measures\n\n- Shirt M: length 73 cm.\n\n# Care\n\nNão use secadora.\n"
}


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("when do you roast?", "a.md:3"),
        ("what is the length of a shirt M?", "a.md:7"),
    ],
)
def test_a_line_that_has_more_of_a_question_answers(tmp_path: Path, question: str, source: str) -> None:
    rows = "sku,name,price,sizes,description\nCO-1,Coffee beans,9.00,,Dark roast.\nSH-1,Owl shirt,9.00,S; M,\n"
    shop = index_of(tmp_path, contents_of(products_of(rows), ROASTS))

    assert ask(shop, question).texts == (source,)
    assert ask(shop, "do you have a dark roast?").products == ("CO-1",)
    assert ask(shop, "how much is the owl shirt in M?").products == ("SH-1",)


def test_one_word_finds_a_line_by_another_name_of_the_same(tmp_path: Path) -> None:
    rows = "sku,name,price\nCA-1,Camiseta preta,9.00\nCA-2,Camiseta branca,9.00\n"
    shop = index_of(tmp_path, contents_of(products_of(rows), {"a.md": "# Cuidados\n\nNão use secadora.\n"}))

    assert ask(shop, "can I put it in the dryer?").texts == ("a.md:3",)
    assert ask(shop, "posso usar secadoura?").kind == "nothing"


def test_what_happened_to_something_bought_is_told_by_a_rule(tmp_path: Path) -> None:
    rows = "sku,name,price,description\nVI-1,Vinho tinto,9.00,Sem gosto de rolha.\nVI-2,Vinho branco,9.00,\n"
    shop = index_of(
        tmp_path, contents_of(products_of(rows), {"a.md": "# Problemas\n\nVinho com gosto de rolha: trocamos.\n"})
    )

    assert ask(shop, "o vinho veio com gosto de rolha").texts == ("a.md:3",)
    assert ask(shop, "quanto custa o vinho tinto?").products == ("VI-1",)


def test_a_word_of_a_description_alone_answers_who_looks_for_it(tmp_path: Path) -> None:
    rows = "sku,name,price,description\nVI-1,Vinho tinto,9.00,De identidade única.\nVE-1,Vela,9.00,Cheira a jasmim.\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    for question in (
        "tem jasmim?",
        "jasmim",
        "algo com jasmim",
        "do you have anything with jasmim?",
        "quanto custa a de jasmim?",
    ):
        assert ask(shop, question).products == ("VE-1",)
    assert ask(shop, "precisa mostrar identidade?").kind == "nothing"


def test_the_checks_find_no_fault_with_a_card(tmp_path: Path) -> None:
    products = (
        Product("Paper lantern", sku="LA-1", price=3000, old_price=4500, stock=5, file="p.csv", line=2),
        Product("Glass lantern", price=8000, old_price=9900, stock=2, file="p.csv", line=3),
    )
    found = ask(index_of(tmp_path, contents_of(products)), "lanterns")
    evidence = Evidence(products, currency="BRL", contact="Ana, hi@shop.example")

    claims = [*check(found.text, evidence), *check("Contact us:\n\n- Ana, hi@shop.example", evidence)]

    assert "~~R$45.00~~" in found.text
    assert [claim for claim in claims if claim.verdict in ("contradicted", "unsupported")] == []


def test_choices_of_one_of_several_of_a_name_are_not_all(tmp_path: Path) -> None:
    rows = "sku,name,price,colours\nPA-1,Evie pareo,9.00,black\nPA-2,Evie pareo,9.00,khaki\nPA-3,Ada pareo,9.00,black; grey\n"
    shop = index_of(tmp_path, contents_of(products_of(rows)))

    several = ask(shop, "which colours does the evie pareo come in?")
    assert set(several.products) == {"PA-1", "PA-2"}
    assert "comes in" not in several.text
    assert "comes in: black, grey" in ask(shop, "which colours does the ada pareo come in?").text
