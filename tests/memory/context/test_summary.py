"""Tests of summary.txt and of what is made of it: its form, its hash, verified notes, where to compact and to merge."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.context import summary
from memory.context.summary import Covered, Segment, Summary
from memory.conversations import history
from memory.conversations.records import Entry, Record
from memory.text import normalise
from tests.support.conversations import NOON

ENCODING = "o200k_base"


def say(folder, text, role="user", **keys):
    return history.append(folder, lambda number: Record(number, NOON, role, text, **keys))


def segment(first, last, start, end, text="The customer asked.", method="model", model="luna"):
    return Segment(first, last, start, end, method, NOON, text, model)


def keep(folder, *segments):
    return summary.save(folder, Summary(segments), Covered())


def remembered(folder):
    return summary.load(folder, Covered())


def entries_of(*said):
    """Return a conversation: a text that begins with a dash is the shop's."""
    return [
        Entry(
            Record(n, NOON, "assistant" if text.startswith("-") else "user", text.lstrip("- ")), n * 100, n * 100 + 100
        )
        for n, text in enumerate(said, 1)
    ]


segments = st.lists(
    st.builds(
        lambda size, text, method, model: (size, normalise(text), method, model),
        st.integers(0, 9_999),
        st.text(max_size=60) | st.text(alphabet="[]. 0123456789\n=bytescov", max_size=60),
        st.sampled_from(["model", "extractive", "customer"]),
        st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    ),
    max_size=6,
)


@given(segments)
def test_what_is_printed_is_read_again(parts):
    made, at = list[Segment](), 0
    for n, (size, text, method, model) in enumerate(parts, 1):
        made.append(Segment(n, n, at, at + size, method, NOON, text, model))
        at += size
    printed = Summary(tuple(made), hashlib.sha256(b"x").hexdigest())

    assert summary.parse_summary(summary.print_summary(printed)) == printed


def test_notes_of_a_size_that_no_compaction_makes_are_no_notes(ana):
    entry = say(ana, "Hello")
    keep(ana, segment(1, 1, 0, entry.end))
    assert remembered(ana).segments
    with (ana.path / "summary.txt").open("ab") as file:
        file.write(b"    more\n" * 200_000)

    assert remembered(ana) == Summary()


@given(
    st.binary(max_size=200)
    | st.binary(max_size=100).map(lambda rest: b"covers=0..5 sha256=" + b"a" * 64 + b"\n" + rest)
)
def test_garbage_is_read_without_an_error(data):
    summary.parse_summary(data)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"hello", b"\xff\xfe", b"covers=0..0", b"covers=0..9 sha256=" + b"a" * 64,
        b"covers=0.." + b"9" * 5_000 + b" sha256=" + b"a" * 64 + b"\n",
        b"covers=0..5 sha256=" + b"a" * 64 + b"\n\n[1..2] bytes=0..5 method=model made=yesterday\n    x\n",
        b"covers=0..5 sha256=" + b"a" * 64 + b"\n\n[1..2] bytes=1..5 method=model made=2026-11-23T12:00:00Z\n    x\n",
        b"covers=0..5 sha256=" + b"a" * 64 + b"\n\n[1..2] bytes=0..5 method=magic made=2026-11-23T12:00:00Z\n    x\n",
        b"covers=0..5 sha256=" + b"a" * 64 + b"\n\n[1..2] bytes=0..5 method=model made=2026-11-23T12:00:00Z\nunindented\n",
    ],
    ids=["empty", "blank", "words", "no text", "no hash", "no segment", "endless number", "no time", "a gap", "no method", "unindented"],
)  # fmt: skip
def test_what_is_no_summary_is_ignored(ana, data):
    say(ana, "Hello")
    (ana.path / "summary.txt").write_bytes(data)

    assert remembered(ana) == Summary()


def test_a_summary_cut_off_anywhere_is_ignored_or_whole(ana):
    ends = [say(ana, f"Question {n}").end for n in range(3)]
    whole = keep(
        ana, segment(1, 1, 0, ends[0]), segment(2, 2, ends[0], ends[1], "Two.\n\nFacts:\n- W1001 (customer, message 2)")
    )
    data = ana.read("summary.txt")
    head = data.index(b"[2..2]")

    for size in range(head):
        (ana.path / "summary.txt").write_bytes(data[:size])
        assert remembered(ana) == Summary(), data[:size]
    assert whole.end == ends[1]


def test_notes_name_their_format_and_may_leave_it_out(ana):
    end = say(ana, "My order is W1001.").end
    kept = keep(ana, segment(1, 1, 0, end))
    path = ana.path / "summary.txt"
    first, _, rest = path.read_bytes().partition(b"\n")

    assert first.endswith(b" format=1")
    path.write_bytes(first.removesuffix(b" format=1") + b"\n" + rest)
    assert remembered(ana) == kept


