"""Incidents: noted by whoever meets them, known to all processes, gone when the thing works again."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from memory.storage.layout import INCIDENTS
from memory.storage.users import Users
from memory.usage.incidents import MOST_MET, MOST_STANDING, MOST_TIMES, Incident, Incidents

NOW = datetime(2026, 11, 29, 2, 10, tzinfo=UTC)


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "users")
    users.prepare()
    return users


def test_every_process_knows_an_incident_until_it_is_cleared(users: Users) -> None:
    here, elsewhere = Incidents(users), Incidents(users)
    here.note("key_refused", "gpt-6", "key_refused", NOW, "ana")
    elsewhere.note("key_refused", "gpt-6", "key_refused", NOW + timedelta(hours=1), "bob")

    (found,) = Incidents(users).standing()
    elsewhere.clear(("quota", "gpt-6"), ("key_refused", "gpt-6"))

    assert (found.cause, found.subject, found.since, len(found.met)) == ("key_refused", "gpt-6", NOW, 2)
    assert here.standing() == elsewhere.standing() == Incidents(users).standing() == []


def test_names_of_customers_are_not_written(users: Users) -> None:
    Incidents(users).note("quota", "gpt-6", "quota", NOW, "ana-maria")

    written = b"".join(path.read_bytes() for path in (users.root / INCIDENTS).iterdir())

    assert b'"quota"' in written
    assert b"ana-maria" not in written


def test_what_is_known_is_not_written_again(users: Users) -> None:
    incidents = Incidents(users)
    for _ in range(MOST_TIMES):
        incidents.note("quota", "gpt-6", "quota", NOW, "ana")
    (path,) = (users.root / INCIDENTS).glob("*.json")
    before = path.stat().st_ino

    incidents.note("quota", "gpt-6", "quota", NOW, "ana")

    assert path.stat().st_ino == before


def test_clearing_reads_the_directory_only_after_a_change(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    incidents = Incidents(users)
    incidents.note("quota", "gpt-6", "quota", NOW)
    place, long_ago = users.root / INCIDENTS, time.time() - 60
    os.utime(place, (long_ago, long_ago))
    incidents.clear(("quota", "another"))
    listed = list[object]()
    monkeypatch.setattr(os, "listdir", listed.append)

    for _ in range(5):
        incidents.clear(("quota", "another"))

    assert listed == []


def test_a_change_right_after_a_look_is_seen(users: Users) -> None:
    here, elsewhere = Incidents(users), Incidents(users)
    for n in range(20):
        elsewhere.note("quota", f"model-{n}", "quota", NOW)

        assert len(here.standing()) == n + 1


def test_exactly_what_is_wrong_now_stands(users: Users) -> None:
    incidents = Incidents(users)
    incidents.note("quota", "gpt-6", "quota", NOW)
    incidents.keep("data_unusable", {"a.csv": "no columns", "b.csv": "not UTF-8"}, NOW)

    incidents.keep("data_unusable", {"b.csv": "no price"}, NOW + timedelta(hours=1))

    assert incidents.standing() == [
        Incident("quota", "gpt-6", "quota", NOW),
        Incident("data_unusable", "b.csv", "no price", NOW, times=2),
    ]


def test_a_disk_that_takes_nothing_leaves_it_in_memory(users: Users) -> None:
    (users.root / INCIDENTS).write_text("in the way")
    incidents = Incidents(users)

    incidents.note("disk", "", "refused", NOW, "ana")
    incidents.note("disk", "", "refused", NOW, "bob")

    (found,) = incidents.standing()
    assert (found.cause, len(found.met)) == ("disk", 2)
    incidents.clear(("disk", ""))
    assert incidents.standing() == []


def test_incidents_and_those_who_met_them_are_bounded(users: Users) -> None:
    incidents = Incidents(users)
    for n in range(MOST_STANDING + 5):
        incidents.note("data_unusable", f"{n}.csv", "x" * 5_000, NOW)
    full = Incident("quota", "gpt-6", "quota", NOW, MOST_TIMES, frozenset(map(str, range(MOST_MET))))

    assert len(incidents.standing()) == MOST_STANDING
    assert max(len(one.detail) for one in incidents.standing()) <= 300
    assert full.again("quota", frozenset(["another"])) == full


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cause": "none"}', b"\xff" * 70_000, b"[" * 50_000])
def test_a_file_that_somebody_mangled_is_passed_over(users: Users, content: bytes) -> None:
    incidents = Incidents(users)
    incidents.note("quota", "gpt-6", "quota", NOW)
    (path,) = (users.root / INCIDENTS).glob("*.json")
    path.write_bytes(content)

    assert incidents.standing() == []
    incidents.note("quota", "gpt-6", "quota", NOW)
    assert len(incidents.standing()) == 1
