"""Several servers over one users directory, and servers that end: politely, one after another, or by SIGKILL."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from commands import check_users
from memory.conversations.records import Record
from memory.conversations.turns import Accepted, NewMessage
from memory.integrity.check import check_all, check_user
from tests.faults.conftest import Build
from tests.faults.invariants import Witness, broken, records_of
from tests.faults.live import Browser, House, Server, until
from tests.support.turns import accept

pytestmark = pytest.mark.timeout(300)


def words(count: int) -> str:
    return " ".join(f"word{n}" for n in range(1, count + 1))


def test_sent_here_followed_there_and_stopped_from_there(pair: House):
    house, (here, there) = pair, pair.servers
    ana = house.browser("ana", here)
    ana_there = Browser("ana", there.port, ana.cookie, ana.witness)

    whole = ana.ask("say-200-60 one")
    _, reply_id = ana.send("say-50-400 two")
    assert reply_id is not None
    seen = list[str]()

    def on(data: str) -> None:
        seen.append(data)
        if "word20" in data and len(seen) < 100_000:
            ana_there.post(f"/replies/{reply_id}/stop")
            seen.extend([""] * 100_000)

    stopped = ana_there.follow("say-50-400 two", reply_id, on)

    assert whole == words(60)
    assert stopped is not None
    assert stopped.startswith(words(20))
    last = records_of(house.users.root / "ana")[-1]
    assert (last.text, last.keys["ending"]) == (stopped, "stopped")
    assert broken(house.users.root, ana.witness) == []


def test_two_servers_take_one_message_at_a_time(pair: House):
    """The same message to both at once is one record; another one meanwhile is refused."""
    house, (here, there) = pair, pair.servers
    ana = house.browser("twice", here)
    browsers = [ana, Browser("twice", there.port, ana.cookie, ana.witness)] * 4

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda browser: browser.send("say-50-150 same", after=0)[0].status, browsers))
        others = list(pool.map(lambda browser: browser.send("say-50-30 other")[0].status, browsers))

    assert set(answers) == {200}
    assert set(others) == {409}
    until(lambda: not (house.users.root / "twice" / "reply.txt").exists())
    assert [one.text for one in records_of(house.users.root / "twice")] == ["say-50-150 same", words(150)]


def test_both_servers_compact_and_nothing_is_compacted_twice(pair: House):
    house, (here, there) = pair, pair.servers
    browsers = [house.browser("folding", here)]
    browsers.append(Browser("folding", there.port, browsers[0].cookie, browsers[0].witness))
    for n in range(12):
        assert browsers[n % 2].ask(f"say-0-60 {n}") == words(60)

    folder = house.users.root / "folding"
    until((folder / "summary.txt").exists)
    assert broken(house.users.root, browsers[0].witness) == []
    assert check_user(folder).errors == []


def test_logging_out_here_logs_out_there(pair: House):
    house, (here, there) = pair, pair.servers
    ana = house.browser("ana", here)
    there_too = Browser("ana", there.port, ana.cookie, ana.witness)
    assert there_too.get("/").status == 200

    assert ana.post("/logout").status in (200, 303)

    assert there_too.get("/").status == 303
    assert there_too.send("ok one")[0].status == 401


def test_a_budget_counts_what_was_used_at_another_server(build: Build):
    house = build(budget={"daily_tokens_per_user": 6000})
    here, there = house.two_servers()
    ana = house.browser("ana", here)
    assert ana.ask("ok one") == "Hello world"

    answer, _ = Browser("ana", there.port, ana.cookie, ana.witness).send("ok two")

    assert answer.status == 429
    assert "retry-after" in answer.headers


def test_a_killed_servers_reply_is_closed_by_another_in_seconds(house: House):
    """F4: who follows at the other server sees it interrupted, and goes on there."""
    here, there = house.two_servers()
    ana = house.browser("ana", here)
    _, reply_id = ana.send("say-50-400 long")
    assert reply_id is not None
    killed = list[float]()

    def on(data: str) -> None:
        if "word30" in data and not killed:
            os.kill(here.pid(), signal.SIGKILL)
            killed.append(time.monotonic())

    ana.port = there.port
    shown = ana.follow("say-50-400 long", reply_id, on)

    assert time.monotonic() - killed[0] < 10
    assert shown is not None
    assert shown.startswith(words(30))
    assert [one.keys.get("ending") for one in records_of(house.users.root / "ana")] == [None, "interrupted"]
    assert ana.ask("ok again") == "Hello world"
    assert broken(house.users.root, ana.witness) == []
    here.process.wait(timeout=10)


def test_killed_workers_are_replaced(house: House):
    """`--workers 2`: uvicorn starts another in the place of the one that died."""
    server = house.server(workers=2)
    ana = house.browser("ana", server)
    until(lambda: len(workers_of(server)) == 2, 60)
    before = workers_of(server)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(workers_of(server)) == 2 and before[0] not in workers_of(server), 60)

    assert ana.ask("ok one") == "Hello world"
    assert server.end() == 0


def test_workers_end_with_a_killed_server_and_keep_their_text(build: Build):
    house = build(limits={"messages_per_minute": 0, "grace_seconds": 1})
    server = house.server(workers=2)
    ana = house.browser("ana", server)
    _, reply_id = ana.send("say-20-400 long")
    assert reply_id is not None
    workers = workers_of(server)
    time.sleep(0.3)
    server.process.kill()
    server.process.wait()

    assert len(workers) == 2
    until(lambda: not any(map(_command, workers)), 20)
    assert records_of(house.users.root / "ana")[-1].keys["ending"] == "interrupted"
    assert not server.answers()


def workers_of(server: Server) -> list[int]:
    """Return the worker processes of a server."""
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as children:
        return [pid for pid in map(int, children.read().split()) if "spawn_main" in _command(pid)]


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as line:
            return line.read()
    except OSError:
        return ""


def test_sigterm_under_ten_live_streams(build: Build):
    """F31: short replies end within the grace time, long ones as interrupted; no stream says that it is done; exit code 0."""
    house = build(limits={"messages_per_minute": 0, "grace_seconds": 2})
    server, witness = house.server(), Witness()
    browsers = [house.browser(f"ana{n}", server, witness) for n in range(10)]
    questions = ["say-40-50 short" if n % 2 else "say-20-400 long" for n in range(10)]
    ids = [browser.send(question)[1] for browser, question in zip(browsers, questions, strict=True)]
    ends = list[list[str]]()

    def follow(browser: Browser, reply_id: str) -> None:
        ends.append([name for name, _ in browser.events(reply_id)])

    threads = [
        threading.Thread(target=follow, args=(b, str(i))) for b, i in zip(browsers, ids, strict=True)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    code = server.end()
    took = time.monotonic() - started
    for thread in threads:
        thread.join(10)

    assert code == 0
    assert took < 6
    assert len(ends) == 10
    assert [names for names in ends if "done" in names] == []
    endings = [records_of(house.users.root / f"ana{n}")[-1].keys["ending"] for n in range(10)]
    assert endings == ["stop" if n % 2 else "interrupted" for n in range(10)]
    assert broken(house.users.root, witness, {"say-40-50 short": words(50), "say-20-400 long": words(400)}) == []
    assert [error for report in check_all(house.users.root) for error in report.errors] == []


def test_a_server_that_ends_refuses_new_messages_politely(build: Build):
    house = build(limits={"messages_per_minute": 0, "grace_seconds": 3})
    server = house.server()
    ana, bob = house.browser("ana", server), house.browser("bob", server)
    connection = bob.connect()
    connection.connect()
    # it has begun its request: the server does not close the connection under it
    body = b"content=ok+hello"
    head = f"POST /messages HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {bob.cookie}\r\n"
    head += "Sec-Fetch-Site: same-origin\r\nHX-Request: true\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    connection.sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
    _, reply_id = ana.send("say-20-400 long")
    assert reply_id is not None
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.sock.sendall(body[5:])
    answer = b""
    while chunk := connection.sock.recv(65536):
        answer += chunk
    connection.close()

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 3" in answer.lower()
    assert b"restarting" in answer
    assert server.process.wait(timeout=20) == 0
    assert records_of(house.users.root / "bob") == []


def test_a_reply_goes_on_in_the_old_server_and_shows_in_the_new(build: Build):
    """A rolling restart: the stream ends at the old server, and the same reply is followed to its end at the new one."""
    house = build(limits={"messages_per_minute": 0, "grace_seconds": 8})
    old, new = house.two_servers()
    ana = house.browser("ana", old)
    _, reply_id = ana.send("say-60-150 long")
    assert reply_id is not None
    with ThreadPoolExecutor() as threads:
        followed = threads.submit(ana.follow, "say-60-150 long", reply_id)
        time.sleep(0.5)  # who comes later finds nobody listening
        old.process.send_signal(signal.SIGTERM)
    assert followed.result() is None or "word150" in ana.witness.complete["ana"][0][1]
    ana.port = new.port
    shown = ana.follow("say-60-150 long", reply_id)

    assert shown == words(150)
    assert old.process.wait(timeout=20) == 0
    assert records_of(house.users.root / "ana")[-1].keys["ending"] == "stop"
    assert broken(house.users.root, ana.witness) == []


def test_two_hundred_spools_do_not_hold_up_the_start(house: House):
    """F33: the server answers before it has touched one; each is closed, and labelled, when its person comes back."""
    now = datetime.now(UTC).replace(microsecond=0)
    names = [f"ana{n}" for n in range(200)]
    for name in names:
        folder = house.person(name)
        taken = accept(folder, NewMessage(f"ok {name}"), now, 0)
        assert isinstance(taken, Accepted)
        taken.spool.head(Record(2, now, "assistant", "", "scripted"))
        taken.spool.add(f"Half of {name}")
        taken.spool.flush()
        taken.spool.close()
        taken.lock.release()
    server = house.server()
    left = [name for name in names if (house.users.root / name / "reply.txt").exists()]
    pages = [house.browser(name, server).get("/").text for name in names[:3]]
    check_users(house.place(), repairs=True)

    assert left == names
    assert all("Half of" in page and "The answer was interrupted." in page for page in pages)
    said = {name: [(one.text, one.keys.get("ending")) for one in records_of(house.users.root / name)] for name in names}
    assert said == {name: [(f"ok {name}", None), (f"Half of {name}", "interrupted")] for name in names}
    assert [error for report in check_all(house.users.root) for error in report.errors] == []
    assert [name for name in names if (house.users.root / name / "reply.txt").exists()] == []


@pytest.mark.parametrize("when", ["at the start", "in the middle", "at the end"])
def test_who_leaves_changes_nothing(pair: House, when: str):
    """F29: the reply is kept whole and the server's descriptors are those from before."""
    house, server = pair, pair.servers[0]
    name = f"leaving-{when.split()[-1]}"
    ana = house.browser(name, server)
    assert ana.ask("ok one") == "Hello world"
    time.sleep(0.2)
    before = server.descriptors()
    for n in range(5):
        _, reply_id = ana.send(f"say-100-40 {n}")
        assert reply_id is not None
        events = ana.events(reply_id)
        if when != "at the start":
            for _, data in events:
                if "word10" in data and (when == "in the middle" or "word40" in data):
                    break
        events.close()
        until(lambda: not (house.users.root / name / "reply.txt").exists())

    assert [one.text for one in records_of(house.users.root / name) if one.role == "assistant"][1:] == [words(40)] * 5
    until(lambda: server.descriptors() <= before + 2)
