"""A new password by e-mail, for users who have forgotten theirs. Absent where no mail server is set up."""

import logging
from functools import partial

from quart import Blueprint, Response, abort, request

from handlers.desk.reset_mail import send_links
from handlers.services import current_services, in_thread
from handlers.web import login_limits
from handlers.web.app import current_web
from handlers.web.channel import current_channel, has_mail
from handlers.web.guards import refusal_of
from handlers.web.responses import Answer, _, redirect_to, render_page, retry_after
from memory.i18n import UserError
from memory.people import passwords
from memory.people import resets as links
from memory.people.throttle import RateLimit

log = logging.getLogger("storekeeper.resets")
resets = Blueprint("resets", __name__, url_prefix="/reset")

OF_A_NAME = 3
"""Links that may be asked for one name or address in ten minutes, whether or not an account has it."""
_MOST_WAITING = 50
"""Requests whose mails wait to be sent; more are answered the same, and nothing is sent."""


@resets.before_request
async def only_with_mail() -> None:
    """Abort with 404 where no mail can be sent."""
    if not has_mail():
        abort(404)


@resets.get("")
async def show_request() -> Answer:
    """The form for a name or an e-mail address."""
    return render_page("reset_request.html", sent=request.args.get("said") == "sent", problem=None)


@resets.post("")
async def request_reset() -> Answer:
    """303 to the same words for everybody, at once: whether there is such an account is looked up afterwards. 429 after too many."""
    services, web = current_services(), current_web()
    asked = (await request.form).get("account", "").strip()[:254]
    counted = (RateLimit(f"reset of {asked.lower()}", OF_A_NAME), login_limits.of_address("reset"))
    if wait := await in_thread(services.attempts.take, counted, services.now()):
        problem = _("Too many attempts. Please try again later.")
        return retry_after(render_page("reset_request.html", 429, sent=False, problem=problem), wait)
    if len(web.mail_tasks) < _MOST_WAITING:
        web.mail_in_background(partial(send_links, services, current_channel(), web.languages, asked))
    else:
        log.error("too_many_resets")
    return redirect_to("/reset?said=sent")


@resets.get("/<token>")
async def show_reset(token: str) -> Answer:
    """The form for the new password; 404 for a link that opens nothing. Looking uses nothing up."""
    services = current_services()
    account = await in_thread(links.find, services.users, token[:256], services.now())
    return _gone() if account is None else _form(200, account.name)


@resets.post("/<token>")
async def reset_password(token: str) -> Answer:
    """303 to the login page with the new password set and all sessions ended; 422 for a bad one, 404 for a used link."""
    services, form = current_services(), await request.form
    account = await in_thread(links.find, services.users, token[:256], services.now())
    if account is None:
        return _gone()
    new = form.get("password", "")
    if form.get("again", new) != new:
        return _form(422, account.name, _("The new passwords don't match. Nothing was changed."))
    try:
        used = await current_web().password_pool.run(links.use, services.users, token[:256], new, services.now())
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(_form(status, account.name, text), seconds)
    if used is None:
        return _gone()
    log.info("password_reset", extra={"person": account.name})
    return redirect_to("/login?said=reset")


def _form(status: int, name: str, problem: str | None = None) -> Response:
    return render_page("reset.html", status, username=name, password_rule=_(passwords.RULE), problem=problem)


def _gone() -> Response:
    text = _("This link has been used or has expired. Please ask for a new one.")
    return render_page("reset_gone.html", 404, text=text)
