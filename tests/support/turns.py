"""A turn as the tests of files and crashes need it: taken in at once, without a prompt, a budget or a model."""

from datetime import datetime

from memory.conversations import turns
from memory.conversations.turns import Accepted, Action, PendingTurn, RateLimited, ReplyInProgress, StaleView
from memory.storage.folders import Folder


def accept(
    folder: Folder, action: Action, now: datetime, messages_per_minute: int = 0
) -> Accepted | ReplyInProgress | RateLimited | StaleView:
    """Open a turn and keep it."""
    opened = turns.open(folder, action, now, messages_per_minute)
    return opened.keep() if isinstance(opened, PendingTurn) else opened
