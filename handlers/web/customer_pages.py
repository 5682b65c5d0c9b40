"""The owner's list of customers and the page of one, as answers to a look and to what could not be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, TypeVar, cast, get_args

from quart import Response, abort, request

from handlers.pages.dollars import written_dollars
from handlers.services import Services, current_services, in_thread
from handlers.web.responses import _, language, render_page
from handlers.web.sessions import current_user
from memory.conversations import listing
from memory.i18n import N_
from memory.people import accounts, deleted, invites, roll
from memory.people.accounts import Account, Session
from memory.storage.folders import Folder
from memory.storage.users import NAME_RULE, Users, is_name
from memory.usage import reports
from memory.usage.day_totals import Sum

PAGE_USERS = 50
UNREADABLE = N_("This customer's account.toml can't be read. Nothing was changed.")
_MOST_LISTED = 100
_MOST_SOUGHT_CHARS = 64
_PART = 20
"""Invitations, and deleted users, on a page."""

T = TypeVar("T")

Shown = Literal["all", "disabled", "unreadable"]
Sort = Literal["name", "seen"]

_SAID_OF_ALL = {
    "revoked": N_("Invitation revoked."),
    "deleted": N_("Account deleted. You can restore it for 30 days: see “Recently deleted” below."),
}
_SAID_OF_ONE = {
    "budget": N_("Budget saved."),
    "disabled": N_("Account disabled. This customer is logged out everywhere and can't log in."),
    "enabled": N_("Account enabled. This customer can log in again."),
    "ended": N_("That browser has been logged out."),
    "ended-all": N_("This customer has been logged out everywhere."),
    "restored": N_("Account restored, with all conversations. This customer has to log in again."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One user in the list. `account` is None where account.toml cannot be read; a budget of 0 is no limit."""

    name: str
    account: Account | None
    today: Sum
    month: Sum
    budget_usd: Decimal
    budget_tokens: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """What a form got wrong, by its field, and what was typed in it."""

    problems: Mapping[str, str]
    typed: Mapping[str, str]

    @classmethod
    def field(cls, name: str, problem: str, typed: Mapping[str, str]) -> "Rejected":
        return cls({name: problem}, typed)


_NOTHING = Rejected({}, {})


async def render_customers(status: int = 200, problem: str | None = None, rejected: Rejected = _NOTHING) -> Response:
    """Answer with a page of the list. `problem` is what went wrong beside the fields."""
    services = current_services()
    users, now = services.users, services.now()
    sought = request.args.get("q", "").strip().lower()[:_MOST_SOUGHT_CHARS]
    shown = cast(Shown, _one_of(get_args(Shown), request.args.get("show", "")))
    sort = cast(Sort, _one_of(get_args(Sort), request.args.get("sort", "")))
    names = await in_thread(_select, users, sought, shown, sort)
    pages = max(1, -(-len(names) // PAGE_USERS))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    on_page = names[(number - 1) * PAGE_USERS : number * PAGE_USERS]
    gone, more_gone = _part(await in_thread(deleted.found, users), "deleted")
    open_invites, more_invites = _part((await in_thread(invites.standing, users, now))[::-1], "invites")
    return render_page(
        "admin_customers.html",
        status,
        rows=await in_thread(lambda: [_row(services, name) for name in on_page]),
        count=len(names),
        number=number,
        pages=pages,
        sought=sought,
        shown=shown,
        sort=sort,
        signup=services.settings.signup,
        invites=open_invites,
        more_invites=more_invites,
        deleted=gone,
        more_deleted=more_gone,
        days=invites.DAYS,
        most_days=invites.MOST_DAYS,
        name_rule=NAME_RULE,
        said=_(_SAID_OF_ALL.get(request.args.get("said", ""), "")),
        problem=problem,
        problems=rejected.problems,
        typed=rejected.typed,
    )


def _part(found: list[T], asked: str) -> tuple[list[T], int]:
    """Return the part of a list that is asked for by where it begins, and where the next one does, 0 if there is none."""
    start = max(0, request.args.get(asked, 0, type=int))
    end = start + _PART
    return found[start:end], end if len(found) > end else 0


def _one_of(known: tuple[str, ...], asked: str) -> str:
    """Return what is asked for, the first one where that is not known."""
    return asked if asked in known else known[0]


def _select(users: Users, sought: str, shown: Shown, sort: Sort) -> list[str]:
    """Return the names to be listed, in order. All accounts are looked at only where their state or last visit counts."""
    if shown == "all" and sort == "name":
        return [name for name in users.names() if sought in name]
    found = [one for one in roll.of_all(users) if sought in one.name and shown in ("all", one.state)]
    if sort == "seen":
        never = datetime.min.replace(tzinfo=UTC)
        found.sort(key=lambda one: one.seen or never, reverse=True)
    return [one.name for one in found]


def _row(services: Services, name: str) -> Row:
    folder, budget = services.users.folder(name), services.settings.budget
    account = accounts.load(folder)
    today, month = reports.of_user(folder, services.now())
    usd, tokens = (account.daily_usd, account.daily_tokens) if account else (None, None)
    return Row(
        name,
        account,
        today,
        month,
        Decimal(str(budget.daily_usd_per_user)) if usd is None else usd,
        budget.daily_tokens_per_user if tokens is None else tokens,
    )


async def find_customer(name: str) -> Folder:
    """Return the folder of a user there is; else the answer is 404."""
    if not is_name(name):
        abort(404)
    folder = current_services().users.folder(name)
    if not await in_thread(folder.path.is_dir):
        abort(404)
    return folder


async def render_customer(
    folder: Folder, status: int = 200, problem: str | None = None, rejected: Rejected = _NOTHING
) -> Response:
    """Answer with the page of one user. `problem` is what went wrong beside the fields."""
    services = current_services()
    row = await in_thread(_row, services, folder.name)
    reads = services.settings.owner_reads_conversations
    return render_page(
        "admin_customer.html",
        status,
        row=row,
        sessions=_live_sessions(row.account, services.now()),
        default_usd=Decimal(str(services.settings.budget.daily_usd_per_user)),
        default_tokens=services.settings.budget.daily_tokens_per_user,
        budget=dict(_budget_fields(row.account)) | dict(rejected.typed),
        is_self=folder.name == current_user().name,
        reads=reads,
        kept=await in_thread(listing.set_aside, folder, count=_MOST_LISTED) if reads else [],
        said=_(_SAID_OF_ONE.get(request.args.get("said", ""), "")),
        problem=problem,
        problems=rejected.problems,
    )


def _budget_fields(account: Account | None) -> Mapping[str, str]:
    """Return what stands in the fields of the budget: nothing where the shop's holds."""
    usd, tokens = (account.daily_usd, account.daily_tokens) if account else (None, None)
    return {
        "daily_usd": "" if usd is None else written_dollars(language(), usd),
        "daily_tokens": "" if tokens is None else str(tokens),
    }


def _live_sessions(account: Account | None, now: datetime) -> list[Session]:
    live = [session for session in account.sessions if session.is_live(now)] if account else []
    return sorted(live, key=lambda session: session.seen, reverse=True)
