"""settings.toml, edited value by value: what its owner wrote around them, comments too, stays as it is."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError

import settings as configuration
from settings import BadSetting, Settings
from shop.editing import versions
from shop.editing.versions import EditableFile

Changes = Mapping[str, object]
"""Values by key, that of a table after its name, such as "catalogue.rows"; None takes a key out, so that its default holds."""


def editable(prompts: Path, path: Path) -> EditableFile:
    """Return the file, whatever it is called, with the place of its earlier versions: that of settings.toml, whose name no other has."""
    return EditableFile(path, prompts / versions.VERSIONS / "settings.toml")


def set_values(
    file: EditableFile, changes: Changes, models: Mapping[str, Changes] | None = None, *, seen: str
) -> Settings:
    """Write these values into the file; `models` are those of [[models]] by name, made where there is none of it.

    Return the settings as they are then. BadSetting where they could not be used: nothing is written. `seen` and the other
    errors are those of versions.save.
    """
    before = (versions.read(file) or b"").decode("utf-8-sig")
    after, found = edited(before, changes, models or {})
    versions.save(file, after.encode(), seen=seen)
    return found


def restore(file: EditableFile, version: str, *, seen: str) -> Settings:
    """Put an earlier version into the file again; what it holds now becomes one. The errors are those of `set_values`.

    FileNotFoundError for a name that is no version's.
    """
    data = versions.read_version(file, version)
    found = read_text(data)
    versions.save(file, data, seen=seen)
    return found


def read_text(data: bytes) -> Settings:
    """Return the settings that a file of these bytes makes. BadSetting for what cannot be used."""
    try:
        return edited(data.decode("utf-8-sig"), {}, {})[1]
    except UnicodeDecodeError as error:
        raise BadSetting(f"settings.toml is not valid TOML: {error}.") from error


def edited(text: str, changes: Changes, models: Mapping[str, Changes]) -> tuple[str, Settings]:
    """Return the file's text with the values in it, and the settings that it makes. BadSetting for what cannot be used."""
    try:
        document = tomlkit.parse(text)
        for key, value in changes.items():
            _set(document, key, value)
        for name, values in models.items():
            _set_model(document, name, values)
        after = tomlkit.dumps(document)
        found = tomllib.loads(after)
    except (TOMLKitError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"settings.toml is not valid TOML: {error}.") from error
    for key, value in changes.items():
        if value is not None and _get(found, key) != value:
            raise BadSetting(f"{key}: this value cannot be written into settings.toml.")
    known = {key: value for key, value in found.items() if key not in configuration.RETIRED}
    return after, configuration.read(known)


def _set(document: TOMLDocument, key: str, value: object) -> None:
    table, _, name = key.rpartition(".")
    inside: Any = document
    if table:
        if table not in document:
            document[table] = tomlkit.table()
        inside = document[table]
    if value is None:
        if name in inside:
            inside.remove(name)
    else:
        inside[name] = value


def _get(found: Mapping[str, Any], key: str) -> object:
    table, _, name = key.rpartition(".")
    return (found[table] if table else found).get(name)


def _set_model(document: TOMLDocument, name: str, values: Changes) -> None:
    models = document.setdefault("models", tomlkit.aot())
    model = next((one for one in models if one.get("name") == name), None)
    if model is None:
        model = tomlkit.table()
        model["name"] = name
        models.append(model)
    model.update(values)
