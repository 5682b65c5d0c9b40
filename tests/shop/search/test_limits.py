"""Tests of what a question says of prices: each rule by a sentence in the language that it is of."""

import pytest

from shop.search.limits import ASCENDING, DESCENDING, read_limits

BETWEEN = [
    ("mugs between 20 and 40", 2000, 4000),
    ("between R$ 1,000 and R$ 2,500.50", 100_000, 250_050),
    ("lamps from 50 to 90", 5000, 9000),
    ("entre 200 e 400 reais", 20_000, 40_000),
    ("entre os 50 e os 80", 5000, 8000),
    ("panela de 50 a 120 reais", 5000, 12_000),
    ("de R$ 30 até R$ 60", 3000, 6000),
    ("R$ 30 - R$ 60", 3000, 6000),
    ("30-60 reais", 3000, 6000),
]
HIGHEST = [
    ("mugs under 30", 3000),
    ("below $99.90", 9990),
    ("less than 45 euros", 4500),
    ("up to R$ 1.250", 125_000),
    ("at most 100, please", 10_000),
    ("no more than £20", 2000),
    ("cheaper than 50", 5000),
    ("50 reais or less", 5000),
    ("I have R$ 80", 8000),
    ("até 100 reais", 10_000),
    ("até uns 70", 7000),
    ("abaixo de 150", 15_000),
    ("por menos de R$ 200,00", 20_000),
    ("menos que 30", 3000),
    ("no máximo 80 na cor azul", 8000),
    ("que não passe de 100", 10_000),
    ("mais barata que 60", 6000),
    ("60 reais ou menos", 6000),
    ("só tenho 50 reais", 5000),
    ("até mil reais", None),
    ("até 2 mil reais", 200_000),
]
LOWEST = [
    ("over 400", 40_000),
    ("more than $20", 2000),
    ("at least 90", 9000),
    ("starting at R$ 50", 5000),
    ("from R$ 300", 30_000),
    ("100 reais or more", 10_000),
    ("acima de R$ 400", 40_000),
    ("mais de 500 reais", 50_000),
    ("a partir de 80", 8000),
    ("no mínimo 20", 2000),
    ("pelo menos R$ 30", 3000),
    ("mais caro que 90", 9000),
    ("R$ 100 para cima", 10_000),
]
AROUND = [
    ("around 100", 7500, 12_500),
    ("about R$ 40", 3000, 5000),
    ("uns 60 reais", 4500, 7500),
    ("cerca de 80", 6000, 10_000),
    ("na faixa de R$ 100", 7500, 12_500),
    ("um presente de 100 reais", 7500, 12_500),
    ("something for $100", 7500, 12_500),
]
NO_PRICE = [
    "more than 12 strings",
    "tênis 41",
    "under 30 cm",
    "mais de 2 litros",
    "pacote de 6",
    "50% off",
    "violão de 12 cordas",
    "2 mochilas",
    "about delivery",
]


@pytest.mark.parametrize(("question", "lowest", "highest"), BETWEEN, ids=[one[0] for one in BETWEEN])
def test_a_range_has_two_limits(question: str, lowest: int, highest: int) -> None:
    found = read_limits(question)

    assert (found.lowest, found.highest) == (lowest, highest)


@pytest.mark.parametrize(("question", "highest"), HIGHEST, ids=[one[0] for one in HIGHEST])
def test_a_highest_price_is_read(question: str, highest: int | None) -> None:
    found = read_limits(question)

    assert (found.lowest, found.highest) == (None, highest)


@pytest.mark.parametrize(("question", "lowest"), LOWEST, ids=[one[0] for one in LOWEST])
def test_a_lowest_price_is_read(question: str, lowest: int) -> None:
    found = read_limits(question)

    assert (found.lowest, found.highest) == (lowest, None)


@pytest.mark.parametrize(("question", "lowest", "highest"), AROUND, ids=[one[0] for one in AROUND])
def test_about_a_price_is_a_quarter_around_it(question: str, lowest: int, highest: int) -> None:
    found = read_limits(question)

    assert (found.lowest, found.highest) == (lowest, highest)


@pytest.mark.parametrize("question", NO_PRICE)
def test_a_number_that_counts_or_measures_is_no_price(question: str) -> None:
    found = read_limits(question)

    assert (found.lowest, found.highest) == (None, None)


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("the cheapest mug", ASCENDING),
        ("least expensive lamp", ASCENDING),
        ("lowest priced rug", ASCENDING),
        ("caneca mais barata", ASCENDING),
        ("tapete mais em conta", ASCENDING),
        ("o menor preço de caneca", ASCENDING),
        ("the most expensive mug", DESCENDING),
        ("priciest lamp", DESCENDING),
        ("a rede mais cara", DESCENDING),
        ("maior valor", DESCENDING),
        ("a mug", None),
        ("tem mais?", None),
    ],
)
def test_cheapest_and_dearest_are_an_order(question: str, order: str | None) -> None:
    assert read_limits(question).order == order


def test_the_words_of_prices_are_no_longer_in_the_rest() -> None:
    assert read_limits("Chaleira até 100 reais, a mais barata").rest.split() == ["chaleira", ",", ",", "a"]
