"""Edits of settings.toml and .env by the owner's pages: checked, written, noted, and in force at once."""

from collections.abc import Mapping
from pathlib import Path

import settings as configuration
from handlers.pages import setting_forms
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.responses import _
from memory.people.audit import MASKED
from settings import BadSetting, Settings
from shop.editing import dotenv, settings_file, versions
from shop.editing.dotenv import BadValue
from shop.editing.settings_file import Changes
from shop.editing.versions import ChangedMeanwhile, NotEditable

Refused = tuple[int, str]
"""How an edit is refused: a status, and a sentence in the language of the request; of a bad value the English line."""


def settings_as_written() -> Settings:
    """Return the settings as their file has them, with the models that nobody serves here too; those in force without a file.

    Blocks. BadSetting where the file cannot be used as it is.
    """
    file = current_web().environment.settings_file
    return current_services().settings if file is None else configuration.load(file)


def settings_digest() -> str:
    """Return the digest of the file as it is, which an edit of it has to name. Blocks."""
    file = current_web().environment.settings_file
    return versions.ABSENT if file is None else versions.digest_of(versions.read(_editable(file)))


def _editable(file: Path) -> versions.EditableFile:
    return settings_file.editable(current_services().prompts, file)


async def save_settings(
    changes: Changes, models: Mapping[str, Changes] | None = None, *, seen: str | None = None
) -> Refused | None:
    """Write values into settings.toml and put them in force; None when that is done, else how it is refused.

    `seen` is the digest of what the editor had read, None where only these values matter. Each change is in the audit.
    """
    file = current_web().environment.settings_file
    if file is None:
        return 409, _("The settings of this server don't come from a file, so they can't be changed here.")

    def save() -> tuple[Settings, Settings]:
        before = configuration.load(file)
        after = settings_file.set_values(
            _editable(file), changes, models, seen=settings_digest() if seen is None else seen
        )
        return before, after

    try:
        before, after = await in_thread(save)
    except BadSetting as error:
        return 422, str(error)
    except ChangedMeanwhile:
        return 409, _("Somebody else changed the settings in the meantime. Nothing was overwritten; please look again.")
    except NotEditable:
        return 409, _("The file of settings is a link to somewhere else. Change it where it is kept.")
    except OSError:
        return 503, _("It couldn't be saved: the disk is full or the folder can't be written to. Nothing was changed.")
    for key in changes:
        old, new = (setting_forms.shown(key, setting_forms.value_of(settings, key)) for settings in (before, after))
        if old != new:
            await note_change(f"settings.toml: {key}", old, new)
    for name in models or {}:
        await note_change(f"settings.toml: model {name}", "", ", ".join(f"{k}" for k in (models or {})[name]))
    await put_in_force()
    return None


async def save_key(name: str, value: str) -> Refused | None:
    """Write a key into .env, of mode 0600, and put it in force; None when that is done, else how it is refused."""
    file = current_web().environment.dotenv
    if file is None:
        return 409, _("This server reads no .env file, so a key can't be kept here.")
    try:
        await in_thread(dotenv.set_key, file, name, value)
    except BadValue:
        return 422, _("A key is one line of letters, digits and signs. Please copy it again.")
    except OSError:
        return 503, _("It couldn't be saved: the disk is full or the folder can't be written to. Nothing was changed.")
    await note_change(f".env: {name}", MASKED, MASKED)
    await put_in_force()
    return None


async def put_in_force() -> None:
    """Put what was written in force in this process; others follow within two seconds."""
    live = current_web().live
    if live is not None:
        await live.look()
