"""Tests of the language that a person chooses: asked for by the browser, switched, kept, the same in a stream and after it."""

import re

import pytest
from quart import Quart

from completions.errors import ErrorDetails, ModelError
from memory.people import accounts
from memory.storage.users import Users
from tests.conftest import Open, enter, services_of
from tests.support.shop import PASSWORD, Answered, Scripted, Visitor, settings_of

REPLY = "2-20261123T120000Z"


def tag_of(answered: Answered) -> str:
    """Return the language that a page says it is in."""
    found = re.search(r'<html lang="([^"]+)"', answered.text)
    assert found is not None, answered
    return found[1]


@pytest.fixture
async def bob(shop: Quart) -> Visitor:
    return enter(shop, "bob")


async def test_a_browser_is_answered_in_its_language(nobody: Visitor) -> None:
    english = await nobody.get("/login")
    portuguese = await nobody.get("/login", Accept_Language="pt-PT,pt;q=0.9")

    assert (tag_of(english), tag_of(portuguese)) == ("en", "pt-BR")
    assert "<h1>Log in</h1>" in english.text
    assert "<h1>Entrar</h1>" in portuguese.text
    assert (
        "Nome ou senha incorretos."
        in (await nobody.post("/login", {"username": "bob", "password": "wrong"}, Accept_Language="pt")).text
    )


async def test_the_switch_lists_native_names_and_marks_the_current_one(nobody: Visitor) -> None:
    page = await nobody.get("/login", Accept_Language="pt")

    assert '<button class="quiet" name="language" value="en" lang="en">English</button>' in page.text
    assert (
        '<button class="quiet" name="language" value="pt_BR" lang="pt-BR" aria-current="true">Português (Brasil)</button>'
    ) in page.text


async def test_who_is_not_logged_in_keeps_the_choice_in_a_cookie(nobody: Visitor, users: Users) -> None:
    chosen = await nobody.post("/language", {"language": "pt_BR"}, Referer="http://localhost:8000/login?said=deleted")

    assert (chosen.status, chosen.headers["location"]) == (303, "/login?said=deleted")
    assert "HttpOnly" in chosen.headers["set-cookie"]
    assert "SameSite=Lax" in chosen.headers["set-cookie"]
    assert tag_of(await nobody.get("/login", Accept_Language="en")) == "pt-BR"


async def test_the_language_choice_is_in_the_account_for_every_device(shop: Quart, bob: Visitor) -> None:
    telephone = enter(shop, "bob")
    assert tag_of(await telephone.get("/", Accept_Language="en")) == "en"

    chosen = await bob.post("/language", {"language": "pt_BR"}, Referer="http://localhost:8000/account")

    assert (chosen.status, chosen.headers["location"]) == (303, "/account")
    assert accounts.load(services_of(shop).users.folder("bob")).language == "pt_BR"
    assert tag_of(await telephone.get("/", Accept_Language="en")) == "pt-BR"
    for path in ("/nothing/here", "/logout", "/messages/77"):  # where nobody has to be logged in, and where one has to
        assert tag_of(await telephone.get(path, Accept_Language="en")) == "pt-BR"
    assert tag_of(await enter(shop, "ana").get("/", Accept_Language="en")) == "en"
    await telephone.post("/language", {"language": "en"})
    assert tag_of(await bob.get("/", Accept_Language="pt")) == "en"


async def test_a_pre_login_language_is_kept_unless_the_account_has_one(nobody: Visitor, users: Users) -> None:
    bob = users.folder("bob")
    await nobody.post("/language", {"language": "pt_BR"})
    await nobody.log_in("bob")
    assert accounts.load(bob).language == "pt_BR"

    accounts.set_language(bob, "en")
    await nobody.log_in("bob")
    assert accounts.load(bob).language == "en"


async def test_who_signs_up_keeps_the_language_they_chose(open_shop: Open, users: Users) -> None:
    visitor = Visitor(open_shop(settings_of({"luna": None}, signup="open"), Scripted()))
    await visitor.post("/language", {"language": "pt_BR"}, Referer="http://localhost:8000/signup?token=x")

    await visitor.post("/signup", {"username": "maria", "password": PASSWORD})

    assert accounts.load(users.folder("maria")).language == "pt_BR"


