"""Tests of finding a reply and its question by what is known of it elsewhere, and of the files that hold both."""

import csv
import io
from datetime import datetime, timedelta

from memory.conversations import doubts, exchanges, feedback
from memory.conversations.exchanges import Exchange
from memory.conversations.feedback import Feedback
from memory.conversations.records import Record, print_record
from memory.storage.layout import HISTORY
from memory.storage.users import Users
from shop.claims.values import Claim
from tests.support.shop import NOON

MINUTE = timedelta(minutes=1)


def talk(users: Users, began: datetime, place: str = "") -> None:
    """Have bob talk from a time on: two questions, the second answered twice."""
    folder = users.folder("bob").path / place
    folder.mkdir(parents=True, exist_ok=True)
    said = [
        Record(1, began, "user", "=First?"),
        Record(2, began + MINUTE, "assistant", "One.", model="luna", ending="stop"),
        Record(3, began + 2 * MINUTE, "user", f"Second of {began:%d}?"),
        Record(4, began + 3 * MINUTE, "assistant", "Two.", model="luna", ending="stop"),
        Record(5, began + 4 * MINUTE, "assistant", "Two,\nagain.", model="luna", ending="stop", replaces=4),
    ]
    (folder / HISTORY).write_bytes(b"".join(map(print_record, said)))


def three_conversations(users: Users) -> list[datetime]:
    times = [NOON - timedelta(days=2), NOON - timedelta(days=1), NOON]
    for time in times[:2]:
        talk(users, time, f"archive/{time:%Y%m%dT%H%M%SZ}")
    talk(users, times[2])
    return times


def test_an_answer_is_found_with_its_question(users: Users) -> None:
    bob = users.folder("bob")
    for began in three_conversations(users):
        second = f"Second of {began:%d}?"
        assert exchanges.of_conversation(bob, began, 2) == Exchange("=First?", "One.")
        assert exchanges.of_conversation(bob, began, 5) == Exchange(second, "Two,\nagain.")
        assert exchanges.of_time(bob, began + 3 * MINUTE, 4) == Exchange(second, "Two.")
        assert exchanges.of_conversation(bob, began, 3) is None
        assert exchanges.of_time(bob, began, 4) is None
    assert exchanges.of_conversation(bob, NOON + MINUTE, 2) is None
    assert exchanges.of_time(users.folder("eve"), NOON, 2) is None


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_the_table_of_feedback_holds_question_and_answer(users: Users) -> None:
    three_conversations(users)
    for conversation, number in ((NOON, 2), (NOON - timedelta(days=1), 5), (NOON - timedelta(days=9), 2)):
        feedback.note(users.folder("bob"), Feedback(NOON, conversation, number, "luna", "down", "=why"))

    first, second, gone = rows_of(b"".join(feedback.of_all(users, has_words=True)))

    assert (first["question"], first["answer"], first["reason"]) == ("'=First?", "One.", "'=why")
    assert (second["question"], second["answer"]) == (f"Second of {NOON - timedelta(days=1):%d}?", "Two, again.")
    assert (gone["question"], gone["answer"]) == ("", "")
    assert "question" not in rows_of(b"".join(feedback.of_all(users)))[0]


def test_the_table_of_wrong_claims_holds_question_and_answer(users: Users) -> None:
    three_conversations(users)
    claim = Claim("price", "=R$ 1", 0, 5, "X", "contradicted", "a.csv:2", "R$ 2", "")
    answered = Record(2, NOON + MINUTE, "assistant", "One.")
    doubts.note(users, "bob", answered, [claim])
    doubts.note(users, "eve", Record(2, NOON - timedelta(days=3), "assistant", "One."), [claim])
    with (users.root / ".checks/2026-11-23.csv").open("ab") as file:
        file.write(b'x,"torn\n\xff,,\n2026-11-23T12:00:00Z,../x,2,price,a,b,c,d\n')

    eve, bob, odd = rows_of(b"".join(doubts.of_all(users, has_words=True)))

    assert (bob["user"], bob["text"], bob["question"], bob["answer"]) == ("bob", "'=R$ 1", "'=First?", "One.")
    assert (eve["user"], eve["question"], eve["answer"]) == ("eve", "", "")
    assert (odd["user"], odd["answer"]) == ("../x", "")
    assert list(rows_of(b"".join(doubts.of_all(users)))[0]) == list(doubts.COLUMNS)


def test_without_a_wrong_claim_the_table_has_its_columns(users: Users) -> None:
    assert b"".join(doubts.of_all(users)).decode().strip().replace('"', "").split(",") == list(doubts.COLUMNS)


def test_a_long_day_is_read_whole(users: Users) -> None:
    claims = [
        Claim("price", f"R$ {n} {'x' * 60}", 0, 5, "X", "contradicted", "a.csv:2", "R$ 2", "") for n in range(2000)
    ]
    doubts.note(users, "bob", Record(2, NOON, "assistant", "One."), claims)

    assert [row["text"].split()[1] for row in rows_of(b"".join(doubts.of_all(users)))] == [str(n) for n in range(2000)]
