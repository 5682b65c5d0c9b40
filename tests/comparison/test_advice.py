"""The advice: the cheapest within the interval of the best."""

from tests.comparison.advice import advise
from tests.comparison.scores import Score, StageScore
from tests.comparison.scoring import Share


def scored(name: str, hits: int, usd: float | None, *, n: int = 1000, failures: int = 0, is_real: bool = True) -> Score:
    stage = StageScore(Share(hits, n), {}, {}, Share(0, 0), Share(0, 0), 0, 0.0, 0.2, None)
    return Score(
        name, is_real, 25, 100, {"raw": stage, "verified": stage}, Share(0, 100), Share(failures, 100), {}, {}, 1.0, 2.0, 1, 1,
        usd, "2026-11-23", {}, (), (),
    )  # fmt: skip


def test_the_cheapest_within_the_interval_of_the_best_is_advised():
    advice = advise([scored("dear", 960, 1.0), scored("cheap", 950, 0.2), scored("poor", 800, 0.01)])

    assert advice.model == "cheap"
    assert advice.line == 'summariser = ["cheap"]'


def test_the_best_is_advised_when_nothing_cheaper_comes_near():
    assert advise([scored("dear", 990, 1.0), scored("poor", 900, 0.1)]).model == "dear"


def test_an_unknown_price_counts_as_the_highest():
    assert advise([scored("unknown", 960, None), scored("known", 955, 9.0)]).model == "known"


def test_a_model_that_fails_often_is_not_advised():
    assert advise([scored("failing", 999, 0.0, failures=30), scored("sound", 900, 1.0)]).model == "sound"
    assert advise([scored("failing", 999, 0.0, failures=30)]).model is None


def test_scripted_models_are_never_advised():
    advice = advise([scored("oracle", 1000, 0.0, is_real=False)])

    assert (advice.model, advice.line) == (None, "")


def test_few_facts_and_good_notes_by_code_are_told():
    reasons = " ".join(advise([scored("m", 39, 0.1, n=40), scored("extractive", 38, 0.0, n=40, is_real=False)]).reasons)

    assert "40 facts are few" in reasons
    assert "by code alone" in reasons


def test_nothing_is_advised_from_dialogues_without_gold():
    advice = advise([scored("sound", 0, 1.0, n=0)])

    assert (advice.model, advice.line) == (None, "")
    assert "no gold" in advice.reasons[0]
