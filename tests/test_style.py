"""Tests of the style sheet: code can be read in both themes (WCAG 2.2, 1.4.3)."""

import re

import pytest

from handlers.pages.highlight import CLASSES
from settings import ROOT

STYLE = (ROOT / "static" / "style.css").read_text()
COLOURS = dict(re.findall(r"--(\w+): light-dark\((#\w+, #\w+)\)", STYLE))


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", sorted(set(CLASSES.values())))
def test_every_colour_of_code_can_be_read(name: str, theme: int) -> None:
    rule = re.search(rf"^\.md \.{name} {{ color: (?:light-dark\((.+?)\)|var\(--(\w+)\)); }}$", STYLE, re.M)
    assert rule is not None
    pair = rule[1] or COLOURS[rule[2]]

    assert contrast(pair.split(", ")[theme], COLOURS["raised"].split(", ")[theme]) >= 4.5
