"""The browser's files: our style sheet, script and icons, htmx with its SSE extension out of the installed django-htmx,
what the shop's brand adds, and the manifest by which a telephone takes the shop among its apps (https://www.w3.org/TR/appmanifest/).

Read once; served under the first digits of their hash, so that a browser may keep them for ever. They are compressed
once too. Pages never are: they hold what a stranger may have written beside what is the user's own, and lengths
would tell of it (BREACH, https://breachattack.com). Streams are not, so that each word goes out when it comes.
"""

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from handlers.pages.palette import PLAIN_BAR, Palette

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
MANIFEST, BRAND_STYLE = "app.webmanifest", "brand.css"
SIGN = "icon.svg"
"""Storekeeper's own, where the shop has no logo."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, the same compressed by gzip (None where that is no shorter), the sha384 of the first."""

    name: str
    body: bytes
    compressed: bytes | None
    digest: bytes

    @property
    def version(self) -> str:
        return self.digest.hex()[:16]

    @property
    def url(self) -> str:
        return f"/assets/{self.version}/{self.name}"


class Assets:
    """All files, by name. FileNotFoundError at the start when one is missing. `shop` is how a home screen calls it.

    `palette` is that of the shop's colour, `logo` the name and the bytes of its logo.
    """

    def __init__(
        self, static: Path, shop: str, *, palette: Palette | None = None, logo: tuple[str, bytes] | None = None
    ) -> None:
        read = [_asset(file.name, file.read_bytes()) for file in sorted(static.iterdir()) if file.suffix in TYPES]
        self._assets = {asset.name: asset for asset in (_htmx(), *read)}
        made = [(BRAND_STYLE, palette.css().encode())] if palette else []
        self._assets |= {name: _asset(name, body) for name, body in [*made, *([logo] if logo else [])]}
        self.bar = palette.bar if palette else PLAIN_BAR
        """What a browser's own bar is tinted with, in the light and in the dark theme."""
        self.logo = logo[0] if logo else SIGN
        """The name of the file that stands for the shop."""
        self.has_colour = palette is not None
        self._assets[MANIFEST] = self._manifest(shop)

    def _manifest(self, shop: str) -> Asset:
        """Return what makes the page installable. A colour of the paper is all that shows until the page does."""
        icons = [("icon.svg", "any", "any"), ("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"),
                 ("icon-maskable-512.png", "512x512", "maskable")]  # fmt: skip
        values = {
            "id": "/",
            "name": shop,
            "short_name": shop,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#faf7f2",
            "theme_color": self.bar[0],
            "icons": [
                {"src": self.url(name), "sizes": sizes, "type": TYPES[Path(name).suffix], "purpose": purpose}
                for name, sizes, purpose in icons
            ],
        }
        return _asset(MANIFEST, json.dumps(values, ensure_ascii=False).encode())

    def url(self, name: str) -> str:
        return self._assets[name].url

    def integrity(self, name: str) -> str:
        return "sha384-" + base64.b64encode(self._assets[name].digest).decode()

    def find(self, version: str, name: str) -> Asset | None:
        asset = self._assets.get(name)
        return asset if asset is not None and asset.version == version else None


def _asset(name: str, body: bytes) -> Asset:
    compressed = gzip.compress(body, mtime=0)
    return Asset(name, body, compressed if len(compressed) < len(body) else None, hashlib.sha384(body).digest())


def _htmx() -> Asset:
    """Return htmx and its SSE extension as one file.

    As two, htmx would begin while the extension is still on its way, and the page's streams would never be opened.
    """
    spec = find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package django-htmx is not installed; run: uv sync")
    folder = Path(spec.submodule_search_locations[0]) / "static" / "django_htmx"
    files = (folder / "htmx-4.min.js", folder / "ext" / "hx-sse-4.min.js")
    return _asset("htmx.js", b";\n".join(file.read_bytes() for file in files))
