"""The laboratory on scripted models: the code's part and the model's part are told apart."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from completions.stream import Usage
from memory.context.compaction import Sizes
from settings import Limits, Model
from tests.comparison.lab import Baseline, Run, compare, cut_long, jobs, make_job, pieces
from tests.comparison.models import EXTRACTIVE, SCRIPTED, TAIL_ONLY, AskedModel, Job
from tests.comparison.recordings import Recordings, Reply, asked
from tests.comparison.scores import Score, score

SIZES = Sizes.of(960, 720, "o200k_base")
PROMPT = "Notes in {{ words }} words:\n{{ conversation }}\n"


def measured(*names: str, count: int = 3, repeats: int = 1, room: int = 4800) -> dict[str, Score]:
    from tests.comparison.dialogues import woven

    run = Run(SIZES, room, woven(count), repeats, PROMPT)
    models = [SCRIPTED[name] if name in SCRIPTED else Baseline(name, SIZES.encoding) for name in names]
    asyncio.run(compare(run, models, limits={}, depth={}, rewrites={}, tick=lambda name: None))
    return {name: score(run, name) for name in names}


def test_a_perfect_summariser_scores_perfectly():
    oracle = measured("oracle")["oracle"]

    for stage in oracle.stages.values():
        assert stage.recall.value == 1
        assert stage.stale.hits == stage.wrong_speaker.hits == stage.unsupported == 0
    assert oracle.failures.hits == oracle.over_budget.hits == 0
    assert oracle.misses == ()


def test_what_a_model_invents_is_seen_raw_and_is_gone_when_kept():
    inventing = measured("inventing")["inventing"]

    assert inventing.stages["raw"].unsupported > 50
    assert inventing.stages["verified"].unsupported == 0
    assert inventing.stages["verified"].recall.hits > inventing.stages["raw"].recall.hits
    made_up = [one for one in inventing.wrongs if one.what == "made up"]
    assert len(made_up) == inventing.stages["raw"].unsupported
    assert {one.stage for one in made_up} == {"raw"}
    assert any(one.value == "W0000042" and "order #W0000042" in one.sentence for one in made_up)


@pytest.mark.parametrize("name", ["empty", "raising"])
def test_notes_that_are_none_are_failures_and_code_makes_them(name: str):
    failing = measured(name)[name]

    assert failing.failures.value == 1
    assert failing.stages["verified"].recall.known > 0.5


def test_notes_that_are_too_long_are_cut_and_told():
    found = measured("over-long")["over-long"]

    assert found.failures.hits == 0
    assert found.over_budget.known > 0.8
    assert found.stages["verified"].recall.known > 0.5
    assert found.stages["verified"].compression < found.stages["raw"].compression


def test_a_lossy_model_changes_its_mind_between_repeats():
    lossy = measured("lossy", repeats=3)["lossy"]

    assert lossy.stages["raw"].flips.known > 0.2
    assert lossy.stages["raw"].recall.n == 360


def test_rewriting_loses_more_with_depth_than_a_fresh_summary():
    depth = measured("lossy", count=4)["lossy"].depth

    assert depth["rewritten"][8].known < depth["rewritten"][1].known
    assert depth["kept"][4].known > depth["rewritten"][4].known


def test_a_long_dialogue_is_passed_over_by_sixteen_compactions():
    oracle = measured("oracle", count=8, room=900)["oracle"]

    assert set(oracle.depth["kept"]) == set(oracle.depth["rewritten"]) == {1, 2, 4, 8, 16}
    assert all(share.value == 1 for share in oracle.depth["kept"].values())
    assert oracle.depth["sent"][16].known < 1, "a small prompt has no room for all"


def test_pieces_of_the_long_dialogue_are_those_of_its_parts():
    from tests.comparison.dialogues import woven

    run = Run(SIZES, 4800, woven(3), 1, PROMPT)
    long, cut = cut_long(run, 3)

    assert [entry for piece in cut for entry in piece] == list(long.entries())
    assert [make_job(run, long, piece, 0).prompt for piece in cut] == [job.prompt for _, job in jobs(run, 3)]


def test_the_tail_keeps_only_what_was_told_last():
    tail = measured(TAIL_ONLY)[TAIL_ONLY]
    ages = list(tail.stages["raw"].ages.values())

    assert ages[0].known > 0.9
    assert ages[-1].value == 0


def test_every_miss_has_its_source_line_and_where_that_stands():
    found = measured(EXTRACTIVE)[EXTRACTIVE]

    assert len(found.misses) == found.stages["raw"].recall.n - found.stages["raw"].recall.hits
    assert all(miss.value in miss.source and miss.byte >= 0 for miss in found.misses)


def test_a_dialogue_that_is_not_done_does_not_count():
    from tests.comparison.dialogues import woven

    run = Run(SIZES, 4800, woven(2), 1, PROMPT)
    asyncio.run(compare(run, [SCRIPTED["oracle"]], limits={}, depth={"oracle": 0}, rewrites={}, tick=lambda name: None))
    run.outcomes["oracle"].popitem()

    assert score(run, "oracle").dialogues == 1
    assert score(run, "oracle").stages["raw"].recall.n == 40


def test_a_timeout_of_the_machine_is_no_failure_of_the_model():
    from tests.comparison.dialogues import woven

    run = Run(SIZES, 4800, woven(2), 1, PROMPT)
    asyncio.run(compare(run, [SCRIPTED["oracle"]], limits={}, depth={"oracle": 0}, rewrites={}, tick=lambda name: None))
    key = next(iter(run.outcomes["oracle"]))
    slow = run.outcomes["oracle"][key]
    run.outcomes["oracle"][key] = replace(
        slow, reply=replace(slow.reply, text="", error="slow_start"), refused="slow_start"
    )

    found = score(run, "oracle")

    assert (found.of_machine, found.failures.hits, found.dialogues) == ({"slow_start": 1}, 0, 1)
    assert found.stages["raw"].recall.value == 1


def test_pieces_begin_with_a_question_and_leave_nothing_out():
    from tests.comparison.dialogues import weave

    entries = weave(1, 0).entries()
    cut = pieces(entries, SIZES)

    assert tuple(entry for piece in cut for entry in piece) == entries
    assert all(piece[0].record.is_question for piece in cut)


async def test_a_recorded_model_is_not_asked_again(tmp_path: Path):
    model = Model(name="gone", base_url="http://127.0.0.1:9/v1", max_input=8000)
    kept = Recordings(tmp_path)
    prompt = ({"role": "user", "content": "hello"},)
    reply = Reply("hi", "stop", 2.5, "2026-11-23T12:00:00Z", Usage(5, 1))
    kept.keep(asked(model, prompt, 20, 0, streamed=True), reply)
    asked_model = AskedModel(model, kept, {}, Limits())

    assert await asked_model.ask(prompt, 20) == reply
    assert (await asked_model.ask(prompt, 21)).error == "unreachable"
    assert len(list(tmp_path.rglob("*.json"))) == 1, "a fault of the moment is not recorded"
    await asked_model.close()


def test_a_job_states_its_word_budget_and_the_summary_to_rewrite():
    from tests.comparison.dialogues import weave

    dialogue = weave(1, 0)
    run = Run(SIZES, 4800, (dialogue,), 1, PROMPT)
    job: Job = make_job(run, dialogue, dialogue.entries()[:4], 0, before="Customer: mustard.")

    assert job.prompt.startswith("Notes in 86 words:")
    assert "    Customer: mustard.\n" in job.prompt
