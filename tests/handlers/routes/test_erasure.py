"""Erasure: when a conversation is cleared nothing of it comes back, whatever is being written at that moment."""

import asyncio
from pathlib import Path

import pytest

from completions.request import CompletionRequest
from completions.stream import Delta, Finished
from handlers.replies.compaction import Compactor
from memory.conversations.records import Record, print_record
from memory.conversations.turns import NewMessage
from memory.storage.folders import Folder
from memory.storage.users import Users
from tests.conftest import Open, enter, replies_of, services_of
from tests.support.shop import NOON, settings_of

SECRET = "W1234567"


class Gated:
    """Two models that wait in the middle of their work: one that answers, one that summarises; both say the secret."""

    def __init__(self) -> None:
        self.asked = {"answers": asyncio.Event(), "summarises": asyncio.Event()}
        self.may_end = {"answers": asyncio.Event(), "summarises": asyncio.Event()}
        self.ended = list[str]()

    async def stream(self, request: CompletionRequest):
        name = request.model.name
        yield Delta(f"About your order {SECRET}. ")
        self.asked[name].set()
        await self.may_end[name].wait()
        yield Delta(f"Order {SECRET} is on its way.")
        yield Finished("stop")
        self.ended.append(name)


def write_much(folder: Folder) -> None:
    """Write so long a conversation that a compaction is due."""
    said = [
        Record(n, NOON, "user" if n % 2 else "assistant", f"My order is {SECRET}. " + "hammock " * 100)
        for n in range(1, 121)
    ]
    (folder.path / "history.txt").write_bytes(b"".join(print_record(one) for one in said))


def where_it_is(place: Path) -> list[str]:
    return sorted(
        file.name for file in place.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()
    )  # fmt: skip


@pytest.fixture
def models() -> Gated:
    return Gated()


@pytest.fixture
def shop(open_shop: Open, models: Gated):
    return open_shop(
        settings_of({"answers": None, "summarises": None}, chat=["answers"], summariser=["summarises"]), models
    )


@pytest.mark.parametrize("where", ["in this process", "in another process"])
async def test_clearing_during_a_reply_and_compaction_leaves_nothing(
    shop, models: Gated, users: Users, where: str
) -> None:
    ana, folder = enter(shop, "ana"), users.folder("ana")
    write_much(folder)
    compactor = replies_of(shop).compactor if where == "in this process" else Compactor(services_of(shop))
    compactor.after_turn(folder)
    await asyncio.wait_for(models.asked["summarises"].wait(), 10)
    await replies_of(shop).start(folder, NewMessage(f"Where is {SECRET}?"))
    await asyncio.wait_for(models.asked["answers"].wait(), 10)
    async with asyncio.timeout(5):
        while "reply.txt" not in where_it_is(folder.path):
            await asyncio.sleep(0.01)

    answered = await ana.post("/conversations/clear")

    assert answered.status == 303
    assert where_it_is(folder.path) == []
    for gate in models.may_end.values():
        gate.set()
    await compactor.settled(folder)
    await replies_of(shop).compactor.settled(folder)
    assert where_it_is(folder.path) == []
    assert not folder.exists("history.txt")
    assert not folder.exists("summary.txt")
    assert not folder.exists("reply.txt")
    assert models.ended in ([], ["summarises"])


async def test_a_new_conversation_ignores_the_cleared_ones_summary(shop, models: Gated, users: Users) -> None:
    ana, folder = enter(shop, "ana"), users.folder("ana")
    write_much(folder)
    elsewhere = Compactor(services_of(shop))
    elsewhere.after_turn(folder)
    await asyncio.wait_for(models.asked["summarises"].wait(), 10)
    await ana.post("/conversations/clear")
    later = NOON.replace(hour=13)
    said = [Record(n, later, "user", f"Something new {n}: " + "word " * 90) for n in range(1, 121)]
    (folder.path / "history.txt").write_bytes(b"".join(print_record(one) for one in said))

    models.may_end["summarises"].set()
    await elsewhere.settled(folder)

    assert not folder.exists("summary.txt")
    assert where_it_is(folder.path) == []


async def test_the_ledger_of_a_cleared_conversation_holds_no_words(shop, models: Gated, users: Users) -> None:
    ana, folder = enter(shop, "ana"), users.folder("ana")
    for gate in models.may_end.values():
        gate.set()
    asked = await replies_of(shop).start(folder, NewMessage(f"Where is {SECRET}?"))
    await replies_of(shop).until_over(folder, asked.reply_id)

    await ana.post("/conversations/clear")

    assert folder.exists("usage.csv")
    assert where_it_is(folder.path) == []
    page = await ana.get("/")
    assert SECRET not in page.text
