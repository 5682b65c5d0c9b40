"""Notes made true by code: a model's notes verified against their source, or notes taken out by code alone."""

import re
from collections.abc import Iterable, Sequence

from memory.context import facts, tokens
from memory.context.cards import SPEAKERS
from memory.context.quoting import quote_one
from memory.context.summary import MOST_FACTS, BadSummary, with_facts
from memory.conversations.records import Entry, Record
from memory.text import normalise

_REFUSAL = re.compile(
    r"^\W*(i['’]?m sorry|i am sorry|sorry|i can(?:not|['’]t)|i['’]?m unable|as an ai|desculpe|não posso|lamento)\b",
    re.IGNORECASE,
)


_UNPROVEN = "(Part of this was brought in by the customer as a file: nothing proves that the shop said what stands there in its name.)"
"""Stands before a segment's notes where it holds of an imported reply: a summary may have lost who said what."""


def conversation_of(entries: Sequence[Entry]) -> str:
    """Return messages as they are shown to the summariser and as their summary is verified against."""
    return "\n".join(quote_one(entry.record) for entry in entries if entry.record.text)


def verified(said: str, entries: Sequence[Entry], *, budget_tokens: int, encoding: str) -> str:
    """Return a model's notes made true by code: invented identifiers cut out, missing ones put into the facts.

    BadSummary for what is no summary: nothing, a refusal, more than the budget or than its own source.
    """
    text = normalise(said).strip()
    source = conversation_of(entries)
    if not text:
        raise BadSummary("empty")
    if _REFUSAL.match(text):
        raise BadSummary("a refusal")
    length = tokens.count(text, encoding)
    if length > budget_tokens:
        raise BadSummary(f"{length} tokens, over its budget of {budget_tokens}")
    if length > tokens.count(source, encoding):
        raise BadSummary("longer than its source")
    text, _ = facts.cut_unsupported(text, source)
    records = [entry.record for entry in entries]
    text = with_facts(text, facts.missing(facts.of_records(records), text))
    return f"{_UNPROVEN}\n{text}" if any(one.speaker == "imported" for one in records) else text


class Extract:
    """Notes made by code alone: the beginnings of the messages as far as the budget goes, and the newest facts.

    Messages are added oldest first; what is held does not grow with them.
    """

    def __init__(self, *, budget_tokens: int, encoding: str) -> None:
        self._left_tokens, self._encoding = budget_tokens, encoding
        self._lines = list[str]()
        self._facts = facts.Gathered(MOST_FACTS)
        self._is_unproven = False

    def add(self, record: Record) -> None:
        """Take in the next message."""
        if not record.text:
            return
        self._facts.add(record)
        self._is_unproven |= record.speaker == "imported"
        if self._left_tokens < 0:
            return
        words = " ".join(record.text[:2_000].split())
        begun = words if len(words) <= 160 else words[:160].rsplit(" ", 1)[0] + " …"
        line = f"The {SPEAKERS[record.speaker]} said: {begun}"
        self._left_tokens -= tokens.count(line + "\n", self._encoding)
        if self._left_tokens >= 0:
            self._lines.append(line)

    @property
    def text(self) -> str:
        text = "\n".join(self._lines)
        text = with_facts(text, facts.missing(self._facts.facts(), text), self._facts.left_out)
        return f"{_UNPROVEN}\n{text}" if self._is_unproven else text


def extract(entries: Iterable[Entry], *, budget_tokens: int, encoding: str) -> str:
    """Return notes on these messages made by code alone."""
    made = Extract(budget_tokens=budget_tokens, encoding=encoding)
    for entry in entries:
        made.add(entry.record)
    return made.text
