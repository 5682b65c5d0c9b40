"""What notices and mails are sent with, under the settings in force."""

from handlers.desk.notify import Channel
from handlers.services import Services, current_services
from handlers.web.app import Web, current_web


def channel_of(services: Services, web: Web) -> Channel:
    language = web.languages.of(services.settings.language) or web.languages.default
    return Channel(services.settings, web.environment, language)


def current_channel() -> Channel:
    return channel_of(current_services(), current_web())


def has_mail() -> bool:
    """True if mails can be sent, to customers too."""
    return bool(current_services().settings.notify.smtp)
