"""Tests of account.toml: passwords, sessions, and a file that somebody has mangled."""

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.people import accounts, passwords
from memory.people.accounts import Account, Session
from memory.people.passwords import BadPassword
from memory.storage.layout import ACCOUNT
from memory.storage.users import NameTaken, Users
from tests.support.conversations import NOON

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse battery"

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    return users


@pytest.fixture(scope="module")
def account_of_ana(tmp_path_factory):
    """Return the bytes of an account made once, because each hash takes its time."""
    users = Users(tmp_path_factory.mktemp("users"))
    accounts.create(users, "ana", PASSWORD, "customer", NOON)
    return users.folder("ana").read("account.toml")


@pytest.fixture
def ana(users, account_of_ana):
    return users.create("ana", account_of_ana)


def file(folder):
    return folder.path / "account.toml"


def visit(folder, session_id, now):
    """Come by a session as a request does: it is checked, and the visit is noted when that is due."""
    found = accounts.find_session(folder, session_id, now)
    if found is not None and accounts.is_visit_due(found[1], now):
        accounts.note_visit(folder, found[1], now)
    return found


# Accounts


def test_an_account_is_loaded_as_it_was_created(users):
    created = accounts.create(users, "ana", PASSWORD, "owner", NOON)

    assert accounts.load(users.folder("ana")) == created
    assert (created.name, created.role, created.created, created.sessions, created.disabled) == (
        "ana",
        "owner",
        NOON,
        (),
        False,
    )


def test_the_password_itself_is_nowhere_in_the_file(ana):
    assert PASSWORD not in file(ana).read_text()
    assert 'password = "$argon2id$v=19$m=19456,t=2,p=1$' in file(ana).read_text()


def test_the_account_is_private(ana):
    assert (ana.path.stat().st_mode & 0o777, file(ana).stat().st_mode & 0o777) == (0o700, 0o600)

    accounts.open_session(ana, NOON)
    assert file(ana).stat().st_mode & 0o777 == 0o600


def test_the_account_is_private_under_any_umask(users):
    code = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from memory.people import accounts
