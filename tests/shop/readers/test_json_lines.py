"""JSON lines and lists, one object a product."""

import json
from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, read_files, report_of

MUG = {"sku": "M-1", "name": "Mug", "price": 19.9, "in_stock": True, "colors": ["blue", "green"], "cost": 4.44}
CUP = {"sku": "C-1", "name": "Cup", "price": 1234.5, "in_stock": False, "colors": None}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.jsonl", "\n".join(map(json.dumps, (MUG, CUP)))),
        ("list.json", json.dumps([MUG, CUP], indent=1)),
        ("list.json", json.dumps({"products": [MUG, CUP]}, indent=1)),
        ("list.json", json.dumps([MUG, CUP])),
        ("list.json", json.dumps({"count": 2, "products": [MUG, CUP]})),
    ],
    ids=["lines", "list", "in an object", "list on a line", "in an object on a line"],
)
def test_objects_are_products(tmp_path: Path, name: str, text: str) -> None:
    mug, cup = products_of(tmp_path, name, text)

    assert (mug.sku, mug.price, mug.stock, mug.options) == ("M-1", 1990, True, (Option("colors", ("blue", "green")),))
    assert (cup.sku, cup.price, cup.stock) == ("C-1", 123450, False)
    assert "444" not in repr((mug, cup))


def test_a_products_line_is_its_own(tmp_path: Path) -> None:
    assert [p.line for p in products_of(tmp_path, "a.jsonl", "\n".join(map(json.dumps, (MUG, CUP))))] == [1, 2]


def test_other_objects_are_a_text(tmp_path: Path) -> None:
    text = '{"question": "Open?", "answer": "Yes"}\n'

    assert [one.text for one in read_files(tmp_path, {"faq.jsonl": text}).texts] == [text]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name": "a", "price": 1}\n{"name": }\n', "Line 2 is not valid JSON"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"name": "a", "price": 1}\n[3]\n', "Line 2 is no JSON object"),
    ],
    ids=["torn", "deep", "number"],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert message in (report_of(tmp_path, "a.jsonl", text).error or "")


SHIRT = {
    "id": 7, "title": "Shirt", "body_html": "<p>Soft</p>", "vendor": "Sul", "product_type": "Clothes",
    "options": [{"name": "Fit", "values": ["Slim", "Wide"]}, {"name": "Size", "values": ["M"]}],
    "images": [{"id": 1, "src": "https://x.example/1.jpg"}],
    "variants": [
        {"id": 71, "title": "Slim / M", "option1": "Slim", "option2": "M", "sku": "S-SM", "price": "20.00", "inventory_quantity": 3},
        {"id": 72, "title": "Wide / M", "option1": "Wide", "option2": "M", "sku": "S-WM", "price": "21.00", "inventory_quantity": 0},
    ],
}  # fmt: skip


def test_variants_inside_an_object_are_its_variants(tmp_path: Path) -> None:
    ring = {"id": 8, "title": "Ring", "variants": [{"id": 81, "title": "Default Title", "sku": "R", "price": "9.00"}]}

    shirt, other = products_of(tmp_path, "products.json", json.dumps({"products": [SHIRT, ring]}))

    assert (shirt.name, shirt.brand, shirt.category, shirt.text) == ("Shirt", "Sul", "Clothes", "Soft")
    assert (shirt.price, shirt.stock, shirt.image) == (2000, 3, "https://x.example/1.jpg")
    assert [(one.sku, one.choice, one.price, one.stock) for one in shirt.variants] == [
        ("S-SM", (("Fit", "Slim"), ("Size", "M")), 2000, 3),
        ("S-WM", (("Fit", "Wide"), ("Size", "M")), 2100, 0),
    ]
    assert (other.name, other.sku, other.price, other.options) == ("Ring", "R", 900, ())


def test_variants_may_have_no_more_than_a_name(tmp_path: Path) -> None:
    mug = {
        "name": "Mug",
        "variations": [{"name": "blue", "price": 5}, {"name": "red", "price": 6}],
        "categories": [{"id": 1, "name": "Cups"}],
    }

    (product,) = products_of(tmp_path, "a.jsonl", json.dumps(mug))

    assert ([one.choice for one in product.variants], product.category) == ([(("", "blue"),), (("", "red"),)], "Cups")


def test_variants_count_as_rows(tmp_path: Path) -> None:
    variants = ",".join(['{"price":1}'] * 250_001)

    error = report_of(tmp_path, "a.jsonl", f'{{"name": "Mug", "variants": [{variants}]}}').error

    assert "250,000 rows" in (error or "")


def test_a_long_text_is_read_once_for_all_variants(tmp_path: Path) -> None:
    many = [{"title": f"v{n}", "price": 5} for n in range(3_000)]

    (mug,) = products_of(
        tmp_path, "a.jsonl", json.dumps({"name": "Mug", "description": "<p>" * 100_000, "variants": many})
    )

    assert len(mug.variants) == 3_000


def test_articles_without_an_id_keep_their_own_variants(tmp_path: Path) -> None:
    lines = [
        {"name": name, "variants": [{"title": "S", "sku": f"{name}-S", "price": 5}, {"title": "M", "sku": f"{name}-M", "price": 6}]}
        for name in ("Shirt", "Robe")
    ]  # fmt: skip

    products = products_of(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))

    assert [(one.name, [variant.sku for variant in one.variants]) for one in products] == [
        ("Shirt", ["Shirt-S", "Shirt-M"]),
        ("Robe", ["Robe-S", "Robe-M"]),
    ]


PHOTOGRAPHED = {"Artikel": "Mug", "Preis": 5, "Bilder": [{"src": "https://x.example/1.jpg"}]}


@pytest.mark.parametrize("count", [1, 2], ids=["alone", "lines"])
def test_lists_inside_an_article_do_not_replace_it(tmp_path: Path, count: int) -> None:
    products = products_of(tmp_path, "a.jsonl", "\n".join([json.dumps(PHOTOGRAPHED)] * count))

    assert {(one.name, one.price) for one in products} == {("Mug", 500)}


def test_lists_inside_lines_stay_with_their_lines(tmp_path: Path) -> None:
    lines = [{"question": name, "articles": [{"name": name, "price": 5}]} for name in ("Mug", "Cup")]

    assert not products_of(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
