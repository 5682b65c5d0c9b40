"""What a text of prompts/ is held against before it is saved: a wrong rule would stop every answer. Blocks where it says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from handlers.desk.shop_files import SYNONYMS
from memory.context.templates import fill
from memory.i18n import UserError
from shop.products import FileReport, Product, StoreContents
from shop.readers.doubts import NO_HEADER
from shop.readers.names import TEXT_SUFFIXES
from shop.readers.reading import Terms
from shop.readers.synonyms import lines_of
from shop.texts import RULES, SUMMARISE, PromptsUnreadable

MOST_CHARS = 24_000
"""Of a text that is edited in a browser, as HTML: a page of the desk has at most 60 kB, also where it shows two texts."""
MOST_RULES_CHARS = 20_000
"""About 5,000 tokens, which go with every question."""
MOST_GROUPS, MOST_WORDS, MOST_WORD_CHARS = 1_000, 30, 60
FAR_FEWER = 0.5
"""Of the products that a file had: with fewer a new version is taken for a part of it."""
_READ_SECONDS = 60.0


class NotSaved(UserError):
    """A text that is not saved as it is; str() says why."""


@dataclass(frozen=True, slots=True)
class TriedFile:
    """What the readers make of a file before it takes its place: the report, and its first products."""

    report: FileReport
    products: tuple[Product, ...] = ()


NEEDED: Mapping[str, Mapping[str, str]] = {
    RULES: {"store": "90210731", "summary": "90210732", "history": "90210733"},
    SUMMARISE: {"conversation": "90210734"},
}
"""The places that a template has to have, with what stands for their values when it is tried."""
_ALSO: Mapping[str, Mapping[str, str | int]] = {RULES: {}, SUMMARISE: {"words": 200, "language": "English"}}


def check(name: str, text: str) -> None:
    """NotSaved where the rules or the synonyms could not be used as they are; other texts are what they are."""
    if name in NEEDED:
        check_rules(name, text)
    elif name == SYNONYMS:
        check_synonyms(text)


def check_rules(name: str, text: str) -> None:
    """NotSaved for a template that cannot be filled in, has no place for one of its values, or is too long."""
    if len(text) > MOST_RULES_CHARS:
        raise NotSaved(
            "Rules can have at most %(most)s characters; these have %(count)s.", most=MOST_RULES_CHARS, count=len(text)
        )
    try:
        filled = fill(text, name, **NEEDED[name], **_ALSO[name])
        fill(text, name, **dict.fromkeys(NEEDED[name], ""), **_ALSO[name])
    except PromptsUnreadable as error:
        raise NotSaved("The rules can't be used like this. %(why)s", why=str(error)) from error
    if missing := [f"{{{{ {place} }}}}" for place, value in NEEDED[name].items() if value not in filled]:
        raise NotSaved(
            "The rules must keep %(places)s: the assistant's information goes there.", places=", ".join(missing)
        )


def check_synonyms(text: str) -> None:
    """NotSaved for groups that are no groups: one a line, of two words at least."""
    lines = lines_of(text)
    if text.strip() and not lines:
        raise NotSaved("This can't be read. Write one group of words per line, with commas between them.")
    if len(lines) > MOST_GROUPS:
        raise NotSaved("There can be at most %(most)s groups.", most=MOST_GROUPS)
    first = dict[str, int]()
    for number, words in enumerate(lines, 1):
        if len(words) == 1:
            raise NotSaved(
                "Line %(line)s has one word only. A group needs at least two, with commas between them.", line=number
            )
        if len(words) > MOST_WORDS or any(len(word) > MOST_WORD_CHARS or "\n" in word for word in words):
            raise NotSaved(
                "Line %(line)s is too long: at most %(words)s words of %(chars)s characters.",
                line=number, words=MOST_WORDS, chars=MOST_WORD_CHARS,
            )  # fmt: skip
        for word in words:
            if first.setdefault(word.casefold(), number) != number:
                other = first[word.casefold()]
                raise NotSaved(
                    "“%(word)s” is in lines %(other)s and %(line)s. Put the two groups together.",
                    word=word,
                    other=other,
                    line=number,
                )


def sample(name: str, text: str) -> str:
    """Return a template filled in with words that say what will stand there. NotSaved as for `check_rules`."""
    values = {place: f"[{place}]" for place in NEEDED[name]}
    try:
        return fill(text, name, **values, **_ALSO[name])
    except PromptsUnreadable as error:
        raise NotSaved("The rules can't be used like this. %(why)s", why=str(error)) from error


def read_apart(path: Path, store: Path, currency: str, without: str = "") -> TriedFile:
    """Return what the bounded readers make of a file. Variants that belong to another file are read beside the store's.

    `without` is the file whose place it takes. Blocks.
    """
    from shop.readers.bounded import readings_of  # the readers take 0.1 s to import, which no start waits for
    from shop.readers.store import contents_of

    terms = Terms(currency, date.today())
    (reading,) = readings_of([path], terms, _READ_SECONDS)
    contents = (
        _beside(path, store, currency, without) if reading.choices else contents_of([(path.name, reading)], terms)
    )
    report = next(report for report in contents.reports if report.file == path.name)
    return TriedFile(report, contents.products if not reading.choices else ())


def _beside(path: Path, store: Path, currency: str, without: str) -> StoreContents:
    from shop.readers.bounded import read_bounded

    with TemporaryDirectory(prefix="storekeeper-") as place:
        for other in store.iterdir():
            if other.name not in (path.name, without):
                (Path(place) / other.name).symlink_to(other.absolute())
        return read_bounded(Path(place), currency, also=[path], seconds=_READ_SECONDS)


def read_text_apart(name: str, data: bytes, store: Path, currency: str) -> TriedFile:
    """Return what the bounded readers make of a text that is not saved yet. Blocks."""
    with TemporaryDirectory(prefix="storekeeper-") as place:
        path = Path(place) / name
        path.write_bytes(data)
        return read_apart(path, store, currency, without=name)


def is_doubtful(new: FileReport, before: FileReport | None) -> bool:
    """True if a file is to be looked at before it takes its place: it cannot be used, or lost most of its products."""
    had = before.products if before is not None else 0
    is_table = Path(new.file).suffix.lower() not in TEXT_SUFFIXES
    return (
        bool(new.error) or new.products < FAR_FEWER * had or (is_table and not new.products and NO_HEADER in new.doubts)
    )


def report_of(name: str, reports: Sequence[FileReport]) -> FileReport | None:
    """Return the report of a file that is in use."""
    return next((report for report in reports if report.file == name), None)
