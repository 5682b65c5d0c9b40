"""What a shop's rules are about, by English and Portuguese words: topics, and what distinguishes one rule from its neighbour. Data.

A claim and a line of the shop's texts speak of the same thing when they share a topic and nothing distinguishes them: of
each group of DISTINCTIONS, both name the same or one names none.
"""

import re

from shop.claims.beginnings import Begun, ByBeginnings

TOPICS = {
    "delivery": r"deliver\w*|shipp?\w*|frete|entreg\w*|envi\w+|postage|freight|sent to|send to|remessa|chega\w*|arrive[sd]? in",
    "dispatch": r"dispatch\w*|despach\w*|posta(?:g\w+|mos|do|da)|ships? (?:within|the same|in)|handling",
    "pickup": r"pick[ -]?ups?|pick (?:it|them) up|retirada\w*|retirar|collect\w* (?:it|in)",
    "attempt": r"attempts?|tentativas?",
    "customs": r"customs|alfandeg\w+|import tax\w*|imposto de importacao",
    "returns": r"return(?:s|ed|ing)?|devol\w+|arrepend\w+|desist\w+|change (?:my|your) mind|send (?:it|them) back",
    "refund": r"refund\w*|reembols\w*|estorn\w*|money back|dinheiro de volta|the money (?:takes|reaches|arrives|comes)|o dinheiro (?:volta|cai|chega)",
    "exchange": r"exchang\w+|troca\w*",
    "warranty": r"warrant\w+|garantia\w*|guarantee\w*|covered for|covers? faults",
    "damage": r"damag\w+|broken|defect\w*|danific\w+|quebrad\w+|defeito\w*|chipped|wrong items?|faulty|com defeito|avaria\w*",
    "instalment": r"inst?all?ments?|parcel\w+|without interest|interest-free|sem juros|monthly payments?|pay in \d|vezes",
    "boleto": r"boletos?|bank slips?",
    "pix": r"pix",
    "card": r"cards?|cartao|cartoes|credito|visa|mastercard|credit",
    "giftcard": r"gift[ -]?cards?|vouchers?|vales?[ -]presentes?|cartao[ -]presente|cartoes[ -]presente",
    "giftwrap": r"gift[ -]?wrap\w*|embrulh\w+|embalagem (?:de|para) presente",
    "discount": r"discounts?|descontos?|off|coupons?|cup(?:om|ons)|promo\w*",
    "restocking": r"restocking|reposicao de estoque",
    "label": r"labels?|etiquetas?|return postage|frete de volta|frete da devolucao",
    "minimum": r"minim\w+|at least|pelo menos|no minimo",
    "limit": r"at most|no maximo|maxim\w+|per order|por pedido",
    "restock": r"restock(?!ing)\w*|back in stock|be back|reposicao|voltar ao estoque|de volta ao estoque",
    "reply": r"repl(?:y|ies)|answer(?:s|ed)? within|get back to|responde\w*|resposta",
    "service": r"engrav\w+|gravac\w+|personali[sz]\w+|monogram\w*|assembl(?:y|ed|e)|montagem|installation|instalacao|repairs?|consertos?",
    "cancel": r"cancel\w*",
    "unpaid": r"pay within|must be paid|unpaid|expir\w+|vence\w*|valid\w*|valem? por|valem? (?=\d)|valem? ate|pague em|dura",
    "tax": r"sales tax|tax(?:es)?|imposto\w*",
    "hours": r"open|hours|horario\w*|aberto",
    "price": r"price[sd]?|precos?|costs?|custam?",
}
DISTINCTIONS: dict[str, dict[str, str]] = {
    "speed": {
        "standard": r"standard|padrao|normal|economica?",
        "express": r"expedit\w+|express\w*|expressa?|sedex|fast(?:er)?|priority|rapid[oa]",
    },
    "method": {
        "pix": r"pix",
        "boleto": r"boletos?|bank slips?",
        "giftcard": r"gift[ -]?cards?|vouchers?|vales?[ -]presentes?|cartao[ -]presente|cartoes[ -]presente",
        "card": r"(?:credit |debit )?cards?|cartao|cartoes|visa|mastercard|credit cards?",
    },
    "purpose": {
        "warranty": r"warrant\w+|garantia\w*|guarantee\w*|covered for|defeitos de fabrica\w*",
        "return": r"returns?(?! postage| label| code)|window|arrependimento|devolver|devolucao"
        r"|(?:days?|dias) (?:corridos )?(?:of|from|after|da|apos) (?:the |o |a )?(?:delivery|receipt|receiving|entrega|recebimento)",
        "exchange": r"exchang\w+|trocas?|trocar",
        "refund": r"refund\w*|reembols\w*|estorn\w*|the money (?:takes|reaches|arrives|comes)|o dinheiro (?:volta|cai|chega)",
        "delivery": r"(?<!from )(?<!of )(?<!after )deliver(?:y|ies)|shipping|(?<!return )postage|frete(?! d[ea] (?:volta|devolucao))|(?<!da )(?<!a )entrega|to (?:arrive|reach)",
        "pickup": r"pick[ -]?ups?|retirada\w*|retirar",
        "label": r"labels?|return postage|frete de volta|frete da devolucao|etiqueta",
        "giftwrap": r"gift[ -]?wrap\w*|embrulh\w+",
        "restocking": r"restocking",
        "dispatch": r"dispatch(?:ed)? (?:within|in|takes)|posta(?:g\w+|mos|do|da)|envio ocorre|despach\w*",
        "instalment": r"inst?all?ments?|parcel\w+|juros|interest",
        "unpaid": r"pay within|must be paid|unpaid|expir\w+|vence\w*|codigo",
        "confirmed": r"confirm(?:ed|ado|a|acao)",
        "check": r"check(?:s|ed)?|confer\w+|inspect\w*",
        "restock": r"restock(?!ing)\w*|back in stock|be back|reposicao|voltar ao estoque|voltar",
        "reply": r"repl(?:y|ies)|answer(?:s|ed)? within|respond\w*|resposta|get back to",
        "code": r"return codes?|codigo de devolucao",
        "damage": r"damag\w+|broken|danific\w+|quebrad\w+|chipped|faulty|com defeito|avaria\w*|photos|fotos",
        "discount": r"discounts?|descontos?|\boff\b|coupons?|cup(?:om|ons)",
    },
}
_TOPIC = ByBeginnings((rf"\b(?:{words})\b", name) for name, words in TOPICS.items())
_DISTINCTION = ByBeginnings(
    (rf"\b(?:{words})\b", (group, name)) for group, names in DISTINCTIONS.items() for name, words in names.items()
)
FREE = re.compile(
    r"\b(?:(?<!-)free(?! to)(?: of charge)?|gratis|gratuit[oa]s?|de graca|no cost|no charge|por nossa conta|at no extra cost|sem custo)\b"
)
FROM = re.compile(
    r"\b(?:from|above|over|at least|starting at|reach(?:es)?|minimum(?: of)?|min\.?|exceeds?|more than|acima de|a partir de|minim[oa](?: de| e)?|passa(?:m|r)? (?:de|dos)|ultrapassa(?:m|r)?|supera(?:m|r)?|pass(?:es)?|beyond|excede(?:m)?"
    r"|superior(?:es)? a|ou mais|no minimo|pelo menos|atinge|starts? at|threshold of|orders of)[ :]*(?:[a-z]+ ){0,2}$"
)
OR_MORE = re.compile(
    r" ?(?:needed|required|necessarios?|threshold|mark|limit|(?:and|or) (?:more|up|above|over|upwards)|upwards|ou mais|ou acima|e acima|each|minimum)\b"
)


def topics(folded: str, begun: Begun | None = None) -> frozenset[str]:
    """Return the topics that a text names; the beginnings of its words may be at hand."""
    return frozenset(name for words, name in _TOPIC.possible(folded, begun) if words.search(folded))


def distinctions(folded: str, begun: Begun | None = None) -> dict[str, frozenset[str]]:
    """Return what of each group a text names, groups of which it names nothing left out."""
    found = dict[str, frozenset[str]]()
    for words, (group, name) in _DISTINCTION.possible(folded, begun):
        if words.search(folded):
            found[group] = found.get(group, frozenset()) | {name}
    return found
