"""Tests of the task that tells the owner, against a real mail server and a real webhook."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from handlers.desk import notify
from handlers.desk.attention import AttentionEntry
from handlers.desk.notice_texts import OVER, WeeklyFigures
from handlers.desk.notify import NoticeSender
from handlers.pages import attention_texts
from handlers.web.channel import channel_of
from memory.notices import outbox, told
from memory.notices.outbox import Notice
from memory.usage.activity import Week
from memory.usage.incidents import CAUSES
from tests.conftest import services_of
from tests.support.receivers import mail_server, webhook
from tests.support.shop import ENGLISH, NOON, Scripted, settings_of

REASONS = {"backup": "overdue", "budget": "near"}


def entry_of(cause, **changed):
    return AttentionEntry(cause, NOON, 0, "/admin/settings", reason=REASONS.get(cause, ""), **changed)


TITLES = {
    cause: attention_texts.attention_text(ENGLISH, cause, "", REASONS.get(cause, "")).title + "." for cause in CAUSES
}


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def hook():
    with webhook() as server:
        yield server


@pytest.fixture
def tell(open_shop, mail, hook, monkeypatch):
    """Return a task that tells, under these settings of [notify] beside the addresses."""
    monkeypatch.setattr(notify, "ATTENTION_SECONDS", 0.0)

    class Told:
        entries = list[AttentionEntry]()
        settings = {"email": "ana@shop.example", "smtp": f"smtp://127.0.0.1:{mail.port}", "webhook": hook.address}

        def __init__(self):
            self.open()

        def open(self, **changed):
            more = {key: changed.pop(key) for key in ("timezone", "language", "shop") if key in changed}
            self.app = open_shop(settings_of({"luna": None}, notify={**self.settings, **changed}, **more), Scripted())
            self.services, self.users = services_of(self.app), services_of(self.app).users
            web = self.app.extensions["storekeeper.web"]
            self.notifier = NoticeSender(
                lambda: self.services, lambda: channel_of(self.services, web), lambda _: self.entries, figures
            )
            return self

        async def look(self, *causes):
            self.entries = [entry_of(cause) if isinstance(cause, str) else cause for cause in causes]
            await self.notifier.look()

    return Told()


def figures(services, monday):
    return WeeklyFigures(Week(1, 23, 3), Decimal("1.5")), WeeklyFigures(Week(1, 16, 2), Decimal("0.25"))


def subjects(mail):
    return [one["Subject"].partition(": ")[2] for one in mail.mails]


async def test_a_cause_is_told_when_it_begins_and_when_it_is_over(tell, mail, hook, clock):
    await tell.look(replace(entry_of("key_refused"), met=2, detail="luna"))
    await tell.look("key_refused")
    clock.move(hours=2)
    await tell.look()
    await tell.look()

    assert subjects(mail) == [TITLES["key_refused"], OVER["key_refused"]]
    assert [one["event"] for one in hook.sent] == ["key_refused", "key_refused_over"]
    text = mail.mails[0].get_content()
    assert "2 customers have met it." in text
    assert "The provider of luna doesn't accept the key." in text
    assert "http://localhost:8000/admin/settings" in text
    assert hook.sent[0]["details"] == {
        "since": "2026-11-23T12:00:00Z", "met": 2, "link": "/admin/settings", "subject": "luna", "reason": ""
    }  # fmt: skip
    assert outbox.waiting(tell.users) == []


async def test_of_one_cause_there_is_one_mail_an_hour(tell, mail, clock):
    for minute in range(121):
        await tell.look(*["disk"] * (minute // 10 % 2 == 0))
        clock.move(minutes=1)

    assert len(mail.mails) == 2, "it was wrong every other ten minutes"
    assert subjects(mail) == [TITLES["disk"], OVER["disk"]]


async def test_quiet_hours_hold_what_is_true_at_their_end(tell, mail, hook, clock):
    tell.open(quiet="11:00-14:00")
    await tell.look("disk", "backup")
    await tell.look("backup")
    assert (mail.mails, hook.bodies) == ([], [])
    clock.move(hours=2)
    await tell.look("backup")

    assert subjects(mail) == [TITLES["backup"]]


async def test_what_one_way_took_is_not_sent_by_it_again(tell, mail, hook, clock):
    hook.status = 500
    await tell.look("quota")
    (entry,) = outbox.waiting(tell.users)
    assert (entry.done, entry.said) == (("email",), "HTTP 500")
    hook.status = 204
    clock.move(minutes=2)
    await tell.look("quota")

    assert (len(mail.mails), len(hook.bodies)) == (1, 2)
    assert hook.asked[0]["X-Storekeeper-Delivery"] == hook.asked[1]["X-Storekeeper-Delivery"]
    assert outbox.waiting(tell.users) == []


async def test_while_nothing_is_sent_the_end_waits_for_the_beginning(tell, mail, clock):
    mail.refuses = "451 Later"
    await tell.look("disk")
    await tell.look()
    clock.move(minutes=2)
    mail.refuses = ""
    await tell.look()
    clock.move(hours=1)
    await tell.look()
    await tell.look()

    assert subjects(mail) == [TITLES["disk"], OVER["disk"]]


async def test_a_server_that_was_down_is_tried_again(tell, mail, clock):
    mail.refuses = "451 Later"
    await tell.look("disk")
    await tell.look("disk")
    assert mail.attempts == 1
    mail.refuses = ""
    clock.move(minutes=1)
    await tell.look("disk")

    assert len(mail.mails) == 1


async def test_what_is_wrong_in_asking_stops_no_sending(tell, mail, caplog):
    outbox.put(tell.users, Notice("other", "other", NOON, "Something else.", {}))

    def broken(services):
        raise ZeroDivisionError

    tell.notifier._entries = broken
    await tell.notifier.look()

    assert subjects(mail) == ["Something else."]
    assert "news_not_noted" in caplog.text


async def test_two_tasks_send_once(tell, mail, clock):
    for number in range(5):
        outbox.put(tell.users, Notice("other", str(number), NOON, f"Number {number}", {}))
    web = tell.app.extensions["storekeeper.web"]
    other = NoticeSender(lambda: tell.services, lambda: channel_of(tell.services, web), lambda _: [], figures)
    await asyncio.gather(*(one.look() for one in (tell.notifier, other) * 4))

    assert sorted(subjects(mail)) == [f"Number {number}" for number in range(5)]


async def test_without_a_way_nothing_is_kept(tell, mail):
    tell.open(email="", smtp="", webhook="")
    outbox.put(tell.users, Notice("other", "other", NOON, "Something else.", {}))
    await tell.look("disk")

    assert outbox.waiting(tell.users) == []
    assert told.read(tell.users).causes == {}


async def test_the_figures_come_on_monday_morning(tell, mail, clock):
    await tell.look()
    assert mail.mails == [], "a shop that has just begun has no week"
    clock.time = datetime(2026, 11, 30, 7, 59, tzinfo=UTC)
    await tell.look()
    assert mail.mails == []
    clock.move(minutes=1)
    await tell.look()
    await tell.look()

    assert subjects(mail) == ["The week at a glance"]
    assert "Conversations: 23 (16)" in mail.mails[0].get_content()
    assert "Cost: US$ 1.50 (US$ 0.25)" in mail.mails[0].get_content().replace("\xa0", " ")
    clock.move(days=7)
    await tell.look()
    assert len(mail.mails) == 2


async def test_the_figures_can_be_turned_off(tell, mail, clock):
    tell.open(digest=False)
    await tell.look()
    clock.move(days=7)
    await tell.look()

    assert mail.mails == []


async def test_the_owner_is_told_in_the_shops_language(tell, mail, hook):
    tell.open(language="pt_BR", shop="Loja")
    await tell.look("backup")

    assert mail.mails[0]["Subject"] == "Loja: O último backup tem mais de uma semana."
    assert mail.mails[0]["Content-Language"] == "pt-BR"
    assert hook.sent[0]["text"].split("\n")[0] == "O último backup tem mais de uma semana."


def test_every_cause_has_its_sentence_when_it_is_over():
    assert set(OVER) == set(CAUSES)


async def test_the_task_goes_on_whatever_happens(tell, mail, monkeypatch, caplog):
    looked = []

    async def look(self):
        looked.append(1)
        raise OSError(28, "No space left on device") if len(looked) == 1 else ZeroDivisionError

    monkeypatch.setattr(NoticeSender, "look", look)
    tell.notifier._look_seconds = 0.001
    task = asyncio.create_task(tell.notifier.run())
    while len(looked) < 4:
        await asyncio.sleep(0.01)
    task.cancel()

    assert {"notices_not_looked_at", "notices_failed"} <= {record.message for record in caplog.records}
