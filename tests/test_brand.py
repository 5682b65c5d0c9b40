"""Tests of what makes a shop's pages its own: colours that can be read, opening hours."""

import colorsys
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from brand import DARK_PAPER, LIGHT_PAPER, contrast, read_hours, readable
from settings import ROOT, BadSetting

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_the_papers_are_those_of_the_style_sheet() -> None:
    style = (ROOT / "static" / "style.css").read_text()

    assert f"--paper: light-dark({LIGHT_PAPER}, " in style
    assert f", {DARK_PAPER});" in style


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54), ("#777777", "#ffffff", 4.48)],
)  # fmt: skip
def test_a_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


@given(COLOURS)
def test_any_colour_is_taken_or_its_nearest_one_is(colour: str) -> None:
    try:
        settings.read({"brand": {"color": colour}})
    except BadSetting as error:
        ratio, nearest = re.findall(r"contrast of ([\d.]+):1 .* is \"(#[0-9a-f]{6})\"", str(error))[0]
        assert float(ratio) < 4.5
        assert settings.read({"brand": {"color": nearest}}).brand.color == nearest
        assert contrast(nearest, LIGHT_PAPER) < 4.6
    else:
        assert contrast(colour, LIGHT_PAPER) >= 4.5


def test_the_nearest_colour_keeps_its_hue() -> None:
    found = readable("#ffcc00", LIGHT_PAPER, "#000000")

    hue, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in bytes.fromhex(found[1:])))
    assert hue == pytest.approx(colorsys.rgb_to_hls(1, 0.8, 0)[0], abs=0.01)
    assert saturation > 0.95


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "1f5c4d", "#1f5c4d ", "#1f5c4d;}", "#١٢٣٤٥٦"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(BadSetting, match=r"brand\.color = .*: takes a colour as # and six hexadecimal digits"):
        settings.read({"brand": {"color": colour}})


MORNING, EVENING = 9 * 60, 18 * 60
WEEK = [(day, MORNING, 540) for day in range(5)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("Mo-Fr 09:00-18:00", WEEK),
        ("Mo-Fr 09:00-18:00, Sa 09:00-13:00", [*WEEK, (5, MORNING, 240)]),
        ("Mo-Fr 09:00-18:00; Sa 09:00-13:00", [*WEEK, (5, MORNING, 240)]),
        ("Mo-Fr 09:00-18:00 Sa 09:00-13:00", [*WEEK, (5, MORNING, 240)]),
        ("Mo,We 09:00-18:00", [(0, MORNING, 540), (2, MORNING, 540)]),
        ("Tu 09:00-12:00, 13:00-18:00", [(1, MORNING, 180), (1, 13 * 60, 300)]),
        ("Sa-Mo 09:00-18:00", [(day, MORNING, 540) for day in (5, 6, 0)]),
        ("Fr 18:00-02:00", [(4, EVENING, 480)]),
        ("Su 00:00-24:00", [(6, 0, 1440)]),
    ],
)
def test_hours_are_read(text: str, spans: list[tuple[int, int, int]]) -> None:
    assert list(read_hours(text)) == spans
    assert settings.read({"hours": text}).hours == text


@pytest.mark.parametrize(
    "text",
    ["always", "Mo-Fr", "09:00-18:00", "Mo-Fr 9-18", "Mo 09:00-25:00", "Mo 09:60-18:00", "Mo 24:00-02:00", "Mo 09:00-09:00",
     "Mo-Fr 09:00-18:00Sa 09:00-13:00", "Mo-Fr 09:00–18:00", "mo-fr 09:00-18:00", "Mo-Fr 09:00-18:00 or so", "Mo ٠٩:٠٠-١٨:٠٠", " "],
)  # fmt: skip
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match=r"hours = .*: takes days and times such as"):
        settings.read({"hours": text})


@pytest.mark.parametrize("logo", ["logo.gif", "../logo.png", "brand/logo.png", "x.svg", "logo.png\n"])
def test_a_logo_is_one_of_two_files(logo: str) -> None:
    with pytest.raises(BadSetting, match=r"brand\.logo"):
        settings.read({"brand": {"logo": logo}})
