"""The bars of the memory: what must hold of a long conversation, whatever its summariser does."""

import asyncio
import contextlib
import hashlib
import os
import re
import time

import pytest

from handlers.replies import preview
from handlers.replies.compaction import Compactor
from handlers.replies.pacing import Stop
from handlers.replies.steps import Wrote
from handlers.replies.turn import run_turn
from memory.context import builder, compaction, left_out, remembered, summary, tokens
from memory.conversations import history
from memory.conversations.turns import EditMessage, NewMessage
from tests.support.talk import INVENTED, SUMMARISER, Models, Talk, bring_in, fact, say, services_in

HIGH, NOTES = 4_000, 4_800
ONE_TURN = 260


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A conversation of 200 turns whose summariser repeats what it sees."""
    return asyncio.run(Talk(tmp_path_factory.mktemp("healthy")).go_on(200))


def test_no_fact_is_missing_from_any_of_200_prompts(healthy):
    assert healthy.lost == []
    assert set(healthy.endings) == {"stop"}


def test_200_turns_take_at_most_20_summaries(healthy):
    assert healthy.models.summaries <= 20


def test_nine_tenths_of_the_prompt_tokens_are_cached(healthy):
    assert healthy.cached_share >= 0.9


def test_prompts_are_at_most_high_one_turn_the_summary_and_rules(healthy):
    fixed = tokens.count(healthy.models.prompts[0][0]["content"])

    assert max(healthy.sizes) <= HIGH + ONE_TURN + NOTES + fixed
    for messages in healthy.models.prompts:
        _, _, said = messages[0]["content"].partition("<conversation>")
        assert tokens.count(said) <= HIGH + ONE_TURN


def test_the_notes_cover_what_is_not_sent_word_for_word(healthy):
    found = summary.load(healthy.folder, summary.Covered())
    edges = [0, *(segment.end for segment in found.segments)]

    assert len(found.segments) <= 9
    assert [segment.start for segment in found.segments] == edges[:-1]
    assert {segment.method for segment in found.segments} == {"model"}


@pytest.mark.parametrize(
    "behaviour",
    [
        "drops half", "invents", "raises three times", "says nothing", "refuses", "says too much", "is dead for ever",
        "is flaky",
    ],
)  # fmt: skip
async def test_a_bad_summariser_loses_and_invents_nothing(tmp_path, behaviour):
    talk = await Talk(tmp_path, behaviour).go_on(60)

    assert talk.lost == []
    assert set(talk.endings) == {"stop"}
    assert not any(INVENTED in messages[0]["content"] for messages in talk.models.prompts)
    assert INVENTED.encode() not in talk.folder.read("summary.txt")
    assert max(talk.sizes) <= 3 * HIGH + NOTES + tokens.count(talk.models.prompts[0][0]["content"])


async def test_history_as_turns_loses_nothing_either(tmp_path):
    talk = await Talk(tmp_path, history="turns").go_on(60)

    assert talk.lost == []
    assert talk.cached_share >= 0.9
    assert talk.models.prompts[-1][1]["role"] == "user"
    assert talk.models.prompts[-1][2]["role"] == "assistant"


async def test_many_turns_on_a_small_model_report_omissions(tmp_path):
    talk = Talk(tmp_path, window=4_096)
    for number in range(150):
        before = [entry.record for entry, _ in zip(history.backwards(talk.folder), range(4), strict=False)]
        await talk.go_on(1)

        quoted = talk.prompt.replace("\n    ", "\n")
        assert all(record.text in quoted for record in before)
        left_out = [told for at, told in talk.lost if at == number]
        assert not left_out or "not in these notes" in talk.prompt, (number, left_out)

    assert set(talk.endings) == {"stop"}
    assert max(talk.sizes) + 300 <= 4_096
    lost = {told for at, told in talk.lost if at == 149}
    assert lost, "150 facts fit into no 4,096 tokens"
    assert "are not in these notes" in talk.prompt


@pytest.mark.parametrize("behaviour", ["repeats", "drops half", "is dead for ever"])
@pytest.mark.parametrize("window", [1_024, 2_048, 4_096])
async def test_60_turns_on_small_models_forget_nothing_silently(tmp_path, window, behaviour):
    talk = Talk(tmp_path, behaviour, window=window)
    for number in range(60):
        await talk.go_on(1)

        told = left_out.stated_in(talk.prompt)
        lost = [fact_of for at, fact_of in talk.lost if at == number]
        silently = [one for one in lost if not any(first <= 2 * one + 1 <= last for first, last, _ in told)]
        assert not silently, (number, silently, told)
        talk.lost.clear()

    assert set(talk.endings) == {"stop"}
    assert max(talk.sizes) + 300 <= window
    assert talk.models.summaries <= 60 / 8
    notes = remembered.text_of(summary.load(talk.folder, talk.services.covered))
    page = preview.left_out(talk.services, talk.folder, notes)
    await say(talk.services, talk.folder, "And now?")
    gone = [one for one in range(60) if fact(one) not in talk.prompt]
    assert all(any(first <= 2 * one + 1 <= last for first, last, _ in page) for one in gone)


async def test_edits_in_a_summary_rebuild_it_from_the_current_messages(tmp_path):
    talk = await Talk(tmp_path).go_on(60)
    found = summary.load(talk.folder, summary.Covered())
    assert len(found.segments) >= 2
    inside = found.segments[1].first  # a question: a compaction begins with one

    await say(talk.services, talk.folder, EditMessage(inside, f"Rather {fact(9_999)}."))
    for _ in range(3):
        talk.compactor.after_turn(talk.folder)
        await talk.compactor.settled(talk.folder)
        await say(talk.services, talk.folder, "And now?")

        stands = {told for told in range(60) if fact(told) in talk.prompt}
        assert stands == set(range(inside // 2)), "what was said before the edit, and nothing that it replaced"
        assert fact(9_999) in talk.prompt
    after = summary.load(talk.folder, summary.Covered())
    assert after.sha256 == hashlib.sha256(talk.folder.read("history.txt")[: after.end]).hexdigest()


async def test_a_turn_does_not_wait_for_a_summary(tmp_path):
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    class Slow(Models):
        async def stream(self, request):
            if request.model.name == SUMMARISER:
                is_asked.set()
                await may_answer.wait()
            async for event in super().stream(request):
                yield event

    talk = Talk(tmp_path)
    services = services_in(tmp_path, Slow())
    running = Compactor(services)
    for number in range(40):
        await say(services, talk.folder, f"My order is {fact(number)}. " + "hammock " * 100)
    running.after_turn(talk.folder)
    await asyncio.wait_for(is_asked.wait(), 5)

    reply = await asyncio.wait_for(say(services, talk.folder, "And now?"), 5)

    assert reply.ending == "stop"
    assert not talk.folder.exists("summary.txt")
    may_answer.set()
    await running.settled(talk.folder)
    assert talk.folder.exists("summary.txt")


async def test_small_models_omit_long_messages_with_a_note_not_a_fault(tmp_path):
    talk = Talk(tmp_path, window=4_096)
    for number in range(12):
        reply = await say(talk.services, talk.folder, f"My order is {fact(number)}. " + "hammock " * 1_200)

        assert reply.ending == "stop", number
        left_out = [told for told in range(number) if fact(told) not in talk.prompt]
        assert not left_out or "not in these notes" in talk.prompt, number


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


async def first_word_seconds(talk, question):
    began = time.perf_counter()
    async with contextlib.aclosing(run_turn(talk.services, talk.folder, NewMessage(question), Stop())) as steps:
        async for step in steps:
            if isinstance(step, Wrote):
                return time.perf_counter() - began
    raise AssertionError("no word came")


async def test_a_60_mb_history_delays_a_question_no_more_than_10_kb(tmp_path):
    small, large = Talk(tmp_path / "small"), Talk(tmp_path / "large")
    bring_in(small.folder, 10_000)
    last = bring_in(large.folder, 60_000_000)
    await first_word_seconds(small, "Are the tables loaded?")
    before = resident_bytes()

    waits = [[await first_word_seconds(talk, "And now?") for _ in range(5)] for talk in (small, large)]

    assert min(waits[1]) < 5 * min(waits[0]) + 0.02
    assert resident_bytes() - before < 30_000_000
    [left_out] = re.findall(r"\(Messages 1 to (\d+) are not in these notes\.\)", large.prompt)
    assert last - 500 < int(left_out) < last
    assert not large.folder.exists("summary.txt")


async def test_an_import_is_reported_as_omitted_until_it_is_compacted(tmp_path):
    talk = Talk(tmp_path)
    last = bring_in(talk.folder, 3_000_000)
    told = preview.noted(talk.services, talk.folder).backlog
    first = await say(talk.services, talk.folder, "And now?")

    assert first.ending == "stop"
    assert told is not None
    assert told[0] == 1
    assert last - 500 < told[1] < last
    assert f"(Messages 1 to {told[1]} are not in these notes.)" in talk.prompt
    talk.compactor.after_turn(talk.folder)
    await talk.compactor.settled(talk.folder)

    await say(talk.services, talk.folder, "And now?")

    assert preview.noted(talk.services, talk.folder).backlog is None
    tail = compaction.read_tail(talk.folder, summary.Covered(), builder.sizes_of(talk.services.sources()))
    assert tail.backlog_bytes == 0
    assert tail.summary.end == tail.entries[0].start
    assert [told for told in range(last // 1_000) if fact(told) not in talk.prompt] == []


async def test_3_000_corrections_delay_no_question_and_compact_quickly(tmp_path):
    talk = Talk(tmp_path)
    with (talk.folder.path / "history.txt").open("w") as file:
        for n in range(1, 3_001):
            file.write(f"[{n}] 2026-11-01T12:00:00Z user\n    Sorry, I meant W{n:06}, actually. {'hammock ' * 28}\n")
    await first_word_seconds(talk, "Are the tables loaded?")

    assert await first_word_seconds(talk, "And now?") < 1
    began = time.process_time()
    talk.compactor.after_turn(talk.folder)
    await talk.compactor.settled(talk.folder)
    assert time.process_time() - began < 10

    await say(talk.services, talk.folder, "And now?")
    assert "W002" in talk.prompt
    assert '; before: "' in talk.prompt


async def test_uncompacted_tail_stays_bounded_until_code_compacts_it(tmp_path):
    talk = Talk(tmp_path, "is dead for ever")
    for number in range(30):
        await say(talk.services, talk.folder, f"My order is {fact(number)}. " + "hammock " * 600)
    missing = [told for told in range(30) if fact(told) not in talk.prompt]

    assert missing
    assert tokens.count(talk.prompt) < 4 * HIGH + tokens.count(talk.models.prompts[0][0]["content"])
    assert "(Messages 1 to " in talk.prompt
    assert "are not in these notes.)" in talk.prompt
    assert not talk.folder.exists("summary.txt"), "no question compacts"

    talk.compactor.after_turn(talk.folder)
    await talk.compactor.settled(talk.folder)
    await say(talk.services, talk.folder, "And now?")

    assert [told for told in range(30) if fact(told) not in talk.prompt] == []


async def test_an_unverified_summary_is_not_sent_and_that_is_reported(tmp_path):
    talk = Talk(tmp_path)
    bring_in(talk.folder, 40_000_000)
    end = next(history.forwards(talk.folder, 39_000_000, 40_000_000)).start
    notes = summary.Summary((summary.Segment(1, 100, 0, end, "model", talk.clock(), "Ana likes blue.", "m"),))
    summary.save(talk.folder, notes, summary.Covered())

    await say(talk.services, talk.folder, "And now?")
    assert "Ana likes blue." not in talk.prompt
    assert "not in these notes" in talk.prompt

    talk.compactor.after_turn(talk.folder)
    await talk.compactor.settled(talk.folder)
    await say(talk.services, talk.folder, "And now?")
    assert "Ana likes blue." in talk.prompt
