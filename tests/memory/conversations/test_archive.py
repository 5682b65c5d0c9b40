"""Tests of conversations set aside: moved whole, found by their names alone, deleted for good."""

import os
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest

from memory.context import summary
from memory.context.summary import Covered, Segment, Summary
from memory.conversations import archive, history, listing, photos
from memory.conversations.photos import Photo
from memory.conversations.records import Record
from memory.storage.folders import Busy, Folder
from tests.memory import kills
from tests.support.conversations import NOON, say

NAME = "20261123T120000Z"


@pytest.fixture
def ana(tmp_path):
    path = tmp_path / "ana"
    path.mkdir()
    (path / "account.toml").write_bytes(b"")
    return Folder(path)


def remember(folder, text):
    say(folder, text)
    end = folder.size("history.txt")
    return summary.save(folder, Summary((Segment(1, 1, 0, end, "model", NOON, text, "m"),)), Covered())


def said(folder):
    return [entry.record.text for entry in history.backwards(folder)]


def notes(folder):
    return [segment.text for segment in summary.load(folder, Covered()).segments]


def test_archiving_and_restoring_a_conversation_keep_its_summary(ana):
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


def test_conversations_begun_in_one_second_get_distinct_names(ana):
    names = []
    for text in ("a", "b", "c"):
        say(ana, text)
        names.append(archive.set_aside(ana) or "")

    assert names == [NAME, f"{NAME}-2", f"{NAME}-3"]
    assert [said(archive.find(ana, name)) for name in names] == [["a"], ["b"], ["c"]]
    assert archive.names(ana) == [f"{NAME}-3", f"{NAME}-2", NAME]


def test_a_title_moves_with_its_conversation_and_labels_no_other(ana):
    say(ana, "First")
    listing.rename(ana, "current", "Hammocks")
    archive.set_aside(ana)
    say(ana, "Second", NOON + timedelta(hours=1))
    assert (listing.current(ana).title, listing.describe(ana, NAME).title) == ("Second", "Hammocks")

    archive.bring_back(ana, NAME)

    assert [one.title for one in (listing.current(ana), *listing.set_aside(ana))] == ["Hammocks", "Second"]
    archive.clear(ana)
    say(ana, "Third")
    assert listing.current(ana).title == "Third"


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


def test_no_name_restores_or_deletes_the_current_conversation(ana):
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


def test_clearing_removes_text_summary_spool_and_torn_files_only(ana):
    remember(ana, "First")
    torn = "history.torn-20261123T120000-abcdef"
    for name in ("reply.txt", ".stop", "title.txt", torn, f".{torn}.0123.tmp", ".summary.txt.0123.tmp", "usage.csv"):
        (ana.path / name).write_bytes(b"x")

    archive.clear(ana)

    assert sorted(file.name for file in ana.path.iterdir()) == ["account.toml", "usage.csv"]


def test_torn_files_move_and_are_deleted_with_their_conversation(ana):
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


# A death at any step


TORN = "history.torn-20261123T120000-abcdef"
WHOLE = {
    "First": (["First"], "Hammocks", [b"torn off First"]),
    "Second": (["Second"], "Mugs", [b"torn off Second"]),
}
"""Each conversation by its word: its notes, its title, and what was torn off it."""


def begin(folder, text, time=NOON):
    """Begin a conversation that has all that one can have."""
    say(folder, text, time)
    end = folder.size("history.txt")
    summary.save(folder, Summary((Segment(1, 1, 0, end, "customer", NOON, text),)), Covered())
    listing.rename(folder, "current", WHOLE[text][1])
    (folder.path / TORN).write_bytes(f"torn off {text}".encode())


def places(folder):
    return [folder, *(archive.find(folder, name) for name in archive.names(folder))]


def kept(folder):
    """Return each conversation as in WHOLE; a word that stands twice or not at all is an error."""
    found = [place for place in places(folder) if place.exists("history.txt")]
    words = [said(place)[0] for place in found]
    assert len(set(words)) == len(words)
    return {
        word: (
            notes(place),
            listing.own_title(place),
            [file.read_bytes() for file in place.path.glob("history.torn-*")],
        )
        for word, place in zip(words, found, strict=True)
    }


def assert_nothing_waits_for_another(folder):
    """What stands without its conversation would be the next one's."""
    if not said(folder):
        assert not folder.exists("title.txt")


def test_a_death_while_setting_aside_loses_nothing(ana, tmp_path):
    begin(ana, "First")

    left = kills.everywhere(ana, tmp_path / "left", "setting aside")

    assert len(left) >= 6
    assert {len(archive.names(folder)) for folder in left} == {0, 1}
    for folder in left:
        assert kept(folder).keys() == {"First"}, folder.name
        assert_nothing_waits_for_another(folder)
        assert not (folder.exists("summary.txt") and not said(folder)), folder.name

        kills.set_aside(folder)  # the next try

        assert kept(folder) == {"First": WHOLE["First"]}, folder.name
        assert archive.names(folder) == [NAME]


