"""answers.md: questions with the answers that the shop's owner gave, in a file that people edit by hand too.

    ## Do you deliver on Saturdays?

    Yes, in Recife, until noon.

    <!-- ana, 2026-11-29T10:15:00Z -->

A question is a heading, or a line in bold, of its own; its answer goes on until the next one. The comment, which no customer
and no model sees, says who wrote the answer and when. What stands before the first question stays as it is.
"""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from shop.answers import sameness
from shop.answers.sameness import About, AboutIndex, are_same
from shop.search import lexicon as lexicons
from shop.search import several
from shop.search.lexicon import Lexicon
from shop.texts import without_comments

FILE = "answers.md"
MOST_QUESTION_CHARS, MOST_ANSWER_CHARS, MOST_ANSWERS = 300, 2_000, 500
MOST_BYTES = 2_000_000
_QUESTION = re.compile(r"(?:#{2,6}\s+(?P<heading>\S.*?)\s*#*|\*\*(?P<bold>[^*]+)\*\*|__(?P<lined>[^_]+)__)\s*")
_SIGNED = re.compile(r"<!--\s*([\w-]+), (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s*-->")
_TITLE = "# Answers\n"


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A question and the owner's answer to it. `line` is where the answer stands; author and time are "" where nobody says."""

    question: str
    answer: str
    line: int = 0
    author: str = ""
    time: str = ""
    block: str = ""
    """All of its lines as they stand in the file."""

    @property
    def source(self) -> str:
        """Where it stands: "answers.md:3"."""
        return f"{FILE}:{self.line}"


def parse(text: str) -> list[OwnAnswer]:
    """Return the questions of a file that have an answer, in order."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _QUESTION.fullmatch(line)]
    found = list[OwnAnswer]()
    for start, end in pairwise([*starts, len(lines)]):
        text = without_comments("\n".join(lines[start + 1 : end]))
        if not text.strip():
            continue
        question = next(filter(None, _QUESTION.fullmatch(lines[start]).groups()))  # type: ignore[union-attr]
        before = len(text) - len(text.lstrip())
        block = "\n".join(lines[start:end])
        author, time = signed.groups() if (signed := _SIGNED.search(block)) else ("", "")
        answer, line = _unguarded(text.strip()), start + 2 + text[:before].count("\n")
        found.append(OwnAnswer(question.strip(), answer, line, author, time, block))
    return found


def with_added(text: str, made: OwnAnswer) -> str:
    """Return a file with one more answer, the last of it."""
    return f"{text.rstrip() or _TITLE.rstrip()}\n\n{_printed(made)}"


def with_replaced(text: str, old: OwnAnswer, made: OwnAnswer | None) -> str | None:
    """Return a file with another answer in the place of one, or without it; None where it is not there any more."""
    at = f"\n{text}".find(f"\n{old.block}")
    if not old.block or at < 0:
        return None
    before, after = text[:at].rstrip("\n"), text[at + len(old.block) :].lstrip("\n")
    parts = [before, _printed(made).rstrip("\n") if made else "", after.rstrip("\n")]
    return "\n\n".join(part for part in parts if part) + "\n"


def _printed(made: OwnAnswer) -> str:
    question = " ".join(made.question.split())
    return f"## {question}\n\n{_guarded(made.answer.strip())}\n\n<!-- {made.author}, {made.time} -->\n"


def _guarded(answer: str) -> str:
    """Return an answer of which no line is taken for a question, and no part for a comment."""
    lines = (f"\\{line}" if _QUESTION.fullmatch(line) else line for line in answer.split("\n"))
    return "\n".join(lines).replace("<!--", "<! --")


def _unguarded(answer: str) -> str:
    return "\n".join(
        line[1:] if line.startswith("\\") and _QUESTION.fullmatch(line[1:]) else line for line in answer.split("\n")
    )


class OwnAnswers:
    """The answers of one version of the file, to be found by questions."""

    def __init__(self, answers: Sequence[OwnAnswer], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        each = [(sameness.about(one.question, lexicon), one) for one in answers]
        self._by_about = dict(each)
        self._index = AboutIndex[OwnAnswer]()
        for meant, one in reversed(each):
            self._index.add(meant, one)

    def find(self, question: str) -> OwnAnswer | None:
        """Return the answer to a question that is the same but for its wording; the last one in the file where several are."""
        return self.find_about(sameness.about(question, self._lexicon)) if self._by_about else None

    def find_about(self, meant: About) -> OwnAnswer | None:
        """Return the answer to a question about this."""
        if meant in self._by_about:
            return self._by_about[meant]
        return self._index.find(meant, are_same)

    def find_parts(self, message: str) -> tuple[OwnAnswer, ...]:
        """Return the answers to a message, or to the questions of which it consists, each once."""
        if not self._by_about:
            return ()
        if whole := self.find(message):
            return (whole,)
        found = (self.find(part) for part in several.clauses_of(message))
        return tuple(dict.fromkeys(one for one in found if one))[:_MOST_PARTS]


_MOST_PARTS = 3


class AnswersFile:
    """The file as it is now: read again when it has changed, so that an answer counts at the next question."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[object, ...], OwnAnswers] | None = None

    def current(self, lexicon: Lexicon | None) -> OwnAnswers:
        """Return the answers; none where there is no file that can be read. Without a lexicon that of the code. Blocks."""
        try:
            status = os.stat(self._path)
        except OSError:
            return NO_ANSWERS
        version = (status.st_ino, status.st_mtime_ns, status.st_size, id(lexicon))
        if not stat.S_ISREG(status.st_mode):
            return NO_ANSWERS
        if self._read is None or self._read[0] != version:
            found = parse(read_file(self._path))[:MOST_ANSWERS]
            known = lexicon or (lexicons.read() if found else _NO_WORDS)
            self._read = version, OwnAnswers(found, known)  # one value: another thread reads it whole
        return self._read[1]


def read_file(path: Path) -> str:
    """Return the text of the file, "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError:
        return ""
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


_NO_WORDS = Lexicon({}, 1, frozenset(), frozenset(), frozenset(), frozenset(), frozenset(), frozenset())
NO_ANSWERS = OwnAnswers((), _NO_WORDS)
