"""Tests of photos: made anew apart, kept before their message, removed with the last one that names them."""

import tempfile
from pathlib import Path

import pytest

from memory.conversations import photos
from memory.conversations.photos import MOST_BYTES, NotAPhoto, Photo
from memory.conversations.records import Record, print_record
from memory.storage.folders import Folder
from tests.support.conversations import NOON
from tests.support.pictures import picture

PHOTO = Photo(b"a photo")


def read(data: bytes) -> Photo:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return photos.read_apart(file)


@pytest.fixture
def ana(tmp_path: Path) -> Folder:
    (tmp_path / "ana").mkdir()
    return Folder(tmp_path / "ana")


def test_a_file_becomes_a_photo_named_by_its_bytes() -> None:
    first, second = (read(picture("PNG")) for _ in range(2))

    assert first == second
    assert first.data.startswith(b"\xff\xd8\xff")
    assert len(first.name) == 68


@pytest.mark.parametrize("data", [b"", b"MZ" + bytes(1000), picture()[:300]], ids=["nothing", "a program", "half"])
def test_a_file_that_is_no_photo_is_told_so(data: bytes) -> None:
    with pytest.raises(NotAPhoto, match="JPEG, PNG and WebP"):
        read(data)


def test_a_file_that_is_too_large_is_told_so() -> None:
    with pytest.raises(NotAPhoto, match="larger than 8 MB"):
        read(bytes(MOST_BYTES + 1))


def test_a_photo_is_kept_readable_by_the_server_only(ana: Folder) -> None:
    photos.keep(ana, [PHOTO])
    photos.keep(ana, [PHOTO])

    path = ana.path / "files" / PHOTO.name
    assert photos.read(ana, PHOTO.name) == b"a photo"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "../account.toml", "x.jpg", "A" * 64 + ".jpg", "0" * 64, "0" * 64 + ".jpg"])
def test_no_other_file_is_read(ana: Folder, name: str) -> None:
    (ana.path / "account.toml").write_text("secret")
    (ana.path / "files").mkdir()

    assert photos.read(ana, name) is None


def test_a_link_in_a_photos_place_is_not_followed(ana: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (ana.path / "files").mkdir()
    (ana.path / "files" / PHOTO.name).symlink_to(tmp_path / "secret")

    with pytest.raises(OSError, match="regular"):
        photos.read(ana, PHOTO.name)


def test_photos_count_towards_what_a_person_may_keep(ana: Folder) -> None:
    (ana.path / "history.txt").write_bytes(bytes(2_000_000))

    photos.check_room(ana, PHOTO, 2_000_007)
    photos.check_room(ana, PHOTO, 0)
    with pytest.raises(NotAPhoto, match="more than 2 MB"):
        photos.check_room(ana, PHOTO, 2_000_006)


def test_a_name_that_stands_across_two_blocks_keeps_its_photo(ana: Folder) -> None:
    photos.keep(ana, [PHOTO])
    named = print_record(Record(2, NOON, "user", "Look", files=(PHOTO.name,)))
    (ana.path / "history.txt").write_bytes(b"x" * ((1 << 22) - 60) + b"\n" + named)

    photos.remove_unnamed(ana, [ana])

    assert photos.read(ana, PHOTO.name) == b"a photo"


def test_what_nothing_names_is_removed(ana: Folder) -> None:
    photos.remove_unnamed(ana, [ana])
    photos.keep(ana, [PHOTO])

    photos.remove_unnamed(ana, [ana])

    assert photos.read(ana, PHOTO.name) is None
