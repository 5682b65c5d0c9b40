"""Tests of uploads: what waits, what is forgotten, and that nothing is left where the disk fails."""

import io
import os
import shutil
from pathlib import Path

import pytest

from completions.client import Client
from handlers.desk import uploads
from handlers.desk.shop_files import Editor
from handlers.desk.text_checks import NotSaved
from handlers.desk.uploads import Upload
from handlers.services import Services
from memory.storage.users import Users
from settings import ROOT, read
from tests.support.snapshots import build_here

SMALL = b"sku,name,price\nH-1,Net,120.00\n"


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns(".versions"))
    users = Users(tmp_path / "users")
    users.prepare()
    settings = read({})
    services = Services(settings, users, tmp_path / "prompts", Client({}, settings.limits), build_index=build_here)
    services.shop.refresh()
    return Editor(services, "ana")


def place(editor: Editor) -> Path:
    return editor.services.prompts / ".versions" / ".uploads"


def test_a_sound_file_is_in_its_place_and_nothing_waits(editor: Editor) -> None:
    assert uploads.take(editor, "more.csv", io.BytesIO(SMALL)) == "more.csv"
    assert os.listdir(place(editor)) == []


def test_a_doubtful_file_waits_as_it_came(editor: Editor) -> None:
    upload = uploads.take(editor, "products.csv", io.BytesIO(SMALL))

    assert isinstance(upload, Upload)
    assert uploads.find(editor.services.prompts, upload.id) == upload
    assert (upload.had, upload.report.products) == (46, 1)
    assert (place(editor) / upload.id / "products.csv").read_bytes() == SMALL


@pytest.mark.parametrize("upload_id", ["", "..", "0" * 15, "0" * 16, "../" + "0" * 13, "G" * 16])
def test_an_id_that_is_none_finds_nothing(editor: Editor, upload_id: str) -> None:
    assert uploads.find(editor.services.prompts, upload_id) is None


def test_what_is_known_of_an_upload_may_be_damaged(editor: Editor) -> None:
    upload = uploads.take(editor, "products.csv", io.BytesIO(SMALL))
    assert isinstance(upload, Upload)
    (place(editor) / f"{upload.id}.json").write_bytes(b"{")

    assert uploads.find(editor.services.prompts, upload.id) is None


def test_an_upload_that_breaks_off_leaves_nothing(editor: Editor) -> None:
    class Broken(io.BytesIO):
        def read(self, *args: object) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        uploads.take(editor, "more.csv", Broken())
    assert os.listdir(place(editor)) == []


def test_there_is_a_most_of_files(editor: Editor) -> None:
    for number in range(200):
        (editor.services.prompts / "store" / f"{number}.md").write_text("x")

    with pytest.raises(NotSaved, match="at most 200 files"):
        uploads.take(editor, "more.csv", io.BytesIO(SMALL))
