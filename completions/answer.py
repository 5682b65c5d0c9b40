"""An answer as its events tell it: deltas joined, thoughts and end marks left out, the end known. Pure."""

import re
from itertools import groupby

from completions.reasons import outcome
from completions.stream import Delta, Event, Finished, Restarted, Thinking
from completions.tools import CallPiece, CallsInProgress, ToolCall
from completions.usage import Usage

_TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis<|message|>": "<|end|>",
    "<|channel>thought": "<channel|>",
}
_ROLES = ("<|start|>assistant", "<|channel|>final<|message|>")
"""What stands before an answer where a server passes a model's channels on as they are."""
_STARTS = (*_TAGS, *_TAGS.values(), *_ROLES)
_LONE = ("</think>", "</thinking>")
"""What ends thoughts whose opening tag stands at the end of the prompt, as in the templates of some models."""
_LONE_TAG = re.compile("|".join(_LONE))
_MARK = re.compile(r"<\|[\w ]{1,30}\|>|<｜[^｜<>]{1,40}｜>|</s>|<end_of_turn>|<eos>")
_MARKS = re.compile(rf"(?:(?:{_MARK.pattern})\s*)+\Z")
_PARTIAL = re.compile(r"<(?:\|[\w ]{0,30}\|?|｜[^｜<>]{0,40}｜?)?\Z")
_WORDS = ("</s>", "<s>", "<end_of_turn>", "<eos>", "<think", *_LONE)
_LONGEST = 64


