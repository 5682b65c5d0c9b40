"""What notes say together: slots followed over all segments, cut to the room that there is, saying what is left out. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from memory.context import corrected, left_out, tokens
from memory.context.left_out import Left
from memory.context.noting import UNPROVEN, is_firm
from memory.context.summary import Segment, Summary
from memory.conversations.records import Speaker
from memory.facts import finding
from memory.facts.cards import SPEAKERS, Card, plain, print_card, print_cards, split
from memory.facts.changes import settled
from memory.facts.extraction import only_asks
from memory.facts.wording import speaker_of

_PREFIXES: tuple[tuple[str, Speaker], ...] = tuple((f"The {name} said: ", who) for who, name in SPEAKERS.items())
"""How sentences of notes that code takes out begin."""
_SAYS = re.compile(
    r"[-*•\s]*(?:the |o |a |os |as )?([^\W\d_]{3,15})(?: (?:said|says|told us|wrote|disse|diz|falou|contou|escreveu)(?: that| que)?\s?:?)? ",
    re.IGNORECASE,
)
"""How sentences of a model's notes about a speaker begin."""
_LEAST_FACTS = 0
_VALUES_SHARE = 8
"""Where not all can stand: the part of the room, one of so many, that goes to the bare values of what is left out."""
_VALUES_LEAD = 6
_WORDED = 1
"""Facts known by their words alone go before those with a value."""
_HALF = 2
"""Half sentences that code took out go before facts do."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line of notes that stays or goes as one; `rank` is what goes first, `first` to `last` what it is about."""

    segment: int
    text: str
    rank: int
    first: int
    last: int
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One fact or sentence of the notes as it holds; `card` is None where the notes do not say who said it.

    It is of messages `first` to `last`; `is_corrected` where the customer put it there. Half a sentence of a message
    that states nothing is no fact.
    """

    text: str
    card: Card | None
    first: int
    last: int
    is_corrected: bool = False
    is_fact: bool = True


def lines_of(summary: Summary) -> list[NoteLine]:
    """Return the lines of all segments as they hold, oldest first, the customer's own notes aside."""
    segments = summary.segments
    return [
        NoteLine(
            unit.card.clause if unit.card is not None else unit.text,
            unit.card, unit.first, unit.last, corrected.is_corrections(segments[unit.segment]),
            unit.rank != _HALF and (unit.card is None or unit.text.startswith('"') or not only_asks(unit.card)),
        )
        for unit in _units(segments)
        if (segments[unit.segment].method != "customer" or corrected.is_corrections(segments[unit.segment]))
        and not (left_out.is_sentence(unit.text) or unit.text == UNPROVEN)
    ]  # fmt: skip


def text_of(summary: Summary) -> str:
    """Return all notes as text that can be edited: what the customer corrected in its place, nothing cut."""
    segments = summary.segments
    units = _units(segments)
    parts = [
        segment.text
        if segment.method == "customer" and not corrected.is_corrections(segment)
        else _print(segment, [unit for unit in units if unit.segment == n])
        for n, segment in enumerate(segments)
    ]
    return "\n\n".join(text for text in parts if text)


def notes(summary: Summary, *, budget_tokens: int, encoding: str) -> str:
    """Return the summary as it stands in a prompt, oldest first; the customer's own words as words of the customer.

    Where it is more than the budget, half sentences go first, then the oldest facts; which messages are left out is stated. What the customer wrote is the last to go.
    """
    return _notes(summary.segments, budget_tokens, encoding)


