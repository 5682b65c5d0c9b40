"""One completion to ask for, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from settings import Model
from shop.answers.asking import ShopQuestion

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One completion to ask for. `max_tokens` bounds the answer; `cache_key` groups requests with one prefix.

    `breakpoints`, `ends` and `extends` say what of the messages is worth keeping for the next request, see `prompt_cache.body`. `tools` are
    functions that the model may call, if it `may_call` now; it has called them in these messages if not. `due` is the
    loop's time by which the answer must be over, besides the limits.
    """

    model: Model
    messages: Sequence[Message]
    max_tokens: int
    cache_key: str | None = None
    streamed: bool = True
    breakpoints: Sequence[int] = ()
    extends: bool = False
    ends: Sequence[int] = ()
    asked: ShopQuestion | None = None
    """The question alone, as the catalogue reads it."""
    tools: Sequence[Mapping[str, Any]] = ()
    may_call: bool = True
    due: float | None = None
