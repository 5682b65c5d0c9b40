"""Tests of the page of notifications: what is set, the test, what waits and what could not be sent."""

from dataclasses import replace

import pytest
from msgspec import structs

from memory.notices import outbox
from memory.notices.outbox import Notice
from memory.people import audit
from server import create_app
from tests.conftest import enter
from tests.support.receivers import mail_server, webhook
from tests.support.shop import NOON, PASSWORD, Scripted, settings_of
from tests.support.snapshots import build_here

NOTICE = Notice("disk", "disk", NOON, "The disk <is> nearly full.\nMore.", {"link": "/admin"})


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def hook():
    with webhook() as server:
        yield server


@pytest.fixture
def desk(open_shop, mail, hook):
    """Return the browser of the owner of a shop with these settings of [notify] beside the addresses."""

    def desk(**changed):
        notify = {"email": "ana@shop.example", "smtp": f"smtp://127.0.0.1:{mail.port}", "webhook": hook.address}
        return enter(open_shop(settings_of({"luna": None}, notify=notify | changed), Scripted()), "ana")

    return desk


def give_up(users, entry, *why):
    """Have the last attempt to send a notice fail."""
    begun = outbox.begin(users, entry, NOON)
    assert begun is not None
    outbox.note_error(users, replace(begun, attempts=99), *why)


async def test_the_page_shows_what_is_set_and_no_secret(desk):
    page = (await desk(quiet="22:00-07:00").get("/admin/notifications")).text

    for shown in (
        "ana@shop.example",
        "127.0.0.1",
        "22:00–07:00",
        "Monday morning",
        "not signed",
        "Nothing is waiting.",
    ):
        assert shown in page
    assert "secret-word" not in page, "chat services put a secret into the webhook's path"
    assert "secret-word" not in (await desk().get("/admin/settings")).text


async def test_without_settings_the_page_says_so(open_shop):
    ana = enter(open_shop(settings_of({"luna": None}), Scripted()), "ana")

    page = (await ana.get("/admin/notifications")).text
    assert "Not set up" in page
    assert "/admin/settings/notify/test" not in page
    assert (await ana.post("/admin/settings/notify/test")).status == 409


async def test_a_test_goes_by_every_way(desk, mail, hook):
    ana = desk()
    answer = await ana.post("/admin/settings/notify/test")

    assert (answer.status, answer.headers["location"]) == (303, "/admin/notifications?said=tested")
    assert "The test was sent." in (await ana.get("/admin/notifications?said=tested")).text
    assert "This is a test." in mail.mails[0].get_content()
    assert hook.sent[0]["event"] == "test"


async def test_a_failed_test_says_what_went_wrong(desk, mail, hook):
    mail.refuses, hook.status = "554 <b>No</b>", 403
    answer = await desk().post("/admin/settings/notify/test")

    assert answer.status == 409
    assert "E-mail: The mail server didn&#39;t accept the message. (554 &lt;b&gt;No&lt;/b&gt;)" in answer.text
    assert "Webhook: The webhook&#39;s server didn&#39;t accept the message. (HTTP 403)" in answer.text


async def test_tests_are_counted(desk, hook, mail):
    ana = desk(email="", smtp="")
    statuses = [(await ana.post("/admin/settings/notify/test")).status for _ in range(12)]

    assert statuses == [303] * 10 + [429] * 2
    assert len(hook.bodies) == 10


async def test_what_waits_and_what_failed_is_shown(desk, users):
    ana = desk()
    outbox.put(users, NOTICE)
    outbox.put(users, replace(NOTICE, key="other", text="Another one."))
    (other,) = [entry for entry in outbox.waiting(users) if entry.notice.key == "other"]
    give_up(users, other, "The server couldn't be reached.", "<i>")

    page = (await ana.get("/admin/notifications")).text
    assert "The disk &lt;is&gt; nearly full." in page
    assert "The server couldn&#39;t be reached. (&lt;i&gt;)" in page
    assert page.index("Couldn&#39;t be sent") < page.index("Another one.") < page.index("Waiting to be sent")


