"""Tests of compaction on the disk: what is planned, what is kept, and what a kill at any of its steps leaves."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.context import compaction, summary, window
from memory.context.compaction import Plan
from memory.context.summary import Covered, Segment, Summary
from memory.conversations import history
from memory.conversations.records import Entry, Record, print_record
from memory.storage.folders import Folder, NewerFormat
from memory.storage.layout import SUMMARY
from settings import ROOT
from tests.memory import kills

NOON, SIZES = kills.NOON, kills.SIZES


def say(folder, text, role="user", **keys):
    return history.append(folder, lambda number: Record(number, NOON, role, text, **keys)).record


def write(folder, turns):
    """Append so many turns with one write."""
    first = history.last_number(folder)
    with (folder.path / "history.txt").open("ab") as file:
        for number in range(first, first + 2 * turns, 2):
            said = f"My order is W1{number:03}. " + "hammock " * 20
            file.write(print_record(Record(number + 1, NOON, "user", said)))
            file.write(print_record(Record(number + 2, NOON, "assistant", f"It costs R$ {number + 100}.00.")))


def told(folder):
    """Return the values that the conversation told."""
    return {f"W1{entry.record.number - 1:03}" for entry in history.backwards(folder) if entry.record.is_question}


def remembered(folder):
    """Return all that a prompt would be made from: the notes and the messages after them."""
    tail = window.read_tail(folder, Covered(), most_tokens=100_000, encoding=SIZES.encoding)
    assert tail.backlog_bytes == 0
    return "\n".join([*(one.text for one in tail.summary.segments), *(entry.record.text for entry in tail.entries)])


def due(folder: Folder, covered: Covered | None = None) -> Plan:
    """Return what is to be compacted now; something is."""
    made = compaction.plan(folder, covered or Covered(), SIZES)
    assert made is not None
    return made


def compact(folder, covered=None, method="extractive"):
    covered = covered or Covered()
    made = compaction.plan(folder, covered, SIZES)
    if made is None:
        return None
    return compaction.keep(folder, covered, made, compaction.extracted(folder, made, SIZES), method, None, NOON)


def test_notes_and_tail_together_are_every_byte(ana):
    write(ana, 20)
    kept = compact(ana)

    tail = window.read_tail(ana, Covered(), most_tokens=100_000, encoding=SIZES.encoding)
    assert kept is not None
    assert kept.segments[0].start == 0
    assert [entry.start for entry in tail.entries] == [kept.end, *(entry.end for entry in tail.entries[:-1])]
    assert tail.entries[-1].end == ana.size("history.txt")
    assert tail.entries[0].record.is_question
    assert sum(tail.counts) <= SIZES.low


def test_nothing_is_due_below_high(ana):
    write(ana, 3)

    assert compaction.plan(ana, Covered(), SIZES) is None


@pytest.mark.parametrize("written", ["{covers} format=2", "format=2 {covers}", "format=12 segments=json"])
def test_notes_of_a_newer_format_are_neither_used_nor_replaced(ana, written):
    write(ana, 60)
    compact(ana)
    write(ana, 60)
    covered = Covered()
    made = due(ana, covered)
    covers, _, rest = ana.read(SUMMARY).partition(b" format=1")
    newer = written.format(covers=covers.decode()).encode() + rest
    ana.replace(SUMMARY, newer)

    for change in (
        lambda: compaction.plan(ana, covered, SIZES),
        lambda: compaction.keep(ana, covered, replace(made, seen=Summary()), "They asked.", "model", "m", NOON),
        lambda: compaction.correct(ana, covered, "My own words", NOON),
    ):
        with pytest.raises(NewerFormat):
            change()
    assert summary.load(ana, covered) == Summary()
    assert ana.read(SUMMARY) == newer


def test_what_is_said_during_a_compaction_is_not_in_the_notes(ana):
    write(ana, 20)
    made = due(ana)
    say(ana, "My order is W1040.")

    compaction.keep(ana, Covered(), made, compaction.extracted(ana, made, SIZES), "extractive", None, NOON)

    assert all(value in remembered(ana) for value in told(ana))
    assert "W1040" not in summary.load(ana, Covered()).segments[0].text


def test_of_two_compactions_at_once_one_is_kept(ana):
    write(ana, 20)
    plans = [due(ana) for _ in range(2)]

    kept = [compaction.keep(ana, Covered(), made, "Notes.", "model", "m", NOON) for made in plans]

    assert kept[0] is not None
    assert kept[1] is None
    assert summary.load(ana, Covered()) == kept[0]


_CORRECTS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from memory.context import compaction
from memory.storage.folders import Folder
from memory.context.summary import Covered
ana = Folder(Path(sys.argv[1]))
with ana.lock():
    print("held", flush=True)
    time.sleep(0.5)
    compaction.correct(ana, Covered(), "My own words.", datetime(2026, 11, 23, tzinfo=UTC))
"""


