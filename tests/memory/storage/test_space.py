"""Tests of the room on a disk, and of a write that is tried out."""

from pathlib import Path

from memory.storage import space
from memory.storage.folders import Folder


def test_a_disk_is_nearly_full_below_the_bound(tmp_path: Path) -> None:
    assert not space.is_nearly_full(tmp_path, least_bytes=1)
    assert space.is_nearly_full(tmp_path, least_bytes=1 << 60)


def test_a_place_that_is_not_there_is_not_full(tmp_path: Path) -> None:
    assert not space.is_nearly_full(tmp_path / "gone", least_bytes=1 << 60)


def test_a_write_that_is_tried_leaves_nothing_behind(tmp_path: Path) -> None:
    assert space.refusal(Folder(tmp_path)) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_refused_write_says_why_in_the_systems_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert space.refusal(Folder(tmp_path / "file")) == "Not a directory"
