"""The stream's bytes as values: the events of chat completions, read with msgspec. Pure.

The openai client's typed events cost about 100 us a delta; this costs a tenth. What servers send is read by what it is,
not by what its header says: server-sent events, a JSON document, or one document a line.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from completions import usage
from completions.chunks import StreamChoice, StreamChunk, StreamMessage, check_error, decoder, lenient
from completions.errors import ErrorDetails, ModelError, fault_of_error
from completions.reasons import outcome
from completions.tools import Called, CallPiece, pieces_of
from completions.usage import Usage as Usage

LARGEST_EVENT = 1 << 20
LARGEST_BODY = 2_400_000
"""Bytes of an answer that is not streamed."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer's text. `is_last`: the answer's end came with it, so that nothing need be waited for."""

    text: str
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model thinks; `text` is for counting only. "" is a sign of life that tells nothing else."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Restarted:
    """What was told so far was no answer but thoughts: the answer begins now."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The model said how the answer ended: its finish reason, in the provider's word.

    `is_alone`: no text stood beside it, as with servers that send a reason when they mean it.
    """

    reason: str
    is_alone: bool = field(default=True, compare=False)


Event = Delta | Thinking | Restarted | CallPiece | Called | Finished | Usage
"""A stream tells no CallPiece but, before its end, all calls together."""

_BOM = b"\xef\xbb\xbf"
_ENDS = frozenset([b"[DONE]", b"[done]", b'"[DONE]"', b"DONE"])
_BEATS = frozenset(
    b"null none true ok ping pong keep-alive keepalive keep_alive heartbeat processing connected".split()
)
"""Data that keep a connection alive. Names of events too."""


