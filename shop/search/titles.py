"""Headings that a text has without a mark of Markdown's: in capitals, in bold, underlined, or a short line above its paragraph. Pure."""

import re
from collections.abc import Sequence

_UNDERLINED = {"=": "#", "-": "##"}
_BOLD = re.compile(r"(\*\*|__)([^*_]+)\1:?")
_NUMBER = re.compile(r"\d{1,2}[.)]\s+")
_MARKED = re.compile(r"[#>|*+•-]")
_ENDS = (".", ",", ";", "!", "?")
UNMARKED = 6
"""The level of a heading without a mark: below those with one, so that it ends where the next of those begins."""
_LOWEST = "#" * UNMARKED + " "
_LONGEST, _MOST_WORDS, _LEAST_BELOW = 60, 5, 4
"""Letters and words of such a heading, and words of the line right below it where nothing else distinguishes it from a sentence."""


def headed(lines: Sequence[str]) -> list[str]:
    """Return the stripped lines of a text with its headings marked as Markdown's; lines keep their places."""
    found = list[str]()
    is_underline = False
    for before, line, after in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        mark = "" if is_underline or (before.strip() and not _is_loud(line)) else _underline(line, after)
        found.append("" if is_underline else f"{mark} {line}" if mark else _marked(before, line, after))
        is_underline = bool(mark)
    return found


def _underline(line: str, after: str) -> str:
    """Return the mark of a heading that the next line underlines, "" for none."""
    is_line = len(after) > 2 and len(set(after)) == 1 and bool(line) and _is_short(line)
    return _UNDERLINED.get(after[0], "") if is_line else ""


def _marked(before: str, line: str, after: str) -> str:
    """Return a line, with a mark where it is a heading."""
    if bold := _BOLD.fullmatch(line):
        is_heading = _is_short(bold[2]) and not line.endswith(":") and not bold[2].endswith(":")
        return _LOWEST + bold[2] if is_heading else line
    plain = line.removesuffix(":")
    if _is_loud(plain):
        return _LOWEST + plain
    title = _NUMBER.sub("", line, count=1)
    is_above = (
        not before and len(after.split()) >= _LEAST_BELOW and not _MARKED.match(after) and not _NUMBER.match(after)
    )
    return _LOWEST + title if is_above and title[:1].isupper() and _is_short(title) else line


def _is_loud(line: str) -> bool:
    return line.isupper() and _is_short(line) and sum(map(str.isalpha, line)) > _LEAST_BELOW


def _is_short(line: str) -> bool:
    """True if a line has few words, and neither a number nor the end of a sentence."""
    is_worded = len(line.split()) <= _MOST_WORDS and len(line) <= _LONGEST and not any(map(str.isdigit, line))
    return is_worded and not line.endswith((*_ENDS, ":")) and "," not in line and not _MARKED.match(line)
