"""Tests of imports: what was exported comes back byte for byte, and nothing else gets in."""

import json
import os
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.conversations import archive, exports, history, imports, listing
from memory.conversations.imports import NotImported
from memory.conversations.records import Entry, Record, parse, print_record
from memory.storage.folders import Folder, StorageError
from memory.text import normalise
from tests.support.conversations import NOON

NAME = "20261123T120000Z"
ENDINGS = ["stop", "length", "content_filter", "stopped", "interrupted", "failed", None]


@pytest.fixture
def bob(tmp_path):
    path = tmp_path / "bob"
    path.mkdir()
    return Folder(path)


def take(folder, data, now=NOON):
    return imports.keep(folder, imports.read(data, now))


def kept(folder, name=NAME):
    return (folder.path / "archive" / name / "history.txt").read_bytes()


def marked(data):
    """What is kept of a history.txt: the same, each record marked."""
    return b"".join(print_record(replace(item.record, imported=True)) for item in parse(data))


def files(folder):
    return sorted(str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.name != ".lock")


words = st.text(max_size=40).map(normalise) | st.sampled_from(
    [
        "    [1] 2026-11-23T12:00:00Z user",
        "[2] 2026-11-23T12:00:00Z user",
        '{"a": "b"}',
        " ",
        "\ufeff",
        "a\n\n\nb",
        "007",
        "12",
    ]
)


@st.composite
def conversations(draw):
    records, number = list[Record](), 0
    for _ in range(draw(st.integers(1, 12))):
        number += draw(st.integers(1, 3))
        records.append(
            Record(
                number,
                NOON - timedelta(seconds=draw(st.integers(0, 10**9))),
                draw(st.sampled_from(["user", "assistant"])),
                draw(words),
                draw(st.none() | st.text(min_size=1)),
                draw(st.sampled_from(ENDINGS)),
                draw(st.none() | st.integers(1, number - 1)) if number > 1 else None,
                draw(st.none() | words),
                imported=draw(st.booleans()),
            )
        )
    return records


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(records=conversations(), title=st.text(max_size=150), form=st.sampled_from(["txt", "json"]))
def test_what_was_exported_comes_back_byte_for_byte(tmp_path_factory, records, title, form):
    ana, bob = (Folder(tmp_path_factory.mktemp(name)) for name in ("ana", "bob"))
    (ana.path / "history.txt").write_bytes(b"".join(map(print_record, records)))
    parsed = [item.record for item in parse((ana.path / "history.txt").read_bytes()) if isinstance(item, Entry)]
    assert parsed == records
    listing.rename(ana, "current", title)
    file = exports.export(ana, "current", form)
    assert file is not None

    with closing(file):
        (name,) = take(bob, b"".join(file.pieces))

    assert kept(bob, name) == marked((ana.path / "history.txt").read_bytes())
    assert listing.describe(bob, name).own_title == ("" if form == "txt" else listing.own_title(ana))


def test_a_file_that_went_through_an_editor_is_read_as_it_was(ana):
    said = print_record(Record(1, NOON, "user", "One\n\ntwo")) + print_record(Record(2, NOON, "assistant", "Três"))

    take(ana, b"\xef\xbb\xbf" + said.rstrip(b"\n").replace(b"\n", b"\r\n"))

    assert kept(ana) == marked(said)


def ours(**changed):
    message = {"number": 1, "time": "2026-11-23T12:00:00Z", "role": "user", "text": "x"} | changed
    return json.dumps(
        {"storekeeper": 1, "title": None, "messages": [{k: v for k, v in message.items() if v is not None}]}
    )


HEAD = b"[1] 2026-11-23T12:00:00Z user"


IMPOSSIBLE = [
    ("cost", "NaN"), ("cost", "1E+999"), ("cost", "1E-999"), ("cost", "-1"), ("cost", "Infinity"), ("first", "inf"), ("first", "nan"),
    ("seconds", "1e300"), ("seconds", "-1.0"), ("prompt", "9" * 19), ("completion", "-5"), ("cached", "1_0"), ("calls", "9999999"),
]  # fmt: skip


