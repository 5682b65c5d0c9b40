"""Tests of the owner's page to try a question, and of its test questions."""

import asyncio
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from settings import ROOT, Environment
from tests.conftest import enter, settings_for
from tests.support.shop import settings_of

PRICE = {"question": "How much is RED-012?", "must": "R$289.00; RED-012", "must_not": "sold out", "language": "en"}


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns(".*"))
    return msgspec.structs.replace(place, prompts=tmp_path / "prompts")


@pytest.fixture
def by_code(open_shop):
    return enter(open_shop(settings_of({}, chat=["catalogue"], summariser=["catalogue"], currency="BRL")), "ana")


async def test_a_question_is_answered_with_its_reasons(by_code):
    page = (await by_code.post("/admin/try", {"question": "How much is <b>RED-012</b>?", "model": "catalogue"})).text

    assert "R$289.00" in page
    assert "SKU RED012" in page
    assert "How much is &lt;b&gt;RED-012" in page
    assert "<b>RED-012" not in page
    assert "What the checks said" in page


async def test_two_models_stand_side_by_side(ana):
    page = (await ana.post("/admin/try", {"question": "Hello?", "model": "ok", "other": "catalogue"})).text

    assert re.findall(r"<h4>([^<]+)</h4>", page) == ["ok", "Shop information, without a model"]
    assert "Hello world" in page
    assert "What was sent to the model" in page
    assert len(page.encode()) < 60_000


async def test_a_draft_comes_from_the_editor_of_a_text(by_code):
    draft = {"file": "answers.md", "text": "## Do you sell tents?\r\n\r\nNo, <i>never</i>."}
    page = (await by_code.post("/admin/try", draft)).text
    assert "your unsaved changes to answers.md" in page
    assert 'role="alert"' not in page

    page = (await by_code.post("/admin/try", {**draft, "question": "do you sell tents"})).text
    assert "<p>No, &lt;i&gt;never&lt;/i&gt;.</p>" in page
    assert (await by_code.post("/admin/try", {**draft, "question": "x", "file": "../x.md"})).status == 422


async def test_the_editor_of_a_text_leads_to_a_trial_of_it(by_code):
    page = (await by_code.get("/admin/texts/delivery.md")).text

    assert '<button class="quiet" name="file" value="delivery.md" formaction="/admin/try" formtarget="_blank">' in page


async def test_what_cannot_be_asked_is_said_at_the_field(by_code):
    answered = await by_code.post("/admin/try", {"question": "  "})

    assert answered.status == 422
    assert "Write a question first." in answered.text
    assert 'aria-invalid="true"' in answered.text


async def test_a_test_question_is_kept_run_and_removed(by_code, place):
    assert (await by_code.post("/admin/try/tests", PRICE)).status == 303
    await by_code.post("/admin/try/tests", {**PRICE, "question": "Do you sell tents?", "must": "of course"})
    assert "not asked yet" in (await by_code.get("/admin/try")).text

    await by_code.post("/admin/try/run")
    for _ in range(100):
        page = (await by_code.get("/admin/try")).text
        if "Being asked" not in page:
            break
        await asyncio.sleep(0.1)
    assert "1 of 2 failed" in page
    assert "✓ passed" in page
    assert "✗ failed" in page
    assert "Missing: of course" in page

    for key in re.findall(r"/admin/try/tests/(\w+)/remove", page):
        await by_code.post(f"/admin/try/tests/{key}/remove")
    assert (place.prompts / "test-questions.csv").read_text() == "question,must,must_not,language\n"


async def test_a_test_question_without_words_is_refused_and_kept_typed(by_code):
    answered = await by_code.post("/admin/try/tests", {"question": "Why?", "must": " ; "})

    assert answered.status == 422
    assert "Name words that must, or must not, be in the answer." in answered.text
    assert 'value="Why?"' in answered.text


async def test_a_broken_file_is_named_on_the_page(open_shop, upstream, place):
    (place.prompts / "test-questions.csv").write_text("a,b\n<script>,c\n")
    page = (await enter(open_shop(settings_for(upstream, "ok")), "ana").get("/admin/try")).text

    assert "The first line of test-questions.csv has to be" in page
    assert "<script>," not in page