async def test_a_notice_is_sent_again_or_discarded(desk, users):
    ana = desk()
    outbox.put(users, NOTICE)
    (entry,) = outbox.waiting(users)
    give_up(users, entry, "No.")

    again = await ana.post(f"/admin/notifications/{entry.id}/again")
    assert again.headers["location"] == "/admin/notifications?said=again"
    assert [one.id for one in outbox.waiting(users)] == [entry.id]
    assert (await ana.post(f"/admin/notifications/{entry.id}/discard")).status == 303
    assert outbox.waiting(users) == outbox.failed(users) == []
    assert (await ana.post(f"/admin/notifications/{entry.id}/discard")).status == 404
    assert [one.what for one in audit.latest(users, 9)] == [
        f"notification {entry.id}: discarded", f"notification {entry.id}: sent again"
    ]  # fmt: skip


async def test_a_page_of_many_notices_is_small(desk, users):
    for number in range(200):
        outbox.put(users, replace(NOTICE, key=str(number), text="The feed can't be fetched. " * 4))
    answer = await desk().get("/admin/notifications")

    assert len(answer.body) < 60_000
    assert "And 150 more." in answer.text


@pytest.fixture
def kept(users, place, tmp_path, clock, mail, hook):
    """Return the browser of the owner of a shop with a .env, and that file."""
    smtp = f"smtp://ana@127.0.0.1:{mail.port}"
    notify = {"email": "ana@shop.example", "smtp": smtp, "webhook": hook.address}
    file = tmp_path / ".env"
    app = create_app(
        settings_of({"luna": None}, notify=notify), structs.replace(place, dotenv=file), completer=Scripted(), now=clock,
        build_index=build_here,
    )  # fmt: skip
    return enter(app, "ana"), file


async def test_a_secret_is_kept_in_a_file_of_the_owners(kept, users):
    ana, file = kept
    for kind, value in (("password", "a word"), ("webhook", "a secret of sixteen")):
        saved = await ana.post(f"/admin/notifications/secrets/{kind}", {"secret": value, "password": PASSWORD})
        assert saved.headers["location"] == "/admin/notifications?said=saved"

    assert "STOREKEEPER_SMTP_PASSWORD='a word'\nSTOREKEEPER_WEBHOOK_SECRET='a secret of sixteen'" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [(one.what, one.before, one.after) for one in audit.latest(users, 9)] == [
        (".env: STOREKEEPER_WEBHOOK_SECRET", "", "***"), (".env: STOREKEEPER_SMTP_PASSWORD", "", "***")
    ]  # fmt: skip
    page = (await ana.get("/admin/notifications?said=saved")).text
    assert "a word" not in page
    await ana.post("/admin/notifications/secrets/password", {"secret": "", "password": PASSWORD})
    assert "STOREKEEPER_SMTP_PASSWORD" not in file.read_text()


@pytest.mark.parametrize(
    ("kind", "form", "status"),
    [
        ("password", {"secret": "a word", "password": "a guess"}, 403),
        ("webhook", {"secret": "short", "password": PASSWORD}, 422),
        ("password", {"secret": "a\nB=c", "password": PASSWORD}, 422),
        ("password", {"secret": "senha não", "password": PASSWORD}, 422),
        ("path", {"secret": "a word", "password": PASSWORD}, 404),
    ],
)
async def test_a_secret_that_cannot_be_kept_changes_nothing(kept, kind, form, status):
    ana, file = kept
    answer = await ana.post(f"/admin/notifications/secrets/{kind}", form)

    assert answer.status == status
    assert not file.exists() or "STOREKEEPER" not in file.read_text()


async def test_others_do_not_find_the_page(desk):
    bob = enter(desk().app, "bob")

    assert (await bob.get("/admin/notifications")).status == 404
    assert (await bob.post("/admin/settings/notify/test")).status == 404
