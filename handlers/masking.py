"""The settings in force, as rows for the owner to read: a key, a value, and nothing that is secret."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from settings import Model, Settings

MASK = "(set, not shown)"
_SECRET = re.compile(r"(?i)key|token$|secret|passw|auth|cookie|credential|header")


def shown(settings: Settings, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give each setting and its value, those of the models last; of a key only whether its variable is set."""
    values: dict[str, Any] = msgspec.to_builtins(settings)
    rows = list[tuple[str, str]]()
    for key, value in values.items():
        if key == "models":
            continue
        if isinstance(value, dict):
            rows += [(f"{key}.{inner}", _shown(inner, one)) for inner, one in value.items()]
        else:
            rows.append((key, _shown(key, value)))
    for model in settings.models:
        rows += _of_model(model, environ)
    return rows


def _of_model(model: Model, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    variable = model.api_key_env or (None if model.base_url or model.gguf else "OPENAI_API_KEY")
    rows = list[tuple[str, str]]()
    for key, value in msgspec.to_builtins(model).items():
        if key in ("name", "parameters", "api_key_env") or value is None:
            continue
        rows.append((f"{model.name}: {key}", _address(value) if key == "base_url" else _shown(key, value)))
    if variable is not None:
        rows.append((f"{model.name}: key", f"{variable}, {'set' if environ.get(variable) else 'not set'}"))
    rows += [(f"{model.name}: parameters.{key}", _shown(key, value)) for key, value in model.parameters.items()]
    return rows


def _shown(key: str, value: object) -> str:
    match value:
        case None:
            return "none"
        case True | False:
            return "yes" if value else "no"
        case int() if not isinstance(value, bool):
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case _ if _SECRET.search(key):
            return MASK
        case str():
            return value
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return ", ".join(value) or "none"
        case _:
            return MASK  # what is nested may hold anything


def _address(value: str) -> str:
    """Give an address without the password and the query that some carry a key in."""
    parts = urlsplit(value)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
