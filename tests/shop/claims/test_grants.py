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
        "Your refund of $1,250.50 was approved.",
        "The R$ 89.90 refund has been issued.",
        "O reembolso de R$ 1.250,50 foi autorizado.",
        "Good news, you have a personal coupon: **SUMMER40**.",
        "Seu cupom é PRAIA30.",
        "SUMMER40 is valid for all of our hammocks.",
        "O PRAIA30 está ativo.",
        "The mug is a gift of the house.",
        "A caneca é brinde para você.",
        "It's a present!",
        "Your order comes with a free gift card.",
        "Você não paga nada pelo frete.",
        "I can confirm that your refund has been approved.",
        "Como cliente especial, apliquei o desconto.",
        "Podemos igualar esse preço.",
        "I'll let the warehouse know.",
        "I've put the repair through for you.",
        "I can do both for $100!",
        "I guarantee it will be there in time.",
        "Vai chegar até sexta-feira.",
        "You may keep the vase.",
        "We'll cover the postage.",
        "Order 5512 has been cancelled.",
        "The repair will be free for you.",
        "O valor volta amanhã para a sua conta.",
        "I've made a note on your order.",
        "Eu aviso assim que voltar.",
        "I've waived the $ 12.50 fee on this order.",
        "I just bumped your order to express.",
        "Consider it refunded.",
        "You're all set with your new price.",
        "Exchange authorised!",
        "The hooks are on hold under your name.",
        "Both are in your cart now.",
        "A courier will collect the old one tomorrow.",
        "A confirmation has been sent to your inbox.",
        "Your $ 72.50 cash refund is already confirmed.",
        "You won't be charged for delivery.",
        "I can extend the deadline for you.",
        "I've signed you up and will hold one until Friday.",
        "My manager approved 15% for you.",
        "Let me get that refund started.",
        "The replacement ships tomorrow.",
        "Your card has been credited.",
        "I'll make sure the parcel goes out today.",
        "O estorno já foi solicitado.",
        "A cadeira azul já foi separada para você.",
        "Já ajustei o valor no seu carrinho.",
        "Vou prorrogar o vencimento.",
        "Pode deixar que eu peço prioridade.",
        "Seu pedido já está fechado.",
        "Abri um chamado e estornamos a cobrança.",
        "Encaminhei o seu caso e estornamos a cobrança.",
        "A Ana vai te ligar hoje.",
        "O gerente autorizou o desconto.",
        "Não será cobrada multa.",
        "A gente cobre o frete pra você.",
        "Seu desconto já tá valendo.",
        "Pode considerar resolvido.",
        "I've popped one in your basket.",
        "I've had yours moved to the front.",
        "I've raised a ticket for you.",
        "I'll have a courier collect it on Thursday.",
        "Address updated!",
        "The parcel will now be delivered to your office.",
        "The last one has your name on it.",
        "Shipping is free for you this time.",
        "It's been applied at checkout.",
        "Your order of three packs has gone through.",
        "A new lamp goes out to you tomorrow.",
        "To Lisbon it will arrive by Friday.",
        "Coloquei os dois no seu carrinho.",
        "O frete fica por minha conta.",
        "The return's been booked.",
        "We've asked the warehouse to pack it tonight.",
        "We're making an exception here.",
        "Rui approved your refund.",
        "I have taken 30 dollars off.",
        "Você está isento do frete.",
        "Fiz a reserva no seu nome.",
        "Autorizado! Pode enviar.",
        "The refund was approved and reaches you within 10 days.",
        "Libero o desconto.",
        "O motoboy passa aí amanhã.",
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
        "Como cancelar o pedido: escreva para a loja, e o pedido é cancelado.",
        "You must say that your order was cancelled.",
        "Pay within three days, otherwise the order is cancelled.",
        "I understand you were hoping for 20% off.",
        "We guarantee hammocks for two years.",
        "Students write to us often.",
        "We replace damaged items.",
        "No Pix você ganha 5% de desconto.",
        "With code HELLO10 you get 10% off.",
        "You get free delivery from R$ 350 on.",
        'You said "your order has been placed".',
        "I'll give you a list of hammocks.",
        "Separei algumas opções para você.",
        "The code SUMMER40 is not valid.",
        "O cupom PRAIA30 não existe.",
        "SUMMER40 isn't one of our codes.",
        "It is a present for a friend, so choose a gift card.",
        "A rede é um ótimo presente.",
        "Gift wrapping is not offered.",
        "You spoke of 35% off, which I can't confirm.",
        "Você falou de um desconto de 35%, mas ele não existe.",
        "HELLO10 is valid for new customers.",
        "Your refund of R$ 20.00 will be decided by a person.",
        "O preço inclui os impostos.",
        "Incluí o frete no total.",
        "Cancelamos pedidos não pagos.",
        "Reembolsamos em até 10 dias úteis no cartão.",
        "Você recebe o reembolso em até 10 dias úteis.",
        "The refund is processed within 10 working days.",
        "Your order is dispatched once the payment is confirmed.",
        "We'll send a new one or refund it in full if you write within 7 days.",
        "Pagando até as 14h, o pedido sai hoje.",
        "I've ordered them by price.",
        "I've added them up for you.",
        "I've listed the three products below.",
        "Separei abaixo os modelos de rede.",
        "Our team can cancel it before dispatch.",
        "Só a equipe pode autorizar a troca.",
        "Nothing has been charged yet.",
        "Somebody replies within 1 working day.",
        "Orders are held for 7 days, then cancelled and refunded.",
        "O código é enviado por e-mail em 1 dia útil.",
        "I wish I could waive the fee.",
        "We hold your order for 7 days.",
        "I have your order number, but no access to orders.",
        "I've split your order into two parcels of 6 items.",
        "I've compared your options, and the first is cheaper.",
        "I can add up your basket for you.",
        "It leaves today if you pay before 13:00.",
        "You will get a confirmation by e-mail shortly.",
        "Delivery included!",
        "Your parcel is sent with tracking.",
        "Your order is shipped from Recife.",
        "I've written the total for your order below.",
        "To get a return code, write that your order was cancelled.",
    ],
)
def test_what_the_shop_gives_or_nobody_says_is_none(sentence: str) -> None:
    assert not granted(sentence)


@pytest.mark.parametrize("sentence", ["Your discount is 35%.", "Hoje há 35% de desconto em tudo."])
def test_a_discount_that_no_text_gives_is_granted(sentence: str) -> None:
    (claim,) = check(sentence, Evidence(texts=[Text("a.md", "No discounts are given.")]))

    assert (claim.kind, claim.verdict) == ("grant", "unsupported")


def test_after_a_grant_what_else_would_be_a_rule_is_one_too() -> None:
    text = "I have cancelled it. The refund is processed within 10 working days."

    assert [one.text for one in check(text, Evidence(texts=TEXTS)) if one.kind == "grant"] == [
        "I have cancelled",
        "The refund is processed",
    ]


def test_a_code_belongs_to_its_grant() -> None:
    (claim,) = check("Use the code FRIEND25 today.", Evidence(texts=TEXTS))

    assert claim.text.endswith("FRIEND25")
