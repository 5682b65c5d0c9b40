"""What a model is sent: rules, store, summary, history, rows for the question and the question, in that order. Pure.

The order is the cache's: what changes least comes first, and nothing volatile stands before the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from memory.context import tokens
from memory.context.quoting import disarm, disarm_tags, indent, quote_each, quote_one, words
from memory.context.templates import fill
from memory.conversations.records import Record
from shop import texts
from shop.texts import PromptsUnreadable

Mode = Literal["system", "turns"]

PER_MESSAGE = 4
"""Tokens that a chat format adds to each message, as OpenAI's cookbook counts them; reports correct it."""
_CONTINUE = "Continue your last answer exactly where it stops; repeat nothing of it."

PHOTO_TOKENS = 1_500
"""At most for one photo of 1,600 pixels: OpenAI's largest is 1,445, eight tiles of 170 and 85 (guides/images-vision)."""
MOST_PHOTOS = 3
"""The last ones of a conversation that are sent."""


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A photo that a model which looks at pictures is sent with the question: the number of its message, its name."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages of one request and what each part of them is, as text.

    `breakpoints` are the places in the first message up to which it stood there in the last request, or will in the next, in
    characters. `extends`: the next request begins with all of these messages; `ends`: with those up to these numbers, where
    it has other rows than this one.
    """

    messages: tuple[dict[str, str], ...]
    rules: str
    store: str
    summary: str
    history: str
    question: str
    rows: str = ""
    breakpoints: tuple[int, ...] = ()
    extends: bool = False
    ends: tuple[int, ...] = ()
    asked: int = -1
    """Which message is the question's."""
    photos: tuple[SentPhoto, ...] = ()
    """What goes with the question to a model that looks at pictures, oldest first."""
    _counted: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def photo_tokens(self) -> int:
        """The tokens that its photos have at most, beside those of its words."""
        return PHOTO_TOKENS * len(self.photos)

    def tokens(self, encoding: str) -> int:
        """Return the counted tokens of the whole prompt; it is counted once."""
        if encoding not in self._counted:
            first, *others = (message["content"] for message in self.messages)
            shared = self.breakpoints[0] if self.breakpoints else 0  # so far all prompts of the shop are the same
            same = first.rfind("\n", 0, shared) + 1
            counted = tokens.count_again(first[:same], encoding) + tokens.count(first[same:], encoding)
            counted += sum(tokens.count(content, encoding) for content in others)
            self._counted[encoding] = counted + PER_MESSAGE * len(self.messages)
        return self._counted[encoding]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `draft` is the beginning of an answer that is to be continued.

    `rows` are the shop's data for this question alone, a section of its message as `ShopRows.text` makes it.
    """

    text: str
    draft: str = ""
    rows: str = ""
    photos: tuple[SentPhoto, ...] = ()


def build(
    template: str,
    store: str,
    summary: str,
    kept: Sequence[Record],
    asked: Question,
    mode: Mode,
    settled: str = "",
) -> Prompt:
    """Make the prompt of one turn.

    `kept` are the messages sent word for word, oldest first. `settled` are the notes as the last prompt had them, where they
    have grown since. Whatever was written by a user or a model is text in it: a mark that a model's server would read as the
    beginning of another message is broken, and so is a tag that would end the section of notes or conversation. The only
    system message is the first, and roles come from the records alone. PromptsUnreadable when the owner's template cannot
    be used.
    """
    quoted = quote_each(kept) if mode == "system" else []
    history, summary = "\n".join(quoted), indent(disarm_tags(summary))
    question, draft, rows = disarm(asked.text), disarm(asked.draft), asked.rows
    system = render(template, store=store, summary=summary, history=history)
    messages = _messages(system, kept if mode == "turns" else (), asked_with(rows, question), draft)
    questions = [n for n, record in enumerate(record for record in kept if record.text) if record.is_question]
    last = "\n".join(quoted[: questions[-1]]) if questions and not settled else ""
    parts = (store, ""), (summary, indent(disarm_tags(settled))), (history, last)
    return Prompt(
        messages=tuple(messages),
        rules=render(template, store="", summary="", history=""),
        store=store,
        summary=summary,
        history=history or "\n".join(message["content"] for message in messages[1:-1]),
        question=question,
        rows=rows,
        breakpoints=_breakpoints(system, parts),
        extends=mode == "turns" and not rows,  # rows are gone from the next request
        ends=_ends(messages, draft) if mode == "turns" and rows else (),
        asked=len(messages) - (3 if draft else 1),
        photos=(*photos_of(kept), *asked.photos)[-MOST_PHOTOS:],
    )


def _messages(system: str, turns: Sequence[Record], question: str, draft: str) -> list[dict[str, str]]:
    """Return the messages in order: the system's, the turns, the question, and a draft that is to be continued."""
    messages = [{"role": "system", "content": system}, *(_turn(record) for record in turns if record.text)]
    messages = _alternating([*messages, {"role": "user", "content": question}])
    if draft:
        messages += [{"role": "assistant", "content": draft}, {"role": "user", "content": _CONTINUE}]
    return messages


