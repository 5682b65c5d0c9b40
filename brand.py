"""What makes a shop's pages its own, as values: colours that can be read, opening hours. Imports nothing of this project."""

import math
import re
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

LIGHT_PAPER, DARK_PAPER = "#faf7f2", "#201e1b"
"""What texts stand on in the two themes, where they are hardest to read: --paper and --raised of static/style.css."""
READABLE = 4.5
"""The least contrast of a text to what it stands on (WCAG 2.2, 1.4.3)."""


class BadBrand(ValueError):
    """A colour or hours that are not taken; str() ends the line "<the setting>: ..."."""


# Colours, written "#rrggbb"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in _parts(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def mixed(colour: str, other: str, share: float) -> str:
    """Return the colour with such a share, from 0 to 1, of the other."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def readable(colour: str, paper: str, towards: str, least: float = READABLE) -> str:
    """Return the colour nearest to this one that has such a contrast to the paper, on its way to black or white."""
    ways = (mixed(colour, towards, step / 256) for step in range(257))
    return next(found for found in ways if contrast(found, paper) >= least)


def nearest(colour: str) -> str:
    """Return the colour nearest to this one that texts can be read in on the light page."""
    return readable(colour, LIGHT_PAPER, "#000000")


def check_colour(colour: str) -> None:
    """BadBrand for a colour that texts cannot be read in on the light page; the nearest one stands in it."""
    if not colour:
        return
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise BadBrand('takes a colour as # and six hexadecimal digits, such as "#1f5c4d".')
    ratio = contrast(colour, LIGHT_PAPER)
    if ratio < READABLE:
        raise BadBrand(
            f"is too light to be read, with a contrast of {math.floor(ratio * 100) / 100}:1 to the page; "
            f'takes {READABLE}:1 or more. The nearest one that has it is "{nearest(colour)}".'
        )


# Opening hours, as schema.org writes them (https://schema.org/openingHours)

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = f"(?:{'|'.join(_DAYS)})"
_RANGE, _TIMES = rf"{_DAY}(?:-{_DAY})?", r"\d\d:\d\d-\d\d:\d\d"
_GROUP = re.compile(rf"{_RANGE}(?:, ?{_RANGE})* {_TIMES}(?:, ?{_TIMES})*", re.A)
_PART = re.compile(rf"({_DAY})(?:-({_DAY}))?|(\d\d):(\d\d)-(\d\d):(\d\d)", re.A)
_BETWEEN = re.compile(r"[,;] ?| ")
_DAY_MINUTES = 24 * 60
_FORM = 'takes days and times such as "Mo-Fr 09:00-18:00, Sa 09:00-13:00".'


def read_hours(text: str) -> tuple[tuple[int, int, int], ...]:
    """Return when it is open: the day of the week (Monday is 0), the minute it opens, for how many minutes.

    BadBrand for what is not written so. A time that ends before it begins ends on the next day.
    """
    spans, end = list[tuple[int, int, int]](), 0
    while end < len(text):
        found = _GROUP.match(text, end)
        if found is None:
            raise BadBrand(_FORM)
        spans += _spans(found[0])
        between = _BETWEEN.match(text, found.end())
        if between is None and found.end() < len(text):
            raise BadBrand(_FORM)
        end = between.end() if between else found.end()
    return tuple(spans)


def _spans(group: str) -> list[tuple[int, int, int]]:
    days, spans = list[int](), list[tuple[int, int, int]]()
    for first, last, *times in _PART.findall(group):
        if first:
            start = _DAYS.index(first)
            days += [(start + n) % 7 for n in range((_DAYS.index(last or first) - start) % 7 + 1)]
            continue
        hour, minute, end_hour, end_minute = map(int, times)
        opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
        if max(minute, end_minute) > 59 or opens >= _DAY_MINUTES or closes > _DAY_MINUTES or opens == closes:
            raise BadBrand(_FORM)
        spans += [(day, opens, (closes - opens) % _DAY_MINUTES or _DAY_MINUTES) for day in days]
    return spans


def zone_of(name: str) -> tzinfo:
    """Return a time zone; UTC also on a machine without the files of the others. ZoneInfoNotFoundError, ValueError, OSError."""
    return UTC if name == "UTC" else ZoneInfo(name)
