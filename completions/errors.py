"""What can go wrong with a model: one value a fault, a word for the record and what to do next. Pure.

The sentence for the user is made of the word, where the page is made. What a server said goes into the log alone,
cut and with secrets masked: its text may quote a key or carry markup.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

ErrorKind = Literal[
    "unreachable", "slow_start", "rate_limited", "quota", "server_error", "key_refused", "no_such_model", "too_long",
    "bad_request", "wrong_address", "moderated", "redirected", "not_a_stream", "broken_off", "garbled", "error_event",
    "silent", "too_slow", "too_big", "tool_calls", "empty", "no_model",
]  # fmt: skip

LONGEST_MESSAGE = 300
_READ_CHARS = 10_000
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """One fault. `elsewhere`: another model may do better; `again`: the same one may, shortly after.

    For the log alone: the `address` asked, the server's `code` and its `message`, and the `names` of request keys in it.
    """

    kind: ErrorKind
    try_next: bool = False
    again: bool = False
    is_owners: bool = False
    retry_after_seconds: float | None = None
    status: int | None = None
    code: str | None = field(default=None, compare=False)
    message: str = field(default="", compare=False)
    address: str = field(default="", compare=False)
    names: frozenset[str] = field(default=frozenset(), compare=False)

    def logged(self) -> dict[str, object]:
        """Return the fields of the fault's line in the log; those without a value are left out."""
        found = {
            "fault": self.kind,
            "address": self.address,
            "status": self.status,
            "code": self.code,
            "said": self.message,
            "retry_after_seconds": self.retry_after_seconds,
        }
        return {name: value for name, value in found.items() if value not in (None, "")}


class ModelError(Exception):
    """Raised out of a completion; str() names the fault without a word of what the server sent."""

    def __init__(self, fault: ErrorDetails) -> None:
        super().__init__(f"{fault.kind}{f' (status {fault.status})' if fault.status else ''}")
        self.fault = fault


def fault_of_answer(status: int, body: bytes, headers: Mapping[str, str], secrets: Sequence[str] = ()) -> ErrorDetails:
    """Return the fault of an answer with a status other than 2xx. `headers` are looked up in lower case."""
    text = body.decode("utf-8", "replace")
    try:
        error: object = json.loads(text)
    except (ValueError, RecursionError):
        error = _without_markup(text)
    wait = retry_after(headers.get("retry-after"), headers.get("retry-after-ms"))
    if 300 <= status < 400 and (target := headers.get("location")):
        error = f"redirected to {shown_address(target)}"
    return fault_of_error(error, status, wait, secrets)


def fault_of_error(
    error: object, status: int | None = None, wait_seconds: float | None = None, secrets: Sequence[str] = ()
) -> ErrorDetails:
    """Return the fault of an error: JSON of any shape, or text.

    `status` is None for one in a stream or under status 200; then a code in it that is the status of an error counts as it.
    Codes and types decide, and where these are general or missing the words of the message do.
    """
    said = _read(error)
    if status is None:
        status = min((int(code) for code in said.codes if code in _STATUSES), default=None)
    word = _word(status, said)
    if wait_seconds is None and (found := _AGAIN_IN.search(said.text)):
        wait_seconds = min(float(found[1]) * _UNITS[(found[2] or "s").lower()[:2]], _DAY_SECONDS)
    waits = word in ("rate_limited", "server_error")
    return ErrorDetails(
        word,
        try_next=True,
        again=word in ("rate_limited", "server_error", "error_event"),
        is_owners=word in OWNERS_FAULTS,
        retry_after_seconds=wait_seconds if waits else None,
        status=status,
        code=masked(said.code, secrets) if said.code else None,
        message=masked(said.text, secrets),
        names=frozenset(_KEY.findall(f"{said.text} {' '.join(said.names)}")),
    )


