"""The files of prompts/ that the desk lists, writes and brings back: found by name only, each save with its earlier version.

    prompts/store/<name>       the shop's products and texts
    prompts/<name>             those in ABOVE: the rules, and the groups of words that mean the same

All functions block.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from handlers.services import Services
from memory.people.audit import AuditEntry, note_or_log
from shop.editing import versions
from shop.editing.versions import ABSENT, EarlierVersion, EditableFile
from shop.readers import decode
from shop.readers.files import SUFFIXES
from shop.readers.store import is_own
from shop.texts import RULES, STORE, SUMMARISE

SYNONYMS = "synonyms.csv"
ABOVE = (RULES, SUMMARISE, SYNONYMS)
"""What may be edited beside the store."""
_TAKEN = frozenset((*ABOVE, "test-questions.csv", "settings.toml", "logo.png", "logo.svg"))
"""Names whose earlier versions stand beside those of the store's files."""
MOST_FILES = 200
MOST_BYTES = 32_000_000
"""Of one upload, and of a file whose contents the desk looks at."""
MOST_NAME_BYTES = 150
_NAME = re.compile(r"[\w(\[][\w ()\[\]&+,;=@#!'.~-]*")
_UNSAFE = re.compile(r"[^\w ()\[\]&+,;=@#!'.~-]+")

Found = Literal["plain", "link", "large", "absent"]


@dataclass(frozen=True, slots=True)
class StoreFile:
    """A file of the store as the directory has it."""

    name: str
    size: int
    changed: datetime


@dataclass(frozen=True, slots=True)
class RemovedFile:
    """A file of the store that is gone, and its last version."""

    name: str
    version: EarlierVersion


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file holds, and the digest that a change of it has to name. `data` is None where it is not looked at."""

    found: Found
    data: bytes | None = None
    digest: str = ABSENT
    size: int = 0


def is_store_name(name: str) -> bool:
    """True if a file of the store may have this name: no path, nothing hidden, no other program's, none that is taken."""
    is_plain = (
        _NAME.fullmatch(name) is not None
        and name == unicodedata.normalize("NFC", name)
        and not name.endswith((".", " "))
    )
    return is_plain and len(name.encode()) <= MOST_NAME_BYTES and is_own(name) and name not in _TAKEN


def name_from(sent: str) -> str:
    """Return the name under which a file is kept that came as `sent`: without its folders, and without odd signs."""
    last = re.split(r"[/\\]", sent)[-1]
    name = _UNSAFE.sub("-", " ".join(unicodedata.normalize("NFC", last).split())).lstrip(" .-~,;=@#!'&+")
    stem, dot, suffix = name.rpartition(".")
    while stem and len(name.encode()) > MOST_NAME_BYTES:
        stem = stem[:-1].rstrip()
        name = f"{stem}{dot}{suffix}"
    return name


def text_name(title: str) -> str:
    """Return the name of a new text with this title, "" where none can be made of it."""
    name = name_from(title.replace(".", " ").strip())
    return f"{name[:80].strip().replace(' ', '-').lower()}.md" if name else ""


def find(prompts: Path, name: str) -> EditableFile | None:
    """Return the file of this name, which need not be there; None for a name that no file of the desk's can have."""
    if name in ABOVE:
        return versions.editable(prompts, prompts / name)
    return versions.editable(prompts, prompts / STORE / name) if is_store_name(name) else None


def is_readable(name: str) -> bool:
    """True if the readers know such files, by their suffix."""
    return Path(name).suffix.lower() in SUFFIXES


def listed(prompts: Path) -> list[StoreFile]:
    """Return the owner's files in the store, by name; those that cannot be looked at are left out."""
    found = list[StoreFile]()
    try:
        paths = [path for path in (prompts / STORE).iterdir() if is_own(path.name)]
    except OSError:
        return []
    for path in sorted(paths):
        try:
            state = path.stat()
        except OSError:
            continue
        found.append(StoreFile(decode.name_of(path), state.st_size, datetime.fromtimestamp(int(state.st_mtime), UTC)))
    return found


