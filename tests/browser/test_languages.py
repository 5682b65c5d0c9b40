"""A whole conversation in Brazilian Portuguese, and no page of it wider than a small telephone."""

import re

from playwright.sync_api import expect

from memory.people import accounts
from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.visitor import PASSWORD, Visitor

PAGES = [
    "account",
    "account/delete",
    "conversations",
    "conversations/clear",
    "conversations?q=rede",
    "prompt",
    "summary",
]
PAGES += ["usage", "nothing/here"]
_IN_WORDS = re.compile(r" de \w+ de \d{4} às \d")
"""A time by the reader's clock, in the language of the page."""
OWNERS = ["admin", "admin/usage", "admin/settings", "admin/feedback", "admin/audit"]
OWNERS += ["admin/customers/{name}", "admin/customers/{name}/delete"]


def fits(visitor: Visitor, name: str) -> None:
    """Check that nothing is wider than the screen."""
    wide: bool = visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, f"{name} is wider than the screen"


def test_a_conversation_in_portuguese(visit: Visit) -> None:
    """The browser asks for English; the person switches at the login, asks, stops, loads the page again."""
    ana = visit(logged_in=False, viewport={"width": 320, "height": 640})
    page = ana.page
    page.goto(f"{ana.server.url}/login")
    page.get_by_role("button", name="Português (Brasil)").click()
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
    fits(ana, "login")
    shoot(page, "pt-login")
    page.get_by_label("Nome").fill(ana.name)
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("heading", name="Como podemos ajudar?")).to_be_visible()
    shoot(page, "pt-empty")

    ana.ask("ok Vocês entregam no Recife?")
    expect(page.locator("#log > .message.assistant:not([aria-busy])")).to_contain_text("Hello world")
    expect(page.locator("#log time").last).to_have_attribute("title", _IN_WORDS)
    ana.ask("say-40-400")
    ana.wait_for_words("word60")
    shoot(page, "pt-writing")
    page.get_by_role("button", name="Parar resposta").click()
    stopped = page.locator("#log > .message").last
    expect(stopped).to_contain_text("Resposta interrompida por você.")
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_visible()
    shoot(page, "pt-stopped")
    streamed = stopped.inner_text()
    page.reload()
    expect(page.locator("#log > .message").last).to_contain_text("Resposta interrompida por você.")

    assert page.locator("#log > .message").last.inner_text() == streamed
    assert accounts.load(ana.folder).language == "pt_BR"


def test_nothing_in_portuguese_is_wider_than_a_small_telephone(visit: Visit) -> None:
    ana = visit(logged_in=False, viewport={"width": 320, "height": 640})
    ana.allowed += ["status of 404"]
    path = ana.folder.path / "account.toml"
    path.write_text(path.read_text().replace('role = "customer"', 'role = "owner"\nlanguage = "pt_BR"'))
    form: dict[str, str | float | bool] = {"username": ana.name, "password": PASSWORD}
    ana.context.request.post(f"{ana.server.url}/login", form=form, headers={"Origin": ana.server.url})
    ana.page.goto(f"{ana.server.url}/")
    ana.ask("r500 Quanto custa a rede de casal?")
    expect(ana.page.locator("#log > .message").last).to_contain_text(
        "O assistente não está disponível; esta resposta vem"
    )
    fits(ana, "a fault")
    shoot(ana.page, "pt-fault")
    ana.page.set_viewport_size({"width": 320, "height": 640})
    ana.page.get_by_role("button", name="menu").click()
    fits(ana, "menu")
    shoot(ana.page, "pt-menu")
    for address in [*PAGES, *(one.format(name=ana.name) for one in OWNERS)]:
        ana.page.goto(f"{ana.server.url}/{address}")
        shoot(ana.page, "pt-" + address.replace("/", "-").replace("?", "-").replace(ana.name, "person"))
