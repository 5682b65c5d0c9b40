"""One file, whatever it is, becomes products, a text, or a plain word to the owner."""

import os
from pathlib import Path

import pytest

from tests.support.store_files import read_files, report_of
from tests.support.workbooks import workbook


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a.numbers", "a.pdf", "a.docx", "a.zip"])
def test_a_known_kind_that_is_not_read_says_what_to_do(tmp_path: Path, name: str) -> None:
    error = report_of(tmp_path, name, b"\xd0\xcf\x11\xe0").error or ""

    assert f"A {Path(name).suffix} file cannot be read" in error
    assert "." in error.removesuffix(".")


def test_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    assert "not known" in (report_of(tmp_path, "logo.png", b"\x89PNG").error or "")


def test_a_text_in_windows_1252_is_read(tmp_path: Path) -> None:
    contents = read_files(tmp_path, {"trocas.md": "Devolução em 30 dias\r\n".encode("cp1252")})

    assert contents.texts[0].text == "Devolução em 30 dias\n"


def test_a_page_is_its_text(tmp_path: Path) -> None:
    assert read_files(tmp_path, {"a.html": "<h1>Hours</h1><p>9 to 6</p>"}).texts[0].text == "Hours\n9 to 6"


def test_a_feed_renamed_to_txt_is_a_table(tmp_path: Path) -> None:
    assert (
        report_of(
            tmp_path, "feed.txt", "id\ttitle\tprice\tlink\tavailability\nA\tMug\t5 BRL\thttps://x/a\tin stock\n"
        ).products
        == 1
    )


@pytest.mark.parametrize(
    "content",
    [
        "sku,name,price\nA,Mug,5\n",
        "<rss><item><id>A</id><title>Mug</title><price>5</price></item></rss>",
        '{"name": "Mug", "price": 5}\n',
        workbook({"A": [["name", "price"], ["Mug", 5]]}),
    ],
    ids=["CSV", "XML", "JSON", "workbook"],
)
def test_a_file_without_a_suffix_is_known_by_its_look(tmp_path: Path, content: str | bytes) -> None:
    assert report_of(tmp_path, "feed", content).products == 1


def test_a_list_of_cost_prices_is_no_text_either(tmp_path: Path) -> None:
    contents = read_files(tmp_path, {"trade.csv": "name,wholesale price\nMug,2.00\n"})

    assert contents.texts == ()
    assert "Line 1" in (contents.reports[0].error or "")


def test_an_empty_file_is_doubted(tmp_path: Path) -> None:
    assert report_of(tmp_path, "a.csv", "").doubts == ("It is empty.",)


def test_what_is_no_ordinary_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")

    contents = read_files(tmp_path, {"good.csv": "name,price\nMug,5\n"})

    errors = {report.file: report.error or "" for report in contents.reports}
    assert "device or a pipe" in errors["pipe.csv"]
    assert "device or a pipe" in errors["zero.csv"]
    assert "directory" in errors["folder.csv"]
    assert "cannot be opened" in errors["gone.csv"]
    assert [product.name for product in contents.products] == ["Mug"]


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(200_000_000)

    assert "200 MB" in (read_files(tmp_path, {}).reports[0].error or "")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", workbook({"A": [["name", "price"], ["Mug", 5]]})),
        ("list.txt", workbook({"A": [["name", "price"], ["Mug", 5]]})),
        ("list.xls", workbook({"A": [["name", "price"], ["Mug", 5]]})),
        ("list.xls", "name\tprice\nMug\t5\n"),
        ("list.xlsx", "name;price\nMug;5\n"),
    ],
    ids=["workbook as CSV", "workbook as text", "new workbook as old", "table as .xls", "table as .xlsx"],
)
def test_a_file_with_a_wrong_name_is_seen_through(tmp_path: Path, name: str, content: str | bytes) -> None:
    assert report_of(tmp_path, name, content).products == 1


def test_an_old_workbook_with_a_new_name_says_what_to_do(tmp_path: Path) -> None:
    assert "old workbook" in (report_of(tmp_path, "list.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600).error or "")


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf \r\n"], ids=["plain", "after blanks"])
def test_a_page_called_a_workbook_says_what_to_do(tmp_path: Path, start: bytes) -> None:
    page = b"<table>\n<tr><td>name, size</td><td>price</td></tr>\n<tr><td>Mug</td><td>5</td></tr>\n</table>\n"

    assert "A .xls file cannot be read. Open it" in (report_of(tmp_path, "list.xls", start + page).error or "")
