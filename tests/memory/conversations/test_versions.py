"""Tests of what was replaced: it can all be found again, and an older answer can be taken back."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from memory.conversations import headers, history, turns, versions
from memory.conversations.records import Receipt, Record, print_record
from memory.conversations.turns import NotApplicable
from memory.storage.folders import Busy, Folder
from memory.storage.layout import LOCK, TURN_LOCK
from tests.memory import kills
from tests.support.conversations import NOON, say


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def write(folder: Folder, *said: Any) -> None:
    """Write records: role, text and, where they matter, what is replaced and the ending."""
    for role, text, *more in said:
        replaces, ending = [*more, None, None][:2]
        if role == "assistant" and len(more) < 2:
            ending = "stop"
        record = Record(1, NOON, role, text, "luna" if role == "assistant" else None, ending, replaces)
        history.append(folder, partial(renumbered, record))


def renumbered(record: Record, number: int) -> Record:
    return replace(record, number=number)


def texts(records) -> list[str]:
    return [record.text for record in records]


ONE_QUESTION = [("user", "Blue mugs?"), ("assistant", "Yes."), ("assistant", "No.", 2), ("assistant", "Perhaps.", 3)]


def test_a_page_knows_the_other_answers_of_each_reply(folder):
    write(folder, *ONE_QUESTION, ("user", "And red?"), ("assistant", "Yes."))

    page = versions.page(folder, count=10)

    assert texts(page.records) == ["Blue mugs?", "Perhaps.", "And red?", "Yes."]
    assert {number: texts(versions) for number, versions in page.versions.items()} == {4: ["Yes.", "No.", "Perhaps."]}


def test_a_continued_empty_or_identical_reply_is_no_version(folder):
    write(
        folder,
        ("user", "Blue mugs?"),
        ("assistant", "Yes,", None, "stopped"),
        ("assistant", "Yes, two.", 2),
        ("assistant", "", 3, "failed"),
        ("assistant", "Three.", 4),
        ("assistant", "Yes, two.", 5),
    )

    assert texts(versions.page(folder, count=10).versions[6]) == ["Yes, two.", "Three."]


def test_an_edit_makes_a_version_and_the_old_branch_is_readable(folder):
    write(folder, ("user", "Blue?"), ("assistant", "Yes."), ("user", "Two?"), ("assistant", "Yes, two."))
    write(folder, ("user", "Red?", 1), ("assistant", "No."))

    found = versions.version(folder, 1)

    assert texts(versions.page(folder, count=10).versions[5]) == ["Blue?", "Red?"]
    assert found is not None
    assert found.until == 5
    assert texts(versions.page(folder, count=10, until=found.until).records) == ["Blue?", "Yes.", "Two?", "Yes, two."]


@pytest.mark.parametrize(("number", "until"), [(2, 3), (3, 4), (4, None)])
def test_any_version_of_a_reply_knows_all_of_them(folder, number, until):
    write(folder, *ONE_QUESTION, ("user", "And red?"), ("assistant", "Yes."))

    found = versions.version(folder, number)

    assert found is not None
    assert texts(found.versions) == ["Yes.", "No.", "Perhaps."]
    assert (found.record.number, found.until, found.standing.number) == (number, until, 4)


def test_a_version_of_an_abandoned_branch_has_no_current_one(folder):
    write(folder, *ONE_QUESTION, ("user", "Red mugs?", 1), ("assistant", "Yes."))

    found = versions.version(folder, 3)

    assert found is not None
    assert found.standing is None
    assert versions.version(folder, 99) is None
    with pytest.raises(NotApplicable):
        turns.take(folder, 3, NOON)


def test_an_older_answer_taken_back_stands_and_nothing_is_lost(folder):
    write(folder, *ONE_QUESTION)
    before = (folder.path / "history.txt").read_bytes()

    taken = turns.take(folder, 2, NOON)

    assert (taken.number, taken.text, taken.replaces, taken.model) == (5, "Yes.", 4, "luna")
    assert (folder.path / "history.txt").read_bytes().startswith(before)
    page = versions.page(folder, count=10)
    assert texts(page.records) == ["Blue mugs?", "Yes."]
    assert texts(page.versions[5]) == ["Yes.", "No.", "Perhaps."]
    assert turns.take(folder, 5, NOON) == taken
    assert turns.take(folder, 2, NOON) == taken


def test_an_older_question_taken_back_brings_what_followed_it(folder):
    write(
        folder,
        ("user", "Blue?"),
        ("assistant", "No."),
        ("assistant", "Yes.", 2),
        ("user", "Two?"),
        ("assistant", "Two.", None, "length"),
    )
    write(folder, ("user", "Red?", 1), ("assistant", "None."))
    before = (folder.path / "history.txt").read_bytes()

    taken = turns.take(folder, 1, NOON)

    assert (taken.number, taken.text, taken.replaces) == (8, "Blue?", 6)
    assert (folder.path / "history.txt").read_bytes().startswith(before)
    page = versions.page(folder, count=10)
    assert [(one.number, one.text, one.ending) for one in page.records] == [
        (8, "Blue?", None), (9, "Yes.", "stop"), (10, "Two?", None), (11, "Two.", "length"),
    ]  # fmt: skip
    assert texts(page.versions[8]) == ["Blue?", "Red?"]
    assert turns.take(folder, 1, NOON).number == 8, "it stands already"


def test_switching_between_questions_keeps_the_answers_of_each(folder):
    write(folder, ("user", "Blue?"), ("assistant", "Yes."), ("user", "Red?", 1), ("assistant", "None."))
    turns.take(folder, 1, NOON)
    write(folder, ("user", "Two?"), ("assistant", "Yes, two."))

    def other() -> int:
        first = versions.page(folder, count=10).records[0]
        return next(one.number for one in versions.version(folder, first.number).versions if one.text != first.text)

    turns.take(folder, other(), NOON)
    assert texts(versions.page(folder, count=10).records) == ["Red?", "None."]
    turns.take(folder, other(), NOON)

    assert texts(versions.page(folder, count=10).records) == ["Blue?", "Yes.", "Two?", "Yes, two."]


def test_what_is_not_there_cannot_be_taken_back(folder):
    write(folder, *ONE_QUESTION)

    assert turns.take(folder, 1, NOON).number == 1, "it stands"
    with pytest.raises(NotApplicable):
        turns.take(folder, 99, NOON)


def test_nothing_is_taken_back_while_a_reply_is_written(folder):
    write(folder, *ONE_QUESTION)
    lock = folder.try_lock(TURN_LOCK)
    folder.replace("reply.txt", b"")

    with pytest.raises(Busy):
        turns.take(folder, 2, NOON)
    lock.release()


def test_a_page_of_a_long_conversation_is_read_from_its_end(folder):
    write(folder, *ONE_QUESTION, *[("user", f"Question {n}") for n in range(60)])
    page = versions.page(folder, count=10)

    assert texts(page.records) == [f"Question {n}" for n in range(50, 60)]
    assert page.versions == {}


def test_a_conversations_receipts_include_replaced_answers(folder):
    took = Receipt(10, 0, 5, None, 0.1, 0.5, 1)
    for n, replaces in ((1, None), (2, 1)):
        record = Record(n, NOON, "assistant", f"{n}", "luna", "stop", replaces, None, took)
        history.append(folder, partial(renumbered, record))

    assert list(headers.receipts(folder)) == [took, took]


def test_taking_back_waits_for_who_writes(folder):
    write(folder, *ONE_QUESTION)
    lock = folder.try_lock(LOCK)
    with ThreadPoolExecutor() as pool:
        taking = pool.submit(turns.take, folder, 2, NOON)
        assert wait([taking], timeout=0.3).not_done
        lock.release()

        assert taking.result(timeout=10).text == "Yes."


def test_a_death_while_taking_back_leaves_one_or_the_other(folder, tmp_path):
    talk = Folder(tmp_path / "talk")
    talk.path.mkdir()
    write(talk, ("user", "Blue?"), ("assistant", "Yes."), ("user", "Two?"), ("assistant", "Two."), ("user", "Red?", 1))
    write(talk, ("assistant", "No."))
    original = talk.read("history.txt")
    before, after = ["Red?", "No."], ["Blue?", "Yes.", "Two?", "Two."]

    left = kills.everywhere(talk, tmp_path / "left", "taking back")

    assert all(one.read("history.txt").startswith(original) for one in left)
    stood = list[list[str]]()
    for one in (one for one in left if not one.path.name.endswith("-half")):
        stood.append(texts(versions.page(one, count=10).records))

        kills.take_back(one)  # the next try

        assert texts(versions.page(one, count=10).records) == after, one.path.name
    assert before in stood
    assert after in stood
    assert all(one in (before, after) for one in stood)


def numbers(page):
    return [record.number for record in page.records], page.more_before


@pytest.mark.parametrize(
    ("count", "before", "shown"),
    [
        pytest.param(2, None, ([8, 9], 8), id="the newest"),
        pytest.param(2, 8, ([6, 7], 6), id="those before"),
        pytest.param(2, 6, ([1, 2], None), id="the oldest"),
        pytest.param(3, None, ([7, 8, 9], 7), id="three"),
        pytest.param(6, None, ([1, 2, 6, 7, 8, 9], None), id="exactly all"),
        pytest.param(50, None, ([1, 2, 6, 7, 8, 9], None), id="more than there are"),
        pytest.param(5, None, ([2, 6, 7, 8, 9], 2), id="all but one"),
        pytest.param(5, 4, ([1, 2], None), id="before a replaced one"),
        pytest.param(5, 1, ([], None), id="before the first"),
        pytest.param(5, 10**30, ([2, 6, 7, 8, 9], 2), id="before what is not there yet"),
        pytest.param(5, -1, ([], None), id="before nothing"),
    ],
)
def test_a_page_gives_the_newest_that_stand_oldest_first(ana, count, before, shown):
    say(ana, "1 question")
    say(ana, "2 answer")
    say(ana, "3 question")
    say(ana, "4 answer")
    say(ana, "5 answer again", replaces=4)
    say(ana, "6 question edited", replaces=3)
    say(ana, "7 answer")
    say(ana, "8 question")
    say(ana, "9 answer")

    assert numbers(versions.page(ana, count=count, before=before)) == shown


def test_an_edit_hides_the_message_and_all_that_followed(ana):
    for text in ("a", "b", "c", "d"):
        say(ana, text)
    say(ana, "c, edited", replaces=3)

    assert [record.text for record in versions.page(ana, count=10).records] == ["a", "b", "c, edited"]


def test_of_a_reply_asked_for_three_times_only_the_last_is_shown(ana):
    say(ana, "question")
    say(ana, "first answer")
    say(ana, "second answer", replaces=2)
    say(ana, "third answer", replaces=3)

    assert [record.text for record in versions.page(ana, count=10).records] == ["question", "third answer"]


def test_pages_walked_to_the_start_give_every_message_once(ana):
    said = [say(ana, str(n)) for n in range(23)]
    walked, page = [], versions.page(ana, count=5)
    while page.more_before is not None:
        walked = [*page.records, *walked]
        page = versions.page(ana, count=5, before=page.more_before)

    assert [*page.records, *walked] == said


def test_of_very_many_versions_the_newest_are_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    said = [Record(1, NOON, "user", "Before"), Record(2, NOON, "user", "Version 2")]
    said += [Record(n, NOON, "user", f"Version {n}", replaces=n - 1) for n in range(3, 1_001)]
    (tmp_path / "history.txt").write_bytes(b"".join(map(print_record, said)))
    page = versions.page(folder, count=20)

    assert [one.text for one in page.records] == ["Before", "Version 1000"]
    texts = [one.text for one in page.versions[1_000]]
    assert texts == [f"Version {n}" for n in range(1_000 - versions.MOST_VERSIONS, 1_001)]
