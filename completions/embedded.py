"""A GGUF model on this machine: llama.cpp's server, inside xllamacpp, in a process of its own on loopback.

Run as `python -m completions.embedded FILE PORT WINDOW`; it ends when its standard input does, so that it never
outlives the process that started it, whatever killed that.
"""

import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError

from msgspec import structs

from settings import Settings


@dataclass(frozen=True, slots=True)
class Served:
    """A GGUF file that is being served at `base_url` by the process `child`."""

    base_url: str
    child: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.child.kill()
        self.child.wait()
        if self.child.stdin:
            self.child.stdin.close()


def serve(gguf: str, window: int, environ: Mapping[str, str]) -> Served:
    """Start serving the file on a free loopback port. Return at once; `is_awake` and `is_loading` tell when it answers.

    The child gets no variable of the environment but the few it needs: no key reaches it.
    """
    port = _free_port()
    kept = {key: environ[key] for key in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR") if key in environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "completions.embedded", gguf, str(port), str(window)],
        cwd=Path(__file__).parent.parent,
        env=kept,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Served(f"http://127.0.0.1:{port}/v1", child)


def serve_files(settings: Settings, environ: Mapping[str, str]) -> dict[str, Served]:
    """Start a server for each GGUF file that is to answer; return them by the model's name."""
    wanted = (model for model in settings.models if model.name in (*settings.chat, *settings.summariser))
    return {model.name: serve(model.gguf, model.total, environ) for model in wanted if model.gguf}


def with_addresses(settings: Settings, addresses: Mapping[str, str]) -> Settings:
    """Return the settings with the addresses at which GGUF files are served, by the models' names."""
    models = tuple(
        structs.replace(model, base_url=addresses[model.name]) if model.name in addresses else model
        for model in settings.models
    )
    return structs.replace(settings, models=models)


def is_awake(base_url: str) -> bool:
    """True if the server at this address has loaded its model. Blocks for a second at most."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a shop's proxy knows no loopback
    try:
        with direct.open(base_url.removesuffix("/v1") + "/health", timeout=1.0) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def is_loading(base_url: str) -> bool:
    """True while nothing listens at this address, or what does still loads its model. Blocks for a second at most."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(base_url.removesuffix("/v1") + "/health", timeout=1.0):
            return False
    except HTTPError as error:
        return error.code == 503
    except URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    except (OSError, HTTPException):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main(gguf: str, port: str, window: str) -> None:
    import xllamacpp

    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(5)  # the page answers first, the model second
    parameters = xllamacpp.CommonParams()
    parameters.model.path = gguf
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)
    parameters.n_ctx = int(window)
    parameters.n_parallel = 1
    parameters.use_jinja = True
    parameters.verbosity = 0
    _server = xllamacpp.Server(parameters)  # serves for as long as it is held
    threading.Event().wait()


def _end_with_parent() -> None:
    """End when standard input does, at once: the server's own end would wait for the answer that it is writing."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:4])
