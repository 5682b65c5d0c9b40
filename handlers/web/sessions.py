"""The person who asks: the session behind the cookie, checked at every request."""

from dataclasses import dataclass
from datetime import datetime

from quart import current_app, g
from quart_auth import AuthUser, login_user, logout_user

from handlers.services import Services, in_thread, services
from handlers.web.cookies import Cookies
from memory.people import accounts
from memory.people.accounts import Account, Session
from memory.storage.folders import Folder
from memory.storage.users import is_name


@dataclass(frozen=True, slots=True)
class Person:
    """The person of this request, their directory and the session they came by."""

    account: Account
    folder: Folder
    session_id: str

    @property
    def name(self) -> str:
        return self.account.name


def person() -> Person:
    """Return the person of this request; routes that are not public always have one."""
    found: Person = g.person
    return found


async def authenticate() -> Person | None:
    """Find who the request's cookie belongs to; None for nobody, whatever the cookie holds."""
    cookies: Cookies = current_app.extensions["storekeeper.cookies"]
    return await find(services(), cookies.load_cookie())


async def find(shared: Services, auth_id: object) -> Person | None:
    """Find the person of a cookie's content `<name>.<session id>`; what a key signed is still not trusted."""
    if not isinstance(auth_id, str) or len(auth_id) > 128:
        return None
    name, _, session_id = auth_id.partition(".")
    if not is_name(name) or not session_id:
        return None
    folder = shared.users.folder(name)
    now = shared.now()
    found = await in_thread(_visit, folder, session_id, now)
    if found is None:
        return None
    account, _ = found
    shared.spending.allow(name, getattr(account, "daily_tokens", None))
    return Person(account, folder, session_id)


def _visit(folder: Folder, session_id: str, now: datetime) -> tuple[Account, Session] | None:
    """Find the session, and note the visit where it is due. Blocks."""
    found = accounts.find_session(folder, session_id, now)
    if found is not None and accounts.is_visit_due(found[1], now):
        accounts.note_visit(folder, found[1], now)
    return found


async def log_in(name: str) -> None:
    """Log the person in: a new session id each time, so that none can be fixed beforehand."""
    shared = services()
    set_cookie(name, await in_thread(accounts.open_session, shared.users.folder(name), shared.now()))


def set_cookie(name: str, session_id: str) -> None:
    """Set the session cookie on the answer."""
    login_user(AuthUser(f"{name}.{session_id}"), remember=True)


async def log_out(leaving: Person | None) -> None:
    """Log out: the session is closed on the server, then the cookie goes."""
    if leaving is not None:
        await in_thread(accounts.close_session, leaving.folder, leaving.session_id)
    logout_user()
