"""Tests of what a turn does before its model is asked: what is kept, what is refused, and what ends the reply instead."""

from dataclasses import replace
from pathlib import Path

import pytest

from handlers.replies.attempts import PreparedRequest
from handlers.replies.preparing import IncomingMessage, PreparedTurn, prepare
from handlers.services import Services
from memory.conversations import history, turns
from memory.conversations.turns import Action, NewMessage, RateLimited
from memory.storage.folders import Folder, StorageError
from memory.storage.users import Users
from memory.usage.budget import BudgetExceeded
from shop.texts import PromptsUnreadable
from tests.conftest import Open, services_of
from tests.support.shop import NOON, Scripted, settings_of

QUESTION = NewMessage("Do you have blue mugs?", after=0)


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


def message(action: Action = QUESTION, language: str = "pt_BR") -> IncomingMessage:
    return IncomingMessage(action, None, language, NOON)


def prepared(services: Services, folder: Folder, asked: IncomingMessage) -> PreparedTurn:
    """Return a turn that was prepared, and end it as a process that dies then would."""
    turn = prepare(services, folder, asked)
    assert isinstance(turn, PreparedTurn), turn
    turn.accepted.spool.close()
    turn.accepted.lock.release()
    return turn


async def test_a_question_is_kept_with_what_was_asked_before(open_shop: Open, ana: Folder) -> None:
    services = services_of(open_shop(settings_of({"luna": None}), Scripted()))
    prepared(services, ana, message())

    turn = prepared(services, ana, message(NewMessage("And red ones?", after=2)))

    assert isinstance(turn.request, PreparedRequest)
    asked = turn.request.asked
    assert (asked.text, asked.last_question, asked.language) == ("And red ones?", QUESTION.content, "pt_BR")
    assert [one.record.text for one in history.backwards(ana) if one.record.is_question] == [
        "And red ones?",
        asked.last_question,
    ]


async def test_a_refused_message_leaves_no_trace(open_shop: Open, ana: Folder) -> None:
    services = services_of(open_shop(settings_of({"luna": None}, limits={"messages_per_minute": 1}), Scripted()))
    prepared(services, ana, message())
    before = (ana.path / "history.txt").read_bytes()

    assert isinstance(prepare(services, ana, message(NewMessage("More?", after=1))), RateLimited)

    assert (ana.path / "history.txt").read_bytes().startswith(before)
    assert not ana.exists("reply.txt")


async def test_a_message_beyond_the_budget_is_not_kept(open_shop: Open, ana: Folder) -> None:
    services = services_of(open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 1}), Scripted()))

    refused = prepare(services, ana, message())

    assert isinstance(refused, BudgetExceeded)
    assert history.last_number(ana) == 0


async def test_unreadable_prompts_end_the_reply_not_the_message(open_shop: Open, ana: Folder, tmp_path: Path) -> None:
    services = services_of(open_shop(settings_of({"luna": None}), Scripted()))

    turn = prepared(replace(services, prompts=tmp_path / "none", like=services), ana, message())

    assert isinstance(turn.request, PromptsUnreadable)
    assert history.last_number(ana) == 1


async def test_a_question_that_is_not_kept_gives_its_budget_back(
    open_shop: Open, ana: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = {"daily_tokens_per_user": 100_000}
    services = services_of(open_shop(settings_of({"luna": None}, budget=budget), Scripted()))

    def fail(_: turns.PendingTurn) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(turns.PendingTurn, "keep", fail)
    with pytest.raises(StorageError):
        prepare(services, ana, message())

    assert services.budget.used("ana", NOON)[0].tokens == 0
