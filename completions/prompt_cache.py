"""Marks in a prompt, up to which a provider keeps it: OpenAI's cache, from gpt-5.6 on, reads nothing that is not marked. Pure.

Those models find a prompt's beginning again only if it ends at a mark that an earlier request had there too; by themselves they
mark the newest message alone. What is written there costs 1.25 times what reading it anew does, and a read a tenth or less. A
request writes at its last four marks. Source: developers.openai.com/api/docs/guides/prompt-caching and the openai package's
own words on `prompt_cache_options`.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

MOST_MARKS = 4
_FIRST = (5, 6)
_NAME = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?![\w.])")


def is_marked(name: str) -> bool:
    """True if a model of OpenAI's, by its name, reads cache breakpoints."""
    found = _NAME.match(name)
    return found is not None and (int(found[1]), int(found[2] or 0)) >= _FIRST


def body(messages: Sequence[Mapping[str, str]], marks: Sequence[int], *, extends: bool) -> dict[str, Any]:
    """Return the part of a request's body that says which beginnings of it are kept.

    `marks` are places in the first message's text. `extends`: the next request begins with all of these messages, so
    that the end is marked too, as the provider does by itself; else nothing beyond the marks is kept and paid for.
    """
    found: dict[str, Any] = {"messages": messages}
    if not extends:
        found["prompt_cache_options"] = {"mode": "explicit"}
    if marks:
        first, *others = messages
        found["messages"] = [{**first, "content": _parts(first["content"], marks)}, *others]
    return found


def _parts(text: str, marks: Sequence[int]) -> list[dict[str, Any]]:
    """Cut the text at its marks, each part but the last with the mark at its end."""
    places = [place for place in marks if 0 < place <= len(text)][-MOST_MARKS:]
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": text[begin:end], "prompt_cache_breakpoint": {"mode": "explicit"}}
        for begin, end in pairwise([0, *places])
    ]
    rest = text[places[-1] if places else 0 :]
    return [*parts, {"type": "text", "text": rest}] if rest else parts
