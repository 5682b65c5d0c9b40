"""Tests of access to the disk: names, locks, appends that are whole or nothing, atomic replacement."""

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, settings

from memory.storage import folders
from memory.storage.folders import Busy, Folder, StorageError
from settings import ROOT
from tests.memory.storage.conftest import in_child, tree

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Reading


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 5, b"34"),
        (3, 99, b"3456789"),
        (10, None, b""),
        (50, None, b""),
        (5, 3, b""),
    ],
)
def test_a_stretch_of_a_file_is_read(ana, start, end, found):
    (ana.path / "history.txt").write_bytes(b"0123456789")

    assert ana.read("history.txt", start, end) == found


def test_a_large_file_is_read_whole(ana):
    data = os.urandom(1 << 20) * 20
    (ana.path / "history.txt").write_bytes(data)

    assert ana.read("history.txt") == data


def test_an_absent_file_has_no_size_and_cannot_be_read(ana):
    assert (ana.exists("summary.txt"), ana.size("summary.txt"), ana.status("summary.txt")) == (False, None, None)
    with pytest.raises(FileNotFoundError):
        ana.read("summary.txt")


# Appending


def test_a_quick_look_tells_what_a_careful_one_does(users, ana, tmp_path):
    (ana.path / "stop").write_bytes(b"")
    (ana.path / "link").symlink_to(tmp_path / "nowhere")
    gone = users.create("bob", b"")
    shutil.rmtree(gone.path)

    assert [ana.may_have(name) for name in ("stop", "link", "other")] == [True, True, False]
    assert [ana.exists(name) for name in ("stop", "link", "other")] == [True, True, False]
    assert not gone.may_have("stop")


def test_a_quick_look_that_fails_is_told(ana):
    with pytest.raises(OSError, match="File name too long"):
        ana.may_have("x" * 300)


def test_appending_gives_the_bytes_it_stands_at(ana):
    places = [ana.append("history.txt", data) for data in (b"one\n", "dois é\n".encode())]

    assert places == [(0, 4), (4, 12)]
    assert ana.read("history.txt") == "one\ndois é\n".encode()
    assert (ana.path / "history.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(b"", "No space left on device", id="a new file"),
        pytest.param(b"x" * 50, "No space left on device", id="a short write"),
        pytest.param(b"x" * 100, "File too large", id="no byte is taken"),
    ],
)
def test_an_append_that_does_not_fit_leaves_nothing(ana, before, reason):
    (ana.path / "history.txt").write_bytes(before)
    said = in_child(
        """
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
folder = Folder(Path(sys.argv[1]))
for attempt in range(2):
    try:
        folder.append("history.txt", b"y" * 200)
    except StorageError as error:
        print(error)
""",
        ana.path,
    )

    assert said == f"It couldn't be saved: {reason}.\n" * 2
    assert ana.read("history.txt") == before


def test_bytes_cut_off_are_saved_beside(ana):
    (ana.path / "history.txt").write_bytes(b"whole\ntorn")
    ana.truncate_to("history.txt", 6)
    (aside,) = ana.path.glob("history.torn-*")

    assert ana.read("history.txt") == b"whole\n"
    assert aside.read_bytes() == b"torn"


# Replacing


def test_a_replaced_file_has_all_of_the_new_and_leaves_no_other(ana):
    ana.replace("summary.txt", b"old, and longer")
    ana.replace("summary.txt", b"new")

    assert ana.read("summary.txt") == b"new"
    assert (ana.path / "summary.txt").stat().st_mode & 0o777 == 0o600
    assert tree(ana) == ["account.toml", "summary.txt"]


def test_a_failed_replacement_keeps_only_the_old_file(ana):
    said = in_child(
        """
folder = Folder(Path(sys.argv[1]))
folder.replace("summary.txt", b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    folder.replace("summary.txt", b"y" * 200)
except StorageError as error:
    print(error)
""",
        ana.path,
    )

    assert said == "It couldn't be saved: File too large.\n"
    assert ana.read("summary.txt") == b"old"
    assert tree(ana) == ["account.toml", "summary.txt"]


def test_a_failed_rename_leaves_no_temporary_file(ana):
    (ana.path / "summary.txt").mkdir()

    with pytest.raises(StorageError, match="It couldn't be saved: Is a directory"):
        ana.replace("summary.txt", b"new")
    assert tree(ana) == ["account.toml", "summary.txt"]


def test_a_reader_sees_the_old_file_or_the_new_never_a_mixture(ana):
    ana.replace("summary.txt", b"a" * 300_000)
    done = threading.Event()

    def rewrite():
        for letter in b"bcdefghijklmnopqrst":
            ana.replace("summary.txt", bytes([letter]) * 300_000)
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(rewrite)
        seen = set()
        while not done.is_set() and not writing.done():
            data = ana.read("summary.txt")
            seen.add((data[:1], len(set(data)), len(data)))
        writing.result()

    assert {(letters, length) for _, letters, length in seen} == {(1, 300_000)}