def receipt(key, value):
    took = {
        "prompt": "5",
        "cached": "0",
        "completion": "5",
        "cost": "0.1",
        "first": "0.1",
        "seconds": "1.0",
        "calls": "1",
    }
    pairs = " ".join(f"{one}={quote(text)}" for one, text in (took | {key: value}).items())
    return f"[1] 2026-11-23T12:00:00Z assistant {pairs}\n    x\n".encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Hello", "not a conversation"),
        (b"PK\x03\x04...", "Unzip it"),
        (b"\xff\xfe", "not a conversation"),
        (HEAD + b"\n    \xff\n", "Line 2 of the file is not UTF-8"),
        (HEAD + b"\n    a\x00b\n", "characters that messages can't have"),
        (HEAD + b"\n    a\xc2\x85b\n", "characters that messages can't have"),
        (HEAD + b"\n    x\nforged\n", "Line 3 of the file is not part of a message"),
        (HEAD + b"\n    x\n[2] yesterday user\n    y\n", "not part of a message"),
        (HEAD + b" colour=blue\n    x\n", "first line of message 1"),
        (HEAD + b" ending=stop model=m\n    x\n", "first line of message 1"),
        (HEAD + b" ending=well\n    x\n", "not part of a message"),
        (HEAD + b"\n    x\n[1] 2026-11-23T12:00:00Z user\n    y\n", "Message 1 is out of order"),
        (HEAD + b" replaces=1\n    x\n", "Message 1 is out of order"),
        (b"[2] 2026-11-23T12:00:00Z user replaces=2\n    x\n", "Message 2 is out of order"),
        (b"[2] 2026-11-23T12:00:00Z user replaces=0\n    x\n", "not part of a message"),
        (b"[1000000001] 2026-11-23T12:00:00Z user\n    x\n", "has an impossible number"),
        (b"[999999999999999999] 2026-11-23T12:00:00Z user\n    x\n", "not part of a message"),
        (b"[1] 1969-12-31T23:59:59Z user\n    x\n", "a date before 1970"),
        (HEAD + b" imported=yes\n    x\n", "first line of message 1"),
        (HEAD + b" why=" + b"x" * 3000 + b"\n    x\n", "first line of message 1 is too long"),
        (HEAD + b"\n    " + b"x" * 100_001 + b"\n", "more than 100,000 characters"),
        *[(receipt(key, value), "first line of message 1") for key, value in IMPOSSIBLE],
        (b"[1] 2026-11-23T12:06:00Z user\n    x\n", "a date in the future"),
        (b"[1] 0001-01-01T00:00:00Z user\n    x\n", "first line of message 1"),
        (b"[1] 2026-02-31T00:00:00Z user\n    x\n", "not part of a message"),
        (b"{", "damaged or incomplete"),
        (b"[" * 100_000, "more than 64 levels"),
        (b'{"a":' * 100_000, "more than 64 levels"),
        (b"[" * 64, "damaged or incomplete"),
        (b'["' + b"[" * 100_000, "damaged or incomplete"),
        (b'["\\' * 3, "damaged or incomplete"),
        (b"[1, 2]", "neither"),
        (b"[]", "no conversations in this file"),
        (b"{}", "neither"),
        (b'"text"', "not a conversation"),
        (b'{"storekeeper": 2}', "newer version"),
        (b'{"storekeeper": 1, "title": null, "messages": []}', "not part of a message"),
        (b'{"storekeeper": 1, "title": 5, "messages": []}', "neither"),
        (b'{"storekeeper": 1, "title": null, "messages": [], "more": 1}', "neither"),
        (b'{"storekeeper": 1, "title": null, "messages": [5]}', "Message 1"),
        (ours(number="1").encode(), "Message 1"),
        (ours(number=0).encode(), "Message 1"),
        (ours(number=True).encode(), "Message 1"),
        (ours(role="system").encode(), "Message 1"),
        (ours(time="2026-11-23T12:00:00Z user\n    x\n[2] 2026-11-23T12:00:00Z").encode(), "Message 1"),
        (ours(time="now").encode(), "Message 1"),
        (ours(text=None).encode(), "Message 1"),
        (ours(text="a\r\nb").encode(), "Message 1"),
        (ours(text="a\x00").encode(), "Message 1"),
        (ours(text="\ud800").encode(), "damaged or incomplete"),
        (ours(model="a\nb").encode(), None),
        (ours(**{"a b": "c"}).encode(), "Message 1"),
        (ours(colour="blue").encode(), "first line of message 1"),
        (ours(replaces=[1]).encode(), "Message 1"),
        (ours(ending=True).encode(), "Message 1"),
        (ours(ending="\ud800").encode(), "damaged or incomplete"),
        (ours(number=10**30).encode(), "Message 1"),
    ],
)  # fmt: skip
def test_an_invalid_import_is_refused_and_nothing_is_written(ana, data, says):
    if says is None:
        take(ana, data)
        return

    with pytest.raises(NotImported, match=says):
        take(ana, data)

    assert files(ana) == []


def test_too_much_is_refused(ana):
    with pytest.raises(NotImported, match="32 MB"):
        imports.read(b"x" * (imports.MOST_BYTES + 1), NOON)


def test_what_is_kept_already_is_not_kept_twice(ana):
    said = print_record(Record(1, NOON, "user", "One"))
    history.append(ana, lambda number: Record(number, NOON, "user", "Another of the same second"))
    archive.set_aside(ana)

    assert [take(ana, said) for _ in range(3)] == [[f"{NAME}-2"]] * 3

    assert sorted(archive.names(ana)) == [NAME, f"{NAME}-2"]


