"""Notes made by code: the fact cards of messages, half a sentence for what else was said, and what is left out. Pure.

What is held does not grow with the messages: of more than MOST_HELD clauses the newest are held.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from memory.context import left_out, tokens
from memory.context.left_out import Stand
from memory.conversations.records import Entry, Record
from memory.facts import finding
from memory.facts.cards import SPEAKERS, Card, print_card, print_cards
from memory.facts.changes import settled
from memory.facts.extraction import MOST_CHARS, Listener, Statement
from memory.facts.wording import cues_in, flat

MOST_HELD = 1_200
_FIGURE = re.compile(r"[\d@]")
_FACTS_SHARE = 5
"""Times the budget that the cards of a segment may take: they are what must not be lost. Those with a value come first."""
_ALL_SHARE = 2
"""Times the budget up to which half sentences stand beside them."""
_HALF_CHARS = {"user": 160, "assistant": 100, "imported": 100}
UNPROVEN = "(Part of this was brought in by the customer as a file: nothing proves that the shop said what stands there in its name.)"
"""Stands before a segment's notes where it holds of an imported reply: a summary may have lost who said what."""


@dataclass(frozen=True, slots=True)
class _Message:
    number: int
    statements: tuple[Statement, ...]
    is_cut: bool = False
    """It is longer than what facts are looked for in."""


class Extract:
    """What messages state, added oldest first, and the notes of it."""

    def __init__(self, *, budget_tokens: int, encoding: str) -> None:
        self._budget, self._encoding = budget_tokens, encoding
        self._listener = Listener()
        self._messages = deque[_Message]()
        self._held = 0
        self._left: tuple[int, int] | None = None
        self._is_unproven = False

    def add(self, record: Record) -> None:
        """Take in the next message."""
        if not record.text:
            return
        self._is_unproven |= record.speaker == "imported"
        found = tuple(self._listener.statements(record))
        self._messages.append(_Message(record.number, found, len(record.text) > MOST_CHARS))
        self._held += len(found)
        if self._held > MOST_HELD:
            self._hold_what_is_firm()
        while self._held > MOST_HELD and len(self._messages) > 1:
            gone = self._messages.popleft()
            self._held -= len(gone.statements)
            self.leave_out(gone.number)

    def skim(self, record: Record) -> None:
        """Take in a message of which too many follow: only what has a figure is looked at."""
        if _FIGURE.search(record.text) is None:
            self.leave_out(record.number)
        else:
            self.add(record)

    def _hold_what_is_firm(self) -> None:
        """Of the older half of what is held, hold the facts with values alone."""
        older = len(self._messages) // 2
        for n, message in enumerate(list(self._messages)[:older]):
            firm = tuple(one for one in message.statements if one.is_fact and is_firm(one.card))
            if len(firm) < len(message.statements):
                self._messages[n] = replace(message, statements=firm)
                self._held -= len(message.statements) - len(firm)
                self.leave_out(message.number)
        self._messages = deque(message for message in self._messages if message.statements)

    def leave_out(self, number: int) -> None:
        """Take in that a message, older than those held, is in no notes."""
        first, last = self._left or (number, number)
        self._left = min(first, number), max(last, number)

    @property
    def text(self) -> str:
        return self.notes("", lambda card: False, with_said=True)

    def notes(
        self,
        prose: str,
        is_carried: Callable[[Card], bool],
        *,
        with_said: bool,
        picked: Collection[Card] = (),
        more_tokens: int = 0,
    ) -> str:
        """Return these notes with the cards that they do not carry and, `with_said`, half a sentence for what else was said.

        `picked` are cards that a model took for facts; `more_tokens` is the room beside that of cards which its prose left.
        """
        facts = settled(
            one.card for message in self._messages for one in message.statements if one.is_fact or one.card in picked
        )
        lacking = [card for card in facts if card.before or card.after or not is_carried(card)]
        first = lacking[::-1]
        first.sort(key=_goes_in)
        fitting, cost = _fitting(first, self._budget * _FACTS_SHARE + more_tokens, self._encoding, print_card)
        fits = set(fitting)
        shown = [card for card in lacking if card in fits]
        said = [
            one.card
            for message in self._messages
            for one in message.statements
            if not (one.is_fact or one.card in picked)
        ]
        said = [card for card in _once(said) if not is_carried(card)]
        room = self._budget * _ALL_SHARE - cost - tokens.count(prose, self._encoding)
        newest = [
            card for of_customer in (True, False) for card in reversed(said) if (card.speaker == "user") == of_customer
        ]
        halves, _ = _fitting(newest, room if with_said else 0, self._encoding, _half)
        fits = set(halves)
        told = [card for card in said if card in fits]
        missing = {_identity(card) for card in (*lacking, *said)} - {_identity(card) for card in (*shown, *told)}
        lines = [UNPROVEN] if self._is_unproven else []
        lines += [*([prose] if prose else []), *map(_half, told), *self._left_out(missing)]
        return "\n\n".join(part for part in ("\n".join(lines), print_cards(shown)) if part)

    def _left_out(self, missing: set[tuple[str, str]]) -> list[str]:
        states = list[tuple[int, Stand | None]]()
        if self._left is not None:
            stand: Stand = "part" if any(one.number <= self._left[1] for one in self._messages) else "out"
            states = [(self._left[0], stand), (self._left[1], stand)]
        until = self._left[1] if self._left is not None else 0
        for message in (one for one in self._messages if one.number > until):
            states.append((message.number, _stand(message, missing)))
        return left_out.sentences(left_out.ranges(states))


def _stand(message: _Message, missing: set[tuple[str, str]]) -> Stand | None:
    """Return how a message stands in notes that lack these clauses; None if it says nothing."""
    lacking = [_identity(one.card) in missing for one in message.statements]
    if message.is_cut:
        return "part" if lacking and not all(lacking) else "out"
    if not lacking:
        return None
    return "out" if all(lacking) else "part" if any(lacking) else "in"


def _fitting(cards: Sequence[Card], room: int, encoding: str, printed: Callable[[Card], str]) -> tuple[list[Card], int]:
    """Return the first of these cards that fit the room, and the tokens they take."""
    kept, used = list[Card](), 0
    for card in cards:
        cost = tokens.count(printed(card) + "\n", encoding)
        if used + cost > room:
            break
        kept.append(card)
        used += cost
    return kept, used


def is_firm(card: Card) -> bool:
    """True if a card has a value, or says what changed: what code can be sure of."""
    return bool(card.before or card.after or finding.with_addresses(card.clause))


def _goes_in(card: Card) -> int:
    """Return which cards have room before others: values, what the customer said, what the shop promised, the rest."""
    if is_firm(card):
        return 0
    if card.speaker == "user":
        return 1
    return 2 if "promised" in cues_in(card.clause) else 3


def _half(card: Card) -> str:
    most = _HALF_CHARS[card.speaker]
    begun = card.clause if len(card.clause) <= most else card.clause[:most].rsplit(" ", 1)[0] + " …"
    return f"The {SPEAKERS[card.speaker]} said: {begun}"


def _once(cards: Iterable[Card]) -> list[Card]:
    return list({_identity(card): card for card in cards}.values())


def _identity(card: Card) -> tuple[str, str]:
    return card.speaker, flat(card.clause)


def extract(entries: Iterable[Entry], *, budget_tokens: int, encoding: str) -> str:
    """Return notes on these messages made by code alone."""
    made = Extract(budget_tokens=budget_tokens, encoding=encoding)
    for entry in entries:
        made.add(entry.record)
    return made.text
