"""Tests of the words of replies without their Markdown."""

import time

import pytest

from handlers.pages.plain_text import plain_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Yes, it is.", "Yes, it is."),
        ("The **double** hammock is *blue*, ~~not~~ `RED-012`.", "The double hammock is blue, not RED-012."),
        ("# Prices\n\nTwo of them:\n\n1. One\n2. Two", "Prices\nTwo of them:\nOne\nTwo"),
        ("Our [page](https://shop.example/a_b) or <https://b.example>", "Our page or https://b.example"),
        ("| SKU | Price |\n| --- | ---: |\n| RED-011 | R$ 189.00 |", "SKU · Price\nRED-011 · R$ 189.00"),
        ("> said\n\n```\nx = 1\ny = 2\n```", "said\nx = 1\ny = 2"),
        ("a <b>bold</b> & 2 \\* 3\\\nend", "a <b>bold</b> & 2 * 3\nend"),
        ("![A hammock](/pictures/a.jpg)\nIt is blue.", "A hammock\nIt is blue."),
        ("5 * 3 and snake_case_name", "5 * 3 and snake_case_name"),
        ("", ""),
    ],
)
def test_the_words_are_what_a_person_reads(written: str, read: str) -> None:
    assert plain_text(written) == read


def test_a_text_of_many_levels_is_not_parsed() -> None:
    deep, started = ">" * 50_000 + " **x**", time.monotonic()

    assert plain_text(deep) == deep
    assert time.monotonic() - started < 1
