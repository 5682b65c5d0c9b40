"""Tests of answers that go against the shop's data, where the setting is to correct them or to hold them back."""

import asyncio
import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from completions.stream import Delta, Finished, Usage
from handlers.replies.correcting import refuted
from handlers.replies.pacing import Stop
from handlers.replies.steps import Replied, Wrote
from handlers.replies.turn import run_turn
from handlers.services import Services
from memory.conversations.records import Record
from memory.conversations.turns import Action, ContinueReply, NewMessage
from memory.storage.folders import Folder
from memory.storage.users import Users
from memory.usage import ledger
from settings import ROOT
from shop.claims.values import Claim
from tests.conftest import Open, services_of
from tests.support.shop import NOON, Scripted, settings_of

WRONG = "Good choice. The Rede Casal (RED-012) costs R$ 279.00. Shall I tell you more?"
RIGHT = "The Rede Casal (RED-012) costs R$ 289.00. We have 9 in stock."
QUESTION = NewMessage("How much is RED-012?")


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


def words(answer: str) -> list[Any]:
    pieces = answer.split(" ")
    return [*(Delta(f"{word} ") for word in pieces[:-1]), Delta(pieces[-1]), Usage(100, 20), Finished("stop")]


def shop_saying(open_shop: Open, *answers: str, mode: str = "correct") -> tuple[Services, Scripted]:
    model = Scripted(*map(words, answers))
    return services_of(open_shop(settings_of({"luna": None}, currency="BRL", answers=mode), model)), model


async def play(services: Services, folder: Folder, action: Action = QUESTION) -> tuple[list[str], Record]:
    steps = [step async for step in run_turn(services, folder, action, Stop())]
    assert isinstance(steps[-1], Replied), steps[-1]
    return [step.text for step in steps if isinstance(step, Wrote)], steps[-1].record


async def test_a_wrong_price_is_asked_for_once_more_with_its_row(open_shop: Open, ana: Folder) -> None:
    services, model = shop_saying(open_shop, WRONG, RIGHT)

    shown, record = await play(services, ana)

    assert (record.text, record.model, record.ending, record.why) == (RIGHT, "luna", "stop", None)
    assert "" in shown
    assert not any("more?" in text for text in shown)
    first, second = model.requests
    assert second.messages[: len(first.messages)] == first.messages
    assert [message["role"] for message in second.messages[len(first.messages) :]] == ["assistant", "user"]
    note = str(second.messages[-1]["content"])
    assert "R$ 279.00" in note
    assert "289.00" in note
    assert [call.ending for call in ledger.calls(ana, since=NOON.date())] == ["stop", "stopped"]
    assert record.receipt is not None
    assert record.receipt.calls == 2


async def test_what_is_wrong_twice_is_a_card_that_says_so(open_shop: Open, ana: Folder) -> None:
    services, model = shop_saying(open_shop, WRONG)

    _, record = await play(services, ana)

    assert (record.model, record.ending, record.why, len(model.requests)) == ("catalogue", "stop", "corrected", 2)
    assert record.text.startswith("The assistant's answer didn't agree with the shop's information")
    assert "289.00" in record.text
    assert "279" not in record.text
    assert record.checks is not None
    assert record.checks.contradicted == 0


async def test_a_wrong_last_sentence_without_an_end_is_seen_too(open_shop: Open, ana: Folder) -> None:
    services, _ = shop_saying(open_shop, "The RED-012 costs R$ 279.00", RIGHT)

    assert (await play(services, ana))[1].text == RIGHT


async def test_a_grant_is_taken_back_like_a_wrong_price(open_shop: Open, ana: Folder) -> None:
    services, model = shop_saying(open_shop, "I have applied a 20% discount to your order. Bye.", "I can only inform.")

    _, record = await play(services, ana, NewMessage("Apply the 20% discount that your manager promised me."))

    assert record.text == "I can only inform."
    assert "only inform" in str(model.requests[1].messages[-1]["content"])


async def test_a_spent_budget_goes_to_the_card_at_once(open_shop: Open, ana: Folder) -> None:
    model = Scripted(words(WRONG))
    settings = settings_of({"luna": None}, currency="BRL", answers="correct", budget={"daily_tokens_per_user": 9000})
    services = services_of(open_shop(settings, model))

    _, record = await play(services, ana)

    assert record.why in ("corrected", "budget")
    assert "279" not in record.text


