"""Tests of how changes are told: in the reader's language, where a page knows the words."""

import pytest

from handlers.pages import languages
from handlers.pages.change_rows import ChangeText, change_row
from memory.people.audit import AuditEntry
from settings import ROOT
from tests.support.shop import ENGLISH, NOON

PORTUGUESE = languages.load(ROOT / "languages").of("pt_BR")


def test_a_change_of_a_customer_is_told_in_words() -> None:
    assert PORTUGUESE is not None
    entry = AuditEntry(NOON, "ana", "customer bob: deleted", "", "can be restored until 2026-12-23T12:00:00Z")

    row = change_row(PORTUGUESE, entry)

    assert (row.who, row.customer, row.what) == ("ana", "bob", ChangeText("excluída", is_said=True))
    assert row.after == ChangeText("pode ser restaurada até 23 de dez. de 2026 12:00 UTC", is_said=True)
    assert row.before == ChangeText("")


@pytest.mark.parametrize(
    "what", ["settings.toml: shop", "customer bob", "customer BOB: deleted", "customer bob: painted", "x: until y", ""]
)
def test_what_no_page_knows_stands_as_it_was_noted(what: str) -> None:
    row = change_row(ENGLISH, AuditEntry(NOON, "ana", what, "until then", "until 2026-99-99T99:99:99Z"))

    assert not row.what.is_said
    assert what.endswith(row.what.text)
    assert (row.before, row.after) == (ChangeText("until then"), ChangeText("until 2026-99-99T99:99:99Z"))


def test_the_default_budget_is_told_in_words() -> None:
    assert PORTUGUESE is not None
    row = change_row(PORTUGUESE, AuditEntry(NOON, "ana", "customer bob: budget", "default", "US$ 0.50"))

    assert (row.before, row.after) == (ChangeText("padrão", is_said=True), ChangeText("US$ 0.50"))
