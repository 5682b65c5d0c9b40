"""The scorer's own check, before it judges anybody: notes made wrong on purpose, and right ones. Pure, at a fixed seed.

LLM judges accept 63 % of deliberately wrong answers (an audit of the LoCoMo benchmark); this one has to refuse 99 %.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from tests.comparison import phrases
from tests.comparison.dialogues import Dialogue, Plant, woven
from tests.comparison.scoring import Share, look, source_of, unsupported

ENOUGH = 0.99
_SAID = {"user": "customer", "assistant": "shop"}
_OTHER = {"user": "assistant", "assistant": "user"}
_SIGNS = ("US$", "€", "£", "$")
_VAGUE = {
    "order": "The customer gave an order number.",
    "sku": "The customer asked about a product of the shop.",
    "money": "An amount of R$ was named.",
    "date": "A date was agreed.",
    "size": "The customer chose a colour and a size in cm.",
    "address": "The customer gave an address.",
    "preference": "The customer named a preference.",
    "correction": "The customer corrected something.",
}
_REVERSED = (
    ("I only wear natural dyes", "does not wear natural dyes"),
    ("I am allergic to wool", "is not allergic to wool"),
    ("I like to be called in the evening", "never wants to be called in the evening"),
    ("I write better by WhatsApp than by phone", "doesn't write by WhatsApp"),
    ("I would rather have no plastic around it", "would rather have plastic around it"),
    ("I always pay by Pix", "never pays by Pix"),
    ("I am left-handed", "is not left-handed"),
    ("I want it to be machine washable", "does not want it to be machine washable"),
    ("we add a handwritten card", "does not add a handwritten card"),
    ("we call you back before noon", "does not call back before noon"),
    ("do not ring the bell", "ring the bell"),
    ("never leave it with the doorman", "leave it with the doorman"),
    ("I do not want the newsletter", "wants the newsletter"),
    ("tenho alergia a lã", "não tem alergia a lã"),
    ("sempre pago com Pix", "nunca paga com Pix"),
    ("sou canhota", "não é canhota"),
    ("prefiro sem plástico", "prefere com plástico"),
    ("minha mãe é vegana", "a mãe não é vegana"),
    ("colocamos um cartão escrito à mão", "não coloca um cartão escrito à mão"),
    ("não toque a campainha", "toque a campainha"),
    ("nunca deixe com o porteiro", "deixe com o porteiro"),
    ("não quero o boletim", "quer o boletim"),
)
"""Wishes and promises as said, and as nobody said them."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How many deliberately wrong notes the scorer refused, in all and by what is wrong; how many right ones it took."""

    wrong: Share
    kinds: Mapping[str, Share]
    right: Share

    @property
    def is_sound(self) -> bool:
        return min(self.wrong.known, self.right.known) >= ENOUGH


def check_scorer(count: int = 10) -> SelfCheck:
    """Return the scorer notes of every fact, wrong in every way that fits it, and the right ones."""
    random, kinds, right = Random("self-check"), dict[str, list[int]](), [0, 0]
    for dialogue in woven(count, seed=7):
        for plant in dialogue.plants:
            source = source_of(dialogue, plant)
            for kind, value in _wrong_values(dialogue, plant, random):
                found = look(plant, source, f"The {_SAID[plant.speaker]} said: {value}.")
                _add(kinds.setdefault(kind, [0, 0]), not found.is_there)
            for kind, is_seen in _wrong_notes(dialogue, plant, source, random):
                _add(kinds.setdefault(kind, [0, 0]), is_seen)
            notes = _right(plant)
            found = look(plant, source, notes)
            is_right = found.is_there and not found.is_stale and found.speaker == plant.speaker
            _add(right, is_right and not unsupported(notes, f"{source} {plant.old}"))
    shares = {kind: Share(*pair) for kind, pair in sorted(kinds.items())}
    wrong = Share(sum(one.hits for one in shares.values()), sum(one.n for one in shares.values()))
    return SelfCheck(wrong, shares, Share(*right))


