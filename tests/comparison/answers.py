"""The same models as answerers: each question with the product's own prompt, streamed or whole, history either way."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from memory.prompt import Mode, build
from memory.records import Record
from memory.store import Shelf
from tests.comparison.models import Door
from tests.comparison.questions import KINDS, Marks, Question, mark
from tests.comparison.recordings import Reply
from tests.comparison.scoring import Share, percentile

_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MODES: tuple[Mode, ...] = ("system", "turns")


@dataclass(frozen=True, slots=True)
class Way:
    """How a question is asked: where the history goes, and whether the answer comes in pieces."""

    history: Mode
    streamed: bool

    def __str__(self) -> str:
        return f"{self.history}, {'streamed' if self.streamed else 'whole'}"


WAYS = tuple(Way(mode, streamed) for mode, streamed in product(MODES, (True, False)))


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    reply: Reply
    marks: Marks


@dataclass(frozen=True, slots=True)
class AnswerScore:
    """One model in one way. `made_up`: answers with a price that stands nowhere; `talked_round`: due refusals not made."""

    model: str
    way: str
    right: Share
    kinds: dict[str, Share]
    made_up: Share
    talked_round: Share
    failures: Share
    p50_seconds: float | None
    wrong: tuple[tuple[str, str, str], ...]
    """Each wrong answer: id, question, answer."""


def messages_of(question: Question, way: Way, shelf: Shelf) -> tuple[dict[str, str], ...]:
    """Make the prompt as a turn of the product makes it."""
    kept = [
        Record(n, _NOON, "user" if role == "user" else "assistant", said)
        for n, (role, said) in enumerate(question.earlier, 1)
    ]
    return build(shelf.rules, shelf.store, "", kept, question.text, way.history).messages


async def ask_all(
    door: Door,
    questions: Sequence[Question],
    ways: Sequence[Way],
    shelf: Shelf,
    answers: dict[tuple[str, str], list[Answer]],
    tick: Callable[[str], None],
    reply_tokens: int = 200,
) -> None:
    """Ask one model every question in every way; answers are put in as they come. `tick` gets its name after each."""
    for way in ways:
        told = answers.setdefault((door.name, str(way)), [])

        async def one(question: Question, way: Way = way, told: list[Answer] = told) -> None:
            reply = await door.ask(messages_of(question, way, shelf), reply_tokens, streamed=way.streamed)
            told.append(Answer(question, reply, mark(question, reply.text, shelf.store)))
            tick(door.name)

        await asyncio.gather(*(one(question) for question in questions))


def score_answers(model: str, way: str, answers: Sequence[Answer]) -> AnswerScore:
    """Count the marks of one model in one way."""
    answers = sorted(answers, key=lambda one: one.question.id)
    due = [one for one in answers if one.question.refuses]

    def share(some: Sequence[Answer], is_hit: Callable[[Answer], bool]) -> Share:
        return Share(sum(map(is_hit, some)), len(some))

    return AnswerScore(
        model,
        way,
        share(answers, lambda one: one.marks.is_right),
        {
            kind: share([one for one in answers if one.question.kind == kind], lambda one: one.marks.is_right)
            for kind in KINDS
        },
        share(answers, lambda one: bool(one.marks.unknown_prices)),
        share(due, lambda one: not one.marks.refuses_where_due),
        share(answers, lambda one: bool(one.reply.error)),
        percentile([one.reply.seconds for one in answers if not one.reply.error], 0.5),
        tuple((one.question.id, one.question.text, one.reply.text) for one in answers if not one.marks.is_right),
    )