class Parser:
    """Takes the body's bytes as they come; returns the events that are whole, after its end (`end`) the last ones.

    They end with [DONE] (`is_done`) or with a `fault`, the same ones however the bytes are cut: `not_a_stream` for HTML
    and what has no event at all, `garbled` for what is no JSON, no UTF-8 or of another shape, `error_event` for an error
    in the stream, `too_big` for an event above LARGEST_EVENT bytes, `broken_off` for half an event at the body's end.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data = list[bytes]()
        self._size = 0
        self._form = ""
        self._name = b""
        self._is_after_cr = False
        self._has_heartbeat = self._has_payload = self._has_other = self._is_doubtful = False
        self._has_delta = self._has_reason = False
        self._message = ""
        self.is_done = False
        self.fault: ErrorDetails | None = None

    def feed(self, piece: bytes) -> list[Event]:
        events = list[Event]()
        if self._is_over():
            return events
        try:
            for payload in self._payloads(piece):
                self._take(payload, events)
                if self.is_done:
                    break
        except ModelError as error:  # kept, not raised: the events before it would be lost
            self.fault = error.fault
        if self._has_heartbeat:
            self._has_heartbeat = False
            events.append(Thinking())
        return events

    def end(self) -> list[Event]:
        """Return the events of what stands at the body's end: a document, a last line, an event without its blank line.

        Half an event there means that the body broke off, and so do words that are no event after the last one of an
        answer without a finish reason.
        """
        events = list[Event]()
        if self._is_over():
            return events
        rest, self._rest = self._rest, b""
        try:
            if self.is_document:
                self._read(b"\n".join([*self._data, rest]), events)
            elif self._form != "documents":
                self._end_events(rest, events)
            elif rest.strip():
                self._take_last(rest, events)
        except ModelError as error:
            self.fault = error.fault
        return events

    def _end_events(self, rest: bytes, events: list[Event]) -> None:
        """Read the last line and the event before it. Raise ModelError where the body broke off, or was no stream."""
        if rest.startswith(b"data:"):
            self._data.append(rest[5:])
        elif rest.strip() and not rest.startswith(b":"):
            self._has_other = True
            if self._has_payload:
                raise ModelError(_BROKEN_OFF)
        if self._data:
            self._take_last(b"\n".join(self._data), events)
        if not self._has_payload and self._has_other:
            raise ModelError(_NOT_A_STREAM)
        if self._is_doubtful and not self._has_reason and not self.is_done:
            raise ModelError(_BROKEN_OFF)

    @property
    def is_document(self) -> bool:
        """True if the body is one document, as an answer that is not streamed is."""
        return self._form in ("document", "documents?")

    def _is_over(self) -> bool:
        return self.is_done or self.fault is not None

    def _take_last(self, payload: bytes, events: list[Event]) -> None:
        try:
            self._take(payload, events)
        except ModelError as error:
            raise ModelError(_BROKEN_OFF) if error.fault.kind == "garbled" else error from None

    def _payloads(self, piece: bytes) -> Iterator[bytes]:
        if not self._form and not (piece := self._begin(piece)):
            return
        lines = self._lines(piece)
        if self._form != "events":
            yield from self._documents(lines)
            return
        data = self._data
        for line in lines:
            self._check_size(line)
            if line.startswith(b"data:"):
                value = line[6:] if line.startswith(b"data: ") else line[5:]
                if len(data) == 1 and _is_start(value) and _is_json(data[0]):  # no blank line came between the two
                    yield data.pop()
                    self._size = 0
                data.append(value)
                self._size += len(line)
            elif not line:
                if data:
                    payload = data[0] if len(data) == 1 else b"\n".join(data)
                    data.clear()
                    self._size = 0
                    yield payload
                self._name = b""
            elif payload := self._field(line):
                yield payload
        self._check_size(self._rest)

    def _lines(self, piece: bytes) -> list[bytes]:
        """Return the lines that end in this piece, at LF, CR or both; the beginning of the next one is kept."""
        if self._is_after_cr and piece:
            piece, self._is_after_cr = piece.removeprefix(b"\n"), False
        if b"\r" in piece:
            self._is_after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        return lines

    def _begin(self, piece: bytes) -> bytes:
        """See by its first byte what the body is; return what of it is to be read, nothing as long as that is unknown."""
        body = self._rest + piece
        if _BOM.startswith(body[:3]) and len(body) < len(_BOM):
            self._rest = body
            return b""
        begun = body.removeprefix(_BOM).lstrip()
        if not begun:
            self._rest = body
            self._check_size(body)
            return b""
        if begun.startswith(b"<"):
            raise ModelError(_NOT_A_STREAM)
        self._rest = b""
        self._form = "documents?" if begun.startswith((b"{", b"[")) else "events"
        return begun

    def _documents(self, lines: list[bytes]) -> Iterator[bytes]:
        """Read one document a line, if the first line is one, else all as one document."""
        for line in lines:
            if self._form == "documents?":
                self._form = "documents" if _is_json(line) else "document"
            if self._form == "document":
                self._data.append(line)
                self._size += len(line) + 1
            elif line.strip():
                yield line
        if self._size + len(self._rest) > LARGEST_BODY:
            raise ModelError(ErrorDetails("too_big"))

    def _field(self, line: bytes) -> bytes:
        """Read a line that is no data; return the payload of one that is a document by itself."""
        name, _, value = line.partition(b":")
        match name.strip().lower():
            case b"":
                self._has_heartbeat = True
            case b"data":
                self._data.append(value)
                self._size += len(line)
            case b"event":
                self._name = value.strip().lower()
            case b"error":
                raise ModelError(fault_of_error(_value(value)))
            case b"id" | b"retry":
                pass
            case _ if line.lstrip().startswith(b"{"):
                return line
            case _:
                self._has_other = True
        return b""

    def _check_size(self, line: bytes) -> None:
        if self._size + len(line) > LARGEST_EVENT:
            raise ModelError(ErrorDetails("too_big"))

    def _take(self, payload: bytes, events: list[Event]) -> None:
        """Read the data of one event: a chunk, the end, or what keeps the connection alive."""
        if self._name:
            name, self._name = self._name, b""
            if name == b"error":
                raise ModelError(fault_of_error(_value(payload)))
            if name in _BEATS:
                self._has_heartbeat = True
                return
        if not payload.startswith(b"{"):
            payload = payload.strip().removeprefix(_BOM)
            if payload in _ENDS:
                self._has_payload = self.is_done = True
                return
            if not payload.startswith((b"{", b"<", b'"')) and not (payload.startswith(b"[") and _is_json(payload)):
                self._has_heartbeat = True
                self._has_payload |= bool(payload)
                self._is_doubtful |= not (not payload or payload.startswith(b":") or payload.lower() in _BEATS)
                return
        self._has_payload = True
        self._read(payload, events)

    def _read(self, payload: bytes, events: list[Event]) -> None:
        """Read one chunk, or one whole answer that was not streamed."""
        try:
            chunk = decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            for chunk in lenient(payload):
                self._read_chunk(chunk, events)
        else:
            self._read_chunk(chunk, events)

    def _read_chunk(self, chunk: StreamChunk, events: list[Event]) -> None:
        if chunk.error is not None or chunk.choices is None or chunk.x_groq is not None:
            check_error(chunk)
        choices, reported = chunk.choices, chunk.usage
        if choices:
            choice = choices[0]
            if len(choices) > 1:  # one answer is asked for: where the index counts tokens, each chunk has one choice
                choice = next((one for one in choices if one.index == 0), choice)
            self._read_choice(choice, events)
            reported = reported or choice.usage
        elif not (choices is not None or reported or chunk.x_groq or chunk.usageMetadata):
            self._has_heartbeat = True
            self._is_doubtful |= isinstance(chunk.message, str) and bool(chunk.message)
        if reported is None:
            reported = chunk.usageMetadata
            if reported is None and isinstance(chunk.x_groq, dict):
                reported = chunk.x_groq.get("usage")
        if reported is not None and (found := usage.read(reported)):
            events.append(found)

    def _read_choice(self, choice: StreamChoice, events: list[Event]) -> None:
        if choice.error:
            raise ModelError(fault_of_error(choice.error))
        before = len(events)
        said = choice.delta
        if said is not None:
            self._read_said(said, events, said.content)
        elif choice.text:
            _tell_content(choice.text, events)
        if len(events) > before:
            self._has_delta = True
            self._is_doubtful = False
        elif choice.message is not None and not self._has_delta:
            self._read_message(choice.message, events)
        reason = choice.finish_reason
        if reason is not None and isinstance(reason, str) and (ending := outcome(reason)):
            native = choice.native_finish_reason
            if (
                ending == "stop"
                and isinstance(native, str)
                and outcome(native) in ("failed", "length", "content_filter")
            ):
                reason = native
            self._has_reason = True
            events.append(Finished(reason, is_alone=len(events) == before))

    def _read_said(self, said: StreamMessage, events: list[Event], content: object) -> None:
        thought = said.reasoning_content or said.reasoning or said.reasoning_details or said.thinking
        if thought:
            events.append(Thinking(_text_of(thought) or " "))
        if content:
            if isinstance(content, str):
                events.append(Delta(content))
            else:
                _tell_content(content, events)
        if said.refusal and isinstance(said.refusal, str):
            events.append(Delta(said.refusal))
        if said.tool_calls:
            events += pieces_of(said.tool_calls)

    def _read_message(self, message: StreamMessage, events: list[Event]) -> None:
        """Read a message in the place of deltas: whole, or growing from chunk to chunk."""
        content = message.content
        if isinstance(content, str):
            so_far, self._message = self._message, content
            content = content.removeprefix(so_far) if content.startswith(so_far) else content
        self._read_said(message, events, content)


_NOT_A_STREAM = ErrorDetails("not_a_stream", try_next=True, is_owners=True)
_BROKEN_OFF = ErrorDetails("broken_off", try_next=True, again=True)


def _value(data: bytes) -> object:
    """Return what the data of an error says, JSON or words."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode("utf-8", "replace").strip()


