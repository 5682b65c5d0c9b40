"""Tests of the owner's page of data: the files and their reports, uploads that are checked first, files brought back."""

import hashlib
import os
import re
import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from handlers.desk import shop_files, uploads
from settings import Environment
from shop.demonstration import write
from tests.conftest import Open, enter
from tests.shop.readers.systems.test_prestashop import COMBINATIONS, HEADER, LAMP
from tests.support.desk import Desk, copied_prompts, open_desk
from tests.support.shop import Answered, settings_of
from tests.support.store_files import table
from tests.support.workbooks import workbook

HAMMOCKS = b"sku,name,price,stock\nH-1,Net hammock,120.00,3\nH-2,Double hammock,220.00,1\n"


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    return copied_prompts(place, tmp_path)


@pytest.fixture
async def desk(open_shop: Open, users: object) -> Desk:
    desk = open_desk(open_shop)
    await desk.read()
    return desk


def location(answered: Answered) -> str:
    assert answered.status == 303, answered.text
    return unquote(answered.headers["location"])


async def test_the_files_are_listed_with_what_was_made_of_them(desk: Desk) -> None:
    (desk.store / "old.pdf").write_bytes(b"%PDF-1.4")
    (desk.store / "more.csv").write_text("sku,name,price\nB-1,Broom,\nB-2,Bucket,12.00\n")
    await desk.read()

    text = (await desk.ana.get("/admin/data")).text

    assert re.search(r"<bdi>products.csv</bdi></a></p>\s*<p class=\"soft\">46 products", text)
    assert "A .pdf file cannot be read. Save its text as a .txt or .md file" in text
    assert "1 file can't be used" in text
    assert "No price (line 2)." in text
    assert '<a class="name" href="/admin/texts/delivery.md">' in text


async def test_the_report_is_in_the_language_of_the_page(desk: Desk) -> None:
    (desk.store / "old.pdf").write_bytes(b"%PDF-1.4")
    await desk.read()

    text = (await desk.ana.get("/admin/data", Accept_Language="pt-BR")).text

    assert "46 produtos" in text
    assert "Não é possível ler um arquivo .pdf." in text


async def test_files_are_searched_by_name_and_paged(desk: Desk) -> None:
    for number in range(60):
        (desk.store / f"page {number:02}.md").write_text(f"# Page {number}\n")
    await desk.read()

    found = (await desk.ana.get("/admin/data?q=PAGE+4")).text
    second = (await desk.ana.get("/admin/data?page=2")).text

    assert re.findall(r"<bdi>(page \d+).md</bdi>", found) == [f"page {number}" for number in range(40, 50)]
    assert len(re.findall(r"<bdi>[\w .]+\.\w+</bdi></a>", second)) == 25
    assert 'rel="prev"' in second
    assert 'rel="next"' in second


async def test_an_upload_is_in_use_at_once_and_in_the_audit(desk: Desk) -> None:
    answered = await desk.upload(("Hammocks 2026.csv", HAMMOCKS))

    assert location(answered) == "/admin/data?saved=Hammocks 2026.csv"
    assert (desk.store / "Hammocks 2026.csv").read_bytes() == HAMMOCKS
    assert desk.changed() == [("ana", "file Hammocks 2026.csv: uploaded", "", "74 bytes")]
    page = (await desk.ana.get("/admin/data?saved=Hammocks%202026.csv")).text
    assert "<bdi>Hammocks 2026.csv</bdi> saved." in page
    assert "New data is being read." in page
    await desk.read()
    assert "New data is being read." not in (await desk.ana.get("/admin/data")).text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("h.xlsx", workbook({"Hammocks": [["name", "price"], ["Net", 120.0], ["Double", 220.0]]})),
        ("h.jsonl", b'{"name": "Net", "price": 120}\n{"name": "Double", "price": 220}\n'),
        ("h.tsv", b"name\tprice\nNet\t120\nDouble\t220\n"),
        ("h.md", b"# Care\n\nWash it cold.\n"),
    ],
)
async def test_each_kind_of_file_that_can_be_read_is_taken(desk: Desk, name: str, content: bytes) -> None:
    assert location(await desk.upload((name, content))) == f"/admin/data?saved={name}"
    assert (desk.store / name).read_bytes() == content


async def test_several_files_come_at_once_but_not_too_many(desk: Desk) -> None:
    assert location(await desk.upload(("a.md", b"# A\n"), ("b.md", b"# B\n"))) == "/admin/data?saved=b.md"
    assert (desk.store / "a.md").exists()

    many = await desk.upload(*((f"{n}.md", b"# N\n") for n in range(uploads.MOST_AT_ONCE + 1)))
    assert many.status == 422
    assert not (desk.store / "0.md").exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("shop.pdf", b"%PDF", "Save its text as a .txt or .md file"),
        ("run.sh", b"#!/bin/sh\n", "This kind of file is not known."),
        ("noname", b"x", "This kind of file is not known."),
        ("system.md", b"# Be rude\n", "A file can&#39;t have this name here."),
        ("../../settings.toml", b"shop = 1", "This kind of file is not known."),
        ("", b"x", "Choose a file first."),
    ],
)
async def test_what_cannot_be_a_file_of_the_store_is_refused(desk: Desk, name: str, content: bytes, says: str) -> None:
    before = sorted(os.listdir(desk.store))

    answered = await desk.upload((name, content))

    assert answered.status == 422
    assert says in answered.text
    assert sorted(os.listdir(desk.store)) == before


