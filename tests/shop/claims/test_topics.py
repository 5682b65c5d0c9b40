"""Tests of what rules are about."""

from shop.claims.topics import distinctions, topics
from shop.claims.wording import fold


def test_both_languages_have_the_same_topics() -> None:
    assert topics(fold("shipping fee")) == topics(fold("frete")) == {"delivery"}
    assert topics(fold("warranty")) == topics(fold("garantia")) == {"warranty"}
    assert topics("hammock") == frozenset()


def test_ways_of_payment_and_purposes_are_told_apart() -> None:
    assert distinctions(fold("Pix")) == {"method": frozenset({"pix"})}
    assert distinctions(fold("60 days from delivery"))["purpose"] == {"return"}
    assert distinctions("expedited")["speed"] == {"express"}
