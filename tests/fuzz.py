"""Requests made by chance, from the rows of tests/test_routes.py: methods, paths, headers, cookies and bodies that are nearly right.

The same seed makes the same requests, so a failing one is found again by its number.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes, urlencode

from tests.raw import FORM, odd_bodies

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
WORDS = [
    "", "0", "1", "2", "-1", "77", "1.5", "1e9", "99999999999999999999999", "NaN", "null", "true", "x" * 300, "../..", "/etc/passwd",
    "%", "%s%n", "{{7*7}}", "${x}", "' OR 1=1 --", "<script>alert(1)</script>", "\x00", "\x1b[2J", "\r\nX: y", "\u202e", "\ufeff", "\U0001f600",
    "\u0301" * 50, "é", "ok", "current", "carla", "20261120T120000Z", "2-20261123T120000Z", "20261399T996199Z", "application/json", "on", "[]", "a=b&c=d",
]  # fmt: skip
NAMES = [
    "content",
    "after",
    "before",
    "at",
    "page",
    "q",
    "number",
    "title",
    "text",
    "model",
    "token",
    "username",
    "password",
    "of",
    "file",
]
NAMES += ["current", "again", "daily_tokens", "days", "said", "imported", "next", "\x00", "é", "content[]", ""]
HEADERS: dict[str, Sequence[str]] = {
    "HX-Request": ["true", "false", "\xff"],
    "HX-Target": ["#log", "<x>"],
    "Accept": ["text/event-stream", "*/*", "text/html;q=x", "\xff" * 20],
    "Accept-Encoding": ["gzip", "gzip;q=0", "br, \xff"],
    "If-None-Match": ['"x"', "*", '"' * 9, 'W/"'],
    "If-Modified-Since": ["yesterday", "Thu, 99 Nov 2026 00:00:00 GMT"],
    "Range": ["bytes=0-1", "bytes=-", "x"],
    "Last-Event-ID": ["0", "-1", "9" * 30, "x\xe9"],
    "Origin": ["null", "http://evil.example", "http://[", "\xff"],
    "Referer": ["http://evil.example/", "x"],
    "Sec-Fetch-Site": ["same-origin", "cross-site", "same-site", "none", "", "x"],
    "Sec-Fetch-Mode": ["navigate", "no-cors", "cors"],
    "Sec-Fetch-Dest": ["document", "iframe", "script"],
    "Authorization": ["Bearer x", "Basic \xff", "Bearer \xe9"],
    "X-Forwarded-For": ["1.2.3.4", "x, y", "::::"],
    "Expect": ["100-continue"],
    "Transfer-Encoding": ["gzip, chunked", "identity"],
    "Content-Encoding": ["gzip"],
    "Upgrade": ["websocket"],
    "Cookie": ["sid=x", "sid", "=;=", 'sid="\\000"', "device=x; sid=y", "sid=" + "A" * 3000],
}


@dataclass(frozen=True, slots=True)
class Made:
    """One request made by chance. `as_itself` is whether the person's own cookie goes with it."""

    number: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    as_itself: bool


def make(seed: int, number: int, method: str, path: str, form: Mapping[str, str]) -> Made:
    """Make a request near this one."""
    chance = random.Random(f"{seed} {number}")
    if chance.random() < 0.15:
        method = chance.choice(METHODS)
    if chance.random() < 0.3:
        path = _strayed(chance, path)
    if chance.random() < 0.3:
        path += "?" + "&".join(f"{_word(chance, NAMES)}={_word(chance)}" for _ in range(chance.randint(1, 4)))
    fields = {"Sec-Fetch-Site": "same-origin"}
    for name in chance.sample(list(HEADERS), chance.choice([0, 0, 1, 2, 5])):
        fields[name] = chance.choice(HEADERS[name])
    body, kind = _body(chance, form) if method not in ("GET", "HEAD") or chance.random() < 0.05 else (b"", "")
    if kind:
        fields["Content-Type"] = kind
    as_itself = "Cookie" not in fields and chance.random() < 0.9
    return Made(number, method, path, tuple(fields.items()), body, as_itself)


def _word(chance: random.Random, words: Sequence[str] = WORDS) -> str:
    if chance.random() < 0.2:
        return quote_from_bytes(chance.randbytes(chance.randint(0, 12)))
    return quote(chance.choice(words), safe="")


def _strayed(chance: random.Random, path: str) -> str:
    parts = path.split("/")
    at = chance.randrange(len(parts))
    match chance.randrange(4):
        case 0:
            parts[at] = _word(chance)
        case 1:
            parts.insert(at, _word(chance))
        case 2:
            parts[at] += _word(chance)
        case _:
            del parts[at]
    return "/" + "/".join(parts).lstrip("/") if chance.random() < 0.95 else "//" + "/".join(parts)


def _body(chance: random.Random, form: Mapping[str, str]) -> tuple[bytes, str]:
    match chance.randrange(5):
        case 0:
            return chance.choice(list(odd_bodies(form).values()))
        case 1:
            return chance.randbytes(chance.randint(0, 2_000)), chance.choice(
                [FORM, "multipart/form-data; boundary=b", "text/plain"]
            )
        case 2:
            fields = [(chance.choice(NAMES), chance.choice(WORDS)) for _ in range(chance.randint(0, 6))]
            return urlencode([*form.items(), *fields]).encode(), FORM
        case 3:
            name = chance.choice([*form, "content"])
            return urlencode({**form, name: chance.choice(WORDS)}).encode(), FORM
        case _:
            sound = bytearray(urlencode(form).encode() or b"content=x")
            for _ in range(chance.randint(1, 4)):
                sound[chance.randrange(len(sound))] = chance.randrange(256)
            return bytes(sound), FORM
