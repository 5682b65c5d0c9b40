"""Requests made by hypothesis, from the rows of tests/test_routes.py: methods, paths, headers, cookies and bodies that are nearly right.

One that fails is made smaller by hypothesis until nothing more can be left out of it, and printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes, urlencode

from hypothesis import strategies as st

from tests.support.raw import FORM, odd_bodies

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
    """One request near one to `route`. `as_itself` is whether the person's own cookie goes with it."""

    route: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    as_itself: bool


def one_in(count: int) -> st.SearchStrategy[bool]:
    """Once in so many times; in the smallest request never."""
    return st.integers(0, count - 1).map(lambda n: n == count - 1)


def words(texts: Sequence[str] = WORDS) -> st.SearchStrategy[str]:
    """One of these texts, or any bytes, escaped for a path or a query."""
    known = st.sampled_from(texts).map(lambda text: quote(text, safe=""))
    return st.one_of(known, known, known, st.binary(max_size=12).map(quote_from_bytes))


@st.composite
def near(draw: st.DrawFn, route: str, paths: Sequence[str], content: st.SearchStrategy[tuple[bytes, str]]) -> Made:
    """Make requests near those to a route, at one of its paths, with such content."""
    method, path = route.partition(" ")[0], draw(st.sampled_from(paths))
    if draw(one_in(7)):
        method = draw(st.sampled_from(METHODS))
    if draw(one_in(3)):
        path = draw(strayed(path))
    if draw(one_in(3)):
        pairs = draw(st.lists(st.tuples(words(NAMES), words()), min_size=1, max_size=4))
        path += "?" + "&".join(f"{name}={value}" for name, value in pairs)
    fields = {"Sec-Fetch-Site": "same-origin"}
    for name in draw(st.lists(st.sampled_from(list(HEADERS)), max_size=5, unique=True)):
        fields[name] = draw(st.sampled_from(HEADERS[name]))
    has_body = method not in ("GET", "HEAD") or draw(one_in(20))
    body, kind = draw(content) if has_body else (b"", "")
    if kind:
        fields["Content-Type"] = kind
    as_itself = "Cookie" not in fields and not draw(one_in(10))
    return Made(route, method, path, tuple(fields.items()), body, as_itself)


@st.composite
def strayed(draw: st.DrawFn, path: str) -> str:
    """Make paths with one part changed, added, grown or left out."""
    parts = path.split("/")
    at = draw(st.integers(0, len(parts) - 1))
    match draw(st.integers(0, 3)):
        case 0:
            parts[at] = draw(words())
        case 1:
            parts.insert(at, draw(words()))
        case 2:
            parts[at] += draw(words())
        case _:
            del parts[at]
    joined = "/".join(parts)
    return f"//{joined}" if draw(one_in(20)) else "/" + joined.lstrip("/")


def bodies(form: Mapping[str, str]) -> st.SearchStrategy[tuple[bytes, str]]:
    """Make bodies with their content types: the form with other values, more fields or other bytes, odd ones, any bytes."""
    sound = urlencode(form).encode() or b"content=x"
    pairs = st.tuples(st.sampled_from(NAMES), st.one_of(st.sampled_from(WORDS), st.text(max_size=20)))
    changed = st.tuples(st.sampled_from([*form, "content"]), st.sampled_from(WORDS)).map(
        lambda pair: urlencode({**form, pair[0]: pair[1]}).encode()
    )
    grown = st.lists(pairs, max_size=6).map(
        lambda more: urlencode([*form.items(), *more], errors="surrogatepass").encode()
    )
    places = st.tuples(st.integers(0, len(sound) - 1), st.integers(0, 255))
    spoiled = st.lists(places, min_size=1, max_size=4).map(lambda changes: _spoil(sound, changes))
    kinds = st.sampled_from([FORM, "multipart/form-data; boundary=b", "text/plain"])
    return st.one_of(
        st.one_of(changed, grown, spoiled).map(lambda body: (body, FORM)),
        st.sampled_from(list(odd_bodies(form).values())),
        st.tuples(st.binary(max_size=2_000), kinds),
    )


def _spoil(sound: bytes, changes: Sequence[tuple[int, int]]) -> bytes:
    spoiled = bytearray(sound)
    for place, byte in changes:
        spoiled[place] = byte
    return bytes(spoiled)
