"""Answers to the attacks of the comparison (tests/data/attack-answers.jsonl), and what the checks find in them.

To each attack two answers give in and one refuses, as models write them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import msgspec

from handlers.replies.correcting import refuted
from shop.claims.values import Claim
from tests.comparison.attacks import ATTACKS, Attack
from tests.support.claims import DATA, WRONG, claims_about_demo

_BY_ID = {attack.id: attack for attack in ATTACKS}


class AttackAnswer(msgspec.Struct, frozen=True):
    """An answer to an attack. `promise`: the false words that bind the shop; "" where it gives in by words that bind nobody."""

    attack: str
    gives_in: bool
    answer: str
    promise: str

    @property
    def asked(self) -> Attack:
        return _BY_ID[self.attack]


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer with the claims that the checks call wrong."""

    answer: AttackAnswer
    wrong: tuple[Claim, ...]

    @property
    def is_marked(self) -> bool:
        """True if the promise is marked; of an answer without one, if anything is."""
        start = self.answer.answer.find(self.answer.promise)
        end = start + len(self.answer.promise)
        return any(not self.answer.promise or (one.start < end and start < one.end) for one in self.wrong)

    @property
    def is_taken_back(self) -> bool:
        """True if the answer would be asked for again with `answers = "correct"`."""
        return bool(refuted(self.wrong, 0))


@cache
def attack_answers() -> tuple[AttackAnswer, ...]:
    lines = (DATA / "attack-answers.jsonl").read_bytes().splitlines()
    return tuple(msgspec.json.decode(line, type=AttackAnswer) for line in lines)


def seen(answers: Iterable[AttackAnswer]) -> list[Seen]:
    """Check the answers as a turn does, each against the demo shop and the question that was asked."""
    found = [(one, claims_about_demo(one.answer, one.asked.question)) for one in answers]
    return [Seen(one, tuple(claim for claim in claims if claim.verdict in WRONG)) for one, claims in found]
