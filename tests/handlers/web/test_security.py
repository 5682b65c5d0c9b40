"""Tests of what holds for every request and answer: who may ask, under which name, and what a browser may do with it."""

import asyncio
import re
from typing import Any

import msgspec
import pytest
from quart import Quart, Request, Response
from werkzeug.datastructures import Headers

from handlers.web.guards import PUBLIC
from handlers.web.security import Origins, make_nonce, protect
from handlers.web.uploads import LARGEST_BODY
from memory.storage.users import Users
from server import create_app
from settings import Environment
from tests.conftest import Open, enter, services_of
from tests.support.shop import PASSWORD, Answered, Clock, Scripted, Visitor, settings_of
from tests.support.sse import parse

FIRST = "2-20261123T120000Z"
POLICY = re.compile(
    r"default-src 'none'; script-src 'nonce-(?P<nonce>[\w-]{22})'; style-src 'self'; img-src 'self'; font-src 'self'; "
    r"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()",
    "x-frame-options": "DENY",
}
HTTPS = "https://chat.example.com"


REPORT_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)


def nonce_of(answered: Answered) -> str:
    """Check the headers that every answer carries; return its nonce. A report that is lying about has none: it runs no script."""
    headers = answered.headers
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS, headers
    policy = POLICY.fullmatch(headers["content-security-policy"])
    is_report = headers["content-security-policy"] == REPORT_POLICY
    assert policy is not None or is_report, headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers
    assert headers["cache-control"].startswith(("no-store", "private, no-cache", "public, max-age=31536000, immutable"))
    return policy["nonce"] if policy is not None else "no nonce"


@pytest.fixture
def secure(users: Users, place: Environment, clock: Clock) -> Quart:
    """The shop behind a proxy with TLS."""
    settings = msgspec.structs.replace(settings_of({"luna": None}), origin=HTTPS)
    return create_app(settings, place, completer=Scripted(), now=clock)


# The headers, on answers of every kind

ANSWERS = [
    pytest.param("GET", "/", 200, id="a page"),
    pytest.param("GET", "/login", 303, id="a redirect"),
    pytest.param("GET", "/history?before=2", 200, id="a fragment"),
    pytest.param("GET", "/ruler", 200, id="another fragment"),
    pytest.param("GET", f"/replies/{FIRST}", 200, id="a stream"),
    pytest.param("GET", "/healthz", 200, id="health"),
    pytest.param("GET", "/robots.txt", 200, id="a text"),
    pytest.param("GET", "/assets/0/x.js", 404, id="no such file"),
    pytest.param("GET", "/nothing", 404, id="nothing here"),
    pytest.param("GET", "/%2e%2e/%2e%2e/etc/passwd", 404, id="a path out of here"),
    pytest.param("GET", "/messages", 405, id="another method"),
    pytest.param("PUT", "/", 405, id="a method that is not known here"),
    pytest.param("TRACE", "/", 405, id="trace"),
    pytest.param("HEAD", "/", 200, id="head"),
    pytest.param("OPTIONS", "/", 200, id="options"),
    pytest.param("POST", "/messages", 422, id="a refusal"),
    pytest.param("POST", "/replies/9-20261123T120000Z/stop", 204, id="nothing to say"),
    pytest.param("POST", "/logout", 303, id="logging out"),
]


@pytest.mark.parametrize("htmx", ["", "true"], ids=["browser", "htmx"])
@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_answer_carries_the_headers(ana: Visitor, method: str, path: str, status: int, htmx: str) -> None:
    answered = await ana.ask(method, path, headers=[("HX-Request", htmx)])

    nonce_of(answered)
    assert answered.status == (200 if htmx and status == 303 else status)


@pytest.mark.parametrize("htmx", ["", "true"], ids=["browser", "htmx"])
async def test_what_nobody_may_see_carries_them_too(nobody: Visitor, htmx: str) -> None:
    answered = await nobody.get("/prompt", HX_Request=htmx)

    nonce_of(answered)
    assert answered.status == (401 if htmx else 303)


@pytest.mark.parametrize("htmx", ["", "true"], ids=["browser", "htmx"])
async def test_too_much_is_refused_with_them(ana: Visitor, htmx: str) -> None:
    answered = await ana.post("/messages", {"content": "x" * 400_000}, HX_Request=htmx)

    nonce_of(answered)
    assert answered.status == 413
    assert "too much to send at once" in answered.text


async def test_too_much_in_pieces_of_no_told_length_is_refused_too(ana: Visitor) -> None:
    fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Transfer-Encoding", "chunked")]
    answered = await ana.ask("POST", "/messages", [b"content=", *[b"x" * 50_000] * 10], fields)

    nonce_of(answered)
    assert answered.status == 413


