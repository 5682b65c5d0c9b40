"""Tests of the words that the owner is told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from handlers.desk import notice_texts
from handlers.desk.attention import AttentionEntry
from handlers.desk.notice_texts import WeeklyFigures
from memory.notices.outbox import Notice
from memory.usage.activity import Week
from tests.support.shop import ENGLISH, NOON

ENTRY = AttentionEntry("key_refused", NOON, 1, "/admin/settings", "gpt-6-luna", "key_refused")


def test_a_notice_says_what_is_wrong_and_who_met_it():
    notice = notice_texts.begun(ENTRY, ENGLISH)

    assert notice.text == (
        "The key for the model was refused.\n"
        "The provider of gpt-6-luna doesn't accept the key. Enter a new one.\n"
        "1 customer has met it."
    )
    assert "customer" not in notice_texts.begun(replace(ENTRY, met=0), ENGLISH).text


def test_both_notices_of_a_cause_have_one_key():
    over = notice_texts.over("key_refused", NOON, NOON, ENGLISH)

    assert over.key == notice_texts.begun(ENTRY, ENGLISH).key
    assert (over.event, over.text) == ("key_refused_over", "The model's key works again.")
    assert notice_texts.over("of another version", NOON, NOON, ENGLISH).text == "What needed your attention is over."


def test_a_mail_says_where_to_go_and_why_it_comes():
    subject, text = notice_texts.mail_text(notice_texts.begun(ENTRY, ENGLISH), "Loja", "https://x.example", ENGLISH)

    assert subject == "Loja: The key for the model was refused."
    assert "\n\nhttps://x.example/admin/settings\n\n-- \n" in text
    assert text.endswith("https://x.example/admin/notifications\n")


@pytest.mark.parametrize("link", ["https://evil.example/", "javascript:x", 7, None, ""])
def test_a_link_leads_to_the_desk_only(link):
    notice = Notice("other", "other", NOON, "Text", {"link": link})

    assert notice_texts.link_of(notice, "https://x.example") == ""


def test_the_figures_stand_beside_those_of_the_week_before():
    this = WeeklyFigures(Week(12, 1_500, 2_000, 3, 4), Decimal("1234.5"))
    notice = notice_texts.digest("k", NOON, this, WeeklyFigures(Week(), Decimal(0)), ENGLISH)

    assert notice.text.replace("\xa0", " ").split("\n")[1:] == [
        "Customers: 12 (0)", "Conversations: 1,500 (0)", "Questions: 2,000 (0)", "Questions without an answer: 3 (0)",
        "Wrong claims: 4 (0)", "Cost: US$ 1,234.50 (US$ 0.00)",
    ]  # fmt: skip
    assert notice.details["cost_usd"] == 1234.5
    assert notice_texts.mail_text(notice, "Loja", "https://x.example", ENGLISH)[0] == "Loja: The week at a glance"
