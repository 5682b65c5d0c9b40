"""What is remembered as cards: one fact each, by what it is about, the newest first. Knows nothing of requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from handlers.pages.languages import Language
from memory.context.remembered import NoteLine
from memory.i18n import N_

SUBJECTS = {"order": N_("Order %(name)s"), "item": N_("Item %(name)s")}
"""Headings of what has a name, by the first word of a card's subject."""


@dataclass(frozen=True, slots=True)
class MemoryCard:
    """One fact on the page. `number` names the message to look at; `first` to `last` are those that it may be of."""

    text: str
    said_by: Literal["user", "assistant", "imported"] | None
    number: int
    first: int
    last: int
    subject: str
    before: tuple[str, ...]
    after: str
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """The cards about one thing, under its heading; "" is what is about nothing in particular."""

    heading: str
    cards: tuple[MemoryCard, ...]


def groups(lines: Sequence[NoteLine], said_in: Language) -> list[MemoryGroup]:
    """Return the cards by subject, those with one first, each group's newest card first."""
    found = dict[str, list[MemoryCard]]()
    for line in lines:
        card = _card(line)
        found.setdefault(card.subject, []).append(card)
    ordered = sorted(found.items(), key=lambda one: (not one[0], -one[1][-1].last))
    return [
        MemoryGroup(_heading(subject, said_in), tuple(sorted(cards, key=lambda card: -card.last)))
        for subject, cards in ordered
    ]


def _card(line: NoteLine) -> MemoryCard:
    """Return a line as a card: of a sentence that a model wrote, the messages that it is about are all that is known."""
    card = line.card
    number = card.number if card is not None and line.first == line.last else line.first
    return MemoryCard(
        text=line.text,
        said_by=card.speaker if card is not None else None,
        number=number,
        first=line.first,
        last=line.last,
        subject=card.subject if card is not None else "",
        before=card.before if card is not None else (),
        after=card.after if card is not None else "",
        is_corrected=line.is_corrected,
    )


def _heading(subject: str, said_in: Language) -> str:
    kind, _, name = subject.partition(" ")
    if name and kind in SUBJECTS:
        return said_in.gettext(SUBJECTS[kind], name=name)
    if subject == "address":
        return said_in.gettext("Address")
    return subject[:1].upper() + subject[1:]
