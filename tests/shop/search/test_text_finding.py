"""Tests of which passages of the shop's texts answer a question."""

from pathlib import Path

import pytest

from tests.support.catalogues import contents_of, index_of
from tests.support.catalogues import products_of as store_products


def test_words_of_a_phrase_may_stand_in_the_heading_and_below(tmp_path: Path) -> None:
    texts = {"a.md": "# Delivery\n\n- Days: 3\n- Fee: 12\n", "gift-cards.txt": "Valid 12 months.\nBy e-mail."}
    shop = index_of(tmp_path, contents_of((), texts))

    assert shop.find("what is the delivery fee").texts[0].text == "Fee: 12"
    assert shop.find("how long is a gift card valid").texts[0].text == "Valid 12 months."


def test_a_question_for_what_a_heading_says_gets_all_below_it(tmp_path: Path) -> None:
    texts = {"shop.md": "# Payment\n\n- Cash\n- Pix, 5 % off\n- Cards\n\n# Warranty\n\n- Lamps: a year\n"}
    shop = index_of(tmp_path, contents_of((), texts))

    assert shop.find("quais as formas de pagamento?").texts[0].text == "Cash; Pix, 5 % off; Cards"
    assert shop.find("which payment methods do you accept?").texts[0].text == "Cash; Pix, 5 % off; Cards"
    assert shop.find("do you take pix?").texts[0].text == "Pix, 5 % off"
    assert shop.find("quais as formas de pagamento?", most_texts=0).texts == ()


def test_opening_hours_are_lines_with_a_time(tmp_path: Path) -> None:
    texts = {
        "a.md": "# Trocas\n\nSó produto fechado.\n\n# Loja\n\nAtendemos aos sábados das 9h às 13h. Domingos não abrimos.\n"
    }
    shop = index_of(tmp_path, contents_of((), texts))

    for question in ("que horas fecha no sábado?", "vocês abrem no domingo?"):
        assert shop.find(question).texts[0].section == "Loja"


@pytest.mark.parametrize("line", ["12 Candle Street, York.", "Rua das Araucárias, 55, Curitiba."])
def test_an_address_is_found_without_the_word(tmp_path: Path, line: str) -> None:
    shop = index_of(tmp_path, contents_of((), {"shop.md": f"# Us\n\nWe are three sisters.\n\n{line}\n"}))

    for question in ("what is your address?", "onde fica a loja?"):
        assert shop.find(question).texts[0].text == line


WARRANTY = {
    "a.md": "# Warranty\n\n- Hammocks: 24 months.\n\n## Limits\n\n- A replacement keeps the rest of the first warranty.\n"
    "- Photos help.\n\n# Delivery\n\n- Free delivery: to York, above $ 200.\n- York: $ 12.00.\n- Leeds: $ 30.00.\n"
}


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("how long is the warranty?", "Hammocks: 24 months."),
        ("qual o prazo da garantia?", "Hammocks: 24 months."),
        ("how much is delivery to Leeds?", "Leeds: $ 30.00."),
        ("quanto custa a entrega em Leeds?", "Leeds: $ 30.00."),
    ],
)
def test_a_line_with_the_value_asked_for_comes_first(tmp_path: Path, question: str, line: str) -> None:
    shop = index_of(tmp_path, contents_of((), WARRANTY))

    assert shop.find(question).texts[0].text == line


def test_the_label_of_a_line_counts_most(tmp_path: Path) -> None:
    texts = {"a.md": "# Payment\n\nNothing on Pix can be promised.\n\nPix: within 30 minutes.\n"}
    shop = index_of(tmp_path, contents_of((), texts))

    assert shop.find("do you accept pix?").texts[0].text == "Pix: within 30 minutes."


