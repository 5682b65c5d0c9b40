"""Conversations with everyday facts of customers, and summarisers written for them: what do the notes say afterwards?

The cases stand in tests/data/memory-cases.jsonl, one a line: turns, and of each planted fact how it is said, the forms
that count, who said it, the values it took the place of, a true rewording and a lie. They are played against the notes
in this process: no server, no model.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from memory.context import noting, remembered, tokens, verification
from memory.context.summary import BadSummary, Method, Segment, Summary
from memory.conversations.records import Entry, Record, Role
from settings import ROOT

CASES = ROOT / "tests" / "data" / "memory-cases.jsonl"
BEGAN = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
BUDGET_TOKENS, NOTES_TOKENS = 240, 4_800
"""Of a segment and of all notes together, where `summary_tokens` is 1,200."""
TALK = {
    "en": (
        ("Is it quiet at the shop today?", "Quite, it rains and everybody stays at home with a book."),
        ("How did you come to do this work?", "An aunt began it, and one after the other the family joined in."),
        ("I like the smell of the place.", "Wood and coffee, mostly; visitors notice it more than we do."),
        ("Do people come from far away?", "Some do, and they stay for hours and tell us about their towns."),
    ),
    "pt": (
        ("Está tranquilo na loja hoje?", "Está, chove e todo mundo fica em casa lendo."),
        ("Como começaram com isso?", "Uma tia começou, e aos poucos a família foi entrando."),
        ("Gosto do cheiro daí.", "É madeira e café; quem visita nota mais do que a gente."),
        ("Vem gente de longe?", "Vem, e fica horas contando da cidade onde mora."),
    ),
}
FRAMES = {
    "en": {"user": "The customer said: {}.", "assistant": "The shop said: {}."},
    "pt": {"user": "O cliente disse: {}.", "assistant": "A loja disse: {}."},
}
VAGUE = "The customer and the shop talked about the weather, an order and some wishes."
MADE_UP = "The customer placed order #W0700042 for R$ 7654,00."
OBEYED = ("The customer gets 50 % off every order.", "The shop granted 50 % off and approved a refund of R$ 870,00.")
NEVER_SAID = ("gets 50 % off", "granted 50 % off", "approved a refund", "w0700042", "7654")


class Fact(msgspec.Struct, frozen=True):
    """A planted fact. A form in `any` may be several pieces, "rua & 45"; "!" among them is a negation in any words."""

    said: str
    any: tuple[str, ...]
    speaker: Role
    old: tuple[str, ...] = ()
    para: str = ""
    lie: str = ""
    lies: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True):
    """A conversation; `later` is what follows after a first fold, `current` are values that hold until its end."""

    id: str
    class_: str = msgspec.field(name="class")
    lang: str
    before: int
    turns: tuple[tuple[Role, str], ...]
    facts: tuple[Fact, ...]
    later: tuple[tuple[Role, str], ...] = ()
    current: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fact: `state` is kept, bare (a value without its clause), told (left out, and it says so) or lost."""

    case: str
    way: str
    fact: str
    state: str
    is_stale: bool = False
    is_false: bool = False
    is_confused: bool = False
    lies: tuple[str, ...] = ()
    cost_tokens: int = 0


def load(path: Path = CASES) -> list[Case]:
    return [msgspec.json.decode(line, type=Case) for line in path.read_text().split("\n") if line]


Summarise = Callable[[Case, str], str | None]
"""Returns notes on a piece of the case's conversation as it is quoted; None where the summariser is dead."""


def _facts_in(case: Case, source: str) -> list[Fact]:
    """Return what a summariser sees of the facts: with `later`, a piece of the conversation word for word."""
    if case.later:
        first = case.facts[0]
        shown = [(role, text) for role, text in (*case.turns, *case.later) if text in source]
        return [
            msgspec.structs.replace(first, said=text.rstrip("."), para=text.rstrip("."), lie="", speaker=role)
            for role, text in shown
        ]
    return list(case.facts)


def _say(fact: Fact, what: str, lang: str = "en") -> str:
    return FRAMES[lang][fact.speaker].format(what)


def _each(word: Callable[[Fact], str]) -> Summarise:
    return lambda case, source: "\n".join(map(word, _facts_in(case, source))) or VAGUE


def _swapped(fact: Fact) -> str:
    return FRAMES["en"]["assistant" if fact.speaker == "user" else "user"].format(fact.said)


def _lossy(case: Case, source: str) -> str:
    return "\n".join([VAGUE, *(_say(fact, fact.said) for n, fact in enumerate(_facts_in(case, source)) if n % 2)])


def _json(case: Case, source: str) -> str:
    notes = [
        {"speaker": "customer" if fact.speaker == "user" else "shop", "fact": fact.said}
        for fact in _facts_in(case, source)
    ]
    return json.dumps({"notes": notes}, ensure_ascii=False)


def _lying(case: Case, source: str) -> str:
    return "\n".join([*(_say(fact, fact.lie or fact.said) for fact in _facts_in(case, source)), MADE_UP])


def _obedient(case: Case, source: str) -> str:
    return "\n".join([*(_say(fact, fact.said) for fact in _facts_in(case, source)), *OBEYED])


WAYS: dict[str, Summarise] = {
    "perfect": _each(lambda fact: _say(fact, fact.said)),
    "reworded": _each(lambda fact: _say(fact, fact.para or fact.said)),
    "lossy": _lossy,
    "vacuous": lambda case, source: VAGUE,
    "lying": _lying,
    "swapped": _each(_swapped),
    "portuguese": _each(lambda fact: _say(fact, fact.said, "pt")),
    "json": _json,
    "obedient": _obedient,
    "empty": lambda case, source: "",
    "verbose": lambda case, source: (source + "\n") * 3,
    "dead": lambda case, source: None,
}
"""Summarisers by how they do their work."""


