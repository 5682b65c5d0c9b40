"""One chunk of a stream as JSON has it, whatever its server adds or leaves out. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from completions.errors import ErrorDetails, ModelError, fault_of_error

GARBLED = ErrorDetails("garbled", try_next=True)


class StreamMessage(Struct, gc=False):
    """A delta, or a message."""

    content: Any = None
    refusal: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    thinking: Any = None
    tool_calls: Any = None


class StreamChoice(Struct, gc=False):
    index: Any = 0
    delta: StreamMessage | None = None
    message: StreamMessage | None = None
    text: Any = None
    finish_reason: Any = None
    native_finish_reason: Any = None
    error: Any = None
    usage: Any = None


class StreamChunk(Struct, gc=False):
    choices: list[StreamChoice] | None = None
    usage: Any = None
    error: Any = None
    x_groq: Any = None
    usageMetadata: Any = None
    object: Any = None
    type: Any = None
    code: Any = None
    message: Any = None
    detail: Any = None


decoder = msgspec.json.Decoder(StreamChunk)


def check_error(chunk: StreamChunk) -> None:
    """Raise for a chunk that is an error, by OpenAI's `error` or by what others send under 200 in its place."""
    error = chunk.error
    if not error and isinstance(chunk.x_groq, dict):
        error = chunk.x_groq.get("error")
    is_error = (
        any(error.values())
        if isinstance(error, dict)
        else bool(error) or (error == "" and not (chunk.choices or chunk.usage))
    )
    if chunk.choices is None and chunk.usage is None and not is_error:
        is_error = (
            chunk.object == "error"
            or chunk.type == "error"
            or bool(chunk.detail)
            or (isinstance(chunk.message, str) and bool(chunk.message) and chunk.code not in (None, 0, 200, "0", "200"))
        )
    if is_error:
        names = ("code", "type", "message", "detail")
        raise ModelError(fault_of_error(error or {name: getattr(chunk, name) for name in names}))


def lenient(payload: bytes) -> Iterator[StreamChunk]:
    """Return the chunks of JSON that msgspec refuses, or that is of another shape: lone surrogates are legal, for one."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        raise ModelError(GARBLED) from None
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, dict):
            raise ModelError(GARBLED)
        yield _chunk_of(one)


def _chunk_of(found: Mapping[str, Any]) -> StreamChunk:
    choices = found.get("choices")
    if isinstance(choices, dict):
        choices = [choices]
    if choices is not None and not isinstance(choices, list):
        raise ModelError(GARBLED)
    values = {name: found.get(name) for name in StreamChunk.__struct_fields__ if name != "choices"}
    return StreamChunk(
        None if choices is None else [_choice_of(one) for one in choices if isinstance(one, dict)], **values
    )


def _choice_of(found: Mapping[str, Any]) -> StreamChoice:
    values = {name: found.get(name) for name in StreamChoice.__struct_fields__}
    return StreamChoice(**values | {name: _said_of(found.get(name)) for name in ("delta", "message")})


def _said_of(found: object) -> StreamMessage | None:
    if isinstance(found, dict):
        return StreamMessage(**{name: found.get(name) for name in StreamMessage.__struct_fields__})
    return StreamMessage(content=found) if isinstance(found, str | list) else None
