"""Tests of text as it is kept: what goes in, what never stays, and the same in pieces as in one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.text import Normaliser, join_surrogates, normalise

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ODD = (
    ["a", "é", "😀", "\ud83d", "\ude00", "\udbff", "\udc00", "\n", "\n\n", "\r", "\r\n", "\n\r", "\t", " ", "    "]
    + [
        "\x00",
        "\x07",
        "\x0b",
        "\x0c",
        "\x1b[2J",
        "\x1c",
        "\x1d",
        "\x1e",
        "\x1f",
        "\x7f",
        "\x80",
        "\x85",
        "\x9b",
        "\x9f",
    ]
    + ["\xa0", "\u2028", "\u2029", "\u202e", "\ufeff", "\ufffd", "\U0010ffff"]
)
pieces = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=4)), max_size=30)
texts = pieces.map("".join)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("Olá", "Olá", id="plain"),
        pytest.param("a\r\nb", "a\nb", id="CRLF"),
        pytest.param("a\rb", "a\nb", id="CR"),
        pytest.param("a\n\rb", "a\n\nb", id="LF then CR are two lines"),
        pytest.param("a\r\r\nb", "a\n\nb", id="CR then CRLF are two lines"),
        pytest.param("\n\na", "\n\na", id="blank lines at the beginning stay"),
        pytest.param("a\n\n\r\n\r", "a", id="blank lines at the end go"),
        pytest.param("\r\n\n", "", id="only blank lines"),
        pytest.param(" a \n  ", " a \n  ", id="spaces stay"),
        pytest.param("a\tb", "a\tb", id="tab stays"),
        pytest.param("a\x00b", "a\ufffdb", id="NUL"),
        pytest.param("\x1b[2J\x07", "\ufffd[2J\ufffd", id="ESC and BEL"),
        pytest.param("\x0b\x0c\x1c\x1d\x1e\x1f", "\ufffd" * 6, id="VT FF FS GS RS US"),
        pytest.param("\x7f\x80\x85\x9b\x9f", "\ufffd" * 5, id="DEL and C1"),
        pytest.param("\xa0\xad", "\xa0\xad", id="what follows C1 stays"),
        pytest.param("a\u2028b\u2029c", "a\ufffdb\ufffdc", id="LS and PS"),
        pytest.param("\ud83d", "\ufffd", id="lone first half"),
        pytest.param("\ude00", "\ufffd", id="lone second half"),
        pytest.param("\ud83d\ude00", "😀", id="a pair in two halves"),
        pytest.param("\ud83d\ud83d\ude00\ude00", "\ufffd😀\ufffd", id="a pair between lone halves"),
        pytest.param("\ude00\ud83d", "\ufffd\ufffd", id="halves the wrong way round"),
        pytest.param("\ud83d\n\ude00", "\ufffd\n\ufffd", id="halves on two lines"),
    ],
)
def test_text_is_normalised_once_on_the_way_in(given_text, kept):
    assert normalise(given_text) == kept


@patient
@given(texts)
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)

    assert normalise(once) == once


@patient
@given(texts)
def test_normalised_text_breaks_lines_by_lf_and_ends_in_none(text):
    kept = normalise(text)

    assert kept.splitlines() == (kept.split("\n") if kept else [])
    assert not kept.endswith("\n")


@patient
@given(texts)
def test_normalised_text_is_encodable_without_control_characters(text):
    kept = normalise(text)

    assert kept.encode().decode() == kept
    assert not [c for c in kept if c not in "\t\n" and (c < " " or "\x7f" <= c <= "\x9f")]


@patient
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Mn"])))
def test_words_in_any_script_are_left_alone(text):
    assert normalise(text) == text


def test_joining_surrogates_leaves_lone_halves():
    assert join_surrogates("\ud83d\ude00\ud83d x\ude00") == "😀\ud83d x\ude00"


def settled(parts):
    normaliser = Normaliser()
    return [normaliser.feed(part) for part in parts]


@patient
@given(st.lists(texts, max_size=8))
def test_the_pieces_joined_equal_normalise_of_the_whole(parts):
    whole = "".join(parts).rstrip("\r\n" + "".join(map(chr, range(0xD800, 0xDC00))))

    assert "".join(settled(parts)) == normalise(whole)


@patient
@given(texts)
def test_text_fed_by_character_comes_out_as_if_fed_at_once(text):
    assert "".join(settled(text)) == "".join(settled([text]))


@pytest.mark.parametrize(
    ("parts", "given_back"),
    [
        pytest.param(["Olá", ", ", "Ana"], ["Olá", ", ", "Ana"], id="plain text is not held back"),
        pytest.param(["a\n\n", "b"], ["a", "\n\nb"], id="line feeds wait, for they may be the end"),
        pytest.param(["a\n", "\n"], ["a", ""], id="line feeds at the end are never given"),
        pytest.param(["a\r", "\nb"], ["a", "\nb"], id="a CRLF in two pieces is one line feed"),
        pytest.param(["a\r", "b"], ["a", "\nb"], id="a CR alone is a line feed"),
        pytest.param(["\ud83d", "\ude00"], ["", "😀"], id="a surrogate pair in two pieces"),
        pytest.param(["\ud83d", "x"], ["", "\ufffdx"], id="a lone half in the middle"),
        pytest.param(["x\ud83d", ""], ["x", ""], id="a half character at the end is left out"),
        pytest.param(["\x1b", "[2J"], ["\ufffd", "[2J"], id="controls"),
        pytest.param(["", ""], ["", ""], id="empty pieces"),
    ],
)
def test_only_what_may_still_change_is_held_back(parts, given_back):
    assert settled(parts) == given_back
