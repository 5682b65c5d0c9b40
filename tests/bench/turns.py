"""What a turn takes by itself, whatever the history: reading, counting and making the prompt; and the cold start."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from handlers.beat import Beat
from handlers.services import Services
from handlers.turn import choose, read_prompt
from memory import accounts, folds, history, summary
from memory.files import HISTORY, Folder, Users
from memory.records import Record, print_record
from memory.summary import Covered
from settings import ROOT, read
from tests.bench.costs import Scripted, dialogue
from tests.bench.figures import Mode, Section, Tell, at_most, middle
from tests.talk import say


@dataclass(frozen=True, slots=True)
class Timing:
    """A history's size, and milliseconds: to make the first prompt (the covered bytes are hashed) and those after it.

    `whole_ms`: of turns from the question to the kept reply, whose model answers at once.
    """

    name: str
    records: int
    megabytes: float
    first_ms: float
    turn_ms: float
    whole_ms: float


def median_ms(action: Callable[[], object], times: int = 15) -> float:
    """Give the median of several runs."""
    taken = list[float]()
    for _ in range(times):
        started = perf_counter()
        action()
        taken.append(perf_counter() - started)
    return sorted(taken)[times // 2] * 1000


SHAPES = (
    ("10 records", 10, 1),
    ("10 kB", 20, 1),
    ("1,000 records", 1_000, 1),
    ("100,000 records", 100_000, 1),
    ("100 MB", 100_000, 2),
)
_SMALL = (("10 records", 10, 1), ("10 kB", 20, 1), ("100 records", 100, 1))


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Give the section of a turn's own time by the length of the history, each with notes up to its last messages."""
    measured = list[Timing]()
    for name, records, stretch in _SMALL if mode == "tiny" else SHAPES:
        tell(name)
        measured.append(_measure(name, records, stretch))
    small, full, longest = measured[1], measured[2], measured[-1]
    rows = [
        (
            one.name,
            f"{one.megabytes:.1f}",
            f"{one.first_ms:.1f}",
            f"{one.turn_ms:.2f}",
            f"{one.turn_ms / full.turn_ms:.2f}",
            f"{one.whole_ms:.1f}",
            f"{one.whole_ms / small.whole_ms:.2f}",
        )
        for one in measured
    ]
    bars = [
        at_most(f"a turn at {longest.name}, of that at {small.name}", 1.2, longest.whole_ms / small.whole_ms),
        at_most(f"a prompt at {longest.name}, of that at {full.name}", 1.2, longest.turn_ms / full.turn_ms),
    ]
    head = ("history", "MB", "first prompt ms", "a prompt ms", f"of that at {full.name}", "a whole turn ms",
            f"of that at {small.name}")  # fmt: skip
    note = (
        "A prompt: reading, counting and making it; of few records it is short, and sooner made. A whole turn: from the "
        "question to the kept reply, with all that is synced to the disk, of a model whose answer comes at once, in one piece."
    )
    return [Section("A turn's own time, whatever the history", head, rows, note, bars)]


def _measure(name: str, records: int, stretch: int) -> Timing:
    settings = read(
        {
            "chat": ["m"],
            "summariser": ["m"],
            "models": [{"name": "m", "max_input": 100_000, "base_url": "http://127.0.0.1:9/v1"}],
            "budget": {"daily_tokens_per_user": 0},
            "limits": {"messages_per_minute": 0},
        }
    )
    with tempfile.TemporaryDirectory() as place:
        users = Users(Path(place) / "users")
        users.prepare()
        now = datetime.now(UTC).replace(microsecond=0)
        accounts.create(users, "ana", "correct horse battery", "owner", now)
        folder = users.folder("ana")
        _write(folder, records, stretch, now)
        services = Services(settings, users, ROOT / "prompts", Scripted([("", "You are welcome.")] * 40), Beat())
        if records > 60:
            _note(folder, now)
        question = Record(records + 1, now, "user", "How much is the double hammock?")

        def prompt() -> None:
            choose(services, read_prompt(services, folder, question, "", may_fold=False))

        started = perf_counter()
        prompt()
        first = (perf_counter() - started) * 1000
        size = (folder.size(HISTORY) or 0) / 1e6
        return Timing(name, records, size, first, median_ms(prompt), asyncio.run(_whole_ms(services, folder)))


async def _whole_ms(services: Services, folder: Folder, times: int = 31) -> float:
    """Give the median of whole turns; their short messages do not make notes due."""
    taken = list[float]()
    for _ in range(times):
        started = perf_counter()
        await say(services, folder, "Thank you.")
        taken.append(perf_counter() - started)
    return middle(taken) * 1000


def _write(folder: Folder, records: int, stretch: int, now: datetime) -> None:
    said = dialogue()
    with (folder.path / HISTORY).open("wb") as file:
        for n in range(1, records + 1):
            question, answer = said[(n // 2) % len(said)]
            text = "\n".join([question if n % 2 else answer] * (stretch if n < records - 60 else 1))
            time = now - timedelta(seconds=records - n)
            file.write(print_record(Record(n, time, "user" if n % 2 else "assistant", text)))


def _note(folder: Folder, now: datetime) -> None:
    """Put notes over all but the newest messages, as folds would have."""
    covered, newest = Covered(), 0
    for n, entry in enumerate(history.backwards(folder)):
        if n >= 24 and entry.record.is_question:
            newest = entry.start
            break
    made = folds.Plan("gap", summary.Summary(), history.began(folder), summary.Summary(), 0, 0, 0, newest, (), 200)
    folds.keep(folder, covered, made, "The customer asked about several orders.", "model", "m", now)