class Answer:
    """Takes the events of each piece as they come; returns what is to be told of them.

    `is_thinking`: the model is known to begin with thoughts without an opening tag, so that nothing is said before their end.
    """

    def __init__(self, *, is_thinking: bool = False) -> None:
        self._state = "lone" if is_thinking else "start"
        self._closing = ""
        self._held = ""
        self._kept = list[str]()
        self._is_after_thoughts = False
        self._ticks = 0
        self._has_strikes = self._has_opening = False
        self.finished: Finished | None = None
        self.is_repeating = False
        """The server sends reasons along with its text: one that was sent does not say that the answer has ended."""
        self.usage: Usage | None = None
        self._calls = CallsInProgress()
        self.chars = self.thought_chars = self.kept_chars = 0
        self.began_with_thoughts = False
        """Thoughts came without an opening tag; they were told as words if nobody knew."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls of functions so far."""
        return self._calls.whole()

    @property
    def has_ended(self) -> bool:
        """True if the end is known even where the body goes on, or breaks off."""
        return (
            self.finished is not None
            and not self.is_repeating
            and (self.chars > 0 or outcome(self.finished.reason) not in ("stop", "length"))
        )

    @property
    def size(self) -> int:
        """Characters of words and thoughts together."""
        return self.chars + self.thought_chars + self.kept_chars

    def take(self, events: list[Event]) -> list[Event]:
        """Return the deltas, joined, and the thoughts among the events of one piece; the rest is kept for the end."""
        if len(events) == 1 and self._state == "open" and self.finished is None and not self._held:
            event = events[0]
            if type(event) is Delta and "<" not in event.text and "`" not in event.text:  # nearly all pieces
                self.chars += len(event.text)
                return events
        said, is_alive, is_last = self._sort(events)
        told = list[Event]()
        for kind, run in groupby(said, key=type):
            text = "".join(one.text for one in run)
            if kind is Thinking:
                self._think(text, told)
            else:
                self._tell(text, told)
        if is_last and not self.is_repeating and not self.calls and told and isinstance(said_last := told[-1], Delta):
            told[-1] = Delta(said_last.text, is_last=True)
        if is_alive and not told and not self.chars:
            told.append(Thinking())
        return told

    def _sort(self, events: list[Event]) -> tuple[list[Delta | Thinking], bool, bool]:
        """Return the words and thoughts, whether there was a mere sign of life, and whether the end came behind the words."""
        said, is_alive, is_last = list[Delta | Thinking](), False, False
        for event in events:
            match event:
                case Finished():
                    self.finished, is_last = event, bool(said) and isinstance(said[-1], Delta)
                case Usage():
                    self.usage = event.after(self.usage)
                case CallPiece():
                    self._calls.add(event)
                    said.append(Thinking(event.name + event.arguments))
                case Thinking(""):
                    is_alive = True
                case Delta() | Thinking():
                    self.is_repeating |= self.finished is not None
                    is_last = False
                    said.append(event)
        return said, is_alive, is_last

    def end(self) -> list[Event]:
        """Return what was held back, now that nothing follows."""
        told = list[Event]()
        if self._state == "lone":  # no thoughts ended: it was the answer, or the room was used up before
            self._held, self._state = "", "start"
            kept = "".join(self._kept)
            if self.finished is not None and outcome(self.finished.reason) == "length":
                self._think(kept, told)
                return told
            self._tell(kept, told)
        held = self._held
        if self._state == "inside":
            self._think(held, told)
            return told
        if (marks := _MARKS.search(held)) and not (self._has_strikes and held.startswith("</s>")):
            held = held[: marks.start()]
        if held.strip():
            self._say(held, told)
        return told

    def _say(self, text: str, told: list[Event]) -> None:
        if text:
            self.chars += len(text)
            told.append(Delta(text))

    def _think(self, text: str, told: list[Event]) -> None:
        if text:
            self.thought_chars += len(text)
            told.append(Thinking(text))

    def _tell(self, text: str, told: list[Event]) -> None:
        while text:
            match self._state:
                case "start":
                    text = self._start(text, told)
                case "inside":
                    text = self._inside(text, told)
                case "lone":
                    text = self._before_lone(text, told)
                case _:
                    self._open(text, told)
                    return

    def _start(self, text: str, told: list[Event]) -> str:
        """Look for thoughts where an answer begins, which is the only place for them; return what is still to be read."""
        text = self._held + text
        begun = text.lstrip()
        head = begun[:_LONGEST].lower()
        for tag in _STARTS:
            if head.startswith(tag):
                self._held, self._is_after_thoughts = "", True
                if tag in _TAGS:
                    self._state, self._closing = "inside", _TAGS[tag]
                return begun[len(tag) :]
        if len(text) < 10_000 and any(
            tag.startswith(head) for tag in _STARTS
        ):  # "" too: white space alone says nothing
            self._held = text
            return ""
        self._held, self._state = "", "open"
        return begun if self._is_after_thoughts else text

    def _inside(self, text: str, told: list[Event]) -> str:
        text = self._held + text
        found = re.search(re.escape(self._closing), text, re.IGNORECASE)
        if found is None:
            cut = max(0, len(text) - len(self._closing) + 1)
            self._held = text[cut:]
            self._think(text[:cut], told)
            return ""
        self._held, self._state = "", "start"
        self._think(text[: found.start()], told)
        return text[found.end() :]

    def _before_lone(self, text: str, told: list[Event]) -> str:
        """Keep all back until thoughts end that are known to come without an opening tag."""
        near = self._held + text  # the tag may be cut
        for tag in _LONE:
            at = near.find(tag)
            if at >= 0:
                self._think("".join([*self._kept, text])[: at - len(near)], told)
                self._kept.clear()
                self._held, self._state = "", "start"
                self._is_after_thoughts = self.began_with_thoughts = True
                return near[at + len(tag) :]
        if not self._kept:
            told.append(Thinking())
        self._kept.append(text)
        self.kept_chars += len(text)
        self._held = near[-max(map(len, _LONE)) + 1 :]
        return ""

    def _take_back(self, thought: str, told: list[Event]) -> None:
        """Make thoughts of all that was told, up to these, behind which a closing tag stood without an opening one."""
        new = [event.text for event in told if isinstance(event, Delta)]
        has_told = self.chars > sum(map(len, new))
        self.thought_chars += self.chars
        self.chars, self._state = 0, "start"
        self.began_with_thoughts = self._is_after_thoughts = True
        told[:] = [Thinking(event.text) if isinstance(event, Delta) else event for event in told]
        if has_told:
            told.append(Restarted())
        self._think(thought, told)

    def _open(self, text: str, told: list[Event]) -> None:
        """Return the words, save those at their end that may be no words but the mark of the end, or of that of thoughts."""
        if "<" not in text and not self._held:
            self._ticks += text.count("`")
            self._say(text, told)
            return
        text = self._held + text
        self._held = ""
        if not self._is_after_thoughts and not self._has_opening:
            for tag in _LONE_TAG.finditer(text):
                at = tag.start()
                if "<think" not in text[:at] and (self._ticks + text.count("`", 0, at)) % 2 == 0:  # and not in code
                    self._take_back(text[:at], told)
                    self._tell(text[tag.end() :], told)
                    return
        self._has_opening |= "<think" in text
        self._has_strikes |= "<s>" in text
        cut = len(text)
        last = text.rfind("<", max(0, cut - _LONGEST))
        if last >= 0 and (_PARTIAL.match(text, last) or any(one.startswith(text[last:]) for one in _WORDS)):
            cut = last
        if marks := _MARKS.search(text, max(0, cut - _LONGEST), cut):
            cut = marks.start()
        text, self._held = text[:cut], text[cut:]
        self._ticks += text.count("`")
        self._say(text, told)
