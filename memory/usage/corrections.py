"""How many tokens each model reports for one that is counted, kept between starts.

users/.corrections has one line a model, `"gpt-6-luna" = 1.0342`. It only makes the first counts after a start right:
what cannot be read or written is logged and does no other harm.
"""

import logging
import tomllib

import tomli_w

from memory.storage.folders import StorageError
from memory.storage.layout import CORRECTIONS
from memory.storage.users import Users

log = logging.getLogger("storekeeper.corrections")

LEAST, MOST = 0.5, 3.0
"""What a ratio is between; another is no way of counting but a mistake."""
MOST_MODELS = 200
_LARGEST_BYTES = 1 << 16
_STEP = 0.01
"""The change of a ratio that is worth a write."""


def load(users: Users) -> dict[str, float]:
    """Return the ratios by model; none where the file is absent or cannot be used."""
    try:
        if (users.shared.size(CORRECTIONS) or 0) > _LARGEST_BYTES:
            raise ValueError("it is too large")
        values = tomllib.loads(users.shared.read(CORRECTIONS).decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("corrections_unreadable", extra={"error": str(error)})
        return {}
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and LEAST <= value <= MOST
    }


def keep(users: Users, model: str, ratio: float) -> None:
    """Write a model's ratio where it differs from what stands there; the others stay, at most MOST_MODELS in all."""
    try:
        if abs(load(users).get(model, 0) - ratio) < _STEP:
            return
        with users.shared.lock():
            kept = load(users)
            kept.pop(model, None)
            kept[model] = round(ratio, 4)
            newest = dict(list(kept.items())[-MOST_MODELS:])
            users.shared.replace(CORRECTIONS, tomli_w.dumps(newest).encode(), is_durable=False)
    except (OSError, StorageError) as error:
        log.warning("corrections_not_written", extra={"error": str(error)})