def _add(pair: list[int], is_hit: bool) -> None:
    pair[0] += is_hit
    pair[1] += 1


def _right(plant: Plant) -> str:
    said = f"changed from {plant.old} to {plant.value}" if plant.old else plant.value
    return f"The {_SAID[plant.speaker]} said: {said}."


def _wrong_values(dialogue: Dialogue, plant: Plant, random: Random) -> Iterator[tuple[str, str]]:
    """Return what is wrong and the wrong value, near misses above all."""
    value = plant.value
    others = [one.value for one in dialogue.plants if one.klass == plant.klass and one.value != value]
    yield "another fact's value", random.choice(others)
    if denied := dict(_REVERSED).get(value):
        yield "denied", denied
    yield "vague", _VAGUE[plant.klass].rstrip(".")
    if plant.old:
        yield "the old value", plant.old
        yield "changed the wrong way round", f"changed from {value} to {plant.old}"
    places = [n for n, letter in enumerate(value) if letter.isdigit()]
    if places:
        at = random.choice(places)
        near = str(int(value[at]) + (-1 if value[at] == "9" else 1))
        yield "one digit off by one", value[:at] + near + value[at + 1 :]
        yield "one digit another", value[:at] + str((int(value[at]) + random.randrange(2, 9)) % 10) + value[at + 1 :]
        yield "a digit missing", value[: places[0]] + value[places[0] + 1 :]
        yield "a digit more", value[: places[-1] + 1] + "7" + value[places[-1] + 1 :]
        pairs = [n for n in places if n + 1 in places and value[n] != value[n + 1]]
        if pairs:
            at = random.choice(pairs)
            yield "two digits swapped", value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    if value.startswith("R$ "):
        yield "another currency", f"{random.choice(_SIGNS)} {value[3:]}"
        yield "other cents", re.sub(r"\d\d$", lambda cents: f"{(int(cents[0]) + 5) % 100:02}", value)
        yield "ten times as much", re.sub(r"\d+", lambda whole: whole[0] + "0", value, count=1)
    months = phrases.MONTHS[dialogue.language]
    if month := next((one for one in months if one in value), None):
        yield "another month", value.replace(month, months[(months.index(month) + random.randrange(1, 12)) % 12])
    if code := re.fullmatch(r"([A-Z]{3})-(\d+)", value):
        yield "another letter", f"{random.choice([one for one in phrases.LETTERS if one != code[1]])}-{code[2]}"
    if value.endswith(" cm"):
        yield "another unit", f"{value[:-3]} mm"
    if "@" in value:
        name, host = value.split("@")
        yield "another host", f"{name}@{random.choice([one for one in phrases.HOSTS if one != host])}"
        yield "a letter less", value[1:]
    if street := next((one for one in phrases.STREETS if value.startswith(one)), None):
        yield "another street", value.replace(street, random.choice([one for one in phrases.STREETS if one != street]))


def _wrong_notes(dialogue: Dialogue, plant: Plant, source: str, random: Random) -> Iterator[tuple[str, bool]]:
    """Return what else is wrong with notes, and whether the scorer saw it."""
    wrong = replace(plant, speaker=_OTHER[plant.speaker])
    yield "said by the other", look(plant, source, _right(wrong)).speaker != plant.speaker
    if plant.old:
        stale = f"The customer said: {plant.old}."
        yield "stale alone", look(plant, source, stale).is_stale
        yield "stale again", look(plant, source, f"{_right(plant)} Later: {plant.old}.").is_stale
    if any(letter.isdigit() for letter in plant.value):
        made_up = [value for kind, value in _wrong_values(dialogue, plant, random) if kind in _MADE_UP]
        for value in made_up:
            yield "made up", bool(unsupported(f"The customer said: {value}.", source))


_MADE_UP = {
    "one digit off by one",
    "another month",
    "another currency",
    "another letter",
    "another host",
    "other cents",
}
