"""A logo that an owner sends in: made anew by a process of its own, and kept in prompts/brand/ with its earlier versions."""

import logging
import os
import tempfile
from pathlib import Path
from subprocess import TimeoutExpired  # nosec B404
from typing import IO

from memory import apart
from memory.i18n import N_, UserError
from shop import logo
from shop.editing import versions

log = logging.getLogger("storekeeper.desk")

MOST_BYTES = 4 * 1024 * 1024
"""Of a file that is sent in."""
_TOO_LARGE = N_("This file is too large for a logo. Please choose one of at most 4 MB.")
_UNREADABLE = N_("This file can't be used as a logo. Please choose a PNG, JPEG, WebP or SVG picture.")
_NOT_SHAPES = N_("This SVG has a style sheet or a picture inside, which can't be used. Please save the logo as PNG.")
_OF_MORE = ("NotADrawing: style", "NotADrawing: image")
_WALL_SECONDS = 30
_PNG = b"\x89PNG\r\n\x1a\n"


class NotALogo(UserError):
    """A file that is not taken as a logo, and why."""


def read_apart(file: IO[bytes]) -> tuple[str, bytes]:
    """Return the name and the bytes of the logo that a file holds. NotALogo says why it is not taken. Blocks."""
    if file.seek(0, os.SEEK_END) > MOST_BYTES:
        raise NotALogo(_TOO_LARGE)
    with tempfile.TemporaryFile() as made:
        try:
            done = apart.run(["handlers.desk.logo_reader"], file, made, _WALL_SECONDS)
        except TimeoutExpired as error:
            raise NotALogo(_UNREADABLE) from error
        made.seek(0)
        data, said = made.read(), done.stderr.decode(errors="replace")[-200:]
    if done.returncode or not data:
        log.info("logo_refused", extra={"code": done.returncode, "error": said})
        is_of_more = said.startswith(_OF_MORE)
        raise NotALogo(_NOT_SHAPES if is_of_more else _UNREADABLE)
    if len(data) > logo.LARGEST_BYTES:
        raise NotALogo(_UNREADABLE if data.startswith(_PNG) else _TOO_LARGE)
    return ("logo.png" if data.startswith(_PNG) else "logo.svg"), data


def keep(prompts: Path, name: str, data: bytes) -> None:
    """Put the logo into prompts/brand/, where the last one of this name stays among its earlier versions. Blocks.

    OSError or NotEditable where it cannot be written, ChangedMeanwhile where another was put there in the same moment.
    """
    path = logo.path_of(prompts, name)
    path.parent.mkdir(exist_ok=True)
    file = versions.editable(prompts, path)
    versions.save(file, data, seen=versions.digest_of(versions.read(file)))
