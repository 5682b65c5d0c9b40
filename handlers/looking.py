"""What the model would see next: the prompt and its parts, for the ruler and the prompt's page. Changes nothing."""

from dataclasses import dataclass

from handlers.fold import sizes_of
from handlers.services import Services
from handlers.turn import choose, read_prompt
from memory import models, tokens, window
from memory import store as shelves
from memory.files import Folder
from memory.models import Candidate
from memory.prompt import Prompt
from memory.records import Record
from memory.sentences import N_


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the prompt and its tokens; `short` and `title` are sentences of the catalogues."""

    name: str
    short: str
    title: str
    tokens: int


@dataclass(frozen=True, slots=True)
class View:
    """The prompt of the next turn, part by part; `room_tokens` is what the model can read beside it and its answer."""

    prompt: Prompt
    parts: tuple[Part, ...]
    candidate: Candidate | None
    room_tokens: int
    reply_tokens: int
    noted_until: int
    gap_bytes: int

    @property
    def used_tokens(self) -> int:
        return sum(part.tokens for part in self.parts)


def look(services: Services, folder: Folder) -> View:
    """Make the prompt that the next turn would send, with an empty question. Blocks."""
    settings = services.settings
    question = Record(1 << 60, services.now(), "user", "")
    prompt = read_prompt(services, folder, question, "", may_fold=False)
    sizes = sizes_of(services, shelves.read(services.prompts))
    most = 4 * sizes.high
    tail = window.read_tail(folder, services.covered, most_tokens=most, encoding=sizes.encoding)
    chosen = choose(services, prompt)
    encoding = sizes.encoding
    rules, store = tokens.count(prompt.rules, encoding), tokens.count(prompt.store, encoding)
    notes, kept = tokens.count(prompt.summary, encoding), tokens.count(prompt.history, encoding)
    parts = (
        Part("rules", N_("rules"), N_("Rules"), rules),
        Part("store", N_("shop"), N_("Shop information"), store),
        Part("notes", N_("memory"), N_("Memory of older messages"), notes),
        Part("kept", N_("messages"), N_("Recent messages, in full"), kept),
    )
    model = chosen[0].model if chosen else settings.model(settings.chat[0])
    room = models.room(model, settings.limits.reply_tokens, services.corrections) - rules - store - notes - kept
    noted = tail.summary.segments[-1].last if tail.summary.segments else 0
    return View(
        prompt, parts, chosen[0] if chosen else None, max(0, room), settings.limits.reply_tokens, noted, tail.gap_bytes
    )
