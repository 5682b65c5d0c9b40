"""The mail with a link by which a user sets another password. It waits in no file: the link opens an account."""

import asyncio
import logging
import secrets
from collections.abc import Sequence

from handlers.desk.notify import Channel
from handlers.desk.ways import NotSent
from handlers.pages.languages import Language, Languages
from handlers.services import Services, in_thread
from memory.people import resets
from memory.people.accounts import Account
from memory.storage.folders import StorageError

log = logging.getLogger("storekeeper.resets")

WAITS_SECONDS = (10.0, 60.0)
"""How long is waited after each failed attempt to send the mail; after the last it is given up, and the user asks again."""


async def send_links(
    services: Services, channel: Channel, languages: Languages, asked: str, waits: Sequence[float] = WAITS_SECONDS
) -> None:
    """Send a link to each account that a name or an e-mail address stands for. What fails is logged, and shown to nobody."""
    try:
        for account in await in_thread(resets.of_address, services.users, asked):
            token = await in_thread(resets.make, services.users, account, services.now())
            spoken = languages.of(account.language) or channel.language
            await _send(services, channel, account, token, spoken, waits)
    except (StorageError, OSError) as error:
        log.error("reset_not_made", extra={"error": str(error)})


async def _send(
    services: Services, channel: Channel, account: Account, token: str, language: Language, waits: Sequence[float]
) -> None:
    subject, text = texts(channel, account, token, language)
    mail_id = f"reset-{secrets.token_hex(8)}"
    for wait in (*waits, None):
        try:
            await channel.send_mail((account.email or "",), subject, text, mail_id, services.now())
            log.info("reset_sent", extra={"person": account.name})
            return
        except NotSent as error:
            said = {"person": account.name, "error": error.sentence, "said": error.said}
            log.warning("reset_not_sent", extra=said)
        if wait is not None:
            await asyncio.sleep(wait)


def texts(channel: Channel, account: Account, token: str, language: Language) -> tuple[str, str]:
    """Return subject and text of the mail."""
    shop = channel.settings.shop
    minutes = int(resets.VALID.total_seconds()) // 60
    lines = (
        language.gettext("Hello %(name)s,", name=account.name),
        language.gettext("Open this link to choose a new password for your account with %(shop)s:", shop=shop),
        f"{channel.shop_address}/reset/{token}",
        language.gettext("The link works once, within %(minutes)s minutes.", minutes=minutes),
        language.gettext("If you didn't ask for this, ignore this mail: your password stays as it is."),
    )
    return language.gettext("%(shop)s: choose a new password", shop=shop), "\n\n".join(lines) + "\n"
