"""Disks that are full, read-only or slow to give a lock; a directory that goes; too few descriptors."""

import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memory.conversations.records import Record, print_record
from memory.integrity.check import check_user
from settings import ROOT
from tests.faults.invariants import Witness, broken, records_of
from tests.faults.live import Browser, House, Server, until
from tests.faults.test_servers import words
from tests.support.raw import Wire, form_of
from tests.support.shop import NOON, PASSWORD, Answered

pytestmark = pytest.mark.timeout(300)


def fill(folder: Path, size: int) -> int:
    """Write a conversation that is a little smaller than `size` bytes; return its size."""
    data, n = b"", 0
    while len(data) < size - 3000:
        n += 2
        asked = Record(n - 1, NOON, "user", "x" * 400)
        data += print_record(asked) + print_record(Record(n, NOON, "assistant", "y" * 400, ending="stop"))
    (folder / "history.txt").write_bytes(data)
    (folder / "history.txt").chmod(0o600)
    return len(data)


def test_a_file_that_may_not_grow(house: House):
    """F22 where nothing but a limit of the process is at hand: a short write, then EFBIG."""
    limit = 64 * 1024
    ana_folder = house.person("ana").path
    fill(ana_folder, limit)
    server = house.server(limits=[(resource.RLIMIT_FSIZE, limit)])
    ana = house.browser("ana", server)
    before = (ana_folder / "history.txt").read_bytes()

    refused, _ = ana.send("ok " + "y" * 5000)
    kept = (ana_folder / "history.txt").read_bytes()
    shown = ana.ask("say-0-900 short question")
    page = ana.get("/")

    assert refused.status == 503
    assert "Your message wasn&#39;t sent" in refused.text
    assert kept == before
    assert shown is not None
    assert "word900" in shown  # what was written is on the screen, and it says that it is not saved
    assert ana.witness.complete == {}
    assert "short question" in page.text
    assert ana.post("/login", username="ana", password=PASSWORD).status in (200, 303)
    server.kill()
    ana.port = house.server().port
    assert ana.ask("ok again") == "Hello world"
    assert broken(house.users.root, ana.witness) == []
    assert [one.keys.get("ending") for one in records_of(ana_folder)[-4:]] == [None, "interrupted", None, "stop"]


def namespace(script: str) -> list[str]:
    """Return the words that run a server in a mount namespace of its own, after `script` there."""
    words_before = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*words_before, script], capture_output=True).returncode:
        pytest.skip("no mount namespaces here")
    return [*words_before, f'{script} && exec "$@"', "sh"]


def within(server: Server, *command: str) -> None:
    """Run a command in the server's namespace."""
    entering = ["nsenter", "--target", str(server.process.pid), "--user", "--mount", "--preserve-credentials"]
    subprocess.run([*entering, *command], check=True, timeout=10)


def remount(server: Server, options: str, place: Path) -> None:
    """Mount a directory of the server's namespace otherwise, once no file there is open for writing."""

    def is_done() -> bool:
        try:
            within(server, "mount", "-o", f"remount,{options}", str(place))
        except subprocess.CalledProcessError:
            return False
        return True

    until(is_done)


class Inside(Server):
    """A server whose first process is the one that serves: unshare and sh give way to it."""

    def pid(self) -> int:
        return self.process.pid


@pytest.fixture
def inside(house: House) -> Iterator[list[Server]]:
    started = list[Server]()
    yield started
    for server in started:
        server.kill()


def comes_in(name: str, server: Server) -> bool:
    """Log in from a new browser; True if its pages are the person's then. A wrong password must be refused."""
    with Wire(server.port) as wire:

        def log_in(password: str) -> Answered:
            body, content_type = form_of({"username": name, "password": password})
            headers = [("Sec-Fetch-Site", "same-origin"), ("Content-Type", content_type)]
            return wire.ask("POST", "/login", headers, body)

        refused, entered = log_in("a wrong password"), log_in(PASSWORD)
        assert refused.status == 401, refused.text
        if entered.status != 303:
            return False
        cookie = next(value for field, value in entered.fields if field == "set-cookie" and value.startswith("sid="))
        pages = [wire.ask("GET", path, [("Cookie", cookie.partition(";")[0])]) for path in ("/", "/account")]
    return [page.status for page in pages] == [200, 200]


@pytest.mark.parametrize("what", ["full", "read-only", "out of inodes"])
def test_people_come_in_whatever_the_disk_is(house: House, inside: list[Server], what: str):
    house.person("ana")
    users, copy = house.users.root, house.root / "copy"
    shutil.copytree(users, copy)
    options = "size=4m,nr_inodes=40,mode=700" if what == "out of inodes" else "size=256k,mode=700"
    before = namespace(f"mount -t tmpfs -o {options} tmpfs {users} && cp -a {copy}/. {users}/")
    server = Inside(house, before=before)
    inside.append(server)
    assert comes_in("ana", server)
    match what:
        case "full":
            within(server, "sh", "-c", f"cat /dev/zero >> {users}/.ballast 2>/dev/null; true")
        case "read-only":
            remount(server, "ro", users)
        case _:
            within(
                server, "sh", "-c", f"for n in $(seq 60); do touch {users}/.ballast$n || break; done 2>/dev/null; true"
            )
    came = [comes_in("ana", server) for _ in range(3)]

    assert came == [True] * 3
    assert "session_not_kept" in server.log()
    assert "attempt_not_written" in server.log()
    stranger = Browser("ana", server.port, "", Witness())
    guesses = [stranger.post("/login", username="ana", password="wrong").status for _ in range(30)]
    assert guesses[-1] == 429