def test_a_second_process_does_not_overwrite_the_firsts_summary(ana):
    write(ana, 20)
    made = due(ana)
    command = [sys.executable, "-c", _CORRECTS, str(ana.path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        kept = compaction.keep(ana, Covered(), made, "Notes.", "model", "m", NOON)
    assert other.returncode == 0

    assert kept is None
    assert [one.text for one in summary.load(ana, Covered()).segments] == ["My own words."]


def test_what_was_replaced_inside_of_a_backlog_is_in_no_notes(ana):
    write(ana, 120)
    say(ana, "Rather my order is W9001.", replaces=201)  # all from there on
    write(ana, 70)
    covered = Covered()
    made = due(ana, covered)
    assert made.kind == "backlog"

    text = compaction.extracted(ana, made, SIZES)

    assert "W9001" in text
    assert "W1198" in text
    assert "W1220" not in text


def test_an_edit_in_the_backlog_retracts_the_summary_it_reaches(ana):
    covered = Covered()
    write(ana, 20)
    kept = compact(ana, covered, "model")
    say(ana, "Rather W9999.", replaces=kept.segments[0].last - 3)
    write(ana, 100)

    made = due(ana, covered)

    assert (made.kind, made.start, made.base.segments) == ("backlog", 0, ())
    assert "W9999" in compaction.extracted(ana, made, SIZES)


def test_a_compaction_of_a_deleted_conversation_is_dropped(ana):
    write(ana, 20)
    made = due(ana)
    (ana.path / "history.txt").unlink()
    history.append(ana, lambda number: Record(number, NOON + timedelta(seconds=1), "user", "Something new"))

    assert compaction.keep(ana, Covered(), made, "Notes.", "model", "m", NOON) is None
    assert not ana.exists("summary.txt")


def test_an_edit_inside_the_summary_restores_current_messages(ana):
    write(ana, 20)
    kept = compact(ana)
    edited = kept.segments[0].last - 3  # a question: the first message is one, and they alternate
    say(ana, "Rather my order is W9999.", replaces=edited)

    text = remembered(ana)

    assert all(f"W1{number - 1:03}" in text for number in range(1, edited, 2))
    assert not any(f"W1{number - 1:03}" in text for number in range(edited, 40, 2))
    assert "W9999" in text
    compact(ana)
    assert "W9999" in remembered(ana)


def test_an_edit_after_the_notes_leaves_them_as_they_are(ana):
    write(ana, 20)
    kept = compact(ana)
    say(ana, "Rather W9999.", replaces=kept.segments[0].last + 1)

    assert remembered(ana) == f"{kept.segments[0].text}\nRather W9999."


def test_the_customers_words_outlive_compactions_and_edits(ana):
    write(ana, 20)
    covered = Covered()
    compact(ana, covered)
    compaction.correct(ana, covered, "I am allergic to wool.", NOON)
    for _ in range(14):
        write(ana, 12)
        while made := compaction.plan(ana, covered, SIZES):
            text = compaction.extracted(ana, made, SIZES)
            compaction.keep(ana, covered, made, text, "model", "m", NOON)
    say(ana, "Rather something else.", replaces=5)

    found = summary.load(ana, covered)
    assert found.segments[0].method == "customer"
    assert "I am allergic to wool." in remembered(ana)


def test_words_of_the_customer_that_come_during_a_compaction_win(ana):
    write(ana, 20)
    made = due(ana)
    compaction.correct(ana, Covered(), "My own words.", NOON)

    assert compaction.keep(ana, Covered(), made, "Notes.", "model", "m", NOON) is None
    assert summary.load(ana, Covered()).segments[0].text == "My own words."


def test_correcting_an_older_summary_keeps_the_later_segments(ana):
    covered = Covered()
    write(ana, 20)
    read = compact(ana, covered, "model")
    write(ana, 20)
    later = compact(ana, covered, "model").segments[1:]

    kept = compaction.correct(ana, covered, "I am allergic to wool.", NOON, until=read.end)

    assert [one.text for one in kept.segments] == ["I am allergic to wool.", *(one.text for one in later)]
    assert (kept.segments[0].last, kept.segments[0].end) == (read.segments[-1].last, read.end)
    assert kept.sha256 == hashlib.sha256(ana.read("history.txt")[: kept.end]).hexdigest()


@pytest.mark.parametrize("off", [0, -1, 7])
def test_correcting_a_merged_summary_restores_unread_messages(ana, off):
    covered = Covered()
    write(ana, 20)
    read = compact(ana, covered, "model")
    write(ana, 20)
    compact(ana, covered, "model")
    both = summary.load(ana, covered)
    joined = replace(both.segments[0], last=both.segments[1].last, end=both.segments[1].end, text="Merged.")
    summary.save(ana, Summary((joined,)), covered)

    kept = compaction.correct(ana, covered, "I am allergic to wool.", NOON, until=read.end + off)

    starts = [entry.start for entry in history.forwards(ana, 0, ana.size("history.txt"))]
    assert kept.end == max(start for start in starts if start <= read.end + off)
    unread = [entry.record for entry in history.backwards(ana) if entry.record.number > kept.segments[0].last]
    assert all(record.text in remembered(ana) for record in unread)


@pytest.fixture(scope="module")
def compacted(tmp_path_factory):
    """A conversation of which the older half stands in notes; to be copied."""
    folder = Folder(tmp_path_factory.mktemp("folded"))
    write(folder, 20)
    compact(folder, method="model")
    return folder


@given(until=st.integers(-10, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_correction_at_any_offset_accounts_for_every_byte(compacted, tmp_path_factory, until):
    ana = Folder(tmp_path_factory.mktemp("ana"))
    shutil.copytree(compacted.path, ana.path, dirs_exist_ok=True)

    kept = compaction.correct(ana, Covered(), "Mine.", NOON, until=until)

    tail = window.read_tail(ana, Covered(), most_tokens=100_000, encoding=SIZES.encoding)
    assert tail.summary == kept
    assert (kept.end, *(one.end for one in tail.entries)) == (
        *(one.start for one in tail.entries),
        ana.size("history.txt"),
    )


def test_many_segments_are_merged_by_reading_their_bytes_again(ana):
    covered, kinds = Covered(), list[str]()
    for _ in range(12):
        write(ana, 12)
        while made := compaction.plan(ana, covered, SIZES):
            kinds.append(made.kind)
            if made.kind == "merge":
                said = [entry.record for entry in made.entries]
                source = [entry.record for entry in history.forwards(ana, made.start, made.end)]
                assert said == source
            text = compaction.extracted(ana, made, SIZES) if made.kind != "merge" else f"Merged {made.start}."
            compaction.keep(ana, covered, made, text, "model", "m", NOON)

    found = summary.load(ana, covered)
    assert "merge" in kinds
    assert len(found.segments) <= compaction.MOST_SEGMENTS
    assert [one.start for one in found.segments] == [0, *(one.end for one in found.segments[:-1])]
    assert [one.first for one in found.segments] == [1, *(one.last + 1 for one in found.segments[:-1])]


def test_what_code_had_to_write_is_written_anew_by_a_model(ana):
    write(ana, 20)
    covered = Covered()
    before = compact(ana, covered)
    made = due(ana, covered)

    assert made.kind == "rewrite"
    after = compaction.keep(ana, covered, made, "Better notes.", "model", "m", NOON)
    assert (after.end, after.sha256) == (before.end, before.sha256)
    assert [(one.method, one.text) for one in after.segments] == [("model", "Better notes.")]
    assert compaction.plan(ana, covered, SIZES) is None


def test_a_torn_last_line_neither_hides_nor_loses_a_fact(ana):
    write(ana, 20)
    compact(ana)
    with (ana.path / "history.txt").open("ab") as file:
        file.write(b"[41] 2026-11-23T12:0")
    assert all(value in remembered(ana) for value in told(ana))

    say(ana, "My order is W1040.")

    assert all(value in remembered(ana) for value in told(ana))
    assert [file.read_bytes() for file in ana.path.glob("history.torn-*")] == [b"[41] 2026-11-23T12:0"]


def kill_everywhere(folder: Folder, place: Path, work: str) -> list[Folder]:
    """Return what each kill left: a copy of the conversation for each step of the work."""
    place.mkdir()
    command = [sys.executable, "-m", "tests.memory.kills", work, str(folder.path), str(place)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    return [Folder(path) for path in sorted(place.iterdir())]


def assert_nothing_is_lost(folder: Folder, values: set[str], original: bytes) -> None:
    found, now = summary.load(folder, Covered()), folder.read("history.txt")
    assert now.startswith(original)
    assert found.segments or not folder.exists("summary.txt"), "what stands there is always whole"
    assert found.sha256 == hashlib.sha256(now[: found.end]).hexdigest()
    assert all(value in remembered(folder) for value in values)


@pytest.mark.parametrize(
    ("begin", "work"),
    [
        *(("a first compaction", work) for work in kills.WORKS),
        ("a second compaction", "a compaction"),
        ("a merge", "a compaction"),
    ],
)
def test_a_kill_at_any_step_on_the_disk_loses_nothing(ana, tmp_path, work, begin):
    write(ana, 20)
    covered = Covered()
    if begin == "a second compaction":
        compact(ana, covered)
        write(ana, 20)
    while begin == "a merge" and len(summary.load(ana, covered).segments) <= compaction.MOST_SEGMENTS:
        write(ana, 12)
        compact(ana, covered, "model")
    assert due(ana).kind == ("merge" if begin == "a merge" else "compact")
    original, values = ana.read("history.txt"), told(ana)

    left = kill_everywhere(ana, tmp_path / "left", work)

    assert len(left) >= 8
    for one in left:
        assert_nothing_is_lost(one, values, original)
        covered = Covered()
        say(one, "My order is W9999.")  # and it goes on from there, without a trace
        while compact(one, covered, "model"):
            pass
        assert_nothing_is_lost(one, {*values, "W9999"}, original)
        assert compaction.plan(one, covered, SIZES) is None


def test_a_kill_during_append_leaves_a_torn_line_and_every_fact(ana, tmp_path):
    write(ana, 20)
    compact(ana)
    values = told(ana)

    torn = [
        one for one in kill_everywhere(ana, tmp_path / "left", "an append") if one.read("history.txt")[-1:] != b"\n"
    ]

    assert torn
    for one in torn:
        assert all(value in remembered(one) for value in values)
        say(one, "My order is W9999.")
        assert all(value in remembered(one) for value in {*values, "W9999"})
        assert list(one.path.glob("history.torn-*"))


ENCODING = "o200k_base"


def segment(first, last, start, end, text="The customer asked.", method="model", model="luna"):
    return Segment(first, last, start, end, method, NOON, text, model)


def entries_of(*said):
    """Return a conversation: a text that begins with a dash is the shop's."""
    return [
        Entry(
            Record(n, NOON, "assistant" if text.startswith("-") else "user", text.lstrip("- ")), n * 100, n * 100 + 100
        )
        for n, text in enumerate(said, 1)
    ]


turns = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.integers(1, 400)), max_size=40)


@given(turns, st.integers(1, 2_000))
def test_compaction_cuts_to_low_at_a_question_and_keeps_the_last(parts, low):
    high = 2 * low
    tail = [Entry(Record(n, NOON, role, "x"), n, n + 1) for n, (role, _) in enumerate(parts, 1)]
    counts = [count for _, count in parts]

    cut = compaction.compaction_point(tail, counts, high=high, low=low)

    questions = [n for n, entry in enumerate(tail) if n and entry.record.is_question]
    if sum(counts) <= high or not questions:
        assert cut is None
    else:
        enough = [n for n in questions if sum(counts[n:]) <= low]
        assert cut == (enough[0] if enough else questions[-1])


def test_the_smallest_run_is_merged_and_never_the_customers_text():
    sizes = [1, 1, 50, 50, 10, 10, 10, 10, 50]
    edges = [sum(sizes[:n]) for n in range(10)]
    made = [segment(n, n, edges[n], edges[n + 1]) for n in range(9)]
    own = replace(made[0], method="customer")

    assert compaction.merge_point(Summary(tuple(made[:8]))) is None
    assert compaction.merge_point(Summary(tuple(made))) == (4, 8)
    first_small = [replace(one, start=one.start, end=one.end) for one in made]
    first_small[2:4] = [segment(3, 3, 2, 3), segment(4, 4, 3, 4)]
    first_small[4:] = [segment(5 + n, 5 + n, 4 + 60 * n, 64 + 60 * n) for n in range(5)]
    assert compaction.merge_point(Summary(tuple(first_small))) == (0, 4)
    assert compaction.merge_point(Summary((own, *first_small[1:]))) == (1, 5)
