"""Doubts that show only when all rows, or all files, are read."""

from pathlib import Path

import pytest

from tests.support.store_files import read_files, report_of, table

SAME = table("sku | name | price", "A-1 | Mug | 5", "a1 | Cup | 6", "B | Jug | 7")


def test_the_same_sku_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    assert report_of(tmp_path, "a.csv", SAME).doubts == ("The SKU a1 stands here again, first in line 2 (line 3).",)


def test_the_same_skus_in_two_files_are_one_doubt(tmp_path: Path) -> None:
    reports = read_files(tmp_path, {"a.csv": table("sku | name | price", "A | Mug | 5", "B | Jug | 7"), "b.csv": table("sku | name | price", "A | Mug | 6", "B | Jug | 8")}).reports  # fmt: skip

    assert [report.doubts for report in reports] == [
        (),
        ("2 SKUs stand in a.csv too (A, B); is one of the files old?",),
    ]


def test_another_currency_than_the_shops_is_told(tmp_path: Path) -> None:
    assert report_of(tmp_path, "a.csv", "name,price\nMug,US$ 5\n", "BRL").doubts == (
        "Prices are in USD, the shop's currency is BRL.",
    )


@pytest.mark.parametrize(
    ("text", "is_doubted"),
    [
        ("Filtro de oleo,5453,185.00\nPastilhas,8767,650.50\nBateria,6453,R$ 2.100,00\n", True),
        ("Day,From,To\nMonday,9,18\nTuesday,9,18\n", False),
        ("Question,Answer\nOpen?,Yes\nDelivery?,From 12.00 on\n", False),
    ],
    ids=["prices without a header", "hours", "answers"],
)
def test_a_list_of_prices_that_becomes_a_text_is_doubted(tmp_path: Path, text: str, is_doubted: bool) -> None:
    report = report_of(tmp_path, "list.csv", text)

    assert report.kind == "text"
    assert any("no header" in doubt for doubt in report.doubts) == is_doubted
