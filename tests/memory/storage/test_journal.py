"""Tests of a file that several processes append to and follow."""

import resource
import time

import pytest

from memory.storage.folders import Busy, Folder, StorageError
from memory.storage.journal import Gone, Journal


@pytest.fixture
def place(tmp_path):
    return Folder(tmp_path)


def news(journal):
    with journal.held() as lines:
        return lines


def test_each_visit_gives_what_the_others_wrote_since(place):
    one, other = Journal(place, "log"), Journal(place, "log")
    with one.held() as lines:
        assert lines == b""
        one.append(b"a\nb\n")
    assert (news(one), news(other)) == (b"", b"a\nb\n")

    with other.held():
        other.append(b"c\n")
    assert (news(one), news(other)) == (b"c\n", b"")


def test_two_cannot_hold_it_at_once(place):
    one, other = Journal(place, "log"), Journal(place, "log")
    started = time.monotonic()

    with one.held(), pytest.raises(Busy), other.held(timeout_seconds=0.05):
        pass
    assert time.monotonic() - started < 2
    assert news(other) == b""


def test_a_partial_line_waits_for_its_end_and_is_never_extended(place):
    journal = Journal(place, "log")
    (place.path / "log").write_bytes(b"a\nhal")
    assert news(journal) == b"a\n"
    with journal.held():
        journal.append(b"b\n")

    assert (place.path / "log").read_bytes() == b"a\nhal\nb\n"
    assert news(Journal(place, "log")) == b"a\nhal\nb\n"


def test_a_full_disk_leaves_no_half_line(place):
    journal = Journal(place, "log")
    (place.path / "log").write_bytes(b"x" * 20_000 + b"\n")
    news(journal)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_005, before[1]))
    try:
        with pytest.raises(StorageError), journal.held():
            journal.append(b"a line\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert (place.path / "log").stat().st_size == 20_001
    with journal.held():
        journal.append(b"a line\n")
    assert (place.path / "log").read_bytes().endswith(b"\na line\n")


@pytest.mark.parametrize("how", ["removed", "replaced", "cut"])
def test_a_file_that_is_not_what_it_was_is_gone(place, how):
    journal = Journal(place, "log")
    with journal.held():
        journal.append(b"a\n")
    if how != "cut":
        (place.path / "log").unlink()
    if how != "removed":
        (place.path / "log").write_bytes(b"")

    with pytest.raises(Gone), journal.held():
        pass
    assert news(Journal(place, "log")) == b""
