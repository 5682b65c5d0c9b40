"""Tests of the choice of a model: the owner's order among those that fit."""

from datetime import date, timedelta
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.context.model_choice import Candidate, Need, candidates, fits, room
from settings import Model

TODAY = date(2026, 11, 23)
NONE_YET: MappingProxyType[str, float] = MappingProxyType({})

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def model(name, max_input=1000, **others):
    return Model(name=name, max_input=max_input, **others)


def need(tokens, reserve=100):
    return Need({"o200k_base": tokens, "cl100k_base": tokens + 50}, reserve)


def chosen(models, tokens, *, reserve=100, today=TODAY, corrections=NONE_YET):
    return [(one.model.name, one.why) for one in candidates(models, need(tokens, reserve), today, corrections)]


def test_the_owners_order_holds():
    assert chosen([model("a"), model("b"), model("c")], 10) == [("a", None), ("b", None), ("c", None)]


@pytest.mark.parametrize(
    ("tokens", "names"),
    [
        (900, [("small", None), ("large", None)]),
        (1000, [("small", None), ("large", None)]),
        (1001, [("large", "too_long")]),
        (5000, [("large", "too_long")]),
        (5001, []),
    ],
)
def test_a_model_that_cannot_read_the_prompt_is_passed_over(tokens, names):
    assert chosen([model("small"), model("large", 5000)], tokens) == names


@pytest.mark.parametrize(("tokens", "fits_in"), [(900, True), (901, False)])
def test_the_answer_has_its_room_in_the_window(tokens, fits_in):
    assert (chosen([model("a", 1000, window=1000)], tokens) == [("a", None)]) == fits_in


def test_no_more_room_is_kept_than_the_model_can_write():
    assert chosen([model("a", 1000, window=1000, max_output=20)], 980) == [("a", None)]
    assert chosen([model("a", 1000, window=1000, max_output=20)], 981) == []


@pytest.mark.parametrize(
    ("ends", "names"),
    [
        (None, [("a", None), ("b", None)]),
        (TODAY + timedelta(days=1), [("a", None), ("b", None)]),
        (TODAY, [("b", "ended")]),
        (TODAY - timedelta(days=1), [("b", "ended")]),
    ],
)
def test_a_model_is_not_asked_from_the_day_on_that_it_ends(ends, names):
    assert chosen([model("a", ends=ends), model("b")], 10) == names


@pytest.mark.parametrize(
    ("tokens", "names"),
    [
        (500, [("a", None), ("b", None)]),
        (501, [("b", "dearer_here"), ("a", None)]),
    ],
)
def test_a_model_that_is_dearer_at_this_length_comes_last(tokens, names):
    assert chosen([model("a", price_step=500), model("b")], tokens) == names


def test_a_model_that_is_dearer_here_answers_when_no_other_can():
    assert chosen([model("a", price_step=500), model("b", 600)], 700) == [("a", None)]


def test_those_past_their_price_step_keep_their_order():
    models = [model("a", price_step=5), model("b", price_step=5), model("c")]

    assert chosen(models, 10) == [("c", "dearer_here"), ("a", None), ("b", "dearer_here")]


def test_the_first_reason_is_told():
    models = [model("a", ends=TODAY), model("b", 5), model("c")]

    assert chosen(models, 10) == [("c", "ended")]


def test_each_models_tokens_are_counted_in_its_own_encoding():
    assert chosen([model("a", encoding="cl100k_base"), model("b")], 1000) == [("b", "too_long")]


@pytest.mark.parametrize(
    ("corrections", "names"),
    [
        ({}, [("a", None), ("b", None)]),
        ({"a": 1.3}, [("b", "too_long")]),
        ({"b": 1.3}, [("a", None)]),
        ({"a": 0.5}, [("a", None), ("b", None)]),
    ],
)
def test_a_count_is_corrected_by_what_the_model_reported(corrections, names):
    assert chosen([model("a"), model("b")], 900, corrections=corrections) == names


