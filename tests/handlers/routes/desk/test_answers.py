"""Tests of the owner's page of answers: a customer's next question gets what it says."""

import shutil
from pathlib import Path

import msgspec
import pytest

from settings import ROOT, Environment
from tests.conftest import enter, replies_of
from tests.support.shop import settings_of

QUESTION = "Do you sell <b>tents</b>?"


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns(".*"))
    return msgspec.structs.replace(place, prompts=tmp_path / "prompts")


@pytest.fixture
def shop(open_shop):
    reads = {"owner_reads_conversations": True, "currency": "BRL"}
    return open_shop(settings_of({}, chat=["catalogue"], summariser=["catalogue"], **reads))


async def test_an_owners_answer_is_a_customers_next_answer(shop, ana):
    bob = enter(shop, "bob")
    await bob.post("/messages", {"content": QUESTION})
    await replies_of(shop).close(1)

    page = (await ana.get("/admin/answers")).text
    assert "Do you sell &lt;b&gt;tents&lt;/b&gt;?" in page
    assert "<b>tents" not in page
    assert "Found nothing" in page
    assert "1 customer" in page

    saved = await ana.post("/admin/answers", {"question": QUESTION, "answer": "No, only <i>hammocks</i>."})
    assert (saved.status, saved.headers["location"]) == (303, "/admin/answers?done=saved#own")
    page = (await ana.get("/admin/answers?done=saved")).text
    assert "Nothing to improve right now." in page
    assert "Saved. Customers get this answer" in page
    assert "No, only &lt;i&gt;hammocks" in page


async def test_the_next_question_gets_the_answer(shop, ana):
    await ana.post("/admin/answers", {"question": "Do you sell tents?", "answer": "No, only hammocks."})
    bob = enter(shop, "bob")
    await bob.post("/messages", {"content": "hello, do you sell any tent?"})

    assert "No, only hammocks." in (await bob.get("/")).text


async def test_what_was_typed_is_kept_with_the_problem(ana):
    answered = await ana.post("/admin/answers", {"question": "Do you sell tents?", "answer": "  "})

    assert answered.status == 422
    assert 'value="Do you sell tents?"' in answered.text
    assert "Write both the question and the answer." in answered.text
    assert 'aria-invalid="true"' in answered.text


async def test_an_answer_that_changed_meanwhile_is_not_overwritten(ana):
    answered = await ana.post("/admin/answers/0123456789abcdef/edit", {"question": "Why?", "answer": "Because."})

    assert answered.status == 422
    assert "Somebody has changed this answer" in answered.text
    assert "Because.</textarea>" in answered.text


async def test_an_answer_is_edited_and_removed(ana, place):
    await ana.post("/admin/answers", {"question": "Do you sell tents?", "answer": "No."})
    key = (await ana.get("/admin/answers")).text.partition("/admin/answers/")[2].partition("/")[0]
    await ana.post(f"/admin/answers/{key}/edit", {"question": "Do you sell tents?", "answer": "Not yet."})
    text = (await ana.get("/admin/answers")).text
    assert "Not yet." in text

    key = text.partition('action="/admin/answers/')[2].partition("/")[0]
    await ana.post(f"/admin/answers/{key}/remove")
    assert "Not yet." not in (place.prompts / "store" / "answers.md").read_text()


async def test_a_group_is_dismissed_and_shown_again(shop, ana):
    await enter(shop, "bob").post("/messages", {"content": "Do you sell tents?"})
    await replies_of(shop).close(1)
    group = (await ana.get("/admin/answers")).text.partition('name="group" value="')[2].partition('"')[0]

    await ana.post("/admin/answers/dismiss", {"group": group})
    page = (await ana.get("/admin/answers?done=dismissed")).text
    assert "Nothing to improve right now." in page
    assert "/admin/answers/restore" in page
    await ana.post("/admin/answers/restore", {"group": group})
    assert "Nothing to improve right now." not in (await ana.get("/admin/answers")).text
    assert (await ana.post("/admin/answers/dismiss", {"group": "<x>"})).status == 400


async def test_without_leave_to_read_only_counts_are_shown(open_shop):
    app = open_shop(settings_of({}, chat=["catalogue"], summariser=["catalogue"]))
    await enter(app, "bob").post("/messages", {"content": "Do you sell tents?"})
    await replies_of(app).close(1)
    page = (await enter(app, "ana").get("/admin/answers")).text

    assert "tents" not in page
    assert "Found nothing: 1" in page
    assert "Owners can read conversations" in page
