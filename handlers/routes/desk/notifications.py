"""The owner's page of notifications: the channels, a test, what waits to be sent and what could not be."""

import logging
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlsplit

from quart import Blueprint, Response, abort, request

from addresses import mail_server
from handlers.desk import notice_texts
from handlers.desk.notify import MAIL, Channel
from handlers.desk.ways import NotSent
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.channel import current_channel
from handlers.web.owner import only_owners
from handlers.web.password_check import check_password
from handlers.web.responses import Answer, _, redirect_to, render_page, retry_after
from handlers.web.sessions import current_user
from memory.i18n import N_
from memory.notices import hours, outbox
from memory.notices.outbox import OutboxEntry
from memory.people.audit import MASKED
from memory.people.throttle import RateLimit
from memory.storage.folders import not_saved
from settings import SHORTEST_TOKEN, environment
from shop.editing import dotenv
from shop.editing.dotenv import BadValue

log = logging.getLogger("storekeeper.notices")
notifications = Blueprint("desk_notifications", __name__, url_prefix="/admin")
notifications.before_request(only_owners)

MOST_LISTED = 50
MOST_TESTS = 10
"""In ten minutes, by one owner."""

SECRETS = {"password": "STOREKEEPER_SMTP_PASSWORD", "webhook": "STOREKEEPER_WEBHOOK_SECRET"}
"""The variables of .env that the page sets, by what its forms call them."""

_SAID = {
    "saved": N_("Saved. It's in use now."),
    "tested": N_("The test was sent. It should be there in a moment."),
    "again": N_("It will be sent again within a few seconds."),
    "discarded": N_("Discarded."),
}
_WAYS = {MAIL: N_("E-mail: %(error)s"), "webhook": N_("Webhook: %(error)s")}


@dataclass(frozen=True, slots=True)
class ListedNotice:
    """A notice of the outbox in the list: its first line, and in words why it was not sent."""

    entry: OutboxEntry
    title: str
    error: str


@notifications.get("/notifications")
async def show_notifications() -> Answer:
    """How the owner is notified, and what waits or could not be sent."""
    return await _page(said=_(_SAID.get(request.args.get("said", ""), "")))


async def _page(
    status: int = 200, *, said: str = "", problems: tuple[str, ...] = (), wrong: tuple[str, str] = ("", "")
) -> Response:
    """Return the page. `problems` stand on top; `wrong` is the form of a secret and what is wrong with it."""
    services, channel = current_services(), current_channel()
    waiting = await in_thread(outbox.waiting, services.users)
    failed = await in_thread(outbox.failed, services.users)
    notify = channel.notify
    return render_page(
        "admin_notifications.html",
        status,
        notify=notify,
        ways=channel.ways,
        server=mail_server(notify.smtp) if notify.smtp else None,
        webhook_host=urlsplit(notify.webhook).hostname or "",
        has_password=bool(channel.environment.environ.get("STOREKEEPER_SMTP_PASSWORD")),
        is_signed=bool(channel.environment.environ.get("STOREKEEPER_WEBHOOK_SECRET")),
        has_origin=channel.settings.origin is not None,
        timezone=channel.settings.timezone,
        quiet_until=hours.quiet_until(notify.quiet, channel.settings.timezone, services.now()),
        waiting=[_listed(entry) for entry in waiting[:MOST_LISTED]],
        failed=[_listed(entry) for entry in failed[-MOST_LISTED:]],
        more=max(0, len(waiting) - MOST_LISTED),
        has_file=channel.environment.dotenv is not None,
        said=said,
        problems=problems,
        wrong=wrong,
    )


def _listed(entry: OutboxEntry) -> ListedNotice:
    return ListedNotice(entry, entry.notice.text.partition("\n")[0], _reason(entry.error, entry.said))


def _reason(error: str, said: str) -> str:
    return f"{_(error)} ({said})" if said else _(error)


@notifications.post("/settings/notify/test")
async def send_test() -> Answer:
    """Send a test at once by each way; 303 when all took it, else 409 with what went wrong. 429 after too many."""
    services, channel, user = current_services(), current_channel(), current_user()
    if not channel.ways:
        return await _page(409, problems=(_("Neither an e-mail address nor a webhook is set up."),))
    limits = (RateLimit(f"notify test {user.name}", MOST_TESTS),)
    if wait := await in_thread(services.attempts.take, limits, services.now()):
        return retry_after(await _page(429, problems=(_("Too many attempts. Please try again later."),)), wait)
    problems = await _problems(channel)
    log.info("notifications_tested", extra={"person": user.name, "failed": len(problems)})
    return await _page(409, problems=problems) if problems else redirect_to("/admin/notifications?said=tested")


async def _problems(channel: Channel) -> tuple[str, ...]:
    """Send the test; return what went wrong, a sentence a way."""
    now, test_id, problems = current_services().now(), f"test-{token_hex(8)}", list[str]()
    for way in channel.ways:
        try:
            await channel.send(way, notice_texts.trial(now, channel.language), test_id, now)
        except NotSent as error:
            problems.append(_(_WAYS[way], error=_reason(error.sentence, error.said)))
    return tuple(problems)


@notifications.post("/notifications/secrets/<kind>")
async def save_secret(kind: str) -> Answer:
    """Save a secret in .env, in force at once, or take it out where it is empty; 403 without the owner's own password."""
    if (name := SECRETS.get(kind)) is None:
        abort(404)
    form = await request.form
    value = form.get("secret", "").strip()
    if kind == "webhook" and value and len(value) < SHORTEST_TOKEN:
        return await _page(422, wrong=(kind, _("Use at least 16 letters, digits and signs, without accents.")))
    if refused := await check_password(form.get("password", "")):
        status, text, seconds = refused
        return retry_after(await _page(status, wrong=(kind, text)), seconds)
    if problem := await _keep(name, value):
        return await _page(422, wrong=(kind, problem))
    return redirect_to("/admin/notifications?said=saved")


async def _keep(name: str, value: str) -> str:
    """Write a variable into .env and put it in force; return why it cannot be kept, "" where it is."""
    web = current_web()
    file = web.environment.dotenv
    if file is None:
        return _("This server's passwords don't come from a file, so they can't be changed here.")
    if name in environment():
        return _("Set from outside (the server's environment), so it can't be changed here.")
    was_set = name in web.environment.environ
    try:
        if value:
            await in_thread(dotenv.set_key, file, name, value)
        else:
            await in_thread(dotenv.remove_key, file, name)
    except BadValue:
        return _("It can't be used: it has to be one line of letters, digits and signs, without accents.")
    except OSError as error:
        raise not_saved(error) from error
    await note_change(f".env: {name}", MASKED if was_set else "", MASKED if value else "")
    if web.live is not None:
        await web.live.look()
    return ""


@notifications.post("/notifications/<entry_id>/again")
async def send_again(entry_id: str) -> Answer:
    """Send what waits or was given up once more, at the next look; 404 for what is gone."""
    services = current_services()
    if not await in_thread(outbox.try_again, services.users, entry_id, services.now()):
        abort(404)
    await note_change(f"notification {entry_id}: sent again")
    return redirect_to("/admin/notifications?said=again")


@notifications.post("/notifications/<entry_id>/discard")
async def discard(entry_id: str) -> Answer:
    """Remove what waits or was given up; 404 for what is gone."""
    if not await in_thread(outbox.discard, current_services().users, entry_id):
        abort(404)
    await note_change(f"notification {entry_id}: discarded")
    return redirect_to("/admin/notifications?said=discarded")
