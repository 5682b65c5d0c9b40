"""What is compared: models of the settings, as the product asks them, and scripted ones that know what was planted."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

import msgspec

from completions import embedded
from completions.client import Client, complete
from completions.errors import ModelError
from completions.request import CompletionRequest
from completions.stream import Usage
from memory.context import noting, tokens, verification
from memory.conversations.records import Entry
from settings import Limits, Model
from tests.comparison.dialogues import Dialogue, Plant
from tests.comparison.recordings import Recordings, Reply, asked

NEVER = "1970-01-01T00:00:00Z"
_PASSING = {"unreachable", "slow_start", "rate_limited", "quota", "server_error", "key_refused", "no_such_model"}
"""Faults that are of the moment: they are not recorded, so that the next run asks again."""
_AGAIN = {"unreachable", "rate_limited", "server_error"}


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of a dialogue to make notes of. `before` are the notes so far, where they are to be rewritten."""

    dialogue: Dialogue
    entries: tuple[Entry, ...]
    plants: tuple[Plant, ...]
    budget_tokens: int
    prompt: str
    repeat: int = 0
    before: str = ""


class Summariser(Protocol):
    """A model as the comparison asks it. `is_real`: it may stand in settings.toml."""

    @property
    def name(self) -> str: ...
    @property
    def is_real(self) -> bool: ...
    async def summarise(self, job: Job) -> Reply: ...


class AskedModel:
    """A model of the settings, asked through the product's own client, recorded; a GGUF file is served when needed."""

    is_real = True

    def __init__(self, model: Model, recordings: Recordings, environ: Mapping[str, str], limits: Limits) -> None:
        self.model = model
        self._recordings, self._environ = recordings, environ
        self._client = Client(environ, msgspec.structs.replace(limits, first_token_seconds=limits.reply_seconds))
        self._served: embedded.Served | None = None
        self._turn = asyncio.Semaphore(1 if model.gguf else 4)

    @property
    def name(self) -> str:
        return self.model.name

    async def summarise(self, job: Job) -> Reply:
        messages = ({"role": "user", "content": job.prompt},)
        return await self.ask(messages, job.budget_tokens * 3, job.repeat)

    async def ask(
        self, messages: tuple[dict[str, str], ...], max_tokens: int, repeat: int = 0, *, streamed: bool = True
    ) -> Reply:
        """Return the recorded reply, or ask and record it."""
        wanted = asked(self.model, messages, max_tokens, repeat, streamed=streamed)
        async with self._turn:
            known = self._recordings.find(wanted)
            if known is not None:
                return known
            await self._wake()
            model = msgspec.structs.replace(self.model, base_url=self._served.base_url) if self._served else self.model
            request = CompletionRequest(model, messages, max_tokens, streamed=streamed)
            reply = await self._try(request)
            if reply.error in _AGAIN:  # as a turn of the product tries once more
                await asyncio.sleep(0.5)
                reply = await self._try(request)
            if reply.error not in _PASSING:
                self._recordings.keep(wanted, reply)
            return reply

    async def _try(self, request: CompletionRequest) -> Reply:
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        started = time.monotonic()
        try:
            done = await complete(self._client, request)
            return Reply(done.text, done.reason, round(done.seconds, 3), made, done.usage)
        except ModelError as fault:
            return Reply("", "", round(time.monotonic() - started, 3), made, None, fault.fault.kind)

    async def _wake(self) -> None:
        if self.model.gguf and self._served is None:
            self._served = embedded.serve(self.model.gguf, self.model.total, self._environ)
            for _ in range(240):
                if await asyncio.to_thread(embedded.is_awake, self._served.base_url):
                    return
                await asyncio.sleep(0.25)

    async def close(self) -> None:
        await self._client.close()
        if self._served:
            self._served.stop()


@dataclass(frozen=True, slots=True)
class Scripted:
    """A model that a function plays. It is never recorded and takes no time."""

    name: str
    play: Callable[[Job], str]
    is_real: bool = False

    async def summarise(self, job: Job) -> Reply:
        try:
            text = self.play(job)
        except ModelError as fault:
            return Reply("", "", 0.0, NEVER, None, fault.fault.kind)
        usage = Usage(tokens.count(job.prompt), tokens.count(text))
        return Reply(text, "stop", 0.0, NEVER, usage)


_SAID = {"user": "Customer", "assistant": "Shop"}


_NOTHING = "They talked, and nothing is to be kept."


def _note(plant: Plant, prompt: str) -> str:
    if plant.old:
        old = f" from {plant.old}" if plant.old in prompt else ""
        return f"{_SAID[plant.speaker]}: changed{old} to {plant.value}."
    return f"{_SAID[plant.speaker]}: {plant.value}."


def _tell(job: Job) -> str:
    before = [job.before] if job.before else []
    told = [_note(plant, job.prompt) for plant in job.plants]
    return "\n".join([*before, *told]) or _NOTHING


def oracle(job: Job) -> str:
    """Carry over everything."""
    return _tell(job)


def lossy(job: Job) -> str:
    """Lose one line in five of all it reads, its own earlier notes included; which ones, the dice of a hash say."""
    lines = _tell(job).split("\n")
    kept = [line for line in lines if sha256(f"{job.repeat}{line}{len(job.before)}".encode()).digest()[0] > 51]
    return "\n".join(kept) or _NOTHING


def inventing(job: Job) -> str:
    """Return an order that nobody placed, and every third value with its digits turned."""
    told = [
        _note(plant, job.prompt)
        if n % 3
        else _note(plant, job.prompt).translate(str.maketrans("0123456789", "9876543210"))
        for n, plant in enumerate(job.plants)
    ]
    before = [job.before] if job.before else []
    return "\n".join([*before, "Customer: asked about order #W0000042 of R$ 4321.00.", *told])


def _raising(job: Job) -> str:
    from completions.errors import ErrorDetails

    raise ModelError(ErrorDetails("server_error"))


SCRIPTED: dict[str, Scripted] = {
    one.name: one
    for one in (
        Scripted("oracle", oracle),
        Scripted("lossy", lossy),
        Scripted("inventing", inventing),
        Scripted("empty", lambda job: ""),
        Scripted("over-long", lambda job: (verification.conversation_of(job.entries) + "\n") * 3),
        Scripted("raising", _raising),
    )
}

EXTRACTIVE, TAIL_ONLY = "extractive", "tail only"
"""The baselines: notes by code alone, and no notes at all but the newest messages."""


def baseline(name: str, job: Job, encoding: str) -> Reply:
    """Play a baseline's part for one piece of dialogue; the tail needs the whole dialogue and is seen to by the lab."""
    text = noting.extract(job.entries, budget_tokens=job.budget_tokens * 2, encoding=encoding)
    return Reply(text if name == EXTRACTIVE else "", "stop", 0.0, NEVER, Usage(0, 0))
