"""Tests of conversations set aside: moved whole, found by their names alone, deleted for good."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from memory import archive, catalogue, history, summary
from memory.files import Busy, Folder
from memory.records import Record
from memory.summary import Covered, Segment, Summary

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
NAME = "20261123T120000Z"


@pytest.fixture
def ana(tmp_path):
    path = tmp_path / "ana"
    path.mkdir()
    (path / "account.toml").write_bytes(b"")
    return Folder(path)


def say(folder, text, time=NOON, role="user"):
    return history.append(folder, lambda number: Record(number, time, role, text))


def remember(folder, text):
    end = say(folder, text).end
    return summary.save(folder, Summary((Segment(1, 1, 0, end, "model", NOON, text, "m"),)), Covered())


def said(folder):
    return [entry.record.text for entry in history.backwards(folder)]


def notes(folder):
    return [segment.text for segment in summary.load(folder, Covered()).segments]


def test_a_conversation_is_set_aside_with_its_notes_and_brought_back_with_them(ana):
    remember(ana, "First")
    name = archive.set_aside(ana)
    assert (name, said(ana), notes(ana)) == (NAME, [], [])
    say(ana, "Second", NOON + timedelta(hours=1))

    assert archive.bring_back(ana, NAME)

    assert (said(ana), notes(ana)) == (["First"], ["First"])
    assert archive.names(ana) == ["20261123T130000Z"]
    assert not (ana.path / "archive" / NAME).exists()


def test_an_empty_conversation_is_not_set_aside(ana):
    assert archive.set_aside(ana) is None
    assert archive.names(ana) == []


def test_conversations_that_began_in_one_second_have_names_of_their_own(ana):
    names = []
    for text in ("a", "b", "c"):
        say(ana, text)
        names.append(archive.set_aside(ana) or "")

    assert names == [NAME, f"{NAME}-2", f"{NAME}-3"]
    assert [said(archive.find(ana, name)) for name in names] == [["a"], ["b"], ["c"]]
    assert archive.names(ana) == [f"{NAME}-3", f"{NAME}-2", NAME]


def test_a_title_goes_with_its_conversation_and_never_stands_over_another(ana):
    say(ana, "First")
    catalogue.rename(ana, "current", "Hammocks")
    archive.set_aside(ana)
    say(ana, "Second", NOON + timedelta(hours=1))
    assert (catalogue.current(ana).title, catalogue.describe(ana, NAME).title) == ("Second", "Hammocks")

    archive.bring_back(ana, NAME)

    assert [one.title for one in (catalogue.current(ana), *catalogue.set_aside(ana))] == ["Hammocks", "Second"]
    archive.clear(ana)
    say(ana, "Third")
    assert catalogue.current(ana).title == "Third"


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../bob", "20261123T120000Z/../../bob", "20261123T120000Z\n", f"{NAME}-1234", "20261124T120000Z", "account.toml", f"{NAME}-01",
        "２０２６1123T120000Z", NAME.lower(), f"/{NAME}", f"{NAME}\x00",
    ],
)  # fmt: skip
def test_a_name_that_is_none_finds_nothing(ana, name):
    say(ana, "Mine")
    archive.set_aside(ana)

    assert archive.find(ana, name) is None
    assert not archive.bring_back(ana, name)
    assert not archive.delete(ana, name)
    assert archive.names(ana) == [NAME]


def test_the_current_conversation_is_neither_brought_back_nor_deleted_by_its_name(ana):
    say(ana, "Mine")

    assert not archive.bring_back(ana, "current")
    assert not archive.delete(ana, "current")
    assert said(ana) == ["Mine"]


def test_a_deleted_conversation_is_gone(ana):
    remember(ana, "First")
    archive.set_aside(ana)

    assert archive.delete(ana, NAME)
    assert archive.names(ana) == []
    assert list((ana.path / "archive").iterdir()) == []


def test_clearing_removes_words_notes_spool_and_torn_files_and_nothing_else(ana):
    remember(ana, "First")
    torn = "history.torn-20261123T120000-abcdef"
    for name in ("reply.txt", ".stop", "title.txt", torn, f".{torn}.0123.tmp", ".summary.txt.0123.tmp", "usage.csv"):
        (ana.path / name).write_bytes(b"x")

    archive.clear(ana)

    assert sorted(file.name for file in ana.path.iterdir()) == ["account.toml", "usage.csv"]


def test_what_was_torn_off_goes_with_its_conversation_and_is_deleted_with_it(ana):
    say(ana, "First")
    (ana.path / "history.torn-20261123T120000-abcdef").write_bytes(b"torn words")

    archive.set_aside(ana)

    assert [file.name for file in ana.path.iterdir() if "torn" in file.name] == []
    assert b"torn words" in [file.read_bytes() for file in (ana.path / "archive" / NAME).iterdir()]
    archive.bring_back(ana, NAME)
    assert (ana.path / "history.torn-20261123T120000-abcdef").read_bytes() == b"torn words"
    archive.set_aside(ana)
    assert archive.delete(ana, NAME)
    assert [file for file in ana.path.rglob("*") if file.is_file() and b"torn words" in file.read_bytes()] == []


def test_a_crash_between_the_two_moves_of_setting_aside_loses_no_word(ana):
    """The notes went first: the conversation is still here without them, and is set aside at the next try with them."""
    remember(ana, "First")
    place = ana.path / "archive" / NAME
    place.mkdir(parents=True)
    os.replace(ana.path / "summary.txt", place / "summary.txt")
    assert (said(ana), notes(ana), archive.names(ana)) == (["First"], [], [])

    assert archive.set_aside(ana) == NAME
    assert (said(Folder(place)), notes(Folder(place))) == (["First"], ["First"])


def test_a_crash_between_the_two_moves_of_bringing_back_loses_no_word(ana):
    remember(ana, "First")
    archive.set_aside(ana)
    os.replace(ana.path / "archive" / NAME / "summary.txt", ana.path / "summary.txt")
    assert (said(ana), notes(ana)) == ([], [])
    assert archive.names(ana) == [NAME]

    assert archive.bring_back(ana, NAME)
    assert said(ana) == ["First"]


def test_nothing_is_moved_while_a_reply_is_written(ana):
    say(ana, "First")
    turn = ana.try_lock(".turn")

    with pytest.raises(Busy, match="current answer to finish"), archive.undisturbed(ana, timeout_seconds=0.1):
        pass
    turn.release()
    with archive.undisturbed(ana, timeout_seconds=0.1):
        archive.clear(ana)
    assert said(ana) == []
