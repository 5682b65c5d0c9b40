"""The first run's step that connects an AI model. It is asked before it is kept; its key is shown to nobody again."""

from collections.abc import Mapping

from quart import Blueprint, request

import addresses
from addresses import BadAddress
from handlers.desk import model_setup
from handlers.desk.model_setup import OPENAI_KEY, Connection
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.owner import only_owners
from handlers.web.password_check import check_password
from handlers.web.responses import Answer, _, retry_after
from handlers.web.settings_editing import save_key, save_settings, settings_as_written
from handlers.web.setup_model import MOST_OTHERS, render_model, sentence_of
from handlers.web.setup_page import leave_step
from settings import BadSetting, Settings
from shop.editing.dotenv import MOST_CHARS

setup_model = Blueprint("desk_setup_model", __name__, url_prefix="/admin/setup/model")
setup_model.before_request(only_owners)

_MOST_NAME_CHARS = 200


@setup_model.post("")
async def connect_model() -> Answer:
    """Ask a model by the key or the address that was entered; kept where it answers, else 422 with what is wrong.

    The owner's password is asked for each time: the server at that address reads what customers write.
    """
    form: Mapping[str, str] = (await request.form).to_dict()
    typed = {"way": form.get("way", "key"), "address": form.get("address", "").strip()[:2000],
             "name": form.get("name", "").strip()[:_MOST_NAME_CHARS]}  # fmt: skip
    problems = _problems(form, typed)
    if problems:
        return await render_model(422, typed=typed, problems=problems)
    if refused := await check_password(form.get("password", "")):
        status, problem, seconds = refused
        return retry_after(await render_model(status, typed=typed, problems={"password": problem}), seconds)
    try:
        settings = await in_thread(settings_as_written)
    except BadSetting as error:
        return await render_model(409, typed=typed, problem=str(error))
    found = await _asked(typed, form.get(_key_field(typed), "").strip(), settings)
    if not found.report.is_sound:
        return await render_model(422, typed=typed, problem=_(sentence_of(found.report)), report=_details(found))
    return await _keep(found, settings, typed)


def _key_field(typed: Mapping[str, str]) -> str:
    return "key" if typed["way"] == "key" else "server-key"


def _problems(form: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    field = _key_field(typed)
    key, problems = form.get(field, "").strip(), dict[str, str]()
    if key and (len(key) > MOST_CHARS or not key.isascii() or not key.isprintable()):
        problems[field] = _("A key is one line of letters, digits and signs. Please copy it again.")
    if typed["way"] == "key" and not key:
        problems["key"] = _("Paste the key first.")
    if typed["way"] != "key":
        try:
            addresses.check_model(typed["address"])
        except BadAddress:
            problems["address"] = _("Enter the whole address, such as http://192.168.1.20:11434/v1.")
    return problems


async def _asked(typed: Mapping[str, str], key: str, settings: Settings) -> Connection:
    environ, limits = current_web().environment.environ, current_services().settings.limits
    if typed["way"] == "key":
        return await model_setup.by_key(key, settings, environ, limits)
    return await model_setup.by_address(typed["address"], key, typed["name"], settings, environ, limits)


def _details(found: Connection) -> dict[str, object]:
    return {"lines": found.report.lines, "others": found.others[:MOST_OTHERS]}


async def _keep(found: Connection, settings: Settings, typed: Mapping[str, str]) -> Answer:
    """Write the key first: settings that name a model without its key would answer nobody."""
    refused = await save_key(found.variable, found.key) if found.key else None
    name = found.model.name
    chat = [name, *(one for one in settings.chat if one != name)] if found.variable == OPENAI_KEY else [name]
    changes = {"chat": chat} | ({} if found.variable == OPENAI_KEY else {"summariser": [name]})
    models = found.model_values(settings)
    if refused is None and (models or tuple(chat) != settings.chat):
        refused = await save_settings(changes, models)
    if refused is not None:
        return await render_model(refused[0], typed=typed, problem=refused[1])
    return await leave_step("model", "done")
