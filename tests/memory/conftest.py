"""The directory of ana, without an account: what her conversations and her usage need."""

from pathlib import Path

import pytest

from memory.storage.folders import Folder


@pytest.fixture
def ana(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "ana")
    folder.make()
    return folder
