import pytest

from shop.shelf import Shelf
from tests.support.shelves import shelf_of


@pytest.fixture
def prompts(tmp_path):
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "about.md").write_text("# About us\n\nWe sell mugs.\n")
    (store / "faq.txt").write_text("**Do you deliver?** Yes.\n")
    (store / "products.csv").write_text("sku,name,price,cost\nMUG-1,Blue mug,5.00,2.00\n")
    return tmp_path / "prompts"


def test_a_shelf_is_the_texts_as_written_and_the_products_as_rows(prompts):
    shelf = shelf_of(prompts, "BRL")

    assert shelf.policies == "# About us\n\nWe sell mugs.\n\n**Do you deliver?** Yes."
    assert (
        shelf.whole
        == f"{shelf.policies}\n\n# Products of products.csv\n\nSKU | name | price in BRL\nMUG-1 | Blue mug | 5.00"
    )


def test_a_cost_stands_nowhere(prompts):
    assert "2.00" not in (shelf_of(prompts).whole or "")


def test_topics_and_questions_come_from_the_files(prompts):
    shelf = shelf_of(prompts)

    assert shelf.topics == ("About us", "Faq", "Products")
    assert shelf.questions == ("Do you deliver?",)


def test_more_products_than_anybody_reads_are_not_written_out(prompts):
    shelf = shelf_of(prompts)

    assert Shelf.of(shelf.index, "", most_chars=5).whole is None
    assert Shelf.of(shelf.index, "", most_chars=5).rows is None


def test_the_rows_of_a_small_shop_are_read_for_checks(prompts):
    rows = shelf_of(prompts).rows

    assert rows is not None
    assert [product.sku for product in rows.products] == ["MUG-1"]
    assert [item.product for item in rows.known.names.items] == list(rows.products)
