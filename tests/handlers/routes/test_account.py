"""Tests of one's own account: the password, the sessions, all one's data, leaving."""

import asyncio
import io
import json
import os
import re
import sys
import zipfile

import pytest

from handlers.services import PING_SECONDS
from memory.people import accounts
from memory.storage.layout import HISTORY
from settings import ROOT
from tests.conftest import enter, services_of, settings_for
from tests.support.shop import PASSWORD, Scripted, Visitor, settings_of

NEW = "another horse, another battery"
SAID = "[1] 2026-11-23T11:00:00Z user\n    Do you ship to Recife?\n"


@pytest.fixture
async def bob(shop):
    return enter(shop, "bob")


def named_in(page):
    """Return the name of the reply that the page follows."""
    found = re.search(r"/replies/([^/\"]+)", page)
    assert found is not None, page
    return found[1]


def hash_of(users, name="bob"):
    return accounts.load(users.folder(name)).password


# The password


async def test_a_new_password_ends_all_other_sessions_in_every_process(open_shop, upstream, shop, bob):
    other = enter(open_shop(settings_for(upstream, "ok")), "bob")

    answered = await bob.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})

    assert (answered.status, answered.headers["location"]) == (303, "/account?said=password")
    assert "Password changed." in (await bob.get("/account?said=password")).text
    assert (await other.get("/account")).headers["location"] == "/login"
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401
    await Visitor(shop).log_in("bob", NEW)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        pytest.param({"password": NEW}, 403, id="no current password"),
        pytest.param({"current": "wrong", "password": NEW}, 403, id="a wrong one"),
        pytest.param({"current": PASSWORD, "password": "short"}, 422, id="too short"),
        pytest.param({"current": PASSWORD, "password": "password"}, 422, id="too common"),
        pytest.param({"current": PASSWORD, "password": "x" * 257}, 422, id="too long"),
        pytest.param({"current": PASSWORD, "password": NEW, "again": "x"}, 422, id="twice, and not the same"),
        pytest.param({"current": PASSWORD}, 422, id="no new one"),
        pytest.param({}, 403, id="nothing"),
    ],
)
async def test_a_password_is_not_changed_by_mistake(users, bob, form, status):
    before = hash_of(users)

    answered = await bob.post("/account/password", form)

    assert answered.status == status
    assert 'role="alert"' in answered.text
    assert hash_of(users) == before
    assert (await bob.get("/account")).status == 200


async def test_who_took_a_session_cannot_guess_the_password_by_it(shop, users, bob):
    found = [(await bob.post("/account/password", {"current": "guess", "password": NEW})).status for _ in range(11)]

    assert found == [403] * 10 + [429]
    assert (await bob.post("/account/delete", {"password": PASSWORD})).status == 429
    owner_of_it = await Visitor(shop).log_in("bob")
    changed = await owner_of_it.post("/account/password", {"current": PASSWORD, "password": NEW})
    assert changed.status == 303


async def test_a_one_time_password_only_allows_choosing_a_new_password(shop, users):
    accounts.set_password(users.folder("bob"), "given by the shop", services_of(shop).now(), is_one_time=True)
    bob = await Visitor(shop).log_in("bob", "given by the shop")

    for path in ("/", "/usage", "/account/delete", "/conversations"):
        assert (await bob.get(path)).headers["location"] == "/account", path
    assert (await bob.post("/messages", {"content": "Hello"})).headers["location"] == "/account"
    assert (await bob.post("/account/export")).headers["location"] == "/account"
    assert "Choose a new password to continue." in (await bob.get("/account")).text

    await bob.post("/account/password", {"current": "given by the shop", "password": NEW})
    assert (await bob.get("/")).status == 200


async def test_an_unused_one_time_password_expires_after_a_week(shop, users, clock):
    accounts.set_password(users.folder("bob"), "given by the shop", clock(), is_one_time=True)
    clock.move(days=7)

    answered = await Visitor(shop).post("/login", {"username": "bob", "password": "given by the shop"})
    assert answered.status == 401


# Sessions


