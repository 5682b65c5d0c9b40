"""Tests of the day's budgets: laws of reserving and settling, several processes, days, clocks, files that people touched."""

import csv
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.storage.users import Users
from memory.usage.budget import Allowance, Amount, BudgetExceeded, CallOption, DailyBudget, Reserved, Used, cheapest
from settings import ROOT, Budget
from tests.support.conversations import NOON

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
HEADING = "time,event,call,person,purpose,model,prompt_tokens,completion_tokens,cost_usd\n"

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    return users


def option(prompt=90, completion=10, usd=None, model="luna"):
    return CallOption(model, prompt, completion, lambda: None if usd is None else Decimal(usd))


def reserve(budget, *options, user="ana", purpose="chat", now=NOON):
    found, left = budget.reserve(user, purpose, options or [option()], now)
    assert left == ()
    return found


def day(users, name="2026-11-23"):
    return (users.root / ".budget" / f"{name}.csv").read_text()


# One process


def test_a_call_counts_as_reserved_until_it_is_settled(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=1000))
    reserved = reserve(budget, option(300, 100))
    assert budget.used("ana", NOON) == (Used(400), Used(400))

    budget.settle(reserved, Amount(290, 7, Decimal("0.001")), NOON + timedelta(seconds=5))
    assert budget.used("ana", NOON)[0] == Used(297, Decimal("0.001"))
    assert day(users) == HEADING + (
        f"2026-11-23T12:00:00Z,reserve,{reserved.call},ana,chat,luna,300,100,\n"
        f"2026-11-23T12:00:05Z,settle,{reserved.call},ana,chat,luna,290,7,0.00100000\n"
    )
    assert (users.root / ".budget" / "2026-11-23.csv").stat().st_mode & 0o777 == 0o600


def test_what_does_not_fit_is_refused_and_nothing_is_written(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=150))
    reserve(budget)
    before = day(users)

    assert reserve(budget, option(50, 1), purpose="summary") == BudgetExceeded(
        "user", Used(100), Allowance(150), MIDNIGHT
    )
    assert day(users) == before
    assert isinstance(reserve(budget, option(50, 0), purpose="summary"), Reserved)


def test_the_shop_has_a_budget_over_everybodys(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=0, daily_tokens=150))
    reserve(budget, user="ana")

    assert reserve(budget, user="bob") == BudgetExceeded("shop", Used(100), Allowance(150), MIDNIGHT)


def test_dollars_are_a_budget_too(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=0, daily_usd_per_user=0.01, daily_usd=0.015))
    assert isinstance(reserve(budget, option(usd="0.006")), Reserved)
    assert reserve(budget, option(usd="0.005"), purpose="summary").whose == "user"
    assert isinstance(reserve(budget, option(usd="0.005"), user="bob"), Reserved)
    assert reserve(budget, option(usd="0.005"), user="bob", purpose="summary").whose == "shop"


def test_without_a_budget_nothing_is_written(users):
    assert reserve(DailyBudget(users, Budget(daily_tokens_per_user=0))) is None
    assert not (users.root / ".budget").exists()


def test_one_user_may_have_another_budget_than_everybody(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=50))
    budget.allow("ana", 100)
    budget.allow("eva", 0)

    assert isinstance(reserve(budget, user="ana"), Reserved)
    assert isinstance(reserve(budget, user="bob"), BudgetExceeded)
    assert reserve(budget, user="eva") is None

    budget.allow("ana", None)
    assert isinstance(reserve(budget, user="ana", purpose="summary"), BudgetExceeded)


def test_one_user_may_have_another_budget_in_dollars(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=0, daily_usd_per_user=0.01))
    budget.allow("ana", None, Decimal("0.05"))
    budget.allow("eva", None, Decimal(0))

    assert isinstance(reserve(budget, option(usd="0.04"), user="ana"), Reserved)
    assert isinstance(reserve(budget, option(usd="0.04"), user="bob"), BudgetExceeded)
    assert reserve(budget, option(usd="0.04"), user="eva") is None
    assert budget.allowance("ana").usd == Decimal("0.05")


