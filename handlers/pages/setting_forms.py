"""The settings as forms in groups: a field for each key, with its name, its explanation, and what a browser may send for it.

What a key takes follows from the class Settings; its explanation is the row of docs/settings.md. Knows nothing of requests.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from msgspec import inspect

import addresses
from handlers.pages.languages import Language
from memory.i18n import N_
from settings import ROOT, Settings

Kind = Literal["text", "secret", "lines", "number", "choice", "switch"]

Part = tuple[str, bool]
"""A part of an explanation, and whether it is code."""

DOCUMENT = ROOT / "docs" / "settings.md"
MOST_CHARS = 5_000
_ROW = re.compile(r"^\| `([\w.]+)` \| .*? \| (.*) \|$", re.M)
_SECRETS = {"metrics_token", "notify.webhook"}
GUARDED = frozenset(["notify.smtp", "origin", "trusted_proxy", "owner_reads_conversations", "models"])
"""Keys whose change asks for the owner's password: where links go that open accounts, by what address logins are
counted, who reads customers' words. Models are in no form; an earlier version of the file may hold others."""
_MASKED = "catalogue.feed"
"""An address that is shown without its secrets; as it is shown it stands for itself."""
_RESTARTED = {"metrics_token"}
"""Keys that are read at the start only."""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings that are saved together: an id for addresses, the title, the keys with their labels."""

    id: str
    title: str
    labels: Mapping[str, str]
    is_technical: bool = False
    """True for what few shops ever change."""

    @property
    def is_guarded(self) -> bool:
        """True if one of its keys takes the owner's own password."""
        return not GUARDED.isdisjoint(self.labels)


GROUPS = (
    SettingGroup("shop", N_("The shop"), {
        "shop": N_("Name"),
        "contact": N_("How customers reach you"),
        "hours": N_("Opening hours"),
        "language": N_("Language"),
        "currency": N_("Currency"),
        "timezone": N_("Time zone"),
    }),
    SettingGroup("brand", N_("Brand"), {
        "brand.color": N_("Colour of buttons and links"),
        "brand.greeting": N_("Greeting"),
    }),
    SettingGroup("people", N_("Letting people in"), {
        "signup": N_("Who creates accounts"),
        "limits.signups_per_hour": N_("New accounts per hour"),
        "owner_reads_conversations": N_("Owners can read conversations"),
        "details": N_("Who sees costs and model names"),
    }),
    SettingGroup("answers", N_("Answers"), {
        "chat": N_("Models that answer, in order"),
        "summariser": N_("Models that write the memory, in order"),
        "answers": N_("When an answer contradicts your data"),
        "examples": N_("Example questions"),
        "history": N_("Where the conversation goes"),
    }),
    SettingGroup("budget", N_("Budgets"), {
        "budget.daily_usd": N_("US dollars a day, everybody together"),
        "budget.daily_usd_per_user": N_("US dollars a day, each customer"),
        "budget.daily_tokens": N_("Tokens a day, everybody together"),
        "budget.daily_tokens_per_user": N_("Tokens a day, each customer"),
    }),
    SettingGroup("catalogue", N_("The shop's data"), {
        "catalogue.feed": N_("Address of a product feed"),
        "catalogue.feed_minutes": N_("Minutes between two looks at the feed"),
        "catalogue.rows": N_("Products sent with a question"),
        "catalogue.whole_tokens": N_("Send everything up to (tokens)"),
    }, is_technical=True),
    SettingGroup("memory", N_("Memory"), {
        "memory.high_tokens": N_("Conversation kept word for word (tokens)"),
        "memory.summary_tokens": N_("Longest summary (tokens)"),
    }, is_technical=True),
    SettingGroup("notify", N_("Notifications"), {
        "notify.email": N_("Your e-mail address"),
        "notify.smtp": N_("Mail server"),
        "notify.sender": N_("Sender of the mails"),
        "notify.webhook": N_("Webhook"),
        "notify.webhook_format": N_("What the webhook reads"),
        "notify.quiet": N_("Quiet hours"),
        "notify.digest": N_("Send the figures of the week on Mondays"),
    }),
    SettingGroup("limits", N_("Limits"), {
        "limits.messages_per_minute": N_("Messages per minute"),
        "limits.message_chars": N_("Longest message (characters)"),
        "limits.reply_tokens": N_("Longest answer (tokens)"),
        "limits.imports_per_hour": N_("Imported files per hour"),
        "limits.kept_bytes_per_person": N_("Storage for each customer (bytes)"),
        "limits.first_token_seconds": N_("Wait for the first word (seconds)"),
        "limits.idle_seconds": N_("Longest silence in an answer (seconds)"),
        "limits.reply_seconds": N_("Longest time for an answer (seconds)"),
        "limits.grace_seconds": N_("Time for answers to end when the server stops (seconds)"),
    }, is_technical=True),
    SettingGroup("server", N_("The server"), {
        "origin": N_("Public address"),
        "trusted_proxy": N_("Proxy in front of the server"),
        "metrics_token": N_("Token for /metrics"),
    }, is_technical=True),
)  # fmt: skip