def test_removing_an_absent_file_is_fine(ana):
    ana.replace("summary.txt", b"old")
    ana.remove("summary.txt")
    ana.remove("summary.txt")

    assert tree(ana) == ["account.toml"]


# Links and deleted directories


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda folder: folder.read("account.toml"), id="read"),
        pytest.param(lambda folder: folder.append("history.txt", b"x"), id="append"),
        pytest.param(lambda folder: folder.replace("account.toml", b"x"), id="replace"),
        pytest.param(lambda folder: folder.try_lock(".turn"), id="lock"),
        pytest.param(lambda folder: folder.truncate_to("account.toml", 0), id="truncate"),
        pytest.param(lambda folder: folder.remove("account.toml"), id="remove"),
        pytest.param(lambda folder: folder.sync(), id="sync"),
    ],
)
def test_a_user_who_is_a_link_to_another_is_refused(users, ana, touch):
    (users.root / "bob").symlink_to(ana.path)

    with pytest.raises((OSError, StorageError)):
        touch(users.folder("bob"))
    assert tree(ana) == ["account.toml"]
    assert ana.read("account.toml") == b"account"


def test_a_user_who_is_a_link_has_no_files(users, ana):
    (users.root / "bob").symlink_to(ana.path)

    assert not users.folder("bob").exists("account.toml")


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda folder: folder.read("history.txt"), id="read"),
        pytest.param(lambda folder: folder.append("history.txt", b"x"), id="append"),
        pytest.param(lambda folder: folder.try_lock("history.txt"), id="lock"),
        pytest.param(lambda folder: folder.truncate_to("history.txt", 0), id="truncate"),
    ],
)
def test_a_file_that_is_a_link_is_refused(ana, tmp_path, touch):
    (tmp_path / "secret").write_bytes(b"secret")
    (ana.path / "history.txt").symlink_to(tmp_path / "secret")

    with pytest.raises(OSError, match="Not a regular file"):
        touch(ana)
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert tree(ana) == ["account.toml", "history.txt"]


def test_replacing_a_link_leaves_what_it_points_to(ana, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (ana.path / "summary.txt").symlink_to(tmp_path / "secret")
    ana.replace("summary.txt", b"new")

    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert ana.read("summary.txt") == b"new"


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda folder: folder.read("account.toml"), id="read"),
        pytest.param(lambda folder: folder.append("history.txt", b"x"), id="append"),
        pytest.param(lambda folder: folder.replace("account.toml", b"x"), id="replace"),
        pytest.param(lambda folder: folder.try_lock(".turn"), id="try_lock"),
        pytest.param(lambda folder: folder.lock().__enter__(), id="lock"),
        pytest.param(lambda folder: folder.truncate_to("history.txt", 0), id="truncate"),
    ],
)
def test_a_deleted_directory_is_never_made_anew(users, ana, touch):
    shutil.rmtree(ana.path)

    with pytest.raises((FileNotFoundError, StorageError), match="No such file or directory"):
        touch(ana)
    assert tree(users.shared) == [".lock"]


def test_a_deleted_user_has_no_files(ana):
    shutil.rmtree(ana.path)
    ana.remove("account.toml")

    assert (ana.exists("account.toml"), ana.size("history.txt")) == (False, None)
    assert not ana.path.exists()


# Visits


def test_a_visit_keeps_to_the_directory_that_it_opened(ana):
    away = ana.path.with_name("away")
    ana.append("history.txt", b"kept")

    with ana.visit():
        ana.path.rename(away)
        ana.append("history.txt", b" whole")
        with ana.visit(), ana.lock():
            assert ana.read("history.txt") == b"kept whole"
        assert ana.size("history.txt") == 10
        with ThreadPoolExecutor() as others:
            assert others.submit(ana.size, "history.txt").result() is None

    assert ana.size("history.txt") is None
    assert (away / "history.txt").read_bytes() == b"kept whole"


def test_a_visit_computes_a_value_of_a_file_once_until_a_write(ana):
    made = list[int]()

    def size_of(status):
        made.append(status.st_size)
        return status.st_size

    assert ana.cached("history.txt", size_of) is None
    ana.append("history.txt", b"kept")
    assert [ana.cached("history.txt", size_of) for _ in range(2)] == [4, 4]
    assert made == [4, 4]  # outside of a visit each time anew
    with ana.visit():
        assert [ana.cached("history.txt", size_of) for _ in range(3)] == [4, 4, 4]
        ana.append("history.txt", b" whole")
        assert [ana.cached("history.txt", size_of) for _ in range(3)] == [10, 10, 10]
        ana.remove("history.txt")
        assert ana.cached("history.txt", size_of) is None

    assert made == [4, 4, 4, 10]


