"""Doubts that show only when all rows, or all files, are read."""

from pathlib import Path

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
