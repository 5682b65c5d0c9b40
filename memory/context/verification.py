"""A model's notes verified sentence by sentence: what its speaker did not say is dropped, what the source states is added. Pure."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from memory.context import tokens
from memory.context.noting import Extract
from memory.context.quoting import quote_one
from memory.context.summary import BadSummary
from memory.conversations.records import Entry, Record
from memory.facts import cues, finding
from memory.facts.cards import Card
from memory.facts.changes import Slots
from memory.facts.clauses import clauses, fine
from memory.facts.extraction import looked_at, statements
from memory.facts.stated import said_in
from memory.facts.wording import content, cues_in, flat, found_cues, is_content, speaker_of, stem, words
from memory.text import normalise

_REFUSAL = re.compile(
    r"^\W*(i['’]?m sorry|i am sorry|sorry|i can(?:not|['’]t)|i['’]?m unable|as an ai|desculpe|não posso|lamento)\b",
    re.IGNORECASE,
)
_SAID = re.compile(r"^[-*•\s]*(?:the |o |a )?[\w ]{3,20} (?:said|says|disse|diz)(?: that| que)?\s?:?\s*", re.IGNORECASE)
_NAME = re.compile(r"(?<=[\w,;:] )[A-ZÀ-Þ][\w'’-]*[a-zà-ÿ]")
_FIRST_NAME = re.compile(r"^[A-ZÀ-Þ][\w'’-]*[a-zà-ÿ]")
_FIGURES = re.compile(r"[^\W_]*\d[^\W_]*")
_KEYS_OF_SPEAKER = re.compile(r"^(?:speaker|role|who|by|from|said_by|quem|falante)$", re.IGNORECASE)
_MOST_TIMES = 20
"""Times its budget that a model's notes are read: the rest is cut off unread."""
_MOST_SENTENCES = 400
"""Sentences of a model's notes that are held against their source."""
_ORDER = re.compile(r"\b(?:order|pedido|encomenda|compra|purchase)s?(?: (?:number|no|n|numero|de|o|a))?\W{0,3}$")
_BEFORE_ORDER, _ORDER_DIGITS = 24, 5
_LEAST_AKIN = 4
_WORDS_A_LACKING = 4
"""Words of a sentence for each that the clause which it says again may lack."""
_TRUSTED = 0.5
"""Share of the source's facts that notes must carry to be trusted for what code does not find."""


def conversation_of(entries: Sequence[Entry]) -> str:
    """Return messages as they are shown to the summariser."""
    return "\n".join(quote_one(entry.record) for entry in entries if entry.record.text)


def whole_sentences(text: str) -> str:
    """Return notes that break off as far as their last sentence goes."""
    ends = [text.rfind(end) + len(end.rstrip()) for end in (". ", ".\n", "!\n", "?\n", "\n") if end in text]
    return text[: max(ends)] if ends else text


