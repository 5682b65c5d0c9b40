"""Tests of what a word of a question may be called; most of it is asked as whole questions in test_queries.py."""

from shop.search.terms import Alternative, Term, is_attribute


def test_colours_and_sizes_only_say_which_one_is_meant() -> None:
    kinds = ("colour", "size", "word", "material", "quality", "use")

    assert [kind for kind in kinds if is_attribute(Term("x", kind, (Alternative(("x",), 1.0),), True))] == [
        "colour",
        "size",
    ]
