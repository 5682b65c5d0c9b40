"""What finish reasons mean."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.reasons import Outcome, outcome

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (
            "stop STOP Stop end_turn endTurn eos eos_token stop_sequence COMPLETE FINISH_REASON_STOP FinishReason.STOP",
            "stop",
        ),
        ("length max_tokens MAX_TOKENS MaxTokens model_length max_output_tokens FINISH_REASON_MAX_TOKENS", "length"),
        ("model_context_window_exceeded incomplete", "length"),
        (
            "content_filter ContentFilter contentFiltered sensitive SAFETY RECITATION PROHIBITED_CONTENT",
            "content_filter",
        ),
        ("refusal guardrail_intervened ERROR_TOXIC blocked", "content_filter"),
        ("tool_calls function_call tool_use MALFORMED_FUNCTION_CALL", "tool_calls"),
        ("error abort aborted cancelled canceled insufficient_system_resource network_error OTHER ERROR", "failed"),
        ("glorious 42 7-x stop_it_now", "unknown"),
        ("null None unspecified FINISH_REASON_UNSPECIFIED not_finished in_progress", None),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_providers_word_means_one_of_ours(reasons: str, expected: Outcome | None) -> None:
    assert {reason: outcome(reason) for reason in reasons.split()} == dict.fromkeys(reasons.split(), expected)


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_no_word_ends_nothing(reason: str) -> None:
    assert outcome(reason) is None


@patient
@given(st.text())
def test_only_a_known_word_means_stop(reason: str) -> None:
    if outcome(reason) == "stop":
        assert any(word in reason.lower() for word in ("stop", "e", "done", "success", "normal", "natural", "ok"))
