"""Tests of the texts that an owner sends."""

from datetime import timedelta

from handlers.pages import languages
from handlers.pages.hand_over import invitation_text, password_text
from settings import ROOT
from tests.support.shop import ENGLISH, NOON

PORTUGUESE = languages.load(ROOT / "languages").of("pt_BR")


def test_a_text_with_a_password_says_all_that_one_needs() -> None:
    text = password_text(ENGLISH, "Redes % Cia", "https://chat.example.com", "bob", "p%(x)s", NOON + timedelta(days=7))

    for part in ("Hello bob", "Redes % Cia", "https://chat.example.com", "p%(x)s", "30 Nov 2026"):
        assert part in text


def test_an_invitation_is_in_the_shops_language() -> None:
    assert PORTUGUESE is not None
    text = invitation_text(PORTUGUESE, "Redes", "https://chat.example.com/signup?token=x", NOON)

    for part in ("Olá,", "Redes", "https://chat.example.com/signup?token=x", "23 de nov. de 2026"):
        assert part in text
