"""The calls of models that a turn or a summary makes: heard while they last, written into the ledger after."""

import logging
from datetime import datetime
from time import monotonic

from completions.prices import cost_usd
from completions.stream import Delta, Event, Finished, Usage
from handlers.services import Services
from memory import ledger, tokens
from memory.files import Folder, StorageError
from memory.prompt import Prompt
from settings import Model

log = logging.getLogger("storekeeper.calls")


class Call:
    """One call of a model, for the ledger."""

    def __init__(self, model: Model, prompt: Prompt, purpose: ledger.Purpose = "chat") -> None:
        self.model, self.prompt, self.purpose = model, prompt, purpose
        self.started, self.seconds = monotonic(), 0.0
        self.usage: Usage | None = None
        self.text = ""
        self.ending = "stopped"

    @property
    def has_spoken(self) -> bool:
        return bool(self.text)

    def hear(self, event: Event) -> None:
        match event:
            case Delta(text):
                self.text += text
            case Finished(reason):
                self.ending = reason
            case Usage():
                self.usage = event


def note_calls(services: Services, folder: Folder, calls: list[Call]) -> None:
    """Write the ledger's lines. A call that reported no usage is put down as counted, if the model began its work."""
    for call in calls:
        if call.usage is not None:
            _learn(services, call.model, call.usage, call.prompt)
        elif call.has_spoken or call.ending == "stopped":
            encoding = call.model.encoding
            call.usage = Usage(call.prompt.tokens(encoding), tokens.count(call.text, encoding))
        try:
            ledger.note(folder, _ledger_line(call, call.usage or Usage(0, 0), services.now()))
        except (StorageError, OSError) as error:
            log.error("ledger_not_written", extra={"person": folder.name, "error": str(error)})


def _ledger_line(call: Call, usage: Usage, now: datetime) -> ledger.Call:
    return ledger.Call(
        time=now,
        purpose=call.purpose,
        model=call.model.name,
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=usage.cached_tokens,
        completion_tokens=usage.completion_tokens,
        cost_usd=cost_usd(call.model, usage, now),
        seconds=call.seconds,
        ending=call.ending,
    )


def _learn(services: Services, model: Model, usage: Usage, prompt: Prompt) -> None:
    """Learn how many tokens the model reports for each one counted; outliers are left out."""
    counted = prompt.tokens(model.encoding)
    ratio = usage.prompt_tokens / counted if counted else 1.0
    if 0.5 <= ratio <= 3.0:
        before = services.corrections.get(model.name, model.correction)
        services.corrections[model.name] = 0.7 * before + 0.3 * ratio
