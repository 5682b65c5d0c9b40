"""users/.outbox/told.json: the causes and the week that the owner was notified of. Only the process that sends reads and writes it."""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from memory.storage.layout import OUTBOX
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

log = logging.getLogger("storekeeper.notices")

_FILE = "told.json"


@dataclass(frozen=True, slots=True)
class Told:
    """`causes`: what the owner knows to be wrong, and since when. `week`: the Monday of the last figures; None: none yet."""

    causes: Mapping[str, datetime] = field(default_factory=dict)
    week: date | None = None


def read(users: Users) -> Told:
    """Return what was sent; a damaged file counts as none."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        values = json.loads((users.shared / OUTBOX).read(_FILE))
        causes = {str(cause): read_stamp(since) for cause, since in values["causes"].items()}
        return Told(causes, date.fromisoformat(values["week"]) if values["week"] else None)
    return Told()


def write(users: Users, told: Told) -> None:
    """Keep what was sent. StorageError when the disk does not take it."""
    values = {
        "causes": {cause: stamp(since) for cause, since in told.causes.items()},
        "week": told.week.isoformat() if told.week else None,
    }
    users.prepared(OUTBOX).replace(_FILE, json.dumps(values).encode())