def test_several_conversations_arrive_all_or_none(ana):
    arriving = imports.read(print_record(Record(1, NOON, "user", "One")), NOON)
    later = imports.read(print_record(Record(1, NOON + timedelta(seconds=1), "user", "Two")), NOON)
    (ana.path / "archive").mkdir()
    blocked = ana.path / "archive" / "20261123T120001Z"
    blocked.write_text("a file where a directory should be")

    with pytest.raises(StorageError):
        imports.keep(ana, [*arriving, *later])

    assert files(ana) == ["archive", "archive/20261123T120001Z"]
    blocked.unlink()
    assert imports.keep(ana, [*arriving, *later]) == [NAME, "20261123T120001Z"]


def test_a_partial_import_of_a_dead_process_is_swept_not_listed(ana):
    left = ana.path / "archive" / ".import-0123456789abcdef" / "0"
    left.mkdir(parents=True)
    (left / "history.txt").write_bytes(HEAD)
    os.utime(left.parent, (time.time() - 7_200,) * 2)
    assert archive.names(ana) == []

    take(ana, HEAD + b"\n    x\n")

    assert os.listdir(ana.path / "archive") == [NAME]


def test_an_imported_conversation_is_listed_by_its_last_use(ana):
    history.append(ana, lambda number: Record(number, NOON, "user", "Today"))
    archive.set_aside(ana)

    take(ana, b"[1] 2020-01-01T00:00:00Z user\n    Long ago\n")

    assert [one.title for one in listing.set_aside(ana)] == ["Today", "Long ago"]


def test_an_imported_conversation_is_brought_back_with_its_title(ana):
    said = {"storekeeper": 1, "title": "Hammocks", "messages": [json.loads(ours())["messages"][0]]}
    (name,) = take(ana, json.dumps(said).encode())

    archive.bring_back(ana, name)

    assert listing.current(ana).title == "Hammocks"
    assert history.append(ana, lambda number: Record(number, NOON, "user", "More")).record.number == 2


def test_an_import_is_recognised_with_or_without_its_mark(ana):
    history.append(ana, lambda number: Record(number, NOON, "user", "Said here"))
    said = ana.read("history.txt")
    archive.set_aside(ana)
    other = print_record(Record(1, NOON, "user", "Another"))

    names = [take(ana, said), take(ana, other), take(ana, other), take(ana, marked(other))]

    assert names == [[NAME], [f"{NAME}-2"], [f"{NAME}-2"], [f"{NAME}-2"]]
    assert kept(ana) == said, "what was said here keeps no mark"
    assert kept(ana, f"{NAME}-2") == marked(other)


def test_same_second_conversations_are_looked_up_not_compared(ana):
    said = [print_record(Record(1, NOON, "user", f"{n:04} " + "the same words " * 700)) for n in range(400)]
    arriving = [one for data in said for one in imports.read(data, NOON)]
    reads = []

    class Counting(Folder):
        def read(self, name, start=0, end=None):
            reads.append(name)
            return super().read(name, start, end)

    names = imports.keep(Counting(ana.path), arriving)
    again = imports.keep(Counting(ana.path), [*arriving, *arriving])

    assert len(set(names)) == 400
    assert again == names * 2
    assert len(reads) < 10


def test_no_room_is_left_for_more_than_a_user_may_keep(ana):
    arriving = imports.read(print_record(Record(1, NOON, "user", "x" * 9_000)), NOON)

    with pytest.raises(NotImported, match="more than 0 MB"):
        imports.keep(ana, arriving, most_bytes=9_000)

    assert files(ana) == ["archive"]
    assert imports.keep(ana, arriving, most_bytes=10_000) == [NAME]
    assert imports.keep(ana, arriving, most_bytes=1) == [NAME], "it is there already"


@pytest.mark.parametrize("per_hour", [0, 3])
def test_attempts_are_counted_for_an_hour(ana, per_hour):
    for n in range(3):
        imports.begin(ana, NOON + timedelta(minutes=n), per_hour).release()

    for minutes, wait in ((10, 50 * 60 + 1), (59, 61)):
        if not per_hour:
            imports.begin(ana, NOON + timedelta(minutes=minutes), per_hour).release()
            continue
        with pytest.raises(imports.TooManyImports) as refused:
            imports.begin(ana, NOON + timedelta(minutes=minutes), per_hour)
        assert refused.value.wait_seconds == wait
    imports.begin(ana, NOON + timedelta(hours=1), per_hour).release()


@pytest.mark.parametrize("data", [b"\xff\x00\n", b"none\n2026-13-01T00:00:00Z", b""])
def test_mangled_attempts_count_for_nothing(ana, data):
    (ana.path / ".imports").write_bytes(data)

    imports.begin(ana, NOON, 1).release()
