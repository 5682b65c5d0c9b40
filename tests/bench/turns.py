"""What a turn takes by itself, whatever the history: reading, counting and making the prompt; and the cold start."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from handlers.services import Services
from memory.context import compaction, summary
from memory.context.builder import build_context
from memory.context.summary import Covered
from memory.conversations import history
from memory.conversations.records import Record, print_record
from memory.people import accounts
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY
from memory.storage.users import Users
from settings import ROOT, read
from tests.bench.costs import Scripted, dialogue
from tests.bench.figures import Mode, Section, Tell, at_most, middle
from tests.support.talk import say


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
    """Return the median of several runs."""
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
    """Return the section of a turn's own time by the length of the history, each with notes up to its last messages."""
    shapes = _SMALL if mode == "tiny" else SHAPES
    with ExitStack() as stack:
        shops, prompts = list[tuple[Services, Folder]](), list[tuple[float, float]]()
        for name, records, stretch in shapes:
            tell(name)
            shops.append(_shop(stack, records, stretch))
            prompts.append(_prompts(*shops[-1], records))
        tell("whole turns")
        wholes = asyncio.run(_whole_ms(shops))
        measured = [
            Timing(name, records, (folder.size(HISTORY) or 0) / 1e6, *prompt, whole)
            for (name, records, _), (_, folder), prompt, whole in zip(shapes, shops, prompts, wholes, strict=True)
        ]
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
        "question to the kept reply, with all that is synced to the disk, of a model whose answer comes at once, in one piece; "
        "medians of turns taken in turn."
    )
    return [Section("A turn's own time, whatever the history", head, rows, note, bars)]


def _shop(stack: ExitStack, records: int, stretch: int) -> tuple[Services, Folder]:
    """Make a shop and a person with so many messages, who has notes on all but the newest where there are many."""
    settings = read(
        {
            "chat": ["m"],
            "summariser": ["m"],
            "models": [{"name": "m", "max_input": 100_000, "base_url": "http://127.0.0.1:9/v1"}],
            "budget": {"daily_tokens_per_user": 0},
            "limits": {"messages_per_minute": 0},
        }
    )
    users = Users(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "users")
    users.prepare()
    now = datetime.now(UTC).replace(microsecond=0)
    accounts.create(users, "ana", "correct horse battery", "owner", now)
    folder = users.folder("ana")
    _write(folder, records, stretch, now)
    if records > 60:
        _note(folder, now)
    services = Services(settings, users, ROOT / "prompts", Scripted([("", "You are welcome.")] * 40))
    return services, folder


def _prompts(services: Services, folder: Folder, records: int) -> tuple[float, float]:
    """Return the milliseconds that the first prompt takes, and the median of those after it."""
    question = Record(records + 1, services.now(), "user", "How much is the double hammock?")

    def prompt() -> None:
        build_context(services.sources(), folder, question)

    started = perf_counter()
    prompt()
    return (perf_counter() - started) * 1000, median_ms(prompt)


async def _whole_ms(shops: Sequence[tuple[Services, Folder]], times: int = 31) -> list[float]:
    """Return each one's median of whole turns; their short messages do not make notes due."""
    taken = [list[float]() for _ in shops]
    for _ in range(times):
        for n, (services, folder) in enumerate(shops):
            started = perf_counter()
            await say(services, folder, "Thank you.")
            taken[n].append((perf_counter() - started) * 1000)
    return [middle(one) for one in taken]


def _write(folder: Folder, records: int, stretch: int, now: datetime) -> None:
    said = dialogue()
    with (folder.path / HISTORY).open("wb") as file:
        for n in range(1, records + 1):
            question, answer = said[(n // 2) % len(said)]
            text = "\n".join([question if n % 2 else answer] * (stretch if n < records - 60 else 1))
            time = now - timedelta(seconds=records - n)
            file.write(print_record(Record(n, time, "user" if n % 2 else "assistant", text)))
        file.flush()
        os.fsync(file.fileno())  # else the turns would wait for it too


def _note(folder: Folder, now: datetime) -> None:
    """Put notes over all but the newest messages, as compactions would have."""
    covered, newest = Covered(), 0
    for n, entry in enumerate(history.backwards(folder)):
        if n >= 24 and entry.record.is_question:
            newest = entry.start
            break
    made = compaction.Plan(
        "backlog", summary.Summary(), history.began(folder), summary.Summary(), 0, 0, 0, newest, (), 200
    )
    compaction.keep(folder, covered, made, "The customer asked about several orders.", "model", "m", now)
