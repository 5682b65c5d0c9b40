import asyncio

import pytest
from quart import Quart

from handlers.web.cookies import Cookies
from memory.people import accounts
from memory.storage.folders import Folder
from tests.support.desk import sent_in
from tests.support.raw import FORM
from tests.support.shop import PASSWORD


def make(secret: str) -> tuple[Quart, Cookies]:
    app = Quart(__name__)
    app.secret_key = secret
    return app, Cookies(app, cookie_name="sid", salt="a test's", duration=60)


async def test_a_signed_token_is_read_the_first_and_every_later_time():
    app, cookies = make("a" * 32)

    async with app.app_context():
        token = cookies.dump_token("ana.1234")

        assert [cookies.load_token(token) for _ in range(3)] == ["ana.1234"] * 3


# not the last letter of the signature: some of its bits stand for nothing
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda token: token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:], id="a letter of the signature"
        ),
        pytest.param(lambda token: "x" + token, id="a letter before"),
        pytest.param(lambda token: token.rpartition(".")[0], id="without its signature"),
        pytest.param(lambda token: "", id="empty"),
    ],
)
async def test_a_tampered_cookie_is_refused_after_reading_the_real_one(spoil):
    app, cookies = make("a" * 32)

    async with app.app_context():
        token = cookies.dump_token("ana.1234")
        cookies.load_token(token)

        assert cookies.load_token(spoil(token)) is None


async def test_a_cookie_signed_with_another_secret_is_nobodys():
    other_app, other = make("b" * 32)
    app, cookies = make("a" * 32)

    async with other_app.app_context():
        token = other.dump_token("ana.1234")
    async with app.app_context():
        assert cookies.load_token(token) is None


def demote(folder: Folder) -> None:
    account = folder.read("account.toml")
    folder.replace("account.toml", account.replace(b'role = "owner"', b'role = "customer"'))


ENDS = {"logged out": accounts.close_all, "disabled": accounts.disable, "no owner any more": demote}


@pytest.mark.parametrize("end", ENDS)
async def test_a_form_that_outlasts_its_session_changes_nothing(ana, users, end):
    """Its head passes the guard, and its body may be as late as the sender likes, within the limit for bodies."""
    asked = ana.exchange("POST", "/admin/customers", (), [("Content-Type", FORM)])
    await asyncio.sleep(0.1)
    ENDS[end](users.folder("ana"))
    asked.bring(b"username=carol")
    await asked.begin()
    await asked.task

    assert (asked.status, dict(asked.fields)["location"]) == (303, "/login")
    assert users.names() == ["ana", "bob"]


async def test_a_file_that_outlasts_its_session_is_not_kept(ana, users):
    kind = ("Content-Type", "multipart/form-data; boundary=xx")
    asked = ana.exchange("POST", "/conversations/import", (), [kind])
    await asyncio.sleep(0.1)
    accounts.close_all(users.folder("ana"))
    asked.bring(sent_in((("one.json", b"[]"),), {}))
    await asked.begin()
    await asked.task

    assert (asked.status, dict(asked.fields)["location"]) == (303, "/login")


async def test_a_late_message_is_carried_to_the_login(ana, users):
    asked = ana.exchange("POST", "/messages", (), [("Content-Type", FORM)])
    await asyncio.sleep(0.1)
    accounts.close_all(users.folder("ana"))
    asked.bring(b"content=Blue+mugs")
    await asked.begin()
    page = b"".join([piece async for piece in asked.pieces()])

    assert asked.status == 401
    assert b"Blue mugs" in page
    assert b'name="password"' in page
    assert not users.folder("ana").exists("history.txt")


async def test_an_old_password_that_comes_late_sets_no_other(shop, ana, users):
    """A stolen session and the password that was changed because of it are worth nothing together."""
    asked = ana.exchange("POST", "/account/password", (), [("Content-Type", FORM)])
    await asyncio.sleep(0.1)
    accounts.set_password(users.folder("ana"), "a word of her own 27", accounts.load(users.folder("ana")).created)
    asked.bring(f"current={PASSWORD}&password=a+thief%27s+word+27".encode())
    await asked.begin()
    await asked.task

    assert accounts.verify(accounts.load(users.folder("ana")), "a word of her own 27")
