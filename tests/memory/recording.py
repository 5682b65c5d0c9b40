"""Appends, replaces and moves in the directory given, each announced on standard output once it is done: for a tracer to see."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from memory.conversations import history, turns
from memory.conversations.records import Record
from memory.conversations.turns import NewMessage, PendingTurn
from memory.storage.users import Users

users = Users(Path(sys.argv[1]))
users.prepare()
folder = users.create("ana", b"account")
os.write(1, b"told created\n")
folder.append("history.txt", b"first\n")
os.write(1, b"told appended\n")
folder.append("history.txt", b"second\n")
os.write(1, b"told again\n")
folder.replace("title.txt", b"title")
os.write(1, b"told replaced\n")
folder.truncate_to("history.txt", 6)
os.write(1, b"told cut\n")
users.move_to_trash(folder)
os.write(1, b"told away\n")
other = users.create("bob", b"account")
now = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
pending = turns.open(other, NewMessage("Hello?"), now, 0)
assert isinstance(pending, PendingTurn)
taken = pending.keep()
os.write(1, b"told accepted\n")
taken.spool.text = "Hello"
turns.finish(taken, now, "stop", "luna", None)
os.write(1, b"told finished\n")
history.add(other, Record(3, now, "user", "More?"), Record(4, now, "assistant", "No.", "luna", "stop"))
os.write(1, b"told both\n")
