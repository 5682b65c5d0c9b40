"""Tests of what amounts of money are held against."""

from shop.claims.policies import read_policies
from shop.claims.rules import Rules
from shop.claims.subjects import Names
from shop.claims.sums import Ledger
from shop.claims.till import Till, money_text, text_of, thresholds
from shop.claims.values import unknown
from shop.products import Text


def till(text: str = "", currency: str = "BRL") -> Till:
    return Till(Rules(read_policies([Text("a.md", text)]), Names([], unknown)), Ledger(), currency, frozenset(), ())


def test_amounts_carry_the_shops_sign() -> None:
    assert text_of(123456, till()) == "R$ 1,234.56"
    assert text_of(100, till(currency="USD")) == "$1.00"
    assert text_of(100, till(currency="")) == "1.00"
    assert money_text("free", till()) == "free"


def test_thresholds_are_what_something_begins_at() -> None:
    assert thresholds(till("Free delivery from R$ 200. Delivery costs R$ 12.")) == [20000]
