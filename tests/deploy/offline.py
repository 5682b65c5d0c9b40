"""Talks to a container where there is no network: `unshare --net python -m tests.deploy.offline JSON DIRECTORY`.

The network namespace it is started in gets a loopback interface, with the scripted model on it. JSON is an object:
`run`, buildah's command, `container` and the image's `command`. Prints what came of it as one JSON object.
"""

import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import tomli_w

from tests.faults.invariants import Witness
from tests.faults.live import Browser, free_port, until, values_for
from tests.support.shop import PASSWORD
from tests.support.upstream import running

USER = 10001
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1


def raise_loopback() -> None:
    """Bring up the loopback interface of this network namespace, and make sure that there is no other."""
    assert [name for _, name in socket.if_nameindex()] == ["lo"], "this has a network"
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def log_in(browser: Browser) -> int:
    """Log in by the page's own form, keep the cookie and return the status."""
    form = urlencode({"username": browser.name, "password": PASSWORD})
    connection = browser.connect()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/login", form, headers)
    answer = connection.getresponse()
    found = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    browser.cookie = "; ".join(found)
    return answer.status


def answers(browser: Browser) -> bool:
    with suppress(OSError):
        return browser.get("/healthz").status == 200
    return False


def talk(run: list[str], container: str, command: list[str], root: Path) -> dict[str, Any]:
    """Start the container, log in, ask a question and read its answer."""
    users, settings, port = root / "users", root / "settings.toml", free_port()
    users.mkdir(mode=0o700)
    os.chown(users, USER, USER)
    with running() as upstream, (root / "log").open("wb") as log:
        settings.write_text(tomli_w.dumps(values_for(upstream)))
        settings.chmod(0o644)
        options = [
            f"--volume={users}:/users",
            f"--volume={settings}:/app/settings.toml:ro",
            f"--env=STOREKEEPER_PORT={port}",
        ]
        inside = [*run, *options, container, "--"]
        adding = [*inside, *command[:-1], "add-user", "ana"]
        subprocess.run(adding, input=f"{PASSWORD}\n", text=True, check=True, stdout=log, stderr=log, timeout=60)
        server = subprocess.Popen([*inside, *command], stdout=log, stderr=log, start_new_session=True)
        try:
            ana = Browser("ana", port, "", Witness())
            until(lambda: server.poll() is not None or answers(ana), 60)
            status = log_in(ana)
            shown = ana.ask("ok Do you ship to Recife?")
            kept = (users / "ana" / "history.txt").read_text()
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
    words = re.findall(r"^    (.*)$", kept, re.MULTILINE)
    return {"login": status, "shown": shown, "kept": words[-1], "user": (users / "ana" / "history.txt").stat().st_uid}


if __name__ == "__main__":
    raise_loopback()
    try:
        print(json.dumps(talk(**json.loads(sys.argv[1]), root=Path(sys.argv[2]))))
    except BaseException:
        print((Path(sys.argv[2]) / "log").read_text()[-4000:], file=sys.stderr)
        raise