def test_settling_twice_changes_nothing(users):
    budget = DailyBudget(users, Budget())
    reserved = reserve(budget)
    for _ in range(2):
        budget.settle(reserved, Amount(5, 5), NOON)

    assert budget.used("ana", NOON)[0] == Used(10)


# The cheaper model


@pytest.mark.parametrize(
    ("used", "chosen"),
    [pytest.param(79, "dear", id="before"), pytest.param(80, "cheap", id="at four fifths")],
)
def test_near_the_limit_the_cheapest_answers(users, used, chosen):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=100))
    reserve(budget, option(used, 0), purpose="summary")
    options = [option(1, 0, "0.5", "dear"), option(1, 0, "0.2", "cheap"), option(1, 0, None, "unknown")]

    assert reserve(budget, *options).model == chosen


def test_the_cheapest_answers_where_only_it_fits(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=0, daily_usd=1.0))

    assert reserve(budget, option(usd="1.5", model="dear"), option(usd="0.5", model="cheap")).model == "cheap"


@pytest.mark.parametrize(
    ("costs", "n"),
    [
        pytest.param([None, "1"], 0, id="the first choice's price is not known"),
        pytest.param(["2", None, "1"], 2, id="one is not known"),
        pytest.param(["1", "1"], 0, id="equal"),
        pytest.param(["1", "0"], 1, id="one of this machine"),
    ],
)
def test_the_cheapest_is_found_among_known_prices(costs, n):
    assert cheapest([Amount(1, 1, None if cost is None else Decimal(cost)) for cost in costs]) == n


# Days


def test_a_new_day_begins_with_nothing_used(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=100))
    reserve(budget)
    assert isinstance(reserve(budget, now=MIDNIGHT), Reserved)

    assert budget.used("ana", MIDNIGHT)[0] == Used(100)
    assert day(users).endswith("2026-11-24T00:00:00Z,end,2026-11-24,,,,,,\n")


def test_a_call_over_midnight_counts_for_the_day_it_began(users):
    budget = DailyBudget(users, Budget())
    reserved = reserve(budget, now=MIDNIGHT - timedelta(seconds=1))
    reserve(budget, user="bob", now=MIDNIGHT)
    budget.settle(reserved, Amount(40, 2), MIDNIGHT)

    assert budget.used("ana", MIDNIGHT) == (Used(0), Used(100))
    assert day(users).endswith(f",settle,{reserved.call},ana,chat,luna,40,2,0.00000000\n")


def test_going_back_in_time_refills_nothing(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=100))
    reserve(budget, now=MIDNIGHT)

    for asking in (budget, DailyBudget(users, Budget(daily_tokens_per_user=100))):
        refused = reserve(asking, option(1, 0), purpose="summary", now=NOON)
        assert refused == BudgetExceeded("user", Used(100), Allowance(100), MIDNIGHT + timedelta(days=1))


YEAR = timedelta(days=365)


@pytest.mark.parametrize("is_same", [True, False], ids=["the same process", "another process"])
def test_a_day_of_a_clock_that_was_a_year_ahead_holds_nobody_up(users, is_same):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=100))
    reserve(budget, option(60, 0), now=NOON)
    assert isinstance(reserve(budget, now=NOON + YEAR), Reserved)
    assert isinstance(reserve(budget, option(1, 0), purpose="summary", now=NOON + YEAR), BudgetExceeded)

    right = budget if is_same else DailyBudget(users, Budget(daily_tokens_per_user=100))

    assert right.used("ana", NOON)[0] == Used(60), "what was used before is not given back"
    assert isinstance(reserve(right, option(30, 0), purpose="summary", now=NOON), Reserved)
    assert isinstance(reserve(right, option(30, 0), purpose="summary", now=MIDNIGHT), Reserved)