def test_a_disk_that_is_full(house: House, inside: list[Server]):
    """F22 on a real file system: a genuine short write, then ENOSPC; when there is room again, all goes on."""
    house.person("ana")
    ana = house.browser("ana", house.server())
    assert ana.ask("ok before") == "Hello world"
    house.servers[0].kill()
    users, copy = house.users.root, house.root / "copy"
    shutil.copytree(users, copy)
    before = namespace(f"mount -t tmpfs -o size=256k,mode=700 tmpfs {users} && cp -a {copy}/. {users}/")
    server = Inside(house, before=before)
    inside.append(server)
    ana.port = server.port
    seen = Path(f"/proc/{server.pid()}/root{users}/ana")

    _, reply_id = ana.send("say-400-900 meanwhile")
    assert reply_id is not None
    until(lambda: b"word2" in (seen / "reply.txt").read_bytes())
    fill_up = f"cat /dev/zero >> {users}/.ballast 2>/dev/null; true"
    within(server, "sh", "-c", fill_up)
    shown = ana.follow("say-400-900 meanwhile", reply_id)
    within(server, "sh", "-c", fill_up)
    refused = [ana.send(f"ok {n} " + "z" * 5000)[0].status for n in range(3)]
    page = ana.get("/")
    history = (seen / "history.txt").read_bytes()

    assert shown is not None
    assert shown.startswith("word1 word2")
    assert [question for question, _ in ana.witness.complete["ana"]] == ["ok before"]
    assert set(refused) == {503}
    assert page.status == 200
    assert history.endswith(b"\n")
    assert b"zzz" not in history

    within(server, "rm", f"{users}/.ballast")
    last = time.monotonic() + 10
    while (again := ana.ask("ok after")) is None and time.monotonic() < last:
        time.sleep(0.1)
    assert again == "Hello world"
    assert broken(seen.parent, ana.witness) == []


def test_the_owner_is_told_of_the_disk_until_it_is_right(house: House, inside: list[Server]):
    """A disk with little room, then one that takes nothing and no note of it either."""
    house.person("ana")
    account = house.person("olga").path / "account.toml"
    account.write_text(account.read_text().replace('role = "customer"', 'role = "owner"'))
    ana, olga = house.browser("ana", house.server()), house.browser("olga", house.servers[0])
    house.servers[0].kill()
    users, copy = house.users.root, house.root / "copy"
    shutil.copytree(users, copy)
    before = namespace(f"mount -t tmpfs -o size=520m,mode=700 tmpfs {users} && cp -a {copy}/. {users}/")
    server = Inside(house, before=before)
    inside.append(server)
    ana.port = olga.port = server.port

    def told() -> list[tuple[str, int]]:
        return [(entry["cause"], entry["met"]) for entry in json.loads(olga.get("/admin/attention.json").text)]

    assert told() == []
    within(server, "sh", "-c", f"head -c 60000000 /dev/zero > {users}/.ballast")
    nearly_full = told()
    within(server, "rm", f"{users}/.ballast")
    room_again = told()
    remount(server, "ro", users)
    refused = ana.send("ok meanwhile")[0].status
    read_only, page = told(), olga.get("/admin")
    remount(server, "rw", users)

    assert (nearly_full, room_again) == ([("disk", 0)], [])
    assert (refused, read_only) == (503, [("disk", 1)])
    assert "The server can&#39;t save data" in page.text
    assert ana.ask("ok after") == "Hello world"
    assert told() == []


def test_a_disk_that_may_only_be_read_for_a_while(house: House, inside: list[Server]):
    """F26: reading works, posting is refused politely, and all goes on when it may be written again."""
    house.person("ana")
    users = house.users.root
    server = Inside(house, before=namespace(f"mount --bind {users} {users}"))
    inside.append(server)
    ana = house.browser("ana", server)
    assert ana.ask("ok before") == "Hello world"

    remount(server, "ro,bind", users)
    refused, _ = ana.send("ok meanwhile")
    page = ana.get("/")
    remount(server, "rw,bind", users)

    assert refused.status == 503
    assert "wasn&#39;t sent" in refused.text
    assert page.status == 200
    assert "Hello world" in page.text
    assert ana.ask("ok after") == "Hello world"
    assert [one.text for one in records_of(users / "ana") if one.role == "user"] == ["ok before", "ok after"]


