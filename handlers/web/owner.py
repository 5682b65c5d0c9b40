"""The guard of the owner's desk."""

from quart import abort, g

from handlers.desk import setup
from handlers.services import current_services, in_thread
from handlers.web.sessions import current_user


async def only_owners() -> None:
    """Abort with 404 for everybody but an owner: the desk is absent for them."""
    if current_user().account.role != "owner":
        abort(404)
    await look_for_setup()


async def look_for_setup() -> None:
    """Have the page of this request, an owner's, lead to the next step of the first run where there is one."""
    g.setup_step = setup.next_step(await in_thread(setup.read, current_services().users))
