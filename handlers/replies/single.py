"""One question outside of any account: the answer as a customer would get it, for the owner and for scripts.

It is a turn like any other, in a directory of users that is gone afterwards: nothing is counted, and nothing is kept.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import structs

import settings as configuration
from completions import available, embedded
from completions.client import Client
from handlers.pages import languages
from handlers.pages.languages import Languages
from handlers.replies.pacing import Stop
from handlers.replies.steps import Asked, RefusedTurn, Replied, ReplyNotSaved
from handlers.replies.turn import run_turn
from handlers.services import Services, in_thread
from memory.conversations import checked
from memory.conversations.records import Record
from memory.conversations.turns import NewMessage
from memory.storage.users import Users
from settings import CATALOGUE, Budget, Environment, Settings
from shop.answers.asking import ShopQuestion
from shop.answers.card import sku_of
from shop.claims.values import Claim
from shop.search.index import Index
from shop.search.results import Hit

_NAMED = re.compile(r"[A-Za-z0-9]+(?:[-./_][A-Za-z0-9]+)*")
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class SingleAnswer:
    """An answer, the model that gave it, and what it rests on: SKUs in order, lines such as "delivery.md:12".

    `why` is the fault where no model answered.
    """

    answer: str
    model: str
    ending: str
    products: tuple[str, ...]
    texts: tuple[str, ...]
    seconds: float
    why: str | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def is_answered(self) -> bool:
        return bool(self.answer) and self.ending in ("stop", "length")

    def as_json(self) -> dict[str, object]:
        """Return what scripts read."""
        return {
            "answer": self.answer,
            "model": self.model,
            "ending": self.ending,
            "products": self.products,
            "texts": self.texts,
            "claims": [checked.as_json(claim) for claim in self.claims],
            "seconds": round(self.seconds, 3),
        }


def ask_once(settings: Settings, place: Environment, question: str, language: str | None) -> SingleAnswer:
    """Return the answer that a customer would get from the models in force; `language` is a tag such as "pt-BR".

    Blocks. BadSetting where no model can be asked as it is set up.
    """
    configuration.check_providers(settings, place.environ)
    settings = available.reachable(settings, place.environ)
    available.check_files(settings)
    known = languages.load(place.languages, settings.language)
    code = known.negotiate(language).code if language else known.default.code
    served = embedded.serve_files(settings, place.environ)
    settings = embedded.with_addresses(settings, {name: one.base_url for name, one in served.items()})
    settings = structs.replace(settings, budget=Budget(daily_tokens_per_user=0))
    try:
        with TemporaryDirectory(prefix="storekeeper-ask-") as root:
            users = Users(Path(root) / "users")
            users.prepare()
            return asyncio.run(_ask_over(users, settings, place, known, question, code))
    finally:
        for one in served.values():
            one.stop()


async def _ask_over(
    users: Users, settings: Settings, place: Environment, known: Languages, question: str, code: str
) -> SingleAnswer:
    client = Client(place.environ, settings.limits)
    try:
        return await ask(Services(settings, users, place.prompts, client, speak=known.speaker), question, code)
    finally:
        await client.close()


async def ask(services: Services, question: str, language: str) -> SingleAnswer:
    """Ask as a new customer would. `services` are over a directory of users made for this."""
    folder = services.users.create(_NOBODY, b"")
    await in_thread(services.shop.refresh)
    started = time.monotonic()
    record: Record | None = None
    why: str | None = None
    async for step in run_turn(services, folder, NewMessage(question, after=0), Stop(), None, language):
        match step:
            case Replied(kept) | ReplyNotSaved(kept):
                record = kept
            case RefusedTurn(reason):
                why = type(reason).__name__
            case Asked():
                pass
    seconds = time.monotonic() - started
    if record is None:
        return SingleAnswer("", "", "failed", (), (), seconds, why)
    claims = await in_thread(checked.of, folder, since=record.time)
    products, texts = await in_thread(_sources, services, record, question, language)
    is_code = (record.why or "").startswith("looked_up:")
    model = record.model or (CATALOGUE if is_code else "")
    found = claims.get(record.number, ())
    return SingleAnswer(record.text, model, record.ending or "stop", products, texts, seconds, record.why, found)


def _sources(
    services: Services, record: Record, question: str, language: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what an answer rests on: of code's own what it was made of, of a model's the products that it names. Blocks."""
    if record.model == CATALOGUE or (record.why or "").startswith("looked_up:"):
        made = services.catalogue.answer(ShopQuestion(question, language=language))
        return made.products, made.texts
    index = services.shop.current
    return (named(record.text, index), ()) if index is not None else ((), ())


def named(text: str, index: Index) -> tuple[str, ...]:
    """Return the SKUs that a text names, in order, as the shop writes them."""
    words = (word for word in _NAMED.findall(text) if any(map(str.isdigit, word)) and not word.isdigit())
    found = (index.product(word) for word in words)
    return tuple(dict.fromkeys(sku_of(Hit(product, None, "", 1.0)) for product in found if product is not None))
