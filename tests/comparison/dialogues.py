"""Dialogues with planted facts: woven at fixed seeds from phrases.py, or read from any JSONL file.

The same seed gives the same bytes. In a woven dialogue each planted value stands in its own message and nowhere else,
so that finding it in the notes means that it was carried over.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from memory.conversations.records import Entry, Record, print_record
from memory.text import normalise
from tests.comparison import phrases
from tests.comparison.wording import Forms, says, sentences

CLASSES = ("order", "sku", "money", "date", "size", "address", "preference", "correction")
PER_CLASS = 5
_BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plant:
    """One fact to be remembered: `value` as the message at index `turn` has it, `forms` as notes may have it.

    `speaker` is "user" or "assistant". `old_forms` find the value that it took the place of: `old`, which must die.
    """

    klass: str
    value: str
    forms: Forms
    speaker: str
    turn: int
    old: str = ""
    old_forms: Forms = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    id: str
    language: str
    turns: tuple[tuple[str, str], ...]
    """Role and content, in order."""
    plants: tuple[Plant, ...]

    def entries(self) -> tuple[Entry, ...]:
        """Return the messages as history.txt would hold them, each with its bytes."""
        return _entries(self.turns)


@lru_cache(maxsize=64)
def _entries(turns: tuple[tuple[str, str], ...]) -> tuple[Entry, ...]:
    made, at = list[Entry](), 0
    for n, (role, content) in enumerate(turns):
        record = Record(n + 1, _BEGAN + timedelta(seconds=40 * n), "user" if role == "user" else "assistant", content)
        end = at + len(print_record(record))
        made.append(Entry(record, at, end))
        at = end
    return tuple(made)


@dataclass(slots=True)
class _Bag:
    """Values of one dialogue, none drawn twice."""

    random: Random
    language: str
    drawn: set[str] = field(default_factory=set)

    def draw(self, make: Callable[[], tuple[str, Forms]]) -> tuple[str, Forms]:
        while True:
            value, forms = make()
            if value not in self.drawn:
                self.drawn.add(value)
                return value, forms

    def order(self) -> tuple[str, Forms]:
        digits = str(self.random.randrange(1_000_000, 9_999_999))
        return f"#W{digits}", ((f"w{digits}",), (f"#w{digits}",), (digits,))

    def sku(self) -> tuple[str, Forms]:
        code = f"{self.random.choice(phrases.LETTERS)}-{self.random.randrange(800, 1000)}"
        return code, ((code,), (code.replace("-", " "),), (code.replace("-", ""),))

    def money(self) -> tuple[str, Forms]:
        whole = self.random.randrange(31, 990)
        cents = self.random.choice(("00", "50", "90"))
        return money(whole, cents, self.language)

    def date(self) -> tuple[str, Forms]:
        day, month = self.random.randrange(13, 29), self.random.randrange(1, 13)
        name = phrases.MONTHS[self.language][month - 1]
        value = f"{name} {day}" if self.language == "en" else f"{day} de {name}"
        return value, date_forms(day, month)

    def size(self) -> tuple[str, Forms]:
        if self.random.random() < 0.6:
            name, words = self.random.choice(phrases.COLOURS)
            value = name if self.language == "en" else phrases.PORTUGUESE_COLOURS[name]
            return value, tuple((word,) for word in words)
        across = self.random.randrange(31, 240)
        return f"{across} cm", ((f"{across} cm",), (f"{across}cm",))

    def address(self) -> tuple[str, Forms]:
        return self.email() if self.random.random() < 0.4 else self.street()

    def email(self) -> tuple[str, Forms]:
        name = f"{self.random.choice(phrases.NAMES)}.{self.random.randrange(100, 1000)}"
        address = f"{name}@{self.random.choice(phrases.HOSTS)}"
        return address, ((address,),)

    def street(self) -> tuple[str, Forms]:
        street, house = self.random.choice(phrases.STREETS), self.random.randrange(1001, 9999)
        return f"{street} {house}", ((street, str(house)),)

    def one_of(self, pool: Sequence[tuple[str, str, Forms]]) -> tuple[str, Forms]:
        english, portuguese, forms = self.random.choice(pool)
        return (english if self.language == "en" else portuguese), forms


def money(whole: int, cents: str, language: str) -> tuple[str, Forms]:
    """Return a price in reais as the language writes it, and its other spellings."""
    amounts = [f"{whole}.{cents}", f"{whole},{cents}"] + ([str(whole)] if cents == "00" else [])
    forms = [(f"{sign}{amount}",) for amount in amounts for sign in ("r$ ", "r$", "brl ")]
    forms += [(f"{amount} {word}",) for amount in amounts for word in ("reais", "brl", "real")]
    return (f"R$ {whole}.{cents}" if language == "en" else f"R$ {whole},{cents}"), tuple(forms)


def date_forms(day: int, month: int) -> Forms:
    """Return a day's spellings in both languages. The numeric ones are year-month-day and day/month."""
    english, portuguese = phrases.MONTHS["en"][month - 1], phrases.MONTHS["pt"][month - 1]
    short = english[:3]
    ordinal = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in (11, 12, 13) else 0, "th")
    words = [
        form
        for name in (english, short)
        for form in (f"{name} {day}", f"{day} {name}", f"{name} {day}{ordinal}", f"{day}{ordinal} {name}", f"{day}{ordinal} of {name}", f"{day} of {name}")
    ]  # fmt: skip
    words += [f"{day} de {portuguese}", f"{day} {portuguese}", f"{day}/{month:02}", f"2026-{month:02}-{day:02}"]
    return tuple((word,) for word in words)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A question and its answer; `plant` stands in one of them, its turn counted from here."""

    question: str
    answer: str
    plant: Plant | None = None


def weave(seed: int, number: int) -> Dialogue:
    """Weave one dialogue: 40 facts, five of each class; four corrections take an old value's place, one is a wish."""
    random = Random(f"storekeeper {seed} {number}")
    language = phrases.LANGUAGES[number % len(phrases.LANGUAGES)]
    bag = _Bag(random, language)
    steps = [_plain(bag, klass, n) for klass in CLASSES[:-1] for n in range(PER_CLASS)]
    steps.append(_said(bag, "negation", "user", bag.draw(lambda: bag.one_of(phrases.NEGATIONS))))
    steps += [_Exchange(*talk) for talk in phrases.SMALL_TALK[language]]
    random.shuffle(steps)
    for way, kind in zip(("at once", "with both", "new only", "by shop"), _mixed(random), strict=True):
        _add_update(steps, bag, way, kind)
    return _lay_out(f"woven-{seed}-{number:02}", language, steps)


