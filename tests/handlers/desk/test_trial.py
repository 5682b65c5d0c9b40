"""Tests of a question that the owner tries: by which data it is answered, and who pays for it."""

from pathlib import Path

import pytest

from handlers.desk import trial
from handlers.desk.trial import TrialDraft, TrialRefused
from handlers.services import Services
from memory.storage.layout import HISTORY, TURN_LOCK
from memory.storage.users import Users
from memory.usage import ledger
from tests.support.shop import NOON, Clock, Scripted, settings_of
from tests.support.snapshots import build_here

RULES = "Be kind. {{ store }} {{ summary }} {{ history }}"
AT = "http://127.0.0.1:9"


@pytest.fixture
def live(users: Users, tmp_path: Path, clock: Clock) -> Services:
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "products.csv").write_text("sku,name,price\nRED-1,Hammock,10.00\n")
    (store / "delivery.md").write_text("# Delivery\n\n- Delivery costs R$ 12.00.\n")
    (tmp_path / "prompts" / "system.md").write_text(RULES)
    (tmp_path / "prompts" / "summarise.md").write_text("Note.")
    settings = settings_of({"luna": AT, "terra": AT}, currency="BRL", budget={"daily_tokens": 100_000})
    made = Services(
        settings, users, tmp_path / "prompts", Scripted(["RED-1 costs R$ 99.00."]), clock, build_index=build_here
    )
    made.shop.refresh()
    return made


async def test_two_models_answer_side_by_side(live: Services, users: Users) -> None:
    model, code = await trial.try_question(live, "ana", "How much is RED-1?", ["luna", "catalogue"], "en")

    assert (model.model, model.answer.answer) == ("luna", "RED-1 costs R$ 99.00.")
    assert [claim.verdict for claim in model.answer.claims] == ["supported", "contradicted"]
    assert model.prompt is not None
    assert "RED-1" in model.prompt.prompt.store
    assert model.is_whole
    assert [row.reason for row in model.rows] == ["SKU RED1"]
    assert (code.answer.products, code.prompt) == (("RED-1",), None)
    assert not users.folder("ana").exists(HISTORY), "no conversation"
    assert users.names() == ["ana", "bob"]


async def test_the_shops_budget_and_the_owners_ledger_pay(live: Services, users: Users) -> None:
    await trial.try_question(live, "ana", "How much is RED-1?", ["luna", "terra"], "en")

    calls = ledger.calls(users.folder("ana"), since=NOON.date())
    assert [call.model for call in calls] == ["terra", "luna"]
    own, shop = live.budget.used("ana", NOON)
    assert own.tokens == shop.tokens == sum(call.tokens for call in calls) > 0


async def test_a_question_that_the_budget_does_not_cover_is_not_asked(live: Services) -> None:
    live.budget.allow("ana", 1)

    (one,) = await trial.try_question(live, "ana", "How much is RED-1?", ["luna"], "en")

    assert (one.answer.record, one.answer.why) == (None, "BudgetExceeded")


@pytest.mark.parametrize(
    ("file", "text", "question", "said"),
    [
        ("delivery.md", "# Delivery\n\n- Delivery costs R$ 15.00.\n", "What is the delivery fee?", "R$ 15.00"),
        ("answers.md", "## What is the delivery fee?\n\nAsk us.\n", "what is the delivery fee", "Ask us."),
        ("products.csv", "sku,name,price\nTE-1,Tent,50.00\n", "Do you sell a tent?", "R$50.00"),
    ],
)
async def test_a_draft_answers_and_nothing_is_saved(
    live: Services, file: str, text: str, question: str, said: str
) -> None:
    before = {path: path.read_bytes() for path in live.prompts.rglob("*") if path.is_file()}
    (drafted,) = await trial.try_question(live, "ana", question, ["catalogue"], "en", TrialDraft(file, text))
    (saved,) = await trial.try_question(live, "ana", question, ["catalogue"], "en")

    assert said in drafted.answer.answer
    assert said not in saved.answer.answer
    assert {path: path.read_bytes() for path in live.prompts.rglob("*") if path.is_file()} == before


async def test_draft_rules_are_sent_with_the_data_in_use(live: Services) -> None:
    (one,) = await trial.try_question(live, "ana", "Hello?", ["luna"], "en", TrialDraft("system.md", f"Rhyme. {RULES}"))

    assert one.prompt is not None
    assert one.prompt.prompt.rules.startswith("Rhyme.")
    assert "RED-1" in one.prompt.prompt.store


@pytest.mark.parametrize("file", ["../system.md", "a/b.md", "/etc/passwd", ".env", "settings.toml", "x.py", "a\n.md"])
async def test_a_draft_of_no_file_of_the_shop_is_refused(live: Services, file: str) -> None:
    with pytest.raises(TrialRefused):
        await trial.try_question(live, "ana", "Hello?", ["catalogue"], "en", TrialDraft(file, "x"))


async def test_one_answer_of_an_owner_is_made_at_a_time(live: Services, users: Users) -> None:
    lock = users.folder("ana").try_lock(TURN_LOCK)
    assert lock is not None
    with lock, pytest.raises(TrialRefused, match="still being written"):
        await trial.try_question(live, "ana", "Hello?", ["catalogue"], "en")

    for question in ("", " ", "x" * 20_001):
        with pytest.raises(TrialRefused):
            await trial.try_question(live, "ana", question, ["catalogue"], "en")


async def test_a_shop_that_is_too_large_is_not_copied(live: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "MOST_STORE_BYTES", 10)

    with pytest.raises(TrialRefused, match="too large"):
        await trial.try_question(live, "ana", "Hello?", ["catalogue"], "en", TrialDraft("delivery.md", "x"))
