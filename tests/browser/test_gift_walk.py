"""One long walk on a telephone: a gift is bought, the network lost twice, the session ended in mid-sentence, a photo sent."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.test_drafts import KEPT, end_session, log_in_again
from tests.support.pictures import picture
from tests.support.upstream import Upstream

PHONE: dict[str, object] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
GIFT, HAMMOCK, CARD, BROKEN = (
    "ok I am looking for a gift for my mother",
    "held_mid tell me of the hammocks",
    "ok please put a card in it: Happy birthday",
    "ok one plate arrived broken",
)


def test_a_gift_is_bought_on_a_phone_and_nothing_is_lost(visit: Visit, upstream: Upstream, tmp_path: Path) -> None:
    ana = visit(**PHONE)
    ana.allow_lost_connections()
    ana.allowed.append("status of 401")

    # the network is gone when she sends
    ana.context.set_offline(True)
    ana.box.fill(GIFT)
    ana.send.tap()
    expect(ana.button("Try again")).to_be_visible()
    expect(ana.box).to_have_value(GIFT)
    ana.context.set_offline(False)
    ana.button("Try again").tap()
    ana.wait_for_end()

    # and once more while an answer comes
    ana.box.fill(HAMMOCK)
    ana.send.tap()
    ana.wait_for_words("Hello")
    ana.context.set_offline(True)
    expect(ana.page.locator(".lost").last).to_be_visible()
    ana.context.set_offline(False)
    upstream.release()
    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    expect(ana.page.locator(".lost:visible")).to_have_count(0)

    # she is logged out in the middle of a sentence
    ana.box.fill(CARD)
    end_session(ana)
    ana.send.tap()
    log_in_again(ana)
    expect(ana.box).to_have_value(CARD)
    expect(ana.page.get_by_text(KEPT)).to_be_visible()
    ana.send.tap()
    ana.wait_for_end()

    # and one plate is broken
    plate = tmp_path / "plate.jpg"
    plate.write_bytes(picture())
    ana.page.get_by_label("Attach a photo").set_input_files(plate)
    ana.box.fill(BROKEN)
    ana.send.tap()
    ana.wait_for_end()
    expect(ana.page.get_by_alt_text("Photo sent with this message")).to_be_visible()
    shoot(ana.page, "gift")

    assert [said.text for said in ana.said() if said.role == "user"] == [GIFT, HAMMOCK, CARD, BROKEN]
    assert [(record.text, len(record.files)) for record in ana.records() if record.is_question] == [
        (GIFT, 0),
        (HAMMOCK, 0),
        (CARD, 0),
        (BROKEN, 1),
    ]
    expect(ana.box).to_have_value("")
