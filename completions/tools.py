"""Calls of functions in an answer: put together from the pieces that a stream sends, and told to the model again. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_CALLS = 8
"""Calls of one answer that are read; a model that makes more is lost in thought."""


@dataclass(frozen=True, slots=True)
class CallPiece:
    """What one chunk says of a call: its place among the calls, and of its id, name and arguments what is new."""

    index: int | None
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that is whole. `arguments` are JSON, if the model got them right."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Called:
    """The answer ended with these calls: what they return is to be sent before it goes on."""

    calls: tuple[ToolCall, ...]


def pieces_of(calls: object) -> list[CallPiece]:
    """Return the pieces in a delta's or a message's `tool_calls`; what is of another shape is left out."""
    found = list[CallPiece]()
    for one in calls if isinstance(calls, list) else [calls]:
        function = one.get("function") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(function, dict):
            continue
        arguments = function.get("arguments")
        if isinstance(arguments, Mapping):  # as Ollama's own interface has them
            arguments = json.dumps(arguments, ensure_ascii=False)
        index = one.get("index")
        found.append(
            CallPiece(
                index if isinstance(index, int) else None,
                _text(one.get("id")),
                _text(function.get("name")),
                _text(arguments),
            )
        )
    return found


@dataclass(slots=True)
class CallsInProgress:
    """The calls of one answer, as far as they have come."""

    _calls: list[list[str]] = field(default_factory=list)
    _places: dict[int, int] = field(default_factory=dict)

    def add(self, piece: CallPiece) -> None:
        """Add a piece: to the call of its index, or to the last one; another id begins another call, whatever the index."""
        n = self._places.get(piece.index, -1) if piece.index is not None else len(self._calls) - 1
        is_other = n < 0 or bool(piece.id and self._calls[n][0] and piece.id != self._calls[n][0])
        if is_other:
            self._calls.append(["", "", ""])
            n = len(self._calls) - 1
        if piece.index is not None:
            self._places[piece.index] = n
        call = self._calls[n]
        call[0] = call[0] or piece.id
        call[1] = call[1] if call[1] == piece.name else call[1] + piece.name
        call[2] += piece.arguments

    def whole(self) -> tuple[ToolCall, ...]:
        """Return the calls that have a name; one without an id has one by its place."""
        named = [call for call in self._calls if call[1]][:MOST_CALLS]
        return tuple(ToolCall(call[0] or f"call_{n}", call[1], call[2]) for n, call in enumerate(named, 1))


def answered(text: str, calls: Sequence[ToolCall], results: Sequence[str]) -> list[dict[str, Any]]:
    """Return the messages that go on after an answer that called: what it said and called, and what the calls returned."""
    made = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _json(call.arguments)}}
        for call in calls
    ]
    told = [
        {"role": "tool", "tool_call_id": call.id, "content": result}
        for call, result in zip(calls, results, strict=True)
    ]
    return [{"role": "assistant", "content": text, "tool_calls": made}, *told]


def _json(arguments: str) -> str:
    """Return arguments as they were made; where they are no JSON, an empty object, since servers read them again."""
    try:
        return arguments if isinstance(json.loads(arguments), dict) else "{}"
    except (ValueError, RecursionError):
        return "{}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
