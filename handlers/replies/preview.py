"""What the model would see next, for the ruler, the prompt page and the chat: the context of this process's services."""

import contextlib
from dataclasses import dataclass

from handlers.services import Services
from memory.context import builder, summary, window
from memory.context.builder import PromptPreview
from memory.context.left_out import Left, stated_in
from memory.storage.folders import Folder
from shop.texts import PromptsUnreadable


def preview(services: Services, folder: Folder) -> PromptPreview:
    """Return the prompt that the next turn would send, with an empty question. Blocks."""
    return builder.preview(services.sources(), folder, services.now())


@dataclass(frozen=True, slots=True)
class Noted:
    """How far the summary goes: the number of the last message in it, and the messages that are not summarised yet."""

    until: int
    backlog: tuple[int, int] | None


def noted(services: Services, folder: Folder) -> Noted:
    """Return how far the summary goes, without making a prompt: tokens are counted only where it is not clear at once. Blocks."""
    found = summary.load(folder, services.covered, most_bytes=window.VERIFIED_BYTES)
    backlog = None
    if builder.may_have_backlog(services.settings, folder, found.end):
        with contextlib.suppress(PromptsUnreadable):
            sources = services.sources()
            backlog = builder.read_tail(sources, folder, builder.sizes_of(sources)).backlog
    return Noted(found.segments[-1].last if found.segments else 0, backlog)


def left_out(services: Services, folder: Folder, notes: str) -> list[Left]:
    """Return which messages, or parts of them, are neither in the notes nor in the next prompt. Blocks."""
    text = notes
    with contextlib.suppress(PromptsUnreadable):
        text = f"{notes}\n{preview(services, folder).prompt.summary}"
    return stated_in(text)