def test_a_visit_that_fails_leaves_nothing_open(ana):
    before = os.listdir("/proc/self/fd")

    with pytest.raises(OSError, match="trouble"), ana.visit(), ana.lock():
        raise OSError("trouble")

    assert os.listdir("/proc/self/fd") == before
    with pytest.raises(FileNotFoundError):
        ana.open("history.txt", os.O_RDONLY)


# Locks

HOLDER = """
lock = Folder(Path(sys.argv[1])).try_lock(".turn")
print("held" if lock else "refused", flush=True)
sys.stdin.readline()
"""


def start_holder(folder):
    head = "import sys\nfrom pathlib import Path\nfrom memory.storage.folders import Folder\n"
    command = [sys.executable, "-c", head + HOLDER, str(folder.path)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_lock_excludes_a_second_holder_in_the_same_process(ana):
    held = ana.try_lock(".turn")

    assert held is not None
    assert ana.try_lock(".turn") is None

    held.release()
    held.release()
    second = ana.try_lock(".turn")
    assert second is not None
    second.release()


def test_closing_another_descriptor_does_not_free_the_file_lock(ana):
    held = ana.try_lock(".turn")
    os.close(ana.open(".turn", os.O_RDWR))

    assert ana.try_lock(".turn") is None
    held.release()


def test_a_lock_excludes_another_process_until_it_is_killed(ana):
    with start_holder(ana) as child:
        assert child.stdout.readline() == "held\n"
        assert ana.try_lock(".turn") is None

        child.kill()
        child.wait()
    freed = ana.try_lock(".turn")

    assert freed is not None
    freed.release()


def test_a_lock_held_here_excludes_another_process(ana):
    held = ana.try_lock(".turn")
    with start_holder(ana) as child:
        said, _ = child.communicate("\n")
    held.release()

    assert said == "refused\n"


def test_a_child_process_does_not_keep_the_lock_of_its_parent(ana):
    held = ana.try_lock(".turn")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True) as child:
        held.release()
        second = ana.try_lock(".turn")
        child.communicate("\n")

    assert second is not None
    second.release()


def test_locks_of_two_names_do_not_exclude_each_other(ana):
    with ana.lock(".turn"), ana.lock(".fold"), ana.lock():
        assert ana.try_lock(".lock") is None


def test_a_lock_that_is_not_free_in_time_is_busy(ana):
    held = ana.try_lock(".lock")
    with pytest.raises(Busy, match="try again"), ana.lock(timeout_seconds=0.05):
        pass
    held.release()


def test_a_visit_reenters_its_own_lock_and_keeps_it_to_its_end(ana):
    with ana.lock():
        with ana.lock(timeout_seconds=0.05), ana.lock(".turn", timeout_seconds=0.05):
            pass
        assert ana.try_lock(".lock") is None
        freed = ana.try_lock(".turn")
        freed.release()
    freed = ana.try_lock(".lock")

    assert freed is not None


def test_a_lock_of_another_thread_is_waited_for(ana):
    with ana.lock(), ThreadPoolExecutor(1) as threads:

        def wait():
            with ana.lock(timeout_seconds=0.05):
                pass

        with pytest.raises(Busy):
            threads.submit(wait).result()


def test_one_who_waits_gets_the_lock_when_it_is_freed(ana):
    held = ana.try_lock(".lock")
    timer = threading.Timer(0.05, held.release)
    timer.start()
    with ana.lock(timeout_seconds=5):
        taken = ana.try_lock(".lock") is None
    timer.join()

    assert taken


def test_a_lock_is_freed_when_its_block_fails(ana):
    with pytest.raises(KeyError), ana.lock():
        raise KeyError("x")
    freed = ana.try_lock(".lock")

    assert freed is not None
    freed.release()


def test_lock_files_are_permanent(ana):
    with ana.lock(".turn"):
        before = ana.status(".turn").st_ino

    assert ana.status(".turn").st_ino == before


def test_threads_that_count_under_the_lock_lose_no_count(ana):
    (ana.path / "count").write_text("0")

    def count(_):
        for _ in range(10):
            with ana.lock(timeout_seconds=20):
                ana.replace("count", str(int(ana.read("count")) + 1).encode())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count, range(6)))

    assert ana.read("count") == b"60"


@pytest.mark.parametrize("number", sorted(folders.TAKES_NOTHING))
def test_a_lock_that_the_disk_does_not_take_is_not_saved(tmp_path, monkeypatch, number):
    """On a disk that was mounted read-only again not even an existing lock file can be opened."""

    def refuse(*_):
        raise OSError(number, "no")

    monkeypatch.setattr(folders, "open_regular", refuse)

    with pytest.raises(StorageError), Folder(tmp_path).lock():
        pass
