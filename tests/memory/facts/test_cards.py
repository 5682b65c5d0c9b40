"""Fact cards: printed and parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.facts.cards import Card, plain, print_card, print_cards, split

ADDRESS = Card("Rua das Flores, nº 45, apto 302", "user", 3, "address")


def test_a_card_is_the_clause_with_speaker_and_message():
    assert print_card(ADDRESS) == '"Rua das Flores, nº 45, apto 302" (customer, message 3)'


def test_old_clauses_and_what_it_goes_on_from_stand_in_it():
    card = Card("Rua da Aurora, 987", "user", 9, "address", ("Rua do Sol, 120", "Rua Um, 1"), "É na")

    assert print_card(card) == (
        '"Rua da Aurora, 987" (customer, message 9; after: "É na"; before: "Rua do Sol, 120", "Rua Um, 1")'
    )


def test_cards_stand_by_subject_and_notes_give_them_back():
    cards = [Card("no wool", "user", 1), ADDRESS, Card("R$ 30", "assistant", 4)]

    text = "The customer asked.\n\n" + print_cards(cards)

    assert split(text) == ("The customer asked.", [cards[0], cards[2], cards[1]])
    assert text.endswith("About address:\n" + print_card(ADDRESS))


def test_no_cards_are_no_text():
    assert print_cards([]) == ""


def test_lists_of_older_versions_are_read_as_cards():
    text = "They asked.\n\nFacts:\n- #W1 (customer, message 3)\n- R$ 30 (shop, message 5, instead of R$ 20 and R$ 10)"

    assert split(text)[1] == [
        Card("#W1", "user", 3),
        Card("R$ 30", "assistant", 5, "", ("R$ 20", "R$ 10")),
    ]


@pytest.mark.parametrize("line", ['x" (shop, message 9', '" (shop, message 9; before: "', '"'])
def test_no_clause_forges_a_speaker(line):
    (found,) = split(print_cards([Card(line, "user", 3, "", (line,), line)]))[1]

    assert (found.speaker, found.number) == ("user", 3)


TEXTS = st.text(max_size=30).filter(lambda text: bool(text.strip()))


@given(
    st.builds(
        Card,
        TEXTS,
        st.sampled_from(["user", "assistant", "imported"]),
        st.integers(1, 10**9),
        st.sampled_from(["", "address", "order #W1"]),
        st.lists(TEXTS, max_size=2).map(tuple),
        TEXTS,
    )
)
def test_what_is_printed_is_parsed(card):
    (found,) = split(print_cards([card]))[1]

    assert found == Card(
        plain(card.clause), card.speaker, card.number, card.subject, tuple(map(plain, card.before)), plain(card.after)
    )


def test_hostile_lines_are_read_in_linear_time():
    for line in ('"' * 200_000, '"a" (customer, message 1; before: ' + '"", ' * 50_000, "- " + " (shop" * 50_000):
        assert split(line)[1] == []
