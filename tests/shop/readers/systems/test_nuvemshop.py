"""Nuvemshop's and Tiendanube's export."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

PORTUGUESE = "Identificador URL | Nome | Categorias | Nome da variação 1 | Valor da variação 1 | Preço | Preço promocional | Estoque | SKU | Exibir na loja | Descrição | Marca | Custo"
SPANISH = "Identificador de URL | Nombre | Categorías | Nombre de propiedad 1 | Valor de propiedad 1 | Precio | Precio promocional | Stock | SKU | Mostrar en tienda | Descripción | Marca | Costo"
ROWS = (
    "camiseta | Camiseta | Roupas > Camisetas | Tamanho | P | 1.049,90 | 999,90 | 3 | C-P | SIM | <p>Macia</p> | Olaria | 44,44",
    "camiseta | | | Tamanho | M | 1.059,90 | | 0 | C-M | | | | 44,44",
    "caneca | Caneca | Cozinha | | | 20,00 | | | CAN | SIM | | | 44,44",
    "oculto | Oculto | | | | 5,00 | | 1 | OC | NÃO | | |",
)


@pytest.mark.parametrize("header", [PORTUGUESE, SPANISH], ids=["Nuvemshop", "Tiendanube"])
def test_rows_of_one_identifier_are_one_product(tmp_path: Path, header: str) -> None:
    text = table(header, *ROWS, delimiter=";").encode("cp1252")

    shirt, mug = products_of(tmp_path, "produtos.csv", text)

    assert (shirt.name, shirt.category, shirt.brand, shirt.text) == (
        "Camiseta",
        "Roupas > Camisetas",
        "Olaria",
        "Macia",
    )
    assert (shirt.price, shirt.old_price, shirt.stock) == (99990, 104990, 3)
    assert shirt.options == (Option("Tamanho", ("P", "M")),)
    assert [(v.sku, v.price, v.stock) for v in shirt.variants] == [("C-P", 99990, 3), ("C-M", 105990, 0)]
    assert (mug.sku, mug.price, mug.stock) == ("CAN", 2000, True)


def test_hidden_products_and_the_cost_are_left_out(tmp_path: Path) -> None:
    text = table(PORTUGUESE, *ROWS, delimiter=";")

    report = report_of(tmp_path, "produtos.csv", text)

    assert (report.kind, report.products, report.variants, report.left_out) == ("Nuvemshop", 2, 2, {"hidden": 1})
    assert "4444" not in repr(products_of(tmp_path, "produtos.csv", text))


def test_a_row_without_identifier_and_price_is_one_more_variant(tmp_path: Path) -> None:
    rows = ("taza | Taza | | Diseño | Liso | 10,000.00 | | 2 | | SI | | |", " | | | | Rayas | | | 3 | | | | |")

    (cup,) = products_of(tmp_path, "productos.csv", table(SPANISH, *rows, delimiter=";"))

    assert [(v.choice, v.price, v.stock) for v in cup.variants] == [
        ((("Diseño", "Liso"),), 1000000, 2),
        ((("Diseño", "Rayas"),), 1000000, 3),
    ]
