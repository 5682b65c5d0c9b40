"""Tests of logging in and out and of signing up: what is refused, with which words, and what a cookie is worth then."""

import asyncio

import pytest
from quart import Quart

from memory.people import accounts
from memory.people.signups import first_token
from memory.storage.users import NAME_RULE, Users
from settings import Environment
from tests.conftest import Open, enter, services_of
from tests.support.shop import PASSWORD, Clock, Scripted, Visitor, settings_of
from tests.support.sse import parse

WRONG = "Wrong name or password."


def error_of(text: str) -> str:
    found = parse(text).find("error")
    return found.text if found else ""


async def is_inside(visitor: Visitor) -> bool:
    """True if the visitor sees the conversation."""
    answered = await visitor.get("/")
    assert answered.status in (200, 303)
    return answered.status == 200


# Log in


async def test_the_right_password_opens_the_conversation(nobody: Visitor) -> None:
    assert not await is_inside(nobody)
    answered = await nobody.post("/login", {"username": "ana", "password": PASSWORD})

    assert (answered.status, answered.headers["location"]) == (303, "/")
    assert await is_inside(nobody)
    assert (await nobody.get("/login")).headers["location"] == "/"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"username": "ana", "password": "wrong horse"}, id="another password"),
        pytest.param({"username": "ana", "password": ""}, id="no password"),
        pytest.param({"username": "ana", "password": PASSWORD + " "}, id="a space more"),
        pytest.param({"username": "ana", "password": PASSWORD.upper()}, id="capitals"),
        pytest.param({"username": "ana", "password": PASSWORD + "x" * 300}, id="a long one"),
        pytest.param({"username": "ana", "password": "x" * 100_000}, id="a huge one"),
        pytest.param({"username": "ana", "password": "\ud800"}, id="half a character"),
        pytest.param({"username": "maria", "password": PASSWORD}, id="nobody of this name"),
        pytest.param({"username": "Ana", "password": PASSWORD}, id="another case"),
        pytest.param({"username": "ana ", "password": PASSWORD}, id="a space after the name"),
        pytest.param({"username": "../ana", "password": PASSWORD}, id="a path"),
        pytest.param({"username": ".secret", "password": PASSWORD}, id="a file of ours"),
        pytest.param({"username": "ana\n", "password": PASSWORD}, id="a line feed after the name"),
        pytest.param({"username": "", "password": ""}, id="nothing"),
        pytest.param({}, id="no fields"),
    ],
)
async def test_anything_else_is_wrong_in_the_same_words(nobody: Visitor, form: dict[str, str]) -> None:
    answered = await nobody.post("/login", form)

    assert answered.status == 401
    assert error_of(answered.text) == WRONG
    assert "set-cookie" not in answered.headers
    assert not await is_inside(nobody)
    assert not form.get("password") or form["password"] not in answered.text


async def test_a_typed_name_is_kept_and_shown_as_text(nobody: Visitor) -> None:
    answered = await nobody.post("/login", {"username": '"><script>alert(1)</script>', "password": "x"})

    assert parse(answered.text).find("username").attributes["value"] == '"><script>alert(1)</script>'
    assert "<script>alert" not in answered.text


async def test_each_login_has_a_session_of_its_own(shop: Quart) -> None:
    one, two = [await Visitor(shop).log_in() for _ in range(2)]
    assert one.cookies["sid"] != two.cookies["sid"]

    await one.post("/logout")

    assert not await is_inside(one)
    assert await is_inside(two)


async def test_a_login_takes_the_place_of_the_session_before(nobody: Visitor) -> None:
    await nobody.log_in("ana")
    before = dict(nobody.cookies)
    await nobody.log_in("bob")

    assert nobody.cookies["sid"] != before["sid"]
    assert "bob" in (await nobody.get("/")).text


# Log out


async def test_who_logs_out_is_nobody_with_the_old_cookie_too(ana: Visitor) -> None:
    kept = dict(ana.cookies)
    answered = await ana.post("/logout")

    assert (answered.status, answered.headers["location"]) == (303, "/login")
    assert answered.headers["clear-site-data"] == '"cache", "storage"'
    assert "sid" not in ana.cookies
    assert not await is_inside(Visitor(ana.app, cookies=kept))


async def test_logging_out_twice_is_no_error(nobody: Visitor) -> None:
    assert (await nobody.post("/logout")).headers["location"] == "/login"


