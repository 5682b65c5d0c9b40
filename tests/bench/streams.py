"""Many replies at once: what a token costs, when the first words come, and how smoothly the rest follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from tests.bench.figures import Bar, Mode, Section, Tell, at_most, middle, percentile
from tests.bench.readers import Seen
from tests.bench.servers import Lab, Target, stretch
from tests.reporting.drawing import COLOURS, draw, name_lines

RATE = 50
NAMES = OWN, PLAIN, RAW = "Storekeeper", "passthrough", "raw proxy"
AT_MOST, AT_MOST_OVER_TLS = 0.32, 0.40
"""What a token may cost at 50 replies, of the passthrough's CPU: where the model is asked without and over TLS."""


@dataclass(frozen=True, slots=True)
class Plan:
    """So many readers at once, tokens of each one's reply, paired runs; `plain_tokens`: fewer for the passthrough.

    It needs seconds of CPU for each second of so many streams, and its cost a token hardly depends on their length.
    `closes`: the model closes its connection with a reply's last byte.
    """

    readers: int
    tokens: int
    runs: int
    plain_tokens: int
    closes: bool = False

    @property
    def name(self) -> str:
        return f"{self.readers}, model closes" if self.closes else str(self.readers)


PLANS: dict[Mode, tuple[Plan, ...]] = {
    "whole": (Plan(1, 300, 2, 300), Plan(10, 300, 1, 300), Plan(50, 300, 3, 300), Plan(200, 300, 2, 100), Plan(500, 300, 1, 40)),
    "quick": (Plan(1, 100, 1, 100), Plan(50, 150, 1, 150), Plan(200, 150, 1, 50)),
    "tiny": (Plan(1, 5, 1, 5), Plan(3, 5, 1, 5)),
}  # fmt: skip
PLANS_OVER_TLS: dict[Mode, tuple[Plan, ...]] = {
    "whole": (Plan(50, 300, 3, 300), Plan(50, 60, 1, 60, closes=True)),
    "quick": (Plan(50, 150, 1, 150), Plan(50, 60, 1, 60, closes=True)),
    "tiny": (Plan(3, 5, 1, 5), Plan(3, 5, 1, 5, closes=True)),
}
_GOLDEN = 0.618
"""Its multiples fall everywhere between two whole numbers, evenly."""
ARRIVALS: dict[Mode, tuple[tuple[int, int], ...]] = {
    "whole": ((1, 60), (50, 60), (200, 60)),
    "quick": ((1, 20), (50, 20)),
    "tiny": ((1, 2),),
}
"""Readers that are being served, and how many more come one after the other meanwhile."""


@dataclass(frozen=True, slots=True)
class Run:
    """One server under one load. Milliseconds and microseconds; frames a second and reply; kB of memory a stream.

    `broken_off`: how many replies were not whole; times and frames are those of the others.
    """

    server: str
    readers: int
    cpu_us: float
    first_ms: list[float]
    stretch: float
    stretch_p99: float
    frames: float
    gap_ms: float
    memory_kb: float
    broken_off: int


def run(target: Target, readers: int, tokens: int, *, closes: bool = False) -> Run:
    """Have so many ask in the same moment and read to the end."""
    script = f"{RATE}-{tokens}-0" + "-close" * closes
    seen = target.load(target.askers(readers, script), may_break_off=True)
    return _run_of(target, seen, readers, tokens)


def _run_of(target: Target, seen: Seen, readers: int, tokens: int) -> Run:
    spans = target.model.spans()
    stretches = [stretch(one, spans) for one in seen.readings]
    return Run(
        target.name,
        readers,
        seen.cpu_seconds / (readers * tokens) * 1e6,
        [(one.first - one.asked) * 1000 for one in seen.readings],
        middle(stretches),
        percentile(stretches, 0.99),
        middle([one.frames / max(1e-9, one.ended - one.first) for one in seen.readings]),
        middle([one.gap * 1000 for one in seen.readings]),
        (seen.most_mb - seen.before_mb) * 1024 / readers,
        seen.broken_off,
    )


def measure(mode: Mode, tell: Tell, lab: Lab) -> list[Section]:
    """Return the sections of replies that begin together, and of readers who come while others are served."""
    plans, arrivals = PLANS[mode], ARRIVALS[mode]
    targets = (lab.storekeeper, lab.passthrough, lab.proxy)
    runs = _take(plans, targets, tell)
    more = list[tuple[int, list[list[float]]]]()
    for readers, visitors in arrivals:
        tell(f"readers who come to {readers}")
        more.append((readers, [_arrive(target, readers, visitors, 2 * plans[0].tokens) for target in targets]))
    return [_costs(runs), _times(runs), _coming(more)]


def measure_over_tls(mode: Mode, tell: Tell, lab: Lab) -> list[Section]:
    """Return the section of replies that begin together, where the model is asked over TLS as real providers are."""
    secure = lab.over_tls
    return [_costs_over_tls(_take(PLANS_OVER_TLS[mode], (secure.storekeeper, secure.passthrough), tell))]


