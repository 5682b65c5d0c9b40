import pytest

from shop.snapshot import Snapshot
from tests.support.snapshots import snapshot_of


@pytest.fixture
def prompts(tmp_path):
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "about.md").write_text("# About us\n\nWe sell mugs.\n")
    (store / "faq.txt").write_text("**Do you deliver?** Yes.\n")
    (store / "products.csv").write_text("sku,name,price,cost\nMUG-1,Blue mug,5.00,2.00\n")
    return tmp_path / "prompts"


def test_a_snapshot_has_texts_as_written_and_products_as_rows(prompts):
    snapshot = snapshot_of(prompts, "BRL")

    assert snapshot.policies == "# About us\n\nWe sell mugs.\n\n**Do you deliver?** Yes."
    assert (
        snapshot.whole
        == f"{snapshot.policies}\n\n# Products of products.csv\n\nSKU | name | price in BRL\nMUG-1 | Blue mug | 5.00"
    )


def test_a_cost_stands_nowhere(prompts):
    assert "2.00" not in (snapshot_of(prompts).whole or "")


def test_topics_and_questions_come_from_the_files(prompts):
    snapshot = snapshot_of(prompts)

    assert snapshot.topics == ("About us", "Faq", "Products")
    assert snapshot.questions == ("Do you deliver?",)


def test_own_answers_are_told_and_are_no_examples(prompts):
    (prompts / "store" / "answers.md").write_text("# Answers\n\n## Do you sell tents?\n\nNo.\n\n<!-- ana, then -->\n")
    snapshot = snapshot_of(prompts)

    assert (snapshot.topics, snapshot.questions) == (("About us", "Faq", "Products"), ("Do you deliver?",))
    assert "## Do you sell tents?\n\nNo." in snapshot.policies
    assert "ana" not in snapshot.policies


def test_more_products_than_anybody_reads_are_not_written_out(prompts):
    snapshot = snapshot_of(prompts)

    assert Snapshot.of(snapshot.index, "", most_chars=5).whole is None
    assert Snapshot.of(snapshot.index, "", most_chars=5).rows is None


def test_the_rows_of_a_small_shop_are_read_for_checks(prompts):
    rows = snapshot_of(prompts).rows

    assert rows is not None
    assert [product.sku for product in rows.products] == ["MUG-1"]
    assert [item.product for item in rows.known.names.items] == list(rows.products)


@pytest.mark.parametrize(
    ("source", "about", "row"),
    [
        ("products.csv:2", "MUG-1", "SKU | name | price in BRL\nMUG-1 | Blue mug | 5.00"),
        ("products.csv:3", "MUG-1", ""),
        ("about.md:3", "", "We sell mugs."),
        ("about.md:3", "MUG-1", "We sell mugs."),
        ("about.md:9", "", ""),
        ("gone.md:1", "", ""),
        ("about.md", "", ""),
    ],
)
def test_a_source_leads_to_what_stands_there(prompts, source, about, row):
    assert snapshot_of(prompts, "BRL").row_of(source, about) == row
