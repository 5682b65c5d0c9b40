"""Tests of checks.jsonl: what was found of replies, kept a line a reply and read back from the end."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from memory.conversations import archive, checked, history
from memory.conversations.records import Checks, Record, parse, print_record
from memory.integrity import check
from memory.storage.folders import Folder
from memory.storage.layout import CHECKS
from shop.claims.values import Claim
from tests.support.conversations import NOON

PRICE = Claim("price", "R$ 279", 4, 10, "RED-012", "contradicted", "products.csv:3", "R$ 289.00")
TOTAL = Claim("total", "R$ 10", 20, 25, "", "computed")
DAYS = Claim("date", "3 days", 30, 36)


@pytest.fixture
def ana(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "ana")
    folder.make()
    return folder


def record(number: int, minutes: int = 0) -> Record:
    return Record(number, NOON + timedelta(minutes=minutes), "assistant", "Yes.", "luna", "stop")


def kept(folder: Folder, *numbers: int) -> None:
    with folder.lock():
        for number in numbers:
            checked.note(folder, record(number, number), [PRICE, TOTAL, DAYS])


def test_what_was_found_is_read_back_by_number(ana: Folder) -> None:
    kept(ana, 2, 4)

    assert checked.of(ana, since=NOON) == {2: (PRICE, TOTAL, DAYS), 4: (PRICE, TOTAL, DAYS)}
    assert list(checked.of(ana, since=NOON + timedelta(minutes=13))) == [4]


def test_reading_goes_no_further_back_than_asked(ana: Folder) -> None:
    kept(ana, *range(2, 1200, 2))

    assert list(checked.of(ana, since=NOON + timedelta(minutes=1190))) == list(range(1198, 1179, -2))


def test_a_line_that_cannot_be_read_is_passed_over(ana: Folder) -> None:
    kept(ana, 2)
    with ana.lock():
        ana.append(CHECKS, b'{"number": 3, "time": "x", "claims": []}\n{"num')
    kept(ana, 4)

    assert set(checked.of(ana, since=NOON)) == {2, 4}


def test_no_claims_leave_no_file(ana: Folder) -> None:
    with ana.lock():
        checked.note(ana, record(2), [])

    assert checked.of(ana, since=NOON) == {}
    assert ana.size(CHECKS) is None
    assert checked.counts([]) is None


def test_what_follows_from_the_data_counts_as_supported() -> None:
    assert checked.counts([PRICE, TOTAL, DAYS]) == Checks(1, 1, 1)


def test_counts_stand_in_the_header_of_a_record() -> None:
    said = Record(2, NOON, "assistant", "Yes.", "luna", "stop", checks=Checks(3, 1, 0))
    (entry,) = parse(print_record(said))

    assert b" checks=3/1/0\n" in print_record(said)
    assert getattr(entry, "record", None) == said
    for odd in (b"1/2", b"a/b/c", b"1/2/3/4", b"-1/0/0"):
        (entry,) = parse(print_record(said).replace(b"3/1/0", odd))
        assert entry.record.checks is None


def test_a_copy_has_what_was_found_of_its_reply_last(ana: Folder) -> None:
    with ana.lock():
        checked.note(ana, record(2), [PRICE, TOTAL])
        checked.note(ana, record(2), [DAYS])
        checked.note_again(ana, {2: replace(record(4, 1), checks=Checks(0, 0, 1))})

    assert checked.of(ana, since=NOON) == {2: (DAYS,), 4: (DAYS,)}


def test_it_goes_with_its_conversation(ana: Folder) -> None:
    with ana.lock():
        history.add(ana, Record(1, NOON, "user", "Hi"), record(2))
    kept(ana, 2)

    name = archive.set_aside(ana)
    assert name is not None
    assert not ana.exists(CHECKS)
    assert list(checked.of(ana.archive / name, since=NOON)) == [2]
    assert archive.bring_back(ana, name)
    assert list(checked.of(ana, since=NOON)) == [2]
    archive.clear(ana)
    assert not ana.exists(CHECKS)


def test_check_users_knows_the_file_and_its_broken_lines(ana: Folder) -> None:
    kept(ana, 2)
    assert not [one for one in check.check_user(ana.path).findings if one.file == CHECKS]
    with ana.lock():
        ana.append(CHECKS, b'{"number": 0}\n')

    (found,) = [one for one in check.check_user(ana.path).findings if one.file == CHECKS]
    assert (found.is_note, found.says.startswith("line 2 cannot be read")) == (True, True)
