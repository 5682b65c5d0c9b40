"""What the model would see next: the prompt and its parts, for the ruler and the prompt's page. Changes nothing."""

import contextlib
from dataclasses import dataclass

from handlers.replies.compaction import sizes_of
from handlers.replies.turn import choose, read_prompt, read_tail
from handlers.services import Services
from memory.context import compaction, model_choice, summary, tokens, window
from memory.context.model_choice import Candidate
from memory.context.prompt import Prompt
from memory.conversations.records import Record
from memory.i18n import N_
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY
from shop import texts
from shop.texts import PromptsUnreadable


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the prompt and its tokens; `short` and `title` are sentences of the catalogues."""

    name: str
    short: str
    title: str
    tokens: int


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """The prompt of the next turn, part by part; `room_tokens` is what the model can read beside it and its answer.

    `gap` are the first and the last message that are not summarised yet, None when there are none.
    """

    prompt: Prompt
    parts: tuple[Part, ...]
    candidate: Candidate | None
    room_tokens: int
    reply_tokens: int
    noted_until: int
    gap: tuple[int, int] | None

    @property
    def used_tokens(self) -> int:
        return sum(part.tokens for part in self.parts)


def preview(services: Services, folder: Folder) -> PromptPreview:
    """Make the prompt that the next turn would send, with an empty question. Blocks."""
    settings = services.settings
    question = Record(1 << 60, services.now(), "user", "")
    prompt = read_prompt(services, folder, question, "")
    sizes = sizes_of(services, texts.load(services.prompts))
    tail = read_tail(services, folder, sizes)
    chosen = choose(services, prompt)
    encoding = sizes.encoding
    rules, shop = tokens.count(prompt.rules, encoding), tokens.count(prompt.store, encoding)
    notes, kept = tokens.count(prompt.summary, encoding), tokens.count(prompt.history, encoding)
    parts = (
        Part("rules", N_("rules"), N_("Rules"), rules),
        Part("store", N_("shop"), N_("Shop information"), shop),
        Part("notes", N_("memory"), N_("Memory of older messages"), notes),
        Part("kept", N_("messages"), N_("Recent messages, in full"), kept),
    )
    model = chosen[0].model if chosen else settings.model(settings.chat[0])
    room = model_choice.room(model, settings.limits.reply_tokens, services.corrections) - rules - shop - notes - kept
    noted_until = tail.summary.segments[-1].last if tail.summary.segments else 0
    return PromptPreview(
        prompt, parts, chosen[0] if chosen else None, max(0, room), settings.limits.reply_tokens, noted_until, tail.gap
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """How far the notes go: the number of the last message in them, and the messages that are not summarised yet."""

    until: int
    gap: tuple[int, int] | None


def noted(services: Services, folder: Folder) -> Noted:
    """Return how far the notes go, without making a prompt: tokens are counted only where it is not clear at once. Blocks."""
    found = summary.load(folder, services.covered, most_bytes=window.VERIFIED_BYTES)
    end, gap = found.end, None
    if (
        folder.size(HISTORY) or 0
    ) - end > compaction.HARD * services.settings.memory.high_tokens:  # a token is a byte at least
        with contextlib.suppress(PromptsUnreadable):
            gap = read_tail(services, folder, sizes_of(services, texts.load(services.prompts))).gap
    return Noted(found.segments[-1].last if found.segments else 0, gap)
