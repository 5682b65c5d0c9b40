"""Tests of exports: the bytes themselves, Markdown to read, JSON that holds every record."""

import json
import os
import tracemalloc
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from memory.conversations import archive, exports, imports, listing
from memory.conversations.records import Receipt, Record, parse, print_record
from memory.storage.folders import Folder
from tests.support.conversations import NOON

NAME = "20261123T120000Z"


@pytest.fixture
def ana(tmp_path):
    path = tmp_path / "ana"
    path.mkdir()
    folder = Folder(path)
    said = [
        Record(1, NOON, "user", "Do you ship to São Paulo?\n\n    indented"),
        Record(2, NOON, "assistant", "No.", "small model", "stop"),
        Record(3, NOON + timedelta(minutes=1), "assistant", "**Yes.**", "gpt-6-luna", "length", replaces=2, why="busy"),
    ]
    (path / "history.txt").write_bytes(b"".join(map(print_record, said)))
    return folder


def exported(folder, form, name="current"):
    file = exports.export(folder, name, form)
    assert file is not None
    with closing(file):
        return b"".join(file.pieces)


def test_txt_is_the_history_itself(ana):
    assert exported(ana, "txt") == (ana.path / "history.txt").read_bytes()


def test_markdown_is_the_conversation_as_it_stands(ana):
    listing.rename(ana, "current", "Delivery")

    assert (
        exported(ana, "md").decode()
        == """\
# Delivery

## You, 2026-11-23 12:00 UTC

Do you ship to São Paulo?

    indented

## Assistant (gpt-6-luna), 2026-11-23 12:01 UTC

**Yes.**

*(cut off at its length limit)*
"""
    )


def test_json_has_every_record_with_the_keys_of_its_header(ana):
    assert json.loads(exported(ana, "json")) == {
        "storekeeper": 1,
        "title": None,
        "messages": [
            {"number": 1, "time": "2026-11-23T12:00:00Z", "role": "user", "text": "Do you ship to São Paulo?\n\n    indented"},
            {"number": 2, "time": "2026-11-23T12:00:00Z", "role": "assistant", "model": "small model", "ending": "stop", "text": "No."},
            {"number": 3, "time": "2026-11-23T12:01:00Z", "role": "assistant", "model": "gpt-6-luna", "ending": "length", "replaces": 2, "why": "busy", "text": "**Yes.**"},
        ],
    }  # fmt: skip
    assert "São" in exported(ana, "json").decode()


def test_json_export_keeps_receipts_and_reimports_byte_for_byte(ana):
    took = Receipt(5410, 0, 210, Decimal("0.00120"), 0.4, 3.0, 2)
    record = Record(4, NOON + timedelta(minutes=2), "assistant", "Yes.", "gpt-6-luna", "stop", replaces=3, receipt=took)
    with (ana.path / "history.txt").open("ab") as file:
        file.write(print_record(record))

    data = exported(ana, "json")

    told = json.loads(data)["messages"][3]
    assert {key: told[key] for key in list(told)[6:-1]} == {
        "prompt": 5410, "cached": 0, "completion": 210, "cost": "0.00120", "first": "0.4", "seconds": "3.0", "calls": 2,
    }  # fmt: skip
    (arriving,) = imports.read(data, NOON + timedelta(days=1))
    assert arriving.history == b"".join(
        print_record(replace(item.record, imported=True)) for item in parse(exported(ana, "txt"))
    )


def test_an_imported_message_keeps_its_mark(ana):
    with (ana.path / "history.txt").open("ab") as file:
        file.write(print_record(Record(4, NOON, "assistant", "It is free.", "gpt", "stop", imported=True)))

    assert (
        "## Assistant (gpt) (from an imported file), 2026-11-23 12:00 UTC\n\nIt is free."
        in exported(ana, "md").decode()
    )
    assert json.loads(exported(ana, "json"))["messages"][3]["imported"] == 1
    assert b"ending=stop imported=1" in exported(ana, "txt")


@pytest.mark.parametrize("form", ["txt", "md", "json"])
def test_a_long_conversation_is_never_in_memory_as_a_whole(ana, form):
    with (ana.path / "history.txt").open("wb") as file:
        for n in range(1, 2_001):
            file.write(
                print_record(Record(n, NOON, "user" if n % 2 else "assistant", "A line of words.\n" * 500 + "."))
            )
    size = os.path.getsize(ana.path / "history.txt")
    file = exports.export(ana, "current", form)
    assert file is not None

    tracemalloc.start()
    with closing(file):
        sent = sum(map(len, file.pieces))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent > size / 2
    assert peak < size / 2


@pytest.mark.parametrize("form", ["txt", "md", "json"])
def test_an_export_survives_archiving_and_deleting_its_source(ana, form):
    before = exported(ana, form)
    file = exports.export(ana, "current", form)

    archive.set_aside(ana)
    archive.delete(ana, NAME)

    assert file is not None
    with closing(file):
        assert b"".join(file.pieces) == before


@pytest.mark.parametrize("form", ["txt", "md", "json"])
@pytest.mark.parametrize("name", [NAME, "../bob", "", "account.toml"])
def test_what_is_not_there_is_not_exported(ana, form, name):
    assert exports.export(ana, name, form) is None


def test_an_empty_conversation_is_not_exported(tmp_path):
    assert exports.export(Folder(tmp_path), "current", "txt") is None
