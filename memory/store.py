"""prompts/: the words said to the models, the owner's to edit; an edit is live at the next message.

Blocks: call it in a thread.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

RULES, SUMMARISE, STORE = "system.md", "summarise.md", "store"


class PromptsUnreadable(Exception):
    """A file of prompts/ cannot be used; str() says which and why, for the owner."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of prompts/ as text: the two templates and the shop's data."""

    rules: str
    summarise: str
    store: str


def read(prompts: Path) -> Shelf:
    """Read prompts/. PromptsUnreadable when a file is missing or is not UTF-8."""
    try:
        with os.scandir(prompts / STORE) as entries:
            chosen = sorted(Path(entry.path) for entry in entries if entry.name.endswith((".md", ".csv", ".txt")))
        files = (prompts / RULES, prompts / SUMMARISE, *chosen)
        return _read_version(files, tuple((s.st_ino, s.st_mtime_ns, s.st_size) for s in map(os.stat, files)))
    except OSError as error:
        raise PromptsUnreadable(f"{error.filename}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PromptsUnreadable(f"a file of {prompts} is not UTF-8: {error}.") from error


@lru_cache(maxsize=4)
def _read_version(files: tuple[Path, ...], version: tuple[tuple[int, int, int], ...]) -> Shelf:
    """Read the files as they are in this version."""
    rules, summarise = (file.read_text(encoding="utf-8-sig") for file in files[:2])
    return Shelf(rules, summarise, "\n\n".join(_section(file) for file in files[2:]))


def _section(file: Path) -> str:
    text = file.read_text(encoding="utf-8-sig").strip()
    return f"# {file.stem.capitalize()} (CSV)\n\n{text}" if file.suffix == ".csv" else text
