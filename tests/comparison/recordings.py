"""What models replied, kept so that scoring runs again offline, byte for byte.

A recording is found by the sha256 of model, parameters and prompt, and holds all three: it is used only when they are
equal to those asked, so that it is never trusted for another prompt.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from completions.stream import Usage
from settings import ROOT, Model

PLACE = ROOT / "reports" / "recordings"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said. `error`: a fault's word, and then there is no text. `made`: UTC, ISO 8601; usage is None
    where the server told none."""

    text: str
    reason: str
    seconds: float
    made: str
    usage: Usage | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a reply depends on."""

    model: str
    parameters: dict[str, Any]
    messages: tuple[dict[str, str], ...]

    def plain(self) -> dict[str, Any]:
        return {"model": self.model, "parameters": self.parameters, "prompt": list(self.messages)}

    @property
    def key(self) -> str:
        return sha256(json.dumps(self.plain(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def asked(model: Model, messages: tuple[dict[str, str], ...], max_tokens: int, repeat: int, *, streamed: bool) -> Asked:
    """Name a request. A GGUF file is named by its name and size, a server by its address; keys never stand here."""
    served = f"{Path(model.gguf).name} {Path(model.gguf).stat().st_size}" if model.gguf else model.base_url
    parameters = {
        **model.parameters,
        "max_tokens": max_tokens,
        "repeat": repeat,
        "streamed": streamed,
        "server": served,
    }
    return Asked(model.name, parameters, messages)


class Recordings:
    """The recordings in a directory, one file each."""

    def __init__(self, place: Path = PLACE) -> None:
        self._place = place

    def find(self, wanted: Asked) -> Reply | None:
        """Return what was recorded for exactly this request; None for none, a torn file or another request's."""
        try:
            kept = json.loads(self._path(wanted).read_bytes())
            if kept["asked"] != json.loads(json.dumps(wanted.plain())):
                return None
            reply = kept["reply"]
            usage = Usage(**reply.pop("usage")) if reply["usage"] else reply.pop("usage")
            return Reply(**reply, usage=usage)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, wanted: Asked, reply: Reply) -> None:
        """Write a recording, whole or not at all."""
        path = self._path(wanted)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}")
        kept = {"asked": wanted.plain(), "reply": asdict(reply)}
        part.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)

    def _path(self, wanted: Asked) -> Path:
        return self._place / wanted.key[:2] / f"{wanted.key}.json"
