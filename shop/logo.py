"""prompts/brand/: the shop's logo as its pages show it, put there by the desk or by hand."""

import logging
import os
import stat
from pathlib import Path

from shop.editing import versions
from shop.editing.versions import NotEditable

log = logging.getLogger("storekeeper.shop")

BRAND = "brand"
NAMES = ("logo.png", "logo.svg")
"""What `brand.logo` of the settings may name."""
LARGEST_BYTES = 500_000


def path_of(prompts: Path, name: str) -> Path:
    return prompts / BRAND / name


def read(prompts: Path, name: str) -> bytes | None:
    """Return the logo of this name; None for "", and for a file that is absent, a link or too large. Blocks."""
    if name not in NAMES:
        return None
    path = path_of(prompts, name)
    try:
        is_small = path.stat().st_size <= LARGEST_BYTES
        data = versions.read(versions.editable(prompts, path)) if is_small else None
    except (OSError, NotEditable) as error:
        log.warning("logo_unusable", extra={"file": name, "error": str(error)})
        return None
    if data is None:
        log.warning("logo_unusable", extra={"file": name, "error": f"absent, or larger than {LARGEST_BYTES} bytes"})
    return data


def state(prompts: Path, name: str) -> tuple[int, int, int] | None:
    """Return what changes when the logo does: of its file; None for none. Blocks, as long as one look at a directory."""
    if name not in NAMES:
        return None
    try:
        found = os.stat(path_of(prompts, name), follow_symlinks=False)
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None
