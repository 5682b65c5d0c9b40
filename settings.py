"""The typed settings: settings.toml, the environment and .env, as they are when they are read.

Knows nothing of what the settings are used for. A bad one raises BadSetting with one line: the key, its value, what
it takes.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

import addresses
import brand as branding

VERSION = "0.3.0"
"""Storekeeper's version; tests hold it against pyproject.toml and CHANGELOG.md."""
ROOT = Path(__file__).parent
CATALOGUE = "catalogue"
"""The name of the model that code plays: it answers from the shop's data, and is always there."""

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
Dollars = Annotated[float, Meta(ge=0, le=1_000_000)]
SHORTEST_TOKEN = 16


class BadSetting(Exception):
    """A setting that cannot be used; str() is the one line that says so."""

    def __init__(self, line: str) -> None:
        super().__init__(" ".join(line.splitlines()))


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model that may be asked. Token counts are the provider's limits."""

    name: Annotated[str, Meta(min_length=1, pattern=r"^\S+\Z")]
    """How its server calls it."""
    max_input: Positive
    """Tokens of prompt that it can read."""
    max_output: Positive = 4096
    """Tokens that it can write in one answer."""
    window: Positive | None = None
    """Tokens of prompt and answer together; empty: max_input + max_output."""
    encoding: str = "o200k_base"
    """tiktoken's name of the encoding its tokens are counted with."""
    correction: Annotated[float, Meta(ge=0.5, le=3.0)] = 1.0
    """Tokens that the model reports for each one counted, until its own reports are known."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server; empty: OPENAI_BASE_URL, else OpenAI's."""
    api_key_env: str | None = None
    """Name of the environment variable with its key; empty: OPENAI_API_KEY."""
    gguf: str | None = None
    """Path of a GGUF file that Storekeeper itself serves on loopback."""
    ends: date | None = None
    """The day from which the provider no longer serves it."""
    price_step: Positive | None = None
    """Prompt tokens above which the whole request is dearer; the model is avoided there if another fits."""
    cache_marks: bool | None = None
    """Whether its server's cache reads marks in a prompt, as OpenAI's does from gpt-5.6 on; empty: by its name, at OpenAI."""
    parameters: dict[str, Any] = {}
    """Sent with each request as they stand, such as temperature = 0.2."""
    remove: tuple[str, ...] = ()
    """Keys that are never sent, such as "stream_options", for a server that refuses them."""
    headers: dict[str, str] = {}
    """HTTP headers sent with each request, besides the client's own and the key's."""
    images: bool = False
    """Whether it looks at pictures: photos of customers are sent to it, and only named to others."""
    tools: bool = False
    """Whether it calls functions: it may then search the shop's products once more in each turn."""

    @property
    def total(self) -> int:
        return self.window or self.max_input + self.max_output

    @property
    def is_code(self) -> bool:
        """True for the catalogue, which code plays: nothing is sent anywhere, and nothing is paid."""
        return self.name == CATALOGUE


LUNA = Model(name="gpt-6-luna", max_input=922_000, max_output=128_000, price_step=272_000)
"""The model of an empty settings.toml, as the one that comes with Storekeeper describes it."""
CODE = Model(name=CATALOGUE, max_input=1_000_000_000)
"""The catalogue: it reads one question, so that any prompt fits."""


class Memory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    high_tokens: Positive = 4000
    """Tokens of conversation kept word for word before older messages are summarised, down to half of this."""
    summary_tokens: Positive = 1200
    """Tokens that a summary may have."""


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    daily_tokens_per_user: Count = 200_000
    """Tokens (prompts and answers) a user may use in a day, UTC. 0: no limit."""
    daily_usd_per_user: Dollars = 0.0
    """US dollars that a user may cost in a day. 0: no limit."""
    daily_tokens: Count = 0
    """Tokens that all users together may use in a day. 0: no limit."""
    daily_usd: Dollars = 0.0
    """US dollars that all users together may cost in a day. 0: no limit."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    signups_per_hour: Count = 20
    """New accounts an hour when signup is open. 0: no limit."""
    messages_per_minute: Count = 20
    """Messages a user may send in a minute. 0: no limit."""
    imports_per_hour: Count = 20
    """Files a user may import in an hour, refused ones too. 0: no limit."""
    kept_bytes_per_person: Count = 500_000_000
    """Bytes that a user's files may have for an import to be taken. 0: no limit."""
    message_chars: Positive = 20_000
    """Characters of one message."""
    reply_tokens: Positive = 1000
    """Tokens of one reply; its room is kept free in every prompt."""
    first_token_seconds: Seconds = 60.0
    """How long a model may take to its first word, or sign of life, before the next one is asked."""
    idle_seconds: Seconds = 60.0
    """How long a model may fall silent after its first word or sign of life."""
    reply_seconds: Seconds = 600.0
    """How long a reply may take in all."""
    grace_seconds: Annotated[float, Meta(ge=0, le=600)] = 5.0
    """How long replies may go on when the server is asked to end, before they are closed as interrupted."""


class CatalogueSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    whole_tokens: Count = 8000
    """Tokens up to which all of the shop's data are sent with each question; above it, the texts and the rows found."""
    rows: Annotated[int, Meta(ge=1, le=50)] = 10
    """Products that are sent for a question where not all are."""
    feed: str = ""
    """Address of a file of products, such as a Google Merchant feed, that is fetched again and again; empty: none."""
    feed_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 30
    """Minutes between two looks at the feed."""


class Notify(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: str = ""
    """Where the owner is notified of what needs attention: one address, or several with commas; empty: no mails."""
    smtp: str = ""
    """The server that mails go by, such as "smtp://user@mail.example:587" (STARTTLS) or "smtps://...": without, no mails."""
    sender: str = ""
    """The address that mails come from; empty: the user of `smtp` if it is one, else the first of `email`."""
    webhook: str = ""
    """Address that gets the same by a POST; empty: none."""
    webhook_format: Literal["json", "slack", "discord"] = "json"
    """What the webhook reads."""
    quiet: str = ""
    """Hours, by the shop's clock, in which nothing is sent; what happens meanwhile is sent afterwards."""
    digest: bool = True
    """Whether Monday morning brings the figures of the week before."""

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.email.split(",")) if self.email else ()

    @property
    def mail_from(self) -> str:
        """The address that mails come from, "" where nothing says one."""
        user = addresses.mail_server(self.smtp).user if self.smtp else ""
        return self.sender or (user if addresses.is_mail_address(user) else next(iter(self.recipients), ""))


class Brand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    logo: Annotated[str, Meta(pattern=r"^(logo\.(png|svg))?\Z")] = ""
    """The shop's logo, a file of prompts/brand/: "logo.png" or "logo.svg"; empty: Storekeeper's own sign."""
    color: str = ""
    """The colour of buttons and links, such as "#1f5c4d", dark enough to be read on the page; empty: that one."""
    greeting: Annotated[str, Meta(max_length=500)] = ""
    """A sentence that an empty conversation begins with, above the example questions."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings; see docs/settings.md for the table, which a test compares with this class."""

    shop: str = "Quintal Caburé"
    """The shop's name, as the page shows it."""
    language: str = "en"
    """The language of the pages where neither the user nor their browser asks for one there is."""
    history: Literal["system", "turns"] = "system"
    """Where the conversation goes: into the system prompt, or as user and assistant messages."""
    signup: Literal["closed", "invite", "open"] = "closed"
    """The people who may make accounts: the owner alone, visitors with an invitation, or every visitor."""
    owner_reads_conversations: bool = False
    """Whether the owner's pages show what customers write; the chat page states it."""
    details: Literal["owner", "everyone"] = "owner"
    """The people who see tokens, costs, names of models and what the model sees."""
    chat: tuple[str, ...] = ("gpt-6-luna",)
    """Models that answer, in order of preference: the first that fits and is there answers."""
    summariser: tuple[str, ...] = ("gpt-6-luna",)
    """Models that summarise, in order of preference."""
    origin: str | None = None
    """The public address, such as "https://chat.example.com"; empty: this machine only."""
    trusted_proxy: str | None = None
    """Address or network of the proxy before this server, whose X-Forwarded-For tells the client's; empty: none."""
    examples: tuple[str, ...] = ()
    """Questions that an empty conversation offers; empty: the first ones that the shop's data answer."""
    contact: str = ""
    """How to reach a person of the shop; shown at the beginning, and when no answer comes."""
    hours: str = ""
    """When the shop's staff can be reached, such as "Mo-Fr 09:00-18:00, Sa 09:00-13:00"; outside of it the contact says when
    they can be reached again; empty: the contact alone."""
    metrics_token: str | None = None
    """The token that /metrics is read with; empty: STOREKEEPER_METRICS_TOKEN, else there is no /metrics."""
    currency: Annotated[str, Meta(pattern=r"^([A-Z]{3})?\Z")] = ""
    """The shop's currency, such as "BRL", for prices whose file names none; empty: that of the files."""
    answers: Literal["mark", "correct", "hold"] = "mark"
    """What is done with claims that the shop's data contradict: they are marked; a wrong price, sum or stock, a grant, or
    a delivery called free that has its fee is asked for once more and then replaced by the row; or nothing is shown before it is checked, and the same is done."""
    timezone: str = "UTC"
    """The shop's clock, such as "America/Recife", for `hours`, quiet hours and the figures of the week."""
    brand: Brand = Brand()
    catalogue: CatalogueSettings = CatalogueSettings()
    memory: Memory = Memory()
    budget: Budget = Budget()
    limits: Limits = Limits()
    notify: Notify = Notify()
    models: tuple[Model, ...] = (LUNA,)

    def model(self, name: str) -> Model:
        return CODE if name == CATALOGUE else next(model for model in self.models if model.name == name)


