"""What a provider reports of tokens, under whichever names. Pure.

What cannot be read is not reported: nothing in it makes an answer fail.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PROMPT = ("prompt_tokens", "input_tokens", "prompt_eval_count", "promptTokenCount", "promptTokens", "inputTokens")
_COMPLETION = (
    "completion_tokens", "output_tokens", "eval_count", "candidatesTokenCount", "completionTokens", "outputTokens",
    "generated_tokens",
)  # fmt: skip
_TOTAL = ("total_tokens", "totalTokenCount", "totalTokens")
_REASONING = ("reasoning_tokens", "thoughtsTokenCount", "thoughts_tokens", "thinking_tokens", "reasoningTokens")
_CACHED = (
    "cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens", "cachedContentTokenCount", "cache_read_tokens",
)  # fmt: skip
_WRITTEN = ("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens")
_MOST = 1_000_000_000
"""More than any call can have: what is above is no count."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; 0 for what it does not report.

    Of `prompt_tokens` so many were read from its cache (`cached_tokens`) or written to it (`written_tokens`). Reasoning
    tokens are part of `completion_tokens`.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    written_tokens: int = 0

    def after(self, before: "Usage | None") -> "Usage":
        """Return this newer report, completed by what only the one `before` it says: some count along, some in parts."""
        if before is None:
            return self
        return Usage(
            self.prompt_tokens or before.prompt_tokens,
            self.completion_tokens or before.completion_tokens,
            self.cached_tokens or before.cached_tokens,
            self.written_tokens or before.written_tokens,
        )


def read(reported: object) -> Usage | None:
    """Return what a report says, None for one without a count above 0.

    Reasoning tokens are part of the completion's with most providers. With some they stand beside it, which the total
    tells, or that they are more than the completion; there they are added, once. The same holds for cached tokens and
    the prompt's.
    """
    if not isinstance(reported, dict):
        return None
    prompt, completion, total = (_count(reported, names) for names in (_PROMPT, _COMPLETION, _TOTAL))
    of_prompt = _details(reported, "prompt_tokens_details", "input_tokens_details")
    of_completion = _details(reported, "completion_tokens_details", "output_tokens_details")
    cached = _count(of_prompt, _CACHED) or _count(reported, _CACHED)
    written = _count(of_prompt, _WRITTEN) or _count(reported, _WRITTEN)
    reasoning = _count(of_completion, _REASONING) or _count(reported, _REASONING)
    if cached + written > prompt > 0:
        prompt += cached + written
    beside = total - prompt - completion if prompt else 0
    if reasoning and (beside == reasoning or reasoning > completion):
        completion += reasoning
    elif beside > 0 and beside == cached + written:
        prompt += beside
    elif beside > 0 and not reasoning and completion:  # thoughts that only the total knows of
        completion += beside
    if not prompt and not completion:
        return None
    return Usage(prompt, completion, min(cached, prompt), min(written, prompt))


def _details(reported: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        if isinstance(found := reported.get(name), dict):
            return found
    return {}


def _count(reported: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """Return the first of the counts that is above 0; a fraction is rounded up, a number in quotes is read."""
    for name in names:
        value = reported.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
            value = int(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST:
            return math.ceil(value)
    return 0
