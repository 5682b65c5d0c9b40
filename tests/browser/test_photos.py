"""A customer sends a photo: chosen, taken back, sent, seen again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.pictures import picture


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "plate.jpg"
    path.write_bytes(picture())
    return path


def test_a_photo_is_sent_and_seen_again(visit: Visit, plate: Path) -> None:
    ana = visit()
    ana.page.get_by_label("Attach a photo").set_input_files(plate)
    expect(ana.page.locator("#attached")).to_contain_text("plate.jpg")

    ana.ask_and_wait("ok")

    expect(ana.page.locator("#attached")).to_be_hidden()
    ana.ask_and_wait("ok, and without one")
    assert [len(record.files) for record in ana.records()] == [1, 0, 0, 0]
    ana.page.reload()
    shown = ana.page.get_by_alt_text("Photo sent with this message")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 320)


def test_a_photo_can_be_taken_back(visit: Visit, plate: Path) -> None:
    ana = visit()
    ana.page.get_by_label("Attach a photo").set_input_files(plate)

    ana.button("Remove photo").click()

    expect(ana.page.locator("#attached")).to_be_hidden()
    ana.ask_and_wait("ok")
    assert ana.records()[0].files == ()


def test_a_file_that_is_no_photo_keeps_what_was_typed(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "plate.jpg").write_bytes(b"no photo")
    ana = visit()
    ana.allowed.append("status of 422")
    ana.page.get_by_label("Attach a photo").set_input_files(tmp_path / "plate.jpg")

    ana.ask("ok")

    expect(ana.notice).to_contain_text("can't be read as a photo")
    expect(ana.box).to_have_value("ok")
    expect(ana.page.locator("#attached")).to_contain_text("plate.jpg")
