"""What a browser calls itself, in the words of its user: "Firefox", "Android". Pure.

Only names of these tables come out, whatever the header holds.
"""

import re

_BROWSERS = (
    ("WhatsApp", r"WhatsApp/"),
    ("Instagram", r"Instagram "),
    ("Facebook", r"FB(?:AN|AV)/"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|OPiOS/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Vivaldi", r"Vivaldi/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrom(?:e|ium)/|CriOS/"),
    ("Safari", r"Safari/|AppleWebKit/"),
)
"""Most browsers also name those that they resemble: the first one that fits counts."""
_SYSTEMS = (
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone|iPod"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)


def browser_of(user_agent: str) -> tuple[str, str]:
    """Return the names of a browser and of what it runs on, by the header User-Agent; "" for one that is not known."""
    return _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, user_agent[:512])), "")
