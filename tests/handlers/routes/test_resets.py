"""Tests of a password that was forgotten: the same answer for everybody, a mail for who has an account, a link for one use."""

import asyncio
import re
from dataclasses import replace

import pytest

from memory.people import accounts
from memory.storage.layout import PASSWORD_RESETS
from tests.conftest import enter, services_of
from tests.support.receivers import mail_server
from tests.support.shop import PASSWORD, Scripted, Visitor, settings_of

NEW = "another horse battery"


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def shop(open_shop, mail):
    notify = {"smtp": f"smtp://127.0.0.1:{mail.port}", "sender": "bot@shop.example"}
    app = open_shop(settings_of({"luna": None}, notify=notify, signup="open", shop="Loja da Ana"), Scripted())
    accounts.set_email(services_of(app).users.folder("bob"), "bob@mail.example")
    delay_mails(app, 0)
    return app


def delay_mails(app, seconds):
    web = app.extensions["storekeeper.web"]
    app.extensions["storekeeper.web"] = replace(web, mail_delay_seconds=seconds)


@pytest.fixture
def nobody(shop):
    return Visitor(shop)


async def sent(app):
    """Wait until the mails are sent that requests asked for."""
    while tasks := set(app.extensions["storekeeper.web"].mail_tasks):
        await asyncio.wait(tasks)


async def asked(nobody, account="bob"):
    answer = await nobody.post("/reset", {"account": account})
    await sent(nobody.app)
    return answer


def link_in(mail):
    (path,) = re.findall(r"http://localhost:8000(/reset/\S+)", mail.mails[-1].get_content())
    return path


async def test_a_link_in_a_mail_sets_another_password(nobody, mail):
    bob = enter(nobody.app, "bob")
    assert "/reset" in (await nobody.get("/login")).text
    assert 'name="account"' in (await nobody.get("/reset")).text
    assert (await asked(nobody)).headers["location"] == "/reset?said=sent"
    (found,) = mail.mails
    assert (found["To"], found["Subject"]) == ("bob@mail.example", "Loja da Ana: choose a new password")

    path = link_in(mail)
    assert "bob" in (await nobody.get(path)).text
    answer = await nobody.post(path, {"password": NEW, "again": NEW})

    assert (answer.status, answer.headers["location"]) == (303, "/login?said=reset")
    assert "Password changed." in (await nobody.get("/login?said=reset")).text
    assert (await bob.get("/")).status == 303, "all sessions have ended"
    await nobody.log_in("bob", NEW)
    assert (await nobody.get(path)).status == 404
    assert (await nobody.post(path, {"password": PASSWORD})).status == 404


async def test_nothing_is_looked_up_while_the_client_may_measure(nobody, users):
    """The work for a name that somebody has would slow the next request of who asks."""
    delay_mails(nobody.app, 1_000_000)
    await nobody.post("/reset", {"account": "bob"})
    await asyncio.sleep(0.3)
    (waiting,) = nobody.app.extensions["storekeeper.web"].mail_tasks
    waiting.cancel()

    assert not users.shared.exists(PASSWORD_RESETS)


async def test_looking_at_a_link_uses_nothing_up(nobody, mail):
    await asked(nobody)
    path = link_in(mail)
    for _ in range(3):
        assert (await nobody.get(path)).status == 200

    assert (await nobody.post(path, {"password": NEW})).status == 303


async def test_everybody_gets_the_same_answer(nobody, mail):
    answers = [
        await asked(nobody, account) for account in ("bob", "ana", "nobody-here", "bob@mail.example", "x@y.example", "")
    ]
    told = {(one.status, one.headers["location"], one.text) for one in answers}

    assert len(told) == 1, "ana has no address, others no account"
    assert [one["To"] for one in mail.mails] == ["bob@mail.example"] * 2
    assert "we&#39;ve just sent it a link" in (await nobody.get("/reset?said=sent")).text


async def test_the_answer_waits_for_no_mail(nobody, mail, shop):
    gate = shop.extensions["storekeeper.web"].mails
    for _ in range(2):
        await gate.acquire()

    answer = await nobody.post("/reset", {"account": "bob"})
    assert (answer.status, mail.mails) == (303, [])
    gate.release()
    await sent(shop)
    assert len(mail.mails) == 1
    gate.release()


async def test_one_name_is_asked_for_a_few_times(nobody, mail, clock):
    for name in ("bob", "nobody-here"):
        statuses = [(await asked(nobody, name)).status for _ in range(5)]
        assert statuses == [303] * 3 + [429] * 2, "whether there is such an account or not"
    assert len(mail.mails) == 3
    answer = await asked(nobody)
    assert int(answer.headers["retry-after"]) > 0
    clock.move(minutes=11)
    assert (await asked(nobody)).status == 303


async def test_one_address_asks_for_so_many(nobody, mail):
    statuses = [(await asked(nobody, f"name-{number}")).status for number in range(32)]

    assert statuses == [303] * 30 + [429] * 2


async def test_a_bad_password_can_be_corrected(nobody, mail):
    await asked(nobody)
    path = link_in(mail)
    assert (await nobody.post(path, {"password": "short"})).status == 422
    different = await nobody.post(path, {"password": NEW, "again": NEW + "x"})
    assert (different.status, "don&#39;t match" in different.text) == (422, True)

    assert (await nobody.post(path, {"password": NEW, "again": NEW})).status == 303


async def test_without_a_mail_server_there_is_none_of_it(ana, nobody, open_shop):
    shop = open_shop(settings_of({"luna": None}, signup="open"), Scripted())
    visitor = Visitor(shop)

    assert "/reset" not in (await visitor.get("/login")).text
    assert (await visitor.get("/reset")).status == 404
    assert (await visitor.post("/reset", {"account": "bob"})).status == 404
    assert 'name="email"' not in (await visitor.get("/signup")).text
    assert 'name="email"' not in (await enter(shop, "ana").get("/account")).text


async def test_a_new_account_may_have_an_address(nobody, users):
    form = {"username": "carla", "password": PASSWORD}
    wrong = await nobody.post("/signup", {**form, "email": "carla at mail"})
    assert wrong.status == 422
    assert 'value="carla at mail"' in wrong.text
    assert (await nobody.post("/signup", {**form, "email": " carla@mail.example "})).status == 303

    assert accounts.load(users.folder("carla")).email == "carla@mail.example"


async def test_the_address_is_changed_with_the_password(shop, users):
    bob = enter(shop, "bob")
    assert "bob@mail.example" in (await bob.get("/account")).text
    refused = await bob.post("/account/email", {"email": "eve@evil.example", "current": "a guess"})
    assert refused.status == 403
    assert accounts.load(users.folder("bob")).email == "bob@mail.example"
    bad = await bob.post("/account/email", {"email": "nowhere", "current": PASSWORD})
    assert (bad.status, 'value="nowhere"' in bad.text) == (422, True)
    assert (await bob.post("/account/email", {"email": "new@mail.example", "current": PASSWORD})).status == 303
    assert accounts.load(users.folder("bob")).email == "new@mail.example"
    assert (await bob.post("/account/email", {"email": "", "current": PASSWORD})).status == 303
    assert accounts.load(users.folder("bob")).email is None


async def test_a_mail_is_in_the_customers_language(nobody, mail, users):
    accounts.set_language(users.folder("bob"), "pt_BR")
    await asked(nobody)

    assert mail.mails[0]["Subject"] == "Loja da Ana: escolha uma nova senha"
