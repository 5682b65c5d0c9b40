"""Tests of usage.csv: one line a model call, read from its end."""

import csv
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.storage.folders import Folder
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry
from tests.support.conversations import NOON

TODAY, DAY = NOON.date(), timedelta(days=1)
HEADING = "time,purpose,model,prompt_tokens,cached_tokens,completion_tokens,cost_usd,seconds,ending\n"

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def call(time=NOON, prompt=100, completion=20, *, model="luna", cost=Decimal("0.00012"), seconds=1.5, ending="stop"):
    return LedgerEntry(time, "chat", model, prompt, 60, completion, cost, seconds, ending)


def printed(one):
    return (
        f"{one.time:%Y-%m-%dT%H:%M:%SZ},chat,luna,{one.prompt_tokens},60,{one.completion_tokens},,1.5,stop\n".encode()
    )


def tokens_on(folder, day):
    return sum(one.tokens for one in ledger.calls(folder, since=day) if one.time.date() == day)


def file(folder):
    return folder.path / "usage.csv"


def test_a_call_is_one_line_under_a_heading(ana):
    ledger.note(ana, call())
    ledger.note(ana, call(cost=None, ending="rate_limited", seconds=0.0))

    assert file(ana).read_text() == HEADING + (
        "2026-11-23T12:00:00Z,chat,luna,100,60,20,0.00012000,1.500,stop\n"
        "2026-11-23T12:00:00Z,chat,luna,100,60,20,,0.000,rate_limited\n"
    )
    assert file(ana).stat().st_mode & 0o777 == 0o600


def test_a_spreadsheet_reads_it(ana):
    ledger.note(ana, call(model='a,"b"'))

    with file(ana).open(newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["model"], row["prompt_tokens"], row["ending"]) == ('a,"b"', "100", "stop")


def test_calls_are_given_newest_first_back_to_the_day(ana):
    made = [call(NOON - 2 * DAY), call(NOON - DAY), call(NOON), call(NOON + timedelta(hours=1))]
    for one in made:
        ledger.note(ana, one)

    assert ledger.calls(ana, since=TODAY) == made[:1:-1]
    assert ledger.calls(ana, since=TODAY - DAY) == made[:0:-1]
    assert ledger.calls(ana, since=date(1, 1, 1)) == made[::-1]
    assert ledger.calls(ana, since=TODAY + DAY) == []


def test_the_tokens_of_a_day_are_its_prompts_and_answers(ana):
    for one in (call(NOON - DAY, 1000, 1), call(NOON, 100, 20), call(NOON, 300, 4)):
        ledger.note(ana, one)

    assert tokens_on(ana, TODAY) == 424
    assert tokens_on(ana, TODAY - DAY) == 1001
    assert tokens_on(ana, TODAY + DAY) == 0


def test_a_day_is_one_of_utc(ana):
    ledger.note(ana, call(datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-3))), 7, 0))

    assert tokens_on(ana, TODAY) == 7


def test_nobody_used_anything_yet(ana):
    assert (ledger.calls(ana, since=TODAY), tokens_on(ana, TODAY)) == ([], 0)

    file(ana).write_text("")
    assert tokens_on(ana, TODAY) == 0


def test_a_call_of_a_user_who_is_gone_makes_no_directory(ana):
    shutil.rmtree(ana.path)

    with pytest.raises(FileNotFoundError):
        ledger.note(ana, call())
    assert not ana.path.exists()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="blank"),
        pytest.param("time,purpose", id="half a heading"),
        pytest.param("2026-11-23T12:00:00Z,chat,luna,100", id="torn"),
        pytest.param("yesterday,chat,luna,100,60,20,,1,stop", id="no time"),
        pytest.param("2026-11-23T12:00:00Z,chat,luna,many,60,20,,1,stop", id="no number"),
        pytest.param("2026-11-23T12:00:00Z,chat,luna,1,6,2,dear,1,stop", id="no price"),
        pytest.param("2026-11-23T12:00:00Z,chat,luna,1,6,2,,long,stop", id="no seconds"),
        pytest.param("2026-11-23T12:00:00Z,chat,luna,1,6,2,,1,stop,more", id="a tenth field"),
        pytest.param('2026-11-23T12:00:00Z,"chat,luna,1,6,2,,1,stop', id="a quote that is not closed"),
        pytest.param("2026-11-23T12:00:00Z\x00,chat,luna,1,6,2,,1,stop", id="NUL"),
        pytest.param("\ud83d".encode("utf-8", "surrogatepass"), id="no UTF-8"),
        pytest.param("2026-11-23T12:00:00Z,chat,luna," + "9" * 5000 + ",60,20,,1,stop", id="a long number"),
    ],
)
def test_a_mangled_line_is_left_out_and_the_others_count(ana, line):
    ledger.note(ana, call(NOON, 1, 2))
    with file(ana).open("ab") as opened:
        opened.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
    ledger.note(ana, call(NOON, 30, 40))

    assert tokens_on(ana, TODAY) == 73


