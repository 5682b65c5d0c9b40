"""Reads conversations.json of ChatGPT's export: each conversation's branch that was last shown, as records.

A conversation there is a tree of nodes; `current_node` is the end of the branch that is shown, and parents lead back to
its beginning. What system, tools and hidden nodes say is left out; an image or a file becomes a word in brackets.
Pure; knows nothing of files.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from memory.conversations.records import Ending, Record
from memory.text import normalise

_CITATION = re.compile("\ue200[^\ue200\ue201]*+\ue201|[\ue000-\uf8ff]")
"""Marks for ChatGPT's own page, in the private use area. What an opening mark begins ends at the next mark of the two, so
that no text is looked through once more from each of many that are never closed."""

_SURROGATES = re.compile(rb"(\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]..")
"""Escapes in JSON of half a character alone, which their file may have, and before it what only looks like one."""

_ENDINGS: dict[object, Ending] = {"max_tokens": "length", "interrupted": "stopped", "content_filter": "content_filter"}
_ROLES = ("user", "assistant")


class _Author(msgspec.Struct):
    role: str = ""


class _Content(msgspec.Struct):
    content_type: str = ""
    parts: list[Any] | None = None


class _Metadata(msgspec.Struct):
    model_slug: Any = None
    finish_details: Any = None
    is_visually_hidden_from_conversation: Any = None


class _Message(msgspec.Struct):
    author: _Author
    content: _Content | None = None
    create_time: float | None = None
    recipient: str | None = None
    metadata: _Metadata | None = None


class _Node(msgspec.Struct):
    message: _Message | None = None
    parent: str | None = None


class _Conversation(msgspec.Struct):
    mapping: dict[str, _Node]
    title: str | None = None
    create_time: float | None = None
    current_node: str | None = None


_READER = msgspec.json.Decoder(_Conversation)


def is_export(data: bytes) -> bool:
    """True if this JSON looks like ChatGPT's: a list, or one conversation with its tree."""
    if data.lstrip()[:1] == b"[":
        return True
    return b'"mapping"' in data and b'"storekeeper"' not in data[:200]


def conversations(data: bytes, now: datetime) -> Iterator[tuple[str, list[Record]]]:
    """Return each conversation's title and records, in the file's order; one at a time is read.

    msgspec.ValidationError for JSON that is not ChatGPT's, msgspec.DecodeError for what is no JSON.
    """
    data = _SURROGATES.sub(lambda match: match[0] if match[1] else rb"\ufffd", data)
    found = msgspec.json.decode(data, type=list[msgspec.Raw]) if data.lstrip()[:1] == b"[" else [msgspec.Raw(data)]
    for raw in found:
        one = _READER.decode(raw)
        yield one.title or "", _records(one, now)


def _records(conversation: _Conversation, now: datetime) -> list[Record]:
    records = list[Record]()
    time = _time(conversation.create_time, now, now)
    for message in _branch(conversation):
        role, text = message.author.role, _text(message)
        if role not in _ROLES or not text:
            continue
        time = _time(message.create_time, time, now)
        number = len(records) + 1
        if role == "user":
            records.append(Record(number, time, "user", text))
        else:
            known = message.metadata or _Metadata()
            model, details = known.model_slug, known.finish_details
            kind = details.get("type") if isinstance(details, dict) else None
            ending = _ENDINGS.get(kind, "stop") if isinstance(kind, str) else "stop"
            name = normalise(model)[:100] if isinstance(model, str) and model else None
            records.append(Record(number, time, "assistant", text, name or None, ending))
    return records


def _branch(conversation: _Conversation) -> list[_Message]:
    """Return the messages of the branch that is shown, oldest first; of one without an end the last node's."""
    at, seen = conversation.current_node, set[str]()
    if at not in conversation.mapping:
        at = next(reversed(conversation.mapping), None)
    found = list[_Message]()
    while at is not None and at not in seen and (node := conversation.mapping.get(at)) is not None:
        seen.add(at)
        if node.message is not None:
            found.append(node.message)
        at = node.parent
    return found[::-1]


def _text(message: _Message) -> str:
    content, known = message.content, message.metadata or _Metadata()
    is_said = message.recipient in (None, "all") and not known.is_visually_hidden_from_conversation
    if content is None or not is_said or content.content_type not in ("text", "multimodal_text"):
        return ""
    parts = (part if isinstance(part, str) else _named(part) for part in content.parts or ())
    return normalise(_CITATION.sub("", "\n\n".join(part for part in parts if part))).strip("\n")


def _named(part: object) -> str:
    kind = str(part.get("content_type", "")) if isinstance(part, dict) else ""
    return "[image]" if "image" in kind else "[audio]" if "audio" in kind else "[file]"


def _time(seconds: float | None, otherwise: datetime, now: datetime) -> datetime:
    """Return a time of theirs in whole seconds; another one for what is none or lies in the future."""
    try:
        time = datetime.fromtimestamp(int(seconds), UTC) if seconds else otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise
    return time if datetime(2000, 1, 1, tzinfo=UTC) <= time <= now else otherwise
