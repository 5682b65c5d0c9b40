"""Journeys of people and their accounts, and of the owner who looks after them."""

import re
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from playwright.sync_api import expect

from memory.people import accounts
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry
from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.visitor import PASSWORD

NEW = "a hammock under a mango tree"


def test_a_user_can_change_password_export_data_delete_account(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok")
    telephone = ana.context.browser.new_context(
        user_agent="Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    )
    telephone.request.post(
        f"{ana.server.url}/login", form={"username": ana.name, "password": PASSWORD}, headers={"Origin": ana.server.url}
    )
    on_telephone = telephone.new_page()
    on_telephone.goto(f"{ana.server.url}/account")
    expect(on_telephone.get_by_role("heading", name="Your account")).to_be_visible()

    ana.button(f"{ana.name}, menu").click()
    ana.page.get_by_role("link", name="Account", exact=True).click()
    expect(ana.page.get_by_role("button", name="Log out the browser")).to_have_count(1)
    expect(ana.page.get_by_role("listitem").filter(has_text="Firefox on Android")).to_have_count(1)
    expect(ana.page.get_by_role("listitem").filter(has_text="This browser")).to_have_count(1)
    shoot(ana.page, "account")
    ana.page.get_by_label("Current password").fill(PASSWORD)
    ana.page.get_by_label("New password", exact=True).fill(NEW)
    ana.page.get_by_label("Confirm new password").fill(NEW)
    ana.button("Change password").click()
    expect(ana.page.get_by_role("status")).to_contain_text("Password changed.")
    on_telephone.reload()
    expect(on_telephone.get_by_role("button", name="Log in")).to_be_visible()
    telephone.close()

    with ana.page.expect_download() as download:
        ana.button("Download my data").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "Hello world" in archive.read("history.txt").decode()

    ana.page.get_by_role("link", name="Delete my account").click()
    shoot(ana.page, "account-delete")
    ana.page.get_by_label("Your password").fill(NEW)
    ana.button("Delete permanently").click()
    expect(ana.page.get_by_text("Your account has been deleted.")).to_be_visible()
    assert ana.name not in ana.server.users.names()


def test_an_added_user_sets_a_password_without_javascript(visit: Visit) -> None:
    owner = visit(name="rosa", role="owner")
    accounts.set_budget(owner.folder, 0)
    now = datetime.now(UTC).replace(microsecond=0)
    for hours in range(700, 0, -9):
        made = LedgerEntry(now - timedelta(hours=hours), "chat", "as_told", 2_000 + 37 * hours % 5_000, 0, 180, Decimal("0.002"), 1.0,
                    "stop" if hours % 5 else "rate_limited")  # fmt: skip
        ledger.note(owner.folder, made)

    owner.page.goto(f"{owner.server.url}/admin/customers")
    shoot(owner.page, "admin")
    owner.page.get_by_label("Name", exact=True).last.fill("carla")
    owner.button("Add").click()
    password = owner.page.locator("#secret").inner_text()
    shoot(owner.page, "admin-secret")
    owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
    message = owner.page.get_by_label("A text to send")
    message.fill(f"{message.input_value()}\nSee you soon!")
    owner.page.locator("button[data-copies=message]").click()
    expect(owner.page.locator("button[data-copies=message]")).to_have_text("Copied")
    copied = owner.page.evaluate("navigator.clipboard.readText()")
    assert password in copied
    assert copied.endswith("See you soon!")
    for path, name in (("usage", "admin-usage"), ("settings", "admin-settings"), ("customers/rosa", "admin-customer")):
        owner.page.goto(f"{owner.server.url}/admin/{path}")
        shoot(owner.page, name)

    carla = owner.context.browser.new_context(java_script_enabled=False).new_page()
    carla.goto(f"{owner.server.url}/login")
    carla.get_by_label("Name").fill("carla")
    carla.get_by_label("Password").fill(password)
    carla.get_by_role("button", name="Log in").click()
    expect(carla.get_by_text("Choose a new password to continue.")).to_be_visible()
    carla.get_by_label("Current password").fill(password)
    carla.get_by_label("New password", exact=True).fill(NEW)
    carla.get_by_label("Confirm new password").fill(NEW)
    carla.get_by_role("button", name="Change password").click()
    carla.goto(f"{owner.server.url}/")
    expect(carla.locator("#content")).to_be_visible()
    carla.context.close()

    owner.page.goto(f"{owner.server.url}/admin/customers/carla/delete")
    owner.page.get_by_label("Your password").fill(PASSWORD)
    shoot(owner.page, "admin-delete")
    owner.button("Delete account").click()
    expect(owner.page.get_by_text("Account deleted. You can restore it")).to_be_visible()
    expect(owner.page.get_by_role("link", name="carla")).to_have_count(0)
    shoot(owner.page, "admin-deleted")
    owner.button("Restore carla").click()
    expect(owner.page.get_by_text("Account restored, with all conversations.")).to_be_visible()
    owner.page.goto(f"{owner.server.url}/admin/audit")
    expect(owner.page.get_by_role("row")).to_have_count(4)
    shoot(owner.page, "admin-changes")


def test_an_owner_sets_a_budget_without_javascript(visit: Visit) -> None:
    owner, bob = visit(role="owner", java_script_enabled=False), visit(logged_in=False)
    owner.allowed += ["status of 422"]
    accounts.set_language(owner.folder, "pt_BR")
    page = owner.page
    page.goto(f"{owner.server.url}/admin/customers/{bob.name}")
    page.get_by_label("Dólares por dia").fill("meio")
    page.get_by_role("button", name="Salvar").click()
    field = page.get_by_label("Dólares por dia")
    expect(field).to_have_value("meio")
    expect(field).to_have_accessible_description(re.compile("Informe um valor em dólares"))
    field.fill("0,50")
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_role("status")).to_have_text("Orçamento salvo.")
    expect(page.get_by_label("Dólares por dia")).to_have_value("0,50")
    account = accounts.load(bob.folder)
    assert account is not None
    assert account.daily_usd == Decimal("0.5")
