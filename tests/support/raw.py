"""Requests as no browser sends them, byte for byte over a socket, and what a server makes of them."""

import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from http.client import BadStatusLine, HTTPException, HTTPResponse
from types import TracebackType
from urllib.parse import urlencode

from tests.support.shop import Answered

FORM = "application/x-www-form-urlencoded"
MANY_FIELDS = b"&".join(b"f%d=1" % n for n in range(10_000))
MANY_PARTS = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n' * 4_000 + b"--b--\r\n"


class Wire:
    """A connection to a server on this machine, opened anew when it was closed."""

    def __init__(self, port: int, timeout_seconds: float = 20.0) -> None:
        self.port, self._timeout = port, timeout_seconds
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | Iterable[bytes] = b"",
        *,
        host: str | None = None,
    ) -> Answered:
        """Send one request and read its answer. A body in pieces goes out chunked, its length not told."""
        given = list(headers)
        names = {name.lower() for name, _ in given}
        fields = [] if "host" in names else [("Host", host or f"127.0.0.1:{self.port}")]
        fields += given
        if not isinstance(body, bytes):
            fields.append(("Transfer-Encoding", "chunked"))
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in body if piece) + b"0\r\n\r\n"
        elif (body or method == "POST") and "content-length" not in names:
            fields.append(("Content-Length", str(len(body))))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        return self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body, method)

    def send(self, request: bytes, method: str = "GET") -> Answered:
        """Send these bytes and read one answer. ConnectionError when the server closes without one."""
        is_used = self._socket is not None
        try:
            return self._exchange(request, method)
        except (ConnectionError, BadStatusLine):
            self.close()
            if not is_used:
                raise
        return self._exchange(request, method)  # it was closed while nothing was asked

    def _exchange(self, request: bytes, method: str) -> Answered:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), self._timeout)
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
            self._socket.sendall(request)
        response = HTTPResponse(self._socket, method=method)
        try:
            response.begin()
            answered = Answered(response.status, [(k.lower(), v) for k, v in response.getheaders()], response.read())
        except HTTPException as error:
            self.close()
            raise ConnectionResetError(str(error)) from error
        finally:
            response.close()
        if response.will_close:
            self.close()
        return answered


def form_of(form: Mapping[str, str]) -> tuple[bytes, str]:
    return urlencode(form).encode(), FORM


def multipart(form: Mapping[str, str], boundary: str = "b", line: str = "\r\n") -> bytes:
    parts = (
        f'--{boundary}{line}Content-Disposition: form-data; name="{n}"{line * 2}{v}{line}' for n, v in form.items()
    )
    return ("".join(parts) + f"--{boundary}--{line}").encode()


def odd_bodies(form: Mapping[str, str]) -> dict[str, tuple[bytes, str]]:
    """Return bodies that no form sends, by what is odd: the bytes and the content type. Some hold `form` for a lenient reader."""
    sound, _ = form_of(form)
    names: Sequence[str] = [*form, "content"]
    deep = b"&".join(names[0].encode() + b"%5Ba%5D" * depth + b"=1" for depth in range(1, 60))
    bytes_of = {
        "escaped bytes that are no UTF-8": b"%ff%fe",
        "bytes that are no UTF-8": b"\xff\xfe",
        "an overlong slash": b"%c0%af",
        "half a character": b"%ED%A0%BD",
        "an escape of old": b"%ud83d",
        "half an escape": b"%f",
        "NUL and other controls": b"%00%01%1b%5b2J%07%7f%c2%9b",
    }
    found = {what: (b"&".join(n.encode() + b"=" + v for n in names), FORM) for what, v in bytes_of.items()}
    return found | {
        "10,000 fields": (MANY_FIELDS, FORM),
        "deep fields": (deep, FORM),
        "only separators": (b"&=&=&" * 1000, FORM),
        "4,000 parts": (MANY_PARTS, "multipart/form-data; boundary=b"),
        "no boundary": (multipart(form), "multipart/form-data"),
        "an empty boundary": (multipart(form, ""), "multipart/form-data; boundary="),
        "a boundary of 10 kB": (multipart(form, "b" * 10_000), f"multipart/form-data; boundary={'b' * 10_000}"),
        "a boundary that is no ASCII": (multipart(form), "multipart/form-data; boundary=\xe9"),
        "another boundary": (multipart(form), "multipart/form-data; boundary=c"),
        "parts by CR alone": (multipart(form, line="\r"), "multipart/form-data; boundary=b"),
        "a part without an end": (multipart(form)[:-8], "multipart/form-data; boundary=b"),
        "a file where a text is asked": (b'--b\r\nContent-Disposition: form-data; name="content"; filename="../../x"\r\n\r\nx\r\n--b--\r\n', "multipart/form-data; boundary=b"),
        "a part without a name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        "a part in a strange character set": (b'--b\r\nContent-Disposition: form-data; name="content"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+ADw-\xff\r\n--b--\r\n', "multipart/form-data; boundary=b"),
        "JSON": (b'{"content": "x", "text": ["y"]}', "application/json"),
        "deep JSON": (b"[" * 50_000, "application/json"),
        "plain text": (sound, "text/plain"),
        "no type": (sound, ""),
        "a type that is none": (sound, "\xff/;;;=,"),
        "a character set that is none": (sound, f"{FORM}; charset=utf-7"),
        "compressed": (b"\x1f\x8b\x08\x00", f"{FORM}"),
        "nothing": (b"", FORM),
    }  # fmt: skip