from memory.storage.users import Users
os.umask(0)
accounts.create(Users(Path(sys.argv[1])), "bob", "correct horse battery", "customer", datetime.now(UTC))
"""
    subprocess.run([sys.executable, "-c", code, users.root], cwd=ROOT, check=True)
    bob = users.folder("bob")

    assert (bob.path.stat().st_mode & 0o777, file(bob).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_name_is_given_once(users, ana):
    before = file(ana).read_bytes()

    with pytest.raises(NameTaken):
        accounts.create(users, "ana", "another password", "owner", NOON)
    assert file(ana).read_bytes() == before


@pytest.mark.parametrize("name", ["Ana", "ana\n", "../ana", "admin", ""])
def test_a_bad_name_gets_no_account(users, name):
    with pytest.raises(ValueError, match="3 to 32 characters"):
        accounts.create(users, name, PASSWORD, "customer", NOON)
    assert os.listdir(users.root) == [".lock"]


def test_nobody_has_an_account_in_an_absent_directory(users):
    assert accounts.load(users.folder("nobody")) is None


def test_times_written_by_hand_are_read_as_utc(ana):
    text = file(ana).read_text()
    file(ana).write_text(text.replace("2026-11-23 12:00:00+00:00", "2026-11-23T12:00:00"))
    assert accounts.load(ana).created == NOON

    file(ana).write_text(text.replace("2026-11-23 12:00:00+00:00", "2026-11-23T09:00:00-03:00"))
    assert accounts.load(ana).created == NOON


# Passwords


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("a2c4e6g", id="7 characters"),
        pytest.param("x" * 257, id="257 characters"),
        pytest.param("x" * 1_000_000, id="a million characters"),
        pytest.param("", id="empty"),
        pytest.param("anabelle", id="the name"),
        pytest.param("AnaBelle", id="the name in capitals"),
        pytest.param("password", id="the most common"),
        pytest.param("12345678", id="digits"),
        pytest.param("PassWord1", id="common in capitals"),
        pytest.param("senha123", id="common in Brazil"),
        pytest.param("correct\ud83dhorse", id="half a surrogate pair"),
    ],
)
def test_a_bad_password_makes_no_account(users, password):
    with pytest.raises(BadPassword):
        accounts.create(users, "anabelle", password, "customer", NOON)
    assert os.listdir(users.root) == [".lock"]


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("a2c4e6g8", id="8 characters"),
        pytest.param("x" * 64, id="64 characters"),
        pytest.param("x" * 256, id="256 characters"),
        pytest.param("😀" * 256, id="256 wide characters"),
        pytest.param("        ", id="spaces"),
        pytest.param("senha\x00a\n", id="NUL and a line feed"),
        pytest.param("anabelle2", id="more than the name"),
        pytest.param("pâsswörd", id="accents"),
    ],
)
def test_a_good_password_is_accepted_and_verified_as_it_stands(users, password):
    account = accounts.create(users, "anabelle", password, "customer", NOON)

    assert accounts.verify(account, password)
    assert not accounts.verify(account, password + " ")
    assert not accounts.verify(account, password[:-1])


def test_the_rule_is_said_to_who_breaks_it():
    with pytest.raises(
        BadPassword, match=r"^Choose a password with 8 to 256 characters, not your name and not one of the most common"
    ):
        passwords.check("ana", "short")


@pytest.mark.parametrize("password", ["", "wrong password", PASSWORD.upper(), "x" * 10_000, "\ud83d", "\x00"])
def test_a_wrong_password_is_refused(ana, password):
    assert not accounts.verify(accounts.load(ana), password)


@pytest.mark.parametrize("password", [PASSWORD, "storekeeper", "", "\ud83d"])
def test_nobody_has_no_password(password):
    assert accounts.verify(None, password) is False


def test_an_unknown_user_is_checked_against_a_hash_of_equal_cost(ana):
    assert extract_parameters(passwords.NOBODYS) == extract_parameters(accounts.load(ana).password)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(passwords.NOBODYS, PASSWORD)


def test_a_disabled_user_has_no_password_and_no_session(ana):
    session = accounts.open_session(ana, NOON)
    file(ana).write_text(file(ana).read_text().replace("disabled = false", "disabled = true"))

    assert accounts.load(ana).disabled
    assert not accounts.verify(accounts.load(ana), PASSWORD)
    assert accounts.find_session(ana, session, NOON) is None


# Sessions


def test_a_session_is_the_accounts_until_it_is_closed(ana):
    session = accounts.open_session(ana, NOON)
    account = accounts.load(ana)
    assert accounts.find_session(ana, session, NOON) == (account, account.sessions[0])

    accounts.close_session(ana, session)
    assert accounts.find_session(ana, session, NOON) is None
    assert accounts.load(ana).sessions == ()


def test_the_session_id_itself_is_nowhere_in_the_file(ana):
    session = accounts.open_session(ana, NOON)

    assert len(session) == 32
    assert session not in file(ana).read_text()


def test_sessions_are_each_their_own(ana):
    first, second = accounts.open_session(ana, NOON), accounts.open_session(ana, NOON)
    accounts.close_session(ana, first)

    assert first != second
    assert accounts.find_session(ana, first, NOON) is None
    assert accounts.find_session(ana, second, NOON) is not None


@pytest.mark.parametrize("session", ["", "x", "x" * 32, "\ud83d", "é" * 5000, "\x00"])
def test_a_session_that_was_never_opened_is_nobodys(ana, session):
    opened = accounts.open_session(ana, NOON)
    accounts.close_session(ana, session)

    assert accounts.find_session(ana, session, NOON) is None
    assert accounts.find_session(ana, opened, NOON) is not None


def test_a_session_is_of_one_user(users, ana):
    accounts.create(users, "bob", PASSWORD, "customer", NOON)
    session = accounts.open_session(ana, NOON)

    assert accounts.find_session(users.folder("bob"), session, NOON) is None


def test_what_the_file_holds_is_no_session_id(ana):
    accounts.open_session(ana, NOON)
    (session,) = accounts.load(ana).sessions

    assert accounts.find_session(ana, session.digest, NOON) is None


@pytest.mark.parametrize(
    ("later", "is_live"),
    [
        pytest.param(timedelta(0), True, id="at once"),
        pytest.param(-DAY, True, id="the clock was set back"),
        pytest.param(7 * DAY - SECOND, True, id="just before 7 days"),
        pytest.param(7 * DAY, False, id="7 days"),
        pytest.param(365 * DAY, False, id="a year"),
    ],
)
def test_a_session_ends_after_seven_idle_days(ana, later, is_live):
    session = accounts.open_session(ana, NOON)

    assert (accounts.find_session(ana, session, NOON + later) is not None) == is_live


def test_a_session_from_a_clock_a_year_ahead_expires_normally(ana):
    session = accounts.open_session(ana, NOON + 365 * DAY)
    found = accounts.find_session(ana, session, NOON)
    assert found is not None, "nobody is locked out"
    assert accounts.is_visit_due(found[1], NOON)

    accounts.note_visit(ana, found[1], NOON)

    assert accounts.find_session(ana, session, NOON + 7 * DAY) is None
    (kept,) = accounts.load(ana).sessions
    assert (kept.created, kept.seen) == (NOON, NOON)
    assert not accounts.is_visit_due(kept, NOON)


def test_a_session_in_daily_use_ends_after_thirty_days(ana):
    session = accounts.open_session(ana, NOON)
    for day in range(1, 30):
        assert visit(ana, session, NOON + day * DAY) is not None, day

    assert visit(ana, session, NOON + 30 * DAY - SECOND) is not None
    assert visit(ana, session, NOON + 30 * DAY) is None


@pytest.mark.parametrize(
    ("later", "noted"),
    [
        pytest.param(MINUTE, NOON, id="1 minute"),
        pytest.param(5 * MINUTE, NOON, id="5 minutes"),
        pytest.param(5 * MINUTE + SECOND, NOON + 5 * MINUTE + SECOND, id="more than 5 minutes"),
        pytest.param(HOUR, NOON + HOUR, id="an hour"),
    ],
)
def test_a_visit_is_noted_at_most_every_five_minutes(ana, later, noted):
    session = accounts.open_session(ana, NOON)
    before = file(ana).stat()
    visit(ana, session, NOON + later)
    (kept,) = accounts.load(ana).sessions

    assert (kept.created, kept.seen) == (NOON, noted)
    assert (file(ana).stat().st_ino == before.st_ino) == (noted == NOON)


def test_a_visit_that_cannot_be_noted_is_still_let_in(ana, caplog):
    session = accounts.open_session(ana, NOON)
    before = file(ana).read_bytes()
    (ana.path / ".lock").unlink()
    (ana.path / ".lock").mkdir()

    assert visit(ana, session, NOON + HOUR) is not None
    assert [record.message for record in caplog.records] == ["visit_not_noted"]
    assert file(ana).read_bytes() == before


def test_ended_sessions_are_forgotten_when_a_new_one_is_opened(ana):
    accounts.open_session(ana, NOON)
    accounts.open_session(ana, NOON + DAY)
    accounts.open_session(ana, NOON + 7 * DAY)

    assert [session.created for session in accounts.load(ana).sessions] == [NOON + DAY, NOON + 7 * DAY]


def test_sessions_opened_at_once_are_all_kept(ana):
    start = threading.Barrier(6)

    def open_one(_):
        start.wait()
        return accounts.open_session(ana, NOON)

    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(open_one, range(6)))

    assert [session for session in opened if accounts.find_session(ana, session, NOON) is None] == []


def test_a_deleted_users_session_stays_dead_for_a_namesake(users, ana):
    session = accounts.open_session(ana, NOON)
    shutil.rmtree(ana.path)
    assert accounts.find_session(ana, session, NOON) is None

    accounts.create(users, "ana", PASSWORD, "customer", NOON)
    assert accounts.find_session(ana, session, NOON) is None


def test_nothing_happens_to_the_sessions_of_a_user_who_is_gone(users, ana):
    session = accounts.open_session(ana, NOON)
    shutil.rmtree(ana.path)
    accounts.close_session(ana, session)
    opened = accounts.open_session(ana, NOON)

    assert accounts.find_session(ana, opened, NOON) is None
    assert os.listdir(users.root) == [".lock"]


@pytest.mark.parametrize(
    ("created", "seen", "is_live"),
    [
        (NOON, NOON, True),
        (NOON, NOON - 7 * DAY, False),
        (NOON - 30 * DAY, NOON, False),
        (NOON - 30 * DAY + SECOND, NOON - 7 * DAY + SECOND, True),
        (NOON.astimezone(timezone(timedelta(hours=-3))), NOON, True),
    ],
)
def test_a_session_is_live_while_both_its_times_are_young(created, seen, is_live):
    assert Session("", created, seen).is_live(NOON) == is_live


# A file that somebody has mangled

DIGEST = "a" * 64
GOOD = f"""\
name = "ana"
role = "customer"
created = 2026-11-23T12:00:00Z
disabled = false
password = "x"
sessions = [{{digest = "{DIGEST}", created = 2026-11-23T12:00:00Z, seen = 2026-11-23T12:00:00Z}}]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(GOOD, "", id="empty"),
        pytest.param(GOOD, "\x00" * 4096, id="NULs"),
        pytest.param(GOOD, "<html>", id="HTML"),
        pytest.param(GOOD, "name = ", id="cut off"),
        pytest.param("name", "nome", id="no name"),
        pytest.param("role", "rôle", id="no TOML"),
        pytest.param('role = "customer"\n', "", id="no role"),
        pytest.param('"customer"', '"root"', id="another role"),
        pytest.param('"customer"', "[]", id="role is a list"),
        pytest.param('password = "x"\n', "", id="no password"),
        pytest.param("created = 2026-11-23T12:00:00Z\n", "", id="not created"),
        pytest.param("created = 2026-11-23T12:00:00Z\n", 'created = "yesterday"\n', id="created is a text"),
        pytest.param("created = 2026-11-23T12:00:00Z\n", "created = 2026-11-23\n", id="created is a day"),
        pytest.param("created = 2026-11-23T12:00:00Z\n", "created = 12:00:00\n", id="created is an hour"),
        pytest.param("created = 2026-11-23T12:00:00Z\n", "created = 5\n", id="created is a number"),
        pytest.param(
            "created = 2026-11-23T12:00:00Z\n", "created = 0001-01-01T00:00:00+14:00\n", id="created before time"
        ),
        pytest.param("seen = 2026-11-23T12:00:00Z", "seen = true", id="seen is a truth"),
        pytest.param("seen = 2026-11-23T12:00:00Z", "saw = 5", id="never seen"),
        pytest.param("sessions = [", "sessions = [1, ", id="a session is a number"),
        pytest.param("sessions = [", "a = [", id="another list is fine"),
        pytest.param("sessions = [{", "sessions = 5\na = [{", id="sessions are a number"),
        pytest.param("sessions = [{", "sessions = 'abc'\na = [{", id="sessions are a text"),
        pytest.param(DIGEST, "é", id="a digest of other letters is nobody's"),
    ],
)
def test_a_mangled_account_is_nobodys_and_never_an_exception(ana, request, old, new):
    assert old in GOOD
    file(ana).write_text(GOOD.replace(old, new))
    account = accounts.load(ana)

    assert (account is None) != request.node.callspec.id.endswith(("fine", "nobody's"))
    assert accounts.verify(account, PASSWORD) is False
    assert accounts.find_session(ana, "x", NOON) is None