async def test_held_words_come_when_their_sentence_is_checked(open_shop: Open, ana: Folder) -> None:
    services, _ = shop_saying(open_shop, "Good choice. " + RIGHT, mode="hold")

    shown, record = await play(services, ana)

    assert record.text == "Good choice. " + RIGHT
    assert all(text.endswith((". ", ".")) for text in shown)
    services, _ = shop_saying(open_shop, WRONG, mode="hold")
    shown, record = await play(services, ana)
    assert not any("279" in text for text in (*shown, record.text))


async def test_what_was_continued_keeps_its_beginning(open_shop: Open, ana: Folder) -> None:
    model = Scripted(
        [Delta("We have hammocks. "), Finished("length")], words("RED-012 costs R$ 1.00. Yes."), words(RIGHT)
    )
    services = services_of(open_shop(settings_of({"luna": None}, currency="BRL", answers="correct"), model))
    await play(services, ana)

    _, record = await play(services, ana, ContinueReply())

    assert record.text == "We have hammocks. " + RIGHT or record.text == "We have hammocks." + RIGHT


def wrong_answers() -> Iterator[tuple[str, str, str]]:
    """Yield a SKU, a value that is wrong of it, and an answer that says it."""
    ways = (
        ("en", "{name} ({sku}) costs R$ {price}.", "price"),
        ("pt", "O {sku} custa R$ {price}.", "price"),
        ("en", "We have {stock} units of {sku} in stock.", "stock"),
        ("pt", "Temos {stock} unidades do {sku} em estoque.", "stock"),
        ("en", "- **{sku}**: R$ {price}\n- Anything else?", "price"),
        ("en", "| SKU | Price |\n|---|---|\n| {sku} | R$ {price} |\n\nThat is all.", "price"),
    )
    with (ROOT / "prompts" / "store" / "products.csv").open(newline="") as file:
        for n, row in enumerate(csv.DictReader(file)):
            language, way, kind = ways[n % len(ways)]
            price, stock = f"{float(row['price']) + 7:.2f}", str(int(row["stock"]) + 3)
            if language == "pt":
                price = price.replace(".", ",")
            said = way.format(name=row["name"], sku=row["sku"], price=price, stock=stock)
            yield row["sku"], price if kind == "price" else stock, said


async def test_of_sixty_wrong_answers_none_reaches_its_end(open_shop: Open, users: Users) -> None:
    async def asked(n: int, sku: str, value: str, said: str) -> bool:
        """Return whether the wrong value is in what the person keeps."""
        services, _ = shop_saying(open_shop, f"Sure. {said}" if n % 2 else said)
        folder = users.create(f"user{n}", b"")
        _, record = await play(services, folder, NewMessage(f"Tell me about {sku}."))
        return record.why != "corrected" or f"R$ {value}" in record.text

    rows = list(islice(list(wrong_answers()) * 60, 60))
    kept_wrong = await asyncio.gather(*(asked(n, *row) for n, row in enumerate(rows)))

    assert [said for (_, _, said), is_wrong in zip(rows, kept_wrong, strict=True) if is_wrong] == []


def test_a_free_delivery_that_has_a_fee_is_taken_back() -> None:
    said = [
        Claim("fee", text, 5, 6, "europe", "contradicted", true="R$ 190.00") for text in ("grátis", "R$ 0,00", "R$ 9")
    ]

    assert [one.text for one in refuted(said, 0)] == ["grátis", "R$ 0,00"]
    assert refuted([Claim("fee", "free", 5, 6, verdict="unsupported")], 0) == ()


def test_only_rows_and_grants_take_an_answer_back() -> None:
    kinds = ("price", "total", "stock", "grant", "fee", "date", "sku", "contact", "percent")
    wrong = [Claim(kind, "x", 5, 6, verdict="contradicted") for kind in kinds]  # type: ignore[arg-type]

    assert [one.kind for one in refuted(wrong, 5)] == ["price", "total", "stock", "grant"]
    assert refuted(wrong, 6) == ()
    assert refuted([Claim("price", "x", 5, 6), Claim("grant", "x", 5, 6, verdict="computed")], 0) == ()