def test_a_clock_that_was_a_year_behind_goes_on_with_a_new_day(users):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=100))
    reserve(budget, now=NOON - YEAR)

    assert isinstance(reserve(budget, now=NOON), Reserved)


def test_a_process_still_on_the_old_day_learns_of_the_new_day(users):
    """Its clock stands behind another's, or was set back."""
    late, early = (DailyBudget(users, Budget(daily_tokens_per_user=100)) for _ in range(2))
    reserve(late, option(10, 0), now=NOON)
    reserve(early, option(100, 0), user="bob", now=MIDNIGHT)
    reserve(late, option(100, 0), now=NOON)

    assert late.used("ana", NOON) == early.used("ana", MIDNIGHT) == (Used(100), Used(200))


def test_old_days_are_removed(users):
    reserve(DailyBudget(users, Budget()), now=NOON)
    reserve(DailyBudget(users, Budget()), now=NOON + timedelta(days=40))
    reserve(DailyBudget(users, Budget()), now=NOON + timedelta(days=41))

    kept = sorted(path.name for path in (users.root / ".budget").iterdir())
    assert kept == ["2027-01-02.csv", "2027-01-03.csv"]


# Several processes


def test_of_many_at_once_as_many_pass_as_the_budget_takes(users):
    shops = [DailyBudget(users, Budget(daily_tokens_per_user=0, daily_tokens=1000)) for _ in range(5)]
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda n: reserve(shops[n % 5], user=f"person{n}"), range(60)))

    assert sum(isinstance(one, Reserved) for one in found) == 10
    assert [shop.used("ana", NOON)[1] for shop in shops] == [Used(1000)] * 5


CHILD = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from memory.storage.users import Users
from memory.usage.budget import CallOption, DailyBudget
from settings import Budget
spending = DailyBudget(Users(Path(sys.argv[1])), Budget())
spending.reserve("ana", "chat", [CallOption("luna", 300, 100, lambda: None)], datetime(2026, 11, 23, 12, tzinfo=UTC))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_call_settles_a_dead_reservation_in_full(users):
    done = subprocess.run([sys.executable, "-c", CHILD, users.root], cwd=ROOT, timeout=60)
    assert done.returncode == -9
    budget = DailyBudget(users, Budget())
    assert budget.used("ana", NOON)[0] == Used(400)
    assert budget.reserve("ana", "summary", [option()], NOON)[1] == ()

    found, (left,) = budget.reserve("ana", "chat", [option()], NOON)
    assert isinstance(found, Reserved)
    assert (left.model, left.amount) == ("luna", Amount(300, 100, None))
    assert budget.used("ana", NOON)[0] == Used(600)
    budget.settle(left, Amount(), NOON)
    assert budget.used("ana", NOON)[0] == Used(600)


# Files that somebody touched


def test_a_corrupt_line_is_skipped_and_a_torn_one_not_extended(users):
    budget = DailyBudget(users, Budget())
    reserve(budget)
    with (users.root / ".budget" / "2026-11-23.csv").open("ab") as file:
        file.write(b'\xff\n"\n,,\n2026-11-23T12:00:00Z,end,2020-01-01,,,,,,\n')
        file.write(b"2026-11-23T12:00:00Z,reserve,x,ana,chat,luna,-50,10,\n")
        file.write(b"2026-11-23T12:00:00Z,reserve,y,ana,chat,luna,50,10,NaN\n2026-11-23T12:00:00Z,reserve,z,a")
    reserve(budget, option(7, 0), purpose="summary")

    for asking in (budget, DailyBudget(users, Budget())):
        assert asking.used("ana", NOON)[0] == Used(107)


@pytest.mark.parametrize("how", ["removed", "replaced", "cut"])
def test_a_day_that_somebody_changed_is_read_anew(users, how):
    budget = DailyBudget(users, Budget(daily_tokens_per_user=100))
    reserved = reserve(budget)
    path = users.root / ".budget" / "2026-11-23.csv"
    text = path.read_text()
    if how != "cut":
        path.unlink()
    if how != "removed":
        path.write_text(text.replace("90,10", "9,1") if how == "replaced" else HEADING)
    assert budget.used("ana", NOON)[0] == Used(10 if how == "replaced" else 0)

    budget.settle(reserved, Amount(3, 0), NOON)
    assert budget.used("ana", NOON)[0] == Used(3 if how == "replaced" else 0)


