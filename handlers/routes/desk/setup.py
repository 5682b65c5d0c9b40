"""The first run: its steps one after the other, what is shown of each, and the trial conversation."""

from collections.abc import Awaitable, Callable
from itertools import islice

from quart import Blueprint, Response, abort

from handlers.desk import setup as steps
from handlers.desk.setup import STEPS, Outcome, Step
from handlers.services import current_services, in_thread
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, language, redirect_to, render_page
from handlers.web.setup_data import render_data
from handlers.web.setup_model import render_model
from handlers.web.setup_page import leave_step, render_step
from handlers.web.setup_people import render_people
from handlers.web.setup_shop import render_shop
from shop import texts
from shop.snapshot import Snapshot

setup = Blueprint("desk_setup", __name__, url_prefix="/admin/setup")
setup.before_request(only_owners)

_MOST_EXAMPLES = 4


@setup.get("")
async def resume() -> Answer:
    """303 to the first step that is still to be done; when there is none, a page that says so."""
    found = await in_thread(steps.read, current_services().users)
    step = steps.next_step(found)
    if step is not None:
        return redirect_to(f"/admin/setup/{step}")
    skipped = [one for one in STEPS if (found or {}).get(one) != "done"] if found is not None else []
    return render_page("admin_setup.html", skipped=skipped, is_begun=found is not None)


async def render_try() -> Response:
    """Answer with the step of the trial conversation, and questions that the shop's data answer."""
    services = current_services()
    snapshot = services.shop.snapshot
    own = await in_thread(texts.questions, services.prompts, language().code)
    found = [*(own or services.settings.examples or (snapshot.questions if snapshot else ()))]
    if snapshot is not None and len(found) < _MOST_EXAMPLES:
        names = await in_thread(_first_names, snapshot)
        found += [_("How much is %(product)s?", product=name) for name in names]
    return await render_step("try", questions=found[:_MOST_EXAMPLES])


def _first_names(snapshot: Snapshot) -> list[str]:
    """Return the names of the first products. Blocks."""
    return [product.name for product in islice(snapshot.index.all(), _MOST_EXAMPLES)]


_SHOWN: dict[Step, Callable[[], Awaitable[Response]]] = {
    "shop": render_shop,
    "data": render_data,
    "model": render_model,
    "try": render_try,
    "people": render_people,
}


def _step(name: str) -> Step:
    """Return the step of this name; else the answer is 404."""
    step = next((one for one in STEPS if one == name), None)
    if step is None:
        abort(404)
    return step


@setup.get("/<step>")
async def show_step(step: str) -> Answer:
    """One step; 404 for what is none."""
    return await _SHOWN[_step(step)]()


@setup.post("/<step>/done")
async def finish_step(step: str) -> Answer:
    """Note the step as done; 303 to the next one."""
    return await _leave(step, "done")


@setup.post("/<step>/skip")
async def skip_step(step: str) -> Answer:
    """Note the step as skipped; 303 to the next one."""
    return await _leave(step, "skipped")


async def _leave(step: str, outcome: Outcome) -> Answer:
    return await leave_step(_step(step), outcome)
