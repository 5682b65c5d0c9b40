"""What of a request a server takes: it starts as the provider documents it and loses what the server refuses. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from completions import prompt_cache
from completions.errors import ErrorDetails
from completions.request import CompletionRequest

MOST_REFUSALS = 6
"""So often one question is asked again with another request, each time with a part less."""
_BOUNDS = ("max_tokens", "max_completion_tokens")
_NEEDED = frozenset(["model", "messages"])


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a model's server is asked. `bound`: the name by which an answer is bounded; None: it takes neither."""

    bound: str | None = "max_tokens"
    cache_key: bool = False
    breakpoints: bool = False
    system: Literal["system", "developer", "user"] = "system"
    left_out: frozenset[str] = frozenset()

    def body(self, request: CompletionRequest) -> dict[str, Any]:
        """Return a request's body. The owner's parameters of the model take the place of what stands there.

        Where no function may be called any more they are sent all the same: they stand before the messages in a
        provider's cache.
        """
        model, messages, parameters = request.model, request.messages, request.model.parameters
        sent = [dict(message) for message in messages] if self.system == "system" else self._renamed(messages)
        body: dict[str, Any] = {"model": model.name, "messages": sent, "stream": request.streamed}
        if self.bound and not any(bound in parameters for bound in _BOUNDS):
            body[self.bound] = request.max_tokens
        if self.breakpoints and self.system != "user":
            body |= prompt_cache.body(sent, request.breakpoints, extends=request.extends, ends=request.ends)
        if self.cache_key and request.cache_key:
            body["prompt_cache_key"] = request.cache_key
        body["stream_options"] = {"include_usage": True}
        if request.tools and "tools" not in self.left_out:
            body |= {"tools": list(request.tools)} | ({} if request.may_call else {"tool_choice": "none"})
        body |= parameters
        for key in self.left_out:
            body.pop(key, None)
        if not body.get("stream"):
            body.pop("stream_options", None)
        return body

    def without(self, fault: ErrorDetails, body: Mapping[str, Any]) -> "Dialect | None":
        """Return how to ask after a refusal, None where it is not of a part of the request that can be done without."""
        if "tools" in body and _is_of_tools(fault):
            return replace(self, left_out=self.left_out | {"tools"})
        if fault.status not in (400, 422, 500) or fault.kind not in ("bad_request", "server_error"):
            return None
        text = fault.message.lower()
        is_clear = fault.status != 500 or any(word in text for word in ("role", "instruction", "'system'"))
        if self.system != "user" and is_clear and _SYSTEM_REFUSED.search(text):
            may_develop = self.system == "system" and "developer" in fault.names and "instruction" not in text
            return replace(self, system="developer" if may_develop else "user")
        if fault.status == 500:
            return None
        if self.breakpoints and ("prompt_cache" in text or _PARTS_REFUSED.search(text)):
            return replace(self, breakpoints=False)
        named = [key for key in body if key not in _NEEDED and key in fault.names and not _is_of_value(key, text)]
        for key in sorted(named, key=lambda key: (key != "stream_options", key == "stream")):
            if key in _BOUNDS and key == self.bound:
                other = next(bound for bound in _BOUNDS if bound != key)
                was_tried = other in self.left_out
                return replace(self, bound=None if was_tried else other, left_out=self.left_out | {key})
            return replace(self, left_out=self.left_out | {key})
        return None

    def told(self, before: "Dialect") -> str:
        """Return what is done otherwise than before, for the log."""
        parts = [f"role system, sent as {self.system}"] if self.system != before.system else []
        parts += ["cache marks"] if self.breakpoints != before.breakpoints else []
        for key in sorted(self.left_out - before.left_out):
            parts.append(f"{key}, sent as {self.bound}" if key == before.bound and self.bound else key)
        return "; ".join(parts)

    def _renamed(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the messages without the role of the system; as a customer's words they come before the first of these."""
        if self.system == "developer":
            return [{**one, "role": "developer"} if one["role"] == "system" else dict(one) for one in messages]
        found, rules = list[dict[str, Any]](), list[str]()
        for one in messages:
            if one["role"] == "system":
                rules.append(one["content"])
            else:
                found.append(dict(one))
        if found and found[0]["role"] == "user":
            content = found[0]["content"]
            rule = "\n\n".join(rules)
            is_text = isinstance(content, str)  # with photos it is a list of parts
            found[0]["content"] = f"{rule}\n\n{content}" if is_text else [{"type": "text", "text": rule}, *content]
            return found
        return [{"role": "user", "content": "\n\n".join(rules)}, *found]


_SYSTEM_REFUSED = re.compile(
    r"(?=.*\b(?:system|developer)\b)(?=.*\b(?:role|message|prompt|instruction)s?\b)"
    r".*(?:\bnot\b|n't\b|unsupported|\bonly\b|invalid|unknown|unexpected)|'system' is not (?:one of|a valid)|invalid value: 'system'",
    re.DOTALL,
)
_PARTS_REFUSED = re.compile(
    r"content[^.]{0,60}(?:must be|should be|expected|not)[^.]{0,30}(?:string|\bstr\b)|breakpoint"
)
_VALUE = re.compile(
    r"too (?:large|high|big)|must be (?:less|at most|<|between|greater)|at most|less than or equal|at least|exceed"
)


_TOOLS_REFUSED = re.compile(
    r"\btools?\b(?! message)(?! role)|\bfunction[ _-]call", re.IGNORECASE
)  # "does not support tools", "requires --enable-auto-tool-choice", "no endpoints that support tool use"


def _is_of_tools(fault: ErrorDetails) -> bool:
    """True if a server takes no functions. Some say so as 404, no such model with them, or as 500 and 501."""
    is_choice = "tool_choice" in fault.names and "tools" not in fault.names
    return fault.status in (400, 404, 422, 500, 501) and not is_choice and bool(_TOOLS_REFUSED.search(fault.message))


def _is_of_value(key: str, text: str) -> bool:
    """True if a bound of the answer was refused for its number: without one the answer would only be longer."""
    return key in _BOUNDS and _VALUE.search(text) is not None
