"""Tests of the compactions that follow turns: when one begins, whom it asks, and what happens when nobody answers."""

import asyncio
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.errors import ErrorDetails, ModelError
from completions.stream import Delta, Finished
from handlers.replies.compaction import FAILURES_TO_EXTRACT, Compactor
from handlers.replies.live import LiveReplies
from handlers.services import Services
from memory.context import builder, compaction, summary
from memory.conversations import archive, history
from memory.conversations.records import Record
from memory.storage.folders import Folder
from memory.storage.layout import COMPACTION_LOCK
from memory.usage import ledger
from tests.support.shop import NOON
from tests.support.talk import bring_in, services_in

FIRST, SECOND = "first-summariser", "second-summariser"


class Summarisers:
    """Models that summarise: each repeats what it read, until it is made to fail."""

    def __init__(self) -> None:
        self.asked = list[str]()
        self.failing = set[str]()
        self.most_tokens = list[int]()
        self.gate: asyncio.Event | None = None
        self.reason = "stop"
        self.breaks_off = False
        self.said = "The customer asked about hammocks."

    async def stream(self, request):
        self.asked.append(request.model.name)
        self.most_tokens.append(request.max_tokens)
        if self.gate:
            await self.gate.wait()
        if request.model.name in self.failing:
            raise ModelError(ErrorDetails("server_error"))
        yield Delta(self.said)
        if self.breaks_off:
            raise ModelError(ErrorDetails("broken_off"))
        yield Finished(self.reason)


@pytest.fixture
def summarisers():
    return Summarisers()


def shop_in(root: Path, completer: Summarisers, max_output: int = 4096) -> Services:
    limits = {"base_url": "http://127.0.0.1:9", "max_input": 200_000, "max_output": max_output}
    return services_in(
        root,
        completer,
        window=50_000,
        summariser=[FIRST, SECOND],
        memory={"high_tokens": 500, "summary_tokens": 1_000},
        models=[{"name": name, **limits} for name in ("chat-model", FIRST, SECOND)],
    )


@pytest.fixture
def services(tmp_path, summarisers):
    return shop_in(tmp_path, summarisers)


@pytest.fixture
def ana(services):
    return services.users.folder("ana")


def say(folder: Folder, words: int) -> None:
    history.append(folder, lambda number: Record(number, NOON, "user", "hammock " * words))
    history.append(folder, lambda number: Record(number, NOON, "assistant", "Yes."))


def say_much(folder: Folder) -> None:
    """Return so much that one compaction is due."""
    for _ in range(3):
        say(folder, 250)


def is_due(services: Services, folder: Folder) -> bool:
    return compaction.plan(folder, summary.Covered(), builder.sizes_of(services.sources())) is not None


async def after_turn(running: Compactor, folder: Folder) -> None:
    running.after_turn(folder)
    await running.settled(folder)


@given(st.lists(st.one_of(st.integers(0, 300), st.just("set aside"), st.just("correct")), max_size=25))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_each_turn_nothing_is_left_due(tmp_path_factory, steps):
    async def told():
        services = shop_in(tmp_path_factory.mktemp("shop"), summarisers := Summarisers())
        ana, running = services.users.folder("ana"), Compactor(services)
        for step in steps:
            match step:
                case "set aside":
                    archive.set_aside(ana)
                case "correct":
                    compaction.correct(ana, services.covered, "Ana likes blue.", NOON)
                case words:
                    say(ana, words)
            was_due, asked = is_due(services, ana), len(summarisers.asked)

            await after_turn(running, ana)

            assert not is_due(services, ana)
            assert (len(summarisers.asked) > asked) == was_due

    asyncio.run(told())


async def test_a_turn_far_below_high_plans_nothing(services, summarisers, ana, monkeypatch):
    planned, plan = list[int](), compaction.plan

    def counted(folder, *rest):
        planned.append(folder.size("history.txt"))
        return plan(folder, *rest)

    monkeypatch.setattr(compaction, "plan", counted)
    running = Compactor(services)
    for _ in range(3):
        say(ana, 3)
        await after_turn(running, ana)
    assert len(planned) == 1, "only the first turn's"

    say_much(ana)
    await after_turn(running, ana)
    assert summarisers.asked == [FIRST]