ONLY_NAMES = {
    "a.md": "# Entrega\n\nCapitais: 3 a 6 dias úteis.\nInterior: 9 dias úteis.\n\n# Pagamento\n\nPix e boleto.\n"
}


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("se eu comprar hoje quando chega na capital?", "Capitais: 3 a 6 dias úteis."),
        ("quando recebo no interior?", "Interior: 9 dias úteis."),
        ("do you take bitcoin?", "Pix e boleto."),
        ("dá pra parcelar?", "Pix e boleto."),
    ],
)
def test_a_rule_in_other_words_is_found_by_its_name(tmp_path: Path, question: str, line: str) -> None:
    assert index_of(tmp_path, contents_of((), ONLY_NAMES)).find(question).texts[0].text == line


def test_eu_is_a_pronoun_in_portuguese_and_a_union_in_english(tmp_path: Path) -> None:
    shop = index_of(tmp_path, contents_of((), {"a.md": "# Envio\n\nEuropa: 20 dias.\n\nBrasil: 5 dias.\n"}))

    assert "eu" not in shop.find("eu quero saber quanto tempo demora para o Brasil").query.words
    assert shop.find("do you ship to the EU?").texts[0].text == "Europa: 20 dias."


IMPLIED = {
    "a.md": "# Loja\n\nRua Azul, 12. Sábados das 10h às 14h.\n\n# Cartão\n\nCartão em até 3x.\n\n# Trocas\n\n"
    "Itens sem uso em 7 dias.\n\nUnworn hats within 9 days.\n"
}


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("que horas a loja abre?", "Rua Azul, 12. Sábados das 10h às 14h."),
        ("how many instalments?", "Cartão em até 3x."),
        ("vocês parcelam?", "Cartão em até 3x."),
        ("can a worn hat be returned?", "Unworn hats within 9 days."),
    ],
)
def test_what_a_line_has_without_a_word_for_it(tmp_path: Path, question: str, line: str) -> None:
    assert index_of(tmp_path, contents_of((), IMPLIED)).find(question).texts[0].text == line


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("os anéis escurecem?", "Garantia de 12 meses contra escurecimento."),
        ("isso encolhe?", "Não há encolhimento."),
        ("when are the beans roasted?", "We roast on Tuesdays."),
    ],
)
def test_other_words_of_a_root_are_found(tmp_path: Path, question: str, line: str) -> None:
    lines = ["Garantia de 12 meses contra escurecimento.", "Não há encolhimento.", "We roast on Tuesdays.", "Pix."]
    shop = index_of(tmp_path, contents_of((), {"a.md": "\n\n".join(lines)}))

    assert shop.find(question).texts[0].text == line


def test_rules_may_be_written_in_another_language_than_the_names(tmp_path: Path) -> None:
    rows = "sku,name,price\nA-1,Espresso beans,9.00\nA-2,Ceramic mug with a lid,9.00\n"
    texts = {"a.md": "# Assinatura\n\nTodo mês um pacote novo.\n\n# Entrega\n\nCapitais: 4 dias.\n"}
    shop = index_of(tmp_path, contents_of(store_products(rows), texts))

    for question in ("como funciona a assinatura?", "how does the subscription work?"):
        assert shop.find(question).texts[0].text == "Todo mês um pacote novo."
        assert shop.find(question).texts[0].score > 0.5
    assert shop.find("how much is delivery?").texts[0].text == "Capitais: 4 dias."


WEEK = {
    "a.md": "# Entrega\n\nLevamos em Campinas por R$ 12.\n\n# Pedidos\n\nRecebemos até quarta e entregamos na sexta.\n\n"
    "# Veio murcho?\n\nAvise no mesmo dia.\n"
}


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("que dia vocês entregam?", "Recebemos até quarta e entregamos na sexta."),
        ("a folha está murcha", "Avise no mesmo dia."),
        ("entrega hoje?", "Avise no mesmo dia."),
    ],
)
def test_days_and_genders_are_found(tmp_path: Path, question: str, line: str) -> None:
    assert index_of(tmp_path, contents_of((), WEEK)).find(question).texts[0].text == line


def test_today_is_no_rule_where_a_thing_is_named(tmp_path: Path) -> None:
    shop = index_of(tmp_path, contents_of(store_products("sku,name,price\nA-1,Batata,3.00\nA-2,Cebola,2.00\n"), WEEK))

    assert shop.find("tem batata hoje?").query.topics == ()