class Environment(Struct, frozen=True, kw_only=True):
    """Where this process runs: from the environment, never from settings.toml."""

    users: Path
    prompts: Path
    host: str
    port: int
    secret_key: str | None
    environ: dict[str, str]
    metrics_token: str | None = None
    reports: Path = ROOT / "reports"
    """Where `just compare` leaves its report."""
    languages: Path = ROOT / "languages"
    """The catalogues, one file a language."""
    settings_file: Path | None = None
    """The settings.toml that was read, None where the settings came from elsewhere."""
    dotenv: Path | None = None
    """The .env that is read, and may be written; None for none."""


RETIRED = {"own_core": "systemd's CPUAffinity= does the same; see deploy/storekeeper.service"}
"""Settings of the last release that are gone: a warning for one release, then an error as any unknown key."""


def load(path: Path, warn: Callable[[str], None] | None = None) -> Settings:
    """Read settings.toml. `warn` is called with a line for each retired setting. BadSetting for what cannot be used."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadSetting(f"{path}: there is no such settings file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} is not valid TOML: {error}.") from None
    for key in RETIRED.keys() & values.keys():
        if warn is not None:
            warn(f"{path}: {key} is not used any more and is ignored; {RETIRED[key]}.")
    return read({key: value for key, value in values.items() if key not in RETIRED})


def read(values: dict[str, Any]) -> Settings:
    """Make Settings of plain values. BadSetting for what cannot be used."""
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise BadSetting(_explain(str(error), values)) from None
    _check_models(settings)
    if settings.origin is not None:
        _check_address(f'origin = "{settings.origin}"', settings.origin, addresses.check_origin)
    if feed := settings.catalogue.feed:
        _check_address(f'catalogue.feed = "{addresses.masked(feed)}"', feed, addresses.check_encrypted)
    _check_notify(settings)
    _check_timezone(settings.timezone)
    _check_brand(settings)
    _check_token("metrics_token", settings.metrics_token, "there is no /metrics")
    if settings.trusted_proxy is not None:
        _check_address(f'trusted_proxy = "{settings.trusted_proxy}"', settings.trusted_proxy, addresses.check_network)
    return settings


def place(environ: Mapping[str, str], root: Path = ROOT) -> Environment:
    """Read STOREKEEPER_* (also from .env beside the code, which the environment overrules)."""
    dotenv = dotenv_path(environ, root)
    merged = {**_dotenv(dotenv), **environ}
    port = merged.get("STOREKEEPER_PORT", "8000")
    if not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise BadSetting(f"STOREKEEPER_PORT = {port!r}: takes a port number from 0 to 65535.")
    key = merged.get("STOREKEEPER_SECRET_KEY")
    if key is not None and len(key.encode()) < 32:
        raise BadSetting("STOREKEEPER_SECRET_KEY: takes at least 32 bytes; leave it out and one is made and kept.")
    if key is not None and _is_placeholder(key):
        raise BadSetting("STOREKEEPER_SECRET_KEY: holds a placeholder; leave it out and one is made and kept.")
    for name, without in (
        ("STOREKEEPER_METRICS_TOKEN", "there is no /metrics"),
        ("STOREKEEPER_WEBHOOK_SECRET", "the webhook is not signed"),
    ):
        _check_token(name, merged.get(name), without)
    return Environment(
        users=Path(merged.get("STOREKEEPER_USERS") or root / "users").resolve(),
        prompts=Path(merged.get("STOREKEEPER_PROMPTS") or root / "prompts").resolve(),
        host=merged.get("STOREKEEPER_HOST", "127.0.0.1"),
        port=int(port),
        secret_key=key,
        environ=merged,
        metrics_token=merged.get("STOREKEEPER_METRICS_TOKEN"),
        settings_file=settings_path(environ, root),
        dotenv=dotenv,
    )


def address(settings: Settings, place: Environment) -> str:
    """Return the address that the server is reached at."""
    host = "localhost" if place.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else place.host  # nosec B104
    return settings.origin or f"http://{host}:{place.port}"


def settings_path(environ: Mapping[str, str], root: Path = ROOT) -> Path:
    merged = {**_dotenv(dotenv_path(environ, root)), **environ}
    return Path(merged.get("STOREKEEPER_SETTINGS") or root / "settings.toml")


def dotenv_path(environ: Mapping[str, str], root: Path = ROOT) -> Path:
    return Path(environ.get("STOREKEEPER_DOTENV") or root / ".env")


def _dotenv(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    from dotenv import dotenv_values

    return {key: value for key, value in dotenv_values(path).items() if value is not None}


def _check_models(settings: Settings) -> None:
    names = [model.name for model in settings.models]
    for name in names:
        if names.count(name) > 1:
            raise BadSetting(f'[[models]] name = "{name}": takes each name once.')
        if name == CATALOGUE:
            raise BadSetting(f'[[models]] name = "{name}": takes another name; this is the one that is always there.')
    for key, chosen in (("chat", settings.chat), ("summariser", settings.summariser)):
        for name in chosen:
            if name not in (*names, CATALOGUE):
                there = ", ".join(names) or "none"
                raise BadSetting(f'{key} = "{name}": takes names of [[models]], which are {there}, or "{CATALOGUE}".')
    for model in settings.models:
        if model.base_url is not None:
            seen = addresses.masked(model.base_url)
            _check_address(f'base_url = "{seen}" of model {model.name}', model.base_url, addresses.check_model)
        _check_request(model)
        if model.gguf is not None and not Path(model.gguf).is_file():
            raise BadSetting(f'gguf = "{model.gguf}" of model {model.name}: takes the path of a GGUF file that exists.')


_OWN_HEADERS = frozenset(
    ["authorization", "host", "content-length", "content-type", "content-encoding", "transfer-encoding",
     "accept-encoding", "connection"]
)  # fmt: skip


def _check_request(model: Model) -> None:
    for name, value in model.headers.items():
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or not value.isascii() or not value.isprintable():
            raise BadSetting(f'headers of model {model.name}: "{name}" takes a name and a value that HTTP can carry.')
        if name.lower() == "authorization":
            raise BadSetting(
                f'headers of model {model.name}: takes no "{name}"; name the key\'s variable in api_key_env.'
            )
        if name.lower() in _OWN_HEADERS:
            raise BadSetting(f'headers of model {model.name}: takes no "{name}", which Storekeeper sets itself.')
    for key in model.remove:
        if key in ("model", "messages"):
            raise BadSetting(f'remove of model {model.name}: takes no "{key}", without which nothing is asked.')


def check_providers(settings: Settings, environ: Mapping[str, str]) -> None:
    """BadSetting for an address of the environment that is no provider's, and for a key that is a placeholder.

    Of keys only those count that a model of the chat or the summariser is asked with at OpenAI or over TLS: servers at
    home take any word for one.
    """
    for name in dict.fromkeys((*settings.chat, *settings.summariser)):
        model = settings.model(name)
        if model.gguf or model.is_code:
            continue
        address = model.base_url or environ.get("OPENAI_BASE_URL")
        if address and not model.base_url:
            _check_address(f'OPENAI_BASE_URL = "{addresses.masked(address)}"', address, addresses.check_model)
        variable = model.api_key_env or (None if model.base_url else "OPENAI_API_KEY")
        is_elsewhere = not address or address.lower().startswith("https://")
        if variable and is_elsewhere and _is_placeholder(environ.get(variable, "")):
            raise BadSetting(
                f"{variable}: holds a placeholder, no key; put the provider's key there, or take the line out."
            )


_PLACEHOLDER = re.compile(
    r"(sk-)?([.*_x-]{3,}|<.*>|\[.*\]|\{.*\}|\$\w+|\$\{\w+\}|placeholder|todo|example|(secret|api)?[-_ ]?(key|token)"
    r"|((change|replace)[-_ ]?(me|this)[-_ !]*)+|(your|insert|enter|paste)[-_ ].*(key|token|secret|here).*)"
    r"|.*(\.\.\.|…|\*\*\*).*",
    re.I | re.S,
)
"""What examples and templates hold in a key's place; and keys as providers' pages show them, their middle left out."""


def _is_placeholder(key: str) -> bool:
    return _PLACEHOLDER.fullmatch(key.strip().strip("\"'").strip()) is not None


def _check_address(what: str, address: str, check: Callable[[str], object]) -> None:
    """BadSetting where a check refuses an address; `what` shows none of its secrets, since the line is logged and shown."""
    try:
        check(address)
    except addresses.BadAddress as error:
        raise BadSetting(f"{what}: {error}") from None


def _check_brand(settings: Settings) -> None:
    color, hours = settings.brand.color, settings.hours
    try:
        key, value = "brand.color", color
        branding.check_colour(color)
        key, value = "hours", hours
        branding.read_hours(hours)
    except branding.BadBrand as error:
        raise BadSetting(f'{key} = "{value}": {error}') from None


def _check_notify(settings: Settings) -> None:
    notify = settings.notify
    checks = {"webhook": addresses.check_encrypted, "smtp": addresses.mail_server, "quiet": addresses.check_hours}
    for key, check in checks.items():
        if text := getattr(notify, key):  # which is not shown: a webhook's address may hold a secret
            _check_address(f"notify.{key}", text, check)
    if notify.email and not notify.smtp:
        raise BadSetting('notify.smtp: is missing; takes the server that mails go by, such as "smtp://user@host:587".')
    for key, found in (("email", notify.recipients), ("sender", (notify.sender,) if notify.sender else ())):
        if not all(map(addresses.is_mail_address, found)):
            raise BadSetting(f'notify.{key} = "{getattr(notify, key)}": takes an address such as "ana@shop.example".')
    if notify.smtp and not notify.mail_from:
        raise BadSetting(
            'notify.sender: is missing; takes the address that mails come from, such as "ana@shop.example".'
        )


def _check_timezone(name: str) -> None:
    try:
        branding.zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(f'timezone = "{name}": takes a name such as "America/Recife" or "Europe/Lisbon".') from None


def _check_token(key: str, token: str | None, without: str) -> None:
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise BadSetting(f"{key}: takes at least {SHORTEST_TOKEN} ASCII characters; leave it out and {without}.")


def _explain(message: str, values: dict[str, Any]) -> str:
    """Turn msgspec's "Expected `int`, got `str` - at `$.memory.high_tokens`" into the line for the owner."""
    what, _, where = message.partition(" - at `$")
    path = where.rstrip("`").lstrip(".").replace("[...]", "")
    if "unknown field" in what:
        key = what.split("`")[1]
        return f"{f'{path}.' if path else ''}{key}: there is no such setting."
    if "missing required field" in what:
        return f"{path}: {what.split('`')[1]} is missing."
    value: Any = values
    for key in re.findall(r"[^.\[\]]+", path):
        value = value[int(key)] if isinstance(value, list) else value.get(key) if isinstance(value, dict) else None
    is_shown = value is not None and not isinstance(value, (dict, list)) and path != "metrics_token"
    shown = f" = {value!r}" if is_shown else ""
    if what.startswith("Invalid enum value") and (options := get_args(Settings.__annotations__.get(path))):
        what = "takes " + " or ".join(f'"{option}"' for option in options)
    return f"{path}{shown}: {what[0].lower()}{what[1:]}."


def environment() -> dict[str, str]:
    return dict(os.environ)


def child_environment() -> dict[str, str]:
    """Return the part of the environment for a process that reads other people's files: none of the shop's secrets."""
    return {name: os.environ[name] for name in _OF_CHILDREN if name in os.environ}


_OF_CHILDREN = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR")
