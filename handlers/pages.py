"""Pages and fragments from templates: the one place where HTML is made, save a stream's frames. Knows nothing of requests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from handlers import markdown, words
from handlers.assets import Assets
from memory.records import Record, stamp


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as the page shows it."""

    number: int
    role: str
    html: Markup
    """The assistant's words, safe; a customer's words stand in `text`, as they are."""
    text: str
    time: str
    clock: str
    """The time in words, for who has no JavaScript; a script puts the reader's own in its place."""
    model: str | None
    ending: str | None
    note: str | None
    can_continue: bool
    can_retry: bool


def bubble(record: Record, *, retry_after_seconds: float | None = None, blocks: list[str] | None = None) -> Bubble:
    """Make the bubble of a record. `blocks` is its HTML where a stream has made it already."""
    is_reply = not record.is_question
    html = "" if record.is_question else _html(record, blocks)
    return Bubble(
        number=record.number,
        role=record.role,
        html=Markup(html),  # noqa: S704  (markdown.render sanitises last)  # nosec B704
        text=record.text,
        time=stamp(record.time),
        clock=words.clock(record.time),
        model=record.model,
        ending=words.ending(record, retry_after_seconds) if is_reply else None,
        note=words.other_model(record) if is_reply else None,
        can_continue=is_reply and bool(record.text) and record.ending in ("stopped", "interrupted", "length"),
        can_retry=is_reply and record.ending in ("failed", "interrupted", "stopped", "content_filter"),
    )


def draft(text: str) -> Markup:
    """Give the words of a reply that is being written, until its stream shows them."""
    return Markup(markdown.render(text))  # noqa: S704  # nosec B704


def _html(record: Record, blocks: list[str] | None) -> str:
    return "\n".join(blocks) if blocks is not None else markdown.render(record.text)


class Pages:
    """The templates, with what all of them know."""

    def __init__(self, templates: Path, assets: Assets, **common: Any) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(common, asset=assets.url, integrity=assets.integrity, clock=words.clock)

    def render(self, template: str, **values: Any) -> str:
        return self._environment.get_template(template).render(values)

    def fragment(self, noun: str, **values: Any) -> str:
        return self.render(f"fragments/{noun}.html", **values)
