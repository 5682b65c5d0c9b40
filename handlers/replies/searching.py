"""The search that a model may ask for within a reply: whether it is offered, and what its calls return.

Knows nothing of the shop's pages; the rows are those that a question's message has too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from completions.request import CompletionRequest
from completions.tools import Called, ToolCall, answered
from handlers.replies.accounting import tokens_of
from handlers.services import Services
from memory.context import model_choice, tokens
from memory.context.model_choice import Candidate
from memory.context.prompt import Prompt
from memory.context.shop_data import MOST_ROW_TOKENS, rows_of
from settings import Model
from shop.search import tool
from shop.snapshot import Snapshot

_NOT_THERE = "There is no such function."
_ONCE = "Only one search is possible for a message; this one was not made."
_CALL_TOKENS = 200
"""More than a call of the function takes."""


@dataclass(frozen=True, slots=True)
class SearchOffer:
    """The function as it is offered with a request: its specification's tokens, and the tokens that its rows may have."""

    snapshot: Snapshot
    spec_tokens: int
    row_tokens: int

    def in_request(self, request: CompletionRequest) -> CompletionRequest:
        """Return a request in which the model may search."""
        return replace(request, tools=(tool.SPECIFICATION,))


def offer(services: Services, prompt: Prompt, candidate: Candidate) -> SearchOffer | None:
    """Return the search for a model that may ask for it; None where it does not call functions, or knows all data already.

    It is not offered either where the model could not read what it finds.
    """
    model, snapshot = candidate.model, services.shop.snapshot
    if not model.tools or snapshot is None or not prompt.rows:
        return None
    spec = tokens.count_again(msgspec.json.encode(tool.SPECIFICATION).decode(), model.encoding)
    room = model_choice.room(model, services.settings.limits.reply_tokens, services.corrections)
    left = room - tokens_of(prompt, model) - spec - _CALL_TOKENS
    return SearchOffer(snapshot, spec, min(MOST_ROW_TOKENS, left)) if left >= MOST_ROW_TOKENS // 4 else None


def continued_request(
    services: Services, request: CompletionRequest, offered: SearchOffer, text: str, called: Called
) -> CompletionRequest:
    """Return the request that continues an answer after its calls: with its text so far and what they return. Blocks."""
    results = results_of(services, offered, called.calls, request.model)
    messages = (*request.messages, *answered(text, called.calls, results))
    return replace(request, messages=messages, may_call=False)


def results_of(services: Services, offered: SearchOffer, calls: Sequence[ToolCall], model: Model) -> list[str]:
    """Return what each call returns: the first search its rows, anything else a sentence that the model can read. Blocks."""
    results, has_searched = list[str](), False
    for call in calls:
        if call.name != tool.NAME:
            results.append(_NOT_THERE)
        elif has_searched:
            results.append(_ONCE)
        else:
            has_searched = True
            results.append(_search(services, offered, call, model))
    return results


def _search(services: Services, offered: SearchOffer, call: ToolCall, model: Model) -> str:
    try:
        search = tool.read(call.arguments)
    except tool.BadArguments as error:
        return str(error)
    found = tool.run(offered.snapshot.index, search, offered.snapshot.currency, services.settings.catalogue.rows)
    return rows_of(offered.snapshot, found, offered.row_tokens, model.encoding)


def with_added(prompt: Prompt, request: CompletionRequest, first: CompletionRequest) -> Prompt:
    """Return the prompt with what a request has beyond the first one of its answer, to be counted and paid for."""
    added = [msgspec.json.encode(message).decode() for message in request.messages[len(first.messages) :]]
    messages = (*prompt.messages, *({"role": "tool", "content": text} for text in added))
    return replace(prompt, messages=messages, _counted={})
