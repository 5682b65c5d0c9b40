"""The step of the first run that makes the pages the shop's own: what its form shows, and what is written of it."""

import re
from collections.abc import Mapping
from functools import partial
from zoneinfo import available_timezones

from quart import Response
from werkzeug.datastructures import FileStorage

import brand
from brand import BadBrand
from handlers.desk import example, open_times
from handlers.desk.logo import NotALogo, keep, read_apart
from handlers.desk.open_times import PARTS, OpenTime
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.responses import language
from handlers.web.settings_editing import settings_digest
from handlers.web.setup_page import render_step
from memory.i18n import N_, UserError
from settings import Settings
from shop.editing.versions import ChangedMeanwhile, NotEditable

USUAL_COLOUR = "#1f5c4d"
"""The colour of a shop that has chosen none, as the style sheet has it."""
MOST_NAME_CHARS, MOST_CONTACT_CHARS, MOST_GREETING_CHARS = 80, 300, 500
_ZONES = re.compile(r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/\S+|UTC")
_UNREADABLE_TIMES = N_("These times can't be read. Write them as 09:00 and 18:00.")
_FIELDS = ("shop", "language", "contact", "greeting", "timezone", "color", "hours", *(f"{part}-{end}" for part in PARTS for end in ("opens", "closes")))  # fmt: skip


class FieldProblem(UserError):
    """What is wrong with a field of the form; `field` is its name."""

    field = ""

    def at(self, field: str) -> "FieldProblem":
        self.field = field
        return self


def form_of(settings: Settings) -> dict[str, str]:
    """Return the values of the form's fields."""
    form = {
        "shop": settings.shop,
        "language": settings.language,
        "contact": settings.contact,
        "greeting": settings.brand.greeting,
        "timezone": settings.timezone,
        "color": settings.brand.color or USUAL_COLOUR,
        "hours": settings.hours,
    }
    for part, time in (open_times.week_of(settings.hours) or {}).items():
        form |= {f"{part}-opens": time.opens, f"{part}-closes": time.closes}
    return form


async def render_shop(
    status: int = 200, *, typed: Mapping[str, str] | None = None, seen: str | None = None, **values: object
) -> Response:
    """Answer with the form: as the settings are, or as it was typed."""
    settings = current_services().settings
    form = dict.fromkeys(_FIELDS, "") | form_of(settings)
    if settings.shop == example.SHOP:  # nobody's customers are to write to the example, or to read another language
        form |= {"shop": "", "contact": "", "language": language().code}
    has_week = open_times.week_of(settings.hours) is not None
    return await render_step(
        "shop",
        status,
        form=form | _mended(typed or {}),
        has_week=has_week,
        zones=await in_thread(_zones),
        known_languages=list(current_web().languages),
        has_logo=bool(settings.brand.logo),
        seen=await in_thread(settings_digest) if seen is None else seen,
        **values,
    )


def _mended(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, with the nearest colour that can be read in the place of one that cannot."""
    colour = typed.get("color", "").lower()
    is_unreadable = re.fullmatch(r"#[0-9a-f]{6}", colour) and brand.contrast(colour, brand.LIGHT_PAPER) < brand.READABLE
    return {**typed, "color": brand.nearest(colour)} if is_unreadable else dict(typed)


def _zones() -> list[str]:
    return sorted(zone for zone in available_timezones() if _ZONES.fullmatch(zone))


def changes_of(form: Mapping[str, str], settings: Settings) -> tuple[dict[str, object], dict[str, UserError]]:
    """Return the values that the form changes, by key of the settings, and what is wrong with its fields."""
    problems, changes = dict[str, UserError](), dict[str, object]()
    typed = {
        field: " ".join(form.get(field, "").split()) for field in ("shop", "contact", "timezone", "color", "hours")
    }
    typed["greeting"] = form.get("greeting", "").replace("\r\n", "\n").strip()
    wanted: dict[str, str] = {
        "shop": typed["shop"],
        "language": form.get("language", settings.language),
        "contact": typed["contact"],
        "brand.greeting": typed["greeting"],
        "timezone": typed["timezone"],
        "brand.color": "" if typed["color"].lower() == USUAL_COLOUR else typed["color"].lower(),
    }
    for check in (
        _check_texts,
        _check_language,
        _check_colour,
        partial(_put_hours, form, typed["hours"], settings.hours),
    ):
        try:
            check(wanted)
        except FieldProblem as problem:
            problems[problem.field] = problem
    now = {"shop": settings.shop, "language": settings.language, "contact": settings.contact, "brand.greeting": settings.brand.greeting,
           "timezone": settings.timezone, "brand.color": settings.brand.color, "hours": settings.hours}  # fmt: skip
    changes.update({key: value for key, value in wanted.items() if value != now[key]})
    return changes, problems


def _check_texts(wanted: Mapping[str, str]) -> None:
    if not wanted["shop"]:
        raise FieldProblem("Enter your shop's name.").at("shop")
    for field, key, most in (
        ("shop", "shop", MOST_NAME_CHARS),
        ("contact", "contact", MOST_CONTACT_CHARS),
        ("greeting", "brand.greeting", MOST_GREETING_CHARS),
    ):
        if len(wanted[key]) > most:
            raise FieldProblem("Please use at most %(most)s characters.", most=most).at(field)


def _check_language(wanted: Mapping[str, str]) -> None:
    if all(known.code != wanted["language"] for known in current_web().languages):
        raise FieldProblem("Choose one of these.").at("language")


def _check_colour(wanted: Mapping[str, str]) -> None:
    colour = wanted["brand.color"]
    try:
        brand.check_colour(colour)
    except BadBrand:
        if not re.fullmatch(r"#[0-9a-f]{6}", colour):
            raise FieldProblem("Choose a colour.").at("color") from None
        raise FieldProblem(
            "This colour is too light to be read on the page: its contrast is %(ratio)s to 1, and text needs 4.5 to 1. "
            "The nearest one that works, %(nearest)s, is filled in now.",
            ratio=language().number(brand.contrast(colour, brand.LIGHT_PAPER), 1), nearest=brand.nearest(colour),
        ).at("color") from None  # fmt: skip


def _put_hours(form: Mapping[str, str], text: str, before: str, wanted: dict[str, str]) -> None:
    """Put the hours of the form in: of its fields for parts of the week, or of its text where they are more than those hold."""
    wanted["hours"] = before
    try:
        if open_times.week_of(before) is not None:
            text = open_times.hours_of(_times(form))
        brand.read_hours(text)
    except BadBrand:
        raise FieldProblem(_UNREADABLE_TIMES).at("hours") from None
    wanted["hours"] = text


def _times(form: Mapping[str, str]) -> dict[str, OpenTime]:
    times = {part: OpenTime(form.get(f"{part}-opens", ""), form.get(f"{part}-closes", "")) for part in PARTS}
    if half := next((part for part, time in times.items() if time.is_half), None):
        raise FieldProblem("Enter both times, or neither where you are closed.").at(half)
    for part, time in times.items():
        try:
            brand.read_hours(open_times.hours_of({part: time}))
        except BadBrand:
            raise FieldProblem(_UNREADABLE_TIMES).at(part) from None
    return times


async def save_logo(sent: FileStorage) -> str:
    """Keep a logo that was sent in; return the name that the settings have to name. FieldProblem says why it is not taken."""
    prompts = current_services().prompts
    try:
        async with current_web().photos:
            name, data = await in_thread(read_apart, sent.stream)
        await in_thread(keep, prompts, name, data)
    except NotALogo as error:
        raise FieldProblem(error.sentence, **error.values).at("logo") from error
    except (ChangedMeanwhile, NotEditable, OSError) as error:
        raise FieldProblem("The logo couldn't be saved. Please try again.").at("logo") from error
    await note_change(f"file {name}: uploaded", "", f"{len(data):,} bytes")
    return name


def sentences_of(problems: Mapping[str, UserError]) -> dict[str, str]:
    """Return problems as sentences in the language of the request."""
    return {field: language().error_text(problem) for field, problem in problems.items()}
