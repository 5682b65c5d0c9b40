"""What the memory must hold in a long conversation, each figure from the product's own turns and compactions."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from memory.context import tokens
from tests.bench.figures import Bar, Mode, Section, Tell, at_least, at_most
from tests.support.talk import BEHAVIOURS, INVENTED, Talk

TURNS = 200
SMALL_TURNS, SMALL_WINDOW = 500, 4_096


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of what the notes hold: a conversation with a fact a turn for every kind of summariser."""
    turns, small = {"whole": (TURNS, SMALL_TURNS), "quick": (TURNS, 0), "tiny": (3, 3)}[mode]
    bars = list(_bars(turns, small, ["repeats"] if mode != "whole" else list(BEHAVIOURS), tell))
    rows = [(bar.name, bar.target, bar.measured) for bar in bars]
    return [Section("What the memory holds", ("bar", "target", "measured"), rows, "", bars)]


def _bars(turns: int, small: int, behaviours: Sequence[str], tell: Tell) -> Iterator[Bar]:
    for behaviour in behaviours:
        tell(f"a summariser that {behaviour}")
        talk = asyncio.run(_talk(turns, behaviour))
        prompts = "".join(messages[0]["content"] for messages in talk.models.prompts)
        yield _none(f"{turns} turns, a summariser that {behaviour}: facts lost, invented ones kept",
                    len(talk.lost), prompts.count(INVENTED))  # fmt: skip
        if behaviour == "repeats":
            fixed = tokens.count(talk.models.prompts[0][0]["content"])
            beside = max(talk.sizes) - fixed
            yield at_most("its calls for notes", 20, talk.models.summaries, digits=0)
            yield at_least("its prompt tokens that are read from the cache", 90, talk.cached_share * 100, " %", 1)
            yield Bar("its largest prompt beside rules and data", "at most 9,060", f"{beside:,}", beside <= 9_060)
    if small:
        tell(f"{small} turns in a small window")
        talk = asyncio.run(_talk(small, "repeats", window=SMALL_WINDOW))
        failed = sum(ending != "stop" for ending in talk.endings)
        untold = sum("not in these notes" not in _text(talk, turn) for turn in {turn for turn, _ in talk.lost})
        yield _none(f"{small} turns in {SMALL_WINDOW:,} tokens: errors, prompts that leave out and do not say so",
                    failed, untold)  # fmt: skip


def _none(name: str, one: int, other: int) -> Bar:
    """Return the bar of two counts that must be none."""
    return Bar(name, "0, 0", f"{one}, {other}", one == other == 0)


def _text(talk: Talk, turn: int) -> str:
    return "\n".join(message["content"] for message in talk.models.prompts[turn])


async def _talk(turns: int, behaviour: str, **changed: int) -> Talk:
    with tempfile.TemporaryDirectory() as place:
        return await Talk(Path(place), behaviour, **changed).go_on(turns)
