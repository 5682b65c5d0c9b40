"""Tests of what is learned from the usage that models report: a correction of the counts, always within its bounds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.stream import Finished, Usage
from handlers.replies.accounting import ModelCall, note_calls
from memory.context.prompt import Question, build
from memory.usage import corrections
from tests.support.shop import Scripted
from tests.support.talk import CHAT, services_in

PROMPT = build("{{ store }}", "The shop sells hammocks. " * 40, "", [], Question("How much is the blue one?"), "system")
reports = st.lists(st.one_of(st.integers(0, 10**9), st.integers(100, 900)), max_size=30)


@given(reports)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_reported_usage_keeps_the_correction_from_0_5_to_3(tmp_path_factory, reports):
    shared = services_in(tmp_path_factory.mktemp("shop"), Scripted())
    model = shared.settings.model(CHAT)

    note_calls(shared, shared.users.folder("ana"), [_call(model, reported) for reported in reports])

    assert 0.5 <= shared.corrections.get(CHAT, model.correction) <= 3.0


def test_a_steady_report_is_learned_to_a_hundredth(tmp_path):
    shared = services_in(tmp_path, Scripted())
    model = shared.settings.model(CHAT)
    reported = round(1.3 * PROMPT.tokens(model.encoding))

    note_calls(shared, shared.users.folder("ana"), [_call(model, reported) for _ in range(12)])

    assert abs(shared.corrections[CHAT] - 1.3) < 0.013


def test_what_was_learned_is_known_after_the_next_start(tmp_path):
    shared = services_in(tmp_path, Scripted())
    model = shared.settings.model(CHAT)
    reported = round(1.3 * PROMPT.tokens(model.encoding))

    note_calls(shared, shared.users.folder("ana"), [_call(model, reported) for _ in range(12)])

    assert abs(corrections.load(shared.users)[CHAT] - 1.3) < 0.02


@pytest.mark.parametrize("share", [0.1, 0.5, 0.7])
def test_a_truncated_prompt_is_logged_and_not_learned(tmp_path, caplog, share):
    shared = services_in(tmp_path, Scripted())
    model = shared.settings.model(CHAT)
    counted = PROMPT.tokens(model.encoding)

    note_calls(shared, shared.users.folder("ana"), [_call(model, round(share * counted))])

    (record,) = [vars(record) for record in caplog.records if record.getMessage() == "prompt_truncated"]
    assert (record["model"], record["counted"], record["reported"]) == (CHAT, counted, round(share * counted))
    assert record["levelname"] == "WARNING"
    assert shared.corrections == {}


def test_a_model_that_counts_fewer_tokens_is_not_taken_for_a_cut(tmp_path, caplog):
    shared = services_in(tmp_path, Scripted())
    model = shared.settings.model(CHAT)
    reported = round(0.8 * PROMPT.tokens(model.encoding))

    note_calls(shared, shared.users.folder("ana"), [_call(model, reported) for _ in range(12)])

    assert abs(shared.corrections[CHAT] - 0.8) < 0.01
    assert "prompt_truncated" not in caplog.text


def test_a_report_without_a_prompt_teaches_nothing(tmp_path, caplog):
    shared = services_in(tmp_path, Scripted())

    note_calls(shared, shared.users.folder("ana"), [_call(shared.settings.model(CHAT), 0)])

    assert shared.corrections == {}
    assert "prompt_truncated" not in caplog.text


def _call(model, reported):
    call = ModelCall(model, PROMPT.tokens(model.encoding))
    call.add_event(Finished("stop"))
    call.add_event(Usage(reported, 5))
    return call
