"""The first run's step that connects the shop's data: an upload or a feed, and the example shop removed."""

from typing import IO, cast

from quart import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge

import addresses
from addresses import BadAddress
from handlers.desk import example, shop_files, uploads
from handlers.desk.shop_files import Editor
from handlers.desk.uploads import Upload
from handlers.services import current_services
from handlers.web.app import current_web
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, redirect_to
from handlers.web.settings_editing import save_settings
from handlers.web.setup_data import render_data
from handlers.web.shop_editing import Refused, change, current_editor
from handlers.web.uploads import Request

setup_data = Blueprint("desk_setup_data", __name__, url_prefix="/admin/setup/data")
setup_data.before_request(only_owners)

_MOST_ADDRESS_CHARS = 2_000


@setup_data.post("/upload")
async def upload() -> Answer:
    """Take a file; 303 to the step with its report, or to the page of a file that waits for the owner's decision."""
    asked = cast(Request, request)
    try:
        sent = (await asked.files).get("file")
        if sent is None or not sent.filename:
            return await render_data(422, problems={"file": _("Choose a file first.")})
        taken = list[Upload | str]()
        async with current_web().imports:
            refused = await change(_take, current_editor(), taken, sent.filename, sent.stream)
        if refused is not None:
            return await render_data(refused[0], problems={"file": refused[1]})
        if isinstance(taken[0], Upload):
            return redirect_to(f"/admin/data/uploads/{taken[0].id}")
        if (await asked.form).get("remove-example") and (refused := await _remove_example()):
            return await render_data(refused[0], problem=refused[1])
        return redirect_to("/admin/setup/data?said=uploaded")
    except RequestEntityTooLarge:
        await asked.drain(shop_files.MOST_BYTES)
        most = shop_files.MOST_BYTES // 1_000_000
        return await render_data(413, problems={"file": _("Please choose a file of at most %(most)s MB.", most=most)})
    finally:
        asked.close_files()


def _take(editor: Editor, taken: list[Upload | str], name: str, file: IO[bytes]) -> None:
    taken.append(uploads.take(editor, name, file))


@setup_data.post("/example")
async def remove_example() -> Answer:
    """Remove the example shop's files and questions; 303 to the step."""
    refused = await _remove_example()
    return (
        await render_data(refused[0], problem=refused[1]) if refused else redirect_to("/admin/setup/data?said=removed")
    )


async def _remove_example() -> Refused | None:
    refused = await change(example.remove, current_editor())
    if refused is None and current_services().settings.examples == example.EXAMPLES:
        refused = await save_settings({"examples": None})
    return refused


@setup_data.post("/feed")
async def connect_feed() -> Answer:
    """Have a feed fetched from this address, or from none any more; 303 to the step, 422 for an address that is none."""
    address = (await request.form).get("feed", "").strip()
    if len(address) > _MOST_ADDRESS_CHARS:
        return await render_data(
            422, typed=address[:_MOST_ADDRESS_CHARS], problems={"feed": _("This address is too long.")}
        )
    if addresses.HIDDEN in address and address == addresses.masked(current_services().settings.catalogue.feed):
        return redirect_to("/admin/setup/data?said=feed")
    if addresses.HIDDEN in address:
        return await render_data(
            422, typed=address, problems={"feed": _("Enter the whole address, also what is hidden as ***.")}
        )
    try:
        if address:
            addresses.check_encrypted(address)
    except BadAddress:
        wrong = _(
            "Enter the whole address, beginning with https://. Addresses inside this server's own network can't be used."
        )
        return await render_data(422, typed=address, problems={"feed": wrong})
    refused = await save_settings({"catalogue.feed": address or None})
    if refused is not None:
        return await render_data(refused[0], typed=address, problems={"feed": refused[1]})
    return redirect_to("/admin/setup/data?said=feed")