def test_a_death_while_bringing_back_loses_nothing(ana, tmp_path):
    begin(ana, "First")
    archive.set_aside(ana)
    begin(ana, "Second", NOON + timedelta(hours=1))

    left = kills.everywhere(ana, tmp_path / "left", "bringing back")

    assert len(left) >= 10
    assert {word for folder in left for word in ["nothing", *said(folder)]} == {"First", "Second", "nothing"}
    for folder in left:
        assert kept(folder).keys() == WHOLE.keys(), folder.name
        assert_nothing_waits_for_another(folder)

        if said(folder) != ["First"]:
            assert archive.bring_back(folder, NAME), folder.name  # the next try

        assert said(folder) == ["First"]
        archive.set_aside(folder)
        assert kept(folder) == WHOLE, folder.name


# A loss of power: what was moved is on the disk before the next step builds on it


@pytest.fixture
def changes(ana, monkeypatch):
    """Return the changes of ana's directory in their order: the call, and the place it is in, "." for her own."""
    found = []

    def watched(name, call):
        def watch(first, *arguments, **keywords):
            descriptor = first if isinstance(first, int) else keywords.get("dir_fd")
            path = Path(first if descriptor is None else os.readlink(f"/proc/self/fd/{descriptor}"))
            result = call(first, *arguments, **keywords)
            if path.is_relative_to(ana.path):
                place = path if name == "fsync" else Path(arguments[0]).parent if name == "replace" else path.parent
                found.append((name, os.path.relpath(place, ana.path)))
            return result

        return watch

    for name in ("replace", "fsync", "rmdir"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    return found


def test_what_is_set_aside_is_synced_in_both_places(ana, changes):
    begin(ana, "First")
    changes.clear()

    archive.set_aside(ana)

    moves, syncs = changes[:4], changes[4:]
    assert moves == [("replace", f"archive/{NAME}")] * 4
    assert sorted(syncs) == [("fsync", "."), ("fsync", "archive"), ("fsync", f"archive/{NAME}")]


def test_what_is_brought_back_is_synced_before_its_place_goes(ana, changes):
    begin(ana, "First")
    archive.set_aside(ana)
    changes.clear()

    archive.bring_back(ana, NAME)

    assert changes[1:] == [*[("replace", ".")] * 4, ("fsync", "."), ("rmdir", "archive"), ("fsync", "archive")]


def test_notes_of_a_lost_history_take_no_others_place(ana):
    begin(ana, "First")
    archive.set_aside(ana)
    begin(ana, "Second", NOON + timedelta(hours=1))
    (ana.path / "history.txt").unlink()

    archive.bring_back(ana, NAME)

    assert kept(ana) == {"First": WHOLE["First"]}


def test_a_deletion_is_synced(ana, changes):
    begin(ana, "First")
    archive.set_aside(ana)
    changes.clear()

    archive.delete(ana, NAME)

    assert changes == [("rmdir", "archive"), ("fsync", "archive")]


def test_who_moves_holds_off_every_writer(ana):
    with archive.undisturbed(ana):
        held = [in_another_thread(lambda name=name: ana.try_lock(name)) is None for name in (".turn", ".lock")]

    assert held == [True, True]


def test_a_deletion_waits_for_who_writes(ana):
    say(ana, "First")
    archive.set_aside(ana)
    lock = ana.try_lock(".lock")
    with ThreadPoolExecutor() as pool:
        deleting = pool.submit(archive.delete, ana, NAME)
        assert wait([deleting], timeout=0.3).not_done
        assert archive.names(ana) == [NAME]
        lock.release()

        assert deleting.result(timeout=10)
    assert archive.names(ana) == []


def in_another_thread(work):
    with ThreadPoolExecutor() as pool:
        return pool.submit(work).result(timeout=10)


def test_nothing_is_moved_while_a_reply_is_written(ana):
    say(ana, "First")
    turn = ana.try_lock(".turn")

    with pytest.raises(Busy, match="current answer to finish"), archive.undisturbed(ana, timeout_seconds=0.1):
        pass
    turn.release()
    with archive.undisturbed(ana, timeout_seconds=0.1):
        archive.clear(ana)
    assert said(ana) == []


PHOTO, OTHER = Photo(b"a photo"), Photo(b"another")


def ask_with(folder, *photos_sent):
    photos.keep(folder, photos_sent)
    names = tuple(photo.name for photo in photos_sent)
    with folder.lock():
        history.add(folder, Record(history.next_number(folder), NOON, "user", "Look", files=names))


def test_photos_go_with_the_last_message_that_names_them(ana):
    ask_with(ana, PHOTO, OTHER)
    archive.set_aside(ana)
    ask_with(ana, PHOTO)

    archive.delete(ana, NAME)

    assert photos.read(ana, PHOTO.name) == PHOTO.data
    assert photos.read(ana, OTHER.name) is None

    archive.clear(ana)

    assert os.listdir(ana.path / "files") == []


def test_a_conversation_that_is_set_aside_keeps_its_photos(ana):
    ask_with(ana, PHOTO)

    archive.set_aside(ana)
    archive.clear(ana)
    archive.bring_back(ana, NAME)

    assert photos.read(ana, PHOTO.name) == PHOTO.data
