"""Tests of the list of conversations: titles, counts, the order, renaming."""

import os
from datetime import timedelta

import pytest

from memory.conversations import archive, listing
from tests.support.conversations import NOON, say

NAME = "20261123T120000Z"


def test_the_last_used_is_first_and_titled_by_its_first_question(ana):
    say(ana, "Do you have\na hammock for two, in blue, that fits a small veranda with plants?")
    archive.set_aside(ana)
    say(ana, "Later", NOON + timedelta(days=1))
    archive.set_aside(ana)
    assert [(one.title, one.began) for one in listing.set_aside(ana)] == [
        ("Later", NOON + timedelta(days=1)),
        ("Do you have a hammock for two, in blue, that fits a small …", NOON),
    ]

    archive.bring_back(ana, NAME)
    say(ana, "Once more", NOON + timedelta(days=2))
    archive.set_aside(ana)

    assert [one.used for one in listing.set_aside(ana)] == [NOON + timedelta(days=2), NOON + timedelta(days=1)]


def test_messages_are_counted_as_they_stand(ana):
    for text in ("One", "Two", "Three"):
        say(ana, text)
    say(ana, "Instead of two and three", replaces=2)

    assert listing.current(ana).messages == 2
    say(ana, "And more")
    assert listing.current(ana).messages == 3


def test_an_empty_conversation_is_not_listed(ana):
    assert listing.current(ana) is None
    assert listing.set_aside(ana) == []


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("Hammocks", "Hammocks"),
        ("  two\r\nlines\tand\x00more ", "two lines and�more"),
        ("", "Do you deliver?"),
        (" \n ", "Do you deliver?"),
        ("x" * 200, "x" * 120),
        ("<b>Rede</b> 🌴", "<b>Rede</b> 🌴"),
    ],
    ids=["plain", "one line", "empty", "blank", "long", "any characters"],
)
@pytest.mark.parametrize("name", ["current", NAME])
def test_a_conversation_is_called_as_its_user_says(ana, typed, title, name):
    say(ana, "Do you deliver?")
    if name == NAME:
        archive.set_aside(ana)
    listing.rename(ana, name, "Before")

    assert listing.rename(ana, name, typed)

    assert listing.describe(ana, name).title == title


def test_a_title_is_a_file_to_be_read(ana):
    say(ana, "Do you deliver?")

    listing.rename(ana, "current", "Hammocks")

    assert (ana.path / "title.txt").read_text() == "Hammocks\n"


def test_what_is_not_there_is_not_renamed(ana):
    assert not listing.rename(ana, "current", "Hammocks")
    assert not listing.rename(ana, "20200101T000000Z", "Hammocks")
    assert not listing.rename(ana, "../bob", "Hammocks")
    assert [name for name in os.listdir(ana.path) if not name.startswith(".")] == []


def test_the_list_is_given_in_parts(ana):
    for n in range(12):
        say(ana, f"Question {n}", NOON + timedelta(hours=n))
        archive.set_aside(ana)

    page = listing.set_aside(ana, skip=3, count=4)

    assert [one.title for one in page] == [f"Question {n}" for n in range(8, 4, -1)]