OWNERS_FAULTS = frozenset(
    ["quota", "key_refused", "no_such_model", "wrong_address", "bad_request", "redirected", "not_a_stream", "no_model"]
)
"""Faults that only the owner can mend."""
OF_THE_QUESTION = frozenset(["too_long", "too_big", "tool_calls", "moderated"])
"""Faults that lie in what was asked: for the others no model is there, and code looks into the shop's data instead."""
_STATUSES = frozenset(str(status) for status in range(400, 600))
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,60}")


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error says: its message, its codes and types in lower case, the first of them, the names it points to."""

    text: str
    codes: frozenset[str]
    code: str | None
    names: tuple[str, ...]


_CODES = frozenset(
    ["code", "type", "status", "reason", "reasons", "error_code", "errorcode", "error_type", "innererror"]
)
_TEXTS = frozenset(
    ["message", "msg", "detail", "details", "error_description", "error_message", "title", "error", "raw"]
)
_NAMES = frozenset(["param", "loc", "field", "path"])
_GENERAL = frozenset(["invalid_request_error", "bad_request", "badrequesterror", "error", "invalid_argument"])


def _read(error: object) -> _Said:
    texts, codes, names = list[str](), list[str](), list[str]()
    for key, value in _walk(error):
        text = str(value).strip()
        if not text:
            continue
        if key in _CODES:
            codes.append(text)
        elif key in _NAMES:
            names.append(text)
        elif key in _TEXTS and isinstance(value, str):
            texts.append(text)
    told = ": ".join(part for part in (", ".join(names), ". ".join(dict.fromkeys(texts))) if part)
    told_codes = [code for code in codes if len(code) <= 100 and not code.isdigit()]
    code = next((code for code in told_codes if code.lower() not in _GENERAL), next(iter(told_codes), None))
    return _Said(told or ", ".join(codes), frozenset(code.lower() for code in codes), code, tuple(names))


def _walk(value: object, key: str = "message", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield the plain values of an error with the key that each stands under, some levels deep."""
    match value:
        case dict() if depth < 6:
            for name, inner in list(value.items())[:30]:
                yield from _walk(inner, str(name).lower(), depth + 1)
        case list() if depth < 6:
            for inner in value[:10]:
                yield from _walk(inner, key, depth + 1)
        case str() if key == "raw" and value.lstrip().startswith("{"):  # a provider's error as a gateway passes it on
            with suppress(ValueError, RecursionError):
                yield from _walk(json.loads(value), "message", depth + 1)
        case str() | int() | float() if not isinstance(value, bool):
            yield key, value[:_READ_CHARS] if isinstance(value, str) else value
        case _:
            pass


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.IGNORECASE)


