"""Tests of test questions: their file, and what passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.expectations import BadExpectations, Expectation, judge, parse, phrases, print_all

TEXT = """\
question,must,must_not,language
Do you deliver to Recife?,yes; R$ 12.00,abroad,en
"Entregam em Olinda, hoje?",sim,,pt_BR

"""


def test_the_file_is_read_as_people_write_it() -> None:
    assert parse(TEXT) == [
        Expectation("Do you deliver to Recife?", ("yes", "R$ 12.00"), ("abroad",), "en"),
        Expectation("Entregam em Olinda, hoje?", ("sim",), (), "pt-BR"),
    ]
    assert parse("") == parse("question,must\n") == []
    assert parse("\ufeffMust,Question\nsim,Por quê?\n") == [Expectation("Por quê?", ("sim",))]


@pytest.mark.parametrize(
    "text",
    [
        "what,must\na,b\n", "question,must,else\na,b,c\n", "question,must\n,b\n", "question,must\na,\n",
        'question,must\n"a,b\n', "question,must,must_not,language\na,b,,<x>\n", "question,must\n" + "a,b\n" * 101,
        "question,must\n" + "a" * 501 + ",b\n",
    ],
    ids=range(8),
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(BadExpectations):
        parse(text)


@pytest.mark.parametrize(
    ("answer", "missing", "unwanted"),
    [
        ("Yes: R$ 12.00.", (), ()),
        ("YES, for R$\u00a012.00", (), ()),
        ("Yesterday, R$ 12.00", ("yes",), ()),
        ("yes, R$ 12.00, not\nàbroad", (), ("abroad",)),
        ("", ("yes", "R$ 12.00"), ()),
    ],
)
def test_words_count_as_a_whole_in_any_spelling(
    answer: str, missing: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    found = judge(parse(TEXT)[0], answer)

    assert (found.missing, found.unwanted) == (missing, unwanted)
    assert found.is_passed is not bool(missing or unwanted)


cells = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20).filter(lambda one: phrases(one))


@given(st.lists(cells, min_size=1, max_size=3), st.lists(cells, max_size=2))
def test_what_is_printed_is_read_again(must: list[str], must_not: list[str]) -> None:
    one = Expectation("=1+1?", phrases(";".join(must)), phrases(";".join(must_not)), "pt-BR")

    assert parse(print_all([one])) == [one]
    assert "\n=" not in print_all([one])
