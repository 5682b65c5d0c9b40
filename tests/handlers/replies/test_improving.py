"""Tests of which questions are noted for the owner, and with which words."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from completions.errors import ErrorDetails, ModelError
from memory.conversations import improvable
from settings import ROOT, Environment
from tests.conftest import enter, replies_of
from tests.support.shop import Scripted, settings_of

READS = {"owner_reads_conversations": True}


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns(".*"))
    return msgspec.structs.replace(place, prompts=tmp_path / "prompts")


def code(**changed: Any):
    return settings_of({}, chat=["catalogue"], summariser=["catalogue"], currency="BRL", **changed)


async def ask(app, *questions):
    bob = enter(app, "bob")
    for question in questions:
        assert (await bob.post("/messages", {"content": question})).status == 303
    return bob


async def found_in(app, users):
    await replies_of(app).close(1)
    return [(one.user, one.reasons, one.question, one.answer) for one in improvable.latest(users, 9)]


async def test_a_question_that_found_nothing_is_noted(open_shop, users):
    app = open_shop(code(**READS))
    await ask(app, "Do you sell bicycles?", "How much is RED-012?", "Thanks!")

    ((user, reasons, question, answer),) = await found_in(app, users)
    assert (user, reasons, question) == ("bob", ("nothing",), "Do you sell bicycles?")
    assert answer.startswith("We found nothing about this")


async def test_no_customers_word_is_kept_where_nobody_may_read_it(open_shop, users):
    app = open_shop(code())
    await ask(app, "Do you sell bicycles?")

    assert await found_in(app, users) == [("bob", ("nothing",), "", "")]
    assert b"bicycles" not in b"".join(file.read_bytes() for file in (users.root / ".questions").iterdir())


async def test_an_own_answer_leaves_nothing_to_improve(open_shop, users, place):
    app = open_shop(code(**READS))
    (place.prompts / "store" / "answers.md").write_text("## Do you sell bikes or bicycles?\n\nNo, only hammocks.\n")
    bob = await ask(app, "do you sell bicycles or bikes?")

    assert await found_in(app, users) == []
    assert "No, only hammocks." in (await bob.get("/")).text


async def test_an_answer_by_code_as_the_last_resort_is_noted(open_shop, users):
    app = open_shop(
        settings_of({"luna": "http://127.0.0.1:9"}, currency="BRL", **READS),
        Scripted([ModelError(ErrorDetails("key_refused"))]),
    )
    await ask(app, "How much is RED-012?")

    ((_, reasons, _, answer),) = await found_in(app, users)
    assert reasons == ("code",)
    assert "RED-012" in answer


async def test_an_answer_that_the_checks_mark_is_noted(open_shop, users):
    app = open_shop(
        settings_of({"luna": "http://127.0.0.1:9"}, currency="BRL", **READS),
        Scripted(["The Rede Casal RED-012 costs R$ 1.00."], ["You're right."]),
    )
    await ask(app, "How much is RED-012?", "yes, please")

    assert [one[1] for one in await found_in(app, users)] == [("checks",)]


async def test_a_rating_is_noted_and_taken_back(shop, users):
    app = shop
    bob = await ask(app, "Hello?")
    reply = (await bob.get("/")).text.partition("/replies/")[2].partition("/")[0]

    for rating, reasons in (("up", []), ("down", [("rated",)]), ("down", [("rated",)]), ("none", [])):
        await bob.post(f"/replies/{reply}/feedback", {"rating": rating})
        assert [one.reasons for one in improvable.latest(users, 9)] == reasons


async def test_a_deleted_conversation_is_noted_no_more(open_shop, users):
    app = open_shop(code(**READS))
    bob = await ask(app, "Do you sell bicycles?")
    while not improvable.latest(users, 9):
        await bob.get("/healthz")

    await bob.post("/conversations/clear")

    assert improvable.latest(users, 9) == []