def test_a_mangled_account_is_said_to_the_operator(ana, caplog):
    file(ana).write_bytes(b"\xff\xfe")

    assert accounts.load(ana) is None
    assert [(record.levelname, record.message, record.person) for record in caplog.records] == [
        ("CRITICAL", "account_unreadable", "ana")
    ]


def test_an_account_names_its_format_and_may_leave_it_out(ana):
    written = ana.read(ACCOUNT)

    assert written.startswith(b"format = 1\n")
    ana.replace(ACCOUNT, written.removeprefix(b"format = 1\n"))
    assert accounts.load(ana).name == "ana"
    assert accounts.log_in(ana, PASSWORD, NOON)


def test_an_account_of_a_newer_format_is_refused_and_kept(ana, caplog):
    newer = ana.read(ACCOUNT).replace(b"format = 1", b"format = 2")
    ana.replace(ACCOUNT, newer)

    assert accounts.load(ana) is None
    assert accounts.log_in(ana, PASSWORD, NOON) is None
    assert not accounts.set_password(ana, "another long password", NOON)
    assert ana.read(ACCOUNT) == newer
    assert {(one.getMessage(), one.error) for one in caplog.records} == {
        ("account_of_other_format", "account.toml has format 2, and this version reads 1")
    }


@pytest.mark.parametrize("thing", ["directory", "link"])
def test_an_account_that_is_no_file_is_nobodys(ana, tmp_path, thing):
    file(ana).rename(tmp_path / "account.toml")
    match thing:
        case "directory":
            file(ana).mkdir()
        case _:
            file(ana).symlink_to(tmp_path / "account.toml")

    assert accounts.load(ana) is None
    assert accounts.find_session(ana, "x", NOON) is None