async def test_no_link_logs_out(ana: Visitor) -> None:
    assert (await ana.get("/logout")).status == 405
    assert await is_inside(ana)


# What a cookie is worth


@pytest.mark.parametrize(
    "forged",
    ["", "x", "ana.x", "a.b.c", "\\", "=" * 3, "ImFuYSI.aGVsbG8.c2lnbg", "\u00e9", "A" * 5000],
)
async def test_a_cookie_that_was_not_signed_here_is_nobodys(nobody: Visitor, forged: str) -> None:
    nobody.cookies["sid"] = forged

    assert not await is_inside(nobody)


@pytest.mark.parametrize("content", ["ana", "ana.", ".x", "ana.wrong", "../ana.x", "maria.x", "", "x" * 200])
async def test_a_signed_cookie_without_a_session_is_nobodys(shop: Quart, ana: Visitor, content: str) -> None:
    (auth,) = shop.extensions["QUART_AUTH"]
    forged = Visitor(shop, cookies={"sid": auth.dump_token(content, shop)})

    assert not await is_inside(forged)


async def test_the_session_of_another_user_is_nobodys(shop: Quart, ana: Visitor) -> None:
    folder = services_of(shop).users.folder("ana")
    session = accounts.open_session(folder, services_of(shop).now())
    (auth,) = shop.extensions["QUART_AUTH"]

    assert not await is_inside(Visitor(shop, cookies={"sid": auth.dump_token(f"bob.{session}", shop)}))


@pytest.mark.parametrize(("days", "inside"), [(6, True), (8, False)])
async def test_a_session_ends_after_a_week_without_a_visit(ana: Visitor, clock: Clock, days: int, inside: bool) -> None:
    clock.move(days=days)

    assert await is_inside(ana) is inside


async def test_a_session_ends_after_thirty_days_of_visits(ana: Visitor, clock: Clock) -> None:
    for _ in range(5):
        clock.move(days=6)
        inside = await is_inside(ana)

    assert inside is False


async def test_a_cookie_of_another_secret_is_nobodys(ana: Visitor, users: Users, place: Environment) -> None:
    import msgspec

    from server import create_app

    other = create_app(
        settings_of({"luna": None}), msgspec.structs.replace(place, secret_key="another" * 6), completer=Scripted()
    )

    assert not await is_inside(Visitor(other, cookies=dict(ana.cookies)))


async def test_a_user_made_anew_is_another(ana: Visitor, users: Users) -> None:
    account = users.folder("bob").read("account.toml")
    users.folder("ana").path.rename(users.root / ".gone")
    users.create("ana", account)

    assert not await is_inside(ana)


# Sign up


@pytest.fixture
def empty(open_shop: Open, users: Users) -> Quart:
    """A shop to which nobody has come yet."""
    for name in users.names():
        users.folder(name).path.rename(users.root / f".was-{name}")
    return open_shop(settings_of({"luna": None}), Scripted())


def open_to_all(open_shop: Open, **limits: int) -> Quart:
    limits = {"messages_per_minute": 0, "signups_per_hour": 0, **limits}
    return open_shop(settings_of({"luna": None}, signup="open", limits=limits), Scripted())


async def test_the_first_account_takes_the_printed_token_and_is_owner(empty: Quart) -> None:
    visitor, users = Visitor(empty), services_of(empty).users
    token = first_token(users)
    assert "No accounts yet." in (await visitor.get("/login")).text
    form = parse((await visitor.get(f"/signup?token={token}")).text)
    assert [i.attributes["value"] for i in form.by_tag("input") if i.attributes["name"] == "token"] == [token]

    answered = await visitor.post("/signup", {"token": token, "username": "maria", "password": PASSWORD})

    assert (answered.status, answered.headers["location"]) == (303, "/admin/setup")
    assert await is_inside(visitor)
    assert accounts.load(users.folder("maria")).role == "owner"
    again = await Visitor(empty).post("/signup", {"token": token, "username": "bruno", "password": PASSWORD})
    assert again.status == 403
    assert users.names() == ["maria"]


@pytest.mark.parametrize("token", ["", "wrong", "\u00e9", "x" * 5000])
async def test_without_the_token_nobody_is_the_first(empty: Quart, token: str) -> None:
    visitor = Visitor(empty)

    assert (await visitor.get("/signup")).status == 403
    answered = await visitor.post("/signup", {"token": token, "username": "maria", "password": PASSWORD})
    assert answered.status == 403
    assert (await visitor.post("/signup", {"token": token, "username": "M", "password": ""})).status == 403
    assert services_of(empty).users.names() == []


