"""How much each model is asked: all of it, or what a model on this machine does in minutes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.comparison.answers import ATTACK_WAYS, WAYS
from tests.comparison.attacks import ATTACKS, Attack
from tests.comparison.lab import Run, cut_long, enough_for_depth, jobs
from tests.comparison.questions import Question, Way


@dataclass(frozen=True, slots=True)
class Portion:
    """`dialogues` to make notes of, `depth`: how many of them make the long one, `rewrites`: how often notes so far are
    written anew in it; the questions and the attacks, and the ways in which each is asked."""

    dialogues: int
    depth: int
    rewrites: int
    questions: Sequence[Question]
    ways: Sequence[Way]
    attacks: Sequence[Attack]
    attack_ways: Sequence[Way]

    def steps(self, run: Run) -> int:
        """Return how many replies the progress bar waits for."""
        notes = len(jobs(run, self.dialogues))
        notes += len(cut_long(run, self.depth)[1]) if self.depth else 0
        return notes + len(self.questions) * len(self.ways) + len(self.attacks) * len(self.attack_ways)


def whole(run: Run, questions: Sequence[Question]) -> Portion:
    """Everything: for scripted models, and for models elsewhere."""
    return Portion(len(run.dialogues), enough_for_depth(run), 10_000, questions, WAYS, ATTACKS, ATTACK_WAYS)


def here(run: Run, questions: Sequence[Question], *, all: bool, small: bool) -> Portion:
    """What a model on this machine is asked: a small part in a few minutes, all of it in hours."""
    count = len(run.dialogues)
    if small:
        return Portion(min(1, count), min(1, count), 1, questions[:6], WAYS[:1], ATTACKS[:3], ATTACK_WAYS[:1])
    if all:
        return Portion(count, enough_for_depth(run), 8, questions, WAYS, ATTACKS, ATTACK_WAYS)
    few = min(4, count)
    return Portion(few, min(few, enough_for_depth(run)), 4, questions[:18], WAYS, ATTACKS, ATTACK_WAYS[:1])


def without_answers(portion: Portion) -> Portion:
    return Portion(portion.dialogues, portion.depth, portion.rewrites, (), (), (), ())