def _mixed(random: Random) -> list[str]:
    kinds = ["date", "size", "sku", "street"]
    random.shuffle(kinds)
    return kinds


def _plain(bag: _Bag, klass: str, n: int) -> _Exchange:
    by_shop = n >= 3  # of five, the customer says three
    match klass:
        case "preference":
            pool = phrases.PROMISES if by_shop else phrases.PREFERENCES
            value = bag.draw(lambda: bag.one_of(pool))
        case _:
            value = bag.draw(getattr(bag, klass))
    return _said(bag, klass, "assistant" if by_shop else "user", value)


def _said(bag: _Bag, klass: str, speaker: str, value: tuple[str, Forms]) -> _Exchange:
    text, forms = value
    random, language = bag.random, bag.language
    says = (phrases.SHOP_SAYS if speaker == "assistant" else phrases.CUSTOMER_SAYS)[language][klass]
    line = random.choice(says).format(v=text)
    kind = "correction" if klass == "negation" else klass
    if speaker == "assistant":
        asks = random.choice(phrases.CUSTOMER_ASKS[language][klass])
        return _Exchange(asks, line, Plant(kind, text, forms, speaker, 1))
    return _Exchange(line, random.choice(phrases.SHOP_NODS[language]), Plant(kind, text, forms, speaker, 0))


