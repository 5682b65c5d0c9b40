"""Tests of how a reply ends, by its finish reason and by what went wrong."""

import logging

import pytest

from completions.errors import ErrorDetails, ModelError
from handlers.replies.attempts import OutOfBudget
from handlers.replies.outcomes import Outcome, outcome_of, outcome_of_reason
from handlers.replies.pacing import Stop, Stopped
from memory.storage.folders import NewerFormat, StorageError
from shop.texts import PromptsUnreadable

FAULT = ModelError(ErrorDetails("rate_limited", retry_after_seconds=7.0))


@pytest.mark.parametrize(
    ("error", "text", "expected"),
    [
        pytest.param(Stopped(), "Half", Outcome("stopped"), id="stopped"),
        pytest.param(FAULT, "Half", Outcome("interrupted", "rate_limited", 7.0), id="a fault after words"),
        pytest.param(FAULT, "", Outcome("failed", "rate_limited", 7.0), id="a fault before words"),
        pytest.param(OutOfBudget(), "", Outcome("failed", "budget"), id="out of budget"),
        pytest.param(PromptsUnreadable("x"), "", Outcome("failed", "prompts"), id="prompts"),
        pytest.param(StorageError("x"), "Half", Outcome("interrupted", "disk"), id="disk"),
        pytest.param(NewerFormat("x"), "Half", Outcome("interrupted", "disk"), id="a kind of storage error"),
        pytest.param(ZeroDivisionError(), "Half", Outcome("interrupted", "bug"), id="a bug after words"),
        pytest.param(ZeroDivisionError(), "", Outcome("failed", "bug"), id="a bug before words"),
    ],
)
def test_an_error_ends_a_reply_by_the_table(error: Exception, text: str, expected: Outcome) -> None:
    assert outcome_of(error, Stop(), text) == expected


def test_a_reply_that_the_server_stops_is_interrupted() -> None:
    stop = Stop()
    stop.ending = "interrupted"

    assert outcome_of(Stopped(), stop, "Half") == Outcome("interrupted")


def test_a_bug_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        outcome_of(error, Stop(), "")

    (line,) = caplog.records
    assert (line.message, line.levelno) == ("turn_failed", logging.ERROR)
    assert line.exc_info is not None
    assert line.exc_info[2] is not None


@pytest.mark.parametrize(
    ("reason", "text", "expected"),
    [
        ("stop", "Yes.", Outcome("stop", "unavailable")),
        ("length", "Yes", Outcome("length", "unavailable")),
        ("content_filter", "", Outcome("content_filter", "unavailable")),
        ("tool_calls", "Yes", Outcome("failed", "tool_calls")),
        ("stop", " \n", Outcome("failed", "empty")),
        ("error", "Yes", Outcome("interrupted", "error_event")),
    ],
)
def test_a_finish_reason_ends_a_reply(reason: str, text: str, expected: Outcome) -> None:
    assert outcome_of_reason(reason, "unavailable", text) == expected