# Laws

amounts = st.builds(
    Amount,
    st.integers(0, 500),
    st.integers(0, 500),
    st.none() | st.integers(0, 10**9).map(lambda n: Decimal(n) / 10**9),
)
steps = st.lists(
    st.tuples(st.sampled_from(["ana", "bob"]), st.integers(0, 1), amounts, st.none() | amounts, st.integers(0, 40)),
    max_size=20,
)


@settings(patient, max_examples=60)
@given(steps, st.sampled_from([0, 1500]), st.sampled_from([0.0, 2.0]))
def test_sums_are_exact_and_never_negative_or_over_the_limit(tmp_path_factory, steps, tokens, usd):
    """Two processes in turns, over several days: what they count, and what the files say, is what was told to them."""
    users = Users(tmp_path_factory.mktemp("law"))
    users.prepare()
    budget = Budget(daily_tokens_per_user=0, daily_tokens=tokens or 10**9, daily_usd=usd)
    shops = [DailyBudget(users, budget) for _ in range(2)]
    now, told = NOON, dict[date, dict[str, Amount]]()
    for person, n, wanted, settled, hours in steps:
        now += timedelta(hours=hours)
        of_today = told.setdefault(now.date(), {})
        before = _sum(of_today.values())
        found, left = shops[n].reserve(person, "chat", [option_of(wanted)], now)
        assert {one.call for one in left} <= set(of_today)
        if isinstance(found, BudgetExceeded):
            after = before.plus(found_amount(wanted, usd))
            assert after.tokens > (tokens or 10**9) or (usd and after.usd > Decimal(str(usd)))
            continue
        assert found is not None
        of_today[found.call] = rounded(found.amount)
        total = _sum(of_today.values())
        assert total.tokens <= (tokens or 10**9)
        assert not usd or total.usd <= Decimal(str(usd)) + Decimal("0.0000001")
        if settled is not None:
            smaller = Amount(
                min(settled.prompt_tokens, wanted.prompt_tokens),
                min(settled.completion_tokens, wanted.completion_tokens),
                None if wanted.cost_usd is None else min(settled.cost_usd or Decimal(0), wanted.cost_usd),
            )
            shops[1 - n].settle(found, smaller, now)
            of_today[found.call] = rounded(smaller)
        for shop in shops:
            assert shop.used("ana", now)[1] == _sum(of_today.values())
            assert all(used.tokens >= 0 and used.usd >= 0 for used in (*shop.used("ana", now), *shop.used("bob", now)))

    for when, calls in told.items():
        path = users.root / ".budget" / f"{when.isoformat()}.csv"
        assert _sum(_read(path).values() if path.exists() else []) == _sum(calls.values())


def option_of(wanted):
    return CallOption("m", wanted.prompt_tokens, wanted.completion_tokens, lambda: wanted.cost_usd)


def found_amount(wanted, usd):
    return wanted if usd else Amount(wanted.prompt_tokens, wanted.completion_tokens, None)


def rounded(amount):
    cost = amount.cost_usd
    return Amount(
        amount.prompt_tokens,
        amount.completion_tokens,
        None if cost is None else Decimal(f"{cost:.8f}"),
    )


def _sum(amounts):
    total = Used()
    for amount in amounts:
        total = total.plus(amount)
    return total


def _read(path):
    """Read a day as a spreadsheet would: the newest line of each call counts."""
    calls = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["event"] != "end":
                cost = Decimal(row["cost_usd"]) if row["cost_usd"] else None
                calls[row["call"]] = Amount(int(row["prompt_tokens"]), int(row["completion_tokens"]), cost)
    return calls
