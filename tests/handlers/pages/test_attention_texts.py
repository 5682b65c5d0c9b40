"""Tests of what needs attention in words: a title, what it means and a link's name for every cause."""

import pytest

from handlers.pages import attention_texts
from memory.usage.incidents import CAUSES, Cause
from tests.support.shop import ENGLISH

SHOWN = [
    ("key_refused", "gpt-6-luna", "key_refused"),
    ("quota", "gpt-6-luna", "quota"),
    ("model_failing", "gpt-6-luna", "server_error"),
    ("model_failing", "gpt-6-luna", "a word that nobody knows"),
    ("data_unusable", "products.xlsx", "It is no workbook."),
    ("data_unusable", "", "reading the files took more than 600 s"),
    ("feed_failing", "", "It was not there within 120 s."),
    ("budget", "", "near"),
    ("budget", "", "spent"),
    ("disk", "", ""),
    ("disk", "", "No space left on device"),
    ("prompts", "system.md", "line 3: unexpected end"),
    ("backup", "", "overdue"),
    ("backup", "", "never"),
]


@pytest.mark.parametrize(("cause", "detail", "reason"), SHOWN)
def test_an_entry_is_told_in_plain_words(cause: Cause, detail: str, reason: str) -> None:
    told = attention_texts.attention_text(ENGLISH, cause, detail, reason)

    assert told.title[0].isupper() or told.title[0].isdigit()
    assert told.text.endswith(".")
    assert "%(" not in told.title + told.text + told.action
    assert detail in told.text
    assert len({told.title, told.text, told.action}) == 3


def test_every_cause_is_told() -> None:
    assert {cause for cause, _, _ in SHOWN} == set(CAUSES)