def test_a_lock_whose_holder_hangs(house: House):
    """F21: others wait six seconds at most, the server stays lively, and nothing is there twice afterwards."""
    server = house.server()
    ana, bob = house.browser("ana", server), house.browser("bob", server)
    assert ana.ask("ok one") == "Hello world"
    lock = house.users.root / "ana" / ".lock"
    code = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"\n"
        holder.send_signal(signal.SIGSTOP)
        with ThreadPoolExecutor(4) as pool:
            started = time.monotonic()
            sent = pool.submit(ana.send, "ok two")
            time.sleep(0.2)
            others = [bob.ask(f"ok {n}") for n in range(3)]
            bob_took = time.monotonic() - started
            answer, _ = sent.result()
            took = time.monotonic() - started
        holder.send_signal(signal.SIGCONT)
        holder.kill()

    assert answer.status == 503
    assert "retry-after" in answer.headers
    assert took < 7
    assert others == ["Hello world"] * 3
    assert bob_took < 4
    assert ana.ask("ok two") == "Hello world"
    assert broken(house.users.root, ana.witness) == []


def test_two_processes_append_without_harm(house: House):
    """F20: chat, account and usage of one person, from two processes at once."""
    folder = house.person("ana")
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from memory.people import accounts\nfrom memory.conversations import history\nfrom memory.usage import ledger\nfrom memory.storage.folders import Folder\nfrom memory.conversations.records import Record\n"
        "folder, who = Folder(Path(sys.argv[1])), sys.argv[2]\n"
        "now = datetime(2026, 11, 23, 12, tzinfo=UTC)\n"
        "for n in range(150):\n"
        "    with folder.lock(timeout_seconds=60):\n"
        "        history.append(folder, lambda number: Record(number, now, 'user', f'{who} {n}\\n\\n' + 'x' * 9000))\n"
        "    if n % 10 == 0:\n"
        "        accounts.open_session(folder, now)\n"
        "        ledger.note(folder, ledger.LedgerEntry(now, 'chat', who, 1, 0, 1, None, 0.1, 'stop'))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(folder.path), who], cwd=ROOT) for who in "ab"]

    assert [one.wait(timeout=120) for one in running] == [0, 0]
    said = records_of(folder.path)
    assert [one.number for one in said] == list(range(1, 301))
    for who in "ab":
        mine = [one.text.split("\n")[0] for one in said if one.text.startswith(who)]
        assert mine == [f"{who} {n}" for n in range(150)]
    assert check_user(folder.path).errors == []
    assert folder.read("usage.csv").count(b"\n") == 31
    assert folder.read("account.toml").count(b"digest") == 30


def test_a_user_who_is_removed_during_a_reply(house: House):
    """F30: the stream ends, the directory does not come back, and others notice nothing."""
    server = house.server()
    ana, bob = house.browser("ana", server), house.browser("bob", server)
    _, reply_id = ana.send("say-60-200 long")
    assert reply_id is not None
    removed = list[float]()

    def on(data: str) -> None:
        if "word20" in data and not removed:
            shutil.rmtree(house.users.root / "ana")
            removed.append(time.monotonic())

    ana.follow("say-60-200 long", reply_id, on)

    assert time.monotonic() - removed[0] < 15
    assert not (house.users.root / "ana").exists()
    assert ana.send("ok again")[0].status in (303, 401)
    assert bob.ask("ok one") == "Hello world"
    assert not (house.users.root / "ana").exists()


def test_too_few_descriptors(house: House):
    """F27: a stream that runs survives a hundred connections, the processor idles, and all is well afterwards."""
    server = house.server(limits=[(resource.RLIMIT_NOFILE, 64)])
    ana, bob = house.browser("ana", server), house.browser("bob", server)
    assert bob.ask("ok one") == "Hello world"
    _, reply_id = ana.send("say-60-240 long")
    assert reply_id is not None
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(ana.follow, "say-60-240 long", reply_id)
        time.sleep(0.3)
        many = [bob.connect() for _ in range(100)]
        for connection in many:
            connection.connect()
        cpu, started = _cpu_seconds(server), time.monotonic()
        time.sleep(1.5)
        share = (_cpu_seconds(server) - cpu) / (time.monotonic() - started)
        for connection in many:
            connection.close()
        shown = following.result()

    assert share < 0.5
    assert shown == words(240) or shown is None
    until(server.answers)
    assert _asked_until(bob, "ok two") == "Hello world"
    assert broken(house.users.root, ana.witness) == []


def _asked_until(browser: Browser, text: str) -> str | None:
    last = time.monotonic() + 10
    while time.monotonic() < last:
        try:
            if (said := browser.ask(text)) is not None:
                return said
        except OSError:
            time.sleep(0.2)
    return None


def _cpu_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.pid()}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_lock_of_a_killed_process_is_free_at_once(house: House):
    folder = house.person("ana")
    (folder.path / ".lock").touch(mode=0o600)
    code = "import fcntl, sys, time; f = open(sys.argv[1], 'r+'); fcntl.flock(f, 2); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(folder.path / ".lock")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"\n"
        assert folder.try_lock(".lock") is None
        holder.kill()
        holder.wait()
    with (folder.path / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
