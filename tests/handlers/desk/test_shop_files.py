"""Tests of the files that the desk finds, names and describes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.desk import shop_files
from handlers.desk.shop_files import changes, data_of, is_store_name, look, name_from, text_name, text_of
from shop.editing import versions
from shop.editing.versions import ABSENT, digest_of

NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["products.csv", "lista de preços (2).xlsx", "a & b's.md", "δ.md", "商品.csv", "x" * 140 + ".csv", "[old]_1+2.txt"],
)
def test_ordinary_names_are_taken(name: str) -> None:
    assert is_store_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".env",
        "a/b.md",
        "a\\b.md",
        "../a.md",
        "~$a.xlsx",
        "a.md~",
        "a.bak",
        "Thumbs.db",
        "a\n.md",
        "a\x00.md",
        "a\u202e.md",
    ]
    + [
        "-rf.md",
        " a.md",
        "a.md ",
        "a.md.",
        'a".md',
        "a?.md",
        "a:b.md",
        "<a>.md",
        "e\u0301.md",
        "x" * 151,
        "system.md",
        "settings.toml",
    ],
)
def test_names_that_lead_elsewhere_or_are_taken_are_refused(name: str) -> None:
    assert not is_store_name(name)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("C:\\Users\\ana\\Preços 2026.xlsx", "Preços 2026.xlsx"),
        ("/etc/passwd.csv", "passwd.csv"),
        ("../../.env", "env"),
        ("a\u202ecsv.exe", "a-csv.exe"),
        ("Cafe\u0301.csv", "Café.csv"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
        ('"quoted"?.csv', "quoted-.csv"),
    ],
)
def test_a_name_that_was_sent_becomes_an_ordinary_one(sent: str, name: str) -> None:
    assert name_from(sent) == name


@given(st.text(max_size=200))
def test_no_name_that_was_sent_leads_out_of_the_store(sent: str) -> None:
    name = name_from(sent)

    assert "/" not in name
    assert "\x00" not in name
    assert not name.startswith(".")
    assert len(name.encode("utf-8", "surrogatepass")) <= 200


def test_a_title_becomes_the_name_of_a_text() -> None:
    assert text_name("Opening hours") == "opening-hours.md"
    assert text_name("Trocas e devoluções") == "trocas-e-devoluções.md"
    assert text_name("../") == ""


def test_only_known_files_are_found(prompts: Path) -> None:
    found = shop_files.find(prompts, "system.md"), shop_files.find(prompts, "about.md")

    assert [file.path.relative_to(prompts).as_posix() for file in found if file] == ["system.md", "store/about.md"]
    assert shop_files.find(prompts, "../secret.md") is None


def test_what_is_too_large_is_not_read(prompts: Path) -> None:
    file = shop_files.find(prompts, "large.csv")
    assert file is not None
    with file.path.open("wb") as opened:
        opened.truncate(shop_files.MOST_BYTES + 1)

    assert look(file).found == "large"
    assert look(file).data is None


def test_removed_files_are_listed_for_thirty_days(prompts: Path) -> None:
    for name in ("a.md", "b.md", "system.md"):
        file = versions.editable(prompts, prompts / "store" / name)
        versions.save(file, b"x", seen=ABSENT)
        versions.remove(file, seen=digest_of(b"x"))
    (prompts / "store" / "b.md").write_bytes(b"again")
    now = datetime.now(UTC)

    assert [one.name for one in shop_files.removed(prompts, now)] == ["a.md"]
    assert shop_files.removed(prompts, now + timedelta(days=31)) == []


def test_a_change_is_told_by_its_lines_or_its_size() -> None:
    assert changes(b"a\nb\n\nc\n", b"a\nB\n\nc\n") == ("b", "B")
    assert changes(None, b"abc") == ("", "3 bytes")
    assert changes(b"\x00", b"abc") == ("1 bytes", "3 bytes")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfol\xc3\xa1\r\n", "olá\n"),
        ("olá\n".encode("utf-16"), "olá\n"),
        (b"ol\xe1\r", "olá\n"),
        (b"PK\x03\x04\x00", None),
        (b"\xff\xff\x00", None),
    ],
)
def test_texts_are_read_in_their_encoding(data: bytes, text: str | None) -> None:
    assert text_of(data) == text


def test_an_edited_text_keeps_its_mark_and_its_line_ends() -> None:
    assert data_of("a\nb\n", b"\xef\xbb\xbfx\r\n") == b"\xef\xbb\xbfa\r\nb\r\n"
    assert data_of("a\nb\n", None) == b"a\nb\n"
