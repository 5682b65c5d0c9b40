"""The pages of the first run: one a step, with what became of the others."""

from dataclasses import dataclass
from typing import Any

from quart import Response

from handlers.desk import setup
from handlers.desk.setup import STEPS, Outcome, Step
from handlers.services import current_services, in_thread
from handlers.web.responses import Answer, _, redirect_to, render_page
from memory.i18n import N_

_TITLES: dict[Step, str] = {
    "shop": N_("Your shop"),
    "data": N_("Products and texts"),
    "model": N_("AI model"),
    "try": N_("Try it"),
    "people": N_("Let people in"),
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step in the list of all: `outcome` is None where it is still to be done."""

    name: Step
    title: str
    outcome: Outcome | None


async def render_step(step: Step, status: int = 200, **values: Any) -> Response:
    """Answer with the page of a step; `problem` is a sentence about all of it, `problems` are those of its fields."""
    found = await in_thread(setup.read, current_services().users) or {}
    values = {"problem": None, "problems": {}, "said": None} | values
    return render_page(
        f"admin_setup_{step}.html",
        status,
        step=step,
        number=STEPS.index(step) + 1,
        title=_(_TITLES[step]),
        steps=[ShownStep(one, _(_TITLES[one]), found.get(one)) for one in STEPS],
        **values,
    )


async def leave_step(step: Step, outcome: Outcome) -> Answer:
    """Note what became of a step and lead to the one behind it. StorageError where the disk does not take it."""
    users = current_services().users
    await in_thread(setup.note, users, step, outcome)
    behind = STEPS[STEPS.index(step) + 1 :]
    return redirect_to(f"/admin/setup/{behind[0]}" if behind else "/admin/setup")