_TOO_LONG = _pattern(
    r"context[ _-]?(?:length|size|window)", r"maximum context", r"n_ctx",
    r"(?:prompt|input|request|messages?|conversation|content)s?(?: \w+){0,3} (?:is |are |was |were )?too (?:long|large|many tokens)",
    r"too many (?:input |prompt )?tokens", r"input token count", r"request too large", r"reduce the length",
    r"(?:prompt|input)[^.]{0,60}(?:exceed|longer than|larger than|greater than)\w* [^.]{0,60}(?:max|limit|allow|token|window|length)",
    r"tokens?[^.]{0,30} exceeds? [^.]{0,40}(?:max|limit|context|window)", r"range of input length",
)  # fmt: skip
_QUOTA = _pattern(
    r"insufficient[_ ](?:quota|credit|balance|fund)", r"credit balance", r"(?:no|not enough|out of|run out of) (?:credit|balance|fund)",
    r"exceeded your current quota", r"billing", r"payment (?:is )?required", r"(?:account|balance|quota)[^.]{0,20}(?:overdue|arrears|exhausted|used up|depleted)",
    r"access_terminated", r"spend(?:ing)? (?:limit|cap)", r"recharge|top[ -]?up",
)  # fmt: skip
_SOON = _pattern(r"per[ -](?:second|minute|min\b|hour|day)", r"retry in", r"try again in", r"\b[rt]p[mds]\b")
_MODERATED = _pattern(
    r"content[_ ](?:policy|filter|management)", r"contentfilter", r"moderat", r"\bflagged", r"safety (?:system|filter|check|polic)",
    r"responsible ?ai", r"content exists risk", r"inappropriate", r"(?:data|content)_?inspection", r"prohibited[_ ]content",
    r"(?:violat|against)\w* [^.]{0,60}polic", r"^sensitive$", r"(?:sensitive|unsafe|harmful) content",
)  # fmt: skip
_KEY_REFUSED = _pattern(
    r"(?:api|access|auth\w*|secret)[ _-]?(?:key|token)[^.]{0,60}(?:invalid|incorrect|not valid|wrong|expired|missing|required|revoked|disabled|not found|unknown|malformed)",
    r"(?:invalid|incorrect|missing|no|wrong|expired|unknown|provide an?|set an?)[ _-](?:\w+ )?(?:api|access|auth\w*)[ _-]?(?:key|token|header)?\b",
    r"unauthori[sz]ed", r"unauthenticated", r"authentication", r"not authenticated", r"account[_ ]deactivated",
    r"api_key_invalid", r"invalid[_ ]credential", r"permission[_ ]denied",
)  # fmt: skip
_MODEL = _pattern(
    r"model[_ ]?not[_ ]?(?:found|exist)", r"(?:invalid|unknown|unsupported|no such|unrecognized|nonexistent)[_ ]model", r"deploymentnotfound",
    r"\bmodels?\b.{0,120}?(?:not found|does ?n[o']t exist|not exist|not available|unavailable|no longer|deprecated|decommissioned|not loaded|retired|not a valid|is not valid|is invalid|do not have access)",
    r"\bmodel ['\"`]?[\w./:@-]+['\"`]? (?:is )?(?:not supported|unsupported|unknown)", r"not a valid model",
    r"no endpoints found for", r"pulling it first", r"deployment\b.{0,80}does not exist", r"no models? loaded",
)  # fmt: skip
_RATE = _pattern(r"rate[_ ]?limit", r"too[_ ]many[_ ]requests", r"resource_exhausted", r"throttl")
_AGAIN_IN = re.compile(
    r"(?:retry|try again)(?: after| in)? (\d{1,7}(?:\.\d+)?) ?(ms|milliseconds?|s|seconds?|m|minutes?)?\b", re.I
)
_UNITS = {"ms": 0.001, "mi": 60.0, "m": 60.0, "s": 1.0, "se": 1.0}
_BOUND_TOO_LARGE = re.compile(r"max(?:_completion)?_tokens\W+(?:\w+\W+){0,6}?(?:is |are )?too (?:large|high|big)", re.I)


def _word(status: int | None, said: _Said) -> ErrorKind:
    text = " ".join((said.text, *said.codes))
    refusing = status is None or status in (400, 402, 403, 404, 405, 410, 413, 422, 451)
    is_long = _TOO_LONG.search(text) is not None and not (
        _BOUND_TOO_LARGE.search(text) and "context" not in text.lower()
    )
    if status == 413 or (is_long and (refusing or status in (429, 500))):
        return "too_long"
    if status is not None and 300 <= status < 400:
        return "redirected"
    if status == 401:
        return "key_refused"
    if status == 402 or ((refusing or status == 429) and _QUOTA.search(text) and not _SOON.search(text)):
        return "quota"
    if refusing and _MODERATED.search(text):
        return "moderated"
    if refusing and status != 404 and _KEY_REFUSED.search(text):
        return "key_refused"
    if refusing and _MODEL.search(text):
        return "no_such_model"
    if status == 429 or (status in (None, 403) and _RATE.search(text)):
        return "rate_limited"
    return _word_of_status(status)


