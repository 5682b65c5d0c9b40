"""All that is kept about a user, as one zip, made while it is sent."""

import contextlib
import io
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

import tomli_w

from memory.i18n import N_
from memory.people import accounts
from memory.storage import layout
from memory.storage.folders import Folder
from memory.storage.layout import ACCOUNT, FEEDBACK, USAGE

_PIECE = 1 << 20
NOTE = N_("""\
Everything this shop stores about you.

account.toml   your account, without the password and the sessions' secrets
history.txt    your conversation, word for word
summary.txt    the memory of its older part
usage.csv      a line for each call of a model: time, tokens, cost
feedback.csv   your feedback on answers
checks.jsonl   what the answers claimed, and what the shop's data say about it
title.txt      the title you gave the conversation
files/         the photos you sent
archive/       your other conversations, each with its own history.txt, summary.txt, checks.jsonl and title.txt

Times are in UTC. If a file is missing, there is nothing to store in it.
""")


NOTE_WITHOUT_WORDS = N_("""\
What this shop stores about this customer, without their conversations, which the shop doesn't read.
The customer can download everything on their Account page.

account.toml   the account, without the password and the sessions' secrets
usage.csv      a line for each call of a model: time, tokens, cost
feedback.csv   the customer's feedback on answers

Times are in UTC. If a file is missing, there is nothing to store in it.
""")


class _Pieces(io.RawIOBase):
    """Where the zip is written to: what has come since the last piece was taken."""

    def __init__(self) -> None:
        self._parts = list[bytes]()

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def make(folder: Folder, now: datetime, note: str = NOTE, *, has_words: bool = True) -> Iterator[bytes]:
    """Return the zip in pieces. `note` is what its README.txt says; without `has_words` no conversation is in it.

    FileNotFoundError when the user is gone.
    """
    return _packed(folder, now, note, _account(folder), has_words=has_words)


def _packed(folder: Folder, now: datetime, note: str, account: str, *, has_words: bool) -> Iterator[bytes]:
    pieces, packed = _Pieces(), set[PurePosixPath]()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(_info("README.txt", now), note)
        archive.writestr(_info(ACCOUNT, now), account)
        while new := [file for file in _files(folder, has_words=has_words) if file[2] not in packed]:
            for place, name, path in new:  # once more afterwards: what was moved meanwhile has another path
                packed.add(path)
                with contextlib.suppress(FileNotFoundError):
                    for _ in _add(archive, place, name, _info(str(path), now)):
                        yield pieces.take()
    yield pieces.take()


def _account(folder: Folder) -> str:
    account = accounts.load(folder)
    if account is None:
        raise FileNotFoundError(folder.name)
    values = {
        "name": account.name,
        "role": account.role,
        "created": account.created,
        "email": account.email,
        "language": account.language,
        "daily_tokens": account.daily_tokens,
        "daily_usd": account.daily_usd,
        "sessions": [
            {"created": one.created, "seen": one.seen, "browser": one.browser, "system": one.system}
            for one in account.sessions
        ],
    }
    return tomli_w.dumps({key: value for key, value in values.items() if value is not None})


def _files(folder: Folder, *, has_words: bool) -> list[tuple[Folder, str, PurePosixPath]]:
    """Return all files of the directory and those below it that are for their user; or those without words of theirs."""
    if not has_words:
        return [(folder, name, PurePosixPath(name)) for name in (USAGE, FEEDBACK) if folder.exists(name)]
    found = [
        (place, name, PurePosixPath(place.path.relative_to(folder.path), name)) for place, name, _ in folder.walk()
    ]
    return [one for one in found if all(map(layout.is_exported, one[2].parts))]


def _add(archive: zipfile.ZipFile, place: Folder, name: str, info: zipfile.ZipInfo) -> Iterator[None]:
    """Add a file piece by piece, so that a long conversation is never in memory as a whole."""
    descriptor = place.open(name, os.O_RDONLY)
    with open(descriptor, "rb", buffering=0) as file, archive.open(info, "w", force_zip64=True) as target:
        left = os.fstat(descriptor).st_size  # what is written meanwhile is of the next export
        while left > 0 and (piece := file.read(min(left, _PIECE))):
            target.write(piece)
            left -= len(piece)
            yield


def _info(path: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
