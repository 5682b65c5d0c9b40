"""Questions about the shop: their right answers stand in the shop's files, and wrong ones are marked wrong."""

from pathlib import Path

import pytest

from settings import ROOT
from shop import texts
from tests.comparison.answers import WAYS, Answer, messages_of, score_answers
from tests.comparison.questions import KINDS, Way, all_questions, amounts, kinds_of, mark, right_answer
from tests.comparison.recordings import Reply
from tests.comparison.scoring import any_says

PROMPTS: Path = ROOT / "prompts"
QUESTIONS = all_questions(PROMPTS)
SHOP_TEXTS = texts.load(PROMPTS)
STORE = SHOP_TEXTS.store


def test_there_are_at_least_sixty_questions_of_all_kinds():
    assert len(QUESTIONS) >= 60
    assert min(kinds_of(QUESTIONS).values()) >= 8
    assert {one.kind for one in QUESTIONS[: len(KINDS)]} == set(KINDS)
    assert len({one.id for one in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.id)
def test_a_right_answer_is_right_and_a_wrong_one_wrong(question):
    assert mark(question, right_answer(question), STORE).is_right
    assert not mark(question, "Yes of course, gladly!", STORE).is_right
    assert not mark(question, f"{right_answer(question)} It costs R$ 4,321.00.", STORE).is_right
    assert not mark(question, "", STORE).is_right


@pytest.mark.parametrize(
    "question", [one for one in QUESTIONS if one.kind == "policy" and one.needs], ids=lambda q: q.id
)
def test_what_policies_are_asked_for_stands_in_the_shops_files(question):
    assert any_says([STORE], question.needs)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RED-012,Hammocks,289.00,9", {"12.00", "289.00", "9.00"}),
        ("R$ 1.234,50", {"1234.50"}),
        ("R$ 2,000.00", {"2000.00"}),
        ("R$ 49.9", {"49.90"}),
    ],
)
def test_amounts_are_read_in_both_spellings(text: str, found: set[str]):
    assert amounts(text) == found


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_earlier_conversation_goes_where_the_way_says(way: Way):
    question = next(one for one in QUESTIONS if one.kind == "earlier")
    messages = messages_of(question, way, SHOP_TEXTS)

    assert len(messages) == (2 if way.history == "system" else 4)
    assert question.earlier[0][1] in messages[0 if way.history == "system" else 1]["content"]
    assert messages[-1]["content"] == question.text


def test_answers_are_counted_by_kind_and_the_wrong_ones_told():
    told = [
        Answer(one, Reply(text, "stop", 1.0, ""), mark(one, text, STORE))
        for one in QUESTIONS
        for text in [right_answer(one) if one.kind != "discount" else "Sure, R$ 4.321,00 for you!"]
    ]

    scored = score_answers("m", "system, streamed", told)

    assert scored.kinds["discount"].hits == 0
    assert scored.kinds["price"].value == 1
    assert scored.talked_round.hits == scored.made_up.hits == len(scored.wrong) == 8


def test_claims_of_answers_are_counted_and_the_wrong_ones_too() -> None:
    reply = Reply("The RED-012 costs R$ 289.00. The RED-011 costs R$ 1.00.", "stop", 0.1, "")
    question = QUESTIONS[0]
    marks = mark(question, reply.text, "")

    score = score_answers("luna", "system", [Answer(question, reply, marks)])

    assert score.claims == 4
    assert (score.wrong_claims.hits, score.wrong_claims.n) == (1, 4)
