"""Columns are known by the words of their headers and by what is in them."""

import pytest

from shop.readers.columns import find_columns
from shop.readers.headers import header_score


def found(header: str, *rows: str, currency: str = "") -> dict[str, str]:
    names = header.split(",")
    columns = find_columns(names, [row.split(",") for row in rows], currency)
    return {field: names[n] for field, n in columns.positions.items()}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("código,nome,preço,estoque", "A1,Caneca,5,3", {"sku": "código", "name": "nome", "price": "preço", "stock": "estoque"}),
        ("Referencia,Producto,Precio,Existencias", "A1,Taza,5,3", {"sku": "Referencia", "name": "Producto", "price": "Precio", "stock": "Existencias"}),
        ("Codice,Articolo,Prezzo,Giacenza", "A1,Tazza,5,3", {"sku": "Codice", "name": "Articolo", "price": "Prezzo", "stock": "Giacenza"}),
        ("Artikelnr.,Bezeichnung,Preis,Bestand", "A1,Tasse,5,3", {"sku": "Artikelnr.", "name": "Bezeichnung", "price": "Preis", "stock": "Bestand"}),
        ("Réf.,Désignation,Prix,Stock", "A1,Tasse,5,3", {"sku": "Réf.", "name": "Désignation", "price": "Prix", "stock": "Stock"}),
        ("Item No.,Item,Price,On hand", "A1,Mug,5,3", {"sku": "Item No.", "name": "Item", "price": "Price", "stock": "On hand"}),
    ],
    ids=["Portuguese", "Spanish", "Italian", "German", "French", "English"],
)  # fmt: skip
def test_columns_are_known_in_several_languages(header: str, row: str, expected: dict[str, str]) -> None:
    assert found(header, row) == expected


def test_a_cost_is_never_the_price() -> None:
    assert found("name,cost,price", "Mug,2,5")["price"] == "price"
    assert "price" not in found("name,wholesale", "Mug,2")


def test_the_retail_price_of_a_resellers_list_is_the_price() -> None:
    assert found("Item,Wholesale,MSRP", "Mug,2,5")["price"] == "MSRP"


def test_the_price_with_tax_is_what_customers_pay() -> None:
    assert found("name,Price excl. VAT,Price incl. VAT", "Mug,4,5")["price"] == "Price incl. VAT"


def test_the_shops_currency_chooses_the_price() -> None:
    assert found("name,Price USD,Price EUR", "Mug,5,4", currency="EUR")["price"] == "Price EUR"


def test_a_sale_of_yes_and_no_is_no_price() -> None:
    assert "sale" not in found("name,price,On sale", "Mug,5,yes", "Cup,4,no")


def test_a_description_is_the_name_where_nothing_else_is() -> None:
    assert found("Code,Descrição,Preço", "A1,Caneca azul,5")["name"] == "Descrição"
    assert found("Nome,Descrição,Preço", "Caneca,Azul e grande,5") == {
        "name": "Nome",
        "text": "Descrição",
        "price": "Preço",
    }


def test_row_numbers_are_no_skus() -> None:
    assert "sku" not in found("No,name,price", "1,Mug,5", "2,Cup,4", "3,Jug,6")
    assert found("code,name,price", "16,Mug,5", "18,Cup,4")["sku"] == "code"


def test_numbers_are_no_names() -> None:
    assert found("Artikel,Bezeichnung,Preis", "1001,Tasse,5", "1002,Kanne,9")["name"] == "Bezeichnung"


def test_words_may_be_cut_short() -> None:
    assert found("COD_ARTIC,DESCRIP,PRECIO", "AC-1,Abrazadera larga,5") == {
        "sku": "COD_ARTIC",
        "name": "DESCRIP",
        "price": "PRECIO",
    }


