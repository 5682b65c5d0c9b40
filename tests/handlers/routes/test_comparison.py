"""The owner's page of the latest comparison, and that nobody else sees it."""

from pathlib import Path

import msgspec
import pytest

from settings import Environment
from tests.conftest import Open, enter, settings_for
from tests.support.shop import Visitor
from tests.support.upstream import Upstream

LINK = '<a href="/compare">'


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    """Reports of one's own."""
    return msgspec.structs.replace(place, reports=tmp_path / "reports")


@pytest.fixture
def bob(open_shop: Open, upstream: Upstream) -> Visitor:
    """The browser of a customer."""
    return enter(open_shop(settings_for(upstream, "ok")), "bob")


@pytest.fixture
def report(place: Environment) -> str:
    """A report as `just compare` leaves it."""
    text = "<!doctype html><title>Which model remembers</title><style>p { color: red }</style><p>Olá"
    place.reports.mkdir()
    (place.reports / "comparison.html").write_text(text, encoding="utf-8")
    return text


async def test_the_owners_menu_leads_to_the_latest_report(ana: Visitor, report: str):
    menu = (await ana.get("/")).text
    shown = await ana.get("/compare")

    assert LINK in menu
    assert (shown.status, shown.text) == (200, report)
    assert shown.headers["content-type"] == "text/html; charset=utf-8"


async def test_no_script_of_a_report_runs_and_it_loads_nothing(ana: Visitor, report: str):
    policy = (await ana.get("/compare")).headers["content-security-policy"]

    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline';")
    assert "script" not in policy


async def test_a_customer_has_no_link_and_finds_nothing_there(bob: Visitor, report: str):
    menu = (await bob.get("/")).text
    there, absent = await bob.get("/compare"), await bob.get("/no-such-page")

    assert LINK not in menu
    assert (there.status, absent.status) == (404, 404)
    assert nonceless(there.text) == nonceless(absent.text)


async def test_who_is_not_logged_in_is_sent_to_the_login(nobody: Visitor, report: str):
    answered = await nobody.get("/compare")

    assert (answered.status, answered.headers["location"]) == (303, "/login")


async def test_without_a_comparison_the_page_explains_how_to_make_one(ana: Visitor):
    answered = await ana.get("/compare")

    assert answered.status == 200
    assert 'aria-current="page">Compare models' in answered.text
    assert "uv run just compare" in answered.text


def nonceless(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "nonce" not in line)
