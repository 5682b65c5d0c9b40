"""Every route against strangers: one real server, and from its URL map each route by each wrong way of asking.

A route without a row in ROWS fails the suite: whoever adds one says here who may ask it, with what, and what comes.
The pages of accounts and of the owner change people themselves; tests/handlers/routes/test_account.py and test_admin.py ask them.
"""

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from quart import Quart
from werkzeug.routing import MapAdapter

from handlers.web.uploads import LARGER, LARGEST_BODY
from memory.conversations import photos
from memory.conversations.photos import Photo
from memory.conversations.records import Checks, Record, print_record
from memory.people import accounts
from memory.storage.folders import Folder
from memory.storage.layout import AUDIT, COMPACTION_LOCK, INCIDENTS, LOCK, TURN_LOCK, is_temporary
from memory.storage.users import Users
from settings import ROOT
from tests.handlers.web.test_security import nonce_of
from tests.support.fuzz import Made, bodies, near
from tests.support.raw import Wire, form_of, odd_bodies
from tests.support.serving import Serving, app_of, serving
from tests.support.shop import NOON, Answered
from tests.support.upstream import Upstream

FIRST = "2-20261123T120000Z"
KEPT = "20261120T120000Z"
TOKEN = "a token for the figures"
PHOTO = Photo(b"a photo")
IDS = {
    "reply_id": (FIRST, "7-20200101T000000Z"),
    "name": (KEPT, "20200101T000000Z"),
    "file": (PHOTO.name, "0" * 64 + ".jpg"),
    "number": ("1", "77"),
    "version": ("0", "1"),
    "form": ("txt", "json"),
}
"""For each variable of a rule what it is for somebody, and what it is for nobody."""
MALFORMED = [
    "..", "%2e%2e%2f%2e%2e%2fapp", "%00", "%ff", "-1", "1%0a", "%0d%0aX-Y:%20z", "'", "%3Cscript%3E", "x" * 3000,
    "%C3%A9", "CON", "~root", ".secret", "99999999999999999999999", "%F0%9F%98%80", "2-20261123T120000Z%20",
]  # fmt: skip


BY_ITSELF = {LOCK, TURN_LOCK, COMPACTION_LOCK, INCIDENTS}
"""What a server makes without being asked: locks, and what it notes when it looks once a minute whether all is well."""


def is_tried(path: Path) -> bool:
    """True if this is the file by which a server tries, then too, whether the disk takes anything; it is gone at once."""
    return is_temporary(path.name) and "tried" in path.name


@dataclass(frozen=True, slots=True)
class Row:
    """One route: what its person gets by a plain form, and what others do.

    `nobody` is the answer to who is not logged in, `otherwise` the answer where the ids are somebody else's or nobody's.
    `ids` take the place of those in IDS; `also` is another answer, where the machine decides.
    """

    status: int
    form: Mapping[str, str] = field(default_factory=dict)
    who: Literal["customer", "owner"] = "customer"
    nobody: int = 303
    otherwise: int = 404
    also: int | None = None
    ids: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


