"""What all tests share: a directory of people, settings that name the scripted upstream, an application over them."""

import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import pytest
from quart import Quart

from completions.client import Client, Completer
from handlers.replies.live import LiveReplies
from handlers.services import PING_SECONDS, Services
from memory.people import accounts
from memory.storage.users import Users
from server import create_app
from settings import ROOT, Environment, Settings, read
from tests.support.read_once import read_once
from tests.support.shop import NOON, PASSWORD, Clock, Visitor
from tests.support.snapshots import build_here
from tests.support.upstream import Upstream, running

_LONG = (
    "bench",
    "deploy",
    "faults",
    "browser",
    "test_server.py",
    "test_routes.py",
    "test_commands.py",
    "handlers/replies/test_memory_bars.py",
    "comparison/test_main.py",
    "completions/test_embedded.py",
    "memory/conversations/test_exports.py",
    "handlers/replies/test_single.py",
    "handlers/routes/test_transfers.py",
    "handlers/routes/test_metrics.py",
)
LONG = [Path(__file__).parent / name for name in _LONG]
"""Directories and files whose few tests take long: servers, images, browsers, commands, long conversations; the longest modules first."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector: hardly anything is made in vain."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Have the collector look at what tests make, and no more at what was collected, which is much larger and stays to the end."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)


def pytest_sessionfinish() -> None:
    """Show the collector all objects again: hypothesis, which may be imported only now, asks it who refers to one."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, then with those of most tests: the processes are to end at about one time."""
    counts = Counter(item.path for item in items)

    def place(module: Path) -> tuple[int, int, Path]:
        found = (n for n, one in enumerate(LONG) if one in (module, *module.parents))
        return next(found, len(LONG)), -counts[module], module

    rank = {module: n for n, module in enumerate(sorted(counts, key=place))}
    items.sort(key=lambda item: rank[item.path])  # within a module all stay in order


@pytest.fixture(scope="session", autouse=True)
def shared_parts() -> Iterator[None]:
    """Applications of this process share what never changes: a test that makes one waits for little else."""
    with read_once():
        yield


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    """The scripted model server, one process for the whole run."""
    with running() as started:
        yield started


@pytest.fixture
def place(tmp_path: Path) -> Environment:
    """An empty users directory, the shop's own prompts, and no report of a comparison."""
    return Environment(
        users=tmp_path / "users",
        prompts=ROOT / "prompts",
        host="127.0.0.1",
        port=8000,
        secret_key="a key for tests, long enough to be one",
        environ={},
        reports=tmp_path / "reports",
    )


def settings_for(upstream: Upstream, *scripts: str, **changed: object) -> Settings:
    """Settings whose models, in order, are these scripts of the upstream; no limits unless `changed` says so."""
    models = [
        {"name": script, "base_url": upstream.url(script), "max_input": 100_000, "max_output": 4_000}
        for script in scripts
    ]
    values: dict[str, object] = {
        "chat": list(scripts),
        "summariser": [scripts[0]],
        "models": models,
        "budget": {"daily_tokens_per_user": 0},
        "limits": {"messages_per_minute": 0, "signups_per_hour": 0},
    }
    return read(values | changed)


@pytest.fixture(scope="session")
def accounts_of_all(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The accounts of ana, the owner, and bob, a customer: made once, because each hash takes its time."""
    users = Users(tmp_path_factory.mktemp("accounts"))
    accounts.create(users, "ana", PASSWORD, "owner", NOON)
    accounts.create(users, "bob", PASSWORD, "customer", NOON)
    return {name: users.folder(name).read("account.toml") for name in users.names()}


@pytest.fixture
def users(place: Environment, accounts_of_all: dict[str, bytes]) -> Users:
    """The directory of ana and bob."""
    users = Users(place.users)
    users.prepare()
    for name, account in accounts_of_all.items():
        users.create(name, account)
    return users


@pytest.fixture
def clock() -> Clock:
    return Clock()


Open = Callable[..., Quart]


@pytest.fixture
async def open_shop(users: Users, place: Environment, clock: Clock) -> AsyncIterator[Open]:
    """Make applications over the users directory; they are closed in the end, and their replies with them."""
    opened = list[Quart]()

    def open_shop(settings: Settings, completer: Completer | None = None, ping_seconds: float = PING_SECONDS) -> Quart:
        app = create_app(
            settings, place, completer=completer, now=clock, ping_seconds=ping_seconds, build_index=build_here
        )
        opened.append(app)
        return opened[-1]

    yield open_shop
    for app in opened:
        await replies_of(app).close(0)
        if isinstance(client := services_of(app).completer, Client):
            await client.close()


@pytest.fixture
def shop(open_shop: Open, upstream: Upstream) -> Quart:
    """An application whose model says "Hello world"."""
    return open_shop(settings_for(upstream, "ok"))


@pytest.fixture
async def ana(shop: Quart, clock: Clock) -> Visitor:
    """The browser of ana, who is logged in."""
    return enter(shop, "ana")


@pytest.fixture
async def nobody(shop: Quart) -> Visitor:
    """A browser where nobody is logged in."""
    return Visitor(shop)


def enter(app: Quart, name: str) -> Visitor:
    """Return the browser of a person who logged in before, without the time that a password takes."""
    services = services_of(app)
    session_id = accounts.open_session(services.users.folder(name), services.now())
    (auth,) = app.extensions["QUART_AUTH"]
    return Visitor(app, cookies={auth.cookie_name: auth.dump_token(f"{name}.{session_id}", app)})


def services_of(app: Quart) -> Services:
    found: Services = app.extensions["storekeeper"]
    return found


def replies_of(app: Quart) -> LiveReplies:
    found: LiveReplies = app.extensions["storekeeper.web"].replies
    return found
