"""The languages of the pages: sentences out of the catalogues, numbers, money and dates as each language writes them.

A language is one file of languages/, such as pt_BR.po; English is the code's own. Catalogues are read once, at the start;
to say a sentence is then a look into a dictionary. What was written of numbers and times is remembered: a page is looked at
more than once. Knows nothing of requests.
"""

import gettext
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_currency, format_decimal, get_decimal_symbol
from babel.units import format_unit
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from memory.i18n import ENGLISH, Phrase, UserError, Value
from settings import BadSetting
from shop.answers.card import Speaker

_FORMATS = {ENGLISH: "en_GB"}
"""Where numbers and dates are another region's: English has the day before the month, 24 hours, and US$ by that name."""
_MOST_ASKED_CHARS = 200
_MOST_FOOT_CHARS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language. `code` names its file, `tag` is what HTML calls it, `name` what it calls itself."""

    code: str
    tag: str
    name: str
    direction: str
    """Which way it is written: "ltr" or "rtl"."""
    locale: Locale
    catalogue: gettext.NullTranslations

    def find(self, sentence: str) -> str:
        """Return the sentence in this language, its places as they are; the English one where there is none."""
        return self.catalogue.gettext(sentence) if sentence else ""

    def find_plural(self, singular: str, plural: str, count: int) -> str:
        """Return the form of a sentence that fits the count, its places as they are."""
        return self.catalogue.ngettext(singular, plural, count)

    def gettext(self, sentence: str, /, **values: Value) -> str:
        """Return a sentence in this language. Whole numbers are written as the language does; a `%` stands for itself without values."""
        return self.find(sentence) % self.printed(values) if values else self.find(sentence)

    def ngettext(self, singular: str, plural: str, count: int, /, **values: Value) -> str:
        """Return a sentence about `count` things, which stands in it as `%(num)s`."""
        return self.find_plural(singular, plural, count) % self.printed({"num": count, **values})

    def error_text(self, error: UserError) -> str:
        """Return an error's sentence, translated."""
        return self.gettext(error.sentence, **error.values)

    def printed(self, values: dict[str, Value]) -> dict[str, str]:
        """Return values as they stand in a sentence."""
        return {name: self._printed(value) for name, value in values.items()}

    def _printed(self, value: Value) -> str:
        if isinstance(value, int):
            return self.number(value)
        return self.find(value) if isinstance(value, Phrase) else value

    def number(self, value: Decimal | float, places: int | None = 0) -> str:
        """Write a number, with so many places behind the point; None: as many as it has."""
        if places == 0 and isinstance(value, int) and 0 <= value < 1000:
            return str(value)
        whole, _, _ = self.locale.decimal_formats[None].pattern.partition(".")
        pattern = f"{whole}.{'0' * places}" if places else None
        written: str = format_decimal(value, pattern, self.locale, decimal_quantization=places is not None)
        return written

    @property
    def decimal_sign(self) -> str:
        """What stands before the fraction of a number."""
        return str(get_decimal_symbol(self.locale))

    def usd(self, value: Decimal) -> str:
        """Write dollars; small sums with the digits that matter."""
        pattern = self.locale.currency_formats["standard"].pattern
        if 0 < value < 1:
            pattern = pattern.replace("0.00", "0.00####")
        if "¤#" in pattern:
            pattern = pattern.replace("¤#", "¤ #")
        written: str = format_currency(value, "USD", pattern, self.locale, currency_digits=False)
        return written

    def moment(self, time: datetime) -> str:
        """Write a time to the minute, in UTC."""
        join = str(get_datetime_format("medium", locale=self.locale))
        written = join.replace("{1}", self.day(time)).replace("{0}", self.hour(time))
        return f"{written} UTC"

    def day(self, day: date) -> str:
        written: str = format_date(day, "medium", self.locale)
        return written

    def weekday(self, day: date) -> str:
        written: str = format_date(day, "EEEE", self.locale)
        return written

    def short_day(self, day: date) -> str:
        """Write a day without its year, for the foot of a plot, where there is little room."""
        written = self._in("MMMd", day)
        return written if len(written) <= _MOST_FOOT_CHARS else self._in("Md", day)

    def _in(self, skeleton: str, day: date) -> str:
        with suppress(KeyError):  # not every language has every form
            written: str = format_skeleton(skeleton, day, locale=self.locale)
            return written
        return self.day(day)

    def hour(self, time: datetime) -> str:
        """Write the time of day, in UTC."""
        written: str = format_time(time, "short", locale=self.locale)
        return written

    def duration(self, seconds: float) -> str:
        """Return how long something takes, in the unit that fits."""
        if seconds < 90:
            number, unit = max(1, round(seconds)), "duration-second"
        elif seconds < 5400:
            number, unit = round(seconds / 60), "duration-minute"
        else:
            number, unit = round(seconds / 3600), "duration-hour"
        written: str = format_unit(number, unit, locale=self.locale)
        return written


class Languages:
    """All languages there are: English, then the others by their names."""

    def __init__(self, others: list[Language], default: str = ENGLISH) -> None:
        self._all = [_language(ENGLISH, gettext.NullTranslations()), *sorted(others, key=lambda one: one.name)]
        self._by_code = {one.code: one for one in self._all}
        if default not in self._by_code:
            there = " or ".join(f'"{code}"' for code in self._by_code)
            raise BadSetting(f'language = "{default}": takes {there}.')
        self.default = self._by_code[default]

    def __iter__(self) -> Iterator[Language]:
        return iter(self._all)

    def of(self, code: str | None) -> Language | None:
        """Return the language of this code, None when there is none such (any more)."""
        return self._by_code.get(code or "")

    def speaker(self, code: str) -> Speaker | None:
        """Return what says answers by code in the language of this code, or of its first part; None when there is none such."""
        found = self.of(code) or next((one for one in self._all if one.code.partition("_")[0] == code), None)
        return None if found is None else Speaker(found.code, found.find)

    def negotiate(self, asked: str) -> Language:
        """Return the language that fits an Accept-Language header best: what is preferred counts more than its region."""
        for tag, quality in parse_accept_header(asked[:_MOST_ASKED_CHARS], LanguageAccept):
            if quality <= 0:
                continue
            code = tag.replace("-", "_").lower()
            fits = [one for one in self._all if one.code.lower() == code] or [
                one for one in self._all if one.code.lower().partition("_")[0] == code.partition("_")[0]
            ]
            if fits:
                return fits[0]
        return self.default


def load(folder: Path, default: str = ENGLISH) -> Languages:
    """Read the catalogues of a folder. BadSetting for one that cannot be used, and for a default that is not there."""
    return Languages([_read(file) for file in sorted(folder.glob("*.po"))], default)


def _read(file: Path) -> Language:
    code = file.stem
    try:
        with file.open("rb") as content:
            catalogue = read_po(content, locale=code, abort_invalid=True)
        for message in catalogue:
            for error in message.check(catalogue):
                raise BadSetting(f"{file.parent.name}/{file.name}, line {message.lineno}: {error}.")
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return _language(code, gettext.GNUTranslations(compiled))
    except (ValueError, UnknownLocaleError, PoFileError, OSError) as error:
        raise BadSetting(f"{file.parent.name}/{file.name}: {error}.") from error


def _language(code: str, catalogue: gettext.NullTranslations) -> Language:
    locale = Locale.parse(code)
    name = locale.get_display_name() or code
    direction = "rtl" if locale.character_order == "right-to-left" else "ltr"
    formats = Locale.parse(_FORMATS.get(code, code))
    return Language(code, code.replace("_", "-"), name[:1].upper() + name[1:], direction, formats, catalogue)
