"""Our own questions with their truths, in both languages, about the demo shop and a small made-up one: what code answers."""

from collections import Counter

import pytest

from shop.search.index import Index
from tests.support import asked
from tests.support.asked import Judged

QUESTIONS = asked.read_questions()
RIGHT, WRONG, SOLD = 0.85, 0.04, 0.03
"""Shares: right at least, wrong at most, and at most of what is not sold answered with a product."""


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Index]:
    shops = dict.fromkeys(one["shop"] for one in QUESTIONS)
    return {shop: asked.index_of_shop(shop, tmp_path_factory.mktemp(shop)) for shop in shops}


@pytest.fixture(scope="module")
def judged(indexes: dict[str, Index]) -> list[Judged]:
    return list(asked.judged(indexes, QUESTIONS))


def test_most_questions_are_answered_right_and_few_wrong(judged: list[Judged]) -> None:
    verdicts = Counter(one.verdict for one in judged)
    missed = "\n".join(str(one) for one in judged if one.verdict != "right")

    total = verdicts.total()
    assert total >= 60
    assert verdicts["right"] / total >= RIGHT, missed
    assert verdicts["wrong"] / total <= WRONG, missed


def test_what_is_not_sold_is_not_answered_with_a_product(judged: list[Judged]) -> None:
    absent = [one for one in judged if one.question["kind"] == "none"]
    sold = [str(one) for one in absent if one.answer.products]

    assert len(sold) / len(absent) <= SOLD, sold


def test_each_number_of_an_answer_stands_in_the_shops_data(indexes: dict[str, Index]) -> None:
    """Prices and counts come from rows: every number of a card is one of its product."""
    index = indexes["garden"]
    for product in index.all():
        question = {"shop": "garden", "lang": "pt", "question": f"quanto custa {product.sku}?"}
        answer = asked.answered(index, question)
        assert answer.products == (product.sku,)
        cents = f"{(product.price or 0) / 100:.2f}".replace(".", ",")
        assert cents in answer.text
        assert f"({product.stock})" in answer.text or not product.stock
