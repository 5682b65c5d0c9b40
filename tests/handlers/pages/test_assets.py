"""Tests of the browser's files: served for ever under their hash, compressed for who can read that, and nothing else is."""

import gzip
import json
import re
import struct

import pytest

from handlers.pages.assets import TYPES, Assets
from settings import ROOT, Settings
from tests.conftest import Open, settings_for
from tests.support.shop import Visitor
from tests.support.upstream import Upstream

ASSETS = Assets(ROOT / "static", Settings().shop)
MADE = ["htmx.js", "app.webmanifest"]
PNGS = ["icon-192.png", "icon-512.png", "icon-maskable-512.png"]
NAMES = [*MADE, "chat.js", "page.js", "style.css", "icon.svg", *PNGS]


def test_every_file_has_a_type_and_an_address_by_its_hash() -> None:
    assert {file.name for file in (ROOT / "static").iterdir()} | set(MADE) == set(NAMES)
    assert all(ASSETS.url(name).endswith(f"/{name}") for name in NAMES)
    assert len({ASSETS.integrity(name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", PNGS)
def test_a_home_screen_icon_is_small_and_sized_as_its_name_says(name: str) -> None:
    body = (ROOT / "static" / name).read_bytes()
    width, height = struct.unpack(">II", body[16:24])

    assert f"{width}" == f"{height}" == name.removesuffix(".png").rpartition("-")[2]
    assert len(body) < 10_000


async def test_the_manifest_names_the_shop_and_icons_that_are_there(open_shop: Open, upstream: Upstream) -> None:
    nobody = Visitor(open_shop(settings_for(upstream, "ok", shop="Loja da Ana & Filhos")))
    page = (await nobody.get("/login")).text
    address = re.search(r'<link rel="manifest" href="([^"]+)">', page)
    assert address is not None

    answered = await nobody.get(address[1])

    manifest = json.loads(answered.body)
    assert answered.headers["content-type"] == "application/manifest+json"
    assert manifest["name"] == "Loja da Ana & Filhos"
    assert len(answered.body) < 1_000
    for icon in manifest["icons"]:
        assert (await nobody.get(icon["src"])).headers["content-type"] == icon["type"]


def test_what_is_not_a_file_of_ours_stops_the_start() -> None:
    with pytest.raises(KeyError):
        ASSETS.url("jquery.js")


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_may_be_kept_for_ever(nobody: Visitor, name: str) -> None:
    answered = await nobody.get(ASSETS.url(name))

    assert answered.status == 200
    assert answered.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answered.headers["content-type"] == TYPES["." + name.rpartition(".")[2]]
    assert answered.headers["vary"] == "Accept-Encoding"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answered.headers
    assert "set-cookie" not in answered.headers


@pytest.mark.parametrize("name", ["htmx.js", "chat.js", "style.css"])
async def test_a_file_is_sent_compressed_to_who_can_read_it(nobody: Visitor, name: str) -> None:
    plain = await nobody.get(ASSETS.url(name))
    packed = await nobody.get(ASSETS.url(name), Accept_Encoding="br;q=1.0, gzip;q=0.8, *;q=0.1")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-length"] == str(len(packed.body))
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("accepted", ["br", "identity", "gzip;q=0", "gzip;q=0, *;q=1", "*;q=0", ""])
async def test_a_file_is_sent_as_it_is_to_who_cannot_read_gzip(nobody: Visitor, accepted: str) -> None:
    answered = await nobody.get(ASSETS.url("chat.js"), Accept_Encoding=accepted)

    assert "content-encoding" not in answered.headers
    assert answered.body == (ROOT / "static" / "chat.js").read_bytes()


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
@pytest.mark.parametrize("weak", ["", "W/"])
async def test_a_file_that_is_known_is_not_sent_again(nobody: Visitor, accepted: str, weak: str) -> None:
    first = await nobody.get(ASSETS.url("chat.js"), Accept_Encoding=accepted)
    again = await nobody.get(
        ASSETS.url("chat.js"), Accept_Encoding=accepted, If_None_Match=weak + first.headers["etag"]
    )

    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    ["/assets/0000000000000000/chat.js", "/assets/{version}/style.css", "/assets/{version}/..%2fsettings.toml"],
)
async def test_another_hash_or_name_is_not_here(nobody: Visitor, path: str) -> None:
    version = ASSETS.url("chat.js").split("/")[2]

    assert (await nobody.get(path.format(version=version))).status == 404


@pytest.mark.parametrize("path", ["/", "/login", "/prompt", "/conversations", "/replies/2-20261123T120000Z"])
async def test_pages_and_streams_are_never_compressed(ana: Visitor, path: str) -> None:
    answered = await ana.get(path, Accept_Encoding="gzip", Accept="text/event-stream")

    assert "content-encoding" not in answered.headers