async def test_one_compaction_at_a_time_runs_for_a_user(services, summarisers, ana):
    running, elsewhere = Compactor(services), Compactor(services)
    summarisers.gate = asyncio.Event()
    say_much(ana)
    for _ in range(3):
        running.after_turn(ana)
        await asyncio.sleep(0.02)
    await after_turn(elsewhere, ana)  # another process: it waits for nobody

    assert summarisers.asked == [FIRST]
    summarisers.gate.set()
    await running.settled(ana)
    assert len(summary.load(ana, services.covered).segments) == 1


async def test_the_next_model_is_asked_when_one_fails(services, summarisers, ana):
    summarisers.failing = {FIRST}
    say_much(ana)
    await after_turn(Compactor(services), ana)

    assert summarisers.asked == [FIRST, SECOND]
    [segment] = summary.load(ana, services.covered).segments
    assert (segment.method, segment.model) == ("model", SECOND)


async def test_failed_compaction_backs_off_and_code_summarises_at_last(services, summarisers, ana):
    running = Compactor(services)
    summarisers.failing = {FIRST, SECOND}
    say_much(ana)
    tries = list[int]()
    for number in range(8):
        before = len(summarisers.asked)
        await after_turn(running, ana)
        if len(summarisers.asked) > before:
            tries.append(number)
        if summary.load(ana, services.covered).segments:
            break
        assert not ana.exists("summary.txt")

    assert tries == [0, 2, 5]
    assert len(tries) == FAILURES_TO_EXTRACT
    [segment] = summary.load(ana, services.covered).segments
    assert segment.method == "extractive"


async def test_the_catalogue_takes_the_notes_by_code_at_once(tmp_path, summarisers):
    services = services_in(
        tmp_path, summarisers, window=50_000, chat=["catalogue"], summariser=["catalogue"],
        memory={"high_tokens": 500, "summary_tokens": 1_000},
    )  # fmt: skip
    ana = services.users.folder("ana")
    say_much(ana)
    await after_turn(Compactor(services), ana)

    [segment] = summary.load(ana, services.covered).segments
    assert (segment.method, segment.model) == ("extractive", None)
    assert summarisers.asked == []
    assert list(ledger.calls(ana, since=NOON.date())) == []


async def turns_of_tries(running: Compactor, summarisers: Summarisers, folder: Folder, turns: int) -> list[int]:
    """Take so many turns; return those after which a model was asked."""
    tries = list[int]()
    for number in range(turns):
        before = len(summarisers.asked)
        await after_turn(running, folder)
        if len(summarisers.asked) > before:
            tries.append(number)
    return tries


async def test_after_each_failure_twice_as_many_turns_pass(services, summarisers, ana):
    summarisers.failing = {FIRST, SECOND}
    say_much(ana)

    assert await turns_of_tries(Compactor(services), summarisers, ana, 20) == [0, 2, 5, 10, 19]


async def test_a_failure_after_a_success_counts_as_the_first(services, summarisers, ana):
    running = Compactor(services)
    summarisers.failing = {FIRST, SECOND}
    say_much(ana)
    assert await turns_of_tries(running, summarisers, ana, 3) == [0, 2]
    summarisers.failing = set()
    await turns_of_tries(running, summarisers, ana, 3)
    assert summary.load(ana, services.covered).segments
    summarisers.failing = {FIRST, SECOND}
    say_much(ana)

    assert await turns_of_tries(running, summarisers, ana, 6) == [0, 2, 5]


async def test_code_compacts_an_urgent_tail_while_a_failure_backs_off(services, summarisers, ana):
    running = Compactor(services)
    summarisers.failing = {FIRST, SECOND}
    say_much(ana)
    await turns_of_tries(running, summarisers, ana, 3)
    asked = len(summarisers.asked)
    say_much(ana)
    say(ana, 100)

    await after_turn(running, ana)

    assert len(summarisers.asked) == asked
    assert [one.method for one in summary.load(ana, services.covered).segments] == ["extractive"]


async def test_the_customers_words_win_over_a_compaction_under_way(services, summarisers, ana):
    running = Compactor(services)
    summarisers.gate = asyncio.Event()
    say_much(ana)
    running.after_turn(ana)
    while not summarisers.asked:
        await asyncio.sleep(0.01)
    compaction.correct(ana, services.covered, "I am allergic to wool.", NOON)
    summarisers.gate.set()
    await running.settled(ana)

    assert [one.text for one in summary.load(ana, services.covered).segments] == ["I am allergic to wool."]