@pytest.mark.parametrize("left", [b"2026-11-23T12:00:00Z,chat,lu", b"2026-11-23T12:00:00Z,chat,luna,1,6,2,,1,stop"])
def test_a_last_line_without_its_end_is_not_joined_to_the_next(ana, left):
    """A crash left it, or an editor that saves no last line feed."""
    ledger.note(ana, call(NOON, 1, 2))
    with file(ana).open("ab") as opened:
        opened.write(left)
    ledger.note(ana, call(NOON, 30, 40))

    assert ledger.calls(ana, since=TODAY)[0] == call(NOON, 30, 40)
    assert tokens_on(ana, TODAY) == 73 + (3 if left.endswith(b"stop") else 0)


def test_a_file_with_windows_line_ends_is_read(ana):
    ledger.note(ana, call())
    file(ana).write_bytes(file(ana).read_bytes().replace(b"\n", b"\r\n"))

    assert tokens_on(ana, TODAY) == 120


def test_a_long_ledger_is_read_back_to_the_day_only(ana):
    old = "2026-01-01T12:00:00Z,chat,luna,1,0,1,,1.000,stop\n" * 20_000
    file(ana).write_text(HEADING + old)
    for _ in range(600):  # more than one block
        with file(ana).open("a") as opened:
            opened.write("2026-11-23T12:00:00Z,chat,luna,1,0,1,,1.000,stop\n")
    read = list[int]()
    lines = ledger._lines_backwards(ana)
    for line in lines:
        read.append(len(line))
        if line.startswith(b"2026-01"):
            break
    lines.close()  # type: ignore[attr-defined]

    assert len(read) <= 602
    assert tokens_on(ana, TODAY) == 1200


@pytest.mark.parametrize("older", [1, 150])
def test_older_lines_behind_the_days_own_hide_none_of_them(ana, older):
    """The clock went back for a while, or another process noted its long call of yesterday only now."""
    lines = [call(NOON, 1, 2), *[call(NOON - DAY, 500, 0)] * older, call(NOON, 30, 40)]
    file(ana).write_bytes(HEADING.encode() + b"".join(map(printed, lines)))

    assert tokens_on(ana, TODAY) == 73
    assert tokens_on(ana, TODAY - DAY) == 500 * older


def test_calls_noted_at_once_are_all_kept(ana):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: ledger.note(ana, call(NOON, n, 0)), range(30)))

    assert sorted(one.prompt_tokens for one in ledger.calls(ana, since=TODAY)) == list(range(30))
    assert file(ana).read_text().count("time,purpose") == 1


calls = st.builds(
    call,
    st.just(NOON),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    model=st.from_regex(r"\S+", fullmatch=True),
    cost=st.one_of(st.none(), st.decimals(0, 1000, places=8)),
    seconds=st.integers(0, 10**6).map(lambda n: n / 1000),
    ending=st.sampled_from(["stop", "rate_limited", "stopped"]),
)


@settings(patient, max_examples=50)
@given(st.lists(calls, min_size=1, max_size=4))
def test_calls_are_read_as_they_were_noted(tmp_path_factory, made):
    path = tmp_path_factory.getbasetemp() / "noted"
    path.mkdir(exist_ok=True)
    folder = Folder(path)
    for one in made:
        ledger.note(folder, one)

    assert ledger.calls(folder, since=TODAY) == made[::-1]
    os.unlink(file(folder))


@pytest.mark.parametrize("torn", [b"time,purpose,mo", b"2026-11-23T12:00:0"], ids=["heading", "line"])
def test_what_a_crash_cut_off_is_set_aside(ana, torn):
    whole = b"" if torn.startswith(b"time") else (",".join(ledger.COLUMNS) + "\n").encode()
    (ana.path / "usage.csv").write_bytes(whole + torn)

    ledger.note(ana, call())

    lines = (ana.path / "usage.csv").read_text().splitlines()
    assert lines[0] == ",".join(ledger.COLUMNS)
    assert len(lines) == 2
    assert [path.read_bytes() for path in ana.path.glob("usage.csv.torn-*")] == [torn]