@patient
@given(st.data())
def test_an_account_with_any_bytes_changed_is_read_or_nobodys(tmp_path_factory, data):
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(start + 30, len(GOOD))))
    new = data.draw(
        st.one_of(st.binary(max_size=6), st.sampled_from([b"5", b"''", b"[]", b"{}", b"\n", b"2026-11-23", b"nan"]))
    )
    users = Users(tmp_path_factory.getbasetemp() / "mangled")
    users.folder("ana").path.mkdir(parents=True, exist_ok=True)
    file(users.folder("ana")).write_bytes(GOOD.encode()[:start] + new + GOOD.encode()[end:])

    assert isinstance(accounts.load(users.folder("ana")), Account | None)
    assert accounts.find_session(users.folder("ana"), "x", NOON) is None


def test_an_account_cut_anywhere_is_unusable_or_has_no_session(ana):
    for length in range(len(GOOD) - 2):
        file(ana).write_text(GOOD[:length])
        account = accounts.load(ana)

        assert account is None or account.sessions == (), length


HASH = "$argon2id$v=19$m=19456,t=2,p=1$c3RvcmVrZWVwZXI1NTU1NQ$V4vzsQ9PrpqUMiTMmjpXxeTz1dtAlvX3XQPJjd7xk2E"


@pytest.mark.parametrize(
    "mangled",
    [
        pytest.param("", id="empty"),
        pytest.param(PASSWORD, id="the password itself"),
        pytest.param("$argon2id$", id="only its kind"),
        pytest.param(HASH[:40], id="cut off"),
        pytest.param(HASH.replace("t=2", "t=x"), id="a parameter"),
        pytest.param(HASH.replace("argon2id", "argon2xx"), id="another kind"),
        pytest.param("$2b$12$C6UzMDM.H6dfI/f/IKcEeO7ZbXv8R1Y3nq4Ic6uE1uE0", id="bcrypt"),
        pytest.param(HASH + "é", id="a letter that is not ASCII"),
        pytest.param("$argon2id$é", id="another that is not ASCII"),
        pytest.param("\x00", id="NUL"),
    ],
)
def test_a_corrupt_password_hash_matches_nothing_and_is_logged(caplog, mangled):
    account = Account("ana", mangled, "customer", NOON)

    assert accounts.verify(account, PASSWORD) is False
    assert [(record.levelname, record.message, record.person) for record in caplog.records] == [
        ("ERROR", "password_unusable", "ana")
    ]