def _word_of_status(status: int | None) -> ErrorKind:
    """Return what a status alone tells; None is an error in the stream."""
    if status == 403:
        return "key_refused"
    if status in (404, 405, 410):
        return "wrong_address"
    if status is None:
        return "error_event"
    return "server_error" if status in (408, 409, 425) or status >= 500 else "bad_request"


def retry_after(header: str | None, milliseconds: str | None = None, now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After header means: a number, or a date; None for anything else, a day at most.

    `milliseconds` is the header retry-after-ms, which counts before it. A date that is past means 0.
    """
    if milliseconds and _NUMBER.fullmatch(milliseconds.strip()):
        return min(float(milliseconds) / 1000, _DAY_SECONDS)
    if not header:
        return None
    if _NUMBER.fullmatch(header.strip()):
        return min(float(header), _DAY_SECONDS)
    try:
        at = parsedate_to_datetime(header.strip())
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, (at - (now or datetime.now(UTC))).total_seconds()), _DAY_SECONDS)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{0,15})?")


def masked(text: str, secrets: Sequence[str] = ()) -> str:
    """Return a text for the log: one line of at most LONGEST_MESSAGE characters, without secrets known or probable."""
    text = "".join(one if one.isprintable() else " " for one in text[:_READ_CHARS])
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= 8:
            text = text.replace(secret, "***")
    text = " ".join(_SECRET.sub(_mask, text).split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"


_SECRET = re.compile(
    r"(?P<scheme>\b(?:bearer|basic)\s+)[^\s\"',;]+"
    r"|(?P<name>\b(?:x-)?(?:api[_-]?key|key|token|secret|password|passwd|authorization|signature|sig)[\"']?\s*[=:]\s*[\"']?(?:(?:bearer|basic)\s+)?)(?!\s)[^\s\"'&,;]{4,}"
    r"|(?P<user>://[^\s/@:]+:)[^\s/@]+(?=@)"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|nvapi|r8|pplx|fw|key|tok)[-_][\w*.-]{6,}|\bAIza[\w*-]{10,}|\bya29\.[\w.-]+|\beyJ[\w.-]{20,}"
    r"|\b(?=\w*[0-9])(?=\w*[A-Za-z])\w{32,}",
    re.IGNORECASE,
)
"""What is a key, or looks like one: by the word before it, by providers' prefixes, by its length."""


def _mask(found: re.Match[str]) -> str:
    return f"{found['scheme'] or found['name'] or found['user'] or ''}***"


def shown_address(address: str) -> str:
    """Return an address for the log: without user and password, the values of its query masked save a version."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "***"
    told = "&".join(f"{name}={value if 'version' in name.lower() else '***'}" for name, value in query)
    return f"{parts.scheme}://{host}{parts.path}{'?' if told else ''}{told}"


def without_quotes(message: str, prompt: Sequence[Mapping[str, Any]]) -> str:
    """Return a server's message without what it quotes of a prompt: what a user wrote never stands in the log."""
    texts = [text for one in prompt for text in _texts_of(one.get("content"))]
    hidden, size = [False] * len(message), 16
    for start in range(len(message) - size + 1):
        if any(message[start : start + size] in text for text in texts):
            hidden[start : start + size] = [True] * size
    shown = "".join("\0" if is_hidden else one for one, is_hidden in zip(message, hidden, strict=True))
    return re.sub("\0+", "…", shown)


def _texts_of(content: object) -> list[str]:
    """Return the texts of a message's content, which is a list of parts where a photo came with it."""
    match content:
        case str():
            return [content]
        case list():
            return [part["text"] for part in content if part.get("type") == "text"]
        case _:
            return []


def _without_markup(text: str) -> str:
    """Return a page's title, or its text where it has none."""
    if not text.lstrip().startswith("<"):
        return text
    title = re.search(r"<title[^>]{0,200}>([^<]{1,500})", text, re.IGNORECASE)
    return title[1] if title else re.sub(r"<[^>]{0,2000}>", " ", text)
