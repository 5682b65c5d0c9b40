"""Tests of counting and of what was replaced: the same as reading every record would tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.conversations import history, outline, versions
from memory.conversations.records import Record, print_record, standing
from memory.storage.folders import Folder
from tests.support.conversations import NOON


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Folder(tmp_path_factory.mktemp("ana"))


@st.composite
def conversations(draw):
    records = list[Record]()
    for number in range(1, draw(st.integers(1, 30)) + 1):
        replaces = draw(st.none() | st.integers(1, number - 1)) if number > 1 else None
        text = draw(
            st.sampled_from(["", "x", "[1] 2026-11-23T12:00:00Z user replaces=1", "a replaces=1\n\nb", "ç" * 50])
        )
        records.append(Record(number, NOON, draw(st.sampled_from(["user", "assistant"])), text, replaces=replaces))
    return records


def write(folder, records):
    (folder.path / "history.txt").write_bytes(b"".join(map(print_record, records)))


@settings(max_examples=40, deadline=None)
@given(records=conversations())
def test_it_is_what_reading_every_record_tells(folder, records):
    write(folder, records)
    stands = [entry.record for entry in standing(history.backwards(folder))]

    replaced = outline.replaced(folder)

    numbers = {record.number for record in stands}
    assert [replaced.stands(record.number) for record in records] == [record.number in numbers for record in records]
    assert outline.count(folder) == len(stands)
    assert [one.read() for one in versions.unread(folder)] == stands


@settings(max_examples=40, deadline=None)
@given(records=conversations(), count=st.integers(1, 7), at=st.integers(0, 32))
def test_pages_before_and_after_a_number_hold_what_stands_there(folder, records, count, at):
    write(folder, records)
    stands = [entry.record for entry in standing(history.backwards(folder))][::-1]
    older, newer = [r for r in stands if r.number < at], [r for r in stands if r.number > at]

    before, after = versions.page(folder, count=count, before=at), versions.page_after(folder, count=count, after=at)

    assert list(before.records) == older[-count:]
    assert before.more_before == (older[-count].number if len(older) > count else None)
    assert before.more_after == (older[-1].number if older and len(older) < len(stands) else None)
    assert list(after.records) == newer[:count]
    assert after.more_after == (newer[count - 1].number if len(newer) > count else None)
    assert after.more_before == (newer[0].number if newer and len(newer) < len(stands) else None)


def test_a_file_larger_than_a_block_is_looked_through_whole(folder):
    text = "What stands here takes some lines. " * 100
    records = [Record(n, NOON, "user", text, replaces=n - 2 if n % 10 == 0 else None) for n in range(1, 1001)]
    write(folder, records)

    assert outline.count(folder) == 800


@pytest.mark.parametrize("replaces", ["9" * 5000, "1" + "0" * 15, "0", "-1", "x"])
def test_what_replaces_an_impossible_number_replaces_nothing(tmp_path, replaces):
    said = b"".join(b"[%d] 2026-11-23T12:00:00Z user\n    a\n" % n for n in (1, 2))
    (tmp_path / "history.txt").write_bytes(
        said + f"[3] 2026-11-23T12:00:00Z user replaces={replaces}\n    b\n".encode()
    )

    assert outline.replaced(Folder(tmp_path)) == outline.ReplacedNumbers((), ())
