"""What the customer corrected in the notes, one fact at a time: it stays, whatever is compacted or merged afterwards.

A correction is a card in a segment of its own, first in summary.txt, that covers no bytes and no messages. Its `before`
is what was remembered, its clause what the customer put in the place of it; without a clause it is forgotten:

    [0..0] bytes=0..0 method=customer model=cards made=2026-11-28T14:05:00Z
        "Rua da Aurora, 987" (customer, message 3; before: "Rua do Sol, 120")
        "" (customer, message 9; before: "I like owls")
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from memory.context import summary
from memory.context.summary import Covered, Segment, Summary
from memory.facts.cards import Card, plain, print_card, split
from memory.facts.stated import said_in
from memory.facts.wording import content, flat
from memory.storage.folders import Folder, StorageError

CARDS = "cards"
"""What stands in the place of the model in their segment: the customer's own words, written as one text, have none."""
MOST = 300
"""Facts that may be corrected in one conversation: a bound for the file that each turn reads."""
_LIKE = 0.6
"""Share of a clause's words that a sentence has which says it in other words."""


class TooManyCorrections(StorageError):
    """So many facts are corrected that no more are kept."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of a conversation, in the order in which they were made."""

    cards: tuple[Card, ...] = ()

    @property
    def standing(self) -> list[Card]:
        """The facts that the customer put in the place of others."""
        return [card for card in self.cards if card.clause]

    def covers(self, text: str, card: Card | None) -> bool:
        """True if a line of the notes says what was corrected: the same clause, or a sentence that says it in other words.

        `card` is the line's card, None where the line is of nobody.
        """
        said = flat(card.clause if card is not None else text)
        return any(
            said == flat(old) or (not text.startswith('"') and _says(text, old))
            for one in self.cards
            for old in one.before
        )


def _says(sentence: str, clause: str) -> bool:
    keys, words = said_in(clause).keys, content(clause)
    if not keys and not words:
        return False
    return keys <= said_in(sentence).keys and len(words & content(sentence)) >= _LIKE * len(words)


def is_corrections(segment: Segment) -> bool:
    """True if the segment holds corrections and covers nothing."""
    return segment.method == "customer" and segment.model == CARDS


def corrections_in(segments: Iterable[Segment]) -> Corrections:
    """Return the corrections among segments."""
    return Corrections(tuple(card for one in segments if is_corrections(one) for card in split(one.text)[1]))


def correct_card(
    folder: Folder, covered: Covered, *, clause: str, number: int, text: str, subject: str, now: datetime
) -> Summary:
    """Put `text` in the place of a clause that is remembered of message `number`; without text it is forgotten.

    What is corrected again keeps its first words: they are what notes of the messages may say again.
    """
    with folder.lock():
        found = summary.load(folder, covered)
        cards = list(corrections_in(found.segments).cards)
        known = next((card for card in cards if card.clause and flat(card.clause) == flat(clause)), None)
        if known is not None:
            cards.remove(known)
        old = (*(known.before if known is not None else ()), plain(clause))
        cards.append(Card(plain(text), "user", number, subject, tuple(dict.fromkeys(old))))
        if len(cards) > MOST:
            raise TooManyCorrections("You have corrected too many facts one by one. Edit the notes as text instead.")
        others = tuple(one for one in found.segments if not is_corrections(one))
        own = Segment(0, 0, 0, 0, "customer", now, "\n".join(map(print_card, cards)), CARDS)
        return summary.save(folder, replace(found, segments=(own, *others)), covered)