def play(case: Case, way: str) -> list[Outcome]:
    """Return what became of each fact of a case, and of what the summariser made up."""
    talk = TALK["pt" if case.lang == "pt" else "en"]
    chatter: list[tuple[Role, str]] = []
    for question, answer in talk:
        chatter += [("user", question), ("assistant", answer)]
    pieces = [[*chatter[: 2 * case.before], *case.turns, *chatter], *([[*case.later, *chatter]] if case.later else [])]
    segments, number = list[Segment](), 1
    for piece in pieces:
        records = [Record(n, BEGAN + timedelta(minutes=n), role, text) for n, (role, text) in enumerate(piece, number)]
        segments.append(_fold(case, way, records))
        number += len(piece)
    notes = remembered.notes(Summary(tuple(segments)), budget_tokens=NOTES_TOKENS, encoding=tokens.FALLBACK)
    return _judge(case, way, notes)


def _fold(case: Case, way: str, records: Sequence[Record]) -> Segment:
    """Return the segment that a fold makes: of what the summariser wrote, or by code where that is no summary."""
    entries = [Entry(record, record.number, record.number + 1) for record in records]
    said = WAYS[way](case, verification.conversation_of(entries))
    text = None
    if said is not None:
        try:
            text = verification.verified(said, entries, budget_tokens=BUDGET_TOKENS, encoding=tokens.FALLBACK)
        except BadSummary:
            text = None
    method: Method = "extractive" if text is None else "model"
    if text is None:
        text = noting.extract(entries, budget_tokens=BUDGET_TOKENS, encoding=tokens.FALLBACK)
    first, last = records[0].number, records[-1].number
    return Segment(first, last, first, last + 1, method, records[-1].time, text, "luna" if method == "model" else None)


_NEGATION = re.compile(r"\b(?:not|no|never|none|don't|doesn't|can't|without|free|nao|nada|nunca|sem|nem|only|so)\b")
_MARK = re.compile(
    r"before:|instead of|rather than|no longer|not\b|nao\b|now\b|agora|em vez|changed|moved|mudei|mudou|actually|"
    r"na verdade|errei|sorry|desculp|wrong|meant|make it|pensei melhor|melhor|mistake"
)
_SPEAKER = re.compile(r"\((customer|shop), message \d+|^\W*(?:the |o |a )?(customer|shop|cliente|loja) ")
_REPLACED = re.compile(r"before: (\"[^)]*)\)|(?:instead of|em vez d\w+) ([^.;,)\"]*)")


def flat(text: str) -> str:
    """Return the text without case, accents and spare spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())


def _has(form: str, line: str) -> bool:
    return all(
        _NEGATION.search(line) is not None
        if piece == "!"
        else re.search(rf"(?<![^\W_]){re.escape(piece)}(?!\d)", line) is not None
        for piece in map(flat, form.split(" & "))
    )


def stands_in(forms: Sequence[str], line: str) -> bool:
    """True if a flat line has one of these forms."""
    return any(_has(form, line) for form in forms)


def _speaker_of(line: str) -> Role | None:
    found = _SPEAKER.search(line)
    if found is None:
        return None
    return "user" if (found[1] or found[2]) in ("customer", "cliente") else "assistant"


def _judge(case: Case, way: str, notes: str) -> list[Outcome]:
    lines = [flat(line) for line in notes.split("\n") if line.strip()]
    is_told = re.search(r"(?:is|are) not in these notes", notes) is not None
    outcomes = [_of_fact(case, way, fact, lines, is_told) for fact in case.facts]
    made_up = tuple(
        said
        for said in NEVER_SAID
        for line in lines
        if said in line and not (_speaker_of(line) == "user" and '"' in line)
    )
    if made_up:
        outcomes.append(Outcome(case.id, way, "(made up)", "kept", lies=made_up))
    return outcomes


def _of_fact(case: Case, way: str, fact: Fact, lines: Sequence[str], is_told: bool) -> Outcome:
    where = [line for line in lines if stands_in(fact.any, line)]
    state = "kept" if where else "told" if is_told else "lost"
    if where and all(re.match(r"- .{1,80} \((?:customer|shop), message", line) for line in where):
        state = "bare"
    stale = [line for line in lines if stands_in(fact.old, line) and not stands_in(fact.any, line)]
    stale = [line for line in stale if not _MARK.search(line)]
    ends = [line for line in where if _MARK.search(line) or stands_in(fact.old, line)]
    turns = (*case.turns, *case.later)
    is_of_one = {role for role, text in turns if stands_in(fact.any, flat(text))} == {fact.speaker}
    return Outcome(
        case.id,
        way,
        fact.said,
        state,
        is_stale=bool(stale) and not ends,
        is_false=any(_is_replaced(value, lines) for value in case.current),
        is_confused=is_of_one and any(_speaker_of(line) not in (None, fact.speaker) for line in where),
        lies=tuple(lie for lie in fact.lies if way == "lying" and any(_has(lie, line) for line in lines)),
        cost_tokens=tokens.count(min(where, key=len)) if where else 0,
    )


def _is_replaced(value: str, lines: Sequence[str]) -> bool:
    """True if a line says that another value took the place of this one."""
    return any(_has(value, found[1] or found[2] or "") for line in lines for found in _REPLACED.finditer(line))
