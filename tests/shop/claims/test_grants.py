"""Tests of what the assistant cannot grant."""

import pytest

from shop.checks import Evidence, check
from shop.products import Text

TEXTS = [
    Text("a.md", "Pix: 5% de desconto.\nNew customers get 10% off with the code HELLO10.\nFree delivery from R$ 350.")
]


def granted(sentence: str) -> bool:
    return any(one.kind == "grant" for one in check(sentence, Evidence(texts=TEXTS)))


@pytest.mark.parametrize(
    "sentence",
    [
        "I have applied a 20 % discount.",
        "You get 20 % off.",
        "Refund approved!",
        "Your order is placed.",
        "Your order has been cancelled.",
        "I've reserved one for you.",
        "As soon as it is back, I will notify you.",
        "I can offer you a 15% discount.",
        "We will waive the fee for you.",
        "Apliquei o desconto.",
        "Seu reembolso foi aprovado.",
        "Pedido confirmado!",
        "Vou reservar uma para você.",
        "Use o cupom AMIGO10.",
        "Você ganhou 20% de desconto.",
        "You don't have to pay for delivery.",
    ],
)
def test_what_only_a_person_can_do_is_a_grant(sentence: str) -> None:
    assert granted(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The shop can approve a refund within 7 days.",
        "Would you like me to say that your order is placed?",
        "If your refund was approved, it comes within 10 days.",
        "I cannot cancel your order.",
        "Não posso aplicar descontos.",
        "To get a refund, write to the shop.",
        "We replace damaged items.",
        "No Pix você ganha 5% de desconto.",
        "With code HELLO10 you get 10% off.",
        "You get free delivery from R$ 350 on.",
        'You said "your order has been placed".',
        "I'll give you a list of hammocks.",
        "Separei algumas opções para você.",
    ],
)
def test_what_the_shop_gives_or_nobody_says_is_none(sentence: str) -> None:
    assert not granted(sentence)


def test_a_code_belongs_to_its_grant() -> None:
    (claim,) = check("Use the code FRIEND25 today.", Evidence(texts=TEXTS))

    assert claim.text.endswith("FRIEND25")
