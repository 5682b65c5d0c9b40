"""A provider's prompt cache as OpenAI's is from gpt-5.6 on, played: what of each request it reads and writes.

A beginning is found again where a mark stands in this request and stood in an earlier one; nothing is rounded, and the
latest four marks are written. Without a word about it a request has one mark of its own, at the end of its newest message. What is
kept is taken to stay: between two turns passes less time than the cache's life.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from completions import prompt_cache
from completions.request import CompletionRequest
from memory.context import tokens

LEAST_TOKENS = 1024


class ProviderCache:
    """What one conversation's requests left with the provider."""

    def __init__(self) -> None:
        self._kept = set[str]()

    def ask(self, request: CompletionRequest) -> tuple[int, int]:
        """Return the tokens that are read from the cache, and those that are written to it."""
        body = prompt_cache.body(request.messages, request.breakpoints, extends=request.extends)
        places = list(_places(body["messages"], is_implicit="prompt_cache_options" not in body))
        found = next((place for place, _ in reversed(places) if place in self._kept), "")
        breakpoints = [place for place, is_written in places if is_written][-prompt_cache.MOST_BREAKPOINTS :]
        self._kept |= {place for place in breakpoints if tokens.count(place) >= LEAST_TOKENS}
        read = tokens.count(found)
        written = tokens.count(breakpoints[-1]) if breakpoints and breakpoints[-1] in self._kept else 0
        return read, max(0, written - read)


def _places(messages: Sequence[Mapping[str, Any]], *, is_implicit: bool) -> Iterator[tuple[str, bool]]:
    """Return the beginnings of a request that end at a mark, shortest first, and whether they are written."""
    text = ""
    for n, message in enumerate(messages):
        text += f"{message['role']}\n"
        parts = message["content"] if isinstance(message["content"], list) else [{"text": message["content"]}]
        for part in parts:
            text += part["text"]
            if "prompt_cache_breakpoint" in part:
                yield text, True
        if is_implicit and message["role"] == "user":
            yield text, n == len(messages) - 1
        text += "\n"
