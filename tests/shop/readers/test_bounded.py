"""Files are read in another process, which a hostile one may end without harm to the others."""

import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from shop.readers import bounded
from shop.readers.bounded import TOO_MUCH, read_bounded
from shop.readers.store import read_store

TODAY = date(2026, 3, 1)


def test_what_is_read_is_the_same_as_in_this_process(tmp_path: Path) -> None:
    rows = "".join(f"S-{n},Mug {n},{n}.50,{n % 3}\n" for n in range(1, 1200))
    (tmp_path / "a.csv").write_text("sku,name,price,stock\n" + rows)
    (tmp_path / "b.md").write_text("# Returns\n")
    (tmp_path / "c.pdf").write_bytes(b"%PDF")

    assert read_bounded(tmp_path, "BRL", today=TODAY) == read_store(tmp_path, "BRL", TODAY)


def test_a_file_that_takes_too_long_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,price\nMug,5\n")
    (tmp_path / "b.csv").write_text("name,price\n" + "Mug of a very long name,5\n" * 240_000)
    (tmp_path / "c.csv").write_text("name,price\nCup,6\n")
    begun = time.monotonic()

    contents = read_bounded(tmp_path, today=TODAY, seconds=0.6)

    errors = {report.file: report.error for report in contents.reports}
    assert errors["b.csv"] == TOO_MUCH
    assert time.monotonic() - begun < 60


def test_a_further_file_is_read_beside_the_stores(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (tmp_path / "feed").write_text("id\ttitle\tprice\tlink\tavailability\nA\tMug\t5 BRL\thttps://x/a\tin stock\n")

    contents = read_bounded(store, today=TODAY, also=[tmp_path / "feed"])

    assert [(product.file, product.sku) for product in contents.products] == [("feed", "A")]


def test_a_process_that_cannot_start_leaves_all_files_unusable(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,price\nMug,5\n")

    contents = read_bounded(tmp_path, today=TODAY, seconds=0)

    assert [report.error for report in contents.reports] == [bounded.TOO_MUCH]


def test_a_name_of_another_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode("preços.csv".encode("cp1252"))).write_text("name,price\nMug,5\n")

    contents = read_bounded(tmp_path, today=TODAY)

    assert [(report.file, report.products) for report in contents.reports] == [("preços.csv", 1)]
    assert contents == read_store(tmp_path, "", TODAY)


def test_the_process_knows_none_of_the_shops_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nenv > {told}\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    read_bounded(tmp_path, today=TODAY)

    assert "PATH=" in told.read_text()
    assert "sk-secret" not in told.read_text()


def test_a_file_that_is_gone_meanwhile_is_no_unusable_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("name,price\nMug,5\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere.csv")
    listed = [tmp_path / "a.csv", tmp_path / "b.md", tmp_path / "link.csv"]
    monkeypatch.setattr(bounded, "files_of", lambda store: listed)

    contents = read_bounded(tmp_path, today=TODAY)

    assert [(report.file, bool(report.error)) for report in contents.reports] == [("a.csv", False), ("link.csv", True)]
