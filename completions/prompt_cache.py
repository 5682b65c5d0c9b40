"""Breakpoints in a prompt, up to which a provider keeps it: OpenAI's cache, from gpt-5.6 on, reads nothing else. Pure.

Those models find a prompt's beginning again only if it ends at a breakpoint that an earlier request had there too; by
themselves they put one after the newest message alone. What is written there costs 1.25 times what reading it anew does, and a read a tenth or less. A
request writes at its last four breakpoints. Source: developers.openai.com/api/docs/guides/prompt-caching and the openai package's
own words on `prompt_cache_options`.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

MOST_BREAKPOINTS = 4
_FIRST = (5, 6)
_NAME = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?![\w.])")


def takes_breakpoints(name: str) -> bool:
    """True if a model of OpenAI's, by its name, reads cache breakpoints."""
    found = _NAME.match(name)
    return found is not None and (int(found[1]), int(found[2] or 0)) >= _FIRST


def body(
    messages: Sequence[Mapping[str, Any]], breakpoints: Sequence[int], *, extends: bool, ends: Sequence[int] = ()
) -> dict[str, Any]:
    """Return the part of a request's body that says which beginnings of it are kept.

    `breakpoints` are places in the first message's text, `ends` the numbers of other messages up to whose end it is kept, in
    order. `extends`: the next request begins with all of these messages, so that there is a breakpoint at the end too,
    as the provider does by itself; else nothing beyond the breakpoints is kept and paid for.
    """
    marked = list(messages)
    if breakpoints:
        most = MOST_BREAKPOINTS - len(ends)
        marked[0] = {**marked[0], "content": _parts(marked[0]["content"], breakpoints, most)}
    for n in ends:
        marked[n] = {**marked[n], "content": _parts(marked[n]["content"], [len(marked[n]["content"])], 1)}
    found: dict[str, Any] = {"messages": marked}
    if not extends:
        found["prompt_cache_options"] = {"mode": "explicit"}
    return found


def _parts(text: str, breakpoints: Sequence[int], most: int) -> list[dict[str, Any]]:
    """Cut the text at its last breakpoints, which end each part but the last."""
    places = [place for place in breakpoints if 0 < place <= len(text)][-most:]
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": text[begin:end], "prompt_cache_breakpoint": {"mode": "explicit"}}
        for begin, end in pairwise([0, *places])
    ]
    rest = text[places[-1] if places else 0 :]
    return [*parts, {"type": "text", "text": rest}] if rest else parts
