"""The process that makes a photo anew: from a JPEG, PNG or WebP file on standard input to a JPEG on standard output.

    python -m memory.conversations.photo_reader < file > photo.jpg

What comes out is upright, at most SIDE pixels long, and has nothing of the file but its pixels: no place, no camera.
"""

import io
import sys
import warnings

from PIL import Image, ImageOps

from memory import apart

SIDE = 1600
"""Pixels of the longer side: more than models look at."""
MOST_PIXELS = 60_000_000
QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
_MEMORY, _CPU_SECONDS, _RESULT_BYTES = 768 * 1024 * 1024, 20, 16 * 1024 * 1024


def main() -> int:
    """Make the photo; return the exit code, 1 for a file that is none."""
    apart.limit(_MEMORY, _CPU_SECONDS, _RESULT_BYTES)
    try:
        photo = made_anew(sys.stdin.buffer.read())
    except Exception as error:  # whatever a decoder finds wrong
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(photo)
    return 0


def made_anew(data: bytes) -> bytes:
    """Return a picture's pixels as JPEG. Raise ValueError or OSError for what is no picture, or has too many pixels."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        opened.draft("RGB", (SIDE, SIDE))  # a JPEG of 50 megapixels need not be decoded whole
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((SIDE, SIDE))
        seen = upright.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    target = io.BytesIO()
    paper.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()


if __name__ == "__main__":
    sys.exit(main())
