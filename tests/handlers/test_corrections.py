"""Tests of what is learned from the usage that models report: a correction of the counts, always within its bounds."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.stream import Finished, Usage
from handlers.calls import Call, note_calls
from memory.prompt import build
from tests.shop import Scripted
from tests.talk import CHAT, services_in

PROMPT = build("{{ store }}", "The shop sells hammocks. " * 40, "", [], "How much is the blue one?", "system")
reports = st.lists(st.one_of(st.integers(0, 10**9), st.integers(100, 900)), max_size=30)


@given(reports)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_reported_the_correction_stays_between_half_and_three_times(tmp_path_factory, reports):
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


def _call(model, reported):
    call = Call(model, PROMPT.tokens(model.encoding))
    call.hear(Finished("stop"))
    call.hear(Usage(reported, 5))
    return call
