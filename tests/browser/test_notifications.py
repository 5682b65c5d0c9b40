"""The page of notifications, and a forgotten password, in a real browser: each page is looked at, too."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from memory.notices import outbox
from memory.notices.outbox import Notice
from memory.people import accounts
from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.tabs import until
from tests.browser.visitor import Server
from tests.support.receivers import mail_server
from tests.support.upstream import Upstream

NOTICE = Notice("disk", "disk", datetime.now(UTC).replace(microsecond=0), "The server's disk is almost full.", {})


def test_an_owner_tests_the_ways_and_sees_what_failed(visit: Visit, upstream: Upstream, tmp_path: Path) -> None:
    with mail_server() as mail:
        mail.refuses = "451 Come back later"
        notify = {"email": "ana@shop.example", "smtp": f"smtp://ana@127.0.0.1:{mail.port}"}
        server = Server(tmp_path, upstream, notify=notify)
        outbox.put(server.users, NOTICE)
        begun = outbox.begin(server.users, outbox.waiting(server.users)[0], NOTICE.time)
        assert begun is not None
        outbox.note_error(server.users, replace(begun, attempts=99), "The server couldn't be reached.")
        outbox.put(server.users, replace(NOTICE, key="other", text="There is no backup yet."))
        server.start()
        try:
            owner = visit(server, name="rosa", role="owner")
            owner.allowed += ["status of 409"]
            owner.page.goto(f"{server.url}/admin/notifications")
            owner.button("Send a test").click()
            expect(owner.page.get_by_role("alert").first).to_contain_text("451 Come back later")
            shoot(owner.page, "admin-notifications")
            mail.refuses = ""
            owner.button("Send a test").click()
            expect(owner.page.get_by_text("The test was sent.")).to_be_visible()
            owner.page.get_by_role("button", name="Discard The server's disk").click()
            expect(owner.page.get_by_text("Discarded.")).to_be_visible()
        finally:
            server.end()
    assert any("This is a test." in one.get_content() for one in mail.mails)


def test_a_forgotten_password_is_set_by_a_mail(visit: Visit, upstream: Upstream, tmp_path: Path) -> None:
    with mail_server() as mail:
        notify = {"smtp": f"smtp://127.0.0.1:{mail.port}", "sender": "bot@shop.example"}
        server = Server(tmp_path, upstream, notify=notify)
        server.start()
        try:
            stranger = visit(server, name="bob", logged_in=False)
            accounts.set_email(server.users.folder("bob"), "bob@mail.example")
            page = stranger.page
            page.goto(f"{server.url}/login")
            page.get_by_role("link", name="Forgot your password?").click()
            shoot(page, "reset")
            page.get_by_label("Name or e-mail address").fill("bob@mail.example")
            stranger.button("Send link").click()
            expect(page.get_by_role("status")).to_contain_text("sent it a link")
            shoot(page, "reset-sent")
            until(lambda: bool(mail.mails), lambda: "no mail")  # it goes out within five seconds
            (path,) = re.findall(r"/reset/\S+", mail.mails[0].get_content())
            page.goto(server.url + path)
            shoot(page, "reset-new")
            page.get_by_label("New password", exact=True).fill("another horse battery")
            page.get_by_label("Confirm new password").fill("another horse battery")
            stranger.button("Change password").click()
            expect(page.get_by_role("status").first).to_contain_text("Log in with the new one.")
            page.get_by_label("Name").fill("bob")
            page.get_by_label("Password", exact=True).fill("another horse battery")
            stranger.button("Log in").click()
            expect(page.get_by_role("heading", name="What can we do for you?")).to_be_visible()
            page.goto(f"{server.url}/account")
            shoot(page, "account-email")
        finally:
            server.end()
