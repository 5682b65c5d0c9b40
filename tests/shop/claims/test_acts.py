"""Tests of the forms of the verbs that promise."""

import re

import pytest

from shop.claims import acts


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("aplicar", "apliquei aplicamos aplicarei aplicaremos aplico aplicando aplicado aplicou aplica"),
        ("prorrogar", "prorroguei prorrogamos prorrogarei prorrogaremos prorrogo prorrogando prorrogado prorrogou prorroga"),
        ("lançar", "lancei lancamos lancarei lancaremos lanco lancando lancado lancou lanca"),
        ("conceder", "concedi concedemos concederei concederemos concedo concedendo concedido concedeu concede"),
        ("garantir", "garanti garantimos garantirei garantiremos garanto garantindo garantido garantiu garante"),
        ("abrir", "abri abrimos abrirei abriremos abro abrindo aberto abriu abre"),
    ],
)  # fmt: skip
def test_portuguese_verbs_are_inflected(verb: str, forms: str) -> None:
    assert acts.portuguese(verb) == tuple(forms.split())


@pytest.mark.parametrize(
    ("verb", "did", "doing"),
    [
        ("approve", "approved", "approving"),
        ("apply", "applied", "applying"),
        ("credit", "credited", "crediting"),
        ("ship", "shipped", "shipping"),
        ("cancel", "canceled", "cancelling"),
    ],
)
def test_english_verbs_are_inflected(verb: str, did: str, doing: str) -> None:
    assert re.fullmatch(acts.past(verb), did)
    assert re.fullmatch(acts.gerund(verb), doing)


@pytest.mark.parametrize(
    "text", ["took care of", "put you on the waiting list", "set it aside", "knocked a tenner off"]
)
def test_acts_of_several_words_are_known(text: str) -> None:
    assert re.fullmatch(acts.DID, text)
