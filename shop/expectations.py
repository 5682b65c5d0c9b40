"""prompts/test-questions.csv: questions with words that must or must not be in the answer, in a file that people edit. Pure.

    question,must,must_not,language
    Do you deliver to Recife?,yes; R$ 12.00,abroad,en

Words, or phrases, of a cell stand between semicolons. Case, accents and line breaks make no difference; a word counts as a whole.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shop.answers.sentences import N_
from shop.search.folding import fold

FILE = "test-questions.csv"
COLUMNS = ("question", "must", "must_not", "language")
MOST, MOST_CHARS, MOST_BYTES = 100, 500, 200_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_FORMULA = re.compile(r"^'(?=['=+\-@])")


class BadExpectations(Exception):
    """The file, or one of its lines, cannot be used; str() says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A test question. `language` is a tag such as "pt-BR", "" for the shop's own."""

    question: str
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Which words an answer lacks, and which it has and must not."""

    missing: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        return not self.missing and not self.unwanted


def judge(expected: Expectation, answer: str) -> Verdicts:
    """Return what is wrong with an answer without its Markdown."""
    said = _folded(answer)
    return Verdicts(
        tuple(words for words in expected.must if not _has(said, words)),
        tuple(words for words in expected.must_not if _has(said, words)),
    )


def _has(said: str, words: str) -> bool:
    pattern = re.escape(_folded(words))
    return re.search(rf"(?<!\w){pattern}(?!\w)" if words[-1:].isalnum() else rf"(?<!\w){pattern}", said) is not None


def _folded(text: str) -> str:
    return " ".join(fold(text).split())


def phrases(cell: str) -> tuple[str, ...]:
    """Return what stands between the semicolons of a cell."""
    return tuple(dict.fromkeys(" ".join(one.split()) for one in cell.split(";") if one.strip()))


def parse(text: str) -> list[Expectation]:
    """Return the test questions of a file. BadExpectations for one that cannot be used."""
    if len(text) > MOST_BYTES:
        raise BadExpectations(f"{FILE} is too large.")
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise BadExpectations(f"{FILE} is no CSV file: {error}.") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return []
    names = [name.strip().lower() for name in rows[0]]
    if not {"question", "must"} <= set(names) or set(names) - set(COLUMNS):
        raise BadExpectations(f"The first line of {FILE} has to be: {','.join(COLUMNS)}")
    if len(rows) > MOST + 1:
        raise BadExpectations(f"{FILE} has more than {MOST} questions.")
    return [_expectation(dict(zip(names, row, strict=False)), number) for number, row in enumerate(rows[1:], 2)]


def _expectation(cells: dict[str, str], number: int) -> Expectation:
    cells = {name: _FORMULA.sub("", cell.strip()) for name, cell in cells.items()}
    question, must, must_not = cells.get("question", ""), cells.get("must", ""), cells.get("must_not", "")
    made = Expectation(
        " ".join(question.split()), phrases(must), phrases(must_not), cells.get("language", "").replace("_", "-")
    )
    if problem := fault_of(made):
        raise BadExpectations(f"{FILE}, question {number - 1}: {problem}")
    return made


def fault_of(one: Expectation) -> str:
    """Return what is wrong with a test question in a sentence, "" for nothing."""
    if not one.question:
        return N_("There is no question.")
    if not one.must and not one.must_not:
        return N_("Name words that must, or must not, be in the answer.")
    if max(len(one.question), len("; ".join(one.must)), len("; ".join(one.must_not))) > MOST_CHARS:
        return N_("The question or its words are too long.")
    if one.language and not _LANGUAGE.fullmatch(one.language):
        return N_("The language is a code such as en or pt-BR.")
    return ""


def print_all(expected: Sequence[Expectation]) -> str:
    """Return the file of these test questions; no cell is a formula for a spreadsheet program."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in expected:
        row = (one.question, "; ".join(one.must), "; ".join(one.must_not), one.language)
        writer.writerow([f"'{cell}" if cell[:1] in tuple("'=+-@") else cell for cell in row])
    return text.getvalue()
