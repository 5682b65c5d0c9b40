"""The first run's step that makes the pages the shop's own: name, contact, hours, logo, colour, greeting."""

from collections.abc import Mapping
from typing import cast

from quart import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.desk import logo
from handlers.services import in_thread
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _
from handlers.web.settings_editing import save_settings, settings_as_written
from handlers.web.setup_page import leave_step
from handlers.web.setup_shop import FieldProblem, changes_of, render_shop, save_logo, sentences_of
from handlers.web.uploads import Request
from settings import BadSetting

setup_shop = Blueprint("desk_setup_shop", __name__, url_prefix="/admin/setup/shop")
setup_shop.before_request(only_owners)


@setup_shop.post("")
async def save_shop() -> Answer:
    """303 to the next step; 422 with the form as it was typed, and what is wrong with its fields."""
    asked = cast(Request, request)
    try:
        return await _save(asked)
    except RequestEntityTooLarge:
        await asked.drain(logo.MOST_BYTES)
        text = _("This file is too large for a logo. Please choose one of at most 4 MB.")
        return await render_shop(413, problems={"logo": text})
    finally:
        asked.close_files()


async def _save(asked: Request) -> Answer:
    form: Mapping[str, str] = (await asked.form).to_dict()
    sent = (await asked.files).get("logo")
    try:
        changes, problems = changes_of(form, await in_thread(settings_as_written))
    except BadSetting as error:
        return await render_shop(409, typed=form, problem=str(error))
    if problems:
        return await render_shop(422, typed=form, seen=form.get("seen", ""), problems=sentences_of(problems))
    if form.get("remove-logo"):
        changes["brand.logo"] = ""
    if sent is not None and sent.filename:
        try:
            changes["brand.logo"] = await save_logo(sent)
        except FieldProblem as problem:
            return await render_shop(
                422, typed=form, seen=form.get("seen", ""), problems=sentences_of({"logo": problem})
            )
    if changes:
        refused = await save_settings(_written(changes), seen=form.get("seen", ""))
        if refused is not None:
            return await render_shop(refused[0], typed=form, problem=refused[1])
    return await leave_step("shop", "done")


def _written(changes: Mapping[str, object]) -> dict[str, object]:
    """Return the changes as the file has them: what is empty is left out, so that its default holds."""
    return {key: value if value or key == "contact" else None for key, value in changes.items()}
