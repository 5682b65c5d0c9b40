"""Dates and times in a text, English and Portuguese, as they are written or relative to a day. Pure.

It reads folded text: lower case, without accents (`values.fold`). A date key has what the text has of it:
"date 2026-03-12", "date 03-12", "day 12", "month 03", "weekday 5" (Monday is 1), "week 2026-49".
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from memory.facts import number_words

_FULL_MONTHS = (
    "january janeiro", "february fevereiro", "march marco", "april abril", "may maio", "june junho", "july julho",
    "august agosto", "september setembro", "october outubro", "november novembro", "december dezembro",
)  # fmt: skip
_SHORT_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PORTUGUESE_MONTHS = "jan fev mar abr mai jun jul ago set out nov dez".split()
_MONTHS = {
    name: number
    for names in (_FULL_MONTHS, _SHORT_MONTHS, _PORTUGUESE_MONTHS, ("sept",) * 9)
    for number, row in enumerate(names, 1)
    for name in row.split()
    if name != "sept" or number == 9
}
_FULL_NAMES = [name for row in _FULL_MONTHS for name in row.split()]
_ENGLISH = [*_FULL_NAMES, *_SHORT_MONTHS, "sept"]

_WEEKDAYS = {
    name: number
    for number, row in enumerate(
        (
            "monday segunda", "tuesday tue tues terca", "wednesday wed quarta", "thursday thu thur thurs quinta",
            "friday fri sexta", "saturday sabado", "sunday domingo",
        ),
        1,
    )
    for name in row.split()
}  # fmt: skip
_ORDINAL_TOO = {"segunda", "terca", "quarta", "quinta"}
"""Weekdays that are "second" to "fifth" as well: "na segunda" is Monday, "a segunda caixa" is none."""
_DAYS_AWAY = {
    "day after tomorrow": 2, "depois de amanha": 2, "tomorrow": 1, "amanha": 1, "today": 0, "tonight": 0, "hoje": 0,
    "yesterday": -1, "ontem": -1, "day before yesterday": -2, "anteontem": -2, "antes de ontem": -2,
}  # fmt: skip
_PERIODS = {
    "next week": ("week", 1), "semana que vem": ("week", 1), "proxima semana": ("week", 1), "this week": ("week", 0),
    "esta semana": ("week", 0), "last week": ("week", -1), "semana passada": ("week", -1), "next month": ("month", 1),
    "mes que vem": ("month", 1), "proximo mes": ("month", 1), "last month": ("month", -1), "mes passado": ("month", -1),
}  # fmt: skip
_FIXED_TIMES = {"noon": 12, "midday": 12, "meio-dia": 12, "meio dia": 12, "midnight": 0, "meia-noite": 0, "meia noite": 0}  # fmt: skip

_LEADS = ("next", "this", "last", "coming", "proximo", "proxima", "ultimo", "ultima", "esta", "este", "nesta", "neste")
_FARTHEST_DAYS = 3_660
_OTHERS = {*_DAYS_AWAY, *_PERIODS, *_FIXED_TIMES}
WORDS = frozenset(
    {*_WEEKDAYS, *_ENGLISH, "primeiro", "half", "quarter", "dia", "dias", *_LEADS}
    | {phrase.split()[0].split("-")[0] for phrase in _OTHERS}
)
"""The words that a date or a time in this text may begin with, numbers aside."""

_Meaning = Callable[[re.Match[str], date | None], str | None]
_YEAR = r"(?:(?:,? (?:de |of )?|/)(?P<year>(?:19|20)\d\d)(?!\d))?"
_LATE = r"da tarde|da noite|in the afternoon|in the evening|at night|p\.?m\b\.?"
_HALF = rf" ?(?P<half>{_LATE}|da manha|da madrugada|in the morning|a\.?m\b\.?)(?!\w)"
_HOURS = (
    "uma|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|one|two|three|four|five|six|seven|eight|nine|ten|"
    "eleven|twelve"
)
_MINUTES = "meia|quinze|vinte|trinta|quarenta|cinquenta|dez|fifteen|twenty|thirty|forty|fifty"
_GOES_ON = r"(?=\W*$|[.,;:!?)/]| (?:que|de|as|a|pela|depois|antes|ou|e|ja|mesmo|cedo|sem|por|se|is|or|and|at|to|if|please|instead|works|nao|nem|so|vai|pode|podem|tem|fica|estou|estarei|esta|ta|serve|seria|ficou|entao|eu|mas|vou|ainda|then|but|will|would|i|we|before|after)\b)"
"""What follows a lone "segunda" or "the 12th" that is a day and counts nothing."""


@dataclass(frozen=True, slots=True)
class When:
    """A date or a time: its kind, its key and where it ends."""

    kind: str
    key: str
    end: int


def read(text: str, at: int, said: date | None) -> When | None:
    """Return the date or time that begins at a place; None if there is none.

    `said` is the day of the message: with it what is relative, and a day without month, becomes the day it means.
    """
    for pattern, meaning in _OF_FIGURES if text[at].isdigit() else _OF_WORDS:
        match = pattern.match(text, at)
        if match is not None and (key := meaning(match, said)) is not None:
            return When("time" if key.startswith("time") else "date", key, match.end())
    return None


def away(number: int, unit: str, said: date, *, is_past: bool) -> str | None:
    """Return the key of the day so many days or weeks away; None for another unit."""
    days = {"day": 1, "week": 7}.get(unit)
    if days is None or number > _FARTHEST_DAYS:
        return None
    return key_of(said + timedelta(-number * days if is_past else number * days))


def key_of(day: date) -> str:
    return f"date {day:%Y-%m-%d}"


def _date_key(year: str | None, month: int, day: int) -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if year is None:
        return f"date {month:02}-{day:02}"
    return f"date {year if len(year) == 4 else f'20{year}'}-{month:02}-{day:02}"


def _numeric(match: re.Match[str], _: date | None) -> str | None:
    """Read day before month, as Brazil and most others do; the other way round where only that is a date."""
    day, month = int(match["day"]), int(match["month"])
    return _date_key(match["year"], month, day) or _date_key(match["year"], day, month)


def _named(match: re.Match[str], _: date | None) -> str | None:
    day = _small(match["day"].replace("primeiro", "1"))
    return None if day is None else _date_key(match["year"], _MONTHS[match["month"]], day)


def _month_alone(match: re.Match[str], _: date | None) -> str:
    return (
        f"month {match['year']}-{_MONTHS[match['month']]:02}"
        if match["year"]
        else f"month {_MONTHS[match['month']]:02}"
    )


def _day_of_month(match: re.Match[str], said: date | None) -> str | None:
    """Return the next such day from the message on."""
    day = int(match["day"])
    if not 1 <= day <= 31:
        return None
    if said is None:
        return f"day {day}"
    return next(key_of(then) for then in (said + timedelta(n) for n in range(62)) if then.day == day)


def _weekday(match: re.Match[str], said: date | None) -> str | None:
    name, lead, follows = match["name"], match["lead"] or "", match["follows"] or ""
    if name in _ORDINAL_TOO and not (match["feira"] or lead or follows or match["stop"] is not None):
        return None
    number = _WEEKDAYS[name]
    if said is None:
        return f"weekday {number}"
    if lead.startswith(("last", "ultim")) or "passad" in follows:
        return key_of(said - timedelta((said.isoweekday() - number) % 7 or 7))
    return key_of(said + timedelta((number - said.isoweekday()) % 7 or 7))


def _days_away(match: re.Match[str], said: date | None) -> str:
    days = _DAYS_AWAY[match[0]]
    return key_of(said + timedelta(days)) if said is not None else f"away {days} day"


def _period(match: re.Match[str], said: date | None) -> str:
    unit, number = _PERIODS[match[0]]
    if said is None:
        return f"away {number} {unit}"
    if unit == "week":
        year, week, _ = (said + timedelta(7 * number)).isocalendar()
        return f"week {year}-{week:02}"
    months = said.year * 12 + said.month - 1 + number
    return f"month {months // 12}-{months % 12 + 1:02}"


def _clock(match: re.Match[str], _: date | None) -> str | None:
    return _time_key(int(match["hour"]), int(match["minute"] or 0), match["half"])


def _time_key(hour: int, minute: int, half: str | None) -> str | None:
    """Return the key of a time; `half` is the words that name the half of the day."""
    if half is not None and hour <= 12:
        is_midnight = hour == 12 and half in ("da noite", "at night")
        hour = hour % 12 + (12 if re.fullmatch(_LATE, half) and not is_midnight else 0)
    return f"time {hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _fixed_time(match: re.Match[str], _: date | None) -> str:
    return f"time {_FIXED_TIMES[match['name']]:02}:{'30' if match['half'] else '00'}"


def _past_or_to(match: re.Match[str], _: date | None) -> str | None:
    hour = _small(match["hour"])
    minutes = {"half": 30, "quarter": 15}.get(match["part"]) or _small(match["part"])
    if hour is None or minutes is None or not 1 <= hour <= 12:
        return None
    if match["side"] == "to":
        hour, minutes = (hour - 1) or 12, 60 - minutes
    return _time_key(hour, minutes, match["half"])


def _hour_and_words(match: re.Match[str], _: date | None) -> str | None:
    """Read "tres e meia da tarde", "three pm", "six o'clock": a number, and words that make it a time."""
    hour, past = _small(match["hour"]), match["past"]
    minutes = 0 if past is None else 30 if past == "meia" else _small(past)
    return None if hour is None or minutes is None else _time_key(hour, minutes, match["half"])


def _small(words: str) -> int | None:
    """Return a whole number below 60 in figures or words; None for another."""
    number = number_words.read(words, 0, articles=True)
    is_whole = number is not None and number.end == len(words) and number.amount < 60
    return int(number.amount) if number is not None and is_whole else None


def _any_of(names: Iterable[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


def _compiled(*forms: tuple[str, _Meaning]) -> tuple[tuple[re.Pattern[str], _Meaning], ...]:
    return tuple((re.compile(form), meaning) for form, meaning in forms)


_HOUR_FORM = (
    rf"(?P<hour>{_HOURS}|\d{{1,2}})(?: (?:e )?(?P<past>{_MINUTES})(?!\w))?"
    rf"(?: (?:o['’]?clock|em ponto|horas?)(?: em ponto)?)?+{_HALF}",
    _hour_and_words,
)
_OCLOCK = (
    rf"(?P<hour>{_HOURS}|\d{{1,2}})(?P<past>(?!))? (?:o['’]?clock|horas em ponto|em ponto)(?P<half>(?!))?",
    _hour_and_words,
)
_OF_FIGURES = _compiled(
    (r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d\d)(?P=sep)(?P<day>\d\d)(?!\d)(?:t(?=\d\d:))?", _numeric),
    (r"(?P<day>\d{1,2})(?P<sep>[/.-])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4}|\d\d)(?![\w/]|[.-]\d)", _numeric),
    (r"(?!24/7)(?P<day>\d{1,2})/(?P<month>\d{1,2})(?P<year>(?!))?(?![\w/]|[.,-]\d)", _numeric),
    (rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|º|°|o)?(?: de | of |/)(?P<month>{_any_of(_MONTHS)})(?!\w){_YEAR}", _named),
    (rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>{_any_of(_ENGLISH)})(?!\w){_YEAR}", _named),
    (rf"(?:(?<=the )|(?<=on ))(?P<day>\d{{1,2}})(?:st|nd|rd|th){_GOES_ON}", _day_of_month),
    (rf"(?P<hour>\d{{1,2}})[:.h](?P<minute>\d\d)(?:h|min)?{_HALF}", _clock),
    (r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?(?![\d:])(?:h|hs)?(?!\w)(?P<half>(?!))?", _clock),
    (rf"(?P<hour>\d{{1,2}}) ?h(?:s|rs?)?(?P<minute>\d\d)?(?:min)?(?!\w)(?:{_HALF})?", _clock),
    (rf"(?P<hour>\d{{1,2}})(?P<minute>(?!))?(?: horas?)?{_HALF}", _clock),
    _HOUR_FORM,
    _OCLOCK,
)  # fmt: skip
_OF_WORDS = _compiled(
    (rf"(?P<month>{_any_of(_ENGLISH)})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:%])(?![.,]\d){_YEAR}", _named),
    (rf"(?P<day>[a-z]+(?: e [a-z]+)?) de (?P<month>{_any_of(_FULL_NAMES)})(?!\w){_YEAR}", _named),
    (rf"(?P<month>{_any_of(_FULL_NAMES)})(?= (?:de |of )?(?:19|20)\d\d(?!\d)){_YEAR}", _month_alone),
    (rf"(?:(?<=\bin )|(?<=\bem )|(?<=\bate )|(?<=until )|(?<=since ))(?P<month>{_any_of(_FULL_NAMES)})(?P<year>(?!))?(?!\w)", _month_alone),
    (r"dias? (?P<day>\d{1,2})(?!\w)(?![/.,:-]\d)(?! de [a-z])", _day_of_month),
    (rf"(?P<part>half|quarter|five|ten|twenty) (?P<side>past|to) (?P<hour>{_HOURS}|\d{{1,2}})(?!\w)(?:{_HALF})?", _past_or_to),
    (rf"(?P<name>{_any_of(_FIXED_TIMES)})(?!\w)(?P<half> e meia(?!\w))?", _fixed_time),
    (rf"(?:{_any_of(_DAYS_AWAY)})(?!\w)", _days_away),
    (rf"(?:{_any_of(_PERIODS)})(?!\w)", _period),
    (
        rf"(?:(?P<lead>next|this|last|coming|proxim[ao]|ultim[ao]|n?est[ae]) )?(?P<name>{_any_of(_WEEKDAYS)})(?P<feira>[- ]feira)?s?(?!\w)"
        rf"(?P<follows> que vem| proxim[ao]| passad[ao])?(?P<stop>{_GOES_ON})?",
        _weekday,
    ),
    _HOUR_FORM,
    _OCLOCK,
)  # fmt: skip
