"""Tests of how well a row has what a question asks for."""

import pytest

from shop.search import ranking
from shop.search.queries import Query
from shop.search.rows import COLUMNS
from shop.search.terms import Alternative, Term


def term(text: str, kind: str = "word", is_thing: bool = False) -> Term:
    return Term(text, kind, (Alternative(tuple(text.split()), 1.0),), True, is_thing=is_thing)


def row(**columns: str) -> ranking.Fields:
    return tuple(frozenset(columns.get(name, "").split()) for name in COLUMNS)


def test_a_word_is_worth_more_in_a_name_than_in_a_text() -> None:
    places = [row(**{column: "mug"}) for column in ("head", "name", "category", "text", "options")]

    worths = [ranking.fit(term("mug"), one) for one in places]

    assert worths[:4] == sorted(worths[:4], reverse=True)
    assert ranking.fit(term("mug"), row(name="bowl")) == 0


def test_a_colour_is_looked_for_in_options_first() -> None:
    blue = term("blue", "colour")

    assert (
        ranking.fit(blue, row(options="blue"))
        > ranking.fit(blue, row(name="blue"))
        > ranking.fit(blue, row(text="blue"))
    )
    assert ranking.fit(blue, row(brand="blue")) == 0


def test_all_words_of_a_name_are_needed() -> None:
    assert ranking.fit(term("yoga mat"), row(name="yoga block")) == 0
    assert ranking.fit(term("yoga mat"), row(head="mat", name="yoga mat")) == 1


def test_what_only_narrows_another_thing_counts_little() -> None:
    helmet, bicycle = row(head="helmet", modifier="bicycle", name="bicycle helmet"), row(head="bicycle", name="bicycle")
    asked = [term("bicycle", is_thing=True)]

    assert ranking.fits(asked, helmet)[0] < 0.45 < ranking.fits(asked, bicycle)[0]
    assert ranking.fits([*asked, term("helmet", is_thing=True)], helmet)[0] > 0.45


def test_a_rare_word_weighs_more_and_an_unknown_one_most() -> None:
    unknown = Term("laptop", "word", (), False)

    weights = [ranking.weight(term("x"), count, 1000) for count in (1000, 100, 1)]

    assert weights == sorted(weights)
    assert ranking.weight(unknown, 0, 1000) == 2 >= weights[-1]


@pytest.mark.parametrize("kind", ["colour", "size", "material", "quality", "light"])
def test_a_word_that_names_no_thing_weighs_less(kind: str) -> None:
    assert ranking.weight(term("x", kind), 5, 100) < ranking.weight(term("x"), 5, 100)


def test_coverage_is_the_share_of_the_weight() -> None:
    terms = [term("a"), term("b")]

    assert ranking.coverage(terms, [1.0, 3.0], [1.0, 0.0]) == 0.25
    assert ranking.coverage([], [], []) == 0


def test_modifiers_that_a_question_does_not_name_are_counted() -> None:
    mat = row(head="tapete", modifier="ioga")

    assert ranking.unasked(Query(terms=(term("tapete"),)), mat) == 1
    assert ranking.unasked(Query(terms=(term("tapete ioga"),)), mat) == 0
