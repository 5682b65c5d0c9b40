"""Tests of the values in a text: which forms are found, which spellings are one value, and how long it takes."""

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memory.facts import values

SATURDAY = date(2026, 11, 28)


def found(text, said=None):
    """Return kind and key of each value."""
    return [(value.kind, value.key) for value in values.find(text, said)]


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("custa R$ 1.234,56 já", "money", "money 1234.56 brl"),
        ("até R$ 2 mil", "money", "money 2000 brl"),
        ("US$ 20", "money", "money 20 usd"),
        ("dois mil e quinhentos reais", "money", "money 2500 brl"),
        ("dez reais e cinquenta centavos", "money", "money 10.5 brl"),
        ("50 cents", "money", "money 0.5 usd"),
        ("15,90 €", "money", "money 15.9 eur"),
        ("uns 1,5 mil", "number", "number 1500"),
        ("about 2.5k", "number", "number 2500"),
        ("two grand", "number", "number 2000"),
        ("duzentas e vinte e uma", "number", "number 221"),
        ("three hundred and five", "number", "number 305"),
        ("meia dúzia", "number", "number 6"),
        ("duas dúzias", "number", "number 24"),
        ("a couple of bowls", "quantity", "number 2"),
        ("two hammocks", "quantity", "number 2"),
        ("3 redes", "quantity", "number 3"),
        ("10 dias úteis", "quantity", "quantity 10 workday"),
        ("em 4 vezes", "quantity", "quantity 4 x"),
        ("1,5 kg", "quantity", "quantity 1500 g"),
        ("ten percent", "percent", "percent 10"),
        ("10 por cento", "percent", "percent 10"),
        ("2026-03-12", "date", "date 2026-03-12"),
        ("12/03/2026", "date", "date 2026-03-12"),
        ("12.03.26", "date", "date 2026-03-12"),
        ("3 de março", "date", "date 03-03"),
        ("March 3rd", "date", "date 03-03"),
        ("the 3rd of March", "date", "date 03-03"),
        ("três de março", "date", "date 03-03"),
        ("primeiro de maio", "date", "date 05-01"),
        ("dia 12", "date", "day 12"),
        ("on the 12th.", "date", "day 12"),
        ("em março", "date", "month 03"),
        ("quinta-feira", "date", "weekday 4"),
        ("on Friday", "date", "weekday 5"),
        ("15h30", "time", "time 15:30"),
        ("3 pm", "time", "time 15:00"),
        ("half past two", "time", "time 02:30"),
        ("quarter to six in the evening", "time", "time 17:45"),
        ("três da tarde", "time", "time 15:00"),
        ("sete e meia da noite", "time", "time 19:30"),
        ("8h da noite", "time", "time 20:00"),
        ("meio-dia e meia", "time", "time 12:30"),
        ("six o'clock", "time", "time 06:00"),
        ("2x3 m", "dimensions", "dimensions 200 300 cm"),
        ("1,80 m by 60 cm", "dimensions", "dimensions 180 60 cm"),
        ("three feet by five", "dimensions", "dimensions 3 5 ft"),
        ("tamanho 38", "size", "size 38"),
        ("size M", "size", "size m"),
        ("shoe size 9½", "size", "size 9.5"),
        ("uma camisa GG", "size", "size gg"),
        ("111.444.777-35", "cpf", "number 11144477735"),
        ("11.222.333/0001-81", "cnpj", "number 11222333000181"),
        ("12.ABC.345/01DE-35", "cnpj", "code 12abc34501de35"),
        ("01310-100", "postcode", "number 01310100"),
        ("EC1A 1BB", "postcode", "code ec1a1bb"),
        ("60601-1234", "postcode", "number 606011234"),
        ("1250-096", "postcode", "number 1250096"),
        ("(21) 98765-4321", "phone", "number 21987654321"),
        ("+55 21 98765-4321", "phone", "number 21987654321"),
        ("98765-4321", "phone", "number 987654321"),
        ("+351 912 345 678", "phone", "number 351912345678"),
        ("(415) 555-0132", "phone", "number 4155550132"),
        ("1d4f6a2b-0c3e-4d5f-8a9b-7c6d5e4f3a2b", "uuid", "code 1d4f6a2b0c3e4d5f8a9b7c6d5e4f3a2b"),
        ("DE89 3704 0044 0532 0130 00 please", "iban", "code de89370400440532013000"),
        ("3525 " * 10 + "0001", "invoice key", "number " + "3525" * 10 + "0001"),
        ("AA123456789BR", "tracking", "code aa123456789br"),
        ("AA 123 456 789 BR", "tracking", "code aa123456789br"),
        ("cupom VOLTEI", "coupon", "code voltei"),
        ("com o FRETE-GRATIS", "code", "code fretegratis"),
        ("BRA2E19", "plate", "code bra2e19"),
        ("ABC-1234", "code", "code abc1234"),
        ("https://www.Loja.example/p/1.", "url", "url loja.example/p/1"),
        ("loja.com.br/redes", "url", "url loja.com.br/redes"),
        ("no insta @ana.redes.", "handle", "handle @ana.redes"),
        ("ana+loja@açaí.example", "e-mail", "e-mail ana+loja@açaí.example"),
        ("#W5550001", "code", "code w5550001"),
        ("pedido #77001", "code", "number 77001"),
        ("PED-2025-0042", "code", "code ped20250042"),
        ("a CER-801", "code", "code cer801"),
        ("lote ab12cd34", "code", "code ab12cd34"),
    ],
)  # fmt: skip
def test_each_form_is_found(text, kind, key):
    assert found(text) == [(kind, key)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-11-29"),
        ("amanhã", "2026-11-29"),
        ("depois de amanhã", "2026-11-30"),
        ("ontem", "2026-11-27"),
        ("next Friday", "2026-12-04"),
        ("sexta que vem", "2026-12-04"),
        ("sábado", "2026-12-05"),
        ("last Monday", "2026-11-23"),
        ("em 3 dias", "2026-12-01"),
        ("in two weeks", "2026-12-12"),
        ("há 2 dias", "2026-11-26"),
        ("3 days ago", "2026-11-25"),
        ("dia 12", "2026-12-12"),
        ("dia 29", "2026-11-29"),
    ],
)
def test_what_is_relative_is_a_day(text, day):
    assert found(text, SATURDAY) == [("date", f"date {day}")]


