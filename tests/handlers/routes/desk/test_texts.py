"""Tests of the owner's page of one text: checked before it is saved, previewed, compared, restored, never overwritten."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from handlers.desk import text_checks
from settings import Environment
from shop.editing import versions
from shop.editing.versions import digest_of
from tests.conftest import Open
from tests.support.desk import Desk, copied_prompts, open_desk
from tests.support.shop import Answered


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


def seen_on(answered: Answered) -> str:
    """Return the digest that the editor of a page sends along."""
    found = re.search(r'</textarea>.*?name="seen" value="(\w*)"', answered.text, re.S)
    assert found is not None, answered.text
    return found[1]


async def test_a_text_is_edited_and_the_earlier_version_kept(desk: Desk) -> None:
    path = desk.store / "returns.md"
    before = path.read_text()
    page = await desk.ana.get("/admin/texts/returns.md")

    answered = await desk.save("returns.md", before.replace("\n", "\r\n") + "\r\nNo fee.\r\n", seen_on(page))

    assert location(answered) == "/admin/texts/returns.md?saved=1"
    assert path.read_text() == f"{before.rstrip()}\n\nNo fee.\n"
    page = await desk.ana.get("/admin/texts/returns.md?saved=1")
    assert "Saved. The assistant uses it in a few seconds." in page.text
    assert desk.changed() == [("ana", "file returns.md: edited", "", "No fee.")]
    (version,) = versions.earlier(versions.editable(desk.prompts, path))
    compared = await desk.ana.get(f"/admin/texts/returns.md/versions/{version.name}")
    assert "<ins>+ No fee.</ins>" in compared.text


async def test_an_earlier_version_is_restored_with_one_click(desk: Desk) -> None:
    path = desk.store / "returns.md"
    before = path.read_bytes()
    await desk.save("returns.md", "All sales are final.", digest_of(before))
    page = await desk.ana.get("/admin/texts/returns.md")
    found = re.search(
        r'returns.md/restore.*?name="version" value="([\w.]+)".*?name="seen" value="(\w+)"', page.text, re.S
    )
    assert found is not None

    answered = await desk.ana.post("/admin/texts/returns.md/restore", {"version": found[1], "seen": found[2]})

    assert location(answered) == "/admin/texts/returns.md?saved=1"
    assert path.read_bytes() == before
    assert desk.changed()[0][1] == "file returns.md: earlier version restored"
    assert len(versions.earlier(versions.editable(desk.prompts, path))) == 2


async def test_the_second_of_two_editors_sees_both_texts(desk: Desk) -> None:
    path = desk.store / "returns.md"
    seen = digest_of(path.read_bytes())
    await desk.save("returns.md", "The first one's words.", seen)

    answered = await desk.save("returns.md", "The second one's words.", seen)

    assert answered.status == 409
    assert path.read_text() == "The first one's words.\n"
    assert "Somebody else changed this file in the meantime." in answered.text
    assert '<pre tabindex="0">The first one&#39;s words.' in answered.text
    assert "The second one&#39;s words.\n</textarea>" in answered.text
    again = await desk.save("returns.md", "The second one's words.", seen_on(answered))
    assert location(again) == "/admin/texts/returns.md?saved=1"
    assert path.read_text() == "The second one's words.\n"


async def test_a_restore_overwrites_nobodys_change(desk: Desk) -> None:
    path = desk.store / "returns.md"
    seen = digest_of(path.read_bytes())
    await desk.save("returns.md", "One.", seen)
    (version,) = versions.earlier(versions.editable(desk.prompts, path))

    answered = await desk.ana.post("/admin/texts/returns.md/restore", {"version": version.name, "seen": seen})

    assert answered.status == 409
    assert path.read_text() == "One.\n"


async def test_a_text_that_is_not_changed_makes_no_version(desk: Desk) -> None:
    path = desk.store / "returns.md"
    path.write_bytes(path.read_bytes().rstrip() + b"\n\n")

    answered = await desk.save("returns.md", path.read_text(), digest_of(path.read_bytes()))

    assert location(answered) == "/admin/texts/returns.md"
    assert desk.changed() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Be kind. {{ summary }} {{ history }}", "The rules must keep {{ store }}"),
        ("{{ store }} {% if summary %}", "The rules can&#39;t be used like this."),
        ("{{ store }} {{ summary }} {{ history }} {{ shop }}", "&#39;shop&#39; is undefined"),
        ("{{ store.__class__ }} {{ store }} {{ summary }} {{ history }}", "The rules can&#39;t be used like this."),
        ("{% for a in range(999999999) %}x{% endfor %}{{ store }}{{ summary }}{{ history }}", "more than 10,000 turns"),
        ("{{ store }} {{ summary }} {{ history }}" + "x" * 20_000, "at most 20,000 characters"),
        ("", "The rules must keep {{ store }}, {{ summary }}, {{ history }}"),
    ],
)
async def test_rules_that_cannot_be_used_are_not_saved(desk: Desk, text: str, says: str) -> None:
    before = (desk.prompts / "system.md").read_bytes()

    answered = await desk.save("system.md", text, digest_of(before))

    assert answered.status == 422
    assert says in answered.text
    assert 'aria-invalid="true"' in answered.text
    assert (desk.prompts / "system.md").read_bytes() == before


async def test_rules_that_can_be_used_are_saved_and_used(desk: Desk) -> None:
    before = (desk.prompts / "system.md").read_text()

    answered = await desk.save("system.md", f"Speak like a sailor.\n{before}", digest_of(before.encode()))

    assert location(answered) == "/admin/texts/system.md?saved=1"
    assert "Speak like a sailor." in (await desk.ana.get("/prompt")).text


async def test_rules_are_not_restored_where_they_are_broken(desk: Desk) -> None:
    path = desk.prompts / "system.md"
    good = path.read_bytes()
    path.write_text("{{ broken")
    await desk.save("system.md", good.decode(), digest_of(b"{{ broken"))
    (version,) = versions.earlier(versions.editable(desk.prompts, path))

    answered = await desk.ana.post("/admin/texts/system.md/restore", {"version": version.name, "seen": digest_of(good)})

    assert answered.status == 422
    assert path.read_bytes() == good


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rede, redinha\nalone\n", "Line 2 has one word only."),
        ("rede, redinha\nnet, rede\n", "“rede” is in lines 1 and 2."),
        ("a, " + "x" * 61, "Line 1 is too long"),
        (", ".join(map(str, range(31))), "Line 1 is too long"),
        ("\n".join(f"a{n}, b{n}" for n in range(1_001)), "There can be at most 1,000 groups."),
    ],
)
async def test_groups_that_are_none_are_not_saved(desk: Desk, text: str, says: str) -> None:
    answered = await desk.save("synonyms.csv", text, "")

    assert answered.status == 422
    assert says in answered.text
    assert not (desk.prompts / "synonyms.csv").exists()


async def test_synonyms_begin_empty_and_are_saved(desk: Desk) -> None:
    page = await desk.ana.get("/admin/texts/synonyms.csv")

    answered = await desk.save("synonyms.csv", "rede, redinha\n\nnet; mesh, fabric\n", seen_on(page))

    assert location(answered) == "/admin/texts/synonyms.csv?saved=1"
    assert (desk.prompts / "synonyms.csv").read_text() == "rede, redinha\n\nnet; mesh, fabric\n"


async def test_a_preview_shows_the_text_and_saves_nothing(desk: Desk) -> None:
    before = (desk.store / "returns.md").read_bytes()
    seen = digest_of(before)

    page = await desk.save("returns.md", "# New\n\n**30 days** <script>alert(1)</script>", seen, action="preview")

    assert page.status == 200
    assert "<strong>30 days</strong>" in page.text
    assert "<script>alert" not in page.text
    assert seen_on(page) == seen
    assert (desk.store / "returns.md").read_bytes() == before
    assert desk.changed() == []


@pytest.mark.parametrize(
    ("name", "text", "shows"),
    [
        ("system.md", "Hi. {{ store }} {{ summary }} {{ history }}", "Hi. [store] [summary] [history]"),
        ("summarise.md", "{{ conversation }} in {{ words }} words", "[conversation] in 200 words"),
        ("synonyms.csv", "rede, redinha", "rede = redinha"),
        ("products.csv", "sku,name,price\nH-1,Net,120.00\n" * 1, "R$"),
    ],
)
async def test_each_kind_of_text_has_its_preview(desk: Desk, name: str, text: str, shows: str) -> None:
    page = await desk.save(name, text, "x", action="preview")

    assert page.status == 200
    assert shows in page.text


async def test_a_table_that_loses_its_products_asks_first(desk: Desk) -> None:
    path = desk.store / "products.csv"
    before = path.read_bytes()

    answered = await desk.save("products.csv", "Notes of ours\n", digest_of(before))

    assert answered.status == 422
    assert "No products would be left" in answered.text
    assert 'name="anyway"' in answered.text
    assert path.read_bytes() == before
    few = await desk.save("products.csv", "sku,name,price\nH-1,Net,120.00\n", digest_of(before))
    assert "Only 1 of 46 products would be left." in few.text
    saved = await desk.save("products.csv", "Notes of ours\n", digest_of(before), anyway="1")
    assert location(saved) == "/admin/texts/products.csv?saved=1"


async def test_a_table_keeps_its_line_ends_and_its_mark(desk: Desk) -> None:
    path = desk.store / "few.csv"
    path.write_bytes(b"\xef\xbb\xbfname,price\r\nNet,120\r\n")

    await desk.save("few.csv", "name,price\nNet,130\n", digest_of(path.read_bytes()))

    assert path.read_bytes() == b"\xef\xbb\xbfname,price\r\nNet,130\r\n"


async def test_what_is_typed_stays_where_the_disk_takes_nothing(desk: Desk) -> None:
    (desk.prompts / ".versions").write_text("in the way")
    seen = digest_of((desk.store / "returns.md").read_bytes())

    answered = await desk.save("returns.md", "Typed with care.", seen)

    assert answered.status == 503
    assert "Typed with care." in answered.text


@pytest.mark.parametrize(
    "name",
    [
        "absent.md",
        ".env",
        "settings.toml",
        "..",
        "%2e%2e",
        "a\\b.md",
        ".versions",
        "~$x.csv",
        "x.md~",
        "con\x00.md",
        "test-questions.csv",
    ],
)
async def test_other_names_are_nothing(desk: Desk, name: str) -> None:
    assert (await desk.ana.get(f"/admin/texts/{name}")).status == 404
    assert (await desk.ana.post(f"/admin/texts/{name}", {"text": "x", "seen": ""})).status in (404, 422)
    assert not (desk.store / name).is_file()


async def test_a_name_with_markup_is_text(desk: Desk) -> None:
    (desk.store / "a & b's.md").write_text("# </textarea><script>alert(1)</script>\n")

    page = await desk.ana.get("/admin/texts/a & b's.md")

    assert "<script>alert" not in page.text
    assert "a &amp; b&#39;s.md" in page.text


async def test_a_workbook_is_shown_by_its_first_products(desk: Desk) -> None:
    rows = "".join(f"P-{n},Product {n},{n}.00,{'x' * 900}\n" for n in range(1, 60))
    (desk.store / "large.csv").write_text(f"sku,name,price,description\n{rows}")
    await desk.read()

    page = await desk.ana.get("/admin/texts/large.csv")

    assert "<textarea" not in page.text
    assert re.findall(r"<bdi>P-(\d+)</bdi>", page.text) == [str(n) for n in range(1, 21)]
    assert "Too large to edit here." in page.text
    refused = await desk.save("large.csv", "x", digest_of((desk.store / "large.csv").read_bytes()))
    assert refused.status == 409


async def test_the_largest_text_that_is_edited_keeps_the_page_small(desk: Desk) -> None:
    text = "é" * (text_checks.MOST_CHARS - 1)
    seen = digest_of((desk.store / "returns.md").read_bytes())
    await desk.save("returns.md", "Another's.\n" + "x" * (text_checks.MOST_CHARS - 100), seen)

    conflict = await desk.save("returns.md", text, seen)
    too_long = await desk.save("returns.md", f"{text}é", seen)

    assert conflict.status == 409
    assert len(conflict.text) < 60_000
    assert too_long.status == 422
    assert "Up to 24,000 characters can be edited here." in too_long.text


async def test_versions_are_swept_when_a_text_is_saved(desk: Desk) -> None:
    path = desk.store / "returns.md"
    kept = desk.prompts / ".versions" / "returns.md"
    kept.mkdir(parents=True)
    for number in range(versions.KEPT_COUNT + 20):
        (kept / f"20200101T000000.{number:06}Z").write_bytes(b"old")

    await desk.save("returns.md", "New.", digest_of(path.read_bytes()))

    assert len(list(kept.iterdir())) == versions.KEPT_COUNT
