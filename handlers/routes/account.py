"""The page of one's own account: password, sessions, all one's data, leaving for good."""

import logging

from quart import Blueprint, Response, request

from handlers.services import current_services, in_thread
from handlers.web import sessions
from handlers.web.app import current_web
from handlers.web.channel import has_mail
from handlers.web.downloads import TOO_MANY, download
from handlers.web.guards import refusal_of, reject_anonymous
from handlers.web.password_check import check_password
from handlers.web.removal import remove_user
from handlers.web.responses import Answer, _, language, redirect_to, render_page, retry_after
from handlers.web.sessions import User, current_user
from memory.i18n import N_, UserError
from memory.people import accounts, data_export, owners, passwords
from memory.people.owners import LastOwner
from memory.timestamps import stamp

log = logging.getLogger("storekeeper.account")
account = Blueprint("account", __name__, url_prefix="/account")

_SAID = {
    "password": N_("Password changed. You've been logged out everywhere else."),
    "email": N_("Your e-mail address has been saved."),
    "ended": N_("That browser has been logged out."),
}


@account.get("")
async def show_account() -> Answer:
    """The account, its sessions, and what can be done with it."""
    return _page(said=_(_SAID.get(request.args.get("said", ""), "")))


def _page(
    status: int = 200, *, said: str | None = None, problem: str | None = None, email: str | None = None
) -> Response:
    user, now = current_user(), current_services().now()
    live = [session for session in user.account.sessions if session.is_live(now)]
    return render_page(
        "account.html",
        status,
        account=user.account,
        sessions=sorted(live, key=lambda session: session.seen, reverse=True),
        current=accounts.digest(user.session_id),
        password_rule=_(passwords.RULE),
        has_mail=has_mail(),
        email=email if email is not None else user.account.email or "",
        said=said,
        problem=problem,
    )


@account.post("/password")
async def change_password() -> Answer:
    """Change the password: the current one is asked, all other sessions end. 403 for a wrong one, 422 for a bad new one."""
    services, user, form = current_services(), current_user(), await request.form
    new = form.get("password", "")
    if form.get("again", new) != new:
        return _page(422, problem=_("The new passwords don't match. Nothing was changed."))
    if rejected := await _refuse_stranger(form.get("current", "")):
        return rejected
    try:
        is_set = await current_web().password_pool.run(
            accounts.set_password, user.folder, new, services.now(), instead_of=user.account.password
        )
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(_page(status, problem=text), seconds)
    if not is_set:  # somebody has set another one meanwhile, and so ended this session
        return reject_anonymous()
    await sessions.log_in(user.name)
    log.info("password_changed", extra={"person": user.name})
    return redirect_to("/account?said=password")


@account.post("/email")
async def change_email() -> Answer:
    """Set where a link for a forgotten password is sent; none takes it away. 403 for a wrong password, 422 for no address."""
    user, form = current_user(), await request.form
    email = form.get("email", "").strip()[:255]
    try:
        accounts.check_email(email)
    except UserError as error:
        return _page(422, problem=language().error_text(error), email=email)
    if rejected := await _refuse_stranger(form.get("current", "")):
        return rejected
    await in_thread(accounts.set_email, user.folder, email)
    log.info("email_changed", extra={"person": user.name})
    return redirect_to("/account?said=email")


@account.post("/sessions/end")
async def end_all_sessions() -> Answer:
    """Log out everywhere, here too: running streams of the other browsers end with their next look."""
    await in_thread(accounts.close_all, current_user().folder)
    log.info("logged_out_everywhere", extra={"person": current_user().name})
    await sessions.log_out(None)
    answer = redirect_to("/login")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@account.post("/sessions/<short>/end")
async def end_session(short: str) -> Answer:
    """Log one browser out; one that is not there is logged out already."""
    await in_thread(accounts.close_named, current_user().folder, short)
    return redirect_to("/account?said=ended")


@account.post("/export")
async def export_data() -> Answer:
    """All that is kept about the user, as a zip; 429 while two exports are being sent to them."""
    user, now = current_user(), current_services().now()
    give_back = current_web().exports.take(user.name)
    if give_back is None:
        return _page(429, problem=_(TOO_MANY))
    try:
        pieces = await in_thread(data_export.make, user.folder, now, _(data_export.NOTE))
    except OSError as error:
        give_back()
        log.error("export_failed", extra={"person": user.name, "error": str(error)})
        return _page(503, problem=_("Your data couldn't be prepared right now. Please try again later."))
    log.info("exported", extra={"person": user.name})
    return download(pieces, give_back, "application/zip", f"{user.name}-{stamp(now)[:10]}.zip")


@account.get("/delete")
async def confirm_delete() -> Answer:
    """Ask whether the account is to be deleted, and for the password."""
    return render_page("account_delete.html", problem=await _why_stay(current_user()))


@account.post("/delete")
async def delete_account() -> Answer:
    """Delete the account and all that is remembered, for good; 403 for a wrong password, 409 for the last owner."""
    user, form = current_user(), await request.form
    if problem := await _why_stay(user):
        return render_page("account_delete.html", 409, problem=problem)
    if refused := await _refuse_stranger(form.get("password", ""), "account_delete.html"):
        return refused
    try:
        await remove_user(user.folder)
    except LastOwner as error:  # another owner has left in this moment
        return render_page("account_delete.html", 409, problem=language().error_text(error))
    await sessions.log_out(None)
    log.info("account_deleted", extra={"person": user.name})
    answer = redirect_to("/login?said=deleted")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


async def _why_stay(user: User) -> str | None:
    """Return why the account cannot go: a shop with customers needs an owner."""
    if user.account.role == "owner" and await in_thread(owners.is_last, current_services().users, user.name):
        return _(
            "You're the only owner, and there are other accounts. Create another owner's account first: "
            "uv run just add-user NAME --role owner"
        )
    return None


async def _refuse_stranger(password: str, template: str | None = None) -> Answer | None:
    """Return the answer that refuses a password which is not the logged-in user's, None when it is."""
    if (refused := await check_password(password)) is None:
        return None
    status, problem, seconds = refused
    page = _page(status, problem=problem) if template is None else render_page(template, status, problem=problem)
    return retry_after(page, seconds)
