"""Puts right what `memory/integrity/check.py` found, as far as that loses nothing."""

import contextlib
import logging
import os
import shutil
import stat
from datetime import datetime
from pathlib import Path

from memory.conversations import history, turns
from memory.integrity.check import OLD_SECONDS
from memory.integrity.findings import Finding
from memory.storage import layout
from memory.storage.folders import Folder
from memory.storage.layout import SUMMARY

log = logging.getLogger("storekeeper.repair")


def repair(root: Path, finding: Finding, now: datetime) -> str | None:
    """Do what the finding allows; return what was done in plain words, None where nothing may be done."""
    folder = Folder(root / finding.user) if finding.user else Folder(root)
    match finding.repair:
        case "temporary":
            return _remove(folder, finding.file)
        case "spool":
            return _close(folder, now)
        case "summary":
            return _set_aside(folder)
        case "torn":
            with folder.lock():
                if history.mend(folder):
                    return "ended its last line; its record is kept as it stands."
            return "set the torn end aside in history.torn-...; nothing is joined to it."
        case None:
            return None


def _remove(folder: Folder, file: str) -> str:
    place = folder.path / file
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        folder.remove(file)
    return "removed it."


def _close(folder: Folder, now: datetime) -> str:
    record = turns.recover_if_dead(folder, now)
    if record is None:
        return "removed it: its words are in the conversation, or set aside in reply.torn-... where they answer nothing here."
    return f"closed it as record {record.number}, interrupted."


def _set_aside(folder: Folder) -> str:
    """Keep the notes under another name: new ones are made from the conversation as it goes on."""
    aside = layout.set_aside_name(SUMMARY, "aside")
    with folder.lock():
        os.replace(folder.path / SUMMARY, folder.path / aside)
        folder.sync()
    return f"set it aside as {aside}; notes are made anew from the conversation."


def sweep(root: Path, now_seconds: float) -> int:
    """Remove what dead processes left half-written more than an hour ago; return how many files that were.

    Spools and torn ends are left to the next visit of their user. A directory that cannot be read is logged, and the
    others are looked through.
    """
    removed = 0
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries)
    for place in [root, *(root / name for name in names)]:
        try:
            removed += _sweep_place(place, now_seconds)
        except FileNotFoundError:  # it was written and has its own name by now, or is gone
            continue
        except OSError as error:
            log.error("not_swept", extra={"place": place.name, "error": str(error)})
    return removed


def _is_spare_reply(entry: "os.DirEntry[str]") -> bool:
    """True for the empty file that version 0.1 kept for the next reply."""
    return entry.name == layout.SPARE_REPLY and entry.is_file(follow_symlinks=False)


def _sweep_place(place: Path, now_seconds: float) -> int:
    if not stat.S_ISDIR(os.stat(place, follow_symlinks=False).st_mode):
        return 0
    if place.name.startswith(layout.NEW) and now_seconds - place.stat().st_mtime > OLD_SECONDS:
        shutil.rmtree(place, ignore_errors=True)
        return 1
    removed = 0
    with os.scandir(place) as entries:
        names = [entry.name for entry in entries if layout.is_temporary(entry.name) or _is_spare_reply(entry)]
    for name in names:
        with contextlib.suppress(FileNotFoundError):  # its writer gave it its name meanwhile
            status = os.stat(place / name, follow_symlinks=False)
            if now_seconds - status.st_mtime > OLD_SECONDS:
                os.unlink(place / name)
                removed += 1
    return removed
