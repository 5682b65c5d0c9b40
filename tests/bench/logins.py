"""What the time of a failed login tells of a name: that somebody has it, that nobody has, both closed by the throttle."""

import asyncio
import math
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from memory.people import accounts
from memory.storage.users import Users
from server import create_app
from settings import ROOT, Environment
from tests.bench.figures import Mode, Section, Tell
from tests.support.shop import NOON, PASSWORD, Clock, Scripted, Visitor, settings_of

SAMPLES = 200
_KNOWN, _UNKNOWN = "bob", "zoe"
_AT_ONCE = 10
"""Attempts at a name before the clock is moved on, so that its rate limit never fills."""


@dataclass(frozen=True, slots=True)
class Logins:
    """Milliseconds of so many logins at each name, taken in turn, and Mann-Whitney's test of their ranks.

    `known_faster`: in how many of all pairs the known name is faster, a half where time tells nothing; `p`: how often
    chance alone would be as far from a half.
    """

    name: str
    known_ms: float
    unknown_ms: float
    known_faster: float
    p: float


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of wrong passwords, then of names that are closed by too many of them."""
    samples = {"whole": SAMPLES, "quick": SAMPLES // 5, "tiny": 2}[mode]
    tell(f"{samples} at each name")
    with tempfile.TemporaryDirectory() as place:
        measured = asyncio.run(_measure(Path(place), samples))
    rows = [
        (one.name, f"{one.known_ms:.2f}", f"{one.unknown_ms:.2f}", f"{one.known_faster:.1%}", f"{one.p:.2f}")
        for one in measured
    ]
    head = ("login", "known ms", "unknown ms", "known is faster", "p by chance")
    return [Section(f"{samples} logins at a name that somebody has, and at one that nobody has", head, rows)]


async def _measure(place: Path, samples: int) -> list[Logins]:
    users, clock = Users(place), Clock()
    users.prepare()
    accounts.create(users, _KNOWN, PASSWORD, "customer", NOON)
    here = Environment(
        users=place, prompts=ROOT / "prompts", host="127.0.0.1", port=8000, secret_key="k" * 40, environ={}
    )
    app = create_app(settings_of({"scripted": None}, trusted_proxy="127.0.0.1"), here, completer=Scripted(), now=clock)

    async def attempt(name: str, number: int) -> tuple[int, float]:
        form = {"username": name, "password": "not this one"}
        address = f"198.51.{number // 250}.{number % 250}"
        started = perf_counter()
        answered = await Visitor(app).post("/login", form, X_Forwarded_For=address)
        return answered.status, perf_counter() - started

    async def compare(what: str, status: int, minutes: int) -> Logins:
        taken: dict[str, list[float]] = {_KNOWN: [], _UNKNOWN: []}
        for number in range(samples):
            if number % _AT_ONCE == 0:
                clock.move(minutes=minutes)
            for name in sorted(taken, reverse=number % 2 == 1):
                found, seconds = await attempt(name, number)
                assert found == status, found
                taken[name].append(seconds * 1000)
        known, unknown = taken.values()
        return Logins(what, statistics.median(known), statistics.median(unknown), *_ranks(known, unknown))

    await attempt(_KNOWN, 0)  # the first one of a process loads what the others find
    failed = await compare("a wrong password", 401, minutes=11)
    for name in (_KNOWN, _UNKNOWN):
        for number in range(20):
            await attempt(name, number)
    return [failed, await compare("closed by the throttle", 429, minutes=0)]


def _ranks(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return the share of pairs in which `one` is smaller, and Mann and Whitney's two-sided p (normal for such counts)."""
    pairs = len(one) * len(other)
    smaller = sum((a < b) + (a == b) / 2 for a in one for b in other)
    z = (smaller - pairs / 2) / math.sqrt(pairs * (len(one) + len(other) + 1) / 12)
    return smaller / pairs, math.erfc(abs(z) / math.sqrt(2))
