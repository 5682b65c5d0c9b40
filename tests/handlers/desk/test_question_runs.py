"""Tests of the owner's test questions: kept, run, and run again by code after a change."""

from pathlib import Path

import pytest

from handlers.desk import question_runs
from handlers.desk.question_runs import QuestionNotKept
from handlers.services import Services
from memory.people import audit
from memory.storage.users import Users
from shop.expectations import BadExpectations, Expectation
from tests.support.shop import NOON, Clock, Scripted, settings_of
from tests.support.snapshots import build_here

PRICE = Expectation("How much is RED-1?", ("R$10.00",), ("sold out",))
TENT = Expectation("Do you sell tents?", ("no",))


def services_of(users: Users, root: Path, clock: Clock, *models: str) -> Services:
    store = root / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "products.csv").write_text("sku,name,price\nRED-1,Hammock,10.00\n")
    for name in ("system.md", "summarise.md"):
        (root / "prompts" / name).write_text("Be kind. {{ store }}")
    settings = settings_of(
        dict.fromkeys(models, "http://127.0.0.1:9"), chat=[*models] or ["catalogue"], summariser=["catalogue"],
        currency="BRL",
    )  # fmt: skip
    made = Services(settings, users, root / "prompts", Scripted(["It is R$10.00."]), clock, build_index=build_here)
    made.shop.refresh()
    return made


@pytest.fixture
def services(users: Users, tmp_path: Path, clock: Clock) -> Services:
    return services_of(users, tmp_path, clock)


def test_a_test_question_is_kept_in_a_plain_file(services: Services) -> None:
    question_runs.keep(services, "ana", PRICE)
    question_runs.keep(services, "ana", Expectation("how much is red-1?", ("R$10.00",)))
    question_runs.keep(services, "ana", TENT)

    text = (services.prompts / "test-questions.csv").read_text()
    assert text == "question,must,must_not,language\nhow much is red-1?,R$10.00,,\nDo you sell tents?,no,,\n"
    question_runs.remove(services, "bob", question_runs.key_of(TENT))
    assert [one.question for _, one in question_runs.read(services).questions] == ["how much is red-1?"]
    (last, *_) = audit.latest(services.users, 9)
    assert (last.who, last.what, last.before, last.after) == ("bob", "test-questions.csv", "Do you sell tents?", "")


def test_what_cannot_be_a_test_question_is_refused(services: Services) -> None:
    with pytest.raises(QuestionNotKept):
        question_runs.keep(services, "ana", Expectation("Why?"))
    (services.prompts / "test-questions.csv").write_text("x\n")
    with pytest.raises(QuestionNotKept):
        question_runs.keep(services, "ana", PRICE)
    with pytest.raises(BadExpectations):
        question_runs.load(services.prompts)
    assert "first line" in question_runs.read(services).problem


def test_code_runs_them_after_each_change_of_the_data(services: Services) -> None:
    for one in (PRICE, TENT):
        question_runs.keep(services, "ana", one)
    question_runs.run_by_code(services)

    table = question_runs.read(services)
    assert table.run is not None
    assert (table.run.is_over, table.run.count, table.run.passed, table.is_old) == (True, 2, 1, False)
    results = [table.run.of(key) for key, _ in table.questions]
    assert [(one.is_passed, one.missing) for one in results if one] == [(True, ()), (False, ("no",))]

    (services.prompts / "store" / "answers.md").write_text("## Do you sell tents?\n\nNo.\n")
    assert question_runs.read(services).is_old
    services.shop.refresh()
    question_runs.run_by_code(services)
    assert (run := question_runs.read(services).run) is not None
    assert run.passed == 2


async def test_a_models_run_is_paid_by_its_owner(users: Users, tmp_path: Path, clock: Clock) -> None:
    services = services_of(users, tmp_path, clock, "luna")
    question_runs.keep(services, "ana", PRICE)
    question_runs.run_by_code(services)
    assert question_runs.read(services).run is None, "a model costs money: only the owner begins"

    await question_runs.run_for(services, "ana")

    assert (run := question_runs.read(services).run) is not None
    assert [(one.is_passed, one.model) for one in run.results] == [(True, "luna")]
    assert b"luna" in users.folder("ana").read("usage.csv")
    assert run.began == NOON


def test_one_run_at_a_time(services: Services) -> None:
    question_runs.keep(services, "ana", PRICE)
    with question_runs._one_run(services) as is_alone:
        assert is_alone
        question_runs.run_by_code(services)

    assert question_runs.read(services).run is None
