"""What an owner sends to a customer who was let in: the address, and a text that is ready to be sent."""

from datetime import datetime

from handlers.pages.languages import Language
from memory.i18n import N_

_PASSWORD = N_("""\
Hello %(name)s,

you can now chat with the assistant of %(shop)s:
%(address)s

Name: %(name)s
Temporary password: %(password)s

You choose your own password when you log in. Please do so by %(day)s.""")

_INVITATION = N_("""\
Hello,

the assistant of %(shop)s answers your questions at any hour. Create your account here:
%(link)s

The link works once, until %(day)s.""")


def password_text(language: Language, shop: str, address: str, name: str, password: str, ends: datetime) -> str:
    """Return the text for a customer who has a one-time password."""
    day = language.day(ends)
    return language.gettext(_PASSWORD, name=name, shop=shop, address=address, password=password, day=day)


def invitation_text(language: Language, shop: str, link: str, ends: datetime) -> str:
    """Return the text for the person who is invited."""
    return language.gettext(_INVITATION, shop=shop, link=link, day=language.day(ends))
