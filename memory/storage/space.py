"""Whether the disk takes what is to be written: its free space, and a write tried out."""

import os
from pathlib import Path

from memory.storage.folders import Folder, StorageError
from memory.storage.layout import temporary_name

LEAST_FREE_BYTES = 500_000_000
"""Below this a disk is nearly full: an index is built beside the last one, a feed and an upload may have 100 MB each, and
who notices has some days left, at some kilobytes a message."""
LEAST_FREE_FILES = 1_000
_TRIED = b"x" * 4096


def is_nearly_full(place: Path, least_bytes: int = LEAST_FREE_BYTES) -> bool:
    """True if the disk of a directory has little room left, or few files; False for one that nothing can be written to."""
    try:
        status = os.statvfs(place)
    except OSError:
        return False
    if status.f_flag & os.ST_RDONLY:
        return False
    few = bool(status.f_files) and status.f_favail < LEAST_FREE_FILES
    return few or status.f_bavail * status.f_frsize < least_bytes


def refusal(folder: Folder) -> str:
    """Return why a small file cannot be written to a directory, in the system's words; "" where it can. It is removed again."""
    name = temporary_name("tried")
    try:
        folder.replace(name, _TRIED, is_durable=False)
        folder.remove(name)
    except (StorageError, OSError) as error:
        cause = error.__cause__ if isinstance(error, StorageError) else error
        return (cause.strerror if isinstance(cause, OSError) else None) or str(error)
    return ""
