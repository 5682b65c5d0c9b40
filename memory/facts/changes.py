"""Which clause takes the place of which: a value said to be changed, or the same place filled in anew. Pure.

A value holds until one sentence names what takes its place in so many words ("X, not Y"), or its speaker says that
something has changed and says nothing else, or states the same place again. Otherwise both stand.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from memory.facts import cues
from memory.facts.cards import Card
from memory.facts.stated import TAKING_BACK, Stated, said_in
from memory.facts.wording import content, cues_in, flat

MOST_BEFORE = 3
"""Old clauses that a card names, the newest ones."""
_MOST_BEFORE_CHARS = 120
_OTHER_WORDS = 2
"""Words of a wish that what takes it back may leave out: "Send two mugs", "Ignore what I said about the mugs"."""
_LOOKED_AT = 40
"""Earlier clauses of a speaker with values of a kind that a later one is held against: a bound for hostile texts."""
_ANY = ""
"""The kind of what has no value."""
_NO_AT_FIRST = re.compile(r"^(?:(?:oh|ah|wait|espera|ih),? )?(?:no|não)(?: wait)?[,!.]\s", re.IGNORECASE)
"""What is said to what was, and denies nothing of the clause that it begins."""
_WHEN = frozenset({"date", "time"})
_NOTED = content(cues.NOTED.replace(",", " "))
_SAYS_NO = content(f"{cues.NEGATED} {cues.REJECTS} {cues.AWAY}".replace(",", " "))
_ARRANGING = frozenset({"promised", "answered", "matters"})


def replaces(new: Stated, old: Stated) -> bool:
    """True if what was said later by the same speaker takes the place of what was said before."""
    if new.only_restates and new.about != old.about:
        return False
    if new.is_firm and new.cues & TAKING_BACK and new.about & old.about:
        is_taken_back = "cancels" in new.cues and len(old.about - new.about) <= _OTHER_WORDS
        is_turned = "changes" in new.cues and ("negated" in new.cues) != ("negated" in old.cues)
        if is_taken_back or (is_turned and old.about <= new.about and old.keys <= new.keys):
            return True
    for said in (new, *new.parts):
        for kind in said.values.keys() & old.values.keys():
            if _replaces_value(said, old, kind):
                return True
    return bool(new.refused) and any(_is_refused(new, old, kind) for kind in old.values)


def _replaces_value(new: Stated, old: Stated, kind: str) -> bool:
    mine, others = new.values[kind], old.values[kind]
    gone = {key for of, key in new.gone if of == kind}
    if gone & others and mine - gone:
        return others <= gone | mine  # else some of it still holds
    names_both = "changes" in new.cues and others < mine  # "Monday won't do, come on Friday"
    mine -= others if names_both else frozenset()
    if "rejects" in new.cues and not names_both:
        return False
    if gone or mine & others or len(mine) != 1 or len(others) != 1:
        return False
    if _differ(new.named_places, old.named_places) or _differ(new.owners, old.owners):
        return False
    if "changes" in new.cues:
        same_thing = not new.about or bool(new.about & old.about) if names_both else new.about <= old.about
        is_adjusted = "adjusts" in new.cues and bool(old.about) and old.about <= new.about
        return (same_thing or is_adjusted) and new.is_firm
    same = new.about == old.about and new.places == old.places and bool(new.about or new.places)
    return same and not new.is_asked and kind in new.restates and kind in old.restates


def _differ(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some and others) and not some & others


def _is_refused(new: Stated, old: Stated, kind: str) -> bool:
    """True if a clause says no to all old values, and then names another and nothing else: "Not Tuesday, come on Friday"."""
    is_refused = any(
        old.values[kind] <= part.values.get(kind, frozenset()) and _says_no_to(part, old, kind) for part in new.refused
    )
    return is_refused and any(len(part.values.get(kind, ())) == 1 and part.about <= old.about for part in new.chosen)


def _says_no_to(part: Stated, old: Stated, kind: str) -> bool:
    """True if a refusal is of what an old clause says: of the same thing, or of no thing at all.

    "The hall isn't red" says nothing of "The red lamp is for the hall"; an absence on a day concerns everything on it.
    """
    if kind in _WHEN:
        return "absent" in part.cues or part.about <= old.about | _SAYS_NO
    return part.about - _SAYS_NO in (frozenset(), old.about)


class Slots:
    """The cards of a conversation, oldest first, those that are replaced folded into what took their place."""

    def __init__(self) -> None:
        self._by_kind = dict[tuple[str, str], deque[Card]]()
        self._last: Card | None = None

    def add(self, card: Card) -> tuple[Card, list[Card]]:
        """Take in the next card; return it with what it took the place of, and those cards."""
        new, last = self._meant(card), self._last
        self._last = card
        kinds = [*new.values, *([_ANY] if new.cues & TAKING_BACK else [])]
        replaced = dict[Card, None]()
        for kind in kinds:
            earlier = self._earlier(card.speaker, kind)
            for old in reversed(earlier):
                is_before = old.number == card.number and old == last
                is_beside = card.first is not None and old.number >= card.first
                if not (is_before or is_beside) and old.clause != card.clause and replaces(new, said_in(old.clause)):
                    replaced[old] = None
                    if not new.gone:
                        break
        gone = sorted(replaced, key=lambda old: old.number)
        kept = self._with_before(card, gone)
        for held in self._by_kind.values():
            for old in gone:
                if old in held:
                    held.remove(old)
        for kind in [*new.values, _ANY]:
            self._earlier(card.speaker, kind).append(kept)
        return kept, gone

    def _meant(self, card: Card) -> Stated:
        """Return what a clause says, with the one before it in its message if that only takes something back.

        "Thursday won't do. Come on Friday." names both days; "I changed my mind. The red one." says that it changes.
        """
        alone, last = said_in(card.clause), self._last
        if last is None or (last.number, last.speaker) != (card.number, card.speaker):
            return alone
        said = said_in(last.clause)
        is_of_same = bool(said.values.keys() & alone.values.keys())
        is_bare = not (said.values or said.about or said.places)
        is_negated = "negated" in cues_in(_NO_AT_FIRST.sub("", last.clause)) and "rejects" not in said.cues
        takes_back = "changes" in said.cues and not is_negated
        if not takes_back or "changes" in alone.cues or not (is_of_same or is_bare):
            return alone
        joined = said_in(f"{last.clause.rstrip(' .!?;,…')}, {card.clause}")
        return replace(joined, about=alone.about, places=alone.places, parts=(), chosen=())

    def _earlier(self, speaker: str, kind: str) -> deque[Card]:
        return self._by_kind.setdefault((speaker, kind), deque(maxlen=_LOOKED_AT))

    @staticmethod
    def _with_before(card: Card, gone: Sequence[Card]) -> Card:
        clauses = [clause for old in gone for clause in (*old.before, short(old.clause))]
        clauses = [clause for clause in dict.fromkeys((*clauses, *card.before)) if clause != card.clause]
        return replace(card, before=tuple(clauses[-MOST_BEFORE:]))


def short(clause: str) -> str:
    """Return a clause as it is named where another took its place."""
    return clause if len(clause) <= _MOST_BEFORE_CHARS else clause[:_MOST_BEFORE_CHARS].rsplit(" ", 1)[0] + " …"


def settled(cards: Iterable[Card]) -> list[Card]:
    """Return the cards that hold, oldest first, each clause of a speaker once: what was replaced stands in what replaced it."""
    places, held = Slots(), dict[tuple[str, str], Card]()
    answers = _Answers()
    for card in cards:
        kept, gone = places.add(card)
        if (answered := answers.replaced_by(kept, held.values())) is not None:
            held.pop(_identity(answered))
            kept = replace(kept, before=(*kept.before, *answered.before, short(answered.clause))[-MOST_BEFORE:])
        answers.note(kept, gone)
        for old in gone:
            held.pop(_identity(old), None)
        if gone:
            for repeated in [one for one in held.values() if any(_repeats(one, old) for old in gone)]:
                held.pop(_identity(repeated))
        previous = held.pop(_identity(card), None)
        if previous is not None and not kept.before:
            kept = replace(kept, before=previous.before)
        held[_identity(card)] = kept
    return list(held.values())


class _Answers:
    """Which answers hold no longer, since what they answer to does not."""

    def __init__(self) -> None:
        self._kept: Card | None = None
        self._gone: Sequence[Card] = ()

    def note(self, kept: Card, gone: Sequence[Card]) -> None:
        """Take in a card, and those that it took the place of."""
        said = said_in(kept.clause)
        if gone or said.refused or said.gone:
            self._kept, self._gone = kept, gone
        elif self._kept is not None and kept.speaker == self._kept.speaker and kept.number != self._kept.number:
            self._kept, self._gone = None, ()

    def replaced_by(self, card: Card, held: Iterable[Card]) -> Card | None:
        """Return what the answerer said before that an answer to a change makes untrue.

        "Thursday, in the afternoon." gives way to "Friday, then.", and so does "It arrives on Thursday.".
        """
        kept = self._kept
        if kept is None or card.number != kept.number + 1 or card.speaker == kept.speaker:
            return None
        fresh, stated = said_in(kept.clause), said_in(card.clause)
        if not stated.keys & fresh.keys:
            return None
        for answer in held:
            if answer.speaker == card.speaker and answer.number < kept.number:
                if _is_called_off(said_in(answer.clause), fresh, stated):
                    return answer
                if any(answer.number == old.number + 1 and _gives_way(answer, old, stated) for old in self._gone):
                    return answer
        return None


def _gives_way(answer: Card, old: Card, stated: Stated) -> bool:
    """True if an answer to an old card says no more than what a new answer changes; of a day, whatever it says of it."""
    said = said_in(answer.clause)
    lost = said.keys & (said_in(old.clause).keys - stated.keys)
    is_of_day = lost == said.keys and said.values.keys() <= _WHEN
    return bool(lost) and (is_of_day or not said.about - _NOTED)


def _is_called_off(said: Stated, fresh: Stated, stated: Stated) -> bool:
    """True if an arrangement is for a day that was refused since, and not for the one that was agreed to."""
    refused = {key for part in fresh.refused for key in part.keys} | {key for _, key in fresh.gone}
    is_arranged = said.values.keys() <= _WHEN and bool(said.cues & _ARRANGING)
    return is_arranged and bool(said.keys & refused) and not said.keys & stated.keys


def _repeats(card: Card, old: Card) -> bool:
    """True if a card is the answer to what holds no longer, and no more: "The red one, please." and "Red, noted."."""
    if card.number != old.number + 1 or card.speaker == old.speaker or card.before:
        return False
    answer, said = said_in(card.clause), said_in(old.clause)
    return bool(answer.keys) and answer.keys <= said.keys and answer.about <= said.about | _NOTED


def _identity(card: Card) -> tuple[str, str]:
    return card.speaker, flat(card.clause)
