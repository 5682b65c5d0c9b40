"""Conversations deleted by their customers, also out of the owner's list of questions."""

from memory.conversations import archive, history, improvable
from memory.storage.folders import Folder
from memory.storage.users import Users


def clear(users: Users, folder: Folder) -> None:
    """Delete the current conversation for good. Call it where no reply is being written."""
    began = history.began(folder)
    archive.clear(folder)
    if began is not None:
        improvable.forget(users, folder.name, began)


def delete(users: Users, folder: Folder, name: str) -> bool:
    """Delete a conversation set aside, for good. False when there is none such."""
    place = archive.find(folder, name)
    began = history.began(place) if place is not None else None
    if not archive.delete(folder, name):
        return False
    if began is not None:
        improvable.forget(users, folder.name, began)
    return True
