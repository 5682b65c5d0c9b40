"""The task that notifies the owner: of what needs attention and what is over, of the week's figures, of all in the outbox.

One process at a time runs it, the one that holds the outbox's sender lock. Each round compares the present state with what was
sent, and makes a notice of each difference. So nothing is lost where a process dies, and nothing is sent of a state that
changes back within the quiet hours, or within the hour in which a cause is sent once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from addresses import mail_server
from handlers.desk import notice_texts, ways
from handlers.desk.attention import AttentionEntry
from handlers.desk.notice_texts import WeeklyFigures
from handlers.desk.ways import Mail, NotSent
from handlers.pages.languages import Language
from handlers.services import Services, in_thread
from memory.notices import hours, outbox, told
from memory.notices.outbox import Notice, OutboxEntry
from memory.notices.told import Told
from memory.storage.folders import Lock, StorageError
from memory.storage.users import Users
from settings import Environment, Notify, Settings, address

log = logging.getLogger("storekeeper.notices")

LOOK_SECONDS = 5.0
"""How often the outbox is looked at."""
ATTENTION_SECONDS = 30.0
"""How often it is asked what needs attention."""
_MOST_A_ROUND = 20
MAIL, WEBHOOK = "email", "webhook"

Entries = Callable[[Services], Sequence[AttentionEntry]]
Figures = Callable[[Services, date], tuple[WeeklyFigures, WeeklyFigures]]
"""Returns the figures of the seven days before a Monday, and of the seven before those. Blocks."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What is sent with: the settings in force, the secrets, the shop's language."""

    settings: Settings
    environment: Environment
    language: Language

    @property
    def notify(self) -> Notify:
        return self.settings.notify

    @property
    def shop_address(self) -> str:
        return address(self.settings, self.environment)

    @property
    def ways(self) -> tuple[str, ...]:
        """The channels that the owner has set up."""
        return tuple(way for way, is_set in ((MAIL, self.notify.recipients), (WEBHOOK, self.notify.webhook)) if is_set)

    async def send(self, way: str, notice: Notice, entry_id: str, now: datetime) -> None:
        """Send a notice by one way. NotSent."""
        shop = self.settings.shop
        if way == WEBHOOK:
            link = notice_texts.link_of(notice, self.shop_address)
            body = ways.body_of(self.notify.webhook_format, notice, shop, link)
            secret = self.environment.environ.get("STOREKEEPER_WEBHOOK_SECRET")
            await ways.post(self.notify.webhook, body, secret, entry_id)
        else:
            subject, text = notice_texts.mail_text(notice, shop, self.shop_address, self.language)
            await self.send_mail(self.notify.recipients, subject, text, entry_id, now)

    async def send_mail(self, to: tuple[str, ...], subject: str, text: str, mail_id: str, now: datetime) -> None:
        """Send a mail. NotSent."""
        notify, mail = self.notify, Mail(to, subject, text, mail_id, self.language.tag)
        message = ways.message_of(mail, notify.mail_from, self.settings.shop, now)
        password = self.environment.environ.get("STOREKEEPER_SMTP_PASSWORD", "")
        await ways.send_mail(mail_server(notify.smtp), password, message)


