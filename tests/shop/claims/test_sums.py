"""Tests of what totals may be."""

from shop.claims.subjects import NamedProduct
from shop.claims.sums import Ledger, candidates, differences, equation, gaps, numbers_stated, tallies
from shop.products import Product

A, B = (NamedProduct(Product(name, name, price=price)) for name, price in (("A", 100), ("B", 250)))


def ledger() -> Ledger:
    made = Ledger()
    made.name(A, 2)
    made.name(B, None)
    made.charge(30)
    return made


def test_a_total_is_of_what_was_named_with_its_fees_first() -> None:
    assert candidates(ledger(), [], frozenset(), [])[0] == 480


def test_other_rows_and_quantities_are_no_part_of_it() -> None:
    assert not {350, 600, 230} & set(candidates(ledger(), [], frozenset(), []))


def test_the_customers_quantity_counts() -> None:
    made = ledger()
    made.asked = {"B": 3}

    assert 950 in candidates(made, [], frozenset(), [])


def test_a_discount_that_holds_is_taken_off() -> None:
    assert 450 - 45 in candidates(ledger(), [], frozenset(), [1000])


def test_the_same_thing_named_again_counts_once() -> None:
    made = ledger()
    made.name(A, 3)

    assert [(line.item.sku, line.quantity) for line in made.lines] == [("A", 3), ("B", None)]


def test_differences_are_of_what_was_named_and_to_thresholds() -> None:
    assert differences(ledger(), [1000]) == [150, 550]


def test_a_written_sum_is_computed() -> None:
    for text, value in (
        ("85 + 38 + 52 = ", 17500),
        ("2 × R$ 12,50 = r$ ", 2500),
        ("3 x 5 + 1 = ", 1600),
        ("A = ", None),
    ):
        assert equation(text.lower(), len(text)) == value


def test_prices_and_measures_are_no_quantities() -> None:
    assert numbers_stated("3 of them, 12,50 each, 5% off, two bags") == {3, 2}


def test_amounts_that_were_stated_may_be_summed_and_subtracted() -> None:
    made = Ledger()
    for amount in (100, 250, 30):
        made.state(amount)

    assert {350, 280, 380} == set(tallies(made))
    assert gaps(made) == [220, 70, 150]
