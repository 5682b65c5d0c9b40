"""Tests of the table of file names: what the check knows, what is deleted, moved and exported."""

import re

import pytest

from memory.integrity import check
from memory.people import data_export
from memory.storage import layout
from memory.storage.layout import ARCHIVE, FILES, HISTORY, PHOTOS, REPLY, SUMMARY, TITLE, USAGE

OF_EARLIER_VERSIONS = {".export"}


def plain_names(pattern):
    """Return the alternatives of a pattern that are plain names, an optional last letter both ways."""
    found = set()
    for part in pattern.pattern.replace("\\.", ".").split("|"):
        if re.fullmatch(r"[\w.-]+", part):
            found.add(part)
        elif re.fullmatch(r"[\w.-]+\?", part):
            found |= {part[:-1], part[:-2]}
    return found


def test_the_check_knows_each_file_of_a_user_and_no_other():
    assert plain_names(check._KNOWN) == {file.name for file in FILES} | OF_EARLIER_VERSIONS


def test_the_check_knows_what_lies_beside_the_users():
    assert plain_names(check._SHARED) == set(layout.BESIDE_USERS)


@pytest.mark.parametrize(("name", "reason"), [(HISTORY, "torn"), (REPLY, "torn"), (USAGE, "torn"), (SUMMARY, "aside")])
def test_the_check_knows_what_is_set_aside(name, reason):
    assert check._KNOWN.fullmatch(layout.set_aside_name(name, reason))


def test_notes_are_deleted_before_the_words_they_are_made_from():
    assert layout.DELETED == ("summary.txt", "reply.txt", ".stop", "checks.jsonl", "history.txt", "title.txt")


def test_what_is_archived_is_moved_once():
    assert {*layout.COMPANIONS, HISTORY, TITLE} == {file.name for file in FILES if file.fate == "archived"}


@pytest.mark.parametrize("name", [file.name for file in FILES if file.is_exported and file.name != REPLY])
def test_the_export_explains_each_of_its_files(name):
    assert name + ("/" if name in (ARCHIVE, PHOTOS) else "") in data_export.NOTE


@pytest.mark.parametrize(
    ("name", "is_exported"),
    [("history.txt", True), ("history.torn-1", True), ("account.toml", False), (".turn", False), (".x.tmp", False)],
)
def test_nothing_hidden_or_secret_is_exported(name, is_exported):
    assert layout.is_exported(name) == is_exported


def test_a_temporary_file_of_a_conversation_is_one_of_its_words():
    torn = layout.set_aside_name(HISTORY, "torn")

    assert layout.is_torn_off(torn, HISTORY)
    assert not layout.is_torn_off(layout.set_aside_name(REPLY, "torn"), HISTORY)
    assert all(map(layout.is_unfinished_of_conversation, map(layout.temporary_name, (SUMMARY, HISTORY, TITLE, torn))))
    assert not any(map(layout.is_unfinished_of_conversation, (HISTORY, torn, layout.temporary_name("account.toml"))))