class NoticeSender:
    """Notifies the owner, from `start` to `stop`. `entries` says what needs attention now, `figures` what the weeks were like."""

    def __init__(
        self,
        services: Callable[[], Services],
        channel: Callable[[], Channel],
        entries: Entries,
        figures: Figures,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._services, self._channel = services, channel
        self._entries, self._figures, self._look_seconds = entries, figures, look_seconds
        self._next_attention = 0.0

    async def run(self) -> None:
        """Look again and again, until the task is cancelled."""
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self.look()
            except (StorageError, OSError) as error:
                log.error("notices_not_looked_at", extra={"error": str(error)})
            except Exception:  # a task's edge: the next look may succeed
                log.exception("notices_failed")

    async def look(self) -> None:
        """Note what is new, and send what is due; nothing while another process does."""
        services, channel = self._services(), self._channel()
        if not channel.ways:
            await in_thread(outbox.clear, services.users)
            return
        lock: Lock | None = await in_thread(outbox.try_sender, services.users)
        if lock is None:
            return
        with lock:
            if time.monotonic() >= self._next_attention:
                self._next_attention = time.monotonic() + ATTENTION_SECONDS
                try:
                    await in_thread(self._note_news, services, channel)
                except Exception:  # what waits already is sent all the same
                    log.exception("news_not_noted")
            await self._send_due(services, channel)

    def _note_news(self, services: Services, channel: Channel) -> None:
        """Put into the outbox what is to be sent and was not. Blocks."""
        before = told.read(services.users)
        after = replace(before, causes=note_changes(services, before.causes, self._entries(services), channel.language))
        after = self._note_week(services, after, channel)
        if after != before:
            told.write(services.users, after)

    def _note_week(self, services: Services, known: Told, channel: Channel) -> Told:
        """Put the figures of the last week into the outbox on Monday morning. A shop that has just begun waits for its first one."""
        monday = hours.week_due(channel.settings.timezone, services.now())
        if known.week == monday:
            return known
        if known.week is not None and channel.notify.digest:
            this, last = self._figures(services, monday)
            notice = notice_texts.digest(f"digest {monday}", services.now(), this, last, channel.language)
            outbox.put(services.users, notice)
        return replace(known, week=monday)

    async def _send_due(self, services: Services, channel: Channel) -> None:
        if hours.quiet_until(channel.notify.quiet, channel.settings.timezone, services.now()):
            return
        for entry in await in_thread(outbox.due, services.users, services.now(), _MOST_A_ROUND):
            begun = await in_thread(outbox.begin, services.users, entry, services.now())
            if begun is not None:
                await _send(services, channel, begun)


async def _send(services: Services, channel: Channel, entry: OutboxEntry) -> None:
    """Send a notice by all ways that have not taken it yet."""
    failure: NotSent | None = None
    for way in channel.ways:
        if way in entry.done:
            continue
        try:
            await channel.send(way, entry.notice, entry.id, services.now())
            log.info("notice_sent", extra={"notice": entry.notice.event, "way": way})
            entry = await in_thread(outbox.note_done, services.users, entry, way)
        except NotSent as error:
            failure = error
            log.warning(
                "notice_not_sent",
                extra={"notice": entry.notice.event, "way": way, "error": error.sentence, "said": error.said},
            )
    if failure is None:
        await in_thread(outbox.finish, services.users, entry, services.now())
    else:
        await in_thread(outbox.note_error, services.users, entry, failure.sentence, failure.said)


def note_changes(
    services: Services, known: Mapping[str, datetime], entries: Iterable[AttentionEntry], language: Language
) -> dict[str, datetime]:
    """Put notices of causes that are new or over into the outbox; return what the owner knows then. Blocks.

    A notice that waits yet is taken back where what it tells is true no more. One that is being sent is waited for.
    """
    users, told_causes, found = services.users, dict(known), dict[str, AttentionEntry]()
    for entry in entries:
        found.setdefault(entry.cause, entry)
    for cause, entry in found.items():
        if cause not in known and _tell(users, notice_texts.begun(entry, language)):
            told_causes[cause] = entry.since
    for cause, since in known.items():
        if cause not in found and _tell(users, notice_texts.over(cause, since, services.now(), language)):
            del told_causes[cause]
    return told_causes


def _tell(users: Users, notice: Notice) -> bool:
    """True if the owner is told this, or need not be: what they are to be told of the same before is taken back."""
    before = outbox.find(users, notice.key)
    if before is None:
        return outbox.put(users, notice)
    return before.notice.event == notice.event or outbox.withdraw(users, notice.key)