def _add_update(steps: list[_Exchange], bag: _Bag, way: str, kind: str) -> None:
    random, language = bag.random, bag.language
    subject, words = phrases.SUBJECTS[language][kind], phrases.UPDATES[language]
    old, old_forms = bag.draw(getattr(bag, kind))
    new, forms = bag.draw(getattr(bag, kind))
    line = words[way].format(subject=subject, old=old, new=new)
    nod = random.choice(phrases.SHOP_NODS[language])
    plant = Plant("correction", new, forms, "user", 0, old, old_forms)
    last = _Exchange(line, nod, plant)
    if way == "by shop":
        last = _Exchange(words["ask"].format(subject=subject), line, replace(plant, speaker="assistant", turn=1))
    at = random.randrange(len(steps) // 2)
    if way != "at once":
        first = words["first"].format(subject=subject, old=old)
        steps.insert(at, _Exchange(first, random.choice(phrases.SHOP_NODS[language])))
        at = random.randrange(at + 3, len(steps))
    steps.insert(at, last)


def _lay_out(id: str, language: str, steps: Iterable[_Exchange]) -> Dialogue:
    turns, plants = list[tuple[str, str]](), list[Plant]()
    for step in steps:
        if step.plant:
            plants.append(replace(step.plant, turn=step.plant.turn + len(turns)))
        turns += [("user", step.question), ("assistant", step.answer)]
    return Dialogue(id, language, tuple(turns), tuple(plants))


def woven(count: int = 26, seed: int = 1) -> tuple[Dialogue, ...]:
    return tuple(weave(seed, number) for number in range(count))


def joined(dialogues: Sequence[Dialogue]) -> Dialogue:
    """Make one long dialogue of several, as of a customer who comes back."""
    turns, plants = list[tuple[str, str]](), list[Plant]()
    for one in dialogues:
        plants += [replace(plant, turn=plant.turn + len(turns)) for plant in one.plants]
        turns += one.turns
    return Dialogue("+".join(one.id for one in dialogues), dialogues[0].language, tuple(turns), tuple(plants))


def shortened(dialogue: Dialogue, turns: int) -> Dialogue:
    """Return the first `turns` questions with their answers, and what is planted in them."""
    kept = [plant for plant in dialogue.plants if plant.turn < 2 * turns]
    return replace(dialogue, turns=dialogue.turns[: 2 * turns], plants=tuple(kept))


class BadDialogues(Exception):
    """A file of dialogues that cannot be read; str() says which line and why."""


def load(path: Path) -> tuple[Dialogue, ...]:
    """Read JSONL of {"id", "turns": [{"role", "content"}], "facts": [{"said", "any", "speaker", "old"}]}.

    The facts are those of the file. A dialogue without any has no gold: what notes carry of it cannot be known, only
    what they make up.
    """
    found = list[Dialogue]()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDialogues(f"{path}: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_read(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadDialogues(f"{path}, line {number}: no dialogue ({error}).") from None
    if not found:
        raise BadDialogues(f"{path}: no dialogue in it.")
    return tuple(found)


def _read(values: dict[str, Any]) -> Dialogue:
    turns = list[tuple[str, str]]()
    for turn in (*values["turns"], *values.get("later", ())):
        role, content = (turn["role"], turn["content"]) if isinstance(turn, dict) else turn
        if role not in ("user", "assistant"):
            raise ValueError(f"role {role!r}: takes user or assistant")
        if content := normalise(content):
            turns.append((role, content))
    gold = [_planted(fact, str(values.get("class", "fact")), turns) for fact in values.get("facts", ())]
    return Dialogue(str(values["id"]), str(values.get("lang", "")), tuple(turns), tuple(gold))


def _planted(fact: dict[str, Any], klass: str, turns: Sequence[tuple[str, str]]) -> Plant:
    """Return a fact of the file, at the last message of its speaker that says it."""
    forms, old = _forms(fact["any"]), _forms(fact.get("old", ()))
    speaker = fact["speaker"]
    if speaker not in ("user", "assistant") or not forms:
        raise ValueError(f"fact {fact['said']!r}: takes a speaker, user or assistant, and forms")
    mine = [n for n, (role, _) in enumerate(turns) if role == speaker]
    saying = [n for n in mine if any_form([turns[n][1]], forms)]
    turn = (saying or mine or [len(turns) - 1])[-1]
    return Plant(klass, fact["said"], forms, speaker, turn, fact["old"][0] if old else "", old)


def _forms(written: Iterable[str]) -> Forms:
    """Return alternatives as a file has them: "rua & 45" are parts that stand together, "!" is any negation."""
    return tuple(tuple(form.split(" & ")) for form in written)


def any_form(texts: Iterable[str], forms: Forms) -> bool:
    """True if a sentence of the texts has one of the forms."""
    return any(says(one, forms) for text in texts for one in sentences(text))


def of_length(dialogues: Sequence[Dialogue], turns: int) -> list[Dialogue]:
    """Return dialogues of `turns` questions each: longer ones cut, shorter ones woven together until they are long enough."""
    made, waiting = list[Dialogue](), list[Dialogue]()
    for one in dialogues:
        waiting.append(one)
        if sum(len(part.turns) for part in waiting) >= 2 * turns:
            made.append(shortened(joined(waiting), turns))
            waiting = []
    return [*made, joined(waiting)] if waiting else made
