"""Photos in a request: with the question as data URLs, or a word to a model that cannot look at them."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from memory.context.prompt import Prompt
from memory.conversations import photos
from memory.storage.folders import Folder

UNSEEN = "(You can't look at photos. Where one matters, say so and ask the customer to describe it.)"


def messages(prompt: Prompt, folder: Folder, *, is_seen: bool) -> Sequence[Mapping[str, Any]]:
    """Return the prompt's messages with its photos, if the model looks at them; the newest stands last. Blocks.

    One that was deleted meanwhile is left out.
    """
    if not prompt.photos:
        return prompt.messages
    question = prompt.messages[prompt.asked]
    said = question["content"]
    content: str | list[dict[str, Any]] = f"{said}\n\n{UNSEEN}"
    if is_seen:
        content = [{"type": "text", "text": said}]
        for sent in prompt.photos:
            if (data := photos.read(folder, sent.name)) is not None:
                content += _parts(sent.number, data)
    sent_messages: list[Mapping[str, Any]] = list(prompt.messages)
    sent_messages[prompt.asked] = {**question, "content": content}
    return sent_messages


def _parts(number: int, data: bytes) -> list[dict[str, Any]]:
    url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return [
        {"type": "text", "text": f"The photo of message {number}:"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
