"""What a turn waits for while a summary is being made: the same turns, with a summary that takes 30 s and with none."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished
from handlers.replies.compaction import Compactor
from handlers.services import Services
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY, SUMMARY
from tests.bench.costs import words
from tests.bench.figures import Mode, Section, Tell
from tests.support.talk import SUMMARISER, say, services_in

SUMMARY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds of whole turns, question to kept reply, whose model answers at once."""

    name: str
    turns: int
    median_ms: float
    p99_ms: float


class Slow:
    """Answers at once; a summary of 150 words comes word by word for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.is_summarising = False

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
        if request.model.name != SUMMARISER:
            yield Delta("Thank you, noted.", is_last=True)
            yield Finished("stop")
            return
        self.is_summarising = True
        for word in words(random.Random(1), 150).split():
            await asyncio.sleep(self._seconds / 150)
            yield Delta(word + " ")
        yield Finished("stop")
        self.is_summarising = False


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of about 250 turns without a summary, and of as many while one is being made."""
    seconds = {"whole": SUMMARY_SECONDS, "quick": SUMMARY_SECONDS / 6, "tiny": 0.5}[mode]
    tell(f"two times {seconds:.0f} s")
    with tempfile.TemporaryDirectory() as place:
        measured = asyncio.run(_measure(Path(place), seconds))
    rows = [(one.name, str(one.turns), f"{one.median_ms:.1f}", f"{one.p99_ms:.1f}") for one in measured]
    head = ("summary", "turns", "median ms", "p99 ms")
    return [Section(f"Whole turns while a summary takes {seconds:g} s", head, rows)]


async def _measure(place: Path, seconds: float) -> list[Waits]:
    models = Slow(seconds)
    services = services_in(place, models)
    ana, compactor = services.users.folder("ana"), Compactor(services)
    for _ in range(45):
        await say(services, ana, "About my order: " + "hammock " * 100)
    bob = services.users.create("bob", b"")
    shutil.copy(ana.path / HISTORY, bob.path)  # both begin with the same conversation, and it grows alike
    alone = await _turns(services, bob, seconds)
    compactor.after_turn(ana)
    while not models.is_summarising:
        await asyncio.sleep(0.01)
    beside = await _turns(services, ana, seconds)
    assert models.is_summarising, "the summary ended before the turns did"
    await compactor.settled(ana)
    assert ana.exists(SUMMARY)
    return [_waits("none running", alone), _waits("one running", beside)]


async def _turns(services: Services, folder: Folder, seconds: float) -> list[float]:
    """Take a turn every tenth of a second for most of a summary's time."""
    taken, ends = list[float](), perf_counter() + seconds * 0.9
    while perf_counter() < ends:
        started = perf_counter()
        await say(services, folder, "And now?")
        taken.append((perf_counter() - started) * 1000)
        await asyncio.sleep(max(0.0, 0.1 - taken[-1] / 1000))
    return taken


def _waits(name: str, taken: list[float]) -> Waits:
    ordered = sorted(taken)
    return Waits(name, len(ordered), ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)])
