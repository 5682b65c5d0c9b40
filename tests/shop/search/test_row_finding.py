"""Tests of which rows a query looks up; most of what they are for is asked in test_finding.py."""

from pathlib import Path

from shop.search.queries import parse
from shop.search.row_finding import find_rows
from tests.support.catalogues import contents_of, index_of, products_of

GOODS = "sku,name,price\nA-1,Blue mug,30.00\nA-2,Blue kettle,90.00\nA-3,Red mug,20.00\n"


def test_rows_with_more_of_the_words_come_first(tmp_path: Path) -> None:
    index = index_of(tmp_path, contents_of(products_of(GOODS)))

    rows = find_rows(index, parse("a blue mug", index))

    assert [index.by_ids([row.id])[0].sku for row in rows][:2] == ["A-1", "A-3"]
    assert rows[0].coverage > rows[1].coverage
    assert rows[0].is_called
