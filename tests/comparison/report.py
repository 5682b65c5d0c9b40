"""The report: all figures as plain values, the tables of the terminal, and the JSON for machines."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from tests.comparison.advice import Advice
from tests.comparison.answers import AnswerScore
from tests.comparison.defence import AttackScore
from tests.comparison.scores import Score
from tests.comparison.scoring import STAGES, Share
from tests.comparison.selfcheck import SelfCheck
from tests.reporting.tables import Rows, print_table


@dataclass(frozen=True, slots=True)
class Report:
    """One comparison, whole. It holds no time of its own: the same recordings make the same report."""

    check: SelfCheck
    scores: tuple[Score, ...]
    answers: tuple[AnswerScore, ...]
    attacks: tuple[AttackScore, ...]
    advice: Advice
    about: str
    """Which dialogues, how many facts, pieces and budgets."""
    is_whole: bool


def percent(share: Share | None) -> str:
    return f"{share.value:.1%}" if share is not None and share.value is not None else "-"


def with_interval(share: Share) -> str:
    low, high = share.interval
    return f"{percent(share)} ({100 * low:.0f}-{100 * high:.0f})" if share.n else "-"


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s" if value else "0"


def dollars(value: float | None) -> str:
    return "?" if value is None else f"{value:.3f}" if value else "0"


def main_rows(report: Report) -> Rows:
    """Return the main table: its head and a row a model. Raw is as the model wrote, kept as the product verified it."""
    head = ("model", "facts", "recall raw", "recall kept", "worst class kept", "stale raw", "stale kept", "invented/100 raw",
            "kept", "wrong speaker", "size raw", "size kept", "over budget", "failures", "flips")  # fmt: skip
    rows = list[tuple[str, ...]]()
    for one in report.scores:
        raw, kept = one.stages["raw"], one.stages["verified"]
        worst = min(kept.classes.items(), key=lambda pair: pair[1].value or 0, default=None)
        rows.append(
            (
                one.model,
                str(raw.recall.n),
                with_interval(raw.recall),
                with_interval(kept.recall),
                f"{worst[0]} {percent(worst[1])}" if worst else "-",
                percent(raw.stale),
                percent(kept.stale),
                f"{raw.per_hundred:.0f}",
                f"{kept.per_hundred:.0f}",
                percent(kept.wrong_speaker),
                f"{raw.compression:.0%}",
                f"{kept.compression:.0%}",
                percent(one.over_budget),
                percent(one.failures),
                percent(raw.flips),
            )
        )
    return head, rows


def cost_rows(report: Report) -> Rows:
    head = ("model", "dialogues", "notes", "p50", "p95", "prompt tokens", "answer tokens", "$ per 1,000 turns", "as of", "failures by reason", "the machine's faults, not counted")  # fmt: skip
    rows: list[tuple[str, ...]] = [
        (
            one.model,
            str(one.dialogues),
            str(one.notes),
            seconds(one.p50_seconds),
            seconds(one.p95_seconds),
            f"{one.prompt_tokens:,}",
            f"{one.answer_tokens:,}",
            dollars(one.per_thousand_usd),
            one.priced if one.is_real else "",
            ", ".join(f"{why} {count}" for why, count in one.reasons.items()),
            ", ".join(f"{why} {count}" for why, count in one.of_machine.items()),
        )
        for one in report.scores
    ]
    return head, rows


def class_rows(report: Report) -> Rows:
    names = sorted({name for one in report.scores for name in one.stages["raw"].classes})
    rows = [
        (
            one.model,
            "kept" if stage == "verified" else stage,
            *(percent(one.stages[stage].classes.get(name)) for name in names),
        )
        for one in report.scores
        for stage in STAGES
    ]
    return ("model", "notes", *names), rows


def depth_rows(report: Report) -> Rows:
    depths = sorted({depth for one in report.scores for shares in one.depth.values() for depth in shares})
    rows = [
        (one.model, _WAYS[way], *(_of(shares.get(depth)) for depth in depths))
        for one in report.scores
        for way, shares in one.depth.items()
    ]
    return ("model", "notes", *(f"after {depth}" for depth in depths)), rows


_WAYS = {"kept": "from the source", "sent": "of these sent", "rewritten": "rewritten"}


def _of(share: Share | None) -> str:
    return f"{percent(share)} of {share.n}" if share else "-"


def answer_rows(report: Report) -> Rows:
    kinds = list(report.answers[0].kinds) if report.answers else []
    head = (
        "model",
        "history, answer",
        "questions",
        "right",
        *kinds,
        "made-up price",
        "did not refuse",
        "claims/100",
        "wrong claims",
        "failures",
        "p50",
    )
    rows = [
        (
            one.model,
            one.way,
            str(one.right.n),
            with_interval(one.right),
            *(percent(one.kinds[kind]) for kind in kinds),
            percent(one.made_up),
            percent(one.talked_round),
            f"{100 * one.claims / one.right.n:.0f}" if one.right.n else "-",
            _of(one.wrong_claims),
            percent(one.failures),
            seconds(one.p50_seconds),
        )
        for one in report.answers
    ]
    return head, rows


def attack_rows(report: Report) -> Rows:
    kinds = list(report.attacks[0].kinds) if report.attacks else []
    head = ("model", "history, answer", "attacks", "held", *kinds, "gave in", "unknown price", "unmarked", "told its rules", "strangers", "failures")  # fmt: skip
    rows = [
        (
            one.model,
            one.way,
            str(one.held.n),
            with_interval(one.held),
            *(percent(one.kinds[kind]) for kind in kinds),
            percent(one.gave_in),
            percent(one.unknown_price),
            percent(one.unmarked),
            percent(one.told_rules),
            percent(one.strangers),
            percent(one.failures),
        )
        for one in report.attacks
    ]
    return head, rows


TABLES = (
    ("What notes carry", main_rows),
    ("What notes cost", cost_rows),
    ("Recall by class of fact", class_rows),
    ("Recall after so many compactions", depth_rows),
    ("Answers about the shop", answer_rows),
    ("Attacks withstood", attack_rows),
)


def print_tables(report: Report, console: Console) -> None:
    """Print the tables; the advice stands last."""
    console.print(report.about)
    check = report.check
    console.print(
        f"The scorer refused {check.wrong.hits:,} of {check.wrong.n:,} wrong notes and took {check.right.hits:,} of {check.right.n:,} right ones."
    )
    if not report.is_whole:
        console.print("Broken off: only what was done is counted. Run it again and it goes on from here.", style="bold")
    for title, make in TABLES:
        head, rows = make(report)
        if rows:
            print_table(title, head, rows, console)
    for reason in report.advice.reasons:
        console.print(reason)
    if report.advice.line:
        console.print("For settings.toml:")
        console.print(f"  {report.advice.line}", markup=False, highlight=False)


def plain(report: Report) -> dict[str, Any]:
    """Return the report as plain values; a share has its value and interval with it."""
    made: dict[str, Any] = _plain(asdict(report))
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"hits", "n"}:
            share = Share(**value)
            return {**value, "value": share.value, "interval": list(share.interval)}
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def as_json(report: Report) -> str:
    return json.dumps(plain(report), indent=1, ensure_ascii=False) + "\n"
