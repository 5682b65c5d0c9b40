"""The report as lines and as JSON."""

import json

from shop.products import FileReport
from shop.readers.report import report_json, report_lines

REPORTS = (
    FileReport("a.csv", "Shopify", 1200, 3, {"hidden": 2, "draft": 1}, ("No price (line 4).",)),
    FileReport("b.md", "text"),
    FileReport("c.pdf", "unknown", error="A .pdf file cannot be read."),
)


def test_a_line_a_file_with_its_doubts_and_errors() -> None:
    assert list(report_lines(REPORTS)) == [
        "a.csv: Shopify; 1,200 products; 3 variants; left out: 2 hidden, 1 draft",
        "  ? No price (line 4).",
        "b.md: text",
        "c.pdf: unknown",
        "  ! A .pdf file cannot be read.",
    ]


def test_no_line_moves_a_terminals_cursor() -> None:
    report = FileReport("a\x1b[2J\r\nb.md: text", "table", doubts=("\x9b31m\u202eNo price.",), error="\x07None.")

    lines = list(report_lines([report]))

    assert [line[:2] for line in lines] == ["a\ufffd", "  ", "  "]
    assert all(line.isprintable() for line in lines)


def test_the_json_is_one_line_with_the_fixed_keys() -> None:
    text = report_json(REPORTS)

    assert "\n" not in text
    assert json.loads(text)[0] == {
        "file": "a.csv",
        "kind": "Shopify",
        "products": 1200,
        "variants": 3,
        "left_out": {"hidden": 2, "draft": 1},
        "doubts": ["No price (line 4)."],
    }
    assert json.loads(text)[2]["error"] == "A .pdf file cannot be read."
