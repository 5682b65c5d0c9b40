"""The browser's files, /healthz and /robots.txt: what needs no login and no user."""

from pathlib import Path

from quart import Blueprint, Response, abort, request

from handlers.pages.assets import TYPES
from handlers.web.app import current_web
from handlers.web.responses import Answer, file_response

static = Blueprint("static", __name__)

_FOR_EVER = "public, max-age=31536000, immutable"


@static.get("/healthz")
async def healthz() -> dict[str, str]:
    """A process that answers is healthy."""
    return {"status": "ok"}


@static.get("/robots.txt")
async def robots() -> Response:
    """All robots are asked to stay away."""
    return Response("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@static.get("/assets/<version>/<name>")
async def asset(version: str, name: str) -> Answer:
    """One file, which a browser may keep for ever under this address; 304 for one it has."""
    found = current_web().assets.find(version, name)
    if found is None:
        abort(404)
    packed = found.compressed if request.accept_encodings["gzip"] else None
    tag = found.version if packed is None else f"{found.version}-gzip"
    response = file_response(packed or found.body, TYPES[Path(name).suffix], tag, _FOR_EVER)
    if packed is not None and response.status_code == 200:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response
