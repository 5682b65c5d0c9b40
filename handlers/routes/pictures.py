"""The shop's own pictures, which cards of products show. An SVG file opened by itself runs nothing: the policy of pages holds."""

import hashlib
from pathlib import Path

from quart import Blueprint, Response, abort, request

from handlers.services import current_services, in_thread
from handlers.web.responses import Answer
from shop import pictures as files

pictures = Blueprint("pictures", __name__)


@pictures.get("/pictures/<name>")
async def picture(name: str) -> Answer:
    """One picture, which a browser asks for again after ten minutes; 304 for one it has."""
    found = await in_thread(files.read, current_services().prompts, name)
    if found is None:
        abort(404)
    tag = hashlib.sha256(found).hexdigest()[:16]
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(found, content_type=files.TYPES[Path(name).suffix])
    response.headers["Cache-Control"] = "private, max-age=600"
    response.set_etag(tag)
    return response
