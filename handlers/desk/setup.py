"""The first run: which of its steps are done, in users/.setup, a line a step such as "data skipped".

The file is made with the first account. A shop without it was set up before, or by hand, and nobody is led through the steps.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from memory.storage.layout import SETUP
from memory.storage.users import Users

Step = Literal["shop", "data", "model", "try", "people"]
Outcome = Literal["done", "skipped"]
STEPS: tuple[Step, ...] = get_args(Step)
_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def begin(users: Users) -> None:
    """Begin the first run. StorageError where the disk does not take it. Blocks."""
    users.shared.replace(SETUP, b"")


def read(users: Users) -> dict[Step, Outcome] | None:
    """Return what became of the steps so far, None where nobody is led through them. Blocks."""
    try:
        lines = users.shared.read(SETUP).decode(errors="replace").split("\n")
    except FileNotFoundError:
        return None
    found = dict[Step, Outcome]()
    for line in lines:
        step, _, outcome = line.partition(" ")
        for known in STEPS:
            if known == step:
                found[known] = "done" if outcome == "done" else "skipped"
    return found


def note(users: Users, step: Step, outcome: Outcome) -> None:
    """Note what became of a step; one that was done stays so. StorageError where the disk does not take it. Blocks."""
    with users.shared.lock():
        found = read(users) or {}
        if found.get(step) != "done":
            found[step] = outcome
        users.shared.replace(SETUP, "".join(f"{name} {found[name]}\n" for name in STEPS if name in found).encode())


def next_step(found: Mapping[Step, Outcome] | None) -> Step | None:
    """Return the first step that is neither done nor skipped; None where there is none, or nobody is led."""
    return None if found is None else next((step for step in STEPS if step not in found), None)