def test_a_period_is_one_in_both_languages():
    assert found("semana que vem", SATURDAY) == found("next week", SATURDAY) == [("date", "week 2026-49")]
    assert found("mês que vem", SATURDAY) == found("next month", SATURDAY) == [("date", "month 2026-12")]


@pytest.mark.parametrize("year", [1, 9_999])
def test_a_message_of_no_usual_year_does_no_harm(year):
    assert found("ontem, dia 31, next month", date(year, 1, 1)) or year


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R$ 1.234,56", "R$ 1,234.56"),
        ("dois mil reais", "R$ 2.000"),
        ("2 mil", "2,000"),
        ("1,5 mil", "1500"),
        ("meia dúzia", "six"),
        ("two dozen", "24"),
        ("8½", "8,5"),
        ("ten percent", "10 %"),
        ("12 de março", "March 12th"),
        ("12/03", "12 March"),
        ("14h30", "2:30 pm"),
        ("três da tarde", "15:00"),
        ("2,00 x 3,00 m", "200 x 300 cm"),
        ("tamanho 38", "size 38"),
        ("10 dias", "ten days"),
        ("10 dias úteis", "10 business days"),
        ("3x", "3 parcelas"),
        ("50030-230", "50030230"),
        ("111.444.777-35", "11144477735"),
        ("+55 (81) 99876-5432", "81 99876-5432"),
        ("#W123", "w123"),
        ("RED-012", "red-012"),
        ("www.loja.example/", "https://loja.example"),
        ("EC1A1BB", "ec1a 1bb"),
    ],
)
def test_two_spellings_have_one_key(one, other):
    keys = [{key for _, key in found(text)} for text in (one, other)]

    assert keys[0] == keys[1]
    assert len(keys[0]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R$ 20", "US$ 20"),
        ("R$ 20,00", "R$ 2.000"),
        ("dois mil reais", "doze mil reais"),
        ("12 de março", "21 de março"),
        ("14h30", "4:30"),
        ("10 dias", "10 dias úteis"),
        ("size 38", "size 40"),
        ("tamanho P", "tamanho M"),
        ("2x3 m", "3x2 m"),
        ("0123456", "123456"),
        ("10 %", "10"),
        ("#W123", "#W132"),
        ("Friday", "Thursday"),
    ],
)
def test_different_values_have_different_keys(one, other):
    assert {key for _, key in found(one)}.isdisjoint(key for _, key in found(other))


@given(st.integers(0, 999_999_99), st.sampled_from(["R$ ", "R$", "US$ ", "€"]))
def test_money_has_one_key_however_it_is_grouped(cents, sign):
    whole, rest = divmod(cents, 100)
    english = f"{sign}{whole:,}.{rest:02}"
    brazilian = english.translate(str.maketrans(",.", ".,"))

    assert found(english) == found(brazilian) == found(f"{sign}{whole}.{rest:02}")
    assert [kind for kind, _ in found(english)] == ["money"]


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_date_has_one_key_in_all_its_forms(day):
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%B} {day.day}, {day.year}",
    ]

    assert {tuple(found(form)) for form in forms} == {(("date", f"date {day:%Y-%m-%d}"),)}