async def test_the_lock_of_compactions_is_free_after_an_error(services, ana, caplog):
    (ana.path / "summary.txt").mkdir()  # nothing can be put in its place
    say_much(ana)

    await after_turn(Compactor(services), ana)

    assert "fold_failed" in caplog.messages
    lock = ana.try_lock(COMPACTION_LOCK)
    assert lock is not None
    lock.release()


async def test_notes_cut_at_their_length_limit_end_with_a_sentence(services, summarisers, ana):
    summarisers.reason, summarisers.said = (
        "length",
        "The customer asked about hammocks. The customer asked about a tent",
    )
    say_much(ana)

    await after_turn(Compactor(services), ana)

    [segment] = summary.load(ana, services.covered).segments
    assert (summarisers.asked, segment.method) == ([FIRST], "model")
    assert "hammock" in segment.text
    assert "tent" not in segment.text


async def test_the_lock_is_free_where_no_compaction_can_be_planned(services, ana, caplog):
    say_much(ana)
    (services.prompts / "system.md").unlink()

    await after_turn(Compactor(services), ana)

    assert "fold_failed" in caplog.messages
    lock = ana.try_lock(COMPACTION_LOCK)
    assert lock is not None
    lock.release()


async def test_what_models_refuse_three_times_is_passed_by(services, summarisers, ana):
    summarisers.reason = "content_filter"
    say_much(ana)
    running = Compactor(services)
    for _ in range(40):
        await after_turn(running, ana)

    assert summarisers.asked == [FIRST, SECOND] * 3
    [segment] = summary.load(ana, services.covered).segments
    assert (segment.method, segment.model) == ("extractive", FIRST)


async def test_compactions_end_with_the_process_and_keep_nothing(services, summarisers, ana):
    replies = LiveReplies(services)
    running = replies.compactor
    summarisers.gate = asyncio.Event()
    say_much(ana)
    running.after_turn(ana)
    while not summarisers.asked:
        await asyncio.sleep(0.01)

    await asyncio.wait_for(replies.close(0), 5)

    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("compaction ")]
    assert not ana.exists("summary.txt")
    lock = ana.try_lock(COMPACTION_LOCK)
    assert lock is not None
    lock.release()


async def test_a_backlog_is_kept_as_it_is_read_and_goes_on_from_there(services, ana):
    last = bring_in(ana, 34_000_000)
    running = Compactor(services)
    running.after_turn(ana)
    while not (found := summary.load(ana, summary.Covered()).segments):
        await asyncio.sleep(0.05)
    await running.close()

    assert 16_000_000 < found[-1].end < 33_000_000
    await after_turn(Compactor(services), ana)

    segments = summary.load(ana, summary.Covered()).segments
    assert segments[0].start == 0
    assert [one.start for one in segments] == [0, *(one.end for one in segments[:-1])]
    assert [one.first for one in segments] == [1, *(one.last + 1 for one in segments[:-1])]
    assert last - 500 < segments[-1].last < last
    for _ in range(12):  # a model makes it anew in parts, one a turn
        await after_turn(Compactor(services), ana)
    assert not is_due(services, ana)


async def test_what_code_made_is_made_anew_when_a_model_is_back(services, summarisers, ana):
    running = Compactor(services)
    summarisers.failing = {FIRST, SECOND}
    say_much(ana)
    for _ in range(6):
        await after_turn(running, ana)
    assert [segment.method for segment in summary.load(ana, services.covered).segments] == ["extractive"]
    summarisers.failing = set()
    for _ in range(8):
        await after_turn(running, ana)

    [segment] = summary.load(ana, services.covered).segments
    assert (segment.method, segment.model) == ("model", FIRST)
    assert segment.text.startswith("Facts:")


async def test_every_try_is_in_the_ledger(services, summarisers, ana):
    summarisers.failing = {FIRST}
    say_much(ana)
    await after_turn(Compactor(services), ana)

    made = ledger.calls(ana, since=NOON.date())[::-1]
    assert [(call.purpose, call.model, call.ending) for call in made] == [
        ("summary", FIRST, "server_error"),
        ("summary", SECOND, "stop"),
    ]


