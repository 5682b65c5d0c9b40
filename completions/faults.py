"""What can go wrong with a model: one value a fault, a word for the record and what to do next.

The sentence for the person is made of the word, where the page is made. Nothing a server said is repeated: its text
may quote a key or carry markup.
"""

from dataclasses import dataclass
from typing import Literal

Word = Literal[
    "unreachable", "slow_start", "rate_limited", "quota", "server_error", "key_refused", "no_such_model", "too_long",
    "bad_request", "redirected", "not_a_stream", "broken_off", "garbled", "error_event", "silent", "too_slow",
    "too_big", "tool_calls", "empty", "no_model",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `elsewhere`: another model may do better; `again`: the same one may, shortly after."""

    word: Word
    elsewhere: bool = False
    again: bool = False
    is_owners: bool = False
    retry_after_seconds: float | None = None
    status: int | None = None


class ModelFault(Exception):
    """Raised out of a completion; str() names the fault without a word of what the server sent."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.word}{f' (status {fault.status})' if fault.status else ''}")
        self.fault = fault


def fault_of_status(status: int, code: str | None, retry_after: str | None) -> Fault:
    """Say what an HTTP error status means. `code` is the provider's error code, if it gave one."""
    if status == 429 and code == "insufficient_quota":
        return Fault("quota", elsewhere=True, is_owners=True, status=status)
    if status == 429:
        wait = seconds(retry_after)
        return Fault("rate_limited", elsewhere=True, again=True, retry_after_seconds=wait, status=status)
    if status in (401, 403):
        return Fault("key_refused", elsewhere=True, is_owners=True, status=status)
    if status == 404:
        return Fault("no_such_model", elsewhere=True, is_owners=True, status=status)
    if status == 413 or code in ("context_length_exceeded", "exceed_context_size_error"):  # OpenAI's and llama.cpp's
        return Fault("too_long", elsewhere=True, status=status)
    if 300 <= status < 400:
        return Fault("redirected", elsewhere=True, is_owners=True, status=status)
    if status in (408, 409, 425) or status >= 500:
        wait = seconds(retry_after)
        return Fault("server_error", elsewhere=True, again=True, retry_after_seconds=wait, status=status)
    return Fault("bad_request", elsewhere=True, is_owners=True, status=status)


def seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After header: whole seconds from 0 to a day; a date or anything else counts as none given."""
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit() or len(retry_after) > 6:
        return None
    return min(float(retry_after), 86_400.0)
