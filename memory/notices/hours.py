"""The shop's clock: its quiet hours, and the week whose figures Monday morning brings."""

from datetime import date, datetime, time, timedelta

from brand import zone_of

MORNING = time(8)
"""When the figures of the week before are due, on Monday."""


def quiet_until(quiet: str, zone: str, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which `now` lies, None outside of them. `quiet` is such as "22:00-07:00"."""
    if not quiet:
        return None
    start, _, end = quiet.partition("-")
    begins, ends = time.fromisoformat(start), time.fromisoformat(end)
    here = now.astimezone(zone_of(zone))
    clock = here.time().replace(tzinfo=None)
    is_quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    if not is_quiet:
        return None
    day = here.date() + timedelta(days=int(clock >= ends))
    return datetime.combine(day, ends, here.tzinfo).astimezone(now.tzinfo)


def week_due(zone: str, now: datetime) -> date:
    """Return the Monday whose morning was last: the figures due are those of the seven days before it."""
    here = now.astimezone(zone_of(zone))
    monday = here.date() - timedelta(days=here.weekday())
    return monday if here >= datetime.combine(monday, MORNING, here.tzinfo) else monday - timedelta(days=7)