@pytest.mark.parametrize(
    "cost",
    ["m=262145,t=2,p=1", "m=4294967295,t=2,p=1", "m=19456,t=11,p=1", "m=19456,t=4294967295,p=1", "m=19456,t=2,p=17"],
)
def test_a_hash_that_takes_too_much_is_never_computed(caplog, cost):
    account = Account("ana", HASH.replace("m=19456,t=2,p=1", cost), "customer", NOON)
    started = time.process_time()

    assert accounts.verify(account, PASSWORD) is False
    assert time.process_time() - started < 0.5
    assert [(record.levelname, record.message, record.person) for record in caplog.records] == [
        ("ERROR", "password_unusable", "ana")
    ]


# Races


def dated(folder):
    """Store a hash of weaker parameters, which the next login renews."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    file(folder).write_text(file(folder).read_text().replace(accounts.load(folder).password, weak))


@pytest.mark.parametrize("is_dated", [True, False], ids=["a dated hash", "a hash of today"])
def test_a_password_changed_during_a_login_stays_and_blocks_it(ana, is_dated):
    if is_dated:
        dated(ana)
    with ThreadPoolExecutor(1) as pool:
        with ana.lock():
            entering = pool.submit(accounts.log_in, ana, PASSWORD, NOON)
            time.sleep(0.3)  # by now it has compared the password and waits for the lock
            accounts.set_password(ana, "another password", NOON)
        session = entering.result(10)

    assert session is None
    assert accounts.verify(accounts.load(ana), "another password")
    assert accounts.load(ana).sessions == ()


def test_a_password_replaces_only_the_one_that_allowed_it(ana):
    allowed_by = accounts.load(ana).password
    accounts.set_password(ana, "another password", NOON)

    assert not accounts.set_password(ana, "a thief's password", NOON, instead_of=allowed_by)
    assert accounts.verify(accounts.load(ana), "another password")
    assert accounts.set_password(ana, "a third password", NOON, instead_of=accounts.load(ana).password)
    assert accounts.verify(accounts.load(ana), "a third password")


def test_an_account_replaced_within_the_same_tick_is_read_anew(ana):
    before = file(ana).stat()
    assert accounts.load(ana).name == "ana"
    other = ana.path / "other"
    other.write_text(file(ana).read_text().replace('name = "ana"', 'name = "eva"'))
    os.utime(other, ns=(before.st_mtime_ns, before.st_mtime_ns))
    other.rename(file(ana))
    after = file(ana).stat()

    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert accounts.load(ana).name == "eva"


# A disk that takes nothing


@pytest.fixture
def unwritable(ana):
    """Ana's directory while nothing in it can be written: her lock cannot be had, as where the disk may only be read."""
    (ana.path / ".lock").unlink(missing_ok=True)
    (ana.path / ".lock").mkdir()
    return ana


