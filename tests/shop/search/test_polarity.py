"""Tests of what something is with and without."""

import pytest

from shop.search.polarity import polarity_of


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("água com gás", "Água mineral sem gás 1,5 L", True),
        ("hoodie without zipper", "Hoodie with zipper", True),
        ("sugar-free cola", "Cola with sugar", True),
        ("água sem gás", "Água mineral sem gás 1,5 L", False),
        ("hoodie", "Hoodie with zipper", False),
    ],
)
def test_with_and_without_the_same_contradict(one: str, other: str, expected: bool) -> None:
    assert polarity_of(one).contradicts(polarity_of(other)) is expected