@pytest.mark.parametrize("language", ["", "xx", "pt-BR", "../pt_BR", "en\n", "é"])
async def test_a_language_that_is_not_there_is_not_chosen(bob: Visitor, users: Users, language: str) -> None:
    answered = await bob.post("/language", {"language": language})

    assert answered.status == 404
    assert "set-cookie" not in answered.headers
    assert accounts.load(users.folder("bob")).language is None


async def test_a_language_that_is_gone_is_as_none(bob: Visitor, users: Users) -> None:
    accounts.set_language(users.folder("bob"), "tlh")
    bob.cookies["language"] = "../../x"

    assert tag_of(await bob.get("/", Accept_Language="pt")) == "pt-BR"


@pytest.mark.parametrize(
    "referer",
    [
        "", "http://evil.example/account", "http://localhost:8000.evil.example/", "http://localhost:8000//evil.example",
        "http://localhost:8000/\\evil.example", "http://localhost:8000/nothing/here", "http://localhost:8000/logout",
        "http://evil@localhost:8000/account", "javascript:alert(1)", "http://[", "http://localhost:8000/%0d%0ax", "é",
    ],
)  # fmt: skip
async def test_the_switch_leads_to_no_page_but_ours(bob: Visitor, referer: str) -> None:
    answered = await bob.post("/language", {"language": "pt_BR"}, Referer=referer)

    assert (answered.status, answered.headers["location"]) == (303, "/")


async def test_htmx_is_sent_on_too(bob: Visitor) -> None:
    answered = await bob.send("/language", {"language": "pt_BR"}, Referer="http://localhost:8000/usage")

    assert (answered.status, answered.headers["hx-redirect"]) == (200, "/usage")


async def test_over_https_the_cookie_is_secure(open_shop: Open, users: Users) -> None:
    app = open_shop(settings_of({"luna": None}, origin="https://chat.example.com"), Scripted())
    answered = await Visitor(app, "https://chat.example.com").post("/language", {"language": "pt_BR"})

    assert "Secure" in answered.headers["set-cookie"]


async def test_a_streamed_reply_equals_its_reload_in_either_language(bob: Visitor) -> None:
    await bob.send("/messages", {"content": "Hello?"})
    for asked, words in (("pt", "Responder de novo"), ("en", "Answer again")):
        stream = (await bob.get(f"/replies/{REPLY}", Accept_Language=asked)).text
        page = (await bob.get("/", Accept_Language=asked)).text
        streamed, shown = (bubble_in(text) for text in (stream, page))
        assert words in streamed
        assert streamed == shown


def bubble_in(text: str) -> str:
    """Return the reply's bubble, without the ids that streaming needs."""
    found = re.search(r'<li id="message-2".*?</li>', text.replace("\ndata: ", "\n"), re.S)
    assert found is not None, text
    return re.sub(r' id="m2-b\d+"', "", found[0])


async def test_an_answer_from_shop_data_is_in_the_users_language(open_shop: Open, users: Users) -> None:
    bob = enter(open_shop(settings_of({"luna": None}), Scripted([ModelError(ErrorDetails("quota"))])), "bob")
    await bob.post("/language", {"language": "pt_BR"})

    await bob.post("/messages", {"content": "Vocês entregam em Recife?"})

    history = users.folder("bob").read("history.txt").decode()
    assert "O assistente não consegue responder agora." in history
    assert "ending=failed" in history
    page = await bob.get("/", Accept_Language="en")
    assert "O assistente não está disponível; esta resposta vem direto dos dados da loja." in page.text
    assert "O crédito do assistente" not in page.text, "that concerns the owner only"


async def test_the_first_page_offers_the_questions_of_its_language(bob: Visitor) -> None:
    assert "Vocês enviam 1 kg de café para Portugal?" in (await bob.get("/", Accept_Language="pt")).text
    assert "Vocês enviam" not in (await bob.get("/", Accept_Language="en")).text
