"""Bubbles: a message as the page shows it, its other versions, and what its reader can do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from handlers.pages import markdown, reply_texts
from handlers.pages.claim_marks import Marking
from handlers.pages.languages import Language
from memory.conversations.feedback import Feedback
from memory.conversations.records import Record
from memory.conversations.turns import ReplyId
from memory.timestamps import stamp
from shop.answers.cards import is_contact
from shop.claims.values import Claim


@dataclass(frozen=True, slots=True)
class Switch:
    """Where a message's other versions are: this one is `place` of `count`; addresses of its neighbours, None at an end."""

    place: int
    count: int
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page knows of a message beside its record."""

    began: datetime
    """When its conversation began: with its number it names the reply."""
    versions: tuple[Record, ...] = ()
    standing: Record | None = None
    """The version that stands; None for a message of a branch that was left."""
    rating: Feedback | None = None
    is_last: bool = False
    claims: Sequence[Claim] = ()
    """What was found of a reply's claims when it was kept."""
    is_own: bool = True
    """False where an owner reads a customer's conversation: the rows of its claims are found for that customer alone."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as the page shows it."""

    number: int
    role: str
    html: Markup
    """The assistant's words, safe; a customer's words stand in `text`, as they are."""
    text: str
    photos: tuple[str, ...]
    """Names of the photos that came with it."""
    time: str
    clock: str
    """The time in words, for readers without JavaScript; a script puts the reader's own in its place."""
    model: str | None
    imported: bool
    ending: str | None
    note: str | None
    can_continue: bool
    can_retry: bool
    can_ask_again: bool
    needs_person: bool
    """No answer came: who can be reached instead is said."""
    reply_id: str
    switch: Switch | None
    receipt: str | None
    rating: str
    reason: str
    is_open: bool
    """What can be done with it stands beside it, not behind a link: a page of all messages would hold thousands of elements."""


def bubble(
    language: Language,
    record: Record,
    shown: Shown,
    *,
    retry_after_seconds: float | None = None,
    blocks: list[str] | None = None,
) -> Bubble:
    """Make the bubble of a record, in the reader's language. `blocks` is its HTML where a stream has made it already."""
    is_reply = not record.is_question
    html = "" if record.is_question else "\n".join(blocks) if blocks is not None else _html(language, record, shown)
    first = next((one for one in shown.versions if one.text == record.text), record)
    receipt = record.receipt or first.receipt
    can_retry = is_reply and record.ending in ("failed", "interrupted", "stopped", "content_filter")
    return Bubble(
        number=record.number,
        role=record.role,
        html=Markup(html),  # noqa: S704  (markdown.render sanitises last)  # nosec B704
        text=record.text,
        photos=record.files,
        time=stamp(record.time),
        clock=language.moment(record.time),
        model=record.model,
        imported=record.imported,
        ending=reply_texts.ending(language, record, retry_after_seconds, for_customer=True) if is_reply else None,
        note=reply_texts.owners_note(language, record) if is_reply else None,
        can_continue=is_reply
        and bool(record.text)
        and not record.imported
        and record.ending in ("stopped", "interrupted", "length"),
        can_retry=can_retry,
        can_ask_again=is_reply and shown.is_last and not can_retry,
        needs_person=_needs_person(record),
        reply_id=str(ReplyId(record.number, shown.began)),
        switch=_switch(record, shown),
        receipt=reply_texts.receipt(language, receipt) if receipt else None,
        rating=shown.rating.rating if shown.rating else "none",
        reason=shown.rating.reason if shown.rating else "",
        is_open=is_reply and (shown.is_last or shown.rating is not None),
    )


def _html(language: Language, record: Record, shown: Shown) -> str:
    """Return a reply's words, with what was found of its claims."""
    return "\n".join(reply_blocks(language, record, shown)) if shown.claims else markdown.render(record.text)


def reply_blocks(language: Language, record: Record, shown: Shown) -> list[str]:
    """Return the same, block by block."""
    named = str(ReplyId(record.number, shown.began)) if shown.is_own else ""
    return Marking(language, shown.claims, reply=named).blocks(markdown.whole_blocks(record.text), record.text)


def _needs_person(record: Record) -> bool:
    """True if no answer came, and the words that came instead do not tell themselves who is to be reached."""
    is_fault = record.ending in ("failed", "interrupted") and record.why is not None
    return is_fault and not any(map(is_contact, record.text.split("\n")))


def _switch(record: Record, shown: Shown) -> Switch | None:
    if len(shown.versions) < 2:
        return None
    standing = shown.standing
    addresses = [
        f"/#message-{standing.number}"
        if standing and one.text == standing.text
        else f"/messages/{one.number}#message-{one.number}"
        for one in shown.versions
    ]
    place = next(n for n, one in enumerate(shown.versions) if one.text == record.text)
    earlier = addresses[place - 1] if place else None
    later = addresses[place + 1] if place + 1 < len(addresses) else None
    return Switch(place + 1, len(addresses), earlier, later)


def draft(text: str) -> Markup:
    """Return the words of a reply that is being written, until its stream shows them."""
    return Markup(markdown.render(text))  # noqa: S704  # nosec B704