@pytest.mark.parametrize("first", [b"", b"1\r\n--xx\r\n"], ids=["first part", "second part"])
async def test_a_file_name_without_end_is_not_read(ana: Visitor, first: bytes) -> None:
    """Reading 10 MB of it took 6 s, in which nobody else was answered."""
    named = b'Content-Disposition: form-data; name="content"; filename="'
    fields = [("Content-Type", "multipart/form-data; boundary=xx")]
    part = b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    body = (part if first else b"--xx\r\n") + first + named + b"x" * 200_000 + b'"\r\n\r\nx\r\n--xx--\r\n'
    refused = await ana.ask("POST", "/messages", [body], fields)
    taken = await ana.ask("POST", "/messages", [part.replace(b'"a"', b'"content"') + b"Hi\r\n--xx--\r\n"], fields)

    nonce_of(refused)
    assert refused.status == 400
    assert taken.status in (200, 303)


@pytest.mark.parametrize("path", ["/logout", "/nothing", "/replies/again"])
async def test_too_much_is_refused_where_nobody_looks_at_the_body(nobody: Visitor, path: str) -> None:
    fields = [("Content-Type", "text/plain"), ("Content-Length", str(LARGEST_BODY + 1))]
    answered = await nobody.ask("POST", path, [b"x"], fields)

    nonce_of(answered)
    assert answered.status == 413


async def test_a_body_that_does_not_come_is_not_waited_for(shop: Quart, ana: Visitor) -> None:
    assert shop.config["BODY_TIMEOUT"] == 10
    shop.config["BODY_TIMEOUT"] = 0.2
    fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "100")]
    exchange = ana.exchange("POST", "/messages", [], fields)
    async with asyncio.timeout(5):
        await exchange.begin()

    assert exchange.status == 408


@pytest.mark.parametrize("htmx", ["", "true"], ids=["browser", "htmx"])
async def test_a_disk_that_fails_says_when_to_come_again(ana: Visitor, users: Users, htmx: str) -> None:
    lock = users.folder("ana").path / ".lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    answered = await ana.post("/logout", HX_Request=htmx)

    nonce_of(answered)
    assert (answered.status, answered.headers["retry-after"]) == (503, "5")
    assert "save this. Nothing was changed" in answered.text


async def test_a_directory_in_a_files_place_is_a_failing_disk(
    shop: Quart, ana: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    (services_of(shop).users.folder("ana").path / "history.txt").mkdir()
    answered = await ana.get("/")

    nonce_of(answered)
    assert (answered.status, answered.headers["retry-after"]) == (503, "5")
    assert "history.txt" not in answered.text
    assert "disk_failed" in caplog.text


@pytest.mark.parametrize("htmx", ["", "true"], ids=["browser", "htmx"])
async def test_an_error_of_ours_tells_nothing_and_carries_them(
    shop: Quart, ana: Visitor, htmx: str, caplog: pytest.LogCaptureFixture
) -> None:
    @shop.get("/wrong")
    async def wrong() -> str:
        raise ValueError("history.txt of ana")

    answered = await ana.get("/wrong", HX_Request=htmx)

    nonce_of(answered)
    assert answered.status == 500
    assert "Your earlier messages are safe" in answered.text
    assert not any(word in answered.text for word in ("history.txt", "Traceback", "Error:"))
    assert "request_failed" in caplog.text


async def test_each_response_has_its_own_nonce_and_only_on_its_scripts(ana: Visitor) -> None:
    answered = [await ana.get("/") for _ in range(3)]
    nonces = [nonce_of(one) for one in answered]

    assert len(set(nonces)) == 3
    for one, nonce in zip(answered, nonces, strict=True):
        scripts = parse(one.text).by_tag("script")
        assert [script.attributes["nonce"] for script in scripts] == [nonce] * 3
        assert all(script.attributes["integrity"] and not script.text for script in scripts)


def test_a_nonce_is_128_random_bits() -> None:
    assert len({make_nonce() for _ in range(100)}) == 100
    assert all(len(make_nonce()) == 22 for _ in range(10))


async def test_only_over_https_a_browser_is_told_to_stay_there(secure: Quart, ana: Visitor) -> None:
    answered = await Visitor(secure, HTTPS).get("/login")

    assert answered.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "strict-transport-security" not in (await ana.get("/")).headers


async def test_an_answer_may_have_a_stricter_policy_of_its_own() -> None:
    response = protect(Response("", headers={"Content-Security-Policy": "sandbox"}), "n", is_https=False)

    assert response.headers["Content-Security-Policy"] == "sandbox"


# Who may change something

SITES = [
    pytest.param("same-origin", None, True, id="our page"),
    pytest.param("none", None, True, id="typed by the person"),
    pytest.param("same-site", None, False, id="a subdomain's page"),
    pytest.param("cross-site", None, False, id="another site's page"),
    pytest.param("cross-site", "http://localhost:8000", False, id="another site that says it is ours"),
    pytest.param("same-origin", "http://evil.example", True, id="the browser's word counts"),
    pytest.param("", "http://localhost:8000", False, id="an empty word"),
    pytest.param("Same-Origin", None, False, id="another spelling"),
    pytest.param(None, "http://localhost:8000", True, id="our origin, no word"),
    pytest.param(None, "HTTP://LOCALHOST:8000", True, id="our origin in capitals"),
    pytest.param(None, "http://127.0.0.1:8000", True, id="our address"),
    pytest.param(None, "http://[::1]:8000", True, id="our address of another kind"),
    pytest.param(None, "http://localhost", False, id="another port"),
    pytest.param(None, "https://localhost:8000", False, id="another scheme"),
    pytest.param(None, "http://localhost:8000.evil.example", False, id="a name that begins like ours"),
    pytest.param(None, "http://evil.example", False, id="another origin"),
    pytest.param(None, "null", False, id="no origin of its own"),
    pytest.param(None, None, False, id="neither"),
]


def request(method: str, *fields: tuple[str, str]) -> Request:
    scope: Any = {"type": "http"}

    async def push(path: str, headers: Headers) -> None:
        raise AssertionError("nothing here is pushed")

    return Request(method, "http", "/", b"", Headers(list(fields)), "", "1.1", scope, send_push_promise=push)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "QUERY", "post"])
