"""Tests of the checks of replies that another process writes or has left: nothing of them is shown unchecked for good."""

import asyncio
import csv
from dataclasses import replace

import pytest

from handlers.replies import examination
from handlers.replies.live import LiveReplies, LiveReply
from handlers.replies.steps import Asked, Replied
from memory.conversations import checked, history, turns
from memory.conversations.records import Checks, Record
from memory.conversations.turns import ContinueReply, NewMessage, Regenerate, ReplyId
from memory.storage.folders import Folder
from memory.storage.layout import CHECKS, HISTORY
from memory.storage.users import Users
from settings import Settings
from shop.claims.values import Claim
from shop.texts import PromptsUnreadable
from tests.conftest import Open, replies_of
from tests.support.shop import NOON, Scripted, settings_of
from tests.support.turns import accept

SETTINGS = settings_of({"luna": None}, currency="BRL")
SEARCHED = settings_of({"luna": None}, currency="BRL", catalogue={"whole_tokens": 200})
QUESTION = NewMessage("How much is the double hammock?", after=0)
WRONG = "The Rede Casal double hammock costs R$ 279.00. We have 9 in stock. Sha"
FIRST = ReplyId(2, NOON)


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


def left_by_a_dead_process(folder: Folder, text: str = WRONG) -> None:
    taken = accept(folder, QUESTION, NOON, 0)
    assert isinstance(taken, turns.Accepted)
    taken.spool.head(Record(2, NOON, "assistant", "", "luna"))
    taken.spool.add(text)
    taken.spool.flush()
    taken.spool.close()
    taken.lock.release()  # as the kernel does for a killed process


def found_in(folder: Folder) -> list[str]:
    return [claim.verdict for claim in checked.of(folder, since=NOON)[2]]


@pytest.mark.parametrize("settings", [SETTINGS, SEARCHED], ids=["a small shop", "a searched shop"])
async def test_a_recovered_reply_has_its_claims(open_shop: Open, users: Users, ana: Folder, settings: Settings) -> None:
    left_by_a_dead_process(ana)
    replies = replies_of(open_shop(settings, Scripted()))

    assert await replies.answering(ana) is None

    (kept,) = (one.record for one in history.backwards(ana) if one.record.number == 2)
    assert (kept.ending, kept.checks) == ("interrupted", Checks(1, 1, 0))
    assert found_in(ana) == ["contradicted", "supported"]
    (line,) = csv.DictReader((users.root / ".checks" / f"{NOON:%Y-%m-%d}.csv").read_text().splitlines())
    assert (line["user"], line["number"], line["verdict"]) == ("ana", "2", "contradicted")


@pytest.mark.parametrize("wish", [ContinueReply(), Regenerate(), NewMessage("And the single one?")])
async def test_what_the_next_turn_recovers_is_checked_too(open_shop: Open, ana: Folder, wish: turns.Action) -> None:
    left_by_a_dead_process(ana)
    replies = replies_of(open_shop(SETTINGS, Scripted(["Hello."])))

    await replies.start(ana, wish)

    assert found_in(ana) == ["contradicted", "supported"]


async def test_a_prompt_that_cannot_be_made_costs_the_checks_alone(
    open_shop: Open, ana: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PromptsUnreadable("no template")

    left_by_a_dead_process(ana)
    monkeypatch.setattr(examination, "build_context", fail)

    assert await replies_of(open_shop(SETTINGS, Scripted())).answering(ana) is None

    assert b"R$ 279.00" in ana.read(HISTORY)
    assert b"checks=" not in ana.read(HISTORY)


async def _followed(here: LiveReplies, there: LiveReplies, folder: Folder) -> LiveReply:
    asked = await here.start(folder, QUESTION)
    assert isinstance(asked, Asked)
    found = await there.find(folder, asked.reply_id)
    assert isinstance(found, LiveReply)
    return found


async def test_a_reply_of_another_process_has_marks_while_it_comes(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    here = replies_of(open_shop(SETTINGS, Scripted([WRONG, gate, "ll I go on?"])))
    there = replies_of(open_shop(SETTINGS, Scripted()))
    reply = await _followed(here, there, ana)

    async with asyncio.timeout(5):
        while not reply.claims:
            await reply.changed(reply.version)
    seen = [claim.verdict for claim in reply.claims]
    gate.set()
    async with asyncio.timeout(5):
        await there.until_over(ana, FIRST)

    assert seen == ["contradicted", "supported"]
    assert isinstance(reply.end, Replied)
    assert reply.end.record.checks == Checks(1, 1, 0)
    assert found_in(ana) == seen


def test_whoever_reads_a_record_finds_its_claims(ana: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = accept(ana, QUESTION, NOON, 0)
    assert isinstance(taken, turns.Accepted)
    order, append = list[str](), Folder.append

    def note(folder: Folder, name: str, data: bytes, *, on_own_line: bool = False) -> tuple[int, int]:
        order.append(name)
        return append(folder, name, data, on_own_line=on_own_line)

    monkeypatch.setattr(Folder, "append", note)
    taken.spool.add("It is R$ 1.")
    turns.finish(taken, NOON, "stop", "luna", None, claims=[Claim("price", "R$ 1", 6, 10)])
    taken.lock.release()

    assert order == [CHECKS, HISTORY]


def test_claims_of_a_reply_that_was_not_kept_stand_for_none(ana: Folder) -> None:
    lost = Record(2, NOON, "assistant", "It is R$ 1.", "luna", "stop", checks=Checks(0, 0, 1))
    checked.note(ana, lost, [Claim("price", "R$ 1", 6, 10)])
    checked.note(ana, replace(lost, text="It is R$ 2."), [Claim("price", "R$ 2", 6, 10)])

    assert [claim.text for claim in checked.of(ana, since=NOON)[2]] == ["R$ 2"]
