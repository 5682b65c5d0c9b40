"""The figures of a week, for the mail of Monday morning: out of the ledgers and the claims that were found wrong."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from handlers.desk.notice_texts import Week
from handlers.services import Services
from memory.conversations import doubts
from memory.usage import reports


def figures(services: Services, monday: date) -> Week:
    """Return the figures of the seven days, in UTC, from a Monday on. Blocks."""
    days = [monday + timedelta(days=n) for n in range(7)]
    customers, questions, unanswered, cost = 0, 0, 0, Decimal(0)
    for of_user in _users(services, days):
        customers += bool(of_user.messages)
        questions += of_user.messages
        cost += of_user.cost_usd
    return Week(questions, customers, unanswered, sum(doubts.count(services.users, day) for day in days), cost)


def _users(services: Services, days: list[date]) -> Iterator[reports.Sum]:
    """Return what each user used on the days."""
    for name in services.users.names():
        yield reports.of_days(services.users.folder(name), services.now(), days)