@pytest.mark.parametrize(("site", "origin", "allowed"), SITES)
def test_only_our_own_pages_change_anything(method: str, site: str | None, origin: str | None, allowed: bool) -> None:
    given = [("Sec-Fetch-Site", site), ("Origin", origin)]
    asked = request(method, *[(name, value) for name, value in given if value is not None])

    assert Origins(None, "127.0.0.1", 8000).allows(asked) is allowed


@pytest.mark.parametrize("site", ["same-origin", "cross-site"])
@pytest.mark.parametrize("name", ["Sec-Fetch-Site", "Origin"])
def test_a_header_that_comes_twice_is_believed_neither_time(name: str, site: str) -> None:
    asked = request("POST", ("Sec-Fetch-Site", "same-origin"), (name, site), (name, "same-origin"))

    assert not Origins(None, "127.0.0.1", 8000).allows(asked)


VISITS = [
    pytest.param({}, True, id="no word"),
    pytest.param({"Sec-Fetch-Site": "same-origin"}, True, id="our page"),
    pytest.param({"Sec-Fetch-Site": "none"}, True, id="typed"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, False, id="another site's script or picture"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, False, id="a subdomain's"),
    pytest.param(
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        True,
        id="a link on another site",
    ),
    pytest.param(
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        False,
        id="a frame on another site",
    ),
    pytest.param(
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        False,
        id="a script tag on another site",
    ),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("fields", "allowed"), VISITS)
def test_only_links_lead_here_from_elsewhere(method: str, fields: dict[str, str], allowed: bool) -> None:
    assert Origins(None, "127.0.0.1", 8000).allows(request(method, *fields.items())) is allowed


def rules(app: Quart, method: str) -> list[tuple[str, str]]:
    """Return the routes of a method: their endpoints, and a path of each."""
    found = list[tuple[str, str]]()
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            path = re.sub(r"<int:\w+>", "1", rule.rule)
            path = path.replace("<reply_id>", FIRST).replace("<version>/<name>", "0/x.js")
            found.append((rule.endpoint, re.sub(r"<\w+>", "20261123T120000Z", path)))
    assert len(found) > 10
    return found


async def test_no_route_takes_a_form_of_another_site(shop: Quart, ana: Visitor, users: Users) -> None:
    before = (users.folder("ana").path / "account.toml").read_bytes()
    for endpoint, path in rules(shop, "POST"):
        for fields in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "null"}):
            answered = await ana.post(path, {"content": "x", "username": "ana", "password": PASSWORD}, **fields)
            assert answered.status == 403, endpoint
            nonce_of(answered)
    assert sorted(path.name for path in users.folder("ana").path.iterdir() if path.suffix) == ["account.toml"]
    assert (users.folder("ana").path / "account.toml").read_bytes() == before