async def test_the_sessions_are_listed_and_each_can_be_ended(shop, bob, users, clock):
    clock.move(hours=1)
    telephone = enter(shop, "bob")
    text = (await bob.get("/account")).text
    assert text.count("This browser") == 1
    assert "23 Nov 2026, 12:00 UTC" in text
    assert "23 Nov 2026, 13:00 UTC" in text

    newest = max(accounts.load(users.folder("bob")).sessions, key=lambda session: session.created)
    assert (await bob.post(f"/account/sessions/{newest.short}/end")).status == 303

    assert (await telephone.get("/account")).headers["location"] == "/login"
    assert (await bob.get("/account")).status == 200


async def test_the_session_of_somebody_else_is_not_ended_by_its_name(shop, bob, users):
    ana = enter(shop, "ana")
    (session,) = accounts.load(users.folder("ana")).sessions

    await bob.post(f"/account/sessions/{session.short}/end")

    assert (await ana.get("/account")).status == 200


async def test_logging_out_everywhere_ends_every_session_this_one_too(shop, bob):
    others = [enter(shop, "bob") for _ in range(3)]

    answered = await bob.post("/account/sessions/end")

    assert answered.headers["location"] == "/login"
    assert answered.headers["clear-site-data"] == '"cache", "storage"'
    for one in (bob, *others):
        assert (await one.get("/account")).headers["location"] == "/login"


async def test_an_account_has_so_many_sessions_and_the_oldest_go(users, clock):
    bob = users.folder("bob")
    first = accounts.open_session(bob, clock())
    clock.move(minutes=1)
    second = accounts.open_session(bob, clock())
    for _ in range(accounts.MOST_SESSIONS - 1):
        clock.move(seconds=1)
        accounts.open_session(bob, clock())

    assert len(accounts.load(bob).sessions) == accounts.MOST_SESSIONS
    assert accounts.find_session(bob, first, clock()) is None
    assert accounts.find_session(bob, second, clock()) is not None


async def test_a_stream_ends_soon_after_its_session(open_shop, upstream):
    gate = asyncio.Event()
    app = open_shop(settings_of({"m": "http://127.0.0.1:9"}), Scripted(["Hello", gate]), ping_seconds=0.2)
    bob, other = enter(app, "bob"), enter(app, "bob")
    asked = await bob.send("/messages", {"content": "Hi"})
    async with bob.following(named_in(asked.text)) as pieces:
        loop = asyncio.get_running_loop()
        while b"Hello" not in await anext(pieces):
            pass
        started = loop.time()
        await other.post("/account/sessions/end")
        rest = [piece async for piece in pieces]

        assert b"event: done" in rest[-1]
        assert loop.time() - started < 15
        assert 2 * PING_SECONDS < 15
    gate.set()


# All one's data


async def test_the_export_holds_all_that_is_kept_and_no_secret(shop, bob, users):
    folder = users.folder("bob")
    (folder.path / HISTORY).write_text(SAID)
    (folder.path / "usage.csv").write_text("time\n")
    (folder.path / "summary.txt").write_text("notes\n")
    (folder.path / "feedback.txt").write_text("good\n")
    (folder.path / "archive/20260101T000000Z").mkdir(parents=True)
    (folder.path / "archive/20260101T000000Z/history.txt").write_text("older\n")
    (folder.path / "link").symlink_to(users.folder("ana").path / "account.toml")
    account = accounts.load(folder)

    answered = await bob.post("/account/export")

    assert answered.headers["content-type"] == "application/zip"
    assert answered.headers["content-disposition"] == 'attachment; filename="bob-2026-11-23.zip"'
    assert answered.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answered.body)) as archive:
        assert archive.testzip() is None
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert sorted(held) == [
        "README.txt", "account.toml", "archive/20260101T000000Z/history.txt", "feedback.txt", "history.txt",
        "summary.txt", "usage.csv",
    ]  # fmt: skip
    assert held["history.txt"] == SAID
    assert 'name = "bob"' in held["account.toml"]
    for secret in (account.password, account.sessions[0].digest, "argon2"):
        assert secret not in json.dumps(held)


async def test_an_export_of_a_long_conversation_leaves_no_file_behind(bob, users):
    text = os.urandom(3_000_000).hex()
    (users.folder("bob").path / HISTORY).write_text(text)
    before = sorted(os.listdir(users.folder("bob").path))

    answered = await bob.post("/account/export")

    with zipfile.ZipFile(io.BytesIO(answered.body)) as archive:
        assert archive.read("history.txt").decode() == text
    assert sorted(os.listdir(users.folder("bob").path)) == before


