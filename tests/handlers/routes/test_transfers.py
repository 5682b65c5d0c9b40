"""Tests of a hostile file brought in over a real server: everybody else goes on, and nothing is left of it."""

import json
import os
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from memory.storage.users import Users
from tests.support.serving import Serving, cookies_of, serving

SETTINGS = {
    "chat": ["none"],
    "summariser": ["none"],
    "models": [{"name": "none", "base_url": "http://127.0.0.1:9/v1", "max_input": 1000}],
    "limits": {"messages_per_minute": 0},
}


def flood() -> bytes:
    """Return a conversations.json of 31 MB that takes a gigabyte once it is read."""
    parts = '{"a":1},' * 3_900_000 + '"x"'
    message = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["PARTS"]}}
    told = [{"mapping": {"q": {"message": message}}}]
    return json.dumps(told).replace('"PARTS"', parts).encode()


def citations() -> bytes:
    message = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["\ue200" * 80_000]}}
    return json.dumps([{"mapping": {"q": {"message": message}}}]).encode()


def bring_in(server: Serving, cookie: str, data: bytes) -> tuple[int, str]:
    head = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="conversations.json"\r\n\r\n'
    fields = {"Content-Type": "multipart/form-data; boundary=xx", "Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=180)
    try:
        connection.request("POST", "/conversations/import", head + data + b"\r\n--xx--\r\n", fields)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def most_memory(server: Serving) -> int:
    """Return the most bytes of memory that the server's process has had."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.mark.parametrize(
    ("data", "says"),
    [(flood(), "Split it and import the pieces"), (citations(), "There are no conversations in this file")],
    ids=["flood", "citations"],
)
def test_a_hostile_file_delays_nobody_else(
    tmp_path: Path, accounts_of_all: dict[str, bytes], data: bytes, says: str
) -> None:
    users = Users(tmp_path / "users")
    users.prepare()
    cookies = cookies_of(users, ["mallory", "ana"], accounts_of_all["bob"], SETTINGS)
    answers = list[tuple[int, str]]()
    with serving(tmp_path, SETTINGS) as server:
        server.ask("GET", "/conversations", Cookie=cookies["ana"])
        before = most_memory(server)
        importing = threading.Thread(target=lambda: answers.append(bring_in(server, cookies["mallory"], data)))
        waits = list[float]()
        importing.start()
        while importing.is_alive():
            began = time.monotonic()
            assert server.ask("GET", "/conversations", Cookie=cookies["ana"]).status == 200
            waits.append(time.monotonic() - began)
            time.sleep(0.02)
        grown = most_memory(server) - before

    (status, page), *_ = answers
    assert status == 422
    assert says in page
    assert max(waits) < 5
    assert grown < 150_000_000
    left = sorted(os.listdir(tmp_path / "users" / "mallory"))
    assert [name for name in left if name not in (".lock", ".import", ".imports", "account.toml")] == []
