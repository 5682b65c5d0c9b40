"""Tests of files read by a process of its own: a hostile one ends with a sentence, and takes nobody else along."""

import json
import os
import tempfile
from contextlib import contextmanager

import pytest

from memory.conversations import imports, intake
from memory.conversations.imports import NotImported
from memory.conversations.records import Record, print_record
from memory.storage.folders import Folder
from tests.support.conversations import NOON


@contextmanager
def file_of(data):
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file


def take(data):
    with file_of(data) as file, intake.read_apart(file, NOON) as arriving:
        return list(arriving)


def told(*parts):
    """A conversations.json of ChatGPT with one message."""
    message = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": list(parts)}}
    mapping = {"q": {"parent": None, "message": message}}
    return json.dumps([{"title": "t", "create_time": 1.6e9, "mapping": mapping, "current_node": "q"}]).encode()


HEAD = b"[1] 2026-11-23T12:00:00Z user"
LINEAR = {
    "citations that never end": told("\ue200" * 400_000),
    "citations in citations": told("\ue200\ue201" * 40_000 + "x"),
    "halves of characters": told("x").replace(b'"x"', b'"' + rb"\ud83d" * 30_000 + b'"'),
    "a key that never ends": HEAD + b" model=" + b"\t" * 300_000 + b" !\n    a\n",
    "a second key that is none": HEAD + b" a=b" * 100_000 + b" !\n    a\n",
    "quotation marks that never end": b"[" + b'"' + b'\\"' * 2_000_000,
    "quotation marks and backslashes": b"[" + b'"\\' * 1_000_000,
    "brackets": b"[" * 2_000_000,
    "lists": b"[" + b"[]," * 500_000 + b"[]]",
    "objects": b"[" + b"{}," * 500_000 + b"{}]",
    "stars": told("* " * 16_000 + "a"),
    "lines": HEAD + b"\n    a\n" + b"\n" * 1_000_000 + b"    b\n",
    "messages": b"".join(HEAD.replace(b"1", b"%d" % n, 1) + b"\n" for n in range(1, 100_000)),
    "a long number": HEAD.replace(b"1", b"9" * 3_000_000, 1) + b"\n    a\n",
    "a long number in JSON": b'{"storekeeper": 1, "title": null, "messages": [{"number": ' + b"9" * 3_000_000 + b"}]}",
}


@pytest.mark.parametrize("data", LINEAR.values(), ids=LINEAR)
def test_no_file_takes_more_than_linear_time(data):
    try:
        take(data)
    except NotImported as refused:
        assert "memory or time" not in str(refused)


FLOODS = {
    "objects in a message": told("x").replace(b'"x"', b'{"a":1},' * 3_900_000 + b'"x"'),
    "more lists than are looked at": b"[" + b"[]," * 10_000_000 + b"[]]",
    "more lines than are looked at": HEAD + b"\n    a\n" + b"\n" * 31_000_000 + b"    b\n",
}


@pytest.mark.parametrize("data", FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_with_a_sentence(data):
    with pytest.raises(NotImported, match="Split it and import the pieces"):
        take(data)


def test_a_whole_file_comes_through_as_it_is_read_here():
    said = b"".join(print_record(Record(n, NOON, "user", f"Olá {n}\n\n" * 3 + ".")) for n in range(1, 2_000))
    theirs = told("Hello", "🌴")

    assert take(said) == imports.read(said, NOON)
    assert take(theirs) == imports.read(theirs, NOON)


def test_a_refusal_keeps_its_values():
    with pytest.raises(NotImported) as refused:
        take(HEAD + b"\n    " + b"x" * 100_001 + b"\n")

    assert refused.value.values == {"number": 1, "most": 100_000}


def test_a_conversation_behind_sound_ones_refuses_all(tmp_path):
    told_twice = json.loads(told("Hello")) + [{"mapping": 5}]

    with pytest.raises(NotImported, match="neither"), file_of(json.dumps(told_twice).encode()) as file:  # noqa: SIM117
        with intake.read_apart(file, NOON) as arriving:
            imports.keep(Folder(tmp_path), arriving)

    assert os.listdir(tmp_path) == []