def _take(plans: Sequence[Plan], targets: Sequence[Target], tell: Tell) -> "Runs":
    """Put each plan's load on all servers in turn."""
    for target in targets:  # the first reply of a process loads what the others find
        run(target, min(20, plans[-1].readers), min(20, plans[-1].tokens))
    runs: Runs = []
    for plan in plans:
        rounds = list[list[Run]]()
        for _ in range(plan.runs):
            tell(f"{plan.readers} readers")
            tokens = [plan.plain_tokens if target.name == PLAIN else plan.tokens for target in targets]
            pairs = zip(targets, tokens, strict=True)
            rounds.append([run(one, plan.readers, count, closes=plan.closes) for one, count in pairs])
        runs.append((plan, rounds))
    return runs


def _arrive(target: Target, readers: int, visitors: int, tokens: int) -> list[float]:
    """Return the milliseconds to the first words of those who come, one by one, while others are being served.

    They come in the second half of those replies: at first all of these ask at once, which is measured by itself. They do
    not come in step with the model's tokens, whose work they would always meet or never, nor close upon each other.
    """
    if target.name == PLAIN and readers > 50:
        return []  # it is served for itself for half a minute
    begin, end = tokens / RATE * 0.5, tokens / RATE * 0.9
    times = [begin + (end - begin) * (n + n * _GOLDEN % 1) / visitors for n in range(visitors)]
    served = target.askers(readers, f"{RATE}-{tokens}-0")
    coming = target.askers(visitors, f"{RATE}-2-0", after=times)
    names = {one.question for one in coming}
    seen = target.load(served + coming, may_break_off=True)
    return [(one.first - one.asked) * 1000 for one in seen.readings if one.question in names]


Runs = list[tuple[Plan, list[list[Run]]]]
"""For each plan its paired runs: one of each server, in the order of NAMES; over TLS there is no proxy."""
Figure = Callable[[Run], float]


def _costs(runs: Runs) -> Section:
    rows, bars = list[tuple[str, ...]](), list[Bar]()
    for plan, rounds in runs:
        ratios = [[middle([row[n].cpu_us / row[k].cpu_us for row in rounds]) for k in (1, 2)] for n in range(3)]
        memory = [max(row[n].memory_kb for row in rounds) for n in range(3)]
        for n, name in enumerate(NAMES):
            cpu = middle([row[n].cpu_us for row in rounds])
            kilobytes = f"{memory[n]:.0f}" if plan.readers >= 50 else "-"
            cells = (*(f"{ratio:.2f}" for ratio in ratios[n]), kilobytes, _broken_off(rounds, n))
            rows.append((name, f"{plan.readers}", f"{cpu:.1f}", *cells))
        if plan.readers == 50:
            bars.append(bar_of("CPU a token at 50 streams, of the passthrough's", AT_MOST, rounds))
            bars.append(at_most("CPU a token at 50 streams, of the proxy's", 2.5, ratios[0][1]))
        if plan.readers == 200:
            bars.append(at_most("memory a stream, of 200", 60, memory[0], " kB", 0))
    head = ("server", "replies", "CPU us a token", "of the passthrough's", "of the proxy's", "kB a stream", NOT_WHOLE)
    shorter = [f"{plan.plain_tokens} at {plan.readers}" for plan, _ in runs if plan.plain_tokens < plan.tokens]
    note = (
        f"All ask in the same moment, for {runs[0][0].tokens} tokens at {RATE} a second. Medians of paired runs, taken in "
        f"turn: {', '.join(f'{plan.runs} at {plan.readers}' for plan, _ in runs)}. CPU is that of the server's whole process tree."
        + (f" The passthrough's replies are shorter where it is far from keeping up: {', '.join(shorter)}." if shorter else "")
    )  # fmt: skip
    return Section("What a token costs", head, rows, note, bars, [_picture(runs, "cpu", "CPU us a token", _cpu)])


def _costs_over_tls(runs: Runs) -> Section:
    rows, bars = list[tuple[str, ...]](), list[Bar]()
    for plan, rounds in runs:
        for n, name in enumerate((OWN, PLAIN)):
            cpu = middle([row[n].cpu_us for row in rounds])
            ratio = middle([row[n].cpu_us / row[1].cpu_us for row in rounds])
            rows.append((name, plan.name, f"{cpu:.1f}", f"{ratio:.2f}", _broken_off(rounds, n)))
        if plan.closes:
            broken = sum(row[0].broken_off for row in rounds)
            bars.append(at_most(f"{NOT_WHOLE} over TLS where the model closes", 0, broken, digits=0))
        else:
            name = f"CPU a token at {plan.readers} streams over TLS, of the passthrough's"
            bars.append(bar_of(name, AT_MOST_OVER_TLS, rounds))
    head = ("server", "replies", "CPU us a token", "of the passthrough's", NOT_WHOLE)
    note = (
        f"Both ask the model over TLS, as real providers are asked. All ask in the same moment, for {runs[0][0].tokens} tokens "
        f"at {RATE} a second; medians of {runs[0][0].runs} paired runs. At last {runs[-1][0].tokens} tokens of a model that "
        "closes its connection with the last byte, as some servers do."
    )
    return Section("What a token costs over TLS", head, rows, note, bars)