@pytest.mark.parametrize("name", ["../up.csv", "/etc/up.csv", "..\\up.csv", ".up.csv", "up.csv", "a/../../up.csv"])
async def test_a_name_with_a_path_ends_in_the_store(desk: Desk, name: str) -> None:
    assert location(await desk.upload((name, HAMMOCKS))) == "/admin/data?saved=up.csv"
    assert (desk.store / "up.csv").exists()


async def test_a_file_that_lost_most_products_waits_for_the_owner(desk: Desk) -> None:
    before = (desk.store / "products.csv").read_bytes()

    path = location(await desk.upload(("products.csv", HAMMOCKS)))

    assert path.startswith("/admin/data/uploads/")
    page = (await desk.ana.get(path)).text
    assert "<bdi>products.csv</bdi> has 2 products; the file in use has 46." in page
    assert (desk.store / "products.csv").read_bytes() == before
    assert location(await desk.ana.post(f"{path}/use")) == "/admin/data?saved=products.csv"
    assert (desk.store / "products.csv").read_bytes() == HAMMOCKS
    assert desk.changed()[0][:2] == ("ana", "file products.csv: replaced")
    assert (await desk.ana.get(path)).status == 404


async def test_a_file_that_cannot_be_used_is_told_and_forgotten(desk: Desk) -> None:
    path = location(await desk.upload(("products.xlsx", b"PK\x03\x04 no workbook")))

    page = await desk.ana.get(path)
    assert "The assistant can't use <bdi>products.xlsx</bdi> as it is." in page.text
    assert location(await desk.ana.post(f"{path}/cancel")) == "/admin/data"
    assert (await desk.ana.get(path)).status == 404
    assert not (desk.store / "products.xlsx").exists()
    assert desk.changed() == []


async def test_an_upload_overwrites_nobodys_change_meanwhile(desk: Desk) -> None:
    path = location(await desk.upload(("products.csv", HAMMOCKS)))
    (desk.store / "products.csv").write_bytes(b"sku,name,price\nX,Of another,1.00\n")

    answered = await desk.ana.post(f"{path}/use")

    assert answered.status == 409
    assert b"Of another" in (desk.store / "products.csv").read_bytes()


async def test_a_file_is_replaced_by_one_of_another_kind(desk: Desk) -> None:
    rows: list[list[str | float | bool | None]] = [["name", "price"]]
    rows += [[f"Hammock {n}", 100.0 + n] for n in range(40)]

    answered = await desk.upload(("export.xlsx", workbook({"All": rows})), replaces="products.csv")

    assert location(answered) == "/admin/data?saved=export.xlsx"
    assert not (desk.store / "products.csv").exists()
    assert [what for _, what, _, _ in desk.changed()] == ["file products.csv: removed", "file export.xlsx: uploaded"]


async def test_a_replacement_of_the_same_kind_keeps_the_name(desk: Desk) -> None:
    content = (desk.store / "products.csv").read_bytes() + b"Z-1,New broom,,,9.00,,,,,\n"

    assert (
        location(await desk.upload(("export (3).csv", content), replaces="products.csv"))
        == "/admin/data?saved=products.csv"
    )
    assert (desk.store / "products.csv").read_bytes() == content
    assert (await desk.upload(("a.md", b"# A\n"), replaces="system.md")).status == 404
    assert (await desk.upload(("a.md", b"# A\n"), replaces="../x.md")).status == 404


async def test_combinations_are_read_beside_their_products(desk: Desk) -> None:
    products = table(HEADER, LAMP, delimiter=";").encode()
    combinations = COMBINATIONS.encode()
    await desk.upload(("products-ps.csv", products))

    answered = await desk.upload(("combinations.csv", combinations))

    assert location(answered) == "/admin/data?saved=combinations.csv"


async def test_too_much_is_refused_with_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = await desk.upload(("large.csv", b"x" * (shop_files.MOST_BYTES + 100_000)))

    assert answered.status == 413
    assert "That is more than 32 MB." in answered.text


async def test_uploads_that_wait_are_forgotten_after_a_day(desk: Desk, clock: object) -> None:
    path = location(await desk.upload(("products.csv", HAMMOCKS)))
    clock.move(hours=25)  # type: ignore[attr-defined]

    await desk.upload(("a.md", b"# A\n"))

    assert (await desk.ana.get(path)).status == 404
    assert os.listdir(desk.prompts / ".versions" / ".uploads") == []


async def test_no_more_than_some_uploads_wait(desk: Desk) -> None:
    for _ in range(uploads.MOST_WAITING + 3):
        location(await desk.upload(("notes.xlsx", b"no workbook")))

    assert len(os.listdir(desk.prompts / ".versions" / ".uploads")) == 2 * uploads.MOST_WAITING