@pytest.mark.parametrize("is_dated", [True, False], ids=["a dated hash", "a hash of today"])
def test_people_come_in_while_their_session_cannot_be_kept(unwritable, caplog, is_dated):
    if is_dated:
        dated(unwritable)
    before = file(unwritable).read_bytes()
    session = accounts.log_in(unwritable, PASSWORD, NOON) or ""

    found = accounts.find_session(unwritable, session, NOON + 59 * MINUTE)
    assert found is not None
    assert found[0].name == "ana"
    assert visit(unwritable, session, NOON + 59 * MINUTE) is not None
    assert accounts.log_in(unwritable, "wrong password", NOON) is None
    assert file(unwritable).read_bytes() == before
    assert {record.message for record in caplog.records} == {"session_not_kept"}


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda ana, session: accounts.close_session(ana, session), id="log out"),
        pytest.param(lambda ana, session: accounts.close_all(ana), id="end all"),
        pytest.param(lambda ana, session: accounts.set_password(ana, "another password", NOON), id="a new password"),
        pytest.param(lambda ana, session: accounts.disable(ana), id="disable"),
        pytest.param(lambda ana, session: accounts.open_session(ana, NOON), id="log in"),
    ],
)
def test_an_unsaved_session_ends_when_the_account_is_written(unwritable, end):
    session = accounts.log_in(unwritable, PASSWORD, NOON) or ""
    (unwritable.path / ".lock").rmdir()
    assert accounts.find_session(unwritable, session, NOON) is not None
    end(unwritable, session)

    assert accounts.find_session(unwritable, session, NOON) is None