NOT_WHOLE = "replies not whole"


def _broken_off(rounds: Sequence[Sequence[Run]], server: int) -> str:
    broken = sum(row[server].broken_off for row in rounds)
    asked = sum(row[server].readers for row in rounds)
    return f"{broken} of {asked}" if broken else "0"


def bar_of(name: str, limit: float, rounds: Sequence[Sequence[Run]]) -> Bar:
    """Return the bar of the ratio to the passthrough; missed whatever the figure is, where a reply is not whole."""
    bar = at_most(name, limit, middle([row[0].cpu_us / row[1].cpu_us for row in rounds]))
    broken = sum(one.broken_off for row in rounds for one in row[:2])
    return replace(bar, measured=f"{bar.measured}, {broken} {NOT_WHOLE}", is_held=False) if broken else bar


def _times(runs: Runs) -> Section:
    figures: tuple[tuple[Figure, str], ...] = (
        (_first, ".1f"), (lambda one: percentile(one.first_ms, 0.99), ".1f"), (_stretch, ".3f"),
        (lambda one: one.stretch_p99, ".3f"), (_frames, ".1f"), (lambda one: one.gap_ms, ".0f"),
    )  # fmt: skip
    rows, bars = list[tuple[str, ...]](), list[Bar]()
    for plan, rounds in runs:
        for n, name in enumerate(NAMES):
            cells = (format(middle([of(row[n]) for row in rounds]), digits) for of, digits in figures)
            rows.append((name, f"{plan.readers}", *cells))
        if plan.readers == 200:
            own = middle([row[0].stretch for row in rounds])
            bars.append(at_most("stretch at 200 streams, one worker", 1.05, own, digits=3))
    head = ("server", "replies", "first words p50 ms", "p99 ms", "stretch", "p99", "frames a second", "longest gap ms")
    note = (
        "The same runs. First words: from the message sent. Stretch: a reader's time from the model's first token to the "
        "stream's end, by the model's own time; its median and p99 over the readers. Frames are those of one reply."
    )
    pictures = [
        _picture(runs, "first", "first words, all at once, ms", _first),
        _picture(runs, "stretch", "stretch", _stretch, is_log=False),
        _picture(runs, "frames", "frames a second and reply", _frames, is_log=False),
    ]
    return Section("When words come", head, rows, note, bars, pictures)


def _coming(more: list[tuple[int, list[list[float]]]]) -> Section:
    rows, bars = list[tuple[str, ...]](), list[Bar]()
    for readers, (own, plain, raw) in more:
        for name, taken in ((OWN, own), (PLAIN, plain), (RAW, raw)):
            cells = (f"{middle(taken):.1f}", f"{percentile(taken, 0.99):.1f}") if taken else ("-", "-")
            rows.append((name, f"{readers}", str(len(taken)), *cells))
        if readers == 1:
            added = middle(own) - middle(raw)
            bars.append(at_most("first words added at 1 stream, p50, to the proxy's", 5, added, " ms", 1))
        if readers == 200:
            added = percentile(own, 0.99) - percentile(raw, 0.99)
            bars.append(at_most("first words added at 200 streams, p99, to the proxy's", 50, added, " ms", 1))
    head = ("server", "replies", "who come meanwhile", "first words p50 ms", "p99 ms")
    note = (
        "They come when all whom they come to have had words. The model says its first word at once, so all of this time is "
        "the server's, and what of it the proxy has is the machine's."
    )
    return Section("Readers who come one by one while others are served", head, rows, note, bars)


def _picture(runs: Runs, name: str, label: str, of: Figure, *, is_log: bool = True) -> tuple[str, str]:
    """Draw one figure by the number of replies at once, a line a server."""

    def paint(axes: Axes) -> None:
        for n, server in enumerate(NAMES):
            values = [middle([of(row[n]) for row in rounds]) for _, rounds in runs]
            names = [str(plan.readers) for plan, _ in runs]
            axes.plot(names, values, marker="o", markersize=4, color=COLOURS[n], label=server)
        if is_log:
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        axes.set_xlabel("replies at once")
        axes.set_ylabel(label)
        name_lines(axes)

    return label[0].upper() + label[1:], draw(name, 3.4, paint)


def _cpu(one: Run) -> float:
    return one.cpu_us


def _first(one: Run) -> float:
    return middle(one.first_ms)


def _stretch(one: Run) -> float:
    return one.stretch


def _frames(one: Run) -> float:
    return one.frames
