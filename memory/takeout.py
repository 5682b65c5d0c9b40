"""All that is kept about a person, as one zip. Blocks: call it in a thread."""

import os
import tempfile
import zipfile
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO

import tomli_w

from memory import accounts
from memory.files import ACCOUNT, Busy, Folder
from memory.sentences import N_

_LOCK = ".export"
_PIECE = 1 << 20
NOTE = N_("""\
Everything this shop stores about you.

account.toml   your account, without the password and the sessions' secrets
history.txt    your conversation, word for word
summary.txt    the memory of its older part
usage.csv      a line for each call of a model: time, tokens, cost
feedback.csv   your feedback on answers
title.txt      the title you gave the conversation
archive/       your other conversations, each with its own history.txt, summary.txt and title.txt

Times are in UTC. If a file is missing, there is nothing to store in it.
""")


def make(folder: Folder, now: datetime, note: str = NOTE) -> IO[bytes]:
    """Give a temporary file that holds the zip, open at its beginning; it is gone when it is closed.

    `note` is what its README.txt says.

    One is made at a time: Busy else. FileNotFoundError when the person is gone.
    """
    lock = folder.try_lock(_LOCK)
    if lock is None:
        raise Busy("Your data is already being prepared. Please wait.")
    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr(_info("README.txt", now), note)
            archive.writestr(_info(ACCOUNT, now), _account(folder))
            for place, name, path in _files(folder, PurePosixPath()):
                _add(archive, place, name, _info(str(path), now))
        file.seek(0)
    except BaseException:
        file.close()
        raise
    finally:
        lock.release()
    return file


def _account(folder: Folder) -> str:
    account = accounts.load(folder)
    if account is None:
        raise FileNotFoundError(folder.name)
    values = {
        "name": account.name,
        "role": account.role,
        "created": account.created,
        "sessions": [{"created": one.created, "seen": one.seen} for one in account.sessions],
    }
    if account.language is not None:
        values["language"] = account.language
    if account.daily_tokens is not None:
        values["daily_tokens"] = account.daily_tokens
    return tomli_w.dumps(values)


def _files(place: Folder, under: PurePosixPath) -> list[tuple[Folder, str, PurePosixPath]]:
    """Give all files of the directory and those below it; what begins with a point is the server's, links are left out."""
    found = list[tuple[Folder, str, PurePosixPath]]()
    with os.scandir(place.path) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name.startswith(".") or (not under.parts and entry.name == ACCOUNT):
                continue
            if entry.is_dir(follow_symlinks=False):
                found += _files(Folder(place.path / entry.name), under / entry.name)
            elif entry.is_file(follow_symlinks=False):
                found.append((place, entry.name, under / entry.name))
    return found


def _add(archive: zipfile.ZipFile, place: Folder, name: str, info: zipfile.ZipInfo) -> None:
    """Add a file piece by piece, so that a long conversation is never in memory as a whole."""
    size = place.size(name) or 0  # what is written meanwhile is of the next export
    with archive.open(info, "w", force_zip64=True) as target:
        for start in range(0, size, _PIECE):
            target.write(place.read(name, start, min(size, start + _PIECE)))


def _info(path: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