@lru_cache(maxsize=32)
def _notes(segments: tuple[Segment, ...], budget_tokens: int, encoding: str) -> str:
    units = _units(segments)
    costs = [tokens.count(unit.text + "\n", encoding) + 1 for unit in units]
    stays, used = set[int](), 0
    if sum(costs) > budget_tokens:
        used = budget_tokens // _VALUES_SHARE
    for n in sorted(range(len(units)), key=lambda n: (_goes_last(segments, units[n]), units[n].rank, -n)):
        used += costs[n]
        if used > budget_tokens:
            break
        stays.add(n)
    gone = [unit for n, unit in enumerate(units) if n not in stays]
    kept = [unit for n, unit in enumerate(units) if n in stays]
    said = [left_out.sentence(_left(gone, kept))] if gone else []
    said += [_values_of(gone, budget_tokens // _VALUES_SHARE, encoding)]
    said += [_print(segments[n], [unit for unit in kept if unit.segment == n]) for n in range(len(segments))]
    return "\n\n".join(text for text in said if text)


def _left(gone: Sequence[_Unit], kept: Sequence[_Unit]) -> Left:
    """Return the messages that the lines that go are about, and whether a line that stays is about some of them."""
    first, last = min(unit.first for unit in gone), max(unit.last for unit in gone)
    return Left(first, last, is_whole=not any(first <= unit.last and unit.first <= last for unit in kept))


def _values_of(gone: list[_Unit], most_tokens: int, encoding: str) -> str:
    """Return the values of what is left out, the newest as far as there is room: a number is still known by itself."""
    found, used = dict[str, str](), 0
    for unit in reversed(gone):
        for value in finding.find(unit.card.clause if unit.card is not None else unit.text):
            used += tokens.count(value.text, encoding) + 1
            if used > most_tokens - _VALUES_LEAD:
                break
            found.setdefault(value.key, value.text)
    return f"Values named earlier: {', '.join(reversed(found.values()))}" if found else ""


def _goes_last(segments: tuple[Segment, ...], unit: _Unit) -> bool:
    return segments[unit.segment].method != "customer"


@lru_cache(maxsize=32)
def _units(segments: tuple[Segment, ...]) -> tuple[_Unit, ...]:
    """Return the lines of all segments in order, what was replaced folded into what took its place."""
    units = list[_Unit]()
    corrections = corrected.corrections_in(segments)
    for n, segment in enumerate(segments):
        if not segment.text:
            continue
        if corrected.is_corrections(segment):
            units += [
                _Unit(n, print_card(card), _LEAST_FACTS, card.number, card.number, card)
                for card in corrections.standing
            ]
            continue
        if segment.method == "customer":
            units.append(_Unit(n, _own_words(segment.text), _LEAST_FACTS, segment.first, segment.last))
            continue
        prose, cards = split(segment.text)
        rank = _HALF if segment.method == "extractive" else _LEAST_FACTS
        for line in prose.split("\n"):
            if line:
                units.append(_Unit(n, line, rank, segment.first, segment.last, _card_of(line, segment)))
        units += [
            _Unit(n, print_card(card), _LEAST_FACTS if is_firm(card) else _WORDED, card.number, card.number, card)
            for card in cards
        ]
    units = [
        unit for unit in units if _is_corrected(segments[unit.segment]) or not corrections.covers(unit.text, unit.card)
    ]
    cards = settled(_named(units))
    held = {(card.speaker, card.clause, card.number): card for card in cards}
    return tuple(settled_unit for unit in units if (settled_unit := _as_it_holds(unit, held)) is not None)


def _is_corrected(segment: Segment) -> bool:
    """True if the segment is in the customer's own words."""
    return segment.method == "customer"


def _named(units: Iterable[_Unit]) -> Iterable[Card]:
    found = [unit.card for unit in units if unit.card is not None]
    return sorted(found, key=lambda card: (card.number, card.first is not None))


def _as_it_holds(unit: _Unit, held: dict[tuple[Speaker, str, int], Card]) -> _Unit | None:
    """Return the unit with what it took the place of; None if it holds no longer, or stands somewhere else again."""
    if unit.card is None:
        return unit
    card = held.get((unit.card.speaker, unit.card.clause, unit.card.number))
    if card is None:
        return None
    if unit.text.startswith('"') or card.before == unit.card.before:
        return replace(unit, text=print_card(card) if unit.text.startswith('"') else unit.text, card=card)
    before = ", ".join(f'"{plain(old)}"' for old in card.before)
    return replace(unit, text=f"{unit.text} (before: {before})", card=card)


def _card_of(line: str, segment: Segment) -> Card | None:
    """Return a sentence of notes that says what somebody said as a card, so that its slots can be followed."""
    for prefix, who in _PREFIXES:
        if line.startswith(prefix):
            return Card(line.removeprefix(prefix), who, segment.last, first=segment.first)
    begun = _SAYS.match(line)
    speaker = speaker_of(begun[1]) if begun is not None else None
    if begun is None or speaker is None:
        return None
    return Card(line[begun.end() :], speaker, segment.last, first=segment.first)


def _print(segment: Segment, units: list[_Unit]) -> str:
    prose = "\n".join(unit.text for unit in units if not unit.text.startswith('"'))
    cards = print_cards(unit.card for unit in units if unit.card is not None and unit.text.startswith('"'))
    return "\n\n".join(part for part in (prose, cards) if part)


def _own_words(text: str) -> str:
    """Return what the customer wrote as quoted words of theirs: no line of it can end the notes or speak for the shop."""
    return "The customer wrote this to be remembered:\n" + "\n".join(
        f"    {line}" if line else "" for line in text.split("\n")
    )
