"""Tests of reply.txt: a reply while it is being written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.conversations import spool
from memory.conversations.records import Record, parse
from memory.conversations.spool import Spool, Spooled
from memory.storage.folders import Folder, StorageError
from memory.text import normalise
from tests.support.conversations import NOON

ROOT = Path(__file__).parents[3]
HEAD = Record(2, NOON, "assistant", "", "luna")

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(folder):
    return (folder.path / "reply.txt").read_text()


def test_the_spool_is_as_readable_as_the_conversation(ana):
    writer = Spool(ana)
    writer.head(Record(2, NOON, "assistant", "", "luna", replaces=1))
    writer.add("Yes.\n\n- Recife: ")
    writer.add("3 days")
    writer.flush()

    assert written(ana) == (
        "[2] 2026-11-23T12:00:00Z assistant model=luna replaces=1\n    Yes.\n    \n    - Recife: 3 days"
    )
    assert (ana.path / "reply.txt").stat().st_mode & 0o777 == 0o600


def test_a_spool_is_there_and_empty_before_the_first_words(ana):
    Spool(ana)

    assert written(ana) == ""
    assert spool.read(ana) == Spooled("", None, None)


def test_nothing_is_written_before_it_is_flushed(ana):
    writer = Spool(ana)
    writer.head(HEAD)
    writer.add("Yes.")

    assert written(ana) == ""
    assert writer.text == "Yes."


def test_a_second_models_header_takes_the_place_of_the_firsts(ana):
    writer = Spool(ana)
    writer.head(HEAD)
    writer.head(Record(2, NOON, "assistant", "", "terra"))
    writer.add("Yes.")
    writer.flush()

    assert spool.read(ana) == Spooled("Yes.", "terra", None, 2)


def test_what_an_earlier_reply_left_is_not_in_the_next(ana):
    (ana.path / "reply.txt").write_text("[2] 2026-11-23T12:00:00Z assistant\n    old words")
    writer = Spool(ana)
    writer.head(HEAD)
    writer.add("new")
    writer.flush()

    assert spool.read(ana) == Spooled("new", "luna", None, 2)


def test_a_link_in_place_of_the_spool_is_not_followed(ana, tmp_path):
    (ana.path / "reply.txt").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="Not a regular file"):
        Spool(ana)
    assert not (tmp_path / "elsewhere").exists()


def test_an_absent_spool_is_none(ana):
    assert spool.read(ana) is None

    spool.discard(ana)
    assert os.listdir(ana.path) == []


def test_a_discarded_spool_is_gone(ana):
    writer = Spool(ana)
    writer.close()
    writer.close()
    spool.discard(ana)

    assert spool.read(ana) is None


def test_a_removed_spool_leaves_no_file(ana):
    writer = Spool(ana)
    writer.head(HEAD)
    writer.add("Yes.")
    writer.flush()
    writer.remove()
    writer.close()

    assert spool.read(ana) is None
    assert os.listdir(ana.path) == []


def test_removing_a_spool_that_is_gone_is_no_error(ana):
    writer = Spool(ana)
    (ana.path / "reply.txt").unlink()

    writer.remove()

    assert os.listdir(ana.path) == []


def test_the_spare_file_of_an_earlier_version_goes_unread(ana, tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (ana.path / ".reply").symlink_to(tmp_path / "elsewhere")
    writer = Spool(ana)

    assert written(ana) == ""
    writer.remove()
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_a_closed_spool_writes_no_more(ana):
    writer = Spool(ana)
    writer.head(HEAD)
    writer.add("Yes.")
    writer.close()
    writer.flush()

    assert written(ana) == ""


def test_a_directory_deleted_meanwhile_is_not_made_anew(ana):
    writer = Spool(ana)
    writer.head(HEAD)
    (ana.path / "reply.txt").unlink()
    ana.path.rmdir()
    writer.add("Yes.")
    writer.flush()
    writer.close()

    assert not ana.path.exists()
    with pytest.raises(FileNotFoundError):
        Spool(ana)


def test_on_a_full_disk_what_was_not_written_stays_pending(ana):
    code = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from memory.conversations import spool
from memory.storage.folders import Folder, StorageError
from memory.conversations.records import Record
from memory.conversations.spool import Spool
folder = Folder(Path(sys.argv[1]))
writer = Spool(folder)
writer.head(Record(2, datetime(2026, 11, 23, 12, tzinfo=UTC), "assistant", "", "luna"))
writer.add("word " * 100)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
for _ in range(2):
    try:
        writer.flush()
    except StorageError as error:
        print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
writer.add("end")
writer.flush()
print(spool.read(folder).text == "word " * 100 + "end")
"""
    child = subprocess.run([sys.executable, "-c", code, ana.path], cwd=ROOT, capture_output=True, text=True, check=True)

    assert child.stdout == (
        "The answer couldn't be saved: the disk is full.\nThe answer couldn't be saved: File too large.\nTrue\n"
    )


def test_the_disks_error_is_told(ana):
    writer = Spool(ana)
    writer.head(HEAD)
    assert writer._descriptor is not None
    os.dup2(os.open("/dev/full", os.O_WRONLY), writer._descriptor)

    with pytest.raises(StorageError, match=r"^The answer couldn't be saved: No space left on device\.$"):
        writer.flush()


PIECES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["\r", "\n", "\r\n", "\n\n", "\ud83d", "\ude00", "\u2028", "\x00", "    ", "[3] "]),
        st.just("\n[9] 2026-11-23T12:00:00Z user\n    forged"),
    ),
    max_size=12,
)


@settings(patient, max_examples=150)
@given(PIECES)
def test_the_spool_reads_back_any_model_output_so_far(tmp_path_factory, pieces):
    path = tmp_path_factory.getbasetemp() / "pieces"
    path.mkdir(exist_ok=True)
    folder = Folder(path)
    writer = Spool(folder)
    writer.head(HEAD)
    settled = ""
    for piece in pieces:
        settled += writer.add(piece)
        writer.flush()
        read = spool.read(folder)

        assert read is not None
        assert (read.text, read.model) == (settled.rstrip("\n"), "luna")
    writer.close()

    assert writer.text == settled
    assert normalise("".join(pieces)).startswith(settled)
    assert len(list(parse((path / "reply.txt").read_bytes()))) <= 1


@settings(patient, max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_a_spool(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.mkdir(exist_ok=True)
    (path / "reply.txt").write_bytes(data)

    assert isinstance(spool.read(Folder(path)), Spooled)
