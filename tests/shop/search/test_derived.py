"""Words of one root."""

import pytest

from shop.search.derived import Families, genders

WORDS = "escurecimento roasted shipping devolvidas porto prato lavagem returns parcelamos".split()


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("escurecem", ("escurecimento",)),
        ("roast", ("roasted",)),
        ("roasting", ("roasted",)),
        ("ship", ("shipping",)),
        ("devolver", ("devolvidas",)),
        ("returning", ("returns",)),
        ("parcelar", ("parcelamos",)),
        ("porta", ()),
        ("prata", ()),
        ("lava", ()),
        ("roasted", ()),
        ("12", ()),
        ("", ()),
    ],
)
def test_words_of_one_root(word: str, others: tuple[str, ...]) -> None:
    assert Families(WORDS).related(word) == others


def test_genders_of_an_adjective() -> None:
    assert genders("murchas") == ("murcho", "murcha", "murchos", "murchas")
    assert genders("azul") == genders("") == ()