@pytest.mark.parametrize("reason", ["eos_token", "STOP", "end_turn"])
async def test_notes_are_whole_by_any_word_for_it(reason, services, summarisers, ana):
    summarisers.reason = reason
    say_much(ana)
    await after_turn(Compactor(services), ana)

    [segment] = summary.load(ana, services.covered).segments
    assert (segment.method, segment.model) == ("model", FIRST)


@pytest.mark.parametrize("reason", ["content_filter", "glorious"])
async def test_notes_that_are_cut_are_refused_and_paid(reason, services, summarisers, ana):
    summarisers.reason = reason
    say_much(ana)
    await after_turn(Compactor(services), ana)

    assert summarisers.asked == [FIRST, SECOND]
    assert not ana.exists("summary.txt")
    made = ledger.calls(ana, since=NOON.date())
    assert [call.ending for call in made] == ["refused", "refused"]
    assert all(call.prompt_tokens > 100 and call.completion_tokens > 3 for call in made)


async def test_notes_that_break_off_are_paid_as_counted(services, summarisers, ana):
    summarisers.breaks_off = True
    say_much(ana)
    await after_turn(Compactor(services), ana)

    made = ledger.calls(ana, since=NOON.date())
    assert [call.ending for call in made] == ["broken_off", "broken_off"]
    assert all(call.prompt_tokens > 100 and call.completion_tokens > 3 for call in made)


async def test_notes_are_asked_within_what_the_model_can_write(tmp_path, summarisers):
    services = shop_in(tmp_path, summarisers, max_output=200)
    ana = services.users.folder("ana")
    say_much(ana)
    await after_turn(Compactor(services), ana)

    assert summarisers.most_tokens == [200]


async def test_a_forgotten_compaction_keeps_nothing(services, summarisers, ana):
    running = Compactor(services)
    summarisers.gate = asyncio.Event()
    say_much(ana)
    running.after_turn(ana)
    while not summarisers.asked:
        await asyncio.sleep(0.01)

    await running.forget(ana)
    summarisers.gate.set()

    assert not ana.exists("summary.txt")
    lock = ana.try_lock(COMPACTION_LOCK)
    assert lock is not None
    lock.release()


async def test_a_compaction_ended_while_it_begins_leaves_no_lock(services, summarisers, ana, monkeypatch):
    """The lock is taken in a thread, which goes on when the task has ended."""
    say_much(ana)
    compactor, is_taken, may_go_on = Compactor(services), threading.Event(), threading.Event()
    take = compactor._lock_if_due

    def slowly(folder):
        lock = take(folder)
        is_taken.set()
        may_go_on.wait(5)
        return lock

    monkeypatch.setattr(compactor, "_lock_if_due", slowly)
    compactor.after_turn(ana)
    await asyncio.to_thread(is_taken.wait, 5)

    await compactor.forget(ana)
    may_go_on.set()
    monkeypatch.undo()

    async with asyncio.timeout(5):
        while summary.load(ana, summary.Covered()) == summary.Summary():
            compactor.after_turn(ana)
            await compactor.settled(ana)
            await asyncio.sleep(0.01)
    assert summarisers.asked == [FIRST]


async def test_an_unusable_template_is_named_and_nothing_is_lost(services, summarisers, ana, caplog):
    (services.prompts / "summarise.md").write_text("{{ conversation", "utf-8")
    say_much(ana)
    await after_turn(Compactor(services), ana)

    assert "summarise.md" in str([vars(record).get("error") for record in caplog.records])
    assert not ana.exists("summary.txt")
    assert summarisers.asked == []


async def test_notes_of_a_newer_format_stop_compactions_and_are_logged(services, summarisers, ana, caplog):
    say_much(ana)
    ana.replace("summary.txt", b"covers=0..9 sha256=0 format=2\n")
    await after_turn(Compactor(services), ana)

    assert "A newer version of Storekeeper wrote these notes." in str(
        [vars(one).get("error") for one in caplog.records]
    )
    assert ana.read("summary.txt") == b"covers=0..9 sha256=0 format=2\n"
    assert summarisers.asked == []
