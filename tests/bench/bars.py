"""What the memory must hold in a long conversation, each figure from the product's own turns and folds."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memory import tokens
from tests.talk import BEHAVIOURS, INVENTED, Talk

TURNS = 200
SMALL_TURNS, SMALL_WINDOW = 500, 4_096


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what is measured, what it must be at least or at most, and what it is."""

    name: str
    target: str
    measured: str


def measure() -> Iterator[Bar]:
    """Give the bars one by one: 200 turns with a fact in each for every kind of summariser, 500 with a small model."""
    for behaviour in BEHAVIOURS:
        talk = asyncio.run(_talk(TURNS, behaviour))
        prompts = "".join(messages[0]["content"] for messages in talk.models.prompts)
        invented = prompts.count(INVENTED)
        name = f"{TURNS} turns, a summariser that {behaviour}: facts lost, invented ones kept"
        yield Bar(name, "0, 0", f"{len(talk.lost)}, {invented}")
        if behaviour == "repeats":
            fixed = tokens.count(talk.models.prompts[0][0]["content"])
            yield Bar("its calls for notes", "at most 20", str(talk.models.summaries))
            yield Bar("its prompt tokens that stood there before", "at least 88 %", f"{talk.cached_share:.1%}")
            yield Bar(
                "its largest prompt beside rules and data", "4,000 + a turn + notes", f"{max(talk.sizes) - fixed:,}"
            )
    talk = asyncio.run(_talk(SMALL_TURNS, "repeats", window=SMALL_WINDOW))
    failed = sum(ending != "stop" for ending in talk.endings)
    untold = sum("left out here" not in _text(talk, turn) for turn in {turn for turn, _ in talk.lost})
    name = f"{SMALL_TURNS} turns in {SMALL_WINDOW:,} tokens: errors, prompts that leave out and do not say so"
    yield Bar(name, "0, 0", f"{failed}, {untold}")


def _text(talk: Talk, turn: int) -> str:
    return "\n".join(message["content"] for message in talk.models.prompts[turn])


async def _talk(turns: int, behaviour: str, **changed: int) -> Talk:
    with tempfile.TemporaryDirectory() as place:
        return await Talk(Path(place), behaviour, **changed).go_on(turns)
