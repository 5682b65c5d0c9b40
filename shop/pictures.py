"""prompts/pictures/: the shop's own pictures of its products, the owner's to add; an edit counts at once."""

import os
from pathlib import Path

PICTURES = "pictures"
TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
LARGEST_BYTES = 2_000_000


def read(prompts: Path, name: str) -> bytes | None:
    """Return a picture; None for a name that is none, and for a file that is a link, no regular one, or too large. Blocks."""
    if Path(name).suffix not in TYPES or name != os.path.basename(name) or name.startswith("."):
        return None
    path = prompts / PICTURES / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_BYTES:
        return None
    return path.read_bytes()
