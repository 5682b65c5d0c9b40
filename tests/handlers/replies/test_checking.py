"""Tests of an answer's checks as a turn makes them: what is kept with the reply, and what never loses one."""

import csv
import json
import threading
from typing import Any

import pytest

from completions.stream import Finished
from handlers.replies.checking import Checking
from handlers.replies.pacing import Stop
from handlers.replies.turn import Replied, Wrote, run_turn
from handlers.services import Services
from memory.conversations import turns
from memory.conversations.records import Checks, Record
from memory.conversations.turns import Action, ContinueReply, NewMessage, Regenerate
from memory.people import deletion
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import CHECKS
from memory.storage.users import Users
from shop.checks import Checked, Checker
from shop.claims.values import Evidence
from shop.products import Product
from tests.conftest import Open, services_of
from tests.support.shop import Scripted, settings_of

WRONG = "The Rede Casal (RED-012) costs R$ 279.00. We have 9 in stock.\n"
QUESTION = NewMessage("How much is RED-012?", after=0)


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


def shop_saying(open_shop: Open, *answers: str) -> Services:
    """Return a shop whose model says these answers, one after the other, word by word."""
    scripts = [[f"{word} " for word in answer.split(" ")] for answer in answers]
    return services_of(open_shop(settings_of({"luna": None}, currency="BRL"), Scripted(*scripts)))


async def reply(shared: Services, folder: Folder, wish: Action = QUESTION) -> Record:
    steps = [step async for step in run_turn(shared, folder, wish, Stop())]
    assert isinstance(steps[-1], Replied), steps[-1]
    return steps[-1].record


def lines(folder: Folder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.read(CHECKS).splitlines()]


async def test_a_reply_is_kept_with_what_its_claims_were(open_shop: Open, ana: Folder) -> None:
    shared = shop_saying(open_shop, WRONG)

    record = await reply(shared, ana)

    assert record.checks == Checks(2, 1, 0)
    assert b" checks=2/1/0\n" in ana.read("history.txt")
    assert "R$ 279.00" in record.text
    (line,) = lines(ana)
    assert (line["number"], line["time"]) == (2, "2026-11-23T12:00:00Z")
    sku, price, stock = line["claims"]
    assert (sku["kind"], sku["text"], sku["verdict"]) == ("sku", "RED-012", "supported")
    assert list(price) == ["kind", "text", "about", "verdict", "source", "true"]
    assert (price["kind"], price["about"], price["verdict"]) == ("price", "RED-012", "contradicted")
    assert "289" in price["true"]
    assert price["source"].startswith("products.csv:")
    assert (stock["kind"], stock["verdict"], stock["true"]) == ("stock", "supported", None)
    assert [
        record.text[at:].startswith(claim["text"]) for at, claim in zip(line["at"], (sku, price, stock), strict=True)
    ] == [True] * 3


async def test_a_reply_without_a_claim_has_no_checks(open_shop: Open, ana: Folder) -> None:
    record = await reply(shop_saying(open_shop, "Hello! How can I help?"), ana)

    assert record.checks is None
    assert b"checks=" not in ana.read("history.txt")
    assert not ana.exists(CHECKS)


async def test_a_full_disk_never_loses_a_reply_for_its_checks(
    open_shop: Open, ana: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, append = shop_saying(open_shop, WRONG), Folder.append

    def refuse(folder: Folder, name: str, *rest: Any, **more: Any) -> tuple[int, int]:
        if name == CHECKS or (name.endswith(".csv") and folder.name == ".checks"):
            raise StorageError("No.")
        return append(folder, name, *rest, **more)

    monkeypatch.setattr(Folder, "append", refuse)

    record = await reply(shared, ana)

    assert (record.ending, record.text.strip()) == ("stop", WRONG.strip())
    assert not ana.exists(CHECKS)


async def test_a_checker_that_fails_costs_the_marks_alone(
    open_shop: Open, ana: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(Checker, "add", fail)

    record = await reply(shop_saying(open_shop, WRONG), ana)

    assert (record.ending, record.checks) == ("stop", None)


async def test_wrong_claims_are_lines_for_the_owner(open_shop: Open, ana: Folder, users: Users) -> None:
    await reply(shop_saying(open_shop, WRONG), ana)

    (line,) = csv.DictReader((users.root / ".checks" / "2026-11-23.csv").read_text().splitlines())
    assert list(line) == ["time", "user", "number", "kind", "text", "verdict", "true", "source"]
    assert (line["user"], line["number"], line["kind"], line["verdict"]) == ("ana", "2", "price", "contradicted")
    assert deletion.delete(users, ana)
    assert "ana" not in (users.root / ".checks" / "2026-11-23.csv").read_text()


async def test_a_version_taken_back_keeps_what_was_found(open_shop: Open, ana: Folder) -> None:
    shared = shop_saying(open_shop, WRONG, "It costs R$ 289.00.")
    await reply(shared, ana)
    again = await reply(shared, ana, Regenerate())

    taken = turns.take(ana, 2, shared.now())

    assert (again.checks, taken.checks) == (Checks(1, 0, 0), Checks(2, 1, 0))
    assert [(line["number"], len(line["claims"])) for line in lines(ana)] == [(2, 3), (3, 1), (4, 3)]
    assert lines(ana)[2]["claims"] == lines(ana)[0]["claims"]


async def test_a_continued_reply_is_checked_from_its_beginning(open_shop: Open, ana: Folder) -> None:
    cut = Scripted(["The RED-012 costs R$ 279.00. And ", Finished("length")], ["we have 9 in stock."])
    shared = services_of(open_shop(settings_of({"luna": None}, currency="BRL"), cut))
    first = await reply(shared, ana)

    record = await reply(shared, ana, ContinueReply())

    assert (first.checks, record.checks) == (Checks(1, 1, 0), Checks(2, 1, 0))


def test_words_that_are_taken_back_leave_no_claim() -> None:
    evidence = Evidence((Product("Rede", "RED-012", price=28900, file="products.csv", line=3),), currency="BRL")
    checking = Checking(lambda: evidence)
    checking.read("RED-012 costs R$ 1.00. ")
    assert [claim.verdict for claim in checking.claims] == ["supported", "contradicted"]

    assert checking.finish("") == ()
    assert [claim.verdict for claim in checking.finish("RED-012 costs R$ 289.00.")] == ["supported", "supported"]


async def test_only_evidence_and_long_texts_take_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    on_loop, add = list[bool](), Checker.add

    def noted(checker: Checker, text: str) -> tuple[Checked, ...]:
        on_loop.append(threading.current_thread() is threading.main_thread())
        return add(checker, text)

    monkeypatch.setattr(Checker, "add", noted)
    checking, text = Checking(lambda: Evidence()), ""
    for words in ("It is green. ", "It is blue. ", "It is red. " * 20, "It is black. "):
        text += words
        await checking.follow(text)

    assert on_loop == [False, True, False, True]


async def test_claims_come_with_the_words_that_end_their_sentence(open_shop: Open, ana: Folder) -> None:
    shared = shop_saying(open_shop, "The RED-012 costs R$ 279.00. It comes in blue, natural and green.")

    steps = [step async for step in run_turn(shared, ana, QUESTION, Stop()) if isinstance(step, Wrote)]

    for step in steps:
        assert [one.verdict for one in step.claims] == (["supported", "contradicted"] if ". " in step.text else [])
    assert any(step.claims for step in steps)
