"""One question outside of any account: the answer as a customer would get it, for the owner and for scripts.

It is a turn like any other, in a directory of users that is gone afterwards: nothing is counted, and nothing is kept.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
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
from memory.context.summary import Covered
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
    record: Record | None = None
    """The reply as it would stand in a conversation; None where the question was refused."""

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
    return ask_all_once(settings, place, [(question, language)])[0]


def ask_all_once(
    settings: Settings, place: Environment, questions: Sequence[tuple[str, str | None]]
) -> list[SingleAnswer]:
    """Return the answers to questions, each with its language and asked by itself. Blocks. BadSetting as in `ask_once`."""
    configuration.check_providers(settings, place.environ)
    settings = available.reachable(settings, place.environ)
    available.check_files(settings)
    known = languages.load(place.languages, settings.language)
    served = embedded.serve_files(settings, place.environ)
    settings = embedded.with_addresses(settings, {name: one.base_url for name, one in served.items()})
    settings = structs.replace(settings, budget=Budget(daily_tokens_per_user=0))
    try:
        with TemporaryDirectory(prefix="storekeeper-ask-") as root:
            return asyncio.run(_ask_over(Path(root), settings, place, known, questions))
    finally:
        for one in served.values():
            one.stop()


async def _ask_over(
    root: Path, settings: Settings, place: Environment, known: Languages, questions: Sequence[tuple[str, str | None]]
) -> list[SingleAnswer]:
    client = Client(place.environ, settings.limits)
    services = Services(settings, Users(root / "nobody"), place.prompts, client, speak=known.speaker)
    try:
        await in_thread(services.shop.refresh)
        answers = list[SingleAnswer]()
        for number, (question, tag) in enumerate(questions):
            code = known.negotiate(tag).code if tag else known.default.code
            answers.append(await ask(apart(services, root / str(number)), question, code))
        return answers
    finally:
        await client.close()


def apart(services: Services, root: Path) -> Services:
    """Return services like these over a new directory of users; the shop's data and the budget are the same."""
    users = Users(root)
    users.prepare()
    return replace(services, users=users, covered=Covered(), like=services, has_own_data=False)


async def ask(
    services: Services, question: str, language: str, name: str = _NOBODY, stop: Stop | None = None
) -> SingleAnswer:
    """Ask as a new customer of this name would. `services` are over a directory of users made for this."""
    folder = services.users.create(name, b"")
    started = time.monotonic()
    record: Record | None = None
    why: str | None = None
    message = NewMessage(question, after=0)
    async with aclosing(run_turn(services, folder, message, stop or Stop(), None, language)) as steps:
        async for step in steps:
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
    return SingleAnswer(
        record.text, model, record.ending or "stop", products, texts, seconds, record.why, found, record
    )


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
