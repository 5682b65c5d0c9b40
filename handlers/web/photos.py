"""Photos of customers: taken from a form, and shown."""

from quart import Response, abort
from werkzeug.datastructures import FileStorage

from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.responses import file_response
from handlers.web.sessions import current_user
from memory.conversations import photos
from memory.conversations.photos import Photo
from memory.storage.folders import Folder


async def take_photo(sent: FileStorage) -> Photo:
    """Return the photo of a file that a form brought. NotAPhoto says why it is not taken.

    A few are made anew at a time in a process, for their memory.
    """
    folder, most_bytes = current_user().folder, current_services().settings.limits.kept_bytes_per_person
    async with current_web().photos:
        photo = await in_thread(photos.read_apart, sent.stream)
    await in_thread(photos.check_room, folder, photo, most_bytes)
    return photo


async def photo_response(folder: Folder, name: str) -> Response:
    """Return the answer that is a photo of this user; 404 where there is none such, 304 where the browser has it.

    A browser asks each time, so that nobody sees it there after logging out.
    """
    found = await in_thread(photos.read, folder, name)
    if found is None:
        abort(404)
    return file_response(found, "image/jpeg", name, "private, no-cache")