def removed(prompts: Path, now: datetime) -> list[RemovedFile]:
    """Return the files of the store that were removed within the last 30 days, the last removed first."""
    return sorted(_removed(prompts, now), key=lambda one: one.version.name, reverse=True)


def _removed(prompts: Path, now: datetime) -> Iterator[RemovedFile]:
    kept = prompts / versions.VERSIONS
    names = [path.name for path in kept.iterdir() if is_store_name(path.name)] if kept.is_dir() else []
    for name in names:
        path = prompts / STORE / name
        if path.exists() or path.is_symlink():
            continue
        last = next(iter(versions.earlier(versions.editable(prompts, path))), None)
        if last is not None and now - last.until < timedelta(days=versions.KEPT_DAYS):
            yield RemovedFile(name, last)


def look(file: EditableFile) -> ReadFile:
    """Return what a file holds. OSError where it cannot be read."""
    try:
        size = file.path.lstat().st_size
        if size > MOST_BYTES and not file.path.is_symlink():
            return ReadFile("large", size=size)
        data = versions.read(file)
    except FileNotFoundError:
        return ReadFile("absent")
    except versions.NotEditable:
        return ReadFile("link")
    return ReadFile("absent") if data is None else ReadFile("plain", data, versions.digest_of(data), len(data))


@dataclass(frozen=True, slots=True)
class Editor:
    """An owner at work on the files, and the parts that this takes. Every change is in the audit, with what it replaced."""

    services: Services
    who: str

    def save(self, file: EditableFile, data: bytes, *, seen: str, how: str = "edited") -> None:
        """Put `data` into the file. ChangedMeanwhile, NotEditable or OSError as shop.editing.versions has them."""
        before = look(file).data
        versions.save(file, data, seen=seen)
        versions.sweep(file, self.services.now())
        if before != data:
            self._note(file, how, *changes(before, data))

    def remove(self, file: EditableFile, *, seen: str) -> None:
        """Remove the file; it can be brought back for 30 days."""
        before = look(file).data
        versions.remove(file, seen=seen)
        versions.sweep(file, self.services.now())
        self._note(file, "removed", size_of(before), "")

    def restore(self, file: EditableFile, version: str, *, seen: str) -> None:
        """Put an earlier version into the file again. FileNotFoundError where there is none of this name."""
        how = "earlier version restored" if seen else "brought back"
        self.save(file, versions.read_version(file, version), seen=seen, how=how)

    def _note(self, file: EditableFile, how: str, before: str, after: str) -> None:
        now = self.services.now()
        note_or_log(self.services.users, AuditEntry(now, self.who, f"file {file.path.name}: {how}", before, after))


def changes(before: bytes | None, after: bytes) -> tuple[str, str]:
    """Return what was replaced and what stands there now, in short: the lines of a small text that differ, else sizes."""
    old, new = text_of(before or b""), text_of(after)
    if before is None or old is None or new is None or not is_comparable(old, new):
        return size_of(before), size_of(after)
    lines = [line for line in versions.diff(old, new) if not line.startswith("@") and line[1:].strip()]
    return tuple(" / ".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")  # type: ignore[return-value]


def size_of(data: bytes | None) -> str:
    """Return a file's size in words, "" for no file."""
    return "" if data is None else f"{len(data):,} bytes"


MOST_COMPARED_LINES, MOST_COMPARED_CHARS = 1_000, 100_000


def is_comparable(*texts: str) -> bool:
    """True if texts are short enough to be compared line by line while somebody waits."""
    return all(text.count("\n") < MOST_COMPARED_LINES and len(text) < MOST_COMPARED_CHARS for text in texts)


def text_of(data: bytes) -> str | None:
    """Return a file's text with line feeds only, None for what is no text."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in data:
            return None
        text = data.decode("cp1252", "replace")
    return None if "\0" in text else text.replace("\r\n", "\n").replace("\r", "\n")


def data_of(text: str, before: bytes | None) -> bytes:
    """Return the bytes of a text that was edited, with the mark and the line ends that the file had."""
    ends = "\r\n" if before and b"\r\n" in before else "\n"
    mark = b"\xef\xbb\xbf" if before and before.startswith(b"\xef\xbb\xbf") else b""
    return mark + text.replace("\n", ends).encode()
