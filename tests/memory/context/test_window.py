"""Tests of what is sent of a conversation: cheap to read however long it is, and nothing is left out unnoticed."""

import os
from datetime import timedelta

import pytest

from memory.context import compaction, summary, tokens, window
from memory.context.compaction import Sizes
from memory.context.summary import Covered, Segment, Summary
from memory.conversations import history
from memory.conversations.records import Entry, Record, print_record
from tests.support.conversations import NOON

ENCODING = "o200k_base"


def write(folder, count, words="hammock " * 15):
    """Write a conversation of so many messages at once, as one brought in by hand."""
    said = [
        print_record(Record(n, NOON, "user" if n % 2 else "assistant", f"My order is W{n:06}. {words}"))
        for n in range(1, count + 1)
    ]
    (folder.path / "history.txt").write_bytes(b"".join(said))
    return said


def read(folder, most_tokens=4_000, covered=None, **keys):
    return window.read_tail(folder, covered or Covered(), most_tokens=most_tokens, encoding=ENCODING, **keys)


def bytes_read():
    with open("/proc/self/io") as file:
        return int(file.readline().split()[1])


def test_the_tail_of_20_000_messages_is_read_without_the_rest(ana):
    said = write(ana, 20_000)
    end = sum(len(one) for one in said[:19_980])
    covered = Covered()
    summary.save(ana, Summary((Segment(1, 19_980, 0, end, "model", NOON, "Notes.", "m"),)), covered)
    tokens.count("The encoding is read once.", ENCODING)
    before = bytes_read()

    tail = read(ana, covered=covered)

    assert bytes_read() - before < 200_000
    assert [entry.record.number for entry in tail.entries] == list(range(19_981, 20_001))
    assert (tail.entries[0].start, tail.backlog_bytes) == (end, 0)


def test_the_previous_summary_is_given_until_a_reply_follows(ana):
    said = write(ana, 12)
    ends = [sum(map(len, said[:count])) for count in (4, 8)]
    older = Segment(1, 4, 0, ends[0], "model", NOON - timedelta(minutes=5), "Notes.", "m")
    covered = Covered()

    def before(made):
        newer = Segment(5, 8, ends[0], ends[1], "model", made, "More.", "m")
        summary.save(ana, Summary((older, newer)), covered)
        return window.before_last_compaction(read(ana, covered=covered)).segments

    assert before(NOON) == before(NOON + timedelta(seconds=30)) == (older,)
    assert before(NOON - timedelta(seconds=1)) == ()


def test_without_notes_there_were_none_before(ana):
    write(ana, 4)

    assert window.before_last_compaction(read(ana)) == Summary()


def test_more_than_may_be_read_is_a_backlog_that_is_told(ana):
    said = write(ana, 2_000)

    tail = read(ana)

    assert tail.tokens <= 4_000
    assert tail.entries[0].record.is_question
    unread = tail.entries[0].record.number - 1
    assert sum(map(len, said[:unread])) == tail.backlog_bytes


def test_one_message_is_read_whatever_its_size(ana):
    write(ana, 1, "hammock " * 9_000)

    assert [entry.record.number for entry in read(ana, most_tokens=100).entries] == [1]


def test_messages_from_a_number_on_are_left_to_the_caller(ana):
    write(ana, 6)

    assert [entry.record.number for entry in read(ana, coming=Record(5, NOON, "user", "And?")).entries] == [1, 2, 3, 4]


@pytest.mark.parametrize("replaces", [1, 3, 5, 7])
def test_an_edit_that_is_not_kept_yet_is_read_as_if_it_were(ana, replaces):
    said = write(ana, 8)
    covered = Covered()
    ends = [sum(map(len, said[:n])) for n in (0, 2, 4)]
    segments = tuple(
        Segment(n, n + 1, ends[n // 2], ends[n // 2 + 1], "model", NOON, f"Notes {n}.", "m") for n in (1, 3)
    )
    summary.save(ana, Summary(segments), covered)
    edit = Record(9, NOON, "user", "No, another.", replaces=replaces)
    before = read(ana, covered=covered, coming=edit)
    with (ana.path / "history.txt").open("ab") as file:
        file.write(print_record(edit))

    assert before == read(ana, covered=covered, coming=edit)
    assert [entry.record.number for entry in before.entries] == [n for n in range(5, 9) if n < replaces]
    assert len(before.summary.segments) == min(2, (replaces - 1) // 2)


def test_an_empty_conversation_has_no_tail(ana):
    tail = read(ana)

    assert (tail.entries, tail.backlog_bytes, tail.tokens) == ((), 0, 0)


def test_a_3_mb_history_is_compacted_until_no_backlog_remains(ana):
    said = write(ana, 18_000)
    covered, sizes = Covered(), Sizes.of(4_000, 1_200, ENCODING)
    assert sum(map(len, said)) > 3_000_000
    while (made := compaction.plan(ana, covered, sizes)) and made.kind != "rewrite":  # which is for models
        compaction.keep(ana, covered, made, compaction.extracted(ana, made, sizes), "extractive", None, NOON)

    tail = read(ana, 12_000, covered)
    assert tail.backlog_bytes == 0
    assert tail.summary.end == tail.entries[0].start
    assert [entry.start for entry in tail.entries[1:]] == [entry.end for entry in tail.entries[:-1]]
    assert tail.entries[-1].end == ana.size("history.txt")
    assert "are not in these notes" in tail.summary.segments[0].text


@pytest.mark.parametrize(
    ("budget_tokens", "turns", "first"),
    [(1_000, 2, 1), (60, 2, 5), (0, 2, 7), (0, 1, 9), (0, 0, None), (55, 0, 7)],
)
def test_the_newest_that_fit_begin_with_a_question(budget_tokens, turns, first):
    records = [Record(n, NOON, "user" if n % 2 else "assistant", "x") for n in range(1, 11)]
    entries = tuple(Entry(record, record.number, record.number + 1) for record in records)
    tail = window.Tail(Summary(), entries, (10,) * 10, 0)

    kept = window.newest(tail, budget_tokens, turns=turns)

    assert (kept[0].number if kept else None) == first
    assert kept == records[len(records) - len(kept) :]


def test_forwards_gives_what_stands_at_these_bytes(ana):
    said = write(ana, 50)
    edges = [sum(map(len, said[:n])) for n in range(51)]

    found = [entry.record.number for entry in history.forwards(ana, edges[10], edges[20])]

    assert found == list(range(11, 21))
    assert os.path.getsize(ana.path / "history.txt") == edges[50]
