"""What a reader reports to the owner of a file: rows left out by reason, and doubts with their lines."""

from collections import Counter
from collections.abc import Iterator

SHOWN_LINES = 5
MOST_DOUBTS = 20

DRAFT, HIDDEN, ARCHIVED = "draft", "hidden", "archived"
NAMELESS, EXPLANATION = "no name", "explanation"


class Notes:
    """Collects while one file is read; doubts of one kind become one sentence with all their lines."""

    def __init__(self) -> None:
        self.left_out = Counter[str]()
        self._lines = dict[str, list[int]]()

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count rows that are not taken."""
        self.left_out[reason] += count

    def doubt(self, sentence: str, line: int = 0) -> None:
        """Keep a doubt, a sentence without its full stop; `line` is 0 where it is about the whole file."""
        self._lines.setdefault(sentence, []).append(line)

    def doubts(self) -> tuple[str, ...]:
        """Return one sentence a kind of doubt, in the order in which they came up."""
        sentences = list(self._sentences())
        more = len(sentences) - MOST_DOUBTS
        return (*sentences[:MOST_DOUBTS], f"And {more} more.") if more > 0 else tuple(sentences)

    def _sentences(self) -> Iterator[str]:
        for sentence, all_lines in self._lines.items():
            lines = sorted({line for line in all_lines if line})
            text = f"{sentence} ({_listed(lines)})" if lines else sentence
            yield text if text.endswith("?") else f"{text}."


def _listed(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) <= SHOWN_LINES:
        return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"
    return f"lines {', '.join(map(str, lines[:SHOWN_LINES]))} and {len(lines) - SHOWN_LINES} more"