def test_notes_of_other_bytes_are_ignored(ana):
    end = say(ana, "My order is W1001.").end
    kept = keep(ana, segment(1, 1, 0, end))
    assert remembered(ana) == kept
    path = ana.path / "history.txt"
    path.write_bytes(path.read_bytes().replace(b"W1001", b"W1002"))

    assert remembered(ana) == Summary()


def test_notes_of_more_than_there_is_are_ignored(ana):
    end = say(ana, "My order is W1001.").end
    keep(ana, segment(1, 1, 0, end))
    path = ana.path / "history.txt"
    path.write_bytes(path.read_bytes()[:-3])

    assert remembered(ana) == Summary()


def test_the_hash_is_of_exactly_the_bytes_covered(ana):
    end = say(ana, "One").end
    say(ana, "Two", "assistant")
    kept = keep(ana, segment(1, 1, 0, end))

    assert kept.sha256 == hashlib.sha256(ana.read("history.txt")[:end]).hexdigest()


def test_the_hash_follows_a_history_that_grows_or_is_replaced(ana):
    """A new file often has the old one's inode: what was known of the old one must not count for it."""
    covered, path = Covered(), ana.path / "history.txt"
    for content in (b"a" * 9_000, b"a" * 9_000 + b"b" * 9_000, b"c" * 20_000, b"d" * 30_000):
        path.write_bytes(content)  # in place: the same inode
        assert covered.sha256(ana, len(content)) == hashlib.sha256(content).hexdigest()
    assert covered.sha256(ana, 15_000) == hashlib.sha256(b"d" * 15_000).hexdigest()
    assert covered.sha256(ana, 30_001) is None
    path.unlink()
    assert covered.sha256(ana, 0) == hashlib.sha256().hexdigest()
    assert covered.sha256(ana, 1) is None


def test_a_users_edit_is_read_with_the_line_ends_of_any_editor(ana):
    end = say(ana, "My order is W1001.").end
    keep(ana, segment(1, 1, 0, end, "The customer asked.\n\nFacts:\n- W1001"))
    edited = ana.read("summary.txt").replace(b"asked", b"asked politely").replace(b"\n", b"\r\n")
    (ana.path / "summary.txt").write_bytes(b"\xef\xbb\xbf" + edited)

    (found,) = remembered(ana).segments
    assert found.text == "The customer asked politely.\n\nFacts:\n- W1001"


@pytest.mark.parametrize(("replaces", "kept"), [(None, 3), (9, 3), (7, 3), (6, 2), (4, 1), (2, 0), (1, 0)])
def test_notes_hold_until_a_message_inside_of_them_is_replaced(replaces, kept):
    notes = Summary((segment(1, 2, 0, 10), segment(3, 4, 10, 20), segment(5, 6, 20, 30)))

    assert summary.before(notes, replaces).segments == notes.segments[:kept]


def test_the_customers_own_words_hold_whatever_is_replaced():
    own = segment(1, 4, 0, 20, "My words", "customer", None)
    notes = Summary((own, segment(5, 6, 20, 30)))

    assert summary.before(notes, 1).segments == (own,)


def test_a_summary_of_a_file_swapped_for_a_lookalike_is_not_used(ana):
    covered = Covered()
    words = "The same words for both. " * 100
    for text in ("My order is W1001.", words):
        say(ana, text)
    size = ana.size("history.txt")
    summary.save(ana, Summary((segment(1, 2, 0, size),)), covered)
    assert summary.load(ana, covered).segments
    other = ana.path / "other"
    other.write_bytes(ana.read("history.txt").replace(b"W1001", b"W1002"))
    other.replace(ana.path / "history.txt")

    assert ana.size("history.txt") == size
    assert summary.load(ana, covered) == Summary()


def test_a_summary_slow_to_verify_is_not_used_until_verified(ana):
    say(ana, "hammock " * 10_000)
    end = ana.size("history.txt")
    keep(ana, segment(1, 1, 0, end))
    covered = Covered()

    assert summary.load(ana, covered, most_bytes=end - 1) == Summary()
    assert summary.load(ana, covered).segments
    assert summary.load(ana, covered, most_bytes=0).segments, "hashed already"


def test_covered_bytes_are_hashed_once_even_if_a_save_fails(ana):
    covered, ends = Covered(), list[int]()
    for n in range(3):
        ends.append(say(ana, f"Message {n}. " + "hammock " * 1_000).end)
    for end in (ends[1], ends[0], ends[1], ends[2], ends[1]):
        assert covered.sha256(ana, end) == hashlib.sha256(ana.read("history.txt")[:end]).hexdigest()
    assert covered.sha256(ana, ends[2], most_bytes=0) is not None
    assert covered.sha256(ana, ends[1], most_bytes=0) is not None
