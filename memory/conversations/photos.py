"""Photos that customers send: made anew by a process of its own, and kept in files/ as long as a message names them."""

import contextlib
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from subprocess import TimeoutExpired  # nosec B404
from typing import IO

from memory import apart
from memory.conversations.records import PHOTO_NAME
from memory.i18n import N_, UserError
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY, PHOTOS

log = logging.getLogger("storekeeper.photos")

MOST_BYTES = 8 * 1024 * 1024
"""Of a file that is sent in; what is kept of it is smaller."""
TOO_LARGE = N_("This photo is larger than 8 MB. Please choose a smaller one, or send a screenshot of it.")
_UNREADABLE = N_("This file can't be read as a photo. JPEG, PNG and WebP pictures can be sent.")
_NO_ROOM = N_("Your conversations would take more than %(megabytes)s MB with this photo. Delete one first.")
_WALL_SECONDS = 30
_NAMED = re.compile(rb" files=([0-9a-f.,jpg]+)")
_BLOCK = 1 << 22
_HEADER_BYTES = 4096
"""More than a record's first line has."""


class NotAPhoto(UserError):
    """A file that is not taken as a photo, and why."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG file without metadata, and the name it is kept under."""

    data: bytes

    @property
    def name(self) -> str:
        return f"{hashlib.sha256(self.data).hexdigest()}.jpg"


def read_apart(file: IO[bytes]) -> Photo:
    """Return the photo that a file on the disk holds, made anew by a process of its own. NotAPhoto says why it is not taken. Blocks."""
    if file.seek(0, os.SEEK_END) > MOST_BYTES:
        raise NotAPhoto(TOO_LARGE)
    with tempfile.TemporaryFile() as made:
        try:
            done = apart.run(["memory.conversations.photo_reader"], file, made, _WALL_SECONDS)
        except TimeoutExpired as error:
            raise NotAPhoto(_UNREADABLE) from error
        made.seek(0)
        photo = made.read()
        if done.returncode or not photo:
            log.info(
                "photo_refused", extra={"code": done.returncode, "error": done.stderr.decode(errors="replace")[-200:]}
            )
            raise NotAPhoto(_UNREADABLE)
        return Photo(photo)


def check_room(folder: Folder, photo: Photo, most_bytes: int) -> None:
    """Raise NotAPhoto where all that is kept of a user would take more than so many bytes with it; 0: no limit. Blocks."""
    if most_bytes and sum(size for *_, size in folder.walk()) + len(photo.data) > most_bytes:
        raise NotAPhoto(_NO_ROOM, megabytes=most_bytes // 1_000_000)


def keep(folder: Folder, photos: Iterable[Photo]) -> None:
    """Write photos, fsynced. Call it under the user's lock, before the message is kept that names them."""
    place = folder / PHOTOS
    for photo in photos:
        if not place.exists(photo.name):
            place.make()
            place.replace(photo.name, photo.data)
            folder.sync()


def read(folder: Folder, name: str) -> bytes | None:
    """Return a photo's bytes; None for what is no photo's name, or is there no more."""
    if not PHOTO_NAME.fullmatch(name):
        return None
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return (folder / PHOTOS).read(name)
    return None


def remove_unnamed(folder: Folder, conversations: Iterable[Folder]) -> None:
    """Remove the photos that no message of these conversations names any more. Call it under the user's lock."""
    place = folder / PHOTOS
    try:
        kept = set(place.names())
    except (FileNotFoundError, NotADirectoryError):
        return
    for conversation in conversations:
        if not kept:
            return
        kept -= _names_in(conversation)
    for name in kept:
        place.remove(name)
    place.sync()


def _names_in(conversation: Folder) -> set[str]:
    """Return all that a history.txt may name: words that look like names of files keep those, too."""
    found, start = set[str](), 0
    size = conversation.size(HISTORY) or 0
    while start < size:
        block = conversation.read(HISTORY, start, min(size, start + _BLOCK + _HEADER_BYTES))
        for names in _NAMED.findall(block):
            found.update(names.decode().split(","))
        start += _BLOCK
    return found
