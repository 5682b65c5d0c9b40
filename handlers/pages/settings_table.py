"""The settings in force, as rows for the owner to read: a key, a value, and nothing that is secret."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

import addresses
from handlers.pages.languages import Language
from memory.i18n import N_
from settings import Model, Settings

MASK = N_("(set, hidden)")
_SECRET = re.compile(r"(?i)key|token$|secret|passw|auth|cookie|credential|header")


def shown(settings: Settings, environ: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """Return each setting and its value, those of the models last; of a key only whether its variable is set."""
    values: dict[str, Any] = msgspec.to_builtins(settings)
    rows = list[tuple[str, str]]()
    for key, value in values.items():
        if key == "models":
            continue
        if isinstance(value, dict):
            rows += [(f"{key}.{inner}", _of_group(inner, one, language)) for inner, one in value.items()]
        else:
            rows.append((key, _shown(key, value, language)))
    for model in settings.models:
        rows += _of_model(model, environ, language)
    return rows


def _of_group(key: str, value: Any, language: Language) -> str:
    if key == "webhook" and value:  # chat services put a secret into the path
        return f"{urlsplit(value).scheme}://{urlsplit(value).hostname}/…"
    return _shown(key, addresses.masked(value) if key == "feed" else value, language)


def _of_model(model: Model, environ: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    variable = model.api_key_env or (None if model.base_url or model.gguf or model.is_code else "OPENAI_API_KEY")
    rows = list[tuple[str, str]]()
    for key, value in msgspec.to_builtins(model).items():
        if key in ("name", "parameters", "api_key_env") or value in (None, {}, [], ()):
            continue
        rows.append((f"{model.name}: {key}", _address(value) if key == "base_url" else _shown(key, value, language)))
    if variable is not None:
        is_set = N_("%(variable)s, set") if environ.get(variable) else N_("%(variable)s, not set")
        rows.append((f"{model.name}: key", language.gettext(is_set, variable=variable)))
    rows += [
        (f"{model.name}: parameters.{key}", _shown(key, value, language)) for key, value in model.parameters.items()
    ]
    return rows


def _shown(key: str, value: object, language: Language) -> str:
    match value:
        case None:
            return language.gettext("none")
        case True | False:
            return language.gettext("yes") if value else language.gettext("no")
        case int() if not isinstance(value, bool):
            return language.number(value)
        case float():
            return language.number(value, None)
        case _ if _SECRET.search(key):
            return language.gettext(MASK)
        case str():
            return value
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return ", ".join(value) or language.gettext("none")
        case _:
            return language.gettext(MASK)  # what is nested may hold anything


def _address(value: str) -> str:
    """Return an address without the password and the query that some carry a key in."""
    parts = urlsplit(value)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
