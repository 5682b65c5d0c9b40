"""The values that notes may not change: colours and addresses beside those with a form of their own."""

import pytest

from memory.facts import finding


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a blue bowl", ["colour"]),
        ("dois mil reais", ["money"]),
        ("nothing of it", []),
        ("redhead", []),
    ],
)
def test_values_are_found(text, kinds):
    assert [value.kind for value in finding.find(text)] == kinds


@pytest.mark.parametrize("text", ["Rua das Flores, nº 45", "Av. Brasil 900", "12 Long Lane", "221B Baker Street"])
def test_an_address_is_one_value(text):
    (one,) = finding.with_addresses(text)

    assert (one.kind, one.text) == ("address", text)


def test_other_spellings_are_stated_and_other_values_not():
    stated = finding.keys("It costs R$ 2.000 and is red.")

    assert finding.are_stated("dois mil reais", stated)
    assert not finding.are_stated("três mil reais", stated)
    assert not finding.are_stated("the blue one", stated)