def verified(said: str, entries: Sequence[Entry], *, budget_tokens: int, encoding: str) -> str:
    """Return a model's notes made true by code: its sentences that their speaker's messages bear out, and cards of what they lack.

    A sentence that says no more than one clause of its speaker gives way to the card of that clause. Notes that are too long are cut at a sentence. BadSummary for what is none: nothing, or a refusal.
    """
    text = normalise(said).strip()
    if not text:
        raise BadSummary("empty")
    if _REFUSAL.match(text):
        raise BadSummary("a refusal")
    records = [entry.record for entry in entries]
    source = Source(records)
    true = _fitting(_sorted(text[: budget_tokens * 4 * _MOST_TIMES], source), budget_tokens, encoding)
    said_again = {card for card in true.values() if card is not None}
    kept = [sentence for sentence, card in true.items() if card is None]
    made = Extract(budget_tokens=max(1, budget_tokens // 2), encoding=encoding)
    for record in records:
        made.add(record)
    carried = Carried(kept)
    facts = [one.card for one in source.statements if one.is_fact]
    known = sum(card in said_again or carried.has(card) for card in facts)
    is_trusted = known >= _TRUSTED * max(1, len(facts))
    prose = "\n".join(one.text for one in kept)
    left = max(0, budget_tokens - tokens.count(prose, encoding))
    return made.notes(prose, carried.has, with_said=not is_trusted, picked=said_again, more_tokens=left)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of notes; `speaker` is who it says said it, None where it names nobody."""

    text: str
    speaker: str | None

    @property
    def claim(self) -> str:
        """What it says, without who said it."""
        return _SAID.sub("", self.text)


def _sorted(text: str, source: "Source") -> dict[Sentence, Card | None]:
    """Return the sentences of notes that are true, in order, each once, with the card of the clause that they say again."""
    kept, judged = dict[str, Sentence](), dict[Sentence, bool | Card]()
    for line in _lines(text):
        speaker, is_kept = None, True
        for clause in clauses(line):
            named = speaker_of(clause)
            if named is None and not is_kept:
                continue  # it goes on from what is dropped
            speaker = named or speaker
            sentence = Sentence(clause, speaker)
            if sentence not in judged and len(judged) < _MOST_SENTENCES:
                judged[sentence] = source.clause_of(sentence) or source.bears_out(sentence)
            is_kept = bool(judged.get(sentence, False))
            if is_kept:
                kept.setdefault(flat(clause), sentence)
    cards = ((sentence, judged[sentence]) for sentence in kept.values())
    return {sentence: card if isinstance(card, Card) else None for sentence, card in cards}


def _lines(text: str) -> Iterator[str]:
    """Return the notes line by line, notes in JSON as the sentences that they are."""
    found = re.sub(r"^```\w*\n|\n```$", "", text)
    if found[:1] in "{[":
        try:
            yield from _of_json(json.loads(found), "")
            return
        except (ValueError, RecursionError):
            pass
    yield from text.split("\n")


def _of_json(value: object, who: str) -> Iterator[str]:
    if isinstance(value, str):
        speaker = speaker_of(who)
        name = "customer" if speaker == "user" else "shop"
        yield f"The {name} said: {value}" if speaker and speaker_of(value) is None else value
    elif isinstance(value, list):
        for one in value:
            yield from _of_json(one, who)
    elif isinstance(value, dict):
        named = next(
            (text for key, text in value.items() if _KEYS_OF_SPEAKER.match(key) and isinstance(text, str)), who
        )
        for key, one in value.items():
            if not _KEYS_OF_SPEAKER.match(key):
                yield from _of_json(one, named if speaker_of(key) is None else key)


def _fitting(true: dict[Sentence, Card | None], budget_tokens: int, encoding: str) -> dict[Sentence, Card | None]:
    """Return the first of these sentences that fit the budget."""
    found, used = dict[Sentence, Card | None](), 0
    for sentence, card in true.items():
        used += tokens.count(sentence.text + "\n", encoding)
        if used > budget_tokens:
            break
        found[sentence] = card
    return found


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clause of the source, or a part of one, and what it has."""

    keys: frozenset[str]
    codes: frozenset[str]
    content: frozenset[str]
    cues: frozenset[str]
    denied: frozenset[str]
    """The words that it says no to."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """A clause of the source that a sentence may say again, and what it has."""

    card: Card
    low: str
    content: frozenset[str]


class Source:
    """What was said by whom in the messages that notes are about."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.statements = list(statements(records))
        cards = [one.card for one in reversed(self.statements)]
        self._newest = [_Stated(card, flat(card.clause), content(card.clause)) for card in cards]
        self._keys, self._content, self._figures = dict[str, set[str]](), dict[str, set[str]](), dict[str, set[str]]()
        self._words = dict[str, set[str]]()
        self._clauses = dict[str, dict[_Piece, None]]()
        self._of_codes = dict[tuple[str, str], dict[_Piece, None]]()
        """The parts of clauses that name a code, by speaker and code; `_rivals` are those whose clause names another too."""
        self._rivals = set[tuple[str, str]]()
        self._said_of = dict[tuple[str, str], set[str]]()
        """What was said of each order or item: the words from the clause that names it to that which names another."""
        self._named_last = dict[str, frozenset[str]]()
        """The orders and items that a speaker named last: what follows is said of them."""
        self._replaced = set[str]()
        for record in records:
            self._add(record)
        places = Slots()
        for one in self.statements:
            kept, gone = places.add(one.card)
            taken_back = {key for _, key in said_in(kept.clause).gone}
            for old in gone:
                self._replaced |= finding.keys(old.clause) - (finding.keys(kept.clause) - taken_back)
            self._replaced -= finding.keys(kept.clause) if not gone else frozenset()

    def _add(self, record: Record) -> None:
        text, speakers = looked_at(record.text), (record.role, "anybody")
        keys, said = finding.keys(text, record.time.date()), set(words(text))
        stems, figures = set(map(stem, said)), _FIGURES.findall(flat(text))
        for who in speakers:
            self._keys.setdefault(who, set()).update(keys)
            self._words.setdefault(who, set()).update(said)
            self._content.setdefault(who, set()).update(stems)
            self._figures.setdefault(who, set()).update(figures)
        for clause in clauses(text):
            self._add_clause(speakers, clause)

    def _add_clause(self, speakers: Sequence[str], clause: str) -> None:
        whole, named = _piece(clause), _named_in(clause)
        parts = [_piece(part) for part in fine(clause)] if whole.codes else []
        for who in speakers:
            self._named_last[who] = named or self._named_last.get(who, frozenset())
            for code in self._named_last[who]:
                self._said_of.setdefault((who, code), set()).update(whole.content)
            held = self._clauses.setdefault(who, {})
            if whole in held:
                continue
            held[whole] = None
            if len(whole.codes) > 1:
                self._rivals |= {(who, code) for code in whole.codes}
            for part in parts:
                for code in part.codes:
                    self._of_codes.setdefault((who, code), {})[part] = None

    def clause_of(self, sentence: Sentence) -> Card | None:
        """Return the newest clause of the sentence's speaker that has its values, spelt so, and all or nearly all its words."""
        claim = sentence.claim
        said, keys = content(claim), finding.keys(claim)
        spelt = {flat(value.text) for value in finding.find(claim)}
        if not said | keys:
            return None
        return next((one.card for one in self._newest if self._says(one, sentence.speaker, said, keys, spelt)), None)

    @staticmethod
    def _says(one: _Stated, speaker: str | None, said: frozenset[str], keys: frozenset[str], spelt: set[str]) -> bool:
        if speaker is not None and (speaker == "user") != (one.card.speaker == "user"):
            return False
        if not keys <= finding.keys(one.card.clause) or not all(value in one.low for value in spelt):
            return False
        lacking = [word for word in said - one.content if not any(map(partial(_are_akin, word), one.content))]
        return len(lacking) <= len(said) // _WORDS_A_LACKING

    def bears_out(self, sentence: Sentence) -> bool:
        """True if the messages of the sentence's speaker say what it says."""
        low, found = flat(sentence.text), cues_in(sentence.text)
        claim = sentence.claim
        said, keys = content(claim), finding.keys(claim)
        if not said and not finding.find(claim):
            return False  # it says nothing
        if cues.ORDERS.search(low):
            return False
        who = sentence.speaker or "anybody"
        if sentence.speaker == "assistant" and "wanted" in found:
            return False  # a shop that wants something is the customer, taken for the shop
        if "granted" in found and not (who == "user" and "says" in found):
            who = "assistant"  # whatever the notes say, only a shop grants
            if not _granted_in(low) <= self._content.get(who, set()):
                return False
        if not finding.are_stated(claim, self._keys.get(who, set())) or not self._has_figures(claim, who):
            return False
        if keys & self._replaced and not keys - self._replaced:
            return False  # what holds no longer
        if not self._has_words(sentence, said, keys, who):
            return False
        return (
            self._is_said_of(claim, said, who) and self._joins(claim, who) and self._is_meant(claim, said, found, who)
        )

    def _has_figures(self, claim: str, who: str) -> bool:
        """True if the speaker said all numbers of the claim that are no part of a value in another spelling."""
        taken = [(value.start, value.end) for value in finding.find(claim)]
        known = self._figures.get(who, set())
        return all(
            figure[0] in known or any(start <= figure.start() < end for start, end in taken)
            for figure in _FIGURES.finditer(flat(claim))
        )

    def _has_words(self, sentence: Sentence, said: frozenset[str], keys: frozenset[str], who: str) -> bool:
        """True if the speaker said the words of the claim; where it has values, most of them."""
        claim, known = sentence.claim, self._content.get(who, set())
        of_values = {word for value in finding.find(claim) for word in words(value.text)}
        lacking = said - known - set(map(stem, of_values))
        begun = _FIRST_NAME.findall(claim) if claim != sentence.text else []
        begun = [name for name in begun if stem(flat(name)) not in self._content.get("anybody", set())]
        names = {
            word for name in (*_NAME.findall(claim), *begun) for word in words(name) if is_content(word)
        } - of_values
        if not names <= self._words.get(who, set()):
            return False  # a name has no other forms
        if not lacking:
            return True
        if all(key.startswith("colour ") for key in keys):
            return False
        elsewhere = lacking & self._content.get("anybody", set())
        return not elsewhere and 2 * len(lacking) <= len(said) + len(keys)

    def _joins(self, claim: str, who: str) -> bool:
        """True if values that the claim joins stand together: not the price of one item with the code of another."""
        for part in fine(claim):
            piece = _piece(part)
            others = piece.keys - piece.codes
            if len(piece.codes) != 1 or not others:
                continue
            (code,) = piece.codes
            beside = self._of_codes.get((who, code), {})
            if (who, code) in self._rivals and not any(others <= known.keys for known in beside):
                return False
        return True

    def _is_said_of(self, claim: str, said: frozenset[str], who: str) -> bool:
        """True unless the claim says of one order or item what was said of another alone."""
        named = _named_in(claim)
        if len(named) != 1:
            return True
        (code,) = named
        others = [told for (speaker, other), told in self._said_of.items() if speaker == who and other != code]
        elsewhere = set[str]().union(*others) - self._said_of.get((who, code), set())
        return not said & elsewhere

    def _is_meant(self, claim: str, said: frozenset[str], found: frozenset[str], who: str) -> bool:
        """True unless the clause that the claim is from says no where it says yes, or says "if" where it does not."""
        keys = finding.keys(claim)
        best = max(
            self._clauses.get(who, ()),
            key=lambda piece: len(said & piece.content) + len(keys & piece.keys),
            default=None,
        )
        if best is None or not (said & best.content or keys & best.keys):
            return True
        denied, asserted = _denied_in(claim), best.content - best.denied
        if denied & asserted or (said - denied) & best.denied:
            return False
        return all((mark in found) == (mark in best.cues) for mark in ("negated", "conditional"))


def _are_akin(one: str, other: str) -> bool:
    """True for stems that differ in their last letter alone: "mora" and "moro"."""
    return len(one) == len(other) >= _LEAST_AKIN and one[:-1] == other[:-1]


def _named_in(clause: str) -> frozenset[str]:
    """Return the orders and items that a clause names: codes, and the numbers that stand after "order"."""
    low = flat(clause)
    return frozenset(
        value.key
        for value in finding.find(clause)
        if value.kind == "code"
        or _ORDER.search(low, max(0, value.start - _BEFORE_ORDER), value.start)
        or (value.key.startswith("number ") and len(value.text) >= _ORDER_DIGITS and value.text.isdigit())
    )


def _granted_in(low: str) -> set[str]:
    return {stem(word) for word in words(low) if "granted" in found_cues([word])}


def _piece(clause: str) -> _Piece:
    codes = frozenset(value.key for value in finding.find(clause) if value.kind == "code")
    return _Piece(finding.keys(clause), codes, content(clause), cues_in(clause), _denied_in(clause))


def _denied_in(clause: str) -> frozenset[str]:
    """Return the stems of the words that follow a "not" or "no" in their part of a clause: "no wool" denies wool."""
    denied = set[str]()
    for part in fine(clause):
        said = words(part)
        at = next((n for n in range(len(said)) if "negated" in found_cues(said[n : n + 2])), len(said))
        denied |= content(" ".join(said[at:]))
    return frozenset(denied)


class Carried:
    """What sentences of notes carry of their source."""

    def __init__(self, kept: Sequence[Sentence]) -> None:
        self._kept = [(one.speaker, finding.keys(one.text), content(one.text)) for one in kept]

    def has(self, card: Card) -> bool:
        """True if the sentences about the same have all of a card's values and words."""
        said, keys = content(card.clause), finding.keys(card.clause)
        role = "user" if card.speaker == "user" else "assistant"
        about = [one for one in self._kept if one[0] in (None, role) and (said & one[2] or keys & one[1])]
        known = frozenset[str]().union(*(words for _, _, words in about))
        stated = frozenset[str]().union(*(values for _, values, _ in about))
        return bool(about) and said <= known and finding.are_stated(card.clause, stated)
