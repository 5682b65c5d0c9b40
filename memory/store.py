"""prompts/: the words said to the models, the owner's to edit; an edit is live at the next message.

Blocks: call it in a thread.
"""

from dataclasses import dataclass
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
        rules = (prompts / RULES).read_text(encoding="utf-8-sig")
        summarise = (prompts / SUMMARISE).read_text(encoding="utf-8-sig")
        files = sorted(file for file in (prompts / STORE).iterdir() if file.suffix in (".md", ".csv", ".txt"))
        store = "\n\n".join(_section(file) for file in files)
    except OSError as error:
        raise PromptsUnreadable(f"{error.filename}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PromptsUnreadable(f"a file of {prompts} is not UTF-8: {error}.") from error
    return Shelf(rules, summarise, store)


def _section(file: Path) -> str:
    text = file.read_text(encoding="utf-8-sig").strip()
    return f"# {file.stem.capitalize()} (CSV)\n\n{text}" if file.suffix == ".csv" else text
