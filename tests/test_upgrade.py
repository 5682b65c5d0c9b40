"""What people had with an earlier version: it is all there, it goes on, and check-users finds nothing wrong with it."""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tomli_w
from quart import Quart

from server import create_app
from settings import ROOT, Environment
from tests.conftest import replies_of
from tests.support.shop import PASSWORD, Clock, Scripted, Visitor, settings_of

BEFORE = ROOT / "tests" / "data" / "users-0.1"
LATER = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)
CUT = "Yes, each box can be wrapped. The paper is"
PAGES = ["/", "/history", "/conversations", "/conversations/{name}", "/summary", "/prompt", "/usage", "/account"]
PAGES += [f"/conversations/{name}/export/{form}" for name in ("current", "{name}") for form in ("txt", "md", "json")]
OWNERS = ["/admin/customers", "/admin/usage", "/admin/settings", "/admin/customers/bob"]


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A copy of the directory, with the modes that git does not keep."""
    copy = tmp_path / "users"
    shutil.copytree(BEFORE, copy, ignore=shutil.ignore_patterns("README.txt"))
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return copy


@pytest.fixture
async def shop(users: Path, tmp_path: Path) -> AsyncIterator[Quart]:
    """The shop over it, whose model ends what was cut off."""
    place = Environment(
        users=users, prompts=ROOT / "prompts", host="127.0.0.1", port=8000, secret_key="k" * 40, environ={},
        reports=tmp_path,
    )  # fmt: skip
    app = create_app(
        settings_of({"luna": None}, details="everyone"),
        place,
        completer=Scripted([" blue, with stars."]),
        now=Clock(LATER),
    )
    yield app
    await replies_of(app).close(0)


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_every_page_of_an_earlier_version_is_there(shop: Quart) -> None:
    ana, bob = await Visitor(shop).log_in("ana"), await Visitor(shop).log_in("bob")
    for visitor, name in ((ana, "20261120T121200Z"), (bob, "20261120T090100Z")):
        answers = {path: await visitor.get(path.format(name=name)) for path in PAGES}
        assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(PAGES, 200)

    assert {path: (await ana.get(path)).status for path in OWNERS} == dict.fromkeys(OWNERS, 200)
    assert set(re.findall(r"Jute bags|First try", (await bob.get("/conversations")).text)) == {"Jute bags"}
    assert "Order #W2378156 had one." in (await bob.get("/conversations/20261120T090100Z")).text
    assert "orders blue mugs for a café and wants them before 5 December" in words_of((await bob.get("/summary")).text)
    _, judged = csv.reader((await ana.post("/admin/feedback/feedback.csv", {"password": PASSWORD})).text.splitlines())
    assert {"bob", "16", "luna", "up"} <= set(judged)


async def test_the_answer_of_a_killed_server_goes_on(shop: Quart, users: Path) -> None:
    ana = await Visitor(shop).log_in("ana")
    assert CUT in words_of((await ana.get("/")).text)

    accepted = await ana.send("/replies/continue")

    reply = re.search(r"/replies/(\d+-\w+)", accepted.text)
    assert reply is not None
    await ana.follow(reply[1])
    assert f"{CUT} blue, with stars." in words_of((await ana.get("/")).text)
    kept = (users / "ana" / "history.txt").read_text()
    assert kept.startswith((BEFORE / "ana" / "history.txt").read_text())
    assert re.findall(r"^\[(\d)\].* ending=(\w+)(?: replaces=(\d))?", kept, re.M)[1:] == [
        ("4", "interrupted", ""),
        ("5", "stop", "4"),
    ]


async def test_a_conversation_of_an_earlier_version_goes_on(shop: Quart, users: Path) -> None:
    bob = await Visitor(shop).log_in("bob")
    model = shop.extensions["storekeeper"].completer

    for path in ("/conversations/20261120T100300Z/open", "/conversations/20261120T110400Z/open"):
        assert (await bob.post(path)).status == 303  # another one is brought back, then this one again
    accepted = await bob.send("/messages", {"content": "How many mugs in all?"})
    reply = re.search(r"/replies/(\d+-\w+)", accepted.text)

    assert reply is not None
    await bob.follow(reply[1])
    prompt = model.requests[0].messages[0]["content"]
    assert "orders blue mugs for a café" in prompt
    assert "Rua da Aurora 107" in prompt
    assert (users / "bob" / "history.txt").read_bytes().startswith((BEFORE / "bob" / "history.txt").read_bytes())


def test_nothing_is_wrong_with_the_files_of_an_earlier_version(users: Path, tmp_path: Path) -> None:
    model = {"name": "local", "max_input": 7000, "base_url": "http://127.0.0.1:9/v1"}
    (tmp_path / "settings.toml").write_text(
        tomli_w.dumps({"chat": ["local"], "summariser": ["local"], "models": [model]})
    )
    environ = {key: value for key, value in os.environ.items() if not key.startswith("STOREKEEPER_")}
    environ |= {"STOREKEEPER_USERS": str(users), "STOREKEEPER_SETTINGS": str(tmp_path / "settings.toml")}

    def check(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "server.py", "check-users", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)

    found, repaired = check().stdout.splitlines(), check("--repair")

    assert [line.partition(":")[0] for line in found[:-1]] == ["ana/reply.txt"], (
        "the server was killed, and that is all"
    )
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert check().returncode == 0
    assert CUT in (users / "ana" / "history.txt").read_text()
