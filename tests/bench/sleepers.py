"""Readers who ask and then read nothing: what that costs the others, and what the server keeps for them."""

from dataclasses import dataclass, replace

from tests.bench.figures import Bar, Mode, Section, Tell, middle, percentile
from tests.bench.servers import Lab, Target, people_of, stretch

_SIZES: dict[Mode, tuple[int, int, int, int]] = {
    "whole": (50, 20, 300, 3),
    "quick": (50, 20, 100, 1),
    "tiny": (2, 1, 5, 1),
}
"""Readers, sleepers, tokens and paired runs."""
_CHARS = 300
"""Characters of a sleeper's token: 300 of them are more than a connection's buffers hold."""


@dataclass(frozen=True, slots=True)
class _Side:
    first_ms: float
    first_p99_ms: float
    stretch: float
    stretch_p99: float
    grown_kb: float


def measure(mode: Mode, tell: Tell, lab: Lab) -> list[Section]:
    """Return the section of two loads, equal but that in one of them some do not read."""
    readers, sleepers, tokens, runs = _SIZES[mode]
    target = replace(lab.another(), people=people_of(lab.house, "sleeper", 2 * (readers + sleepers)))
    _side(target, readers, sleepers, min(tokens, 30), is_asleep=False)
    rounds = list[tuple[_Side, _Side]]()
    for _ in range(runs):
        tell("all awake")
        awake = _side(target, readers, sleepers, tokens, is_asleep=False)
        tell("some asleep")
        rounds.append((awake, _side(target, readers, sleepers, tokens, is_asleep=True)))
    head = (
        f"{readers} who read, and {sleepers} who",
        "first words p50 ms",
        "p99 ms",
        "stretch",
        "p99",
        "server grown kB",
    )
    rows = [
        (
            name,
            f"{middle([pair[n].first_ms for pair in rounds]):.1f}",
            f"{middle([pair[n].first_p99_ms for pair in rounds]):.1f}",
            f"{middle([pair[n].stretch for pair in rounds]):.3f}",
            f"{middle([pair[n].stretch_p99 for pair in rounds]):.3f}",
            f"{max(pair[n].grown_kb for pair in rounds):,.0f}",
        )
        for n, name in enumerate(("read too", "read nothing"))
    ]
    more = middle([asleep.stretch / awake.stretch for awake, asleep in rounds])
    late = middle([asleep.first_ms - awake.first_ms for awake, asleep in rounds])
    each = max(asleep.grown_kb for _, asleep in rounds) / sleepers
    reply_kb = tokens * _CHARS / 1024
    bars = [
        Bar(
            "stretch of who reads beside sleepers, of that beside readers", "at most 1.05", f"{more:.3f}", more <= 1.05
        ),
        Bar("first words later beside sleepers", "at most 50 ms", f"{late:.1f} ms", late <= 50),
        Bar(
            f"memory a sleeper of a reply of {reply_kb:.0f} kB",
            f"at most {_bound_kb(reply_kb):.0f} kB",
            f"{each:.0f} kB",
            each <= _bound_kb(reply_kb),
        ),
    ]
    note = (
        f"Replies of {tokens} tokens; those of the second group have {_CHARS} characters a token. Narrow connections."
    )
    return [Section("Readers who do not read", head, rows, note, bars)]


def _bound_kb(reply_kb: float) -> float:
    """Return what one sleeper may cost: its reply's text, HTML and newest frame, and what every stream costs."""
    return 60 + 8 * reply_kb


def _side(target: Target, readers: int, sleepers: int, tokens: int, *, is_asleep: bool) -> _Side:
    reading = target.askers(readers, f"50-{tokens}-0")
    others = target.askers(sleepers, f"50-{tokens}-{_CHARS}", is_asleep=is_asleep)
    names = {one.question for one in reading}
    seen = target.load(others + reading)
    spans = target.model.spans()
    found = [one for one in seen.readings if one.question in names]
    first = [(one.first - one.asked) * 1000 for one in found]
    stretches = [stretch(one, spans) for one in found]
    grown = (seen.after_mb - seen.before_mb) * 1024
    return _Side(middle(first), percentile(first, 0.99), middle(stretches), percentile(stretches, 0.99), grown)
