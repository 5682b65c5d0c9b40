"""Tests of feedback.csv: the last word counts, no word is lost, no spreadsheet runs one."""

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory import csv_cells
from memory.conversations import feedback
from memory.conversations.feedback import Feedback, Rating
from memory.storage.folders import Folder
from memory.storage.users import Users
from tests.support.conversations import NOON

GOOD = Feedback(NOON, NOON, 2, "gpt-6-luna", "up")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def lines(folder):
    return (folder.path / "feedback.csv").read_text().splitlines()


def test_a_word_is_one_line_that_a_user_can_read(folder):
    feedback.note(folder, GOOD)
    feedback.note(folder, Feedback(NOON, NOON, 4, "luna", "down", "wrong,\nand late"))

    assert lines(folder) == [
        "time,conversation,number,model,rating,reason",
        "2026-11-23T12:00:00Z,2026-11-23T12:00:00Z,2,gpt-6-luna,up,",
        '2026-11-23T12:00:00Z,2026-11-23T12:00:00Z,4,luna,down,"wrong, and late"',
    ]


def test_the_last_word_counts_and_the_others_stay(folder):
    for rating in ("up", "down", "none", "down"):
        feedback.note(folder, Feedback(NOON, NOON, 2, "luna", rating))
    feedback.note(folder, Feedback(NOON, NOON + timedelta(days=1), 2, "luna", "up"))

    found = feedback.ratings(folder, NOON, since=NOON)

    assert {number: said.rating for number, said in found.items()} == {2: "down"}
    assert len(lines(folder)) == 6


def test_nothing_older_than_the_page_is_looked_at(folder):
    feedback.note(folder, GOOD)

    assert feedback.ratings(folder, NOON, since=NOON + timedelta(seconds=1)) == {}
    assert feedback.ratings(Folder(folder.path / "nobody"), NOON, since=NOON) == {}


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]
)
def test_no_reason_is_a_formula_and_each_is_read_back_unchanged(folder, formula):
    feedback.note(folder, Feedback(NOON, NOON, 2, formula, "down", f"\t{formula}"))

    row = next(iter(list(csv.reader(lines(folder)))[1:]))
    assert (row[3], row[5]) == (f"'{formula}", f"'{formula}")
    assert feedback.ratings(folder, NOON, since=NOON)[2].reason == formula


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("good;=1+1", "good;'=1+1"),
        ("good; \u3000＝1+1", "good; '＝1+1"),
        ("a;b;;-1;@x", "a;b;;'-1;'@x"),
        ('good;"=1+1"', 'good;"\'=1+1"'),
        ('good;" =1', "good;\" '=1"),
        ("good;'=1", "good;''=1"),
        ("\r\n\t =1", "'=1"),
        ("5 = 3; a-b; c", "5 = 3; a-b; c"),
    ],
)
def test_no_part_of_a_reason_between_semicolons_is_a_formula(folder, reason, kept):
    feedback.note(folder, Feedback(NOON, NOON, 2, "luna", "down", reason))

    assert next(csv.reader(lines(folder)[1:]))[5] == kept
    assert feedback.ratings(folder, NOON, since=NOON)[2].reason == " ".join(reason.split())


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="=+-@＝ ;,'\"ab\t\u3000"))
def test_a_cell_is_no_formula_however_it_is_split(text):
    safe = csv_cells.safe(text)

    assert not [part for part in safe.split(";") if part.strip(' "')[:1] in tuple("=+-@＝＋－＠")]
    assert csv_cells.read(safe) == " ".join(text.split())


@pytest.mark.parametrize("torn", [b"2026-11-23T12:00:00Z,2026", b"x\n", b"\xff\n", b'"\n'])
def test_a_torn_line_swallows_nothing(folder, torn):
    feedback.note(folder, GOOD)
    with (folder.path / "feedback.csv").open("ab") as file:
        file.write(torn)
    feedback.note(folder, Feedback(NOON, NOON, 4, "luna", "down"))

    assert sorted(feedback.ratings(folder, NOON, since=NOON)) == [2, 4]


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
@given(st.text())
def test_any_reason_stays_one_line(tmp_path, reason):
    folder = Folder(tmp_path)
    (folder.path / "feedback.csv").unlink(missing_ok=True)
    reason = reason.encode(errors="replace").decode()
    feedback.note(folder, Feedback(NOON, NOON, 2, "luna", "up", reason))

    data = (folder.path / "feedback.csv").read_bytes()
    assert data.count(b"\n") == 2
    assert len(feedback.ratings(folder, NOON, since=NOON)) == 1


def test_the_owner_reads_everybodys_words_as_one_table(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    for name in ("bob", "ana"):
        users.create(name, b"")
        feedback.note(users.folder(name), GOOD)

    data = b"".join(feedback.of_all(users)).decode()
    table = list(csv.DictReader(io.StringIO(data)))

    assert data.split("\n")[1] == '"ana","2026-11-23T12:00:00Z","2026-11-23T12:00:00Z","2","gpt-6-luna","up",""'

    assert [row["person"] for row in table] == ["ana", "bob"]
    assert {row["rating"] for row in table} == {"up"}


def test_the_newest_words_of_all_people_come_first(tmp_path):
    users = Users(tmp_path)
    words: list[tuple[int, str, int, Rating]] = [
        (0, "ana", 2, "up"),
        (1, "bob", 2, "down"),
        (2, "ana", 4, "up"),
        (3, "ana", 4, "none"),
        (4, "ana", 2, "down"),
    ]
    for minutes, name, number, rating in words:
        folder = users.folder(name)
        folder.path.mkdir(exist_ok=True)
        (folder.path / "account.toml").touch()
        feedback.note(folder, Feedback(NOON + timedelta(minutes=minutes), NOON, number, "luna", rating))

    found = [(name, said.number, said.rating) for name, said in feedback.latest(users, 100)]

    assert found == [("ana", 2, "down"), ("bob", 2, "down")]
    assert len(feedback.latest(users, 1)) == 1
