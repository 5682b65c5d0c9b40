"""Coming in and going out."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import PASSWORD


def test_a_wrong_password_is_reported_and_the_right_one_logs_in(visit: Visit) -> None:
    ana = visit(logged_in=False)
    ana.allowed.append("status of 401")
    ana.page.goto(f"{ana.server.url}/")
    assert ana.page.url == f"{ana.server.url}/login"

    ana.page.get_by_label("Name").fill(ana.name)
    ana.page.get_by_label("Password").fill("a hammock in the sun")
    ana.button("Log in").click()

    expect(ana.page.get_by_role("alert")).to_have_text("Wrong name or password.")
    expect(ana.page.get_by_label("Name")).to_have_value(ana.name)
    expect(ana.page.get_by_label("Password")).to_be_focused()

    ana.page.keyboard.type(PASSWORD)
    ana.page.keyboard.press("Enter")

    expect(ana.button(f"{ana.name}, menu")).to_be_visible()
    expect(ana.box).to_be_focused()
    assert ana.page.url == f"{ana.server.url}/"
    assert ana.kept() == []


def test_who_logs_out_sees_nothing_more(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("401")  # what the page behind still asks for on the way out is refused, and leads to the login
    ana.ask_and_wait("ok")

    ana.button(f"{ana.name}, menu").click()
    ana.button("Log out").click()

    expect(ana.button("Log in")).to_be_visible()
    ana.page.go_back()
    expect(ana.button("Log in")).to_be_visible()
    expect(ana.page.get_by_text("Hello world")).to_have_count(0)
    assert ana.kept() == [("user", "ok"), ("assistant", "Hello world")]


def test_a_password_can_be_looked_at(visit: Visit) -> None:
    ana = visit(logged_in=False)
    ana.page.goto(f"{ana.server.url}/login")
    password = ana.page.get_by_label("Password")
    password.fill(PASSWORD)

    ana.button("Show").click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_be_focused()
    ana.button("Show").click()

    expect(password).to_have_attribute("type", "password")
