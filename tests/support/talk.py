"""A long conversation in a test: a fact planted in every turn, and two models written for it, one that may do its work badly."""

import random
import re
import shutil
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from completions.client import Completer
from completions.errors import ErrorDetails, ModelError
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished
from handlers.replies.compaction import Compactor
from handlers.replies.pacing import Stop
from handlers.replies.steps import Replied
from handlers.replies.turn import run_turn
from handlers.services import Services
from memory.context import tokens
from memory.conversations.records import Record
from memory.conversations.turns import Action, NewMessage
from memory.storage.folders import Folder
from memory.storage.users import Users
from settings import ROOT, read
from tests.support.provider_cache import ProviderCache
from tests.support.shop import Clock
from tests.support.snapshots import build_here

CHAT, SUMMARISER = "chat-model", "summary-model"
INVENTED = "W777777"
WORDS = "please I would like to know about the colour and the size of this nice piece because my house has a small veranda".split()


def fact(number: int) -> str:
    """Return the identifier that is planted in a turn."""
    return f"W10{number:04}"


Behaviour = Callable[[list[str], int, random.Random], str]


def _raises(sentences: list[str], call: int, rng: random.Random) -> str:
    raise ModelError(ErrorDetails("server_error"))


def _is_flaky(sentences: list[str], call: int, rng: random.Random) -> str:
    return _raises(sentences, call, rng) if call % 2 else "\n".join(sentences)


BEHAVIOURS: dict[str, Behaviour] = {
    "repeats": lambda sentences, call, rng: "\n".join(sentences),
    "drops half": lambda sentences, call, rng: "\n".join(one for one in sentences if rng.random() < 0.5),
    "invents": lambda sentences, call, rng: "\n".join([*sentences, f"The order {INVENTED} costs R$ 5.55."]),
    "raises three times": lambda sentences, call, rng: (
        _raises(sentences, call, rng) if call <= 3 else "\n".join(sentences)
    ),
    "says nothing": lambda sentences, call, rng: "",
    "refuses": lambda sentences, call, rng: "I'm sorry, I cannot help with that.",
    "says too much": lambda sentences, call, rng: "\n".join(sentences * 40),
    "is dead for ever": _raises,
    "is flaky": _is_flaky,
}
"""What a summariser makes of the sentences that hold a planted fact, by the number of its call."""


class Models:
    """Both models: one answers in 80 words without a value, the other summarises as its behaviour says."""

    def __init__(self, behaviour: str = "repeats") -> None:
        self.rng = random.Random(7)
        self.behaviour = BEHAVIOURS[behaviour]
        self.summaries = 0
        self.prompts = list[tuple[dict[str, str], ...]]()
        """The messages of each request for an answer."""
        self.cached_tokens = 0
        """Tokens of them that a provider reads from its cache."""
        self._cache = ProviderCache()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
        if request.model.name == SUMMARISER:
            self.summaries += 1
            source = request.messages[-1]["content"].split("<conversation>")[1].split("</conversation>")[0]
            sentences = [one.strip() for one in re.split(r"(?<=[.!?])\s+|\n", source) if "W10" in one]
            yield Delta(self.behaviour(sentences, self.summaries, self.rng))
        else:
            self.prompts.append(tuple(dict(message) for message in request.messages))
            self.cached_tokens += self._cache.ask(request)[0]
            yield Delta("Thank you. " + " ".join(self.rng.choices(WORDS, k=80)))
        yield Finished("stop")


def services_in(root: Path, completer: Completer, *, window: int = 200_000, **changed: Any) -> Services:
    """Return the services of a shop whose people are below `root`; ana is one of them. No limits."""
    prompts = root / "prompts"
    if window > 50_000:
        prompts = ROOT / "prompts"
    else:  # a small model needs a small shop
        (prompts / "store").mkdir(parents=True)
        (prompts / "store" / "shop.md").write_text("The shop sells hammocks.")
        for name in ("system.md", "summarise.md"):
            shutil.copy(ROOT / "prompts" / name, prompts)
    settings = {
        "chat": [CHAT],
        "summariser": [SUMMARISER],
        "models": [
            {"name": CHAT, "base_url": "http://127.0.0.1:9", "max_input": window, "window": window},
            {"name": SUMMARISER, "base_url": "http://127.0.0.1:9", "max_input": 100_000},
        ],
        "limits": {"messages_per_minute": 0, "reply_tokens": 300},
        "budget": {"daily_tokens_per_user": 0},
    }
    users = Users(root / "users")
    users.prepare()
    if not users.names():
        users.create("ana", b"")
    services = Services(read(settings | changed), users, prompts, completer, Clock(), build_index=build_here)
    services.shop.refresh()  # no test's first question is to wait for it
    return services


async def say(services: Services, folder: Folder, action: Action | str) -> Record:
    """Take one turn; return its reply."""
    end = None
    async for step in run_turn(services, folder, NewMessage(action) if isinstance(action, str) else action, Stop()):
        end = step
    assert isinstance(end, Replied), end
    return end.record


def bring_in(folder: Folder, size_bytes: int) -> int:
    """Write a history as somebody brings it in by hand, in seconds; return the number of its last message.

    Every thousandth question names an order that no other message names: fact(0), fact(1), ...
    """
    about, number, written = " ".join(WORDS * 2), 1, 0
    with (folder.path / "history.txt").open("wb") as file:
        while written < size_bytes:
            said = list[str]()
            for _ in range(500):
                told = f" {fact(number // 1_000)}" if number % 1_000 == 1 else ""
                said.append(f"[{number}] 2026-11-01T12:00:00Z user\n    My order is this one{told}. {about}\n")
                said.append(f"[{number + 1}] 2026-11-01T12:00:00Z assistant model=m ending=stop\n    Thanks. {about}\n")
                number += 2
            written += file.write("".join(said).encode())
    return number - 1


class Talk:
    """Ana's conversation with the shop, told turn by turn, each fold awaited before the next."""

    def __init__(self, root: Path, behaviour: str = "repeats", **changed: Any) -> None:
        self.models = Models(behaviour)
        self.services = services_in(root, self.models, **changed)
        assert isinstance(self.services.now, Clock)
        self.clock = self.services.now
        self.folder = self.services.users.folder("ana")
        self.compactor = Compactor(self.services)
        self.lost = list[tuple[int, int]]()
        """Facts that were in no prompt: the turn, and the turn in which the fact was told."""
        self.sizes = list[int]()
        """The tokens of each prompt."""
        self.endings = list[str | None]()

    async def go_on(self, turns: int) -> "Talk":
        for _ in range(turns):
            self.clock.move(minutes=1)
            number = len(self.sizes)
            about = " ".join(self.models.rng.choices(WORDS, k=30))
            reply = await say(self.services, self.folder, f"My order number {number} is {fact(number)}. {about}")
            self.endings.append(reply.ending)
            self._measure(number, self.prompt)
            self.compactor.after_turn(self.folder)
            await self.compactor.settled(self.folder)
        return self

    @property
    def prompt(self) -> str:
        """The newest prompt, as one text."""
        return "\n".join(message["content"] for message in self.models.prompts[-1])

    @property
    def cached_share(self) -> float:
        """The share of prompt tokens that a provider reads from its cache."""
        return self.models.cached_tokens / sum(self.sizes)

    def _measure(self, number: int, prompt: str) -> None:
        self.lost += [(number, told) for told in range(number + 1) if fact(told) not in prompt]
        self.sizes.append(tokens.count(prompt))