def _tell_content(content: object, events: list[Event]) -> None:
    """Return content that is no plain text: a part, or a list of parts, of which some may be thoughts."""
    if isinstance(content, str):
        if content:
            events.append(Delta(content))
    elif isinstance(content, list):
        for part in content:
            _tell_content(part, events)
    elif isinstance(content, dict):
        kind = content.get("type")
        if kind in _THOUGHTS or (kind is None and "thinking" in content):
            events.append(Thinking(_text_of(content) or " "))
        elif kind is None or kind in _TEXTS:
            text = content.get("text") or content.get("content") or content.get("refusal")
            if isinstance(text, dict):
                text = text.get("value")
            if isinstance(text, str) and text:
                events.append(Delta(text))


_THOUGHTS = frozenset(["thinking", "thought", "reasoning", "redacted_thinking", "reasoning_text", "summary_text"])
_TEXTS = frozenset(["text", "output_text", "text_delta", "refusal"])


def _text_of(thought: object, depth: int = 0) -> str:
    """Return the text of thoughts: a string, or parts of them within each other."""
    if isinstance(thought, str):
        return thought
    if depth > 4:
        return ""
    if isinstance(thought, list):
        return "".join(_text_of(part, depth + 1) for part in thought)
    if isinstance(thought, dict):
        return "".join(
            _text_of(thought[key], depth + 1)
            for key in ("thinking", "reasoning", "text", "summary", "content")
            if key in thought
        )
    return ""


def _is_start(line: bytes) -> bool:
    return line.lstrip().startswith((b"{", b"[DONE]"))


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return line.strip() in _ENDS
    return True
