"""A certificate that this machine's tests vouch for, and what a server and its clients make of it."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM form: a certificate for localhost that signs itself, and its key."""

    file: Path
    key: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a client that trusts it."""
        return {"SSL_CERT_FILE": str(self.file)}

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    """Return a new certificate, made by openssl. The test is skipped where there is none."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    subprocess.run(
        [which("openssl") or pytest.skip("no openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", made.key, "-out", made.file],
        check=True, capture_output=True,
    )  # fmt: skip
    return made
