"""Tests of the process that makes photos anew: what comes out is upright pixels and nothing else."""

import io

import pytest
from PIL import Image

from memory.conversations.photo_reader import MOST_PIXELS, SIDE, made_anew
from tests.support.pictures import picture


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_each_kind_becomes_a_jpeg(form: str) -> None:
    made = opened(made_anew(picture(form)))

    assert (made.format, made.size) == ("JPEG", (320, 240))
    red = made.convert("RGB").getpixel((100, 100))
    assert isinstance(red, tuple)
    assert red[0] > 240 > 20 > red[1] + red[2]


def test_nothing_of_the_file_is_left_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Camera", {1: "S", 2: (8.0, 3.0, 0.0)}  # who made it, and where
    sent = picture(exif=exif, comment=b"a secret", icc_profile=b"a profile")

    made = made_anew(sent)

    assert b"Camera" in sent
    assert b"a secret" in sent
    assert dict(opened(made).getexif()) == {}
    assert not any(word in made for word in (b"Camera", b"a secret", b"a profile", b"Exif"))


def test_a_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a telephone held upright

    assert opened(made_anew(picture(exif=exif))).size == (240, 320)


def test_a_large_picture_is_made_smaller() -> None:
    assert opened(made_anew(picture("PNG", (2 * SIDE, 100)))).size == (SIDE, 50)


def test_what_shines_through_is_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(target, "PNG")

    assert opened(made_anew(target.getvalue())).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(picture("GIF"), id="gif"),
        pytest.param(picture("TIFF"), id="tiff"),
        pytest.param(picture()[:400], id="half"),
    ],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises((OSError, ValueError)):
        made_anew(data)


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    target = io.BytesIO()
    Image.new("1", (MOST_PIXELS // 1000 + 1, 1000)).save(target, "PNG")

    with pytest.raises(Image.DecompressionBombWarning):
        made_anew(target.getvalue())
