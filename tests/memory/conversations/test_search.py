"""Tests of the search: which messages are found, what is shown of them, and that it stays bounded."""

import time
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memory.conversations import archive, listing, search
from memory.conversations.records import Record, print_record
from tests.support.conversations import NOON, say

NAME = "20261123T120000Z"


def find(folder, query, **options):
    return search.search(folder, query, **{"most": 50, "seconds": 60.0, **options})


def texts(found):
    return ["".join(text for text, _ in hit.snippet) for hit in found.hits]


def marked(found):
    return [[text for text, is_marked in hit.snippet if is_marked] for hit in found.hits]


@pytest.mark.parametrize(
    ("query", "text", "marks"),
    [
        ("hammock", "A Hammock for two", ["Hammock"]),
        ("REDE", "a rede azul", ["rede"]),
        ("sao joao", "Vou a São João", ["São", "João"]),
        ("São", "vou a sao paulo", ["sao"]),
        ("sao", "Sa\u0303o", ["Sa\u0303o"]),
        ("strasse", "Die Straße", ["Straße"]),
        ("blue two", "Two hammocks, in blue", ["Two", "blue"]),
        ("azul", "azulejo azul", ["azul", "azul"]),
        ("r$ 30.00", "It is R$ 30.00 (all)", ["R$", "30.00"]),
        ("火车", "我坐火车去", ["火车"]),
        ("ﬁne", "All is fine", ["fine"]),
        ("a.c", "abc a.c", ["a.c"]),
        ("two", "one\n\n    two indented", ["two"]),
    ],
)
def test_words_are_found_without_regard_to_case_and_accents(ana, query, text, marks):
    say(ana, text)

    assert marked(find(ana, query)) == [marks]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("blue red", "only blue"),
        ("stop", "no such word"),
        ("2026", "the time of a message is no word of it"),
        ("user", "nor is its role"),
        ("azulx", "azul x"),
    ],
)
def test_a_message_without_one_of_the_words_is_no_hit(ana, query, text):
    say(ana, text)

    assert find(ana, query).hits == ()


@pytest.mark.parametrize("query", ["", "   ", "\u0301"])
def test_no_word_finds_nothing(ana, query):
    say(ana, "All")

    assert search.words_of(query) == ()
    assert find(ana, query) == search.SearchResults()


def test_all_conversations_are_searched_newest_first(ana):
    say(ana, "Blue one")
    say(ana, "Blue two", role="assistant")
    archive.set_aside(ana)
    say(ana, "Blue three", NOON + timedelta(days=1))
    archive.set_aside(ana)
    say(ana, "Blue four", NOON + timedelta(days=2))

    found = find(ana, "blue")

    assert [(hit.id, hit.number, hit.role) for hit in found.hits] == [
        ("current", 1, "user"),
        ("20261124T120000Z", 1, "user"),
        (NAME, 2, "assistant"),
        (NAME, 1, "user"),
    ]
    assert found.hits[2].title == "Blue one"
    assert found.more is None


def test_what_was_replaced_is_no_hit(ana):
    say(ana, "Blue")
    say(ana, "Blue too", role="assistant")
    say(ana, "Red, not blue", replaces=1)

    assert [hit.number for hit in find(ana, "blue").hits] == [3]


def test_a_title_that_its_user_gave_is_found(ana):
    say(ana, "One")
    listing.rename(ana, "current", "São João")

    found = find(ana, "joao")

    assert [one.title for one in found.titles] == ["São João"]
    assert found.hits == ()


def test_a_long_message_shows_the_passage_that_holds_the_words(ana):
    say(ana, "Filler of no use. " * 5000 + "The blue hammock is here. " + "And more of it. " * 5000)

    (text,) = texts(find(ana, "blue hammock"))

    assert "The blue hammock is here." in text
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 300


def test_a_search_that_was_cut_goes_on_where_it_stopped(ana):
    for n in range(12):
        say(ana, f"Blue {n}", NOON + timedelta(hours=n))
        if n % 4 == 3:
            archive.set_aside(ana)
    pages, after = [], None
    while True:
        found = find(ana, "blue", most=5, after=after)
        pages.append(texts(found))
        if found.more is None:
            break
        after = search.Cursor.read(str(found.more))

    assert [len(page) for page in pages] == [5, 5, 2]
    assert [text for page in pages for text in page] == [f"Blue {n}" for n in range(11, -1, -1)]


def test_a_search_that_takes_too_long_is_cut_and_can_go_on(ana):
    say(ana, "Blue")

    found = find(ana, "blue", seconds=-1.0)

    assert (found.hits, found.is_slow) == ((), True)


@pytest.mark.parametrize(
    "text", ["", "x", "current.", "current.-1", "current.x", f"{'x' * 50}.1", "current." + "9" * 30]
)
def test_what_is_no_place_is_not_read(text):
    assert search.Cursor.read(text) is None


def test_a_conversation_deleted_meanwhile_is_passed_over(ana):
    say(ana, "Blue")
    assert find(ana, "blue", after=search.Cursor("20200101T000000Z", 3)).hits != ()


@given(text=st.text(), query=st.text(min_size=1, max_size=5))
@example("Die STRASSE", "ß")
def test_folding_a_text_is_folding_its_characters(text, query):
    assert search.fold(search.fold(text)) == search.fold(text)
    assert search.fold(text + query).startswith(search.fold(text)[:-2] if text else "")


@given(before=st.text(max_size=80), after=st.text(max_size=80))
def test_a_snippet_is_a_part_of_its_text(before, after):
    text = f"{before} needle {after}".replace("\n", " ")

    snippet = search._snippet(text, ("needle",))

    joined = "".join(part for part, _ in snippet).removeprefix("… ").removesuffix(" …")
    assert joined.strip() in text
    assert "needle" in [search.fold(part) for part, is_marked in snippet if is_marked]


def test_large_conversation_search_is_bounded_in_time_and_memory(ana):
    """10 MB: 100 MB take ten times as long, and no more memory."""
    text = "What stands in it takes some lines, with açaí and more of it. " * 16
    with (ana.path / "history.txt").open("wb") as file:
        for number in range(1, 10_001):
            file.write(print_record(Record(number, NOON, "user", "the needle" if number == 7 else text)))

    started = time.process_time()
    found = find(ana, "needle")

    assert [hit.number for hit in found.hits] == [7]
    assert time.process_time() - started < 5


@given(before=st.text(max_size=30), word=st.text(min_size=1, max_size=6), after=st.text(max_size=30))
@example("Rua ", "Straße", " — “x” 🌴 …")
@example("a\u0303", "½", "ﬁ\u2126")
def test_the_quick_look_never_misses_what_reading_finds(before, word, after):
    text = f"{before}{word}{after}"
    words = search.words_of(word)

    assert search._may_hold(text.encode(errors="replace"), words, search._in_latin(words))


def test_characters_the_quick_scan_skips_never_compare_as_latin():
    left_out = [chr(c) for c in range(256, 0x110000) if not 0xD800 <= c <= 0xDFFF and not search._BEYOND.match(chr(c))]

    assert {character for one in left_out for character in search.fold(one) if ord(character) < 256} == set()
