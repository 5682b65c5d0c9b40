"""What the desk's pages of data and of texts share: the editor's name, the answer to a refused change, files that are sent to be kept."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from quart import Response, abort

from handlers.desk import shop_files
from handlers.desk.shop_files import Editor
from handlers.desk.text_checks import NotSaved
from handlers.services import current_services, in_thread
from handlers.web.responses import _, language
from handlers.web.sessions import current_user
from shop.editing.versions import ChangedMeanwhile, EditableFile, NotEditable

Refused = tuple[int, str]
"""How a change is refused: a status, and a sentence in the language of the request."""


def current_editor() -> Editor:
    return Editor(current_services(), current_user().name)


def editable_or_404(name: str) -> EditableFile:
    """Return the file of this name, which need not be there; 404 for a name that no file of the desk's can have."""
    file = shop_files.find(current_services().prompts, name)
    if file is None:
        abort(404)
    return file


async def change(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Refused | None:
    """Change a file; None when that is done, else how it is refused."""
    try:
        await in_thread(function, *arguments, **keywords)
    except NotSaved as error:
        return 422, language().error_text(error)
    except ChangedMeanwhile:
        return 409, _("Somebody else changed this file in the meantime. Nothing was overwritten.")
    except NotEditable:
        return 409, _("This file is a link to somewhere else. Change it where it is kept.")
    except OSError:
        return 503, _("It couldn't be saved: the disk is full or the folder can't be written to. Nothing was changed.")
    return None


def attachment(data: bytes, name: str) -> Response:
    """Answer with a file that the browser keeps under its own name, and never shows."""
    response = Response(data, content_type="application/octet-stream")
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response.timeout = None
    return response
