"""Looks through the photos of a user. Reads only; imports nothing of this project, as check.py."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_NAME = re.compile(r"([0-9a-f]{64})\.jpg")
_PLACE = "files"


def check_photos(path: Path, named: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield what is wrong with a user's photos: a file, what is wrong, and whether that is a note only.

    `named` are the values of `files=` in all of the user's records.
    """
    wanted = {name for value in named for name in value.split(",")}
    try:
        kept = set(os.listdir(path / _PLACE))
    except (FileNotFoundError, NotADirectoryError):
        kept = set()
    for name in sorted(wanted - kept):
        yield _PLACE, f"{name} is missing; its message is shown without it.", False
    for name in sorted(kept):
        file, form = f"{_PLACE}/{name}", _NAME.fullmatch(name)
        if form is None or not (path / file).is_file() or (path / file).is_symlink():
            if not name.endswith(".tmp"):
                yield file, "is nothing that is known here.", True
        elif hashlib.sha256((path / file).read_bytes()).hexdigest() != form[1]:
            yield file, "is not the photo that was sent: its sha256 is another.", False
        elif name not in wanted:
            yield file, "is a photo that no message names; it goes when a conversation is deleted.", True
