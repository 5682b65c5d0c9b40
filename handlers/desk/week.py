"""The figures of a week, for the mail of Monday morning."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from handlers.desk.notice_texts import WeeklyFigures
from handlers.services import Services
from memory.people import accounts
from memory.usage import activity, reports


def figures(services: Services, monday: date) -> tuple[WeeklyFigures, WeeklyFigures]:
    """Return the figures of the seven days before a Monday, and of the seven before those; days are in UTC. Blocks."""
    last_moment = datetime.combine(monday, time(), UTC) - timedelta(seconds=1)
    found = activity.of_shop(services.users, last_moment, _owners(services))
    costs = [_cost(services, monday - timedelta(days=days)) for days in (7, 14)]
    return WeeklyFigures(found.week, costs[0]), WeeklyFigures(found.before, costs[1])


def _owners(services: Services) -> list[str]:
    found = ((name, accounts.load(services.users.folder(name))) for name in services.users.names())
    return [name for name, account in found if account is not None and account.role == "owner"]


def _cost(services: Services, first: date) -> Decimal:
    days, now = [first + timedelta(days=n) for n in range(7)], services.now()
    folders = (services.users.folder(name) for name in services.users.names())
    return sum((reports.of_days(folder, now, days).cost_usd for folder in folders), Decimal(0))
