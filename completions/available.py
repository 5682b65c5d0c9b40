"""Which of the models of the settings somebody serves here."""

from collections.abc import Mapping
from importlib.util import find_spec

import msgspec

from settings import CATALOGUE, BadSetting, Model, Settings


def is_reachable(model: Model, environ: Mapping[str, str]) -> bool:
    """True if there is something to ask: the model's server, a GGUF file here, one by OPENAI_*, or the catalogue."""
    if model.is_code or model.gguf or model.base_url:
        return True
    if model.api_key_env:
        return bool(environ.get(model.api_key_env))
    return bool(environ.get("OPENAI_API_KEY") or environ.get("OPENAI_BASE_URL"))


def reachable(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Leave out the models that nobody serves here; when none is left for the chat, the catalogue answers."""

    def there(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if is_reachable(settings.model(name), environ))

    chat = there(settings.chat) or (CATALOGUE,)
    return msgspec.structs.replace(settings, chat=chat, summariser=there(settings.summariser) or chat[-1:])


def check_files(settings: Settings) -> None:
    """BadSetting for a GGUF file that is to answer where what serves it is not installed."""
    for name in dict.fromkeys((*settings.chat, *settings.summariser)):
        if settings.model(name).gguf and find_spec("xllamacpp") is None:
            raise BadSetting(f"gguf of model {name}: needs llama.cpp's server. Run: uv sync --group embedded")
