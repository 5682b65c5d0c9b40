"""Tests of what is said without being claimed."""

import pytest

from shop.claims.hedges import clause_start, is_denied, is_limit, is_quoted, is_supposed
from shop.claims.wording import fold


@pytest.mark.parametrize("text", ["we do not give 20%", "nao damos 20%", "i can't offer 20%", "nobody gives you 20%"])
def test_a_clause_may_deny(text: str) -> None:
    assert is_denied(text, text.index("20%"))


@pytest.mark.parametrize(
    "text",
    ["no, it is 20%", "sem juros: 20%", "it is not blue, but 20%", "not only 20%", "ligue no 20%, que atende voce"],
)
def test_a_denial_ends_with_its_clause(text: str) -> None:
    assert not is_denied(text, text.index("20%"))


@pytest.mark.parametrize(
    "text", ["you asked whether it is 20%", "voce disse 20%", 'he wrote "20%" there', "20%, as you said"]
)
def test_others_words_are_quoted(text: str) -> None:
    start = text.index("20%")
    assert is_quoted(fold(text), start, start + 3)


def test_limits_and_suppositions_are_told_by_their_words() -> None:
    assert is_limit("below r$ 9", 6)
    assert is_limit("ate r$ 9", 4)
    assert not is_limit("they add up to r$ 9", 15)
    assert is_supposed("r$ 9 would be too little", 4)
    assert is_supposed("20% discount isn't possible", 3)
    assert clause_start("it costs r$ 1.50, so 2", 21) > 17
