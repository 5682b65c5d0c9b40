"""Tests of settings that are edited while the server runs: in force without a restart, and never half."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w
from msgspec import structs
from quart import Quart

from handlers.web.app import Web
from handlers.web.live_settings import LiveSettings, add_live_settings
from memory.storage.users import Users
from server import create_app
from settings import Environment, load, place
from tests.conftest import enter, services_of
from tests.support.serving import serving
from tests.support.upstream import Upstream


def write(file: Path, upstream: Upstream, script: str = "ok", **changed: object) -> None:
    model = {"name": script, "base_url": upstream.url(script), "max_input": 100_000}
    values = {"chat": [script], "summariser": [script], "models": [model], "limits": {"messages_per_minute": 0}}
    file.write_text(tomli_w.dumps(values | changed))


@pytest.fixture
def file(tmp_path: Path, upstream: Upstream) -> Path:
    file = tmp_path / "settings.toml"
    write(file, upstream)
    return file


@pytest.fixture
def app(place: Environment, users: Users, file: Path) -> Quart:
    environment = structs.replace(
        place, prompts=file.parent / "prompts", settings_file=file, dotenv=file.with_name(".env")
    )
    app = create_app(load(file), environment)
    add_live_settings(app, lambda: (load(file), environment))
    return app


@pytest.fixture
def live(app: Quart) -> LiveSettings:
    web: Web = app.extensions["storekeeper.web"]
    assert isinstance(web.live, LiveSettings)
    return web.live


async def test_an_edit_is_in_force_at_the_next_request(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    assert "Casa Nova" not in (await enter(app, "ana").get("/")).text

    write(file, upstream, shop="Casa Nova", contact="ola@casa.example", language="pt_BR")
    await live.look()

    page = (await enter(app, "ana").get("/")).text
    assert "Casa Nova" in page
    assert "ola@casa.example" in page


async def test_a_file_that_cannot_be_used_changes_nothing(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    write(file, upstream, shop="Casa Nova")
    await live.look()

    for broken in ('shop = "half', "shop = 7\n", 'chat = ["nobody"]\n', ""):
        file.write_text(broken)
        await live.look()
        assert services_of(app).settings.shop == ("Casa Nova" if broken else "Quintal Caburé")
        assert bool(live.problem) is bool(broken)


async def test_a_reply_ends_with_the_settings_it_began_with(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    began = services_of(app)

    write(file, upstream, "echo", limits={"message_chars": 100})
    await live.look()

    assert began.settings.chat == ("ok",)
    changed = services_of(app)
    assert changed.settings.chat == ("echo",)
    assert changed.shop is began.shop
    assert changed.attempts is began.attempts
    assert changed.completer is not began.completer


async def test_a_client_stays_where_models_and_keys_do(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    began = services_of(app)

    write(file, upstream, shop="Casa Nova")
    await live.look()

    assert services_of(app).completer is began.completer


async def test_a_brand_is_in_force_at_once_and_its_logo_too(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    logo = file.parent / "prompts" / "brand" / "logo.png"
    logo.parent.mkdir(parents=True)
    addresses = [re.search(r'<img [^>]*src="([^"]+)"', (await enter(app, "ana").get("/")).text)]
    for picture in (b"one", b"two"):
        logo.write_bytes(picture)
        write(file, upstream, brand={"color": "#7a1f5c", "logo": "logo.png"})
        await live.look()
        addresses.append(re.search(r'<img [^>]*src="([^"]+)"', (await enter(app, "ana").get("/")).text))
    logo.write_bytes(b"three")
    await live.look()

    page = (await enter(app, "ana").get("/")).text
    addresses.append(re.search(r'<img [^>]*src="([^"]+)"', page))
    assert len({found[1] for found in addresses if found}) == 4
    assert 'content="#7a1f5c"' in page


async def test_another_address_gets_cookies_of_its_own(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    web: Web = app.extensions["storekeeper.web"]
    assert web.cookies.cookie_name == "sid"

    write(file, upstream, origin="https://chat.example.com")
    await live.look()

    assert (web.cookies.cookie_name, web.cookies.cookie_secure) == ("__Host-sid", True)
    changed: Web = app.extensions["storekeeper.web"]
    assert changed.origins.knows_host("chat.example.com")
    assert not changed.origins.knows_host("localhost:8000")


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


@pytest.mark.timeout(120)
def test_every_process_follows_an_edit(tmp_path: Path, upstream: Upstream) -> None:
    (tmp_path / "users").mkdir()
    file = tmp_path / "start.toml"
    write(file, upstream)
    with serving(tmp_path, {"shop": "Casa Velha"}, ["--workers", "2"]) as server:
        assert within(30, lambda: server.log().count("shop_read") == 2), server.log()
        settings = tmp_path / f"settings-{server.port}.toml"
        settings.write_text('shop = "Casa Nova"\n')

        def is_everywhere() -> bool:
            return all(b"Casa Nova" in server.ask("GET", "/login").body for _ in range(20))

        assert within(20, is_everywhere), server.log()
        assert within(5, lambda: server.log().count("settings_in_force") == 2), server.log()


def test_a_key_is_read_from_the_file_of_variables(tmp_path: Path) -> None:
    (tmp_path / "variables").write_text("OPENAI_API_KEY=sk-one\n")

    found = place({"STOREKEEPER_DOTENV": str(tmp_path / "variables")}, tmp_path)

    assert found.environ["OPENAI_API_KEY"] == "sk-one"
    assert found.dotenv == tmp_path / "variables"


async def test_another_address_clears_the_faults_of_models(
    app: Quart, live: LiveSettings, file: Path, upstream: Upstream
) -> None:
    services = services_of(app)
    services.incidents.note("key_refused", "ok", "key_refused", services.now(), "ana")
    services.incidents.note("data_unusable", "more.xlsx", "no workbook", services.now())

    write(file, upstream, shop="Casa Nova")
    await live.look()
    kept = [one.cause for one in services.incidents.standing()]
    write(
        file,
        upstream,
        shop="Casa Nova",
        chat=["ok"],
        models=[{"name": "ok", "base_url": upstream.url("echo"), "max_input": 9_000}],
    )
    await live.look()

    assert kept == ["key_refused", "data_unusable"]
    assert [one.cause for one in services_of(app).incidents.standing()] == ["data_unusable"]
