"""Tests of the memory page's cards: their order, and their headings in the reader's language."""

from handlers.pages import languages, memory_cards
from memory.context.remembered import NoteLine
from memory.facts.cards import Card
from settings import ROOT

LANGUAGES = languages.load(ROOT / "languages")


def line(text, number, subject="", last=None):
    return NoteLine(text, Card(text, "user", number, subject), number, last or number, is_corrected=False)


def test_cards_with_a_subject_come_first_then_the_newest():
    said_in = LANGUAGES.of("pt_BR")
    assert said_in is not None
    lines = [line("a", 1), line("b", 2, "order #W1"), line("c", 3, "address"), line("d", 4), line("e", 5, "filha")]

    groups = memory_cards.groups(lines, said_in)

    assert [(group.heading, [card.text for card in group.cards]) for group in groups] == [
        ("Filha", ["e"]),
        ("Endereço", ["c"]),
        ("Pedido #W1", ["b"]),
        ("", ["d", "a"]),
    ]


def test_a_sentence_links_to_where_its_messages_begin():
    (group,) = memory_cards.groups(
        [NoteLine("They spoke of radios.", None, 3, 9, is_corrected=False)], next(iter(LANGUAGES))
    )

    assert (group.cards[0].number, group.cards[0].last, group.cards[0].said_by) == (3, 9, None)
