"""The desk's settings page: settings.toml in groups and words, saved value by value."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from quart import Blueprint, Response, abort, request

from handlers.pages import setting_forms
from handlers.pages.setting_forms import GROUPS, GUARDED, BadEntry, SettingGroup
from handlers.pages.settings_table import MASK, shown
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.owner import only_owners
from handlers.web.password_check import check_password
from handlers.web.responses import Answer, _, language, redirect_to, render_page, retry_after
from handlers.web.sessions import current_user
from handlers.web.shop_editing import change
from memory.people import audit
from settings import BadSetting, Environment, Settings, load
from shop.editing import settings_file, versions
from shop.editing.versions import EditableFile, NotEditable, digest_of

log = logging.getLogger("storekeeper.settings")
settings = Blueprint("desk_settings", __name__, url_prefix="/admin/settings")
settings.before_request(only_owners)

_MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class _Read:
    """settings.toml as it is now: what it says, the digest that a save names, and why it cannot be used."""

    settings: Settings
    seen: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A form that was not saved: of which group, what it held, what is wrong with each of its fields or with all of it."""

    group: str
    typed: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@settings.get("")
async def show_settings() -> Answer:
    """The settings, a form for each group."""
    return await _page()


@settings.post("/<group>")
async def save_settings(group: str) -> Answer:
    """Save a group of settings, in force at once; 404 for no group, 409 for a file that changed meanwhile, 422 for bad values.

    403 without the owner's password for keys that take it. A key whose field was not sent stays as it is.
    """
    found, form, file = setting_forms.group_of(group), await request.form, _file()
    if found is None or file is None:
        abort(404)
    typed = {key: form.getlist(key)[-1] for key in found.labels if key in form}
    read = await in_thread(_read, file)
    changes, problems = _changes(found, typed, read.settings)
    if problems:
        return await _page(422, _Refused(group, typed, problems))
    if stranger := await _check_password(changes):
        return retry_after(await _page(stranger[0], _Refused(group, typed, problem=stranger[1])), stranger[2])
    try:
        refused = await change(settings_file.set_values, file, changes, seen=form.get("seen", ""))
    except BadSetting as error:
        return await _page(422, _refused(found, typed, str(error)))
    if refused is not None:
        status, text = refused
        if status == 409:
            again = _("What you typed is below: check it and save again.")
            text = f"{text} {again}"
        return await _page(status, _Refused(group, typed, problem=text))
    await _note(changes, read.settings)
    await _put_in_force()
    return redirect_to(f"/admin/settings?saved={group}#{group}")


async def _check_password(keys: Iterable[str]) -> tuple[int, str, int] | None:
    """Return how a change of these keys is refused where it takes the owner's password, which was not sent; else None."""
    return None if GUARDED.isdisjoint(keys) else await check_password((await request.form).get("password", ""))


@settings.get("/versions/<version>")
async def show_version(version: str) -> Answer:
    """What restoring an earlier version would change; 404 where there is none of this name."""
    return await _version_page(version)


async def _version_page(version: str, status: int = 200, problem: str = "", wrong: str = "") -> Response:
    file = _file()
    earlier = await in_thread(versions.earlier, file) if file is not None else []
    chosen = next((one for one in earlier if one.name == version), None)
    if file is None or chosen is None:
        abort(404)
    read = await in_thread(_read, file)
    try:
        then = settings_file.read_text(await in_thread(versions.read_version, file, version))
    except BadSetting as error:
        then, problem = None, str(error)
    rows = setting_forms.differences(read.settings, then, _(MASK)) if then is not None else []
    return render_page(
        "admin_settings_version.html",
        status,
        version=chosen,
        seen=read.seen,
        problem=problem,
        is_usable=then is not None,
        rows=rows,
        is_guarded=not GUARDED.isdisjoint(key for key, _last, _now in rows),
        wrong=wrong,
    )


