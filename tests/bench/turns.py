"""What a turn takes by itself, whatever the history: reading, counting and making the prompt; and the cold start."""

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


@dataclass(frozen=True, slots=True)
class Timing:
    """A history's size, and milliseconds: of the first turn (the covered bytes are hashed) and of the turns after it."""

    name: str
    records: int
    megabytes: float
    first_ms: float
    turn_ms: float


def median_ms(action: Callable[[], object], times: int = 15) -> float:
    """Give the median of several runs."""
    taken = list[float]()
    for _ in range(times):
        started = perf_counter()
        action()
        taken.append(perf_counter() - started)
    return sorted(taken)[times // 2] * 1000


def measure() -> list[Timing]:
    """Give the timings at 10, 1,000 and 100,000 records and at 100 MB, each with notes up to its last messages."""
    shapes = (
        ("10 records", 10, 1),
        ("1,000 records", 1_000, 1),
        ("100,000 records", 100_000, 1),
        ("100 MB", 100_000, 2),
    )
    return [_measure(name, records, stretch) for name, records, stretch in shapes]


def _measure(name: str, records: int, stretch: int) -> Timing:
    settings = read(
        {
            "chat": ["m"],
            "summariser": ["m"],
            "models": [{"name": "m", "max_input": 100_000, "base_url": "http://127.0.0.1:9/v1"}],
        }
    )
    with tempfile.TemporaryDirectory() as place:
        users = Users(Path(place) / "users")
        users.prepare()
        now = datetime.now(UTC).replace(microsecond=0)
        accounts.create(users, "ana", "correct horse battery", "owner", now)
        folder = users.folder("ana")
        _write(folder, records, stretch, now)
        services = Services(settings, users, ROOT / "prompts", Scripted([]), Beat())
        if records > 60:
            _note(folder, now)
        question = Record(records + 1, now, "user", "How much is the double hammock?")

        def turn() -> None:
            choose(services, read_prompt(services, folder, question, "", may_fold=False))

        started = perf_counter()
        turn()
        first = (perf_counter() - started) * 1000
        size = (folder.size(HISTORY) or 0) / 1e6
        return Timing(name, records, size, first, median_ms(turn))


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
