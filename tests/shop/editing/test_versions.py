"""Tests of files that are edited from a browser: nothing is overwritten, and every earlier version stays."""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shop.editing import versions
from shop.editing.versions import ABSENT, ChangedMeanwhile, EditableFile, NotEditable, digest_of, save


@pytest.fixture
def file(tmp_path: Path) -> EditableFile:
    (tmp_path / "store").mkdir()
    return versions.editable(tmp_path, tmp_path / "store" / "delivery.md")


def test_a_save_keeps_the_earlier_version(file: EditableFile) -> None:
    save(file, b"one", seen=ABSENT)
    save(file, b"two", seen=digest_of(b"one"))
    save(file, b"three", seen=digest_of(b"two"))

    assert file.path.read_bytes() == b"three"
    assert [versions.read_version(file, one.name) for one in versions.earlier(file)] == [b"two", b"one"]
    assert sorted(os.listdir(file.path.parent)) == ["delivery.md"]


def test_the_same_text_makes_no_version(file: EditableFile) -> None:
    save(file, b"one", seen=ABSENT)
    save(file, b"one", seen=digest_of(b"one"))

    assert versions.earlier(file) == []


def test_the_second_of_two_editors_overwrites_nothing(file: EditableFile) -> None:
    save(file, b"one", seen=ABSENT)
    save(file, b"of the first", seen=digest_of(b"one"))

    with pytest.raises(ChangedMeanwhile):
        save(file, b"of the second", seen=digest_of(b"one"))
    with pytest.raises(ChangedMeanwhile):
        versions.remove(file, seen=digest_of(b"one"))
    assert file.path.read_bytes() == b"of the first"


def test_of_many_editors_at_once_one_saves(file: EditableFile) -> None:
    save(file, b"one", seen=ABSENT)
    saved, refused = list[int](), list[int]()

    def edit(number: int) -> None:
        try:
            save(file, str(number).encode(), seen=digest_of(b"one"))
            saved.append(number)
        except ChangedMeanwhile:
            refused.append(number)

    threads = [threading.Thread(target=edit, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(saved) == 1
    assert len(refused) == 7
    assert file.path.read_bytes() == str(saved[0]).encode()


def test_a_removed_file_stays_among_its_versions(file: EditableFile) -> None:
    save(file, b"one", seen=ABSENT)
    versions.remove(file, seen=digest_of(b"one"))

    assert not file.path.exists()
    (kept,) = versions.earlier(file)
    assert versions.read_version(file, kept.name) == b"one"


def test_a_file_keeps_its_mode_and_a_new_one_gets_its_own(file: EditableFile) -> None:
    save(file, b"a key", seen=ABSENT, mode=0o600)
    assert file.path.stat().st_mode & 0o777 == 0o600

    file.path.chmod(0o640)
    save(file, b"another", seen=digest_of(b"a key"))
    assert file.path.stat().st_mode & 0o777 == 0o640


def test_what_is_no_plain_file_is_not_edited(file: EditableFile, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    file.path.symlink_to(secret)
    with pytest.raises(NotEditable):
        versions.read(file)
    with pytest.raises(NotEditable):
        save(file, b"mine", seen=digest_of(b"secret"))
    assert secret.read_bytes() == b"secret"

    file.path.unlink()
    os.mkfifo(file.path)
    with pytest.raises(NotEditable):
        versions.read(file)

    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(NotEditable):
        versions.read(file)


@pytest.mark.parametrize("name", ["../delivery.md", "", ".", "20261129T101500Z", "20261129T101500.000000Z/x"])
def test_a_name_that_is_no_versions_is_absent(file: EditableFile, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        versions.read_version(file, name)


def test_a_file_among_the_versions_that_is_none_is_passed_by(file: EditableFile) -> None:
    file.kept.mkdir(parents=True)
    for name in ("20269999T101500.000000Z", "notes.txt"):
        (file.kept / name).write_bytes(b"x")

    assert versions.earlier(file) == []


@pytest.mark.parametrize("kind", ["link", "dangling link", "directory", "pipe"])
def test_what_is_no_plain_file_is_no_version(file: EditableFile, kind: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"a secret")
    save(file, b"one", seen=ABSENT)
    save(file, b"two", seen=digest_of(b"one"))
    planted = file.kept / "20200101T000000.000000Z"
    if kind == "directory":
        planted.mkdir()
    elif kind == "pipe":
        os.mkfifo(planted)
    else:
        planted.symlink_to(tmp_path / ("secret" if kind == "link" else "nowhere"))

    assert [versions.read_version(file, one.name) for one in versions.earlier(file)] == [b"one"]
    with pytest.raises((NotEditable, OSError)):
        versions.read_version(file, planted.name)


def test_a_directory_of_versions_that_is_a_link_is_not_used(file: EditableFile, tmp_path: Path) -> None:
    save(file, b"one", seen=ABSENT)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "20200101T000000.000000Z").write_bytes(b"a secret")
    file.kept.symlink_to(tmp_path / "outside")

    assert versions.earlier(file) == []
    with pytest.raises(FileNotFoundError):
        versions.read_version(file, "20200101T000000.000000Z")
    with pytest.raises(NotEditable):
        save(file, b"two", seen=digest_of(b"one"))
    assert file.path.read_bytes() == b"one"
    assert len(os.listdir(tmp_path / "outside")) == 1


def test_old_versions_go_but_the_newest_stay(file: EditableFile) -> None:
    file.kept.mkdir(parents=True)
    now = datetime(2026, 11, 29, tzinfo=UTC)
    for number in range(versions.KEPT_COUNT + 10):
        until = now - timedelta(days=number)
        (file.kept / until.strftime("%Y%m%dT%H%M%S.%fZ")).write_bytes(b"x")

    versions.sweep(file, now)
    assert len(versions.earlier(file)) == versions.KEPT_COUNT

    versions.sweep(file, now - timedelta(days=60))
    assert len(versions.earlier(file)) == versions.KEPT_COUNT


def test_what_a_dead_process_left_is_removed(file: EditableFile) -> None:
    (file.path.parent / ".delivery.md.0123.new").write_bytes(b"half")
    (file.path.parent / ".other.md.0123.new").write_bytes(b"half")
    save(file, b"one", seen=ABSENT)

    assert sorted(os.listdir(file.path.parent)) == [".other.md.0123.new", "delivery.md"]


def test_a_diff_has_the_lines_that_changed() -> None:
    assert versions.diff("a\nb\nc\n", "a\nB\nc\n") == ["@@ -1,4 +1,4 @@", " a", "-b", "+B", " c", " "]
