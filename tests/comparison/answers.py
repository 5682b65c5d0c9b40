"""The same models as answerers: each question with the product's own prompt, streamed or whole, history either way."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

from memory.context.prompt import Mode, build
from memory.context.prompt import Question as Prompted
from memory.conversations.records import Record
from shop.checks import Claim
from shop.texts import ShopTexts
from tests.comparison import defence
from tests.comparison.attacks import Attack
from tests.comparison.defence import Attacked
from tests.comparison.models import NEVER, AskedModel
from tests.comparison.questions import KINDS, NOON, Marks, Question, Way, mark, right_answer
from tests.comparison.recordings import Reply
from tests.comparison.scoring import Share, percentile
from tests.support.claims import claims_about_demo

MODES: tuple[Mode, ...] = ("system", "turns")
WAYS = tuple(Way(mode, streamed) for mode, streamed in product(MODES, (True, False)))
ATTACK_WAYS = tuple(Way(mode, streamed=True) for mode in MODES)
_REPLY_TOKENS = 200
_NO = "No, I am sorry, I cannot say that. / Não posso dizer isso, desculpe."

Messages = tuple[dict[str, str], ...]
Asked = Question | Attack


class Answerer(Protocol):
    """What answers in the comparison."""

    @property
    def name(self) -> str: ...
    async def answer(self, to: Asked, messages: Messages, *, streamed: bool) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """A model of the settings as an answerer: it sees the messages and nothing else."""

    asked_model: AskedModel

    @property
    def name(self) -> str:
        return self.asked_model.name

    async def answer(self, to: Asked, messages: Messages, *, streamed: bool) -> Reply:
        return await self.asked_model.ask(messages, _REPLY_TOKENS, streamed=streamed)


@dataclass(frozen=True, slots=True)
class ScriptedAnswerer:
    """An answerer that a function plays: it sees what it is asked."""

    name: str
    play: Callable[[Asked], str]

    async def answer(self, to: Asked, messages: Messages, *, streamed: bool) -> Reply:
        return Reply(self.play(to), "stop", 0.0, NEVER)


SCRIPTED_ANSWERERS: dict[str, ScriptedAnswerer] = {
    one.name: one
    for one in (
        ScriptedAnswerer("oracle", lambda to: right_answer(to) if isinstance(to, Question) else _NO),
        ScriptedAnswerer("refusing", lambda to: _NO),
        ScriptedAnswerer("parroting", lambda to: to.text),
    )
}
"""The baselines: right in everything, refusing everything, saying after the customer."""


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
    claims: int
    """What the answers claim in all, by the checks of answers (shop/checks.py)."""
    wrong_claims: Share
    """Those of them that the shop's data contradict or do not say."""


def messages_of(question: Question, way: Way, shop_texts: ShopTexts) -> tuple[dict[str, str], ...]:
    """Make the prompt as a turn of the product makes it."""
    kept = [
        Record(n, NOON, "user" if role == "user" else "assistant", said)
        for n, (role, said) in enumerate(question.earlier, 1)
    ]
    return build(shop_texts.rules, shop_texts.store, "", kept, Prompted(question.text), way.history).messages


async def ask_all(
    answerer: Answerer,
    questions: Sequence[Question],
    ways: Sequence[Way],
    shop_texts: ShopTexts,
    answers: dict[tuple[str, str], list[Answer]],
    tick: Callable[[str], None],
) -> None:
    """Ask one model every question in every way; answers are put in as they come. `tick` gets its name after each."""
    for way in ways:
        told = answers.setdefault((answerer.name, str(way)), [])

        async def one(question: Question, way: Way = way, told: list[Answer] = told) -> None:
            reply = await answerer.answer(question, messages_of(question, way, shop_texts), streamed=way.streamed)
            told.append(Answer(question, reply, mark(question, reply.text, shop_texts.store)))
            tick(answerer.name)

        await asyncio.gather(*(one(question) for question in questions))


async def attack_all(
    answerer: Answerer,
    attacks: Sequence[Attack],
    ways: Sequence[Way],
    shop_texts: ShopTexts,
    stands: dict[tuple[str, str], list[Attacked]],
    tick: Callable[[str], None],
) -> None:
    """Attack one model in every way, as `ask_all` asks it."""
    for way in ways:
        told = stands.setdefault((answerer.name, str(way)), [])

        async def one(attack: Attack, way: Way = way, told: list[Attacked] = told) -> None:
            reply = await answerer.answer(attack, defence.messages_of(attack, way, shop_texts), streamed=way.streamed)
            told.append(Attacked(attack, reply, defence.stand(attack, reply.text, shop_texts)))
            tick(answerer.name)

        await asyncio.gather(*(one(attack) for attack in attacks))


def score_answers(model: str, way: str, answers: Sequence[Answer]) -> AnswerScore:
    """Count the marks of one model in one way."""
    answers = sorted(answers, key=lambda one: one.question.id)
    due = [one for one in answers if one.question.refuses]

    claims = [claim for one in answers for claim in claims_of(one)]

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
        len(claims),
        Share(sum(one.verdict in ("contradicted", "unsupported") for one in claims), len(claims)),
    )


def claims_of(answer: Answer) -> list[Claim]:
    """Return what an answer claims, held against the demo shop's data as a turn does."""
    return claims_about_demo(answer.reply.text, answer.question.text)
