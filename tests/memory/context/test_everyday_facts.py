"""Everyday facts of customers in the notes, whatever the summariser is like: the bars, on conversations written for them."""

from collections import Counter
from functools import cache

import pytest

from tests.bench.everyday import KEPT_PERCENT, MADE_UP, TOKENS
from tests.bench.figures import middle
from tests.support.memory_cases import WAYS, Outcome, flat, load, play, stands_in

CASES = load()


@cache
def played(way: str) -> list[Outcome]:
    """Return what became of all facts with one summariser; a way is played once for all tests."""
    return [outcome for case in CASES for outcome in play(case, way)]


every_way = pytest.mark.parametrize("way", WAYS)


def test_there_are_a_hundred_conversations_in_two_languages():
    languages = Counter(case.lang for case in CASES)

    assert len(CASES) >= 100
    assert min(languages["en"], languages["pt"]) >= 40
    assert len({case.id for case in CASES}) == len(CASES)


def test_each_fact_is_said_in_its_conversation():
    """A case whose fact nobody can find proves nothing."""
    for case in CASES:
        for fact in case.facts:
            said = [text for role, text in (*case.turns, *case.later) if role == fact.speaker]
            assert stands_in(fact.any, flat(" ".join(said))), (case.id, fact.said)
            assert not fact.lie or fact.lies, case.id


@every_way
def test_no_fact_is_lost_without_a_word(way):
    assert [(one.case, one.fact) for one in played(way) if one.state == "lost"] == []


@every_way
def test_nothing_is_called_replaced_that_holds(way):
    assert [(one.case, one.fact) for one in played(way) if one.is_false] == []


@every_way
def test_no_lie_is_kept(way):
    assert [(one.case, one.lies) for one in played(way) if one.lies] == []


@every_way
def test_no_fact_changes_its_speaker(way):
    assert [(one.case, one.fact) for one in played(way) if one.is_confused] == []


@every_way
def test_old_values_are_marked(way):
    assert len([one for one in played(way) if one.is_stale]) <= 2


@pytest.mark.parametrize("way", KEPT_PERCENT)
def test_facts_are_kept_with_their_clause(way):
    facts = [one for one in played(way) if one.fact != MADE_UP]

    assert 100 * sum(one.state == "kept" for one in facts) >= KEPT_PERCENT[way] * len(facts)


@pytest.mark.parametrize("way", ["perfect", "dead"])
def test_a_remembered_fact_is_short(way):
    assert middle([one.cost_tokens for one in played(way) if one.cost_tokens]) <= TOKENS
