"""Calls in a ledger."""

from datetime import timedelta
from decimal import Decimal

from memory.usage import ledger
from tests.support.shop import NOON


def use(folder, *, tokens=1000, ending="stop", model="gpt-6-luna", purpose="chat", cost="0.0012", ago=timedelta()):
    cost_usd = None if cost is None else Decimal(cost)
    ledger.note(folder, ledger.LedgerEntry(NOON - ago, purpose, model, tokens - 100, 0, 100, cost_usd, 1.0, ending))