@pytest.mark.parametrize("header", ["P.V.P.", "Vlr Venda", "Venda", "PU TTC", "price amount", "R$/metro"])
def test_a_price_has_many_names(header: str) -> None:
    assert found(f"Produto,Custo,{header}", "Caneca,2,5")["price"] == header


def test_a_number_sign_is_read_as_number() -> None:
    assert found("Item #,Description,Price", "10-220,Drill,5", "10-221,Bit,4")["sku"] == "Item #"


def test_counts_are_the_stock_before_words() -> None:
    assert (
        found("Nome,Preço,Disponibilidade,Estoque do produto", "Caneca,5,Imediata,3")["stock"] == "Estoque do produto"
    )
    assert found("nome,preco,estoque-gerenciado,estoque-quantidade", "Caneca,5,S,3")["stock"] == "estoque-quantidade"
    assert found("Item Name,Price,Current Quantity Main Street Store", "Mug,5,3")["stock"].startswith("Current")


def test_shares_are_no_prices() -> None:
    assert found("name,price %,our price", "Mug,12%,5")["price"] == "our price"


@pytest.mark.parametrize("header", ["Produto está ativo?", "Product Visible?", "_ShowOnSite", "Mostrar en tienda"])
def test_whether_an_article_is_shown_has_many_names(header: str) -> None:
    assert found(f"name,price,{header}", "Mug,5,sim")["published"] == header


def test_being_sold_online_only_is_no_matter_of_showing() -> None:
    assert "published" not in found("name,price,Available online only", "Mug,5,no")


def test_a_programs_kinds_of_rows_are_no_category() -> None:
    assert "category" not in found("nome,preco,tipo", "Caneca,5,normal", "Copo,5,variacao")


def test_an_id_of_all_variants_gives_way_to_a_sku_of_each() -> None:
    rows = ["10,A-1,Sofa,5", "10,A-2,Sofa,5"]

    assert found("Product ID,Sku Reference,name,price", *rows)["sku"] == "Sku Reference"
    assert found("Product ID,Sku Reference,name,price", rows[0], "11,A-2,Bed,5")["sku"] == "Product ID"


def test_an_unknown_first_header_is_what_articles_are_called() -> None:
    assert found("Doce,Preço", "Brigadeiro,2", "Beijinho,3") == {"name": "Doce", "price": "Preço"}


@pytest.mark.parametrize(
    "header",
    [
        "Região,Valor",
        "Destino,Prazo,Valor",
        "Local,Valor",
        "Peso,Preço",
        "Bairro,Preço",
        "Tipo de envio,Valor",
        "Entrega,Valor",
    ],
)
def test_fees_are_no_articles(header: str) -> None:
    assert "name" not in found(
        header, *(f"{place}{',3 dias' * ('Prazo' in header)},12" for place in ("Centro", "Norte"))
    )
    assert not header_score(header.split(","), needs_name=False)


def test_levels_of_a_category_are_taken_together() -> None:
    columns = find_columns(
        ("nome", "preco", "categoria 1", "categoria 2", "Subcategoria"), [["Polo", "5", "Roupas", "Camisas", "Lisas"]]
    )

    assert columns.categories == (2, 3, 4)


def test_the_sales_price_with_tax_is_the_price_and_fob_none() -> None:
    columns = find_columns(("Nombre", "FOB (USD)", "Vent sin IVA", "Vent con IVA"), [["Torno", "900", "1000", "1210"]])

    assert (columns.positions["price"], columns.secret) == (3, (1,))


def test_was_and_now_are_prices() -> None:
    assert found("Produto,De,Por", "Batedeira,399,299") == {"name": "Produto", "old": "De", "price": "Por"}
    assert found("Livro,Preço de capa,Preço final", "Vidas secas,59,47")["sale"] == "Preço final"


def test_articles_stand_beside_their_code() -> None:
    assert found("Ref,Tecido,Largura,R$/metro", "T1,Linho puro,1.40 m,89", "T2,Viscose,1.50 m,39")["name"] == "Tecido"
