"""Tests of places and the regions that they lie in."""

from shop.claims.places import places
from shop.claims.wording import fold


def test_a_city_lies_in_its_region() -> None:
    assert places(fold("para Curitiba")) == (("curitiba", "south", "brazil"),)
    assert places(fold("to Lisbon")) == (("lisbon", "europe", "abroad"),)


def test_the_longest_name_counts() -> None:
    assert [one[0] for one in places(fold("Mato Grosso do Sul e o Rio Grande do Norte"))] == [
        "mato grosso do sul",
        "rio grande do norte",
    ]


def test_regions_have_one_name_in_both_languages() -> None:
    assert places("north") == places("norte")
