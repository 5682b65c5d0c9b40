"""A model that an owner connects at the desk: a key for OpenAI, or the address of a server. It is asked before it is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import msgspec

from completions.check import ModelReport, check
from completions.client import Client
from completions.errors import ModelError
from settings import LUNA, Limits, Model, Settings

OPENAI_KEY, SERVER_KEY = "OPENAI_API_KEY", "MODEL_API_KEY"
"""The variables of .env that the keys go into: OpenAI's, and that of a server of one's own."""
_MAX_INPUT, _MAX_OUTPUT = 8_000, 2_000
"""What a server's model is taken to read and write until settings.toml says otherwise: what small ones can."""
_NOT_FOR_CHAT = re.compile(r"embed|whisper|tts|dall-e|image|moderation|rerank|audio|transcri", re.I)
_ENDS = ("", "/v1")


@dataclass(frozen=True, slots=True)
class Connection:
    """A model as it would be kept: the model, the key and the variable that it goes into; what asking it brought.

    `others` are the names of the other models that its server offers.
    """

    model: Model
    variable: str
    key: str
    report: ModelReport
    others: tuple[str, ...] = ()

    def model_values(self, settings: Settings) -> dict[str, dict[str, object]]:
        """Return what [[models]] has to hold for it; nothing where the settings have it as it is."""
        if self.model in settings.models:
            return {}
        known = any(one.name == self.model.name for one in settings.models)
        values: dict[str, object] = {} if known else {"max_input": self.model.max_input}
        if not known and self.model.base_url:
            values["max_output"] = self.model.max_output
        if self.model.base_url:
            values["base_url"] = self.model.base_url
        if self.model.api_key_env:
            values["api_key_env"] = self.model.api_key_env
        return {self.model.name: values}


async def by_key(key: str, settings: Settings, environ: Mapping[str, str], limits: Limits) -> Connection:
    """Ask the first model of the settings that OpenAI's key is for, with this key."""
    names = dict.fromkeys((*settings.chat, *(model.name for model in settings.models)))
    models = (settings.model(name) for name in names)
    model = next((one for one in models if not (one.is_code or one.base_url or one.api_key_env or one.gguf)), LUNA)
    report = await check(model, {**environ, OPENAI_KEY: key}, limits)
    return Connection(model, OPENAI_KEY, key, report)


async def by_address(
    address: str, key: str, name: str, settings: Settings, environ: Mapping[str, str], limits: Limits
) -> Connection:
    """Ask a server's model of this name, or where none is named the first for conversations that it offers.

    An address that lacks its usual end, /v1, is tried with it too.
    """
    with_key = {**environ, SERVER_KEY: key} if key else environ
    client = Client(with_key, limits)
    try:
        found, offered = await _offered(client, _model(address, key, name or "unnamed", settings))
    finally:
        await client.close()
    fit = [one for one in offered if not _NOT_FOR_CHAT.search(one)] or offered
    name = name or next(iter(fit), "")
    if not name:
        report = await check(_model(found, key, "default", settings), with_key, limits)
        return Connection(_model(found, key, "default", settings), SERVER_KEY, key, report)
    model = _model(found, key, name, settings)
    others = tuple(one for one in fit if one != name)
    return Connection(model, SERVER_KEY, key, await check(model, with_key, limits), others)


def _model(address: str, key: str, name: str, settings: Settings) -> Model:
    known = next((model for model in settings.models if model.name == name), None)
    base = known or Model(name=name, max_input=_MAX_INPUT, max_output=_MAX_OUTPUT)
    return msgspec.structs.replace(base, base_url=address, api_key_env=SERVER_KEY if key else base.api_key_env)


async def _offered(client: Client, model: Model) -> tuple[str, list[str]]:
    """Return the address at which models are offered, and their names; the address as it is where none are."""
    address = model.base_url or ""
    parts = urlsplit(address)
    for end in _ENDS:
        found = urlunsplit(parts._replace(path=parts.path.rstrip("/") + end))
        if end and parts.path.rstrip("/").endswith(end):
            break
        try:
            if names := await client.offered(msgspec.structs.replace(model, base_url=found)):
                return found, sorted(names)
        except ModelError:
            continue
    return address, []
