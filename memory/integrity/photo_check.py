"""Looks through the photos of a user. Reads only; imports nothing of the rest of this project, as check.py."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from memory.integrity.findings import Finding

_NAME = re.compile(r"([0-9a-f]{64})\.jpg")
_PLACE = "files"


def check_photos(path: Path, named: Iterable[str]) -> Iterator[Finding]:
    """Yield what is wrong with a user's photos.

    `named` are the values of `files=` in all of the user's records.
    """
    user, wanted = path.name, {name for value in named for name in value.split(",")}
    try:
        kept = set(os.listdir(path / _PLACE))
    except (FileNotFoundError, NotADirectoryError):
        kept = set()
    for name in sorted(wanted - kept):
        yield Finding(user, _PLACE, f"{name} is missing; its message is shown without it.")
    for name in sorted(kept):
        file, form = f"{_PLACE}/{name}", _NAME.fullmatch(name)
        if form is None or not (path / file).is_file() or (path / file).is_symlink():
            if not name.endswith(".tmp"):
                yield Finding(user, file, "is nothing that is known here.", is_note=True)
        elif hashlib.sha256((path / file).read_bytes()).hexdigest() != form[1]:
            yield Finding(user, file, "is not the photo that was sent: its sha256 is another.")
        elif name not in wanted:
            text = "is a photo that no message names; it goes when a conversation is deleted."
            yield Finding(user, file, text, is_note=True)
