"""The shop's own pictures, which cards of products show. An SVG file opened by itself runs nothing: the policy of pages holds."""

import hashlib
from pathlib import Path

from quart import Blueprint, abort

from handlers.services import current_services, in_thread
from handlers.web.responses import Answer, file_response
from shop import pictures as files

pictures = Blueprint("pictures", __name__)


@pictures.get("/pictures/<name>")
async def picture(name: str) -> Answer:
    """One picture, which a browser asks for again after ten minutes; 304 for one it has."""
    found = await in_thread(files.read, current_services().prompts, name)
    if found is None:
        abort(404)
    tag = hashlib.sha256(found).hexdigest()[:16]
    return file_response(found, files.TYPES[Path(name).suffix], tag, "private, max-age=600")
