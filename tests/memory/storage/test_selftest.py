"""The trial of the file system, and what it says where locks are not what they should be."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from memory.storage import selftest
from memory.storage.folders import StorageError

_BROKEN = """#!/usr/bin/env python3
import sys
code = sys.argv[sys.argv.index("-c") + 1].replace({was!r}, {becomes!r})
sys.argv = ["-c", *sys.argv[sys.argv.index("-c") + 2 :]]
exec(code)
"""


def test_a_local_disk_passes_and_nothing_is_left(tmp_path: Path):
    started = time.process_time()
    selftest.run(tmp_path)

    assert time.process_time() - started < 0.1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)", "None", "two processes can hold one lock"),
        ("except BlockingIOError:", "except ZeroDivisionError:", "locks do not work (Resource temporarily"),
        ("os.O_WRONLY | os.O_APPEND", "os.O_WRONLY", "what two processes append is mixed up"),
    ],
)
def test_where_it_does_not_hold_the_reason_is_told(tmp_path: Path, was: str, becomes: str, reason: str):
    """The other process stands in for a file system that lies: one without locks, without errors, without O_APPEND."""
    liar = tmp_path / "python"
    liar.write_text(_BROKEN.format(was=was, becomes=becomes))
    liar.chmod(stat.S_IRWXU)
    users = tmp_path / "users"
    users.mkdir()

    with pytest.raises(StorageError) as refused:
        selftest.run(users, str(liar))

    assert reason in str(refused.value)
    assert "Put STOREKEEPER_USERS on a local disk." in str(refused.value)
    assert list(users.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_may_not_be_written_is_refused(tmp_path: Path):
    tmp_path.chmod(0o500)

    with pytest.raises(StorageError, match="cannot be used: Permission denied"):
        selftest.run(tmp_path)


def test_two_trials_at_once_do_not_disturb_each_other(tmp_path: Path):
    code = "import sys\nfrom pathlib import Path\nfrom memory.storage import selftest\nselftest.run(Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]

    assert [one.wait(timeout=30) for one in running] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []
