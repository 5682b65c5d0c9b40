"""The process that makes a logo anew: from a PNG, JPEG, WebP or SVG file on standard input to a PNG or SVG on standard output.

    python -m handlers.desk.logo_reader < file > logo

A picture of points comes out at most SIDE pixels long with nothing of the file but its pixels, one of shapes as
handlers/desk/svg.py keeps it.
"""

import io
import sys
import warnings

from PIL import Image, ImageOps

from handlers.desk import svg
from memory import apart

SIDE = 320
"""Pixels of the longer side: a header shows 28 of them, a telephone's screen three times as many."""
MOST_PIXELS = 40_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_MEMORY, _CPU_SECONDS, _RESULT_BYTES = 768 * 1024 * 1024, 20, 4 * 1024 * 1024


def main() -> int:
    """Make the logo; return the exit code, 1 for a file that is none."""
    apart.limit(_MEMORY, _CPU_SECONDS, _RESULT_BYTES)
    data = sys.stdin.buffer.read()
    try:
        logo = svg.sanitised(data) if _is_text(data) else made_anew(data)
    except Exception as error:  # whatever a decoder finds wrong
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(logo)
    return 0


def _is_text(data: bytes) -> bool:
    """True if the file begins as XML does, after a byte order mark and blanks."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def made_anew(data: bytes) -> bytes:
    """Return a picture's pixels as PNG. Raise ValueError or OSError for what is no picture, or has too many pixels."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        upright = ImageOps.exif_transpose(opened)
        logo = upright.convert("RGBA")
    logo.thumbnail((SIDE, SIDE))
    target = io.BytesIO()
    logo.save(target, "PNG", optimize=True)
    return target.getvalue()


if __name__ == "__main__":
    sys.exit(main())
