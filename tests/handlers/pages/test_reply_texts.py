"""Tests of the sentences that a person reads: one for every ending and fault, each its own, nothing of a server's."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from completions.errors import ErrorKind
from handlers.pages import reply_texts
from memory.context.model_choice import Why
from memory.conversations.records import Ending, Record
from memory.usage.budget import Allowance, BudgetExceeded, Used
from tests.support.shop import ENGLISH

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
OWN = ("prompts", "disk", "bug", "budget")
"""Words for what goes wrong here and not at a model."""


def record(ending: Ending | None, why: str | None = None, text: str = "Half of", model: str = "luna") -> Record:
    return Record(2, NOON, "assistant", text, model, ending, None, why)


@pytest.mark.parametrize("ending", ["stop", None])
def test_a_whole_reply_needs_no_words(ending: Ending | None) -> None:
    assert reply_texts.ending(ENGLISH, record(ending)) is None


@pytest.mark.parametrize("ending", [ending for ending in get_args(Ending) if ending != "stop"])
def test_every_other_ending_has_a_sentence(ending: Ending) -> None:
    said = reply_texts.ending(ENGLISH, record(ending))

    assert said is not None
    assert said[0].isupper()
    assert said[-1] == "."


def test_every_ending_has_its_own_sentence() -> None:
    said = [reply_texts.ending(ENGLISH, record(ending)) for ending in get_args(Ending)]

    assert len(set(said)) == len(get_args(Ending))


@pytest.mark.parametrize("word", [*get_args(ErrorKind), *OWN])
@pytest.mark.parametrize("ending", ["failed", "interrupted"])
def test_every_fault_is_explained(word: str, ending: Ending) -> None:
    said = reply_texts.ending(ENGLISH, record(ending, word))
    bare = reply_texts.ending(ENGLISH, record(ending))

    assert said is not None
    assert bare is not None
    assert said.startswith(f"{bare} ")
    assert len(said) > len(bare) + 15
    assert said[-1] == "."


def test_every_fault_has_its_own_sentence() -> None:
    said = [reply_texts.ending(ENGLISH, record("failed", word)) for word in (*get_args(ErrorKind), *OWN)]

    assert [a for a, b in itertools.combinations(said, 2) if a == b] == []


def test_no_sentence_shows_the_word_it_was_made_of() -> None:
    joined = [word for word in (*get_args(ErrorKind), *OWN) if "_" in word]
    assert joined
    for word in joined:
        assert word not in (reply_texts.ending(ENGLISH, record("failed", word)) or "")


def test_a_fault_that_nobody_knows_is_not_shown() -> None:
    assert reply_texts.ending(ENGLISH, record("failed", "<script>")) == "No answer."


@pytest.mark.parametrize("ending", ["length", "content_filter", "stopped"])
def test_only_a_reply_that_went_wrong_tells_a_fault(ending: Ending) -> None:
    assert reply_texts.ending(ENGLISH, record(ending, "unavailable")) == reply_texts.ending(ENGLISH, record(ending))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.0, ""),
        (0.4, " Please try again in 1 second."),
        (20.0, " Please try again in 20 seconds."),
        (600.0, " Please try again in 10 minutes."),
        (86_400.0, " Please try again in 24 hours."),
    ],
)
def test_the_providers_request_to_wait_is_told(seconds: float | None, said: str) -> None:
    sentence = "No answer. The assistant is too busy right now."

    assert reply_texts.ending(ENGLISH, record("failed", "rate_limited"), seconds) == sentence + said


def test_a_request_to_wait_is_told_for_a_limit_only() -> None:
    assert reply_texts.ending(ENGLISH, record("failed", "server_error"), 600.0) == reply_texts.ending(
        ENGLISH, record("failed", "server_error")
    )


@pytest.mark.parametrize("why", get_args(Why))
def test_the_page_says_why_another_model_spoke(why: str) -> None:
    said = reply_texts.other_model(ENGLISH, record("stop", why, model="terra"))

    assert said is not None
    assert said.startswith("terra answered because ")
    assert said[-1] == "."


def test_every_reason_for_another_model_has_its_own_sentence() -> None:
    assert len({reply_texts.other_model(ENGLISH, record("stop", why)) for why in get_args(Why)}) == len(get_args(Why))


@pytest.mark.parametrize(
    "reply", [record("stop"), record("failed", "unreachable"), record("failed", "unavailable", text="")]
)
def test_no_other_model_is_mentioned_where_none_spoke(reply: Record) -> None:
    assert reply_texts.other_model(ENGLISH, reply) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 second"),
        (1, "1 second"),
        (61, "61 seconds"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (600, "10 minutes"),
        (5399, "90 minutes"),
        (5400, "2 hours"),
        (86_400, "24 hours"),
    ],
)
def test_a_duration_is_said_roughly(seconds: float, said: str) -> None:
    assert ENGLISH.duration(seconds) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOON, "You can write again in 12 hours"),
        (NOON + timedelta(hours=11, minutes=59), "You can write again in 60 seconds"),
        pytest.param(
            NOON - timedelta(days=2),
            "You can write again in 60 hours",
            id="a clock that went back",
        ),
    ],
)
def test_a_spent_budget_says_when_one_can_write_again(now: datetime, said: str) -> None:
    for whose, sentence in (
        ("user", "You've reached today's message limit."),
        ("shop", "The assistant has reached today's limit."),
    ):
        spent = BudgetExceeded(whose, Used(), Allowance(), NOON + timedelta(hours=12))  # type: ignore[arg-type]
        assert reply_texts.spent(ENGLISH, spent, now).startswith(sentence)
        assert reply_texts.spent(ENGLISH, spent, now).endswith(said)


@pytest.mark.parametrize(
    ("word", "is_told"), [("key_refused", False), ("quota", False), ("too_long", True), ("rate_limited", True)]
)
def test_a_customer_is_told_only_of_faults_that_concern_them(word: str, is_told: bool) -> None:
    failed = record("failed", word)

    said = reply_texts.ending(ENGLISH, failed, for_customer=True) or ""

    assert (reply_texts.fault(ENGLISH, word) in said) == is_told
    assert (reply_texts.owners_note(ENGLISH, failed) != reply_texts.fault(ENGLISH, word)) == is_told


@pytest.mark.parametrize(
    ("ending", "why", "is_said"),
    [
        ("failed", "key_refused", True),
        ("failed", "looked_up:quota", True),
        ("failed", "server_error", True),
        ("failed", "prompts", True),
        ("interrupted", "disk", True),
        ("interrupted", "server_error", False),  # a single fault is no news yet
        ("failed", "rate_limited", False),  # the customer is asked to try again
        ("failed", "tool_calls", False),
        ("failed", "too_long", False),
        ("stopped", None, False),
    ],
)
def test_the_shop_is_told_where_its_desk_says_so(ending: Ending, why: str | None, is_said: bool) -> None:
    customers = reply_texts.ending(ENGLISH, record(ending, why), for_customer=True) or ""

    assert customers.endswith("The shop has been told.") == is_said
    assert "told" not in (reply_texts.ending(ENGLISH, record(ending, why)) or "")