def test_an_unsaved_session_lasts_an_hour_and_cannot_be_forged(unwritable, users):
    session = accounts.log_in(unwritable, PASSWORD, NOON) or ""
    opened, _, proof = session.removeprefix("passing-").partition("-")
    forged = [
        f"passing-{int(opened) + 60}-{proof}",
        f"passing-{opened}-{'0' * 64}",
        f"passing-{opened}-",
        f"passing--{proof}",
        f"passing-{opened}",
        "passing-",
        f"passing-{opened}-é",
        f"passing-{'9' * 40}-{proof}",
    ]

    assert accounts.find_session(unwritable, session, NOON + HOUR) is None
    assert accounts.find_session(unwritable, session, NOON - SECOND) is None
    assert [accounts.find_session(unwritable, one, NOON + MINUTE) for one in forged] == [None] * len(forged)
    assert accounts.log_in(users.folder("nobody"), PASSWORD, NOON) is None


def test_a_wrong_password_is_nothing_for_the_operator(ana, caplog):
    accounts.verify(accounts.load(ana), "wrong password")
    accounts.verify(None, "wrong password")

    assert caplog.records == []


def test_a_session_keeps_the_names_of_its_browser(ana):
    accounts.open_session(ana, NOON, ("Firefox", "Android"))

    (session,) = accounts.load(ana).sessions
    assert (session.browser, session.system) == ("Firefox", "Android")


def test_a_session_of_an_earlier_version_has_no_browser(ana):
    accounts.open_session(ana, NOON, ("Firefox", "Android"))
    kept = file(ana).read_text().replace('browser = "Firefox"\n', "").replace('system = "Android"\n', "")
    file(ana).write_text(kept)

    (session,) = accounts.load(ana).sessions
    assert (session.browser, session.system) == ("", "")


@pytest.mark.parametrize(
    ("written", "kept"), [("0.5", Decimal("0.5")), ("2", Decimal(2)), ("0", Decimal(0)), ("0.05", Decimal("0.05"))]
)
def test_an_own_budget_in_dollars_is_exact(ana, written, kept):
    assert accounts.set_budget(ana, None, Decimal(written))

    account = accounts.load(ana)
    assert account is not None
    assert (account.daily_usd, account.daily_tokens) == (kept, None)
    assert accounts.set_budget(ana, 5)
    assert "daily_usd" not in file(ana).read_text()


@pytest.mark.parametrize("written", ["-1", "nan", "inf", '"1"', "true", "1e9", "1e99999999999999999999"])
def test_what_is_no_amount_of_dollars_is_no_account(ana, written):
    with file(ana).open("r+b") as opened:
        text = opened.read()
        opened.seek(0)
        opened.write(f"daily_usd = {written}\n".encode() + text)

    assert accounts.load(ana) is None
