"""Words compare without accents, case and signs."""

import pytest

from shop.readers.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Preço (R$)", "preco r"), ("unitPrice", "unit price"), ("IMAGE_LINK", "image link"), ("Größe", "grosse"), ("  ", "")],
)  # fmt: skip
def test_a_header_is_folded_to_words(text: str, folded: str) -> None:
    assert fold(text) == folded
