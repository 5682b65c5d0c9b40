"""Tests of notices with real server processes: what was put is sent once, whatever was killed and however many serve."""

import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory.notices import outbox
from memory.notices.outbox import Notice
from memory.storage.users import Users
from tests.support.receivers import Post, mail_server
from tests.support.serving import serving

NOTICE = Notice("other", "other", datetime.now(UTC).replace(microsecond=0), "Something happened.", {})


@pytest.fixture
def users(tmp_path: Path, accounts_of_all: dict[str, bytes]) -> Users:
    users = Users(tmp_path / "users")
    users.prepare()
    users.create("ana", accounts_of_all["ana"])
    return users


def settings_for(server: Post) -> dict[str, object]:
    notify = {"email": "ana@shop.example", "smtp": f"smtp://127.0.0.1:{server.port}"}
    return {"chat": ["catalogue"], "summariser": ["catalogue"], "notify": notify}


def wait_for(users: Users, server: Post, mails: int) -> None:
    """Wait until so many mails have come and nothing waits, and a little longer for those that should not come."""
    last = time.monotonic() + 60
    while len(server.mails) < mails or outbox.waiting(users):
        assert time.monotonic() < last, (len(server.mails), outbox.waiting(users), outbox.failed(users))
        time.sleep(0.1)
    time.sleep(6)


def test_a_notice_outlives_a_kill_between_put_and_send(tmp_path, users):
    with mail_server() as mail:
        with serving(tmp_path, settings_for(mail)) as server:
            outbox.put(users, NOTICE)
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
        assert (len(outbox.waiting(users)), mail.mails) == (1, [])
        with serving(tmp_path, settings_for(mail)):
            wait_for(users, mail, 1)

    assert [one["Subject"] for one in mail.mails] == ["Quintal Caburé: Something happened."]


def test_several_processes_send_each_notice_once(tmp_path, users):
    for number in range(10):
        outbox.put(users, replace(NOTICE, key=str(number), text=f"Number {number}."))
    with (
        mail_server() as mail,
        serving(tmp_path, settings_for(mail), ["--workers", "2"]),
        serving(tmp_path, settings_for(mail)),
    ):
        wait_for(users, mail, 10)

    assert sorted(one.get_content().split("\n")[0] for one in mail.mails) == [f"Number {n}." for n in range(10)]
