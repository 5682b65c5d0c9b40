"""The labels of a list's items and a table's rows: whether one names another thing than was spoken of before."""

import re
from collections.abc import Sequence

from shop.claims.subjects import Mention, NamedProduct, Subject
from shop.claims.topics import topics
from shop.claims.wording import WORD, fold

_LABEL = re.compile(
    r"\s*(?:(?:[-*•+]|\d{1,2}[.)])\s+([^:–—=|\n]{3,60}?)\s*(?::|\s[-–—]\s|=)|\|\s*([^|\n]{3,60}?)\s*\|)"
)
_SHORTEST = 4
_ATTRIBUTES = frozenset(
    "stock availability available estoque disponibilidade disponivel disponiveis price preco value valor unit unitario unidade unidades each cada now agora today hoje "
    "before antes size sizes tamanho tamanhos medida medidas colour colours color colors cores options option opcoes opcao material weight peso quantity quantidade "
    "total subtotal sum soma fully full with without regular current atual list original sale oferta promo cash vista items itens item products produtos product "
    "produto your seus suas this that esta este total all todos price prices category categoria family name nome".split()
)
"""Words of a label that names a property of what was spoken of before: "- Price: R$ 189"."""


def names_another(text: str, mentions: Sequence[Mention], subject: Subject) -> bool:
    """True if the text begins with the label of an item that is no property of the subject, nor any product that is known.

    What stands behind it is then about a thing with an unknown name, not about the subject.
    """
    match = _LABEL.match(text)
    if match is None or not subject:
        return False
    group = 1 if match[1] else 2
    start, end = match.span(group)
    label = fold(text[start:end])
    if any(one.start < end and start < one.end for one in mentions) or topics(label):
        return False
    telling = [word for word in WORD.findall(label) if len(word) >= _SHORTEST and not word.isdigit()]
    if not telling or not _ATTRIBUTES.isdisjoint(telling):
        return False
    return not any(_names_choice(label, item) for items in subject for item in items)


def _names_choice(label: str, item: NamedProduct) -> bool:
    choices = (value for variant in item.product.variants for _, value in variant.choice)
    return any(fold(value) in label for value in choices)