@settings.post("/restore")
async def restore_version() -> Answer:
    """Put an earlier version in force again; 404 where there is none of this name, 403 as for `save_settings`."""
    file, form = _file(), await request.form
    version = form.get("version", "")
    if file is None or version not in {one.name for one in await in_thread(versions.earlier, file)}:
        abort(404)
    read = await in_thread(_read, file)
    try:
        then = settings_file.read_text(await in_thread(versions.read_version, file, version))
        differ = setting_forms.differences(read.settings, then, audit.MASKED)
        if stranger := await _check_password(key for key, _last, _now in differ):
            return retry_after(await _version_page(version, stranger[0], wrong=stranger[1]), stranger[2])
        refused = await change(settings_file.restore, file, version, seen=form.get("seen", ""))
    except BadSetting as error:
        return await _version_page(version, 422, str(error))
    if refused is not None:
        return await _version_page(version, *refused)
    for key, last, now in differ:
        await note_change(f"settings.toml: {key}", last, now)
    await _put_in_force()
    return redirect_to("/admin/settings?saved=versions#versions")


async def _put_in_force() -> None:
    if (live := current_web().live) is not None:
        await live.look()


def _changes(
    group: SettingGroup, typed: Mapping[str, str], before: Settings
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values that a form changes, and what is wrong with its fields. A secret left empty stays."""
    changes, problems = dict[str, object](), dict[str, str]()
    for key, text in typed.items():
        if setting_forms.is_secret(key) and not text.strip():
            continue
        last = setting_forms.value_of(before, key)
        try:
            if setting_forms.is_as_shown(key, text, last):
                continue
            value = setting_forms.parsed(key, text)
        except BadEntry as error:
            problems[key] = _(error.sentence, **error.values)
            continue
        if value != (list(last) if isinstance(last, tuple) else last):
            changes[key] = value
    return changes, problems


def _refused(group: SettingGroup, typed: Mapping[str, str], line: str) -> _Refused:
    """Return how a form is refused whose values contradict others, by the line of a BadSetting."""
    text = _("This can't be used: %(reason)s", reason=line)
    key = setting_forms.problem_key(line, group.labels)
    return _Refused(group.id, typed, {key: text}) if key else _Refused(group.id, typed, problem=text)


async def _note(changes: Mapping[str, object], before: Settings) -> None:
    for key, value in changes.items():
        last, now = (setting_forms.shown(key, one) for one in (setting_forms.value_of(before, key), value))
        if setting_forms.is_secret(key):
            last, now = (audit.MASKED if text else "" for text in (last, now))
        await note_change(f"settings.toml: {key}", last, now)
        log.info("setting_changed", extra={"key": key, "by": current_user().name})


async def _page(status: int = 200, refused: _Refused | None = None) -> Response:
    web, file = current_web(), _file()
    read = await in_thread(_read, file) if file is not None else _Read(current_services().settings, "")
    forms = [
        (
            group,
            setting_forms.fields(
                group,
                read.settings,
                language(),
                web.languages,
                refused.typed if refused is not None and refused.group == group.id else None,
                refused.problems if refused is not None and refused.group == group.id else None,
            ),
            refused.problem if refused is not None and refused.group == group.id else "",
        )
        for group in GROUPS
    ]
    return render_page(
        "admin_settings.html",
        status,
        forms=forms,
        is_editable=file is not None and not read.problem,
        seen=read.seen,
        problem=read.problem or (web.live.problem if web.live is not None else ""),
        refused=refused.group if refused is not None else "",
        saved=request.args.get("saved", ""),
        rows=shown(current_services().settings, web.environment.environ, language()),
        started=_at_start(web.environment),
        earlier=(await in_thread(versions.earlier, file))[:_MOST_VERSIONS] if file is not None else [],
    )


def _at_start(environment: Environment) -> list[tuple[str, str]]:
    """Return what is read at the start only, for its reader."""
    return [
        ("STOREKEEPER_HOST", environment.host),
        ("STOREKEEPER_PORT", str(environment.port)),
        ("STOREKEEPER_USERS", str(environment.users)),
        ("STOREKEEPER_PROMPTS", str(environment.prompts)),
    ]


def _file() -> EditableFile | None:
    """Return settings.toml, with its earlier versions in prompts/; None where the settings came from elsewhere."""
    environment = current_web().environment
    if environment.settings_file is None:
        return None
    return settings_file.editable(environment.prompts, environment.settings_file)


def _read(file: EditableFile) -> _Read:
    """Read the file. Where it cannot be used, the settings in force stand in for it, and nothing is saved. Blocks."""
    try:
        data = versions.read(file)
        return _Read(load(file.path) if data is not None else Settings(), digest_of(data))
    except (BadSetting, NotEditable, OSError) as error:
        return _Read(current_services().settings, "", str(error))