async def test_a_third_export_at_a_time_is_refused(shop, bob):
    places = shop.extensions["storekeeper.web"].exports
    first, second = places.take("bob"), places.take("bob")

    refused = await bob.post("/account/export")
    second()
    made = await bob.post("/account/export")
    again = await bob.post("/account/export")
    first()

    assert (refused.status, made.status, again.status) == (429, 200, 200)
    assert "Two of your exports" in refused.text


async def test_an_export_that_nobody_takes_keeps_no_place(bob, users):
    (users.folder("bob").path / HISTORY).write_text(os.urandom(4_000_000).hex())

    for _ in range(2):
        exchange = await bob.exchange("POST", "/account/export").begin()
        assert exchange.status == 200
        exchange.leave()
        await asyncio.wait({exchange.task})

    async with asyncio.timeout(20):  # a thread may still read what nobody takes
        while (await bob.post("/account/export")).status != 200:
            await asyncio.sleep(0.05)


# Leaving


async def test_who_deletes_their_account_is_gone_with_all_they_said(shop, bob, users):
    (users.folder("bob").path / HISTORY).write_text(SAID)
    assert "Your password" in (await bob.get("/account/delete")).text

    answered = await bob.post("/account/delete", {"password": PASSWORD})

    assert (answered.status, answered.headers["location"]) == (303, "/login?said=deleted")
    assert "Your account has been deleted" in (await bob.get("/login?said=deleted")).text
    assert "bob" not in "".join(os.listdir(users.root))
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401


async def test_a_deleted_users_cookie_opens_nothing_of_a_namesake(shop, bob, users):
    kept = Visitor(shop, cookies=dict(bob.cookies))
    (users.folder("bob").path / HISTORY).write_text(SAID)
    await bob.post("/account/delete", {"password": PASSWORD})
    accounts.create(users, "bob", NEW, "customer", services_of(shop).now())

    assert (await kept.get("/")).headers["location"] == "/login"
    assert os.listdir(users.folder("bob").path) == ["account.toml"]


@pytest.mark.parametrize("form", [{}, {"password": ""}, {"password": "wrong"}])
async def test_an_account_is_not_deleted_without_its_password(bob, users, form):
    assert (await bob.post("/account/delete", form)).status == 403
    assert users.names() == ["ana", "bob"]


async def test_deleting_by_command_line_logs_out_of_a_running_server(open_shop, users, place):
    completer = Scripted(["Hello", asyncio.Event()])
    app = open_shop(settings_of({"m": "http://127.0.0.1:9"}), completer)
    bob = enter(app, "bob")
    asked = await bob.send("/messages", {"content": "Hi"})
    program = "import sys, commands; sys.exit(commands.run(sys.argv[1:], lambda *_: 1))"
    environ = {**os.environ, "STOREKEEPER_USERS": str(place.users)}
    async with bob.following(named_in(asked.text)) as pieces:
        while b"Hello" not in await anext(pieces):
            pass

        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, "delete", "bob", "--yes", cwd=ROOT, env=environ
        )

        rest = b"".join([piece async for piece in pieces])
        assert await process.wait() == 0
    assert b"event: done" in rest
    assert completer.closed == 1
    assert "bob" not in "".join(os.listdir(users.root))
    assert (await bob.get("/")).headers["location"] == "/login"


async def test_the_last_owner_stays_while_there_are_customers(ana, bob, users):
    answered = await ana.post("/account/delete", {"password": PASSWORD})
    assert answered.status == 409
    assert "only owner" in answered.text

    await bob.post("/account/delete", {"password": PASSWORD})
    assert (await ana.post("/account/delete", {"password": PASSWORD})).status == 303
    assert users.is_empty()


async def test_a_reply_that_runs_ends_with_its_user(open_shop, users):
    completer = Scripted(["Hello", asyncio.Event()])
    app = open_shop(settings_of({"m": "http://127.0.0.1:9"}), completer)
    bob = enter(app, "bob")
    asked = await bob.send("/messages", {"content": "Hi"})
    async with bob.following(named_in(asked.text)) as pieces:
        while b"Hello" not in await anext(pieces):
            pass

        assert (await bob.post("/account/delete", {"password": PASSWORD})).status == 303

        rest = b"".join([piece async for piece in pieces])
    assert b"event: done" in rest
    assert completer.closed == 1
    assert "bob" not in "".join(os.listdir(users.root))
