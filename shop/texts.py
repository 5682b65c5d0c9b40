"""prompts/: the words said to the models, the owner's to edit; an edit is live at the next message."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

RULES, SUMMARISE, STORE = "system.md", "summarise.md", "store"


class PromptsUnreadable(Exception):
    """A file of prompts/ cannot be used; str() says which and why, for the owner."""


@dataclass(frozen=True, slots=True)
class ShopTexts:
    """All of prompts/ as text: the two templates and the shop's data."""

    rules: str
    summarise: str
    store: str
    topics: tuple[str, ...] = ()
    """What the shop's data are about: the first heading of each file, else its name."""
    questions: tuple[str, ...] = ()
    """Questions that the shop's data answer: those that stand there in bold or as a heading."""


def load(prompts: Path) -> ShopTexts:
    """Read prompts/ with the plain texts of its store. PromptsUnreadable when one of the two templates cannot be used.

    A file of the store that cannot be read is left out: the readers of shop/readers/ report why to the owner.
    """
    with suppress(OSError):
        names = sorted(name for name in os.listdir(f"{prompts}/{STORE}") if _is_data(name))
        return _read(prompts, [f"{prompts}/{STORE}/{name}" for name in names])
    return templates(prompts)


def templates(prompts: Path) -> ShopTexts:
    """Read the two templates of prompts/, without the store. PromptsUnreadable when a file is missing or is not UTF-8."""
    try:
        return _read(prompts, [])
    except OSError as error:
        raise PromptsUnreadable(f"{error.filename}: {error.strerror}.") from error


def _read(prompts: Path, store: list[str]) -> ShopTexts:
    files = (f"{prompts}/{RULES}", f"{prompts}/{SUMMARISE}", *store)
    return _read_version(files, tuple((s.st_ino, s.st_mtime_ns, s.st_size) for s in map(os.stat, files)))


def questions(prompts: Path, language: str) -> tuple[str, ...]:
    """Return the questions that a first page in this language offers, by its code: the list of its file, () without one.

    It stands beside `store/`, not in it: it is nothing that a model is to read.
    """
    try:
        text = _text(prompts / f"questions.{language}.md")
    except (OSError, PromptsUnreadable):
        return ()
    return tuple(question.strip() for question in _ITEM.findall(text))


def _is_data(name: str) -> bool:
    """True if it is a file of the owner's; hidden ones are editors' and file managers'."""
    return name.endswith((".md", ".csv", ".txt")) and not name.startswith(".")


@lru_cache(maxsize=4)
def _read_version(files: tuple[str, ...], version: tuple[tuple[int, int, int], ...]) -> ShopTexts:
    """Read the files as they are in this version."""
    rules, summarise = (_text(Path(file)) for file in files[:2])
    read = [(Path(file), _section(Path(file))) for file in files[2:]]
    data = [file for file, section in read if section is not None]
    sections = [section for _, section in read if section is not None]
    topics = tuple(topic(file.name, section) for file, section in zip(data, sections, strict=True))
    store = "\n\n".join(sections)
    return ShopTexts(rules, summarise, store, topics, questions_in(store))


_QUESTION = re.compile(r"^(?:#+ +|[-*] +)?(?:\*\*)?([^\n*#|]{8,120}\?)(?:\*\*| *$)", re.M)
_ITEM = re.compile(r"^[-*] +(\S.*)$", re.M)
_HEADING = re.compile(r"# +(.+)")


def topic(name: str, text: str) -> str:
    """Return what a file of this name is about: its first heading, else its name without the ending."""
    heading = _HEADING.match(text)
    return heading[1].strip() if heading and not name.endswith(".csv") else Path(name).stem.capitalize()


def questions_in(text: str) -> tuple[str, ...]:
    """Return the questions that stand there in bold or as a heading."""
    return tuple(_QUESTION.findall(text))


_COMMENT = re.compile(r"<!--.*?-->", re.S)


def without_comments(text: str) -> str:
    """Return a Markdown text without its comments, which are for its editor; all else stays on its line."""
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)


def _section(file: Path) -> str | None:
    """Return a file of the store as a section, None for one that cannot be read."""
    try:
        text = _text(file)
    except (PromptsUnreadable, OSError):
        return None
    if file.suffix == ".csv":
        return f"# {file.stem.capitalize()} (CSV)\n\n{text.strip()}"
    return (without_comments(text) if file.suffix == ".md" else text).strip()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PromptsUnreadable(f"{file} is not UTF-8: {error}.") from error
