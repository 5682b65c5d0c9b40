from pathlib import Path

import pytest

from settings import ROOT
from shop import pictures
from shop.answers.card import PICTURE
from shop.readers.store import read_store

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "kite.svg").write_bytes(SVG)
    (tmp_path / "secret.svg").write_bytes(b"secret")
    (tmp_path / "pictures" / "link.svg").symlink_to(tmp_path / "secret.svg")
    (tmp_path / "pictures" / "folder.svg").mkdir()
    (tmp_path / "pictures" / ".hidden.svg").write_bytes(SVG)
    (tmp_path / "pictures" / "notes.txt").write_bytes(b"notes")
    (tmp_path / "pictures" / "large.png").write_bytes(b"\0" * (pictures.LARGEST_BYTES + 1))
    return tmp_path


def test_a_picture_is_read_as_it_is(prompts: Path) -> None:
    assert pictures.read(prompts, "kite.svg") == SVG


@pytest.mark.parametrize(
    "name",
    ["link.svg", "folder.svg", ".hidden.svg", "notes.txt", "large.png", "absent.svg", "../secret.svg", "", ".svg"],
)
def test_nothing_else_is(prompts: Path, name: str) -> None:
    assert pictures.read(prompts, name) is None


def test_each_product_of_the_demo_has_a_small_picture_and_a_link() -> None:
    products = read_store(ROOT / "prompts" / "store", "BRL").products

    assert len(products) == 46
    for product in products:
        assert PICTURE.fullmatch(product.image)
        assert product.url.startswith("https://quintalcabure.example/")
        found = pictures.read(ROOT / "prompts", product.image.removeprefix("/pictures/"))
        assert found is not None
        assert len(found) < 1_000
        assert b"script" not in found
