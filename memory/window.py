"""Which of a conversation's messages are sent word for word. Pure."""

from collections.abc import Iterable, Sequence

from memory import tokens
from memory.prompt import quote_one
from memory.records import Record


def keep(newest_first: Iterable[Record], *, budget_tokens: int, encoding: str) -> list[Record]:
    """Give the newest messages whose tokens fit the budget, oldest first, beginning with a question."""
    kept, used = list[Record](), 0
    for record in newest_first:
        used += tokens.count(quote_one(record.role, record.text), encoding)
        if used > budget_tokens:
            break
        kept.append(record)
    return from_question(kept[::-1])


def from_question(records: Sequence[Record]) -> list[Record]:
    """Leave out what stands before the first question: no answer goes without it."""
    first = next((n for n, record in enumerate(records) if record.is_question), len(records))
    return list(records[first:])
