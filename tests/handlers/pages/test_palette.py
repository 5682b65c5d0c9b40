"""Tests of the shop's colour on its pages: it can be read in both themes, whatever colour it is."""

import re

from hypothesis import given

from brand import DARK_PAPER, LIGHT_PAPER, contrast, readable
from handlers.pages.palette import palette_of
from tests.test_brand import COLOURS


@given(COLOURS)
def test_buttons_and_links_can_be_read_in_both_themes(colour: str) -> None:
    palette = palette_of(readable(colour, LIGHT_PAPER, "#000000"))

    assert palette is not None
    light, dark = palette.accent
    for paper in (LIGHT_PAPER, "#ffffff", palette.said[0]):
        assert contrast(light, paper) >= 4.5
    for paper in (DARK_PAPER, "#161513", palette.said[1]):
        assert contrast(dark, paper) >= 4.5
    assert contrast("#24211c", palette.said[0]) >= 4.5  # --ink
    assert contrast("#ece7de", palette.said[1]) >= 4.5


def test_the_style_sheet_sets_variables_and_nothing_else() -> None:
    palette = palette_of("#7A1F5C")

    assert palette is not None
    assert re.fullmatch(r":root \{( --[a-z-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);)+ \}\n", palette.css())
    assert "#7a1f5c" in palette.css()


def test_without_a_colour_there_is_no_palette() -> None:
    assert palette_of("") is None