def photos_of(records: Sequence[Record]) -> tuple[SentPhoto, ...]:
    """Return the photos of messages, in their order."""
    return tuple(SentPhoto(record.number, name) for record in records for name in record.files)


def _ends(messages: Sequence[dict[str, str]], draft: str) -> tuple[int, ...]:
    """Return the messages up to which the next request is the same, and up to which the last one was: the last two answers."""
    last = len(messages) - (4 if draft else 2)
    return tuple(n for n in (last - 2, last) if n > 0 and messages[n]["content"])


def asked_with(rows: str, question: str) -> str:
    """Return the message of a question: the shop's rows for it, then its words."""
    return f"{rows}\n\nThe customer's message:\n\n{question}" if rows else question


def _turn(record: Record) -> dict[str, str]:
    """Return a record as a message. An imported reply is quoted as the customer's: its model is to own no word of it."""
    if record.speaker == "imported":
        return {"role": "user", "content": quote_one(record)}
    return {"role": record.role, "content": disarm(words(record))}


def _alternating(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the messages with neighbours of one role as one, after the system's beginning with a user's.

    Many servers take no other order. Two of a role follow each other after a reply without a word, as one that was stopped.
    """
    found = list[dict[str, str]]()
    for message in messages:
        if found and found[-1]["role"] == message["role"]:
            found[-1] = {**message, "content": f"{found[-1]['content']}\n\n{message['content']}"}
        elif message["role"] == "assistant" and found[-1]["role"] == "system":
            found += [{"role": "user", "content": "(Earlier messages are left out here.)"}, message]
        else:
            found.append(message)
    return found


def _breakpoints(system: str, parts: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """Return where each part ends in the system message, and its beginning that was there before; four at most.

    What the owner's template leaves out, changes or puts into another order has none.
    """
    places, at = set[int](), 0
    for part, beginning in parts:
        start = system.find(part, at) if part else -1
        if start == -1:
            continue
        at = start + len(part)
        places.add(at)
        if beginning and part.startswith(beginning):
            places.add(start + len(beginning))
    return tuple(sorted(places))


def render(template: str, **values: str) -> str:
    """Fill in the owner's template. PromptsUnreadable when that fails, with the line when it is not valid Jinja."""
    return fill(template, f"prompts/{texts.RULES}", **values).strip() + "\n"


def faults_of_templates(prompts: Path) -> dict[str, str]:
    """Return which templates of prompts/ cannot be used, and why; none where both can. Blocks."""
    found, sample = dict[str, str](), "What stands here."
    try:
        read = texts.templates(prompts)
    except PromptsUnreadable as error:
        is_rules = texts.SUMMARISE not in str(error)
        return {texts.RULES if is_rules else texts.SUMMARISE: str(error)}
    tried: list[tuple[str, str, dict[str, Any]]] = [
        (texts.RULES, read.rules, {"store": sample, "summary": sample, "history": sample}),
        (texts.RULES, read.rules, {"store": "", "summary": "", "history": ""}),  # it may ask whether there are any
        (texts.SUMMARISE, read.summarise, {"conversation": sample, "words": 40, "language": "English"}),
    ]
    for file, template, values in tried:
        try:
            fill(template, f"prompts/{file}", **values)
        except PromptsUnreadable as error:
            found[file] = str(error)
    return found
