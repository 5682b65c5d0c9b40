"""Tests of the mail with a link: its words, and what happens while the mail server does not take it."""

import pytest

from handlers.desk.reset_mail import send_links
from handlers.web.channel import channel_of
from memory.people import accounts, resets
from memory.storage.folders import StorageError
from tests.conftest import services_of
from tests.support.receivers import mail_server
from tests.support.shop import Scripted, settings_of


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def ask(open_shop, mail):
    notify = {"smtp": f"smtp://127.0.0.1:{mail.port}", "sender": "bot@shop.example"}
    origin = "https://chat.shop.example"
    app = open_shop(settings_of({"luna": None}, notify=notify, shop="Loja", origin=origin), Scripted())
    services, web = services_of(app), app.extensions["storekeeper.web"]
    accounts.set_email(services.users.folder("bob"), "bob@mail.example")
    return lambda asked="bob", waits=(0.0, 0.0): send_links(
        services, channel_of(services, web), web.languages, asked, waits
    )


async def test_the_mail_says_what_it_is_and_where_to_go(ask, mail):
    await ask()
    text = mail.mails[0].get_content()

    assert text.startswith("Hello bob,\n")
    assert "for your account with Loja:\n\nhttps://chat.shop.example/reset/" in text
    assert "within 30 minutes" in text
    assert "If you didn't ask for this" in text


async def test_a_mail_is_tried_a_few_times(ask, mail, caplog):
    mail.refuses = "451 Later"
    await ask()

    assert mail.attempts == 3
    assert [record.message for record in caplog.records if record.name == "storekeeper.resets"] == [
        "reset_not_sent"
    ] * 3
    assert "/reset/" not in caplog.text


async def test_a_disk_that_takes_no_link_sends_none(ask, mail, monkeypatch, caplog):
    def full(*_):
        raise StorageError("It couldn't be saved.")

    monkeypatch.setattr(resets, "make", full)
    await ask()

    assert (mail.attempts, "reset_not_made" in caplog.text) == (0, True)


async def test_nobodys_name_is_sent_nothing(ask, mail):
    for asked in ("ana", "nobody-here", "x@y.example"):
        await ask(asked)

    assert mail.attempts == 0
