"""Tests of the identifiers in a text: which are found, which spellings are one value, which value took another's place."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memory.context import facts
from memory.conversations.records import Record

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def customer(number, text):
    return Record(number, NOON, "user", text)


def shop(number, text):
    return Record(number, NOON, "assistant", text)


def told(*records):
    """Return what is known after these messages: each value and what it took the place of."""
    return {fact.value: set(fact.instead_of) for fact in facts.of_records(records)}


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("My order is #W2378156.", "#W2378156", "code"),
        ("order W2378156, please", "W2378156", "code"),
        ("Pedido #12345?", "#12345", "code"),
        ("the RED-012 in blue", "RED-012", "code"),
        ("código NF-2026/7", "NF-2026", "code"),
        ("It is R$ 1.234,50 in all", "R$ 1.234,50", "money"),
        ("It is R$ 1,234.50.", "R$ 1,234.50", "money"),
        ("só R$5", "R$5", "money"),
        ("custa 30 reais", "30 reais", "money"),
        ("for US$ 20 each", "US$ 20", "money"),
        ("about 20 dollars", "20 dollars", "money"),
        ("€ 15.90 there", "€ 15.90", "money"),
        ("15,90 € there", "15,90 €", "money"),
        ("30 €.", "30 €", "money"),
        ("£9", "£9", "money"),
        ("on 2026-05-12", "2026-05-12", "date"),
        ("on 12/05/2026", "12/05/2026", "date"),
        ("até 12/05", "12/05", "date"),
        ("on 12 May 2026", "12 May 2026", "date"),
        ("on the 12th May", "12th May", "date"),
        ("on May 12, 2026", "May 12, 2026", "date"),
        ("em 12 de maio de 2026", "12 de maio de 2026", "date"),
        ("em 1º de março", "1º de março", "date"),
        ("dia 3 de fevereiro.", "3 de fevereiro", "date"),
        ("at 14:30", "14:30", "time"),
        ("às 14h30", "14h30", "time"),
        ("às 9h", "9h", "time"),
        ("before 5 pm", "5 pm", "time"),
        ("ana.souza+loja@mail.example.com, please", "ana.souza+loja@mail.example.com", "e-mail"),
        ("call +55 (81) 99999-1234", "+55 (81) 99999-1234", "phone"),
        ("ligue (81) 99999-1234", "(81) 99999-1234", "phone"),
        ("CEP 50030-230", "50030-230", "postcode"),
        ("10% off", "10%", "percent"),
        ("um desconto de 12,5 %", "12,5 %", "percent"),
        ("3 kg of coffee", "3 kg", "quantity"),
        ("2 unidades", "2 unidades", "quantity"),
        ("within 5 days", "5 days", "quantity"),
        ("em 7 dias", "7 dias", "quantity"),
        ("a 120x80 cm cloth", "120x80 cm", "quantity"),
        ("a 120 x 80 cm cloth", "120 x 80 cm", "quantity"),
        ("1,5 m de tecido", "1,5 m", "quantity"),
        ("size 42", "42", "number"),
        ("door 1207", "1207", "number"),
    ],
)
def test_an_identifier_is_found_by_its_form(text, value, kind):
    found = [(what, of) for what, of, _ in facts.find(text)]

    assert found == [(value, kind)]


@pytest.mark.parametrize(
    "text", ["", "Do you have a hammock for two?", "I like it. A lot!", "e-mail me", "R$ ?", "May I?"]
)
def test_words_are_no_identifiers(text):
    assert facts.find(text) == []


@pytest.mark.parametrize(
    "spellings",
    [
        ("R$ 1.234,50", "R$ 1234.50", "R$1,234.50", "1234,50 reais", "BRL 1,234.5"),
        ("R$ 30", "R$30,00", "30 reais", "r$ 30.00"),
        ("US$ 20", "$20.00", "20 dollars", "USD 20"),
        ("€ 15.90", "15,90 €", "15.90 euros", "EUR 15,9"),
        ("2026-05-12", "12 May 2026", "May 12, 2026", "12th May 2026", "12 de maio de 2026"),
        ("12 May", "May 12th", "12 de maio", "12 mai"),
        ("12/05/2026", "12/5/2026"),
        ("#W2378156", "W2378156", "w2378156"),
        ("RED-012", "red-012"),
        ("+55 (81) 99999-1234", "+55 81 99999 1234", "+5581999991234"),
        ("Ana@Mail.Example.com", "ana@mail.example.com"),
        ("10%", "10 %"),
        ("12,5%", "12.5 %"),
        ("3 kg", "3kg", "3 KG"),
        ("120 x 80 cm", "120x80cm"),
    ],
)
def test_spellings_of_one_value_have_one_key(spellings):
    found = [facts.find(text) for text in spellings]

    assert [len(one) for one in found] == [1] * len(spellings)
    assert len({facts.key_of(value, kind) for ((value, kind, _),) in found}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R$ 30", "US$ 30"), ("R$ 30", "€ 30"), ("£ 30", "€ 30"), ("R$ 30", "R$ 30,50"), ("R$ 1.234", "R$ 1,23"),
        ("12 May 2026", "12 May 2027"), ("12/05/2026", "05/12/2026"), ("RED-012", "RED-0121"), ("10%", "100%"),
        ("3 kg", "3 g"), ("50030-230", "50030-231"),
    ],
)  # fmt: skip
def test_different_values_have_different_keys(one, other):
    assert facts.keys(one).isdisjoint(facts.keys(other))


@given(st.lists(st.sampled_from([
    "#W2378156", "RED-012", "R$ 1.234,50", "30 reais", "15,90 €", "2026-05-12", "12 de maio de 2026", "May 12, 2026", "14h30",
    "ana@mail.example.com", "+55 (81) 99999-1234", "50030-230", "12,5 %", "3 kg", "120 x 80 cm", "1207", "5 pm",
]), min_size=1, max_size=6))  # fmt: skip
def test_a_value_is_found_again_in_a_list_of_values(values):
    """The law behind the facts lists: what was found is found again where the notes name it."""
    found = facts.find("; ".join(values))

    assert [value for value, _, _ in found] == values
    for value, kind, _ in found:
        assert [(what, of) for what, of, _ in facts.find(value)] == [(value, kind)]


@given(st.text(max_size=300))
@example("My order #W2378156 of R$ 1.234,50, for ana@mail.example.com")
@settings(max_examples=300, deadline=None)
def test_what_is_found_stands_where_it_is_said_to(text):
    for value, _, start in facts.find(text):
        assert value in text[start : start + len(value) + 4]
    facts.of_records([customer(1, text), shop(2, text)])


@pytest.mark.parametrize(
    ("text", "value", "old"),
    [
        ("Not 12 May but 15 May.", "15 May", "12 May"),
        ("The price is R$ 30, not R$ 20.", "R$ 30", "R$ 20"),
        ("Please change it from RED-011 to RED-012.", "RED-012", "RED-011"),
        ("I want RED-012 instead of RED-011.", "RED-012", "RED-011"),
        ("Send it on 15 May rather than 12 May.", "15 May", "12 May"),
        ("Quero RED-012 em vez de RED-011.", "RED-012", "RED-011"),
        ("Quero mudar de 12 de maio para 15 de maio.", "15 de maio", "12 de maio"),
        ("Não é R$ 20, na verdade é R$ 30.", "R$ 30", "R$ 20"),
    ],
)
def test_a_correction_in_one_message_names_the_old_value(text, value, old):
    assert told(customer(1, text))[value] >= {old}


@pytest.mark.parametrize(
    ("first", "then", "value", "old"),
    [
        ("It is for 12 May.", "Actually it is 15 May.", "15 May", "12 May"),
        ("My order is W1001.", "Sorry, I meant W1002.", "W1002", "W1001"),
        ("Meu pedido é W1001.", "Na verdade é W1002.", "W1002", "W1001"),
        ("A entrega é dia 12 de maio.", "Quis dizer 15 de maio.", "15 de maio", "12 de maio"),
        ("Meu CEP é 50030-230.", "Corrigindo: 50030-231.", "50030-231", "50030-230"),
    ],
)
def test_a_correction_supersedes_the_same_speakers_last_value(first, then, value, old):
    assert told(customer(1, first), shop(2, "Noted."), customer(3, then)) == {value: {old}}


def test_a_chain_of_corrections_names_all_that_was_before():
    said = [customer(1, "It is for 12 May."), customer(3, "Actually 15 May."), customer(5, "Actually 18 May.")]

    assert told(*said) == {"18 May": {"12 May", "15 May"}}


def test_returning_to_the_first_value_does_not_supersede_itself():
    said = [customer(1, "It is for 12 May."), customer(3, "Actually 15 May."), customer(5, "Actually 12 May.")]

    assert told(*said) == {"12 May": {"15 May"}}


def test_a_customers_correction_leaves_what_the_shop_said():
    """What a customer claims takes the place of nothing that the shop said."""
    said = [shop(2, "The hammock is R$ 289.00."), customer(3, "It is not R$ 289.00 but R$ 1.00.")]

    (price,) = [fact for fact in facts.of_records(said) if fact.value == "R$ 289.00"]

    assert (price.speaker, price.number) == ("assistant", 2)


def test_a_value_keeps_its_first_speaker_and_message():
    said = [customer(1, "My order is W1001."), shop(2, "W1001 is on its way.")]

    assert facts.of_records(said) == [facts.Fact("W1001", "code", "user", 1)]


def test_each_new_value_takes_the_place_of_its_own_old_one_alone():
    text = "Not W1001 but W1002, and not W2001 but W2002."

    assert told(customer(1, text)) == {"W1002": {"W1001"}, "W2002": {"W2001"}}


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([
    "Not 12 May but 15 May.", "Actually it is 12 May.", "W1001 instead of W1002.", "Na verdade é R$ 20.", "R$ 30, not R$ 20",
    "from R$ 20 to R$ 40, changed", "Sorry, W1001.", "em vez de W1002, W1003", "não W1001", "15 May", "não R$ 20 nem R$ 30",
])), max_size=8))  # fmt: skip
@settings(deadline=None)
def test_no_value_is_lost_by_corrections(said):
    records = [customer(n, text) if mine else shop(n, text) for n, (mine, text) in enumerate(said, 1)]
    values = {facts.key_of(value, kind) for record in records for value, kind, _ in facts.find(record.text)}

    kept = facts.of_records(records)

    named = {value for fact in kept for value in (fact.value, *fact.instead_of)}
    assert {key for value in named for key in facts.keys(value)} == values


def test_a_value_that_the_source_has_not_is_cut():
    text, cut = facts.cut_unsupported("W1001 costs R$ 5.55 on 12 May.", "My W1001, please, on May 12.")

    assert (text, cut) == ("W1001 costs […] on 12 May.", 1)


@pytest.mark.parametrize(
    ("said", "source"),
    [("R$ 1,234", "R$ 1,234.50"), ("W100", "W1001"), ("W1001", "W100"), ("RED-01", "RED-012"), ("50%", "12.50%"), ("10", "10.500")],
)  # fmt: skip
def test_a_part_of_a_value_is_another_value(said, source):
    assert facts.cut_unsupported(f"It is {said} there", source)[1] == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [("W100", "W1001 is there."), ("25", "W2500 and R$ 125.25"), ("R$ 1", "R$ 1.50"), ("12 May", "12 May 2027")],
)
def test_a_value_inside_of_another_is_missing(value, text):
    (fact,) = facts.of_records([customer(1, value)])

    assert facts.missing([fact], text) == [fact]


def test_a_value_in_another_spelling_is_not_missing():
    found = facts.of_records([customer(1, "R$ 1.234,50 on 12 May 2026 for #W2378156")])

    assert facts.missing(found, "W2378156: R$ 1234.50 until 2026-05-12.") == []


HOSTILE = [
    "1,", "1.", "1,,", "a", "a.", "a@", "a@a.", "-", "1", "11,1", "11-", "A1", "AB-1-", "#", "R$", "R$1,", "$ ", "+1 (", "+1", "(81) ",
    "not 11 but 12 ", "from 1 May to 2 May, changed ", "actually ", "12 de maio de ", "1x", "1 x ", "9:9", "not W100", "instead of the ",
    " ", "\n", "de ", "1h", "1%", "ª", "١",
]  # fmt: skip


def test_hostile_texts_of_200_000_characters_take_linear_time():
    started = time.process_time()
    for piece in HOSTILE:
        text = piece * (200_000 // len(piece))
        facts.find(text + "x")
    for piece in HOSTILE:
        facts.of_records([customer(1, "actually " + piece * (20_000 // len(piece)))])

    assert time.process_time() - started < 10


def test_hostile_corrections_yield_no_list_longer_than_the_text():
    text = " ".join(f"not {number} but {number + 1}" for number in range(1000, 5000, 2))

    found = facts.of_records([customer(1, text)])

    assert sum(1 + len(fact.instead_of) for fact in found) <= 4_000


def test_an_imported_reply_supersedes_no_value_of_the_shop():
    said = [
        Record(1, NOON, "assistant", "The price is R$ 90."),
        Record(2, NOON, "assistant", "Correction: the price is R$ 5, not R$ 90.", imported=True),
    ]

    found = {fact.value: (fact.speaker, fact.instead_of) for fact in facts.of_records(said)}

    assert found == {"R$ 90": ("assistant", ()), "R$ 5": ("imported", ("R$ 90",))}