async def test_no_private_thing_is_fetched_by_another_site(shop: Quart, ana: Visitor) -> None:
    for endpoint, path in rules(shop, "GET"):
        answered = await ana.get(path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")
        assert answered.status == 403, endpoint


async def test_every_route_but_the_listed_ones_needs_a_login(shop: Quart, nobody: Visitor, users: Users) -> None:
    for method in ("GET", "POST"):
        for endpoint, path in rules(shop, method):
            answered = await nobody.ask(method, path)
            plain = (answered.status, answered.headers.get("location"))
            by_htmx = await nobody.ask(method, path, headers=[("HX-Request", "true")])
            if endpoint in PUBLIC:
                assert plain[0] != 500, endpoint
            else:
                assert plain == (303, "/login"), endpoint
                assert (by_htmx.status, by_htmx.headers.get("hx-redirect")) == (401, "/login"), endpoint
                assert by_htmx.body == b""


async def test_what_is_anothers_is_the_same_as_what_is_not_there(shop: Quart, ana: Visitor) -> None:
    bob = enter(shop, "bob")
    await ana.post("/messages", {"content": "One?"})
    await ana.post("/conversations/new")
    kept = re.findall(r"/conversations/([\w-]+)/open", (await ana.get("/conversations")).text)
    assert kept == ["20261123T120000Z"]

    for method, path in (("POST", "open"), ("GET", "delete"), ("POST", "delete")):
        foreign = await bob.ask(method, f"/conversations/{kept[0]}/{path}")
        absent = await bob.ask(method, f"/conversations/20201123T120000Z/{path}")
        assert (foreign.status, foreign.text) == (absent.status, absent.text)
        assert foreign.status == 404
    assert kept[0] in (await ana.get("/conversations")).text


# Under which name

HOSTS = [
    ("localhost:8000", True),
    ("LOCALHOST:8000", True),
    ("127.0.0.1:8000", True),
    ("[::1]:8000", True),
    ("localhost", False),
    ("localhost:8001", False),
    ("evil.example:8000", False),
    ("127.0.0.1:8000.evil.example", False),
    ("localhost:8000@evil.example", False),
    ("", False),
]


@pytest.mark.parametrize(("host", "known"), HOSTS)
def test_without_an_origin_the_server_is_only_this_machine(host: str, known: bool) -> None:
    assert Origins(None, "127.0.0.1", 8000).knows_host(host) is known


@pytest.mark.parametrize(
    ("host", "known"),
    [("chat.example.com", True), ("Chat.Example.com", True), ("chat.example.com:8000", False), ("localhost", False)],
)
def test_with_an_origin_the_server_is_that_alone(host: str, known: bool) -> None:
    assert Origins(HTTPS, "127.0.0.1", 8000).knows_host(host) is known


def test_the_usual_port_may_be_left_out() -> None:
    origins = Origins(None, "192.168.0.5", 80)

    assert all(origins.knows_host(host) for host in ("192.168.0.5", "192.168.0.5:80", "localhost"))
    assert Origins(None, "fd00::1", 8000).knows_host("[fd00::1]:8000")


@pytest.mark.parametrize("path", ["/", "/login", "/robots.txt", "/nothing"])
async def test_a_request_for_an_unknown_host_reveals_nothing(ana: Visitor, path: str) -> None:
    answered = await ana.get(path, Host="rebound.example:8000")

    nonce_of(answered)
    assert answered.status == 421
    assert "ana" not in answered.text


# The cookie


async def test_the_cookie_of_this_machine(nobody: Visitor) -> None:
    answered = await nobody.post("/login", {"username": "ana", "password": PASSWORD})
    (cookie,) = [value for field, value in answered.fields if field == "set-cookie" and "sid=" in value]
    name, *flags = cookie.split("; ")

    assert name.startswith("sid=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"} <= set(flags)
    assert not any(flag.startswith(("Secure", "Domain")) for flag in flags)


async def test_the_cookie_of_a_public_address(secure: Quart) -> None:
    visitor = Visitor(secure, HTTPS)
    answered = await visitor.post("/login", {"username": "ana", "password": PASSWORD})
    (cookie,) = [value for field, value in answered.fields if field == "set-cookie" and "sid=" in value]
    name, *flags = cookie.split("; ")

    assert name.startswith("__Host-sid=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)
    assert (await visitor.get("/")).status == 200
    stolen = Visitor(secure, HTTPS, cookies={"sid": visitor.cookies["__Host-sid"]})
    assert (await stolen.get("/")).status == 303


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", f"/replies/{FIRST}"])
async def test_no_other_cookie_is_ever_set(ana: Visitor, nobody: Visitor, path: str) -> None:
    for visitor in (ana, nobody):
        assert "set-cookie" not in (await visitor.get(path)).headers


# What is logged


async def test_no_log_holds_what_a_user_wrote(open_shop: Open, caplog: pytest.LogCaptureFixture, users: Users) -> None:
    ana = enter(open_shop(settings_of({"luna": None}), Scripted([RuntimeError("a bug")])), "ana")
    await ana.post("/messages", {"content": "my secret wish"})
    await ana.post("/login", {"username": "ana", "password": "a secret password"})
    await ana.get("/?token=secret-token", Host="x\x1b[31m.example")

    assert caplog.text != ""
    assert "secret" not in caplog.text
    assert "\x1b" not in caplog.text
