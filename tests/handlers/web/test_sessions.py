import pytest
from quart import Quart

from handlers.web.cookies import Cookies


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