ASK = {"content": "Do you ship to Recife?"}
CHECKED = b"""\
{"number":2,"time":"2026-11-23T12:00:00Z","claims":[{"kind":"sku","text":"A secret answer.","about":"","verdict":"supported",\
"source":"a.md:1","true":null}],"at":[0],"rows":{"a.md:1":"A line."}}
"""
PEOPLE = {"name": ("carla", "nobody-here")}
"""Whom the owner's pages are about; carla is there at the beginning of each test."""
TEXTS = {"name": ("about.md", "absent.md")}
UPLOADS = {"upload_id": ("0" * 16, "1" * 16)}
KEYS = {"key": ("0" * 16, "1" * 16)}
NOTICES = ("0123456789abcdef-0123456789abcdef", "fedcba9876543210-fedcba9876543210")
ROWS = {
    "GET /healthz": Row(200, nobody=200),
    "GET /robots.txt": Row(200, nobody=200),
    "GET /assets/<version>/<name>": Row(404, nobody=404, ids={"name": ("style.css", "x.css")}),
    "GET /metrics": Row(200, nobody=401, headers={"Authorization": f"Bearer {TOKEN}"}),
    "GET /login": Row(303, nobody=200),
    "POST /login": Row(401, {"username": "ana", "password": "not this one"}, nobody=401),
    "POST /logout": Row(303),
    "GET /signup": Row(403, nobody=403),
    "POST /signup": Row(403, {"username": "maria", "password": "correct horse battery"}, nobody=403),
    "GET /reset": Row(404, nobody=404),
    "POST /reset": Row(404, nobody=404),
    "GET /reset/<token>": Row(404, nobody=404, ids={"token": ("0" * 32, "1" * 32)}),
    "POST /reset/<token>": Row(404, nobody=404, ids={"token": ("0" * 32, "1" * 32)}),
    "POST /language": Row(303, {"language": "pt_BR"}),
    "GET /": Row(200),
    "GET /history": Row(200),
    "POST /messages": Row(303, ASK),
    "POST /messages/<int:number>/edit": Row(303, ASK, otherwise=409),
    "POST /replies/again": Row(303, {"number": "2"}),
    "POST /replies/continue": Row(409, {"number": "2"}),
    "POST /replies/<reply_id>/stop": Row(204, otherwise=204),
    "POST /replies/<reply_id>/feedback": Row(303, {"rating": "up"}),
    "GET /messages/<int:number>": Row(303),
    "GET /messages/<int:number>/tools": Row(200),
    "POST /messages/<int:number>/take": Row(303, ids={"number": ("2", "77")}),
    "GET /replies/<reply_id>": Row(200, otherwise=200),
    "GET /replies/<reply_id>/claims/<int:at>": Row(200, ids={"at": ("0", "77")}),
    "GET /conversations": Row(200),
    "GET /conversations/list": Row(303),
    "POST /conversations/new": Row(303),
    "POST /conversations/import": Row(422, {"file": "not one"}),
    "GET /conversations/<name>": Row(200),
    "POST /conversations/<name>/rename": Row(303, {"title": "Wishes"}),
    "GET /conversations/<name>/export/<form>": Row(200),
    "GET /conversations/clear": Row(200),
    "POST /conversations/clear": Row(303),
    "POST /conversations/<name>/open": Row(303),
    "GET /conversations/<name>/delete": Row(200),
    "POST /conversations/<name>/delete": Row(303),
    "GET /summary": Row(200),
    "POST /summary": Row(303, {"text": "Ana likes blue."}),
    "POST /summary/clear": Row(303),
    "POST /summary/forget": Row(303, {"clause": "Ana likes blue.", "number": "1"}),
    "POST /summary/edit": Row(303, {"clause": "Ana likes blue.", "number": "1", "text": "Ana likes red."}),
    "GET /prompt": Row(200, who="owner"),
    "GET /pictures/<name>": Row(404, ids={"name": ("absent.svg", "x.svg")}),
    "GET /files/<name>": Row(200, ids={"name": IDS["file"]}),
    "GET /ruler": Row(200),
    "GET /usage": Row(200, who="owner"),
    "GET /compare": Row(200, who="owner"),
    "GET /account": Row(200),
    "POST /account/password": Row(403, {"current": "not this one", "password": "another horse battery"}),
    "POST /account/email": Row(403, {"email": "ana@shop.example", "current": "not this one"}),
    "POST /account/sessions/end": Row(303),
    "POST /account/sessions/<short>/end": Row(303, otherwise=303, ids={"short": ("0123456789ab", "ba9876543210")}),
    "POST /account/export": Row(200),
    "GET /account/delete": Row(200),
    "POST /account/delete": Row(403, {"password": "not this one"}),
    "GET /admin": Row(200, who="owner"),
    "GET /admin/attention.json": Row(200, who="owner"),
    "GET /admin/customers": Row(200, who="owner"),
    "POST /admin/customers": Row(200, {"username": "newcomer"}, who="owner"),
    "POST /admin/invites": Row(409, {"days": "7"}, who="owner"),
    "POST /admin/invites/<invite_id>/revoke": Row(404, who="owner", ids={"invite_id": ("0" * 16, "1" * 16)}),
    "GET /admin/customers/<name>": Row(200, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/reset": Row(403, {"password": "not this one"}, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/disable": Row(303, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/enable": Row(303, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/budget": Row(303, {"daily_usd": "0.50"}, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/sessions/end": Row(303, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/sessions/<short>/end": Row(
        303, who="owner", ids={**PEOPLE, "short": ("0123456789abcdef", "fedcba9876543210")}
    ),
    "POST /admin/customers/<name>/export": Row(403, {"password": "not this one"}, who="owner", ids=PEOPLE),
    "GET /admin/customers/<name>/delete": Row(200, who="owner", ids=PEOPLE),
    "POST /admin/customers/<name>/delete": Row(403, {"password": "not this one"}, who="owner", ids=PEOPLE),
    "POST /admin/deleted/<user_id>/restore": Row(
        404, who="owner", ids={"user_id": ("carla-20200101T000000Z", "eve-20200101T000000Z")}
    ),
    "GET /admin/customers/<name>/conversation": Row(200, who="owner", ids=PEOPLE),
    "GET /admin/customers/<name>/files/<file>": Row(200, who="owner", ids=PEOPLE),
    "GET /admin/audit": Row(200, who="owner"),
    "GET /admin/audit.csv": Row(200, who="owner"),
    "GET /admin/data": Row(200, who="owner"),
    "POST /admin/data/new": Row(422, {"heading": ""}, who="owner"),
    "POST /admin/data/upload": Row(422, {"file": "not one"}, who="owner"),
    "GET /admin/data/uploads/<upload_id>": Row(404, who="owner", ids=UPLOADS),
    "POST /admin/data/uploads/<upload_id>/use": Row(404, who="owner", ids=UPLOADS),
    "POST /admin/data/uploads/<upload_id>/cancel": Row(404, who="owner", ids=UPLOADS),
    "GET /admin/data/<name>/download": Row(200, who="owner", ids=TEXTS),
    "POST /admin/data/<name>/remove": Row(409, {"seen": "0"}, who="owner", ids=TEXTS),
    "POST /admin/data/<name>/restore": Row(404, {"version": "none"}, who="owner", ids=TEXTS),
    "GET /admin/texts/<name>": Row(200, who="owner", ids=TEXTS),
    "POST /admin/texts/<name>": Row(409, {"text": "Ours", "seen": "0"}, who="owner", ids=TEXTS),
    "GET /admin/texts/<name>/versions/<version>": Row(404, who="owner", ids={**TEXTS, "version": ("none", "nothing")}),
    "POST /admin/texts/<name>/restore": Row(404, {"version": "none"}, who="owner", ids=TEXTS),
    "GET /admin/try": Row(200, who="owner"),
    "POST /admin/try": Row(422, {"question": ""}, who="owner"),
    "POST /admin/try/tests": Row(422, {"question": "Why?"}, who="owner"),
    "POST /admin/try/tests/<key>/remove": Row(303, who="owner", otherwise=303, ids=KEYS),
    "POST /admin/try/run": Row(303, who="owner"),
    "GET /admin/answers": Row(200, who="owner"),
    "POST /admin/answers": Row(422, {"question": "Why?", "answer": ""}, who="owner"),
    "POST /admin/answers/<key>/edit": Row(422, {"question": "Why?"}, who="owner", otherwise=422, ids=KEYS),
    "POST /admin/answers/<key>/remove": Row(409, who="owner", otherwise=409, ids=KEYS),
    "POST /admin/answers/dismiss": Row(303, {"group": "0123abcd"}, who="owner"),
    "POST /admin/answers/restore": Row(303, {"group": "0123abcd"}, who="owner"),
    "GET /admin/usage": Row(200, who="owner"),
    "GET /admin/feedback": Row(200, who="owner"),
    "GET /admin/setup": Row(200, who="owner"),
    "GET /admin/setup/<step>": Row(200, who="owner", ids={"step": ("shop", "nothing")}),
    "POST /admin/setup/<step>/done": Row(303, who="owner", ids={"step": ("try", "nothing")}),
    "POST /admin/setup/<step>/skip": Row(303, who="owner", ids={"step": ("try", "nothing")}),
    "POST /admin/setup/shop": Row(422, {"shop": ""}, who="owner"),
    "POST /admin/setup/data/upload": Row(422, {"file": "not one"}, who="owner"),
    "POST /admin/setup/data/example": Row(303, who="owner"),
    "POST /admin/setup/data/feed": Row(422, {"feed": "ftp://shop.example"}, who="owner"),
    "POST /admin/setup/model": Row(422, {"way": "key"}, who="owner"),
    "POST /admin/setup/people": Row(422, {"signup": "nobody"}, who="owner"),
    "POST /admin/setup/people/invite": Row(409, who="owner"),
    "POST /admin/feedback/<file>": Row(
        403, {"password": "not this one"}, who="owner", ids={"file": ("feedback.csv", "none.csv")}
    ),
    "GET /admin/settings": Row(200, who="owner"),
    "POST /admin/settings/notify/test": Row(409, who="owner"),
    "GET /admin/notifications": Row(200, who="owner"),
    "POST /admin/notifications/secrets/<kind>": Row(
        403, {"secret": "a secret word", "password": "not this one"}, who="owner", ids={"kind": ("password", "none")}
    ),
    "POST /admin/notifications/<entry_id>/again": Row(404, who="owner", ids={"entry_id": NOTICES}),
    "POST /admin/notifications/<entry_id>/discard": Row(404, who="owner", ids={"entry_id": NOTICES}),
    "GET /admin/settings/versions/<version>": Row(404, who="owner", ids={"version": (KEPT, "x")}),
    "POST /admin/settings/restore": Row(404, {"version": "x"}, who="owner"),
    "POST /admin/settings/<group>": Row(
        409, {"shop": "Ours", "language": "en", "timezone": "UTC"}, who="owner", ids={"group": ("shop", "none")}
    ),
}
UNSAFE = [route for route in ROWS if route.startswith("POST")]
SAFE = [route for route in ROWS if route.startswith("GET")]
NOTED = ["GET /admin/customers/<name>/conversation"]
"""Looks that the list of changes tells of."""
NAMING = [route for route in ROWS if "<" in route]


def path_of(route: str, values: Mapping[str, str] = {}, *, nobodys: bool = False) -> str:
    """Return a path of the route: to what its person has, to what nobody has, or with these values."""
    row, rule = ROWS[route], route.partition(" ")[2]

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return values.get(name) or {**IDS, **row.ids}[name][nobodys]

    return re.sub(r"<(?:int:)?(\w+)>", value, rule)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with an account, logged in: their files, and the Cookie header of their browser."""

    name: str
    folder: Folder
    cookie: str


@dataclass
class House:
    """The server, its people, and a connection to it."""

    server: Serving
    users: Users
    app: Quart
    account: Mapping[str, bytes]
    wire: Wire
    files: Mapping[Path, bytes] = field(default_factory=dict)
    """The shop's files and settings as they were in the beginning."""
    count: int = 0
    gone: set[str] = field(default_factory=set)

    @property
    def routes(self) -> MapAdapter:
        return self.app.url_map.bind("localhost")

    def come(self, role: str = "customer", *, has_talked: bool = True) -> Someone:
        """Make a new account, with a conversation and one set aside."""
        if not self.users.folder("carla").path.exists():
            carla = self.users.create("carla", self.account["customer"].replace(b'"bob"', b'"carla"'))
            photos.keep(carla, [PHOTO])
        self.count += 1
        name, account = f"{role}{self.count}", self.account[role]
        folder = self.users.create(name, re.sub(rb'"(ana|bob)"', f'"{name}"'.encode(), account))
        if has_talked:
            talk = print_record(Record(1, NOON, "user", "A secret wish of mine?"))
            photos.keep(folder, [PHOTO])
            talk += print_record(
                Record(2, NOON, "assistant", "A secret answer.", ending="stop", checks=Checks(1, 0, 0))
            )
            aside = folder.path / "archive" / KEPT
            aside.mkdir(parents=True)
            for place in (folder.path, aside):
                (place / "history.txt").write_bytes(talk)
                (place / "checks.jsonl").write_bytes(CHECKED)
        return Someone(folder.name, folder, self.log_in(folder.name))

    def log_in(self, name: str) -> str:
        session = accounts.open_session(self.users.folder(name), self.app.extensions["storekeeper"].now())
        (auth,) = self.app.extensions["QUART_AUTH"]
        return f"{auth.cookie_name}={auth.dump_token(f'{name}.{session}', self.app)}"

    def state(self, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
        """Return who there is, and of those who are here all files with their hashes, but nothing that a server makes by itself."""
        there = sorted(path for path in self.users.root.iterdir() if path.name not in without | BY_ITSELF)
        there = [path for path in there if not is_tried(path)]
        found = {path.name: "" for path in there}
        here = (path for path in there if path.name not in self.gone)
        for path in sorted(path for one in here for path in (one, *one.rglob("*")) if path.name not in BY_ITSELF):
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[str(path.relative_to(self.users.root))] = digest
        return found

    def ask(
        self, route: str, who: Someone | None, path: str | None = None, *headers: tuple[str, str], **changed: Any
    ) -> Answered:
        """Ask a route as its row says, with other headers in place of the row's or beside them."""
        method, row = route.partition(" ")[0], ROWS[route]
        body, kind = form_of(row.form) if method == "POST" else (b"", "")
        fields = {**row.headers} if changed.get("unsaid") else {"Sec-Fetch-Site": "same-origin", **row.headers}
        if kind:
            fields["Content-Type"] = kind
        if who is not None:
            fields["Cookie"] = who.cookie
        given = {name.lower() for name, _ in headers}
        kept = [(name, value) for name, value in fields.items() if name.lower() not in given]
        answered = self.wire.ask(
            changed.get("method", method), path or path_of(route), [*kept, *headers], changed.get("body", body)
        )
        held(answered)
        return answered


def held(answered: Answered) -> Answered:
    """Check what every answer carries, of whatever kind."""
    nonce_of(answered)
    assert answered.status < 500, answered
    assert (
        answered.status in (204, 304)
        or "charset=utf-8" in answered.headers["content-type"]
        or (
            answered.headers["content-type"]
            in ("application/json", "application/zip", "application/octet-stream", "image/jpeg")
        )
    ), answered.headers
    return answered


@pytest.fixture(scope="module")
def house(
    upstream: Upstream, tmp_path_factory: pytest.TempPathFactory, accounts_of_all: dict[str, bytes]
) -> Iterator[House]:
    root = tmp_path_factory.mktemp("house")
    users = Users(root / "users")
    users.prepare()
    users.create("ana", accounts_of_all["ana"])
    values: dict[str, Any] = {
        "chat": ["ok"],
        "summariser": ["ok"],
        "models": [{"name": "ok", "base_url": upstream.url("ok"), "max_input": 100_000}],
        "budget": {"daily_tokens_per_user": 0},
        "limits": {"messages_per_minute": 0},
        "owner_reads_conversations": True,
    }
    shutil.copytree(ROOT / "prompts", root / "prompts", ignore=shutil.ignore_patterns(".versions"))
    app = app_of(root, values)
    environ = {"STOREKEEPER_METRICS_TOKEN": TOKEN, "STOREKEEPER_PROMPTS": str(root / "prompts")}
    with serving(root, values, environ=environ) as server:
        account = {"owner": accounts_of_all["ana"], "customer": accounts_of_all["bob"]}
        with Wire(server.port) as wire:
            kept = [*(root / "prompts").glob("**/*.*"), *root.glob("settings-*.toml")]
            yield House(server, users, app, account, wire, {file: file.read_bytes() for file in kept if file.is_file()})
        log = server.log()
        assert "Traceback" not in log, log[-4000:]
        errors = [line for line in log.split("\n") if '"level": "error"' in line]
        of_files = ('"shop_not_read"', '"shop_file_unusable"')  # an owner may remove the shop's files, and send in any
        assert [line for line in errors if not any(event in line for event in of_files)] == []
        assert "secret wish" not in log


@pytest.fixture(autouse=True)
def others_are_gone(house: House) -> None:
    """Nobody looks at those who came in the tests before: there are soon a thousand of them.

    What owners did to the shop's files and settings in those tests is undone.
    """
    house.gone = {name for name in house.users.names() if name not in ("ana", "carla")}
    for file, data in house.files.items():
        if not file.exists() or file.read_bytes() != data:
            file.write_bytes(data)


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    there = set[str]()
    for rule in house.app.url_map.iter_rules():
        there |= {f"{method} {rule.rule}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}

    assert there - set(ROWS) == set(), "routes without a row: say in ROWS who may ask them, and with what"
    assert set(ROWS) - there == set(), "rows without a route"


def seen(answered: Answered) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return an answer without what is another one each time: the nonce, the request's id, the time."""
    nonce = nonce_of(answered)
    kept = [
        (name, value.replace(nonce, "-")) for name, value in answered.fields if name not in ("x-request-id", "date")
    ]
    return answered.status, sorted(kept), answered.body.replace(nonce.encode(), b"-")


@pytest.mark.parametrize("route", ROWS)
def test_a_row_leads_where_it_says_and_looking_changes_nothing(house: House, route: str) -> None:
    who = house.come(ROWS[route].who)
    without = frozenset({AUDIT} if route in NOTED else ())
    before = house.state(without=without)

    answered = house.ask(route, who)

    assert answered.status in (ROWS[route].status, ROWS[route].also), answered.body
    if route in SAFE:
        assert house.state(without=without) == before
    if FIRST in path_of(route) and route in SAFE:
        assert b"A secret answer." in answered.body


# Nobody, and somebody else


COOKIES = ["", "sid=x", "sid=" + "A" * 5000, "sid=\\xff\\", "=; ;sid", "__Host-sid=x"]


@pytest.mark.parametrize("route", ROWS)
def test_a_stranger_gets_no_further_than_the_login(house: House, route: str) -> None:
    before, row = house.state(), ROWS[route]
    without = [(name, "") for name in row.headers]

    for cookie in COOKIES:
        fields = [*without, *([("Cookie", cookie)] if cookie else [])]
        plain = house.ask(route, None, None, *fields)
        by_htmx = house.ask(route, None, None, *fields, ("HX-Request", "true"))

        assert plain.status == row.nobody, cookie
        assert by_htmx.status == row.nobody or (by_htmx.status, by_htmx.headers["hx-redirect"]) in (
            (401, "/login"), (200, "/login")  # the second is logging out
        ), cookie  # fmt: skip
        assert plain.status != 303 or plain.headers["location"] == "/login", cookie
        assert "set-cookie" not in plain.headers or route in ("POST /logout", "POST /language"), cookie
    assert house.state() == before or route == "POST /login"


@pytest.mark.parametrize("htmx", ["", "true"], ids=["browser", "htmx"])
@pytest.mark.parametrize("route", NAMING)
def test_what_is_anothers_is_as_what_is_not_there(house: House, route: str, htmx: str) -> None:
    """What a person has is to a stranger what nobody has, byte for byte; so is what is no name at all."""
    row = ROWS[route]
    house.come(row.who)
    stranger = house.come(row.who, has_talked=False)
    before, fields = house.state(), [("HX-Request", htmx)] if htmx else []

    absent = seen(house.ask(route, stranger, path_of(route, nobodys=True), *fields))
    nothing = seen(house.ask(route, stranger, "/nothing/here", *fields))

    assert absent[0] == row.otherwise or (absent[0] == 200 and row.otherwise == 303 and htmx), absent
    assert absent == nothing or row.otherwise != 404
    if row.who == "customer":
        assert seen(house.ask(route, stranger, path_of(route), *fields)) == absent
    for name in re.findall(r"<(?:int:)?(\w+)>", route):
        for junk in MALFORMED:
            answer = seen(house.ask(route, stranger, path_of(route, {name: junk}), *fields))
            assert answer in (nothing, absent) or answer[0] in (400, 405), (junk, answer)
    assert house.state() == before or row.otherwise == 303


@pytest.mark.parametrize("route", [route for route in ROWS if ROWS[route].who == "owner"])
def test_the_owners_routes_are_nothing_to_a_customer(house: House, route: str) -> None:
    customer, before = house.come(), house.state()

    nothing = seen(house.ask(route, customer, "/nothing/here"))
    for path in (path_of(route), path_of(route, nobodys=True)):
        assert seen(house.ask(route, customer, path)) == nothing
    assert house.state() == before


# The wrong way of asking

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "SEARCH"]


@pytest.mark.parametrize("route", ROWS)
def test_the_wrong_method_is_told_the_right_ones(house: House, route: str) -> None:
    who, path = house.come(ROWS[route].who), path_of(route)
    before, allowed = house.state(), set(house.routes.allowed_methods(path))
    assert route.partition(" ")[0] in allowed

    for method in METHODS:
        if method in allowed:
            continue
        answered = house.ask(route, who, path, method=method, body=b"")
        assert answered.status == 405, method
        assert set(answered.headers["allow"].split(", ")) == allowed
    assert house.state() == before


SITES: list[list[tuple[str, str]]] = [
    [("Sec-Fetch-Site", "cross-site")],
    [("Sec-Fetch-Site", "same-site")],
    [("Sec-Fetch-Site", "junk")],
    [("Sec-Fetch-Site", "")],
    [("Sec-Fetch-Site", "same-origin, cross-site")],
    [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
    [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "same-origin")],
]
ORIGINS = ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1:{port}"]
ORIGINS += ["http://127.0.0.1:{port}.evil.example", "http://evil@127.0.0.1:{port}", "http://127.0.0.1:{port}/", "", " "]
NEITHER: list[tuple[str, str]] = []


@pytest.mark.parametrize("route", UNSAFE)
def test_no_other_site_changes_anything(house: House, route: str) -> None:
    who = house.come(ROWS[route].who)
    before, port = house.state(), house.server.port
    origins = [[("Origin", origin.format(port=port))] for origin in ORIGINS]
    origins.append([("Origin", f"http://127.0.0.1:{port}"), ("Origin", "http://evil.example")])

    for fields in SITES + [[*one, ("Origin", f"http://127.0.0.1:{port}")] for one in SITES]:
        assert house.ask(route, who, None, *fields).status == 403, fields
    for fields in [*origins, NEITHER]:
        answered = house.ask(route, who, None, *fields, unsaid=True)
        assert answered.status == 403, fields
    assert house.state() == before


@pytest.mark.parametrize("route", SAFE)
def test_no_other_site_reads_anything(house: House, route: str) -> None:
    who = house.come(ROWS[route].who)
    for fields in SITES:
        for more in ([("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script")], [("Sec-Fetch-Mode", "cors")]):
            answered = house.ask(route, who, None, *fields, *more)
            assert answered.status == 403, fields
            assert b"secret" not in answered.body


# By chance


NEAR = {
    route: near(route, [path_of(route), path_of(route, nobodys=True)], bodies(row.form)) for route, row in ROWS.items()
}
CHOSEN = [*ROWS, *(route for route, row in ROWS.items() if row.form for _ in range(2))]
"""A route with a form comes three times as often as others: there is more to be spoiled."""
COUNT, SEED = os.environ.get("STOREKEEPER_FUZZ"), os.environ.get("STOREKEEPER_SEED")


@pytest.mark.timeout(300 + int(COUNT or 0))
def test_generated_requests_are_no_error_of_the_server(house: House) -> None:
    """500 of them, each time the same; STOREKEEPER_FUZZ says how many others, STOREKEEPER_SEED which (`just fuzz`)."""
    statuses = Counter[int]()
    people = dict[str, Someone]()

    @settings(
        max_examples=int(COUNT or 500),
        derandomize=SEED is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(st.sampled_from(CHOSEN).flatmap(NEAR.__getitem__))
    def ask(made: Made) -> None:
        if statuses.total() % 40 == 0:
            people.update({"customer": house.come(), "owner": house.come("owner")})
        cookie = [("Cookie", people[ROWS[made.route].who].cookie)] if made.as_itself else []
        try:
            answered = house.wire.ask(made.method, made.path, [*made.headers, *cookie], made.body)
        except ConnectionError:  # what is no HTTP at all may be answered by closing
            house.wire.close()
            statuses[0] += 1
            return
        statuses[answered.status] += 1
        assert answered.status < 500, answered
        if "x-request-id" in answered.headers:  # an answer of ours, not of the reader of HTTP before it
            nonce_of(answered)

    (ask if SEED is None else seed(int(SEED))(ask))()

    print(statuses.total(), "requests:", dict(sorted(statuses.items())))
    assert statuses.total() >= int(COUNT or 500)
    assert statuses[0] < statuses.total() / 50
    assert statuses[200] > statuses.total() / 20
    house.wire.close()  # what the last request sent beyond its length is answered on the same connection
    assert house.ask("GET /healthz", None).status == 200


# Too much, and what is no form


@pytest.mark.parametrize("route", UNSAFE)
def test_too_much_is_refused_before_it_is_read(house: House, route: str) -> None:
    who, row = house.come(ROWS[route].who), ROWS[route]
    large = b"x=" + b"x" * LARGER.get(path_of(route), LARGEST_BODY)
    before = house.state()

    assert house.ask(route, who, body=large).status == 413
    assert house.ask(route, who, None, ("Content-Length", "10000000000"), body=b"x").status == 413
    house.wire.close()  # the rest of it will not come
    assert house.state() == before
    in_pieces = house.ask(route, who, body=[large[n : n + 50_000] for n in range(0, len(large), 50_000)])
    assert in_pieces.status == 413 or not row.form  # nobody looks at a body where there is no form


@pytest.mark.parametrize("route", UNSAFE)
def test_what_is_no_form_is_no_error_of_the_server(house: House, route: str) -> None:
    who, row = house.come(ROWS[route].who), ROWS[route]
    for what, (body, kind) in odd_bodies(row.form).items():
        answered = house.ask(route, who, None, ("Content-Type", kind), body=body)
        assert answered.status < 500, what
        if "set-cookie" in answered.headers or answered.headers.get("location") == "/login":
            who = Someone(who.name, who.folder, house.log_in(who.name))
    for record in (who.folder.path / "history.txt").read_bytes().split(b"\n") if route == "POST /messages" else []:
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", record)