_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "signup": {
        "closed": N_("Only you"),
        "invite": N_("You, and people with an invitation link"),
        "open": N_("Every visitor"),
    },
    "details": {"owner": N_("Owners"), "everyone": N_("Everyone")},
    "answers": {
        "mark": N_("Mark what is wrong"),
        "correct": N_("Correct it"),
        "hold": N_("Check before showing, and correct it"),
    },
    "notify.webhook_format": {"json": "JSON", "slack": "Slack", "discord": "Discord"},
    "history": {"system": N_("In the system prompt"), "turns": N_("As messages")},
}


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field: its key, its label and explanation in the reader's language, what stands in it, and what is wrong with that."""

    key: str
    kind: Kind
    label: str
    explanation: tuple[Part, ...]
    value: str
    options: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    is_set: bool = False
    """True for a secret that has a value, which is not shown."""
    needs_restart: bool = False

    @property
    def id(self) -> str:
        return self.key.replace(".", "-")


def group_of(name: str) -> SettingGroup | None:
    return next((group for group in GROUPS if group.id == name), None)


def fields(
    group: SettingGroup,
    settings: Settings,
    language: Language,
    known: Iterable[Language],
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[SettingField]:
    """Return the fields of a group. `known` are the languages there are; `typed` is what a refused form held, by key,
    `problems` what is wrong with it.
    """
    languages = tuple((one.code, one.name) for one in known)
    found = list[SettingField]()
    for key, label in group.labels.items():
        kind, value = kind_of(key), shown_in_field(key, value_of(settings, key))
        found.append(
            SettingField(
                key,
                kind,
                language.gettext(label),
                explained(key, language),
                "" if kind == "secret" else (typed or {}).get(key, value),
                languages if key == "language" else _options(key, language),
                (problems or {}).get(key, ""),
                is_set=kind == "secret" and bool(value),
                needs_restart=key in _RESTARTED,
            )
        )
    return found


def _options(key: str, language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((value, language.gettext(text)) for value, text in _OPTIONS.get(key, {}).items())


def value_of(settings: Settings, key: str) -> Any:
    """Return the value of a key such as "catalogue.rows"."""
    found: Any = settings
    for name in key.split("."):
        found = getattr(found, name)
    return found


def kind_of(key: str) -> Kind:
    """Return how a key is asked for."""
    if key in _SECRETS:
        return "secret"
    if key == "language":
        return "choice"
    match _type_of(key):
        case inspect.BoolType():
            return "switch"
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.LiteralType():
            return "choice"
        case inspect.VarTupleType():
            return "lines"
    return "text"


class BadEntry(ValueError):
    """What was typed is no value of its key; the first argument is a sentence of the catalogues, the second its values."""

    def __init__(self, sentence: str, **values: int | str) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


def parsed(key: str, text: str) -> object:
    """Return the value that a browser sent for a key; None where the default is to hold. BadEntry for what is none."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > MOST_CHARS:
        raise BadEntry(N_("Please use at most %(most)s characters."), most=MOST_CHARS)
    match _type_of(key):
        case inspect.BoolType():
            return text == "yes"
        case inspect.IntType() | inspect.FloatType() as number:
            return _number(number, text)
        case inspect.VarTupleType():
            return [line.strip() for line in text.split("\n") if line.strip()]
        case inspect.UnionType():
            return text or None
    return " ".join(text.split())


def is_as_shown(key: str, text: str, last: object) -> bool:
    """True if a field came back as it was shown, with secrets of an address hidden. BadEntry for a new one that has the mask."""
    if key != _MASKED or addresses.HIDDEN not in text:
        return False
    if text.strip() != shown_in_field(key, last):
        raise BadEntry(N_("Enter the whole address, also what is hidden as ***."))
    return True


def shown_in_field(key: str, value: object) -> str:
    text = _text_of(value)
    return addresses.masked(text) if key == _MASKED else text


def _number(kind: inspect.IntType | inspect.FloatType, text: str) -> int | float:
    is_whole = isinstance(kind, inspect.IntType)
    plain = re.sub(r"[\s_]", "", text)
    plain = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", plain) if is_whole else plain.replace(",", ".")
    try:
        number = int(plain[:30]) if is_whole else float(plain[:30])
    except ValueError:
        raise BadEntry(N_("Enter a whole number.") if is_whole else N_("Enter a number.")) from None
    least = kind.ge if kind.ge is not None else kind.gt
    if not number == number or (least is not None and (number < least or number == kind.gt)):
        raise BadEntry(N_("Enter a number of at least %(least)s."), least=_plain(least))
    if kind.le is not None and number > kind.le:
        raise BadEntry(N_("Enter a number of at most %(most)s."), most=_plain(kind.le))
    return number


def _plain(number: float | int | None) -> int | str:
    return int(number) if number is not None and number == int(number) else str(number)


def _text_of(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case float():
            return f"{value:g}"
        case tuple():
            return "\n".join(map(str, value))
    return str(value)


def _type_of(key: str) -> inspect.Type:
    """Return what a key takes, as msgspec knows it."""
    found: inspect.Type = inspect.type_info(Settings)
    for name in key.split("."):
        assert isinstance(found, inspect.StructType)
        found = next(field.type for field in found.fields if field.name == name)
    return found


def explained(key: str, language: Language) -> tuple[Part, ...]:
    """Return the explanation of a key in the reader's language; of links only their text, since they lead to the project's files."""
    line = language.gettext(meanings().get(key, ""))
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line).replace("*", "")
    return tuple((part, number % 2 == 1) for number, part in enumerate(plain.split("`")))


@cache
def meanings(document: Path = DOCUMENT) -> Mapping[str, str]:
    """Return the explanations of docs/settings.md by key, in Markdown; of what is asked for in forms alone."""
    asked = {key for group in GROUPS for key in group.labels}
    found = _ROW.findall(document.read_text(encoding="utf-8"))
    return {key: meaning for key, meaning in found if key in asked}


def shown(key: str, value: object) -> str:
    """Return the value of a key as the list of changes has it, on one line."""
    return " | ".join(shown_in_field(key, value if not isinstance(value, list) else tuple(value)).split("\n"))


def is_secret(key: str) -> bool:
    return key in _SECRETS


def problem_key(line: str, keys: Iterable[str]) -> str | None:
    """Return the key that the line of a BadSetting is about, if it is one of these."""
    said = re.match(r"[\w.]+", line)
    return said[0] if said and said[0] in keys else None


def differences(before: Settings, after: Settings, masked: str) -> list[tuple[str, str, str]]:
    """Return what differs of two versions: the key, the value before and after; `masked` stands for secrets.

    Of models only their names are shown: their tables may hold secrets of any name.
    """
    found = list[tuple[str, str, str]]()
    for key in (key for group in GROUPS for key in group.labels):
        last, now = value_of(before, key), value_of(after, key)
        if last != now:
            hidden = masked if is_secret(key) else ""
            found.append(
                (key, hidden if hidden and last else shown(key, last), hidden if hidden and now else shown(key, now))
            )
    if before.models != after.models:
        found.append(("models", _models_of(before), _models_of(after)))
    return found


def _models_of(settings: Settings) -> str:
    return ", ".join(model.name for model in settings.models)
