"""Tests of logos that an owner sends in: made anew by a process of their own, kept with their earlier versions."""

import io
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from handlers.desk import logo
from handlers.desk.logo import NotALogo
from shop import logo as files
from shop.editing import versions
from tests.support.pictures import picture

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="x()"><path d="M0 0"/></svg>'


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_png_of_pixels_only(form: str) -> None:
    name, data = taken(picture(form, (1600, 400)))

    made = Image.open(io.BytesIO(data))
    assert (name, made.format, made.size) == ("logo.png", "PNG", (320, 80))
    assert "exif" not in made.info


def taken(data: bytes) -> tuple[str, bytes]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return logo.read_apart(file)


def test_what_can_be_seen_through_stays_so() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(target, "PNG")

    _, data = taken(target.getvalue())

    assert Image.open(io.BytesIO(data)).getpixel((1, 1)) == (255, 0, 0, 0)


def test_a_drawing_is_kept_as_shapes() -> None:
    name, data = taken(b"\xef\xbb\xbf" + SVG)

    assert name == "logo.svg"
    assert b"<path" in data
    assert b"onload" not in data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "can't be used as a logo"),
        (b"no picture", "can't be used as a logo"),
        (b"GIF89a" + b"\0" * 50, "can't be used as a logo"),
        (b"<svg", "can't be used as a logo"),
        (SVG.replace(b"<path", b"<style/><path"), "style sheet or a picture inside"),
        (SVG.replace(b"<path", b"<g/>" * 4999 + b"<path"), "can't be used as a logo"),
        (b"x" * (logo.MOST_BYTES + 1), "at most 4 MB"),
    ],
)
def test_what_is_none_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(NotALogo, match=said):
        taken(data)


def test_the_last_logo_stays_among_the_earlier_versions(tmp_path: Path) -> None:
    logo.keep(tmp_path, "logo.png", b"one")
    logo.keep(tmp_path, "logo.png", b"two")

    file = versions.editable(tmp_path, files.path_of(tmp_path, "logo.png"))
    assert files.read(tmp_path, "logo.png") == b"two"
    assert [versions.read_version(file, one.name) for one in versions.earlier(file)] == [b"one"]