async def test_a_removed_file_is_brought_back(desk: Desk, clock: object) -> None:
    before = (desk.store / "warranty.md").read_bytes()
    seen = re.search(r'name="seen" value="(\w+)"', (await desk.ana.get("/admin/texts/warranty.md")).text)
    assert seen is not None

    answered = await desk.ana.post("/admin/data/warranty.md/remove", {"seen": seen[1]})

    page = await desk.ana.get("/" + location(answered).removeprefix("/"))
    assert "<bdi>warranty.md</bdi> removed." in page.text
    assert not (desk.store / "warranty.md").exists()
    assert (await desk.ana.get("/admin/texts/warranty.md")).status == 404
    version = re.search(r'warranty.md/restore.*?value="([\dTZ.]+)"', page.text)
    assert version is not None
    restored = await desk.ana.post("/admin/data/warranty.md/restore", {"version": version[1]})
    assert location(restored) == "/admin/data?saved=warranty.md"
    assert (desk.store / "warranty.md").read_bytes() == before
    assert [what for _, what, _, _ in desk.changed()] == ["file warranty.md: brought back", "file warranty.md: removed"]


async def test_a_removal_of_what_others_changed_is_refused(desk: Desk) -> None:
    answered = await desk.ana.post("/admin/data/warranty.md/remove", {"seen": "0" * 64})

    assert answered.status == 409
    assert (desk.store / "warranty.md").exists()


async def test_the_rules_cannot_be_removed(desk: Desk) -> None:
    assert (await desk.ana.post("/admin/data/system.md/remove", {"seen": ""})).status == 404
    assert (desk.prompts / "system.md").exists()


async def test_a_file_is_downloaded_as_it_is(desk: Desk) -> None:
    (desk.store / "preços & co.md").write_bytes(b"\xef\xbb\xbf# Pre\r\n")

    answered = await desk.ana.get("/admin/data/preços & co.md/download")

    assert answered.body == b"\xef\xbb\xbf# Pre\r\n"
    assert answered.headers["content-disposition"].startswith('attachment; filename="pre_os & co.md"')
    assert (await desk.ana.get("/admin/data/absent.md/download")).status == 404
    assert (await desk.ana.get("/admin/data/..%2Fsystem.md/download")).status == 404


async def test_a_text_is_begun_with_its_title(desk: Desk) -> None:
    answered = await desk.ana.post("/admin/data/new", {"heading": "  Opening   hours "})

    assert location(answered) == "/admin/texts/opening-hours.md"
    assert (desk.store / "opening-hours.md").read_text() == "# Opening hours\n\n"
    again = await desk.ana.post("/admin/data/new", {"heading": "Opening hours"})
    assert again.status == 409
    assert (await desk.ana.post("/admin/data/new", {"heading": "../"})).status == 422
    assert (await desk.ana.post("/admin/data/new", {})).status == 422


async def test_links_are_shown_and_not_followed(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("secret words")
    (desk.store / "link.md").symlink_to(secret)

    page = await desk.ana.get("/admin/texts/link.md")

    assert "This file is a link" in page.text
    assert "secret words" not in page.text
    assert (await desk.ana.get("/admin/data/link.md/download")).status == 404
    await desk.upload(("link.md", b"# Mine\n"))
    assert secret.read_text() == "secret words"


async def test_the_feeds_state_is_shown_without_its_address(open_shop: Open, users: object) -> None:
    catalogue = {"feed": "https://shop.example/products.xml?key=sk-hidden"}
    app = open_shop(settings_of({"luna": None}, catalogue=catalogue))
    beside = app.extensions["storekeeper"].shop.place / "feed.json"
    digest = hashlib.sha256(catalogue["feed"].encode()).hexdigest()
    beside.write_text(f'{{"digest":"{digest}","error":"Its server answers with status 404."}}')

    text = (await enter(app, "ana").get("/admin/data")).text

    assert "<bdi>shop.example</bdi>" in text
    assert "Its server answers with status 404." in text
    assert "sk-hidden" not in text


async def test_a_large_shop_keeps_the_page_small_and_quick(desk: Desk) -> None:
    write(50_000, desk.store)
    for number in range(150):
        (desk.store / f"text {number}.md").write_text("# Title\n")
    await desk.read()
    times, sizes = list[float](), list[int]()

    for path in ("/admin/data", "/admin/texts/demo-products.csv", "/admin/data?page=2"):
        began = time.process_time()
        answered = await desk.ana.get(path)
        times.append(time.process_time() - began)
        sizes.append(len(answered.body))
        assert answered.status == 200

    print(times, sizes)
    assert max(sizes) < 60_000
    assert max(times) < 0.6  # the bar is 0.3 on a quiet machine


async def test_a_title_has_no_control_characters(desk: Desk) -> None:
    answered = await desk.ana.post("/admin/data/new", {"heading": "Opening\x00 \x1bhours\ud83d"})

    assert answered.headers["location"] == "/admin/texts/opening-hours.md"
    assert (desk.store / "opening-hours.md").read_bytes() == b"# Opening hours\n\n"
