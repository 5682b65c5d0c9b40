"""The shop's colour on its pages: the style sheet that a page gets beside the usual one, and what the browser is tinted with."""

from dataclasses import dataclass

from brand import DARK_PAPER, READABLE, contrast, mixed, readable

_WHITE = "#ffffff"
_INK_ON_ACCENT = "#161513"
"""What stands on buttons in the dark theme: --paper there."""
_DARK_CONTRAST = 6.5
"""What the lighter colour of the dark theme has at least, about half of what the usual one has."""
_TINT = 0.14
"""The share of the colour in what stands behind a user's own messages."""


@dataclass(frozen=True, slots=True)
class Palette:
    """A colour in both themes, light and dark: of buttons and links, and of what stands behind a user's messages."""

    accent: tuple[str, str]
    said: tuple[str, str]
    bar: tuple[str, str]
    """What a browser's own bar is tinted with."""

    def css(self) -> str:
        accent, said = (f"light-dark({', '.join(pair)})" for pair in (self.accent, self.said))
        on_accent = f"light-dark({_WHITE}, {_INK_ON_ACCENT})"
        return f":root {{ --accent: {accent}; --on-accent: {on_accent}; --said: {said}; }}\n"


def palette_of(color: str) -> Palette | None:
    """Return the palette of the colour of the settings, which is readable on the light page; None for none."""
    if not color:
        return None
    light = color.lower()
    dark = readable(light, DARK_PAPER, _WHITE, _DARK_CONTRAST)
    said = (_tint(light, _WHITE), _tint(dark, DARK_PAPER))
    return Palette((light, dark), said, (light, mixed(DARK_PAPER, light, _TINT)))


def _tint(colour: str, paper: str) -> str:
    """Return the paper with a little of the colour, in which a link is still read."""
    tints = (mixed(paper, colour, _TINT * step / 10) for step in range(10, -1, -1))
    return next(tint for tint in tints if contrast(tint, colour) >= READABLE)


PLAIN_BAR = (_WHITE, DARK_PAPER)
"""What a browser's own bar has without a colour of the shop: --raised."""
