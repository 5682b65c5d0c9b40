"""Tests of the bench's part `catalogue`: its judge, its made up products, and that our own questions are answered."""

from pathlib import Path

from shop.search.index import Index
from tests.bench.catalogue import Answer, Judge, _found, made, own_answers
from tests.support.catalogues import contents_of, demo_contents, index_of, product_of

ROW = {
    "sku": "A-1",
    "name": "Mug",
    "type": "mug",
    "price": "30.00",
    "colours": "blue; red",
    "sizes": "S",
    "category": "",
}
OTHER = {**ROW, "sku": "A-2", "colours": "green", "price": "50.00"}
JUDGE = Judge({"A-1": ROW, "A-2": OTHER}, {("x.md", 2): "fee"}, {"blue": "azul"}, {"P": "S"})


def index(folder: Path) -> Index:
    rows = [product_of(row, line) for line, row in enumerate((ROW, OTHER), 2)]
    return index_of(folder, contents_of(rows, {"x.md": "# Delivery\n- Fee: 12\n- Days: 3"}))


def test_made_products_are_the_same_each_time() -> None:
    assert list(made(300)) == list(made(300))
    assert len({one.sku for one in made(300)}) == 300


def test_the_judge_knows_what_is_right(tmp_path: Path) -> None:
    shop = index(tmp_path)

    def share(question: str, **truth: object) -> float:
        return JUDGE.share(truth, shop.find(question))

    assert share("mug", sku="A-2") == 1
    assert share("blue mug", type="mug", colour="azul") == 1
    assert share("green mug", type="mug", colour="azul") == 0
    assert share("mug size S", type="mug", size="P") == 1
    assert share("mugs under 40", type="mug", max=40.0) == 1
    assert share("cheapest mug", type="mug", sort="price") == 1
    assert share("cheapest mug", type="mug", sort="-price") == 0
    assert share("delivery fee", policy="fee") == 1
    assert share("laptops?", none=True) == 1
    assert share("mug", none=True) == 0


def test_a_group_below_its_target_misses_its_bar() -> None:
    answers = [Answer("demo", "rows", "a", 1.0), Answer("demo", "rows", "b", 0.0)]

    section = _found(answers)

    assert [(bar.name, bar.is_held) for bar in section.bars] == [("demo: rows", False)]
    assert section.rows[0][-1] == "b"


def test_our_own_questions_hold_their_bars_on_the_demo_shop(tmp_path: Path) -> None:
    section = _found(own_answers("demo", index_of(tmp_path, demo_contents())))

    assert len(section.bars) == 3
    assert all(bar.is_held for bar in section.bars), section.rows
