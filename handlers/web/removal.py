"""Deletes a user with all their data while the server runs, for the user or for the owner."""

import asyncio

from quart import current_app

from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from memory.people import deletion
from memory.storage.folders import Folder
from memory.storage.users import Users

_SWEEPS, _SWEEP_SECONDS = 120, 5.0


async def set_user_aside(folder: Folder) -> bool:
    """Delete a user so that the owner can restore them; what runs for them in this process is ended first. LastOwner."""
    services = current_services()
    await current_web().replies.compactor.forget(folder)
    return await in_thread(deletion.set_aside, services.users, folder, services.now())


async def remove_user(folder: Folder) -> bool:
    """Delete a user for good; what runs for them in this process is ended first. LastOwner."""
    users = current_services().users
    await current_web().replies.compactor.forget(folder)
    is_done = await in_thread(deletion.delete, users, folder, keeps_an_owner=True)
    if not await in_thread(users.sweep):
        current_app.add_background_task(_sweep_later, users)
    return is_done


async def _sweep_later(users: Users) -> None:
    """Remove what is in the trash once nobody is at work in it: at the latest a summary has its model's time."""
    for _tried in range(_SWEEPS):
        await asyncio.sleep(_SWEEP_SECONDS)
        if await in_thread(users.sweep):
            return