@given(st.integers(0, 99_999_999_999), st.integers(0, 99_999_999_999))
def test_documents_are_told_apart_and_known_without_points(one, other):
    first, second = f"{one:011}", f"{other:011}"
    dotted = f"{first[:3]}.{first[3:6]}.{first[6:9]}-{first[9:]}"

    assert {key for _, key in found(dotted)} == {key for _, key in found(first)}
    assert (found(first) == found(second)) == (first == second)


def test_two_sizes_are_no_date_and_a_date_is_no_size():
    assert found("visto 42/44") == [("size", "size 42"), ("size", "size 44")]
    assert found("38/40") == [("size", "size 38"), ("size", "size 40")]
    assert found("size 12/14") == [("size", "size 12"), ("size", "size 14")]
    assert found("18/12") == [("date", "date 12-18")]


def test_a_row_of_sizes_ends_where_something_is_counted():
    assert found("tamanhos P, M e GG") == [("size", "size p"), ("size", "size m"), ("size", "size gg")]
    assert found("size 8 and 3 mugs") == [("size", "size 8"), ("quantity", "number 3")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "uma rede azul",
        "one of them",
        "a segunda caixa",
        "a quinta parcela",
        "1. rede\n2. caneca",
        "mar e sol",
        "you may",
    ],
)
def test_words_that_count_nothing_are_no_values(text):
    assert found(text) == []


def test_places_are_those_of_the_text_as_it_stands():
    text = "İÇ: dois mil reais, até 12 de MARÇO; ana@loja.example"

    assert [text[value.start : value.end] for value in values.find(text)] == [
        "dois mil reais",
        "12 de MARÇO",
        "ana@loja.example",
    ]
    assert all(value.text == text[value.start : value.end] for value in values.find(text))


def test_a_source_states_what_its_values_imply():
    stated = values.keys("On Friday, R$ 2.000 by 18:30, call +55 81 99876-5432, size 38", SATURDAY)

    for text in (
        "weekday 5",
        "date 12-04",
        "date 2026-12-04",
        "number 2000",
        "time 06:30",
        "number 998765432",
        "number 38",
    ):
        assert text in stated


def test_a_value_is_stated_in_other_words_but_not_another_value():
    stated = values.keys("Quero três redes de 2x3 m em até dez dias, por dois mil reais.")

    for text in ("3 hammocks", "200 x 300 cm", "10 days", "R$ 2.000,00", "2,000"):
        (value,) = values.find(text)
        assert values.is_stated(value, stated), text
    for text in ("4 hammocks", "2x4 m", "12 days", "R$ 3.000", "US$ 2,000", "10 %"):
        (value,) = values.find(text)
        assert not values.is_stated(value, stated), text


PIECES = st.sampled_from(
    ["1", "12/03", "R$", "$", " ", "-", ".", ",", "@a.b", "dois", "mil", "e", "#", "+", "(", ")", "x", "m", "segunda",
     "tamanho", "www.", "½", "é", "İ", "\n", "AB-", "h", "%", "²", "٣", "de", "março", "2️⃣"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
@example("1/1/1/1 1 1/2")
@example("٣ de março")
@settings(max_examples=300)
def test_values_are_in_order_and_apart_whatever_the_text(text):
    at = 0
    for value in values.find(text, SATURDAY):
        assert at <= value.start < value.end <= len(text)
        assert value.key.count(" ") >= 1
        at = value.end


DIALOGUE = (
    "Oi, quero duas redes de casal, tamanho 2x3 m, até R$ 500,00, entrega na Rua Nova, nº 45, dia 12 de março às 15h30.\n"
    "Claro! Temos a rede azul, que custa R$ 249,90, e a terracota. O prazo é de dez dias úteis depois do pagamento.\n"
    "And could you ship it to my mother, please? Her postcode is 50030-230 and she is only home after half past six.\n"
)


def test_a_dialogue_of_4_000_tokens_costs_some_milliseconds():
    text = DIALOGUE * 45  # 15,000 characters, and far more values than people name
    values.find(text)
    began = time.process_time()
    values.find(text)

    assert time.process_time() - began < 0.2  # some 20 ms here


@pytest.mark.parametrize(
    "piece",
    ["1 ", "1.", "1-", "a-", "9", "a1", "x@", "x@y.", "two ", "dois mil ", "1/", "+1 ", "(1", "R$ ", "tamanho ", "www.",
     "12/03 ", "AB-", "é", "segunda ", "½", "1x", "next ", "\n1. ", "4000 ", "de89 ", "two-", "cupom A", "e ", "#", " "],
)  # fmt: skip
def test_no_text_takes_more_than_its_length(piece):
    took = list[float]()
    for length in (5_000, 20_000):
        began = time.process_time()
        values.find(piece * (length // len(piece)))
        took.append(time.process_time() - began)

    assert took[1] < 0.2 + 10 * took[0]
