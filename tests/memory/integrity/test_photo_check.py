"""Tests of what is said of a user's photos."""

import hashlib
from pathlib import Path

import pytest

from memory.integrity.photo_check import check_photos

NAME = f"{hashlib.sha256(b'a photo').hexdigest()}.jpg"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / NAME).write_bytes(b"a photo")
    return tmp_path


def test_photos_that_are_named_and_there_are_sound(path: Path, tmp_path: Path) -> None:
    assert list(check_photos(path, [NAME])) == []
    assert list(check_photos(tmp_path / "new", [])) == []


def test_a_photo_that_is_missing_is_an_error(path: Path) -> None:
    other = "0" * 64 + ".jpg"

    assert [(one.file, one.is_note) for one in check_photos(path, [f"{NAME},{other}"])] == [("files", False)]


def test_a_photo_whose_bytes_changed_is_an_error(path: Path) -> None:
    (path / "files" / NAME).write_bytes(b"another")

    assert [(one.file, one.is_note) for one in check_photos(path, [NAME])] == [(f"files/{NAME}", False)]


def test_what_no_message_names_is_a_note(path: Path) -> None:
    (path / "files" / "x.txt").write_text("x")
    (path / "files" / ".x.1.tmp").write_text("x")

    found = [(one.file, one.is_note) for one in check_photos(path, [])]

    assert found == [(f"files/{NAME}", True), ("files/x.txt", True)]