async def test_of_all_who_come_at_once_with_the_token_one_is_first(empty: Quart) -> None:
    token = first_token(services_of(empty).users)
    names = ["maria", "bruno", "carla"]
    answered = await asyncio.gather(
        *(Visitor(empty).post("/signup", {"token": token, "username": n, "password": PASSWORD}) for n in names)
    )

    assert sorted(one.status for one in answered) == [303, 403, 403]
    assert len(services_of(empty).users.names()) == 1


async def test_signing_up_is_closed_unless_the_owner_opens_it(nobody: Visitor, users: Users) -> None:
    assert (await nobody.get("/signup")).status == 403
    answered = await nobody.post("/signup", {"username": "maria", "password": PASSWORD})

    assert answered.status == 403
    assert "Sign-up is closed" in answered.text
    assert users.names() == ["ana", "bob"]


async def test_where_it_is_open_every_visitor_becomes_a_customer(open_shop: Open, users: Users) -> None:
    visitor = Visitor(open_to_all(open_shop))
    assert (await visitor.get("/signup")).status == 200

    answered = await visitor.post("/signup", {"username": "maria", "password": PASSWORD})

    assert answered.status == 303
    assert await is_inside(visitor)
    assert accounts.load(users.folder("maria")).role == "customer"


@pytest.mark.parametrize("name", ["", "m", "ma", "Maria", "1maria", "maria!", "maria\n", "../maria", "m" * 33, "mária"])
async def test_a_name_that_breaks_the_rule_is_told_the_rule(open_shop: Open, users: Users, name: str) -> None:
    answered = await Visitor(open_to_all(open_shop)).post("/signup", {"username": name, "password": PASSWORD})

    assert answered.status == 422
    assert error_of(answered.text) == f"Choose a name with {NAME_RULE}."
    assert users.names() == ["ana", "bob"]


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "password123", "maria", "MARIA"])
async def test_a_password_that_breaks_the_rule_is_told_the_rule(open_shop: Open, users: Users, password: str) -> None:
    answered = await Visitor(open_to_all(open_shop)).post("/signup", {"username": "maria", "password": password})

    assert answered.status == 422
    assert error_of(answered.text) != ""
    assert parse(answered.text).find("username").attributes["value"] == "maria"
    assert not password or f'value="{password}"' not in answered.text.replace('value="maria"', "")
    assert users.names() == ["ana", "bob"]


async def test_a_name_that_is_taken_is_said_to_be(open_shop: Open, users: Users) -> None:
    before = users.folder("ana").read("account.toml")
    answered = await Visitor(open_to_all(open_shop)).post("/signup", {"username": "ana", "password": PASSWORD})

    assert answered.status == 422
    assert error_of(answered.text) == "The name ana is already taken."
    assert users.folder("ana").read("account.toml") == before


async def test_too_many_signups_are_asked_to_come_back(open_shop: Open, users: Users) -> None:
    shop = open_to_all(open_shop, signups_per_hour=1)
    assert (await Visitor(shop).post("/signup", {"username": "maria", "password": PASSWORD})).status == 303
    answered = await Visitor(shop).post("/signup", {"username": "bruno", "password": PASSWORD})

    assert (answered.status, answered.headers["retry-after"]) == (429, "3600")
    assert "try again in an hour" in error_of(answered.text)
    assert users.names() == ["ana", "bob", "maria"]


async def test_each_browsers_cookie_opens_its_own_account(shop: Quart) -> None:
    ana, bob = enter(shop, "ana"), enter(shop, "bob")

    assert "ana" in (await ana.get("/")).text
    assert "bob" in (await bob.get("/")).text


# The way from one page to the other


@pytest.mark.parametrize(("signup", "count"), [("open", 1), ("invite", 0), ("closed", 0)])
async def test_login_leads_to_an_open_signup_and_back(open_shop: Open, signup: str, count: int) -> None:
    visitor = Visitor(open_shop(settings_of({"luna": None}, signup=signup), Scripted()))

    assert (await visitor.get("/login")).text.count('href="/signup"') == count
    if count:
        page = (await visitor.get("/signup")).text
        assert 'href="/login"' in page
        fields = {
            one.attributes["id"]: one.attributes["autocomplete"]
            for one in parse(page).by_tag("input")
            if "id" in one.attributes
        }
        assert fields == {"username": "username", "password": "new-password"}
