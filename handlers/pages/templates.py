"""Pages and fragments from templates: the one place where HTML is made, save a stream's frames. Knows nothing of requests."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from handlers.pages import reply_texts
from handlers.pages.assets import BRAND_STYLE, SIGN, Assets
from handlers.pages.languages import Language, Languages
from handlers.services import utc_now
from shop.hours import OpeningHours

_ADDRESS = re.compile(r"(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?P<call>\+\d[\d ()./-]{5,}\d)")


def contact(text: str) -> Markup:
    """Return the owner's line on how to reach a person, its e-mail addresses and international telephone numbers as links."""
    parts, end = [Markup()], 0
    for found in _ADDRESS.finditer(text):
        target = f"mailto:{found[0]}" if found["mail"] else "tel:" + re.sub(r"[^+\d]", "", found[0])
        parts += [escape(text[end : found.start()]), Markup('<a href="{}">{}</a>').format(target, found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def opening(opens: datetime, now: datetime, language: Language) -> str:
    """Return when the shop's staff can be reached again, by the shop's clock, which `opens` is in."""
    days = (opens.date() - now.astimezone(opens.tzinfo).date()).days
    hour = language.hour(opens.replace(tzinfo=None))
    if days == 0:
        return language.gettext("closed now, open again today at %(time)s", time=hour)
    if days == 1:
        return language.gettext("closed now, open again tomorrow at %(time)s", time=hour)
    return language.gettext("closed now, open again %(day)s at %(time)s", day=language.weekday(opens), time=hour)


@dataclass(frozen=True, slots=True)
class ContactLine:
    """How to reach a person of the shop, and when there is somebody."""

    contact: Markup
    hours: OpeningHours = field(default_factory=OpeningHours)
    now: Callable[[], datetime] = utc_now

    def written(self, language: Language) -> Markup:
        """Return the line as it is now; outside the hours it says when somebody can be reached again."""
        now = self.now()
        if not self.contact or (opens := self.hours.opens(now)) is None:
            return self.contact
        return self.contact + Markup(" ({})").format(opening(opens, now, language))


class Pages:
    """The templates, with what all of them know. One compiled template serves all languages.

    In a template `{% trans %}` holds a sentence that is HTML, and `_("...")` one that is text.
    """

    def __init__(
        self, templates: Path, assets: Assets, languages: Languages, contact: ContactLine, **common: Any
    ) -> None:
        self._contact = contact
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        self._environment.newstyle_gettext = True  # type: ignore[attr-defined]
        self._environment.filters.update(_FILTERS)
        self._environment.globals.update(
            common,
            asset=assets.url,
            integrity=assets.integrity,
            languages=list(languages),
            logo=assets.logo,
            sign=SIGN,
            bar=assets.bar,
            brand_style=BRAND_STYLE if assets.has_colour else None,
        )
        self._spoken = {one.code: _spoken(one) for one in languages}

    def render(self, template: str, language: Language, **values: Any) -> str:
        moving = {"contact": self._contact.written(language)}
        spoken = self._spoken[language.code]  # by its code: a request may have begun before the settings changed
        return self._environment.get_template(template).render(spoken | moving | values)

    def fragment(self, noun: str, language: Language, **values: Any) -> str:
        return self.render(f"fragments/{noun}.html", language, **values)


def _spoken(language: Language) -> dict[str, Any]:
    """Return what makes a template speak a language: `_` for text, and what `{% trans %}` calls, for HTML."""

    def of_html(sentence: str, /, **values: Any) -> Markup:
        return _filled(language, language.find(sentence), values)

    def of_html_plural(singular: str, plural: str, num: int, /, **values: Any) -> Markup:
        return _filled(language, language.find_plural(singular, plural, num), {"num": num, **values})

    return {"language": language, "_": language.gettext, "gettext": of_html, "ngettext": of_html_plural}


def _filled(language: Language, sentence: str, values: dict[str, Any]) -> Markup:
    """Put values into a sentence of the catalogues, which is HTML; they are text, and escaped."""
    return Markup(sentence) % language.printed(values)  # noqa: S704  # nosec B704


def _filter(write: Callable[..., str]) -> Callable[..., str]:

    @jinja2.pass_context
    def written(context: jinja2.runtime.Context, value: Any, *how: Any) -> str:
        return write(context["language"], value, *how)

    return written


_FILTERS = {
    "number": _filter(Language.number),
    "moment": _filter(Language.moment),
    "day": _filter(Language.day),
    "cost": _filter(reply_texts.cost),
}
