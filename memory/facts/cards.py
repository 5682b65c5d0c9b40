"""Fact cards: the clauses that state facts, word for word, with the speaker and the message of each. Pure.

    Facts:
    "I am allergic to wool" (customer, message 5)
    About order #W2378156:
    "Send #W2378156 on Thursday" (customer, message 9; before: "Send #W2378156 on Tuesday")
    "then 66778" (customer, message 12; after: "The number starts with W55")

A card is a line. Cards without a subject come first, each other subject has a line of its own. Lists of bare values, as
older versions wrote them ("- R$ 30 (shop, message 5, instead of R$ 20)"), are read as cards too.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from memory.conversations.records import Speaker

SPEAKERS: dict[Speaker, str] = {
    "user": "customer",
    "assistant": "shop",
    "imported": "shop, as brought in by the customer",
}
HEADING = "Facts:"

_NAMED: dict[str, Speaker] = {name: speaker for speaker, name in SPEAKERS.items()}
_WHO = "|".join(sorted(_NAMED, key=len, reverse=True))
_QUOTED = r'"[^"]*"'
_CARD = re.compile(
    rf'"([^"]*)" \(({_WHO}), message (\d{{1,15}})(?:; after: ({_QUOTED}))?(?:; before: ({_QUOTED}(?:, {_QUOTED})*))?\)'
)
_VALUE = re.compile(rf"- (.+?) \(({_WHO}), message (\d{{1,15}})(?:, instead of (.+?))?(?: and \d+ before)?\)")
_SUBJECT = re.compile(r"About (\S.*):")


@dataclass(frozen=True, slots=True)
class Card:
    """A clause that states a fact, its speaker, and the number of the message.

    `subject` is what it is about, where code can find it: "order #W2378156", "address", ""; `before` are the clauses that
    it took the place of, the newest last. `after` is what it goes on from: half an answer says nothing by itself.
    """

    clause: str
    speaker: Speaker
    number: int
    subject: str = ""
    before: tuple[str, ...] = ()
    after: str = ""
    first: int | None = None
    """Of a sentence about several messages, the first of them; `number` is the last."""


def plain(clause: str) -> str:
    """Return a clause as a card holds it: on one line, without the straight quotes that end it there."""
    return " ".join(clause.replace('"', "”").split())


def print_card(card: Card) -> str:
    """Return the card as one line."""
    after = f'; after: "{plain(card.after)}"' if card.after else ""
    quoted = ", ".join(f'"{plain(old)}"' for old in card.before)
    before = f"; before: {quoted}" if quoted else ""
    return f'"{plain(card.clause)}" ({SPEAKERS[card.speaker]}, message {card.number}{after}{before})'


def print_cards(cards: Iterable[Card]) -> str:
    """Return cards as they stand in notes, subject by subject, in the order given; nothing for no cards.

    An order of which one card tells has no line of its own: its clause names it.
    """
    shown = list(cards)
    many = Counter(card.subject for card in shown)
    groups = dict[str, list[str]]({"": []})
    for card in shown:
        name = card.subject.rpartition(" ")[2]
        is_alone = many[card.subject] == 1 and " " in card.subject and name in card.clause
        groups.setdefault("" if is_alone else card.subject, []).append(print_card(card))
    lines = [HEADING, *groups.pop("")]
    for subject, printed in groups.items():
        lines += [f"About {subject}:", *printed]
    return "\n".join(lines) if len(lines) > 1 else ""


def split(text: str) -> tuple[str, list[Card]]:
    """Return a segment's notes without the cards, and the cards."""
    prose, cards, subject = list[str](), list[Card](), ""
    for line in text.split("\n"):
        if card := _card_of(line, subject):
            cards.append(card)
        elif line == HEADING:
            subject = ""
        elif about := _SUBJECT.fullmatch(line):
            subject = about[1]
        else:
            prose.append(line)
    return "\n".join(prose).strip("\n"), cards


def _card_of(line: str, subject: str) -> Card | None:
    if line.startswith('"') and (found := _CARD.fullmatch(line)):
        clause, who, number, after, before = found.groups()
        old = tuple(re.findall(r'"([^"]*)"', before or ""))
        return Card(clause, _NAMED[who], int(number), subject, old, (after or "").strip('"'))
    if line.startswith("- ") and (found := _VALUE.fullmatch(line)):
        clause, who, number, instead = found.groups()
        return Card(clause, _NAMED[who], int(number), subject, tuple(instead.split(" and ")) if instead else ())
    return None
