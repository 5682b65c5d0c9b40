"""What takes notices in a test: a mail server over real sockets, with and without TLS, and a webhook's server."""

import email.message
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Post:
    """A mail server: the mails it took, and what it refuses."""

    def __init__(self) -> None:
        self.mails = list[email.message.EmailMessage]()
        self.envelopes = list[Any]()
        self.logins = list[tuple[str, str]]()
        self.password = "secret word"
        self.refuses = ""
        """What it answers to a message in place of taking it, such as "451 Later"."""
        self.attempts = 0
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.attempts += 1
        if self.refuses:
            return self.refuses
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=default))
        return "250 Taken"

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == self.password, handled=False)


@contextmanager
def mail_server(*, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Post]:
    """Run a mail server on loopback: plain, with STARTTLS, or with TLS from the first byte."""
    post = Post()

    class Server(Controller):
        def factory(self) -> SMTP:
            return SMTP(
                post, hostname="localhost", tls_context=starttls, require_starttls=starttls is not None,
                authenticator=post.check, auth_require_tls=False, ident="test",
            )  # fmt: skip

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        post.port = probe.getsockname()[1]
    controller = Server(post, hostname="127.0.0.1", port=post.port, ssl_context=tls)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


class Hook:
    """A webhook's server: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.status, self.headers = 200, dict[str, str]()
        self.bodies, self.asked = list[bytes](), list[dict[str, str]]()
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/secret-word"

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def webhook() -> Iterator[Hook]:
    """Run a webhook's server on loopback."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            hook.asked.append(dict(self.headers))
            self.send_response(hook.status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
