"""Tests of what stands in the place of a person's file and is none: it stops no page of theirs and nobody else."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from quart import Quart

from memory.storage.users import Users
from tests.conftest import enter, replies_of
from tests.support.shop import Visitor

NAMES = [
    "account.toml",
    "history.txt",
    "summary.txt",
    "reply.txt",
    "usage.csv",
    "feedback.csv",
    "title.txt",
    ".reply",
    ".stop",
    ".lock",
    ".turn",
    ".fold",
    "archive",
]


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's address is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "directory": os.mkdir,
    "link": lambda path: path.symlink_to("/dev/zero"),
    "socket": _socket,
}


async def _put(place: Path, kind: str) -> None:
    """Put what is no file in the place of one, which a compaction that begins just then may make again."""
    for _ in range(100):
        place.unlink(missing_ok=True)
        try:
            KINDS[kind](place)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            return


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
async def test_what_is_no_file_holds_up_nobody(shop: Quart, ana: Visitor, users: Users, name: str, kind: str) -> None:
    bob, place = enter(shop, "bob"), users.folder("ana").path / name
    await ana.post("/messages", {"content": "Hello?"})
    await replies_of(shop).compactor.settled(users.folder("ana"))
    await _put(place, kind)
    started = time.monotonic()
    async with asyncio.timeout(20):
        paths = ["/", "/prompt", "/summary", "/usage", "/conversations", "/account", "/account/data"]
        answered = {path: (await ana.get(path)).status for path in paths}
        answered["POST"] = (await ana.send("/messages", {"content": "Are you there?"})).status
        answered["new"] = (await ana.send("/conversations/new", {})).status
        answered["login"] = (await Visitor(shop).post("/login", {"username": "ana", "password": "wrong"})).status
        others = (await bob.post("/messages", {"content": "And you?"})).status
    taken = time.monotonic() - started

    assert set(answered.values()) <= {200, 303, 401, 404, 409, 503}, answered
    assert others == 303
    assert taken < 10
    if name == "account.toml":
        assert answered["/"] == 303
        assert answered["login"] == 401
