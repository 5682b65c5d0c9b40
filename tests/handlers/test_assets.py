"""Tests of the browser's files: served for ever under their hash, compressed for who can read that, and nothing else is."""

import gzip

import pytest

from handlers.assets import TYPES, Assets
from settings import ROOT
from tests.shop import Visitor

ASSETS = Assets(ROOT / "static")
NAMES = ["htmx.js", "chat.js", "style.css", "icon.svg"]


def test_every_file_has_a_type_and_an_address_by_its_hash() -> None:
    assert {file.name for file in (ROOT / "static").iterdir()} | {"htmx.js"} == set(NAMES)
    assert all(ASSETS.url(name).endswith(f"/{name}") for name in NAMES)
    assert len({ASSETS.integrity(name) for name in NAMES}) == len(NAMES)


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


@pytest.mark.parametrize("name", NAMES[:3])
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
