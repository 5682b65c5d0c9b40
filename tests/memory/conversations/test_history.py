"""Tests of history.txt: appending to it, what a crash leaves, and reading it from its end."""

import os
import re
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.conversations import history, versions
from memory.conversations.records import Damage, Entry, Record, parse, print_record
from memory.storage.folders import Folder
from tests.support.conversations import NOON, say

ROOT = Path(__file__).parents[3]
BLOCK = 65_536

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def write(folder, data):
    (folder.path / "history.txt").write_bytes(data)


def kept(folder):
    return (folder.path / "history.txt").read_bytes()


def record_of(number, length):
    """Return a record that is printed in exactly `length` bytes."""
    empty = print_record(Record(number, NOON, "user", ""))
    line = "Rua da Alfarrobeira [7] 2026-11-23T14:02:14Z user. "
    text = (line * (length // len(line) + 1))[: length - len(empty) - 5]
    record = Record(number, NOON, "user", text)
    assert len(print_record(record)) == length
    return record


def newest_first(folder):
    return [entry.record for entry in history.backwards(folder)]


def torn_files(folder):
    return [path.read_bytes() for path in folder.path.iterdir() if path.name.startswith("history.torn-")]


# Appending


def test_records_are_numbered_from_one(ana):
    said = [say(ana, "a"), say(ana, "b"), say(ana, "c")]

    assert [record.number for record in said] == [1, 2, 3]
    assert newest_first(ana) == said[::-1]


def test_a_conversation_goes_on_from_its_last_number(ana):
    write(ana, print_record(Record(41, NOON, "user", "a")))

    assert say(ana, "b").number == 42


def test_appending_gives_the_place_of_the_record(ana):
    say(ana, "a")
    entry = history.append(ana, lambda number: Record(number, NOON, "assistant", "Olá", model="m", ending="stop"))

    assert kept(ana)[entry.start : entry.end] == print_record(entry.record)


def test_what_was_written_is_never_rewritten(ana):
    say(ana, "a")
    before = kept(ana)
    say(ana, "b", replaces=1)

    assert kept(ana).startswith(before)


def test_unnormalised_text_is_refused_and_nothing_is_written(ana):
    say(ana, "a")
    before = kept(ana)

    with pytest.raises(ValueError, match="normalised"):
        say(ana, "b\r")
    assert kept(ana) == before


def test_a_damaged_record_keeps_its_bytes_and_the_next_follows(ana):
    damaged = print_record(Record(1, NOON, "user", "a")) + b"[2] 2026-11-23T12:00:00Z user\nnot indented\n"
    write(ana, damaged)
    say(ana, "b")

    assert kept(ana).startswith(damaged)
    assert [record.text for record in newest_first(ana)] == ["b", "a"]
    assert torn_files(ana) == []


def test_an_empty_or_absent_conversation_has_no_records(ana):
    assert (history.last_number(ana), newest_first(ana), versions.page(ana, count=5)) == (
        0,
        [],
        versions.Page((), None),
    )

    write(ana, b"")
    assert (history.last_number(ana), newest_first(ana), versions.page(ana, count=5)) == (
        0,
        [],
        versions.Page((), None),
    )


def test_appending_for_a_user_who_is_gone_makes_no_directory(ana):
    ana.path.rmdir()

    with pytest.raises(FileNotFoundError):
        say(ana, "a")
    assert not ana.path.exists()


def test_on_a_full_disk_the_conversation_stays_as_it_was(ana):
    say(ana, "a")
    before = kept(ana)
    code = """
import resource, sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from memory.conversations import history
from memory.storage.folders import Folder, StorageError
from memory.conversations.records import Record
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    history.append(Folder(Path(sys.argv[1])), lambda n: Record(n, datetime.now(UTC), "user", "x" * 500))
except StorageError as error:
    print(error)
"""
    child = subprocess.run([sys.executable, "-c", code, ana.path], cwd=ROOT, capture_output=True, text=True, check=True)

    assert child.stdout == "It couldn't be saved: No space left on device.\n"
    assert kept(ana) == before
    assert say(ana, "b").number == 2


# A torn last record


LAST_TEXT = "Até já 😀\n\n    [9] 2026-11-23T14:02:14Z user\n- um"


def test_a_torn_last_record_spares_the_earlier_and_next_records(ana):
    earlier = [
        Record(1, NOON, "user", "Olá\n\n😀"),
        Record(2, NOON, "assistant", "Oi", model="gpt-6-luna", ending="stop"),
    ]
    whole = b"".join(map(print_record, earlier))
    last = print_record(Record(3, NOON, "assistant", LAST_TEXT, model="gpt-6-luna", ending="stop", replaces=2))
    for cut in range(1, len(last)):
        for path in ana.path.iterdir():
            path.unlink()
        tail = last[:cut]
        write(ana, whole + tail)

        assert newest_first(ana)[-2:] == earlier[::-1], tail

        new = say(ana, "Next")

        words = last[:cut].partition(b"\n")[2].decode(errors="ignore").encode()  # without a letter that was cut
        stays = last[: cut - len(last[:cut].partition(b"\n")[2]) + len(words)] if words.strip() else b""
        if last[:cut].endswith(b"\n"):
            stays = tail  # all of a record without words
        stays += b"" if not stays or stays.endswith(b"\n") else b"\n"
        assert kept(ana) == whole + stays + print_record(new), tail
        aside = tail.removeprefix(stays.removesuffix(b"\n")).removeprefix(b"\n")
        assert torn_files(ana) == ([aside] if aside else []), tail
        assert new.number == (4 if stays else 3), tail
        assert newest_first(ana)[0] == new, tail
        assert not any(isinstance(item, Damage) for item in parse(kept(ana))), tail


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_last_record_without_its_line_feed_is_completed(ana, line_end):
    by_hand = f"[1] 2026-11-23T12:00:00Z user{line_end}    Olá{line_end}    Recife?"
    write(ana, by_hand.encode())

    assert [record.text for record in newest_first(ana)] == ["Olá\nRecife?"]
    new = say(ana, "Next")

    assert kept(ana) == by_hand.encode() + b"\n" + print_record(new)
    assert [record.text for record in newest_first(ana)] == ["Next", "Olá\nRecife?"]
    assert new.number == 2
    assert torn_files(ana) == []


@pytest.mark.parametrize(
    "garbage", [b"\0\0\0\0", b"\0\0\n", b"oops\n    more\n", b"oops\noops", b"[2] 2026-11-2", b"[2] x\n    y\n"]
)
@pytest.mark.parametrize("is_torn", [False, True])
def test_garbage_behind_a_last_record_does_not_take_it_along(ana, garbage, is_torn):
    first = print_record(Record(1, NOON, "user", "Olá"))
    garbage = b"\n" * is_torn + garbage
    write(ana, first.removesuffix(b"\n" * is_torn) + garbage)
    assert [record.text for record in newest_first(ana)] == ["Olá"]
    assert list(history.backwards_with_damage(ana)) == list(parse(kept(ana)))[::-1]
    assert [one.read().text for one in versions.unread(ana)] == ["Olá"]
    assert [entry.record.text for entry in history.forwards(ana, 0, len(kept(ana)))] == ["Olá"]

    new = say(ana, "Next")

    assert (new.number, [record.text for record in newest_first(ana)]) == (2, ["Next", "Olá"])
    assert kept(ana) == first + print_record(new)
    assert sum(map(len, torn_files(ana))) == len(garbage) - is_torn
    assert all(aside in garbage for aside in torn_files(ana))


def test_a_first_record_cut_off_leaves_an_empty_conversation(ana):
    write(ana, b"[1] 2026-11-23T12:0")
    new = say(ana, "a")

    assert kept(ana) == print_record(new)
    assert new.number == 1
    assert torn_files(ana) == [b"[1] 2026-11-23T12:0"]


def test_a_tail_of_nuls_is_set_aside_alone(ana):
    first = print_record(say(ana, "a"))
    write(ana, first + b"\x00" * 100_000)
    new = say(ana, "b")

    assert kept(ana) == first + print_record(new)
    assert torn_files(ana) == [b"\x00" * 100_000]


def test_torn_records_of_one_second_do_not_overwrite_each_other(ana):
    for _ in range(5):
        write(ana, b"[1] 2026")
        history.mend(ana)

    assert torn_files(ana) == [b"[1] 2026"] * 5


def test_a_torn_file_says_when_in_its_name(ana):
    write(ana, b"[1] 2026")
    history.mend(ana)
    (name,) = (path.name for path in ana.path.iterdir() if path.name != "history.txt")

    assert re.fullmatch(r"history\.torn-20\d{6}T\d{6}-[0-9a-f]{6}", name)


def test_mending_a_whole_conversation_changes_nothing(ana):
    say(ana, "a")
    before = kept(ana)
    history.mend(ana)

    assert kept(ana) == before
    assert torn_files(ana) == []


def test_when_the_torn_bytes_cannot_be_saved_nothing_is_cut(ana):
    torn = print_record(Record(1, NOON, "user", "a")) + b"[2] 2026-11-23T12:00:00Z user\n    " + b"x" * 5000
    write(ana, torn)
    code = """
import resource, sys
from pathlib import Path
from memory.conversations import history
from memory.storage.folders import Folder, StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    history.mend(Folder(Path(sys.argv[1])))
except StorageError as error:
    print(error)
"""
    child = subprocess.run([sys.executable, "-c", code, ana.path], cwd=ROOT, capture_output=True, text=True, check=True)

    assert child.stdout == "It couldn't be saved: File too large.\n"
    assert os.listdir(ana.path) == ["history.txt"]
    assert kept(ana) == torn


# Reading from the end


@settings(patient, max_examples=60)
@given(
    lengths=st.lists(
        st.one_of(st.integers(60, 400), st.integers(BLOCK - 80, BLOCK + 80), st.integers(400, 150_000)), max_size=6
    ),
    cut=st.one_of(st.just(0), st.integers(0, 100), st.integers(0, 70_000)),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
)
def test_reading_from_the_end_equals_reading_from_the_beginning(lengths, cut, line_end):
    said = [record_of(number, length) for number, length in enumerate(lengths, 1)]
    data = b"".join(map(print_record, said)).replace(b"\n", line_end)
    data = data[: max(0, len(data) - cut)]
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        write(folder, data)

        assert list(history.backwards_with_damage(folder)) == list(parse(data))[::-1]
        assert cut or newest_first(folder) == said[::-1]


odd_lines = st.lists(
    st.one_of(
        st.integers(1, 9).map(lambda n: b"[%d] 2026-11-23T12:00:00Z user" % n),
        st.integers(4000, 9000).map(lambda n: b"[5] 2026-11-23T12:00:00Z assistant model=" + b"m" * n),
        st.sampled_from(
            [b"", b"[", b"[1]", b"no indent", b"    [1] 2026-11-23T12:00:00Z user", b"[2] 2026-11-23T12:00:00Z user x"]
        ),
        st.sampled_from(
            [b"[3] 2026-02-30T12:00:00Z user", b"\xef\xbb\xbf[4] 2026-11-23T12:00:00Z user", b"\x00\x00", b"\r"]
        ),
        st.sampled_from([20, 1000, BLOCK - 100, BLOCK - 31, BLOCK - 4, BLOCK]).map(lambda n: b"    " + b"x" * n),
    ),
    max_size=10,
)


@patient
@given(odd_lines, st.sampled_from([b"\n", b"\r\n"]), st.binary(max_size=3))
def test_a_hand_damaged_file_reads_the_same_from_either_end(lines, line_end, tail):
    data = line_end.join(lines) + tail
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        write(folder, data)

        assert list(history.backwards_with_damage(folder)) == list(parse(data))[::-1]


looks = st.lists(st.integers(0, 12), max_size=4)


@settings(patient, max_examples=150)
@given(odd_lines, st.sampled_from([b"\n", b"\r\n"]), st.binary(max_size=3), looks)
def test_each_read_in_a_visit_agrees_however_far_the_others_went(lines, line_end, tail, looks):
    data = line_end.join(lines) + tail
    found = list(parse(data))[::-1]
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        write(folder, data)

        with folder.visit():
            for far in looks:
                assert list(islice(history.backwards_with_damage(folder), far)) == found[:far]
            slow = history.backwards_with_damage(folder)
            begun = list(islice(slow, 1))
            assert list(history.backwards_with_damage(folder)) == found
            assert begun + list(slow) == found
            assert list(history.backwards_with_damage(folder)) == found


def test_a_visit_caches_what_it_read_until_a_write(ana):
    for n in range(80):
        say(ana, f"Message {n} " + "word " * 500)  # too long to be remembered from visit to visit

    with ana.visit():
        assert [record.number for record in newest_first(ana)] == list(range(80, 0, -1))
        assert next(history.backwards(ana)) is next(history.backwards(ana))
        assert [record.number for record in newest_first(ana)] == list(range(80, 0, -1))
        say(ana, "and more")
        assert [record.text.split("word")[0] for record in newest_first(ana)[:2]] == ["and more", "Message 79 "]
        write(ana, print_record(Record(7, NOON, "user", "by hand")) + b"[8] 2026-11-23T12:00:00Z us")
        assert history.last_number(ana) == 7
        assert history.next_number(ana) == 8
        assert kept(ana) == print_record(Record(7, NOON, "user", "by hand"))
    assert torn_files(ana)


def test_what_was_read_before_is_read_as_it_is_now(ana):
    """Records are remembered by their bytes and their place: a file that is edited by hand is never seen as it was."""
    for text in ("Do you have hammocks?", "Do you have hamsters?"):
        write(ana, print_record(Record(1, NOON, "user", text)))
        assert [record.text for record in newest_first(ana)] == [text]
    write(ana, b"# my notes\n" + kept(ana))
    assert [(entry.start, entry.record.text) for entry in history.backwards(ana)] == [(11, "Do you have hamsters?")]


def test_a_header_on_the_border_of_two_blocks_is_found(ana):
    for beyond in range(-3, 45):
        said = [record_of(1, 300), record_of(2, BLOCK + beyond)]
        write(ana, b"".join(map(print_record, said)))

        assert newest_first(ana) == said[::-1], beyond


def test_a_header_longer_than_the_lookahead_is_found_at_a_border(ana):
    model = "m" * 9000
    for beyond in (1, 40, 4000, 4096, 4140, 5000, 9000):
        head = len(print_record(Record(2, NOON, "assistant", "", model=model)))
        said = [
            record_of(1, 300),
            Record(2, NOON, "assistant", "y" * (BLOCK + beyond - head - 5), model=model),
            record_of(3, 100),
        ]
        write(ana, b"".join(map(print_record, said))[:-100])

        assert newest_first(ana) == said[1::-1], beyond


def test_a_record_of_many_megabytes_is_read_whole(ana):
    said = [record_of(1, 100), record_of(2, 5_000_000), record_of(3, 100)]
    write(ana, b"".join(map(print_record, said)))

    assert newest_first(ana) == said[::-1]
    assert history.find(ana, 2).record == said[1]


def test_many_small_records_are_read_in_order(ana):
    said = [Record(n, NOON, "user", f"Message {n}") for n in range(1, 5001)]
    write(ana, b"".join(map(print_record, said)))

    assert newest_first(ana) == said[::-1]


def test_damage_in_the_middle_is_skipped_and_its_place_reported(ana):
    first, damaged = print_record(Record(1, NOON, "user", "a")), b"[2] 2026-11-23T12:00:00Z user\noops\n"
    write(ana, first + damaged + print_record(Record(3, NOON, "user", "c")))

    assert [record.number for record in newest_first(ana)] == [3, 1]
    assert [item for item in history.backwards_with_damage(ana) if isinstance(item, Damage)] == [
        Damage(len(first), len(first) + len(damaged))
    ]


def test_a_file_made_by_hand_is_read_from_its_end(ana):
    write(ana, b"\xef\xbb\xbf[1] 2026-11-23T12:00:00Z user\r\n    a\r\n\r\n[2] 2026-11-23T12:00:00Z user\r\n    b")

    assert newest_first(ana) == [Record(2, NOON, "user", "b"), Record(1, NOON, "user", "a")]


def test_a_reader_that_stops_early_leaves_no_file_open(ana):
    for text in ("a", "b", "c"):
        say(ana, text)
    before = os.listdir("/proc/self/fd")
    versions.page(ana, count=1)
    history.find(ana, 3)
    history.last_number(ana)
    say(ana, "d")

    assert os.listdir("/proc/self/fd") == before


def bytes_read():
    return int(re.search(r"rchar: (\d+)", Path("/proc/self/io").read_text()).group(1))


def test_newest_page_of_a_long_conversation_is_right_and_cheap(ana):
    old = print_record(record_of(1, 1_000_000))
    recent = [Record(n, NOON, "user", f"Message {n}") for n in range(51, 81)]
    with open(ana.path / "history.txt", "wb") as file:
        for number in range(1, 51):
            file.write(old.replace(b"[1] 2026", b"[%d] 2026" % number, 1))
        file.write(b"".join(map(print_record, recent)))
    before = bytes_read()
    shown = versions.page(ana, count=20)
    found = history.find(ana, 55)
    read = bytes_read() - before

    assert shown == versions.Page(tuple(recent[-20:]), 61)
    assert found.record == recent[4]
    assert read < 400_000


# Pages


def numbers(page):
    return [record.number for record in page.records], page.more_before


@pytest.mark.parametrize(("number", "text"), [(1, "a"), (2, "b"), (3, "c")])
def test_a_record_is_found_by_its_number_replaced_or_not(ana, number, text):
    say(ana, "a")
    say(ana, "b")
    say(ana, "c", replaces=2)

    assert history.find(ana, number).record.text == text


@pytest.mark.parametrize("number", [-1, 0, 2, 4, 10**30])
def test_a_number_that_no_record_has_finds_nothing(ana, number):
    write(ana, print_record(Record(1, NOON, "user", "a")) + print_record(Record(3, NOON, "user", "c")))

    assert history.find(ana, number) is None


# Several processes

APPENDER = """
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from memory.conversations import history
from memory.storage.folders import Folder
from memory.conversations.records import Record
folder, who = Folder(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for n in range(50):
    with folder.lock(timeout_seconds=30):
        history.append(folder, lambda number: Record(number, datetime.now(UTC), "user", f"{who}-{n} " + "x" * 20_000))
"""


def test_four_processes_appending_at_once_lose_and_merge_nothing(ana):
    command = [sys.executable, "-c", APPENDER, str(ana.path)]
    children = [
        subprocess.Popen([*command, who], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for who in "abcd"
    ]
    for child in children:
        child.stdout.readline()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    endings = [child.communicate() and child.returncode for child in children]
    said = [item.record for item in parse(kept(ana)) if isinstance(item, Entry)]

    assert endings == [0, 0, 0, 0]
    assert [record.number for record in said] == list(range(1, 201))
    assert {len(record.text) for record in said} <= {20_004, 20_005}
    for who in "abcd":
        assert [r.text.split()[0] for r in said if r.text[0] == who] == [f"{who}-{n}" for n in range(50)]


def test_records_are_appended_with_one_write(ana, monkeypatch):
    written, write = list[bytes](), os.write

    def watched(descriptor, data):
        written.append(bytes(data))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", watched)
    records = [Record(n, NOON, "user", f"Message {n}") for n in (1, 2, 3)]

    history.add(ana, *records)

    assert written == [b"".join(map(print_record, records))]


def test_each_message_of_a_long_conversation_is_found_by_number(ana):
    said = [
        Record(n, NOON, "user" if n % 2 else "assistant", f"Message {n} " + "word " * (n % 97)) for n in range(1, 6_001)
    ]
    write(ana, b"".join(map(print_record, said)))

    for number in (1, 2, 63, 64, 65, 1_000, 2_999, 3_000, 5_900, 5_999, 6_000):
        entry = history.find(ana, number)
        assert entry is not None
        assert entry.record == said[number - 1]
        assert kept(ana)[entry.start : entry.end] == print_record(said[number - 1])
        assert versions.page(ana, count=3, before=number).records == tuple(said[max(0, number - 4) : number - 1])
        assert versions.page_after(ana, count=3, after=number).records == tuple(said[number : number + 3])
        assert versions.Replacements.after(ana, entry).spare(entry.record.number)
    assert history.find(ana, 6_001) is None
    assert history.find(ana, 0) is None
    assert len(kept(ana)) > 10 * BLOCK


def test_a_few_looks_find_the_first_message_of_20_megabytes(ana):
    body = b"    " + b"hammock " * 40 + b"\n"
    write(ana, b"".join(b"[%d] 2026-11-23T12:00:00Z user\n" % n + body for n in range(1, 55_000)))
    with open("/proc/self/io") as file:
        before = int(file.readline().split()[1])

    assert history.find(ana, 2).record.number == 2
    with open("/proc/self/io") as file:
        assert int(file.readline().split()[1]) - before < 2_000_000
