"""The embedded model's waking: wait until it answers, then let it read the shop's data once, ahead of the first question."""

import asyncio
import logging

from completions import embedded
from completions.client import CompletionRequest, complete
from completions.errors import ModelError
from handlers.services import Services, in_thread
from memory.context.builder import share_in
from memory.context.prompt import build
from shop import texts

log = logging.getLogger("storekeeper.waking")

_LOOK_SECONDS = 0.25


async def wake(shared: Services) -> None:
    """Mark the embedded model as awake once it has read the rules and the store; a prompt's beginning is then cached."""
    model = shared.settings.model(shared.settings.chat[0])
    while not await in_thread(embedded.is_awake, model.base_url or ""):  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_SECONDS)
    try:
        sources = await in_thread(shared.sources)
        store = await in_thread(share_in, sources)
        prompt = build(sources.shop.rules, store.store, "", [], "Hello", shared.settings.history)
        await complete(shared.completer, CompletionRequest(model, prompt.messages, 1))
    except (ModelError, texts.PromptsUnreadable) as error:
        log.error("waking_failed", extra={"error": str(error)})
    shared.readiness.is_awake = True
    log.info("model_awake")
