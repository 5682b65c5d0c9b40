"""What the handlers share: made once by create_app, reached by `current_services()`."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from quart import current_app

from completions.catalogue import CatalogueModel
from completions.client import Completer
from handlers.metrics import Metrics
from memory.context import tokens
from memory.context.builder import Sources
from memory.context.summary import Covered
from memory.people.attempts import Attempts
from memory.storage.users import Users
from memory.usage.budget import DailyBudget
from memory.usage.incidents import Incidents
from settings import Model, Settings
from shop.answers.cards import Speak, in_english
from shop.catalogue import Build, Catalogue

_CHARS_A_TOKEN = 8
"""More than a token has of a table of products, in any language."""
_FIRST_INDEX_SECONDS = 30.0
"""How long a question that comes before the shop's data are read waits for them."""

T = TypeVar("T")
Clock = Callable[[], datetime]

PING_SECONDS = 7.0
"""How often a stream that is silent says so, and looks for its session: twice this is the longest that an ended one lasts."""


def utc_now() -> datetime:
    """Return the time in UTC, in whole seconds, as everything is stamped."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that a turn needs, each handed in, so that a test can give its own."""

    settings: Settings
    users: Users
    prompts: Path
    completer: Completer
    now: Clock = utc_now
    corrections: dict[str, float] = field(default_factory=dict)
    covered: Covered = field(default_factory=Covered)
    attempts: Attempts = field(init=False)
    budget: DailyBudget = field(init=False)
    incidents: Incidents = field(init=False)
    metrics: Metrics = field(default_factory=Metrics)
    metrics_token: str | None = None
    ping_seconds: float = PING_SECONDS
    build_index: Build | None = None
    """What makes the index of the shop's data; None: a process of its own."""
    speak: Speak = in_english
    """What says the sentences of answers by code, by the code of a language."""
    like: "Services | None" = None
    """The services whose budget these use, for an answer outside of any conversation, and whose shop's data unless `has_own_data`."""
    has_own_data: bool = False
    shop: Catalogue = field(init=False)
    catalogue: CatalogueModel = field(init=False)
    earlier: InitVar["Services | None"] = None
    """The services under earlier settings, whose shop's data and attempts these share."""

    def __post_init__(self, earlier: "Services | None") -> None:
        shared = earlier or (None if self.has_own_data else self.like)
        shop = shared.shop if shared is not None else Catalogue(self.prompts, build=self.build_index)
        shop.configure(
            self.settings.currency,
            most_chars=_CHARS_A_TOKEN * self.settings.catalogue.whole_tokens,
            has_feed=bool(self.settings.catalogue.feed),
        )
        object.__setattr__(self, "shop", shop)
        by_code = CatalogueModel(shop, self.settings, self.speak)
        object.__setattr__(self, "catalogue", by_code)
        object.__setattr__(self, "attempts", earlier.attempts if earlier is not None else Attempts(self.users))
        budget = self.like.budget if self.like is not None else DailyBudget(self.users, self.settings.budget)
        object.__setattr__(self, "budget", budget)
        object.__setattr__(self, "incidents", earlier.incidents if earlier is not None else Incidents(self.users))

    def under(self, settings: Settings, completer: Completer, speak: Speak) -> "Services":
        """Return the same services under other settings: for what begins from now on. Blocks while the shop's files are read."""
        return replace(self, settings=settings, completer=completer, speak=speak, earlier=self)

    def completer_of(self, model: Model) -> Completer:
        """Return what answers for a model."""
        return self.catalogue if model.is_code else self.completer

    def load(self) -> None:
        """Load what a turn needs that is not loaded yet: what prompts are counted by, the shop's data. Blocks."""
        self.shop.wait(_FIRST_INDEX_SECONDS)
        tokens.load({self.settings.model(name).encoding for name in self.settings.chat})

    def sources(self) -> Sources:
        """Read what a prompt is made of besides the conversation. Blocks. PromptsUnreadable when prompts/ cannot be used."""
        snapshot = self.shop.wait(_FIRST_INDEX_SECONDS)
        return Sources.read(
            self.prompts,
            self.settings,
            self.covered,
            self.corrections,
            self.now().date(),
            snapshot,
            self.shop.own_answers(),
        )


def current_services() -> Services:
    found: Services = current_app.extensions["storekeeper"]
    return found


async def rendered(is_long: bool, function: Callable[..., T], *arguments: Any, **keywords: Any) -> T:
    """Return what a function makes of Markdown: of long texts in a thread, since the event loop would wait for it."""
    return await in_thread(function, *arguments, **keywords) if is_long else function(*arguments, **keywords)


async def in_thread(function: Callable[..., T], *arguments: Any, **keywords: Any) -> T:
    """Run a function that blocks in a thread, in the context of its request, so that its log lines carry its id."""
    run = partial(copy_context().run, function, *arguments, **keywords)
    return await asyncio.get_running_loop().run_in_executor(None, run)
