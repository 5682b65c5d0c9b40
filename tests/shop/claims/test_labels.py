"""Tests of labels that name another thing than was spoken of."""

import pytest

from shop.claims.labels import names_another
from shop.claims.subjects import NamedProduct
from shop.products import Product, Variant

GLOVES = NamedProduct(Product("Luvas", "L-1", variants=(Variant((("Tamanho", "Grande"),), "L-1-G"),)))


@pytest.mark.parametrize("text", ["- Tool kit: R$ 89", "2. **Bomba de mão** – R$ 72", "| Frigideira | 1 | R$ 5 |"])
def test_a_label_may_name_an_unknown_thing(text: str) -> None:
    assert names_another(text, (), ((GLOVES,),))


@pytest.mark.parametrize(
    "text",
    ["- Price: R$ 89", "- **Preço à vista:** R$ 89", "- Delivery: R$ 12", "- Grande: R$ 59", "- M: R$ 5", "It costs R$ 89", "| Estoque | 3 |"],
)  # fmt: skip
def test_a_label_may_be_a_property(text: str) -> None:
    assert not names_another(text, (), ((GLOVES,),))
