"""The user of a request: the session behind the cookie, checked at every request. Quart's own cookie session is not used."""

import logging
from dataclasses import dataclass
from datetime import datetime

from quart import g, request
from quart_auth import AuthUser, login_user, logout_user

from handlers.services import Services, current_services, in_thread
from handlers.web.app import current_web
from handlers.web.browsers import browser_of
from handlers.web.responses import CHOSEN
from memory.people import accounts
from memory.people.accounts import Account, Session
from memory.storage.folders import Folder, StorageError
from memory.storage.users import is_name

log = logging.getLogger("storekeeper.choice")


@dataclass(frozen=True, slots=True)
class User:
    """The user of this request, their directory and the session they came by."""

    account: Account
    folder: Folder
    session_id: str

    @property
    def name(self) -> str:
        return self.account.name


def current_user() -> User:
    """Return the user of this request; routes that are not public always have one."""
    found: User = g.user
    return found


async def authenticate() -> User | None:
    """Find who the request's cookie belongs to; None for nobody, whatever the cookie holds."""
    return await find(current_services(), current_web().cookies.load_cookie())


async def find(services: Services, auth_id: object) -> User | None:
    """Find the user of a cookie's content `<name>.<session id>`; what a key signed is still not trusted."""
    if not isinstance(auth_id, str) or len(auth_id) > 128:
        return None
    name, _, session_id = auth_id.partition(".")
    if not is_name(name) or not session_id:
        return None
    folder = services.users.folder(name)
    now = services.now()
    found = await in_thread(_visit, folder, session_id, now)
    if found is None:
        return None
    account, _ = found
    services.budget.allow(name, account.daily_tokens, account.daily_usd)
    return User(account, folder, session_id)


def _visit(folder: Folder, session_id: str, now: datetime) -> tuple[Account, Session] | None:
    """Find the session, and note the visit where it is due. Blocks."""
    found = accounts.find_session(folder, session_id, now)
    if found is not None and accounts.is_visit_due(found[1], now):
        accounts.note_visit(folder, found[1], now)
    return found


async def log_in(name: str) -> None:
    """Log the person in: a new session id each time, so that none can be fixed beforehand."""
    services = current_services()
    set_cookie(name, await in_thread(accounts.open_session, services.users.folder(name), services.now(), browser()))


def browser() -> tuple[str, str]:
    """Return what the browser of this request and its system are called."""
    return browser_of(request.headers.get("User-Agent", ""))


def set_cookie(name: str, session_id: str) -> None:
    login_user(AuthUser(f"{name}.{session_id}"), remember=True)


async def log_out(leaving: User | None) -> None:
    """Log out: the session is closed on the server, then the cookie goes."""
    if leaving is not None:
        await in_thread(accounts.close_session, leaving.folder, leaving.session_id)
    logout_user()


async def save_browser_language(folder: Folder) -> None:
    """Keep the language that was chosen in this browser for a user who logs in and has chosen none in their account."""
    chosen = current_web().languages.of(request.cookies.get(CHOSEN))
    account = await in_thread(accounts.load, folder)
    if chosen is None or account is None or account.language is not None:
        return
    try:
        await in_thread(accounts.set_language, folder, chosen.code)
    except (StorageError, OSError) as error:  # nobody is kept out for it; it is tried again at the next login
        log.warning("language_not_kept", extra={"person": folder.name, "error": str(error)})
