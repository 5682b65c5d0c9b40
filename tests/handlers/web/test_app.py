"""Tests of the shop's brand on its pages: logo, colour, greeting, and the contact as the hour has it."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from server import create_app
from settings import ROOT, Environment
from tests.conftest import Open, enter, settings_for
from tests.support.pictures import picture
from tests.support.shop import Answered, Clock, Visitor
from tests.support.snapshots import build_here
from tests.support.upstream import Upstream

LINK = r'<link rel="stylesheet" href="(/assets/[0-9a-f]+/brand.css)" integrity="sha384-[^"]+">'
PAGES = ["/", "/account", "/conversations", "/admin/customers"]
CONTACT = "ola@shop.example"
WEEK = {"hours": "Mo-Fr 09:00-18:00, Sa 09:00-13:00", "timezone": "America/Recife", "contact": CONTACT}


@pytest.fixture
def branded(place: Environment, upstream: Upstream, users: object, clock: Clock, tmp_path: Path) -> Visitor:
    """The browser of ana at a shop with a logo and a colour."""
    prompts = tmp_path / "prompts"
    (prompts / "store").mkdir(parents=True)
    (prompts / "brand").mkdir()
    (prompts / "brand" / "logo.png").write_bytes(picture("PNG", (120, 40)))
    brand = {"logo": "logo.png", "color": "#7a1f5c", "greeting": "Welcome to <our> shop.\nTake a seat."}
    settings = settings_for(upstream, "ok", shop="Redes da Ana", brand=brand, examples=["Is it blue?"])
    place = msgspec.structs.replace(place, prompts=prompts)
    return enter(create_app(settings, place, now=clock, build_index=build_here), "ana")


def brand_of(page: Answered) -> tuple[str, str]:
    """Return the address of the page's logo, and of the style sheet of its colour."""
    logo, style = (
        re.search(r'<img class="logo" src="([^"]+)" alt="" height="\d+">', page.text),
        re.search(LINK, page.text),
    )
    assert logo is not None
    assert style is not None
    return logo[1], style[1]


@pytest.mark.parametrize("path", [*PAGES, "/login"])
async def test_every_page_has_the_shops_logo_name_and_colour(branded: Visitor, path: str) -> None:
    page = await (Visitor(branded.app) if path == "/login" else branded).get(path)

    logo, style = brand_of(page)
    assert (await branded.get(logo)).headers["content-type"] == "image/png"
    assert b"#7a1f5c" in (await branded.get(style)).body
    assert "Redes da Ana" in re.sub("<[^>]+>", "", page.text.partition("<body")[2])
    assert f'<link rel="icon" href="{logo}">' in page.text
    assert '<meta name="theme-color" content="#7a1f5c" media="(prefers-color-scheme: light)">' in page.text
    assert "style=" not in page.text


async def test_the_manifest_has_the_colour_too(branded: Visitor) -> None:
    address = re.search(r'<link rel="manifest" href="([^"]+)">', (await branded.get("/")).text)

    assert address is not None
    assert json.loads((await branded.get(address[1])).body)["theme_color"] == "#7a1f5c"


async def test_an_empty_conversation_begins_with_the_greeting(branded: Visitor) -> None:
    welcome = (await branded.get("/")).text.partition('id="welcome"')[2]

    assert '<p class="greeting">Welcome to &lt;our&gt; shop.\nTake a seat.</p>' in welcome
    assert welcome.index("greeting") < welcome.index("Is it blue?")
    await branded.post("/messages", {"content": "Hello"})
    assert "Take a seat" not in (await branded.get("/")).text


@pytest.mark.parametrize("path", PAGES)
async def test_a_shop_without_a_brand_has_our_sign(ana: Visitor, path: str) -> None:
    page = (await ana.get(path)).text

    assert "brand.css" not in page
    assert re.search(r'<img src="[^"]+icon.svg" alt="" width="28" height="28">', page)
    assert '<meta name="theme-color" content="#ffffff"' in page


async def test_a_logo_that_is_not_there_is_done_without(open_shop: Open, upstream: Upstream) -> None:
    assert not (ROOT / "prompts" / "brand").exists()
    page = await Visitor(open_shop(settings_for(upstream, "ok", brand={"logo": "logo.svg"}))).get("/login")

    assert page.status == 200
    assert "icon.svg" in page.text


@pytest.mark.parametrize(
    ("hour", "language", "said"),
    [
        (0, "en", ""),  # Monday 12:00 UTC, 9:00 in Recife
        (-1, "en", " (closed now, open again today at 09:00)"),
        (9, "en", " (closed now, open again tomorrow at 09:00)"),
        (5 * 24 + 4, "en", " (closed now, open again Monday at 09:00)"),
        (5 * 24 + 4, "pt-BR", " (fechado agora, reabre segunda-feira às 09:00)"),
        (9, "pt-BR", " (fechado agora, reabre amanhã às 09:00)"),
    ],
)
async def test_the_contact_says_when_somebody_is_there_again(
    open_shop: Open, upstream: Upstream, clock: Clock, hour: int, language: str, said: str
) -> None:
    clock.move(hours=hour)
    ana = enter(open_shop(settings_for(upstream, "ok", **WEEK)), "ana")

    page = (await ana.get("/", Accept_Language=language)).text

    assert f"</a>{said}." in page
    assert page.count(f"mailto:{CONTACT}") == page.count(f"</a>{said}.") > 0


async def test_hours_alone_say_nothing(open_shop: Open, upstream: Upstream, clock: Clock) -> None:
    clock.move(hours=9)
    page = (await enter(open_shop(settings_for(upstream, "ok", **{**WEEK, "contact": ""})), "ana").get("/")).text

    assert "closed now" not in page