def test_a_models_own_correction_holds_until_it_has_reported():
    assert chosen([model("a", correction=1.2)], 900) == []
    assert chosen([model("a", correction=1.2)], 900, corrections={"a": 1.0}) == [("a", None)]


def test_no_model_fits_nothing():
    assert candidates([], need(1), TODAY, {}) == []


models = st.builds(
    Model,
    name=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    max_input=st.integers(1, 3000),
    max_output=st.integers(1, 3000),
    window=st.one_of(st.none(), st.integers(1, 5000)),
    correction=st.floats(0.5, 3.0),
    ends=st.one_of(st.none(), st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2))),
    price_step=st.one_of(st.none(), st.integers(1, 3000)),
)
lists = st.lists(models, max_size=6, unique_by=lambda one: one.name)
corrections = st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.floats(0.5, 3.0))


@patient
@given(lists, st.integers(0, 4000), st.integers(1, 2000), corrections)
def test_candidates_are_within_limits_not_retired_and_in_order(models, tokens, reserve, corrections):
    needed = Need({"o200k_base": tokens}, reserve)
    chosen = candidates(models, needed, TODAY, corrections)
    stepped = [
        one.model.price_step is not None and needed.of(one.model, corrections) > one.model.price_step for one in chosen
    ]
    places = [models.index(one.model) for one in chosen]

    for one in chosen:
        real = tokens * corrections.get(one.model.name, one.model.correction)
        assert real <= one.model.max_input
        assert real + min(reserve, one.model.max_output) <= one.model.total
        assert one.model.ends is None or one.model.ends > TODAY
    assert stepped == sorted(stepped)
    assert places[: stepped.count(False)] == sorted(places[: stepped.count(False)])
    assert places[stepped.count(False) :] == sorted(places[stepped.count(False) :])


@patient
@given(lists, st.integers(0, 4000), st.integers(1, 2000), corrections)
def test_who_is_left_out_could_not_have_answered(models, tokens, reserve, corrections):
    needed = Need({"o200k_base": tokens}, reserve)
    chosen = [one.model for one in candidates(models, needed, TODAY, corrections)]

    for one in models:
        could = (one.ends is None or one.ends > TODAY) and fits(one, needed.of(one, corrections), reserve)
        assert (one in chosen) == could


@patient
@given(lists, st.integers(0, 4000), st.integers(1, 2000), corrections)
def test_the_first_choice_needs_no_excuse(models, tokens, reserve, corrections):
    chosen = candidates(models, Need({"o200k_base": tokens}, reserve), TODAY, corrections)

    for place, one in enumerate(chosen):
        if one.model is models[0]:
            assert one == Candidate(models[0], None)
        elif place == 0:
            assert one.why is not None


@patient
@given(lists, st.integers(0, 4000), st.integers(1, 2000), corrections)
def test_never_a_dearer_model_when_an_earlier_one_fits(models, tokens, reserve, corrections):
    """The owner's order is that of price; past its price step a model is dearer than all that are not past theirs."""
    needed = Need({"o200k_base": tokens}, reserve)
    chosen = [one.model for one in candidates(models, needed, TODAY, corrections)]

    def is_cheap(one):
        return one.price_step is None or needed.of(one, corrections) <= one.price_step

    fit = [one for one in models if (one.ends is None or one.ends > TODAY)]
    fit = [one for one in fit if fits(one, needed.of(one, corrections), reserve)]
    assert chosen[:1] == ([one for one in fit if is_cheap(one)] or fit)[:1]


@patient
@given(models, st.integers(1, 2000), corrections)
def test_a_prompt_fits_up_to_the_limit_and_not_one_token_beyond(one, reserve, corrections):
    most = room(one, reserve, corrections)
    ratio = corrections.get(one.name, one.correction)
    if most >= 0:
        assert fits(one, int(most * ratio), reserve)
    assert not fits(one, int((most + 2) * ratio) + 1, reserve)
