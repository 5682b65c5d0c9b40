"""Text of other people as data in a prompt: quoted behind four spaces, the marks and tags in it broken. Pure."""

import re
from collections.abc import Sequence

from memory.conversations.records import Record, Speaker

_SPEAKERS: dict[Speaker, str] = {
    "user": "Customer",
    "assistant": "Shop",
    "imported": "Shop, as brought in by the customer",
}
_MARK = re.compile(
    r"<(?=\s*[|｜])|[<\[](?=/?(?:s|bos|eos|pad|unk|(?:start|end)_of_turn|start_of_image|think|tool_\w+|"
    r"INST|SYSTEM_PROMPT|\w*TOOLS|TOOL_\w+)[>\]])|<(?=</?SYS>>)|<(?=\s*/?\s*shop_rows\b)",
    re.IGNORECASE,
)
"""Where the marks begin that chat templates of models put between messages: "<|im_start|>", "</s>", "[INST]"; and the tag
that the shop's own rows stand in."""
_TAG = re.compile(r"<(?=\s*(?:[/!?]|[^\W\d_]))")


PHOTO = "(The customer sent a photo with this message.)"


def words(record: Record) -> str:
    """Return what a message says, with a word of the photo that came with it."""
    return f"{record.text}\n\n{PHOTO}" if record.files else record.text


def quote(records: Sequence[Record]) -> str:
    """Return messages as data: the speaker at column 0, the words behind four spaces, their tags broken.

    So nothing that was written can forge a speaker or end the section it stands in.
    """
    return "\n".join(quote_each(records))


def quote_each(records: Sequence[Record]) -> list[str]:
    return [quote_one(record) for record in records if record.text]


def quote_one(record: Record) -> str:
    """Return a message as `quote` does."""
    return f"{_SPEAKERS[record.speaker]}:\n{indent(disarm_tags(words(record)))}"


def indent(text: str) -> str:
    """Return the text with every line that is not empty behind four spaces."""
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))


def disarm(text: str) -> str:
    """Return the text without what a model's server takes for its own marks: of "<|im_start|>" the "<" becomes "‹".

    llama.cpp's server, and others, read such a mark in a message as if they had written it themselves.
    """
    if "<" not in text and "[" not in text:
        return text  # as most messages, at a tenth of the search's time
    return _MARK.sub("‹", text)


def disarm_tags(text: str) -> str:
    """Return the text without marks and without tags: what stands within a section cannot end it, whatever it is named."""
    return _TAG.sub("‹", disarm(text))
