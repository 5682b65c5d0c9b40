"""The guard of the owner's desk."""

from quart import abort

from handlers.web.sessions import current_user


async def only_owners() -> None:
    """Abort with 404 for everybody but an owner: the desk is absent for them."""
    if current_user().account.role != "owner":
        abort(404)
