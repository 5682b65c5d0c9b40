"""A directory of users, ana in it, and processes of its own that use it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from memory.storage.folders import Folder
from memory.storage.users import Users
from settings import ROOT


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "users")
    users.prepare()
    return users


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.create("ana", b"account")


def tree(folder: Folder) -> list[str]:
    return sorted(os.listdir(folder.path))


def in_child(code: str, *arguments: object) -> str:
    """Run the code in a process of its own; return what it prints."""
    head = "import resource, sys\nfrom pathlib import Path\nfrom memory.storage.folders import Folder, StorageError\nfrom memory.storage.users import Users\n"
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=20).stdout
