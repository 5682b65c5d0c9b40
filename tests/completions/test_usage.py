"""What a provider's report of tokens says, under whichever names."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.usage import Usage, read

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def report(prompt: Any, completion: Any, total: Any = None, **more: Any) -> dict[str, Any]:
    found = {"prompt_tokens": prompt, "completion_tokens": completion, **more}
    return found if total is None else found | {"total_tokens": total}


CASES: list[tuple[str, Any, Usage | None]] = [
    ("whole numbers", report(100, 42, 142), Usage(100, 42)),
    ("fractions", report(100.0, 37.25, 137.25), Usage(100, 38)),
    ("in quotes", report("100", "42"), Usage(100, 42)),
    ("all zero", report(0, 0, 0), None),
    ("empty", {}, None),
    ("null", None, None),
    ("a list", [1, 2], None),
    ("a word", "n/a", None),
    ("nulls", report(None, None), None),
    ("negative", report(-1, -1, -1), None),
    ("no numbers", report("many", True), None),
    ("not finite", report(float("nan"), float("inf")), None),
    ("absurd", report(10**30, 5), Usage(0, 5)),
    ("only the prompt", report(100, None), Usage(100, 0)),
    ("only the completion", {"completion_tokens": 42}, Usage(0, 42)),
    ("other names", {"input_tokens": 100, "output_tokens": 42}, Usage(100, 42)),
    ("a server of GGUF files", {"prompt_eval_count": 100, "eval_count": 42}, Usage(100, 42)),
    (
        "Gemini's own",
        {"promptTokenCount": 100, "candidatesTokenCount": 42, "thoughtsTokenCount": 8, "totalTokenCount": 150},
        Usage(100, 50),
    ),
    ("reasoning within", report(100, 428, 528, completion_tokens_details={"reasoning_tokens": 386}), Usage(100, 428)),
    ("reasoning beside", report(100, 42, 528, completion_tokens_details={"reasoning_tokens": 386}), Usage(100, 428)),
    (
        "reasoning beside, small",
        report(100, 42, 152, completion_tokens_details={"reasoning_tokens": 10}),
        Usage(100, 52),
    ),
    (
        "reasoning beside, no total",
        report(100, 42, completion_tokens_details={"reasoning_tokens": 386}),
        Usage(100, 428),
    ),
    ("reasoning within, no total", report(100, 42, completion_tokens_details={"reasoning_tokens": 40}), Usage(100, 42)),
    ("reasoning at the top", report(100, 42, 528, reasoning_tokens=386), Usage(100, 428)),
    ("reasoning in the total only", report(100, 42, 528), Usage(100, 428)),
    ("reasoning null", report(100, 42, 142, completion_tokens_details={"reasoning_tokens": None}), Usage(100, 42)),
    ("details that are none", report(100, 42, completion_tokens_details=[], prompt_tokens_details="x"), Usage(100, 42)),
    ("cached", report(100, 42, prompt_tokens_details={"cached_tokens": 80}), Usage(100, 42, 80)),
    ("written", report(100, 42, prompt_tokens_details={"cache_write_tokens": 90.0}), Usage(100, 42, 0, 90)),
    (
        "cached by another name",
        report(100, 42, prompt_cache_hit_tokens=64, prompt_cache_miss_tokens=36),
        Usage(100, 42, 64),
    ),
    ("cached beside", {"input_tokens": 10, "output_tokens": 4, "cache_read_input_tokens": 90}, Usage(100, 4, 90)),
    ("cached beside by the total", report(100, 42, 222, cache_read_input_tokens=80), Usage(180, 42, 80)),
]


@pytest.mark.parametrize(("reported", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_report_is_read_whatever_its_shape(reported: Any, expected: Usage | None) -> None:
    assert read(reported) == expected


def test_a_later_report_takes_the_place_of_what_it_says() -> None:
    assert Usage(0, 42).after(Usage(100, 1, 80)) == Usage(100, 42, 80)
    assert Usage(100, 42).after(None) == Usage(100, 42)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*report(1, 1, 1), "reasoning_tokens", "cached_tokens",
                                                                      "completion_tokens_details"]), inner),
)  # fmt: skip


@patient
@given(anything)
def test_no_report_raises(reported: Any) -> None:
    found = read(reported)

    assert found is None or found.prompt_tokens + found.completion_tokens > 0
