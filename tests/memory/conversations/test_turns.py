"""Tests of one person's conversation: taking a message in, keeping its reply, closing what a dead process left."""

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.conversations import history, spool, turns
from memory.conversations.records import Record, parse, standing
from memory.conversations.turns import (
    Accepted,
    ContinueReply,
    EditMessage,
    NewMessage,
    NotApplicable,
    PendingTurn,
    RateLimited,
    Regenerate,
    ReplyId,
    ReplyInProgress,
    StaleView,
)
from memory.storage.folders import Folder, StorageError
from tests.support.conversations import NOON
from tests.support.turns import accept

ROOT = Path(__file__).parents[3]
SECOND = timedelta(seconds=1)

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def records(folder):
    """Return all records of the file, oldest first; it must hold nothing else."""
    items = list(parse((folder.path / "history.txt").read_bytes()))
    assert all(hasattr(item, "record") for item in items), items
    return [item.record for item in items]


def shown(folder):
    """Return the texts that stand, oldest first."""
    return [entry.record.text for entry in standing(history.backwards(folder))][::-1]


def take(folder, action, now=NOON):
    taken = accept(folder, action, now, 0)
    assert isinstance(taken, Accepted), taken
    return taken


def write(taken, text, model="luna"):
    taken.spool.head(Record(taken.reply_id.number, NOON, "assistant", "", model, replaces=taken.replaces))
    if taken.draft:
        taken.spool.add(taken.draft)
    taken.spool.add(text)
    taken.spool.flush()


def reply(folder, action, text, ending="stop", now=NOON):
    """Take the message in and answer it."""
    taken = take(folder, action, now)
    write(taken, text)
    record = turns.finish(taken, now, ending, "luna", None)
    taken.lock.release()
    return record


def die(taken):
    """What a killed process leaves: its files as they are, its locks free."""
    taken.spool.close()
    taken.lock.release()


# Taking a message in


def test_a_message_is_on_the_disk_when_it_is_accepted(ana):
    taken = take(ana, NewMessage("Do you ship to Recife?"))

    assert (ana.path / "history.txt").read_text() == "[1] 2026-11-23T12:00:00Z user\n    Do you ship to Recife?\n"
    assert (taken.question.number, taken.replaces, taken.draft) == (1, None, "")
    assert taken.reply_id == ReplyId(2, NOON)
    assert (ana.path / "reply.txt").read_bytes() == b""
    assert ana.try_lock(".turn") is None


def test_a_finished_reply_is_kept_in_full_and_its_spool_removed(ana):
    taken = take(ana, NewMessage("Recife?"))
    write(taken, "Yes.\n\nIn 3 days.\n")
    record = turns.finish(taken, NOON + SECOND, "stop", "terra", "unavailable")

    assert record == Record(2, NOON + SECOND, "assistant", "Yes.\n\nIn 3 days.", "terra", "stop", None, "unavailable")
    assert records(ana)[1] == record
    assert not (ana.path / "reply.txt").exists()
    assert ana.try_lock(".turn") is None


def test_a_reply_without_a_word_is_kept_too(ana):
    taken = take(ana, NewMessage("Recife?"))
    turns.finish(taken, NOON, "failed", None, "unreachable")

    assert records(ana)[1] == Record(2, NOON, "assistant", "", None, "failed", None, "unreachable")


def test_the_next_message_is_accepted_once_the_lock_is_released(ana):
    reply(ana, NewMessage("a"), "b")

    assert take(ana, NewMessage("c")).reply_id == ReplyId(4, NOON)


def test_a_reply_is_named_by_when_its_conversation_began(ana):
    reply(ana, NewMessage("a"), "b")

    assert take(ana, NewMessage("c"), NOON + 5 * SECOND).reply_id == ReplyId(4, NOON)


def test_a_long_first_message_still_tells_the_start_time(ana):
    taken = take(ana, NewMessage("Olá, [2] 2020-01-01T00:00:00Z user\n" * 500 + "."))
    assert history.began(ana) == NOON
    die(taken)

    (ana.path / "history.txt").write_bytes(b"\xef\xbb\xbf" + (ana.path / "history.txt").read_bytes())
    assert history.began(ana) == NOON


@pytest.mark.parametrize("before", [b"", b"# by hand\n", b"[1] no time at all user\n"])
def test_a_full_read_in_a_visit_does_not_change_the_start_time(ana, before):
    reply(ana, NewMessage("a"), "b")
    reply(ana, NewMessage("c"), "d", NOON + 5 * SECOND)
    (ana.path / "history.txt").write_bytes(before + (ana.path / "history.txt").read_bytes())

    with ana.visit():
        first = history.began(ana)
        list(history.backwards(ana))
        assert (first, history.began(ana)) == (NOON, NOON)


def test_an_empty_conversation_has_not_begun(ana):
    assert history.began(ana) is None

    (ana.path / "history.txt").write_bytes(b"")
    assert history.began(ana) is None


def test_no_message_is_taken_in_for_a_user_who_is_gone(ana):
    shutil.rmtree(ana.path)

    with pytest.raises(FileNotFoundError):
        accept(ana, NewMessage("a"), NOON, 0)
    assert not ana.path.exists()


def test_on_a_full_disk_no_message_is_taken_in(ana):
    code = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from memory.conversations import turns
from memory.conversations.turns import NewMessage
from memory.storage.folders import Folder, StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
folder = Folder(Path(sys.argv[1]))
try:
    turns.open(folder, NewMessage("x" * 500), datetime.now(UTC), 0).keep()
except StorageError as error:
    print(error, folder.try_lock(".turn") is not None)
"""
    reply(ana, NewMessage("a"), "b")
    before = (ana.path / "history.txt").read_bytes()
    child = subprocess.run([sys.executable, "-c", code, ana.path], cwd=ROOT, capture_output=True, text=True, check=True)

    assert child.stdout == "It couldn't be saved: No space left on device. True\n"
    assert (ana.path / "history.txt").read_bytes() == before
    assert not (ana.path / "reply.txt").exists()


# Kept or dropped


def before_and_after(ana):
    """Return what a turn may change: the conversation, and the names of the files."""
    return (ana.path / "history.txt").read_bytes(), sorted(os.listdir(ana.path))


def is_free(ana):
    lock = ana.try_lock(".turn")
    if lock is not None:
        lock.release()
    return lock is not None


@pytest.mark.parametrize("action", [NewMessage("c"), Regenerate(), ContinueReply(), EditMessage(1, "c")])
def test_an_open_turn_holds_the_lock_and_has_kept_nothing(ana, action):
    reply(ana, NewMessage("a"), "b", "stopped")
    before = before_and_after(ana)
    pending = turns.open(ana, action, NOON, 0)
    assert isinstance(pending, PendingTurn)

    assert before_and_after(ana) == before
    assert not is_free(ana)
    pending.drop()
    assert before_and_after(ana) == before
    assert is_free(ana)


def test_an_open_turn_tells_what_it_is_about(ana):
    reply(ana, NewMessage("a"), "b", "stopped")
    with turns.open(ana, ContinueReply(), NOON, 0) as pending:
        assert (pending.question.text, pending.replaces, pending.draft) == ("a", 2, "b")


def test_a_turn_is_dropped_at_the_end_of_its_block(ana):
    reply(ana, NewMessage("a"), "b")
    before = before_and_after(ana)
    with turns.open(ana, NewMessage("c"), NOON, 0):
        pass
    assert is_free(ana)
    with pytest.raises(ZeroDivisionError), turns.open(ana, NewMessage("c"), NOON, 0):
        raise ZeroDivisionError

    assert is_free(ana)
    assert before_and_after(ana) == before


def test_a_kept_turn_outlives_its_block_and_is_kept_once(ana):
    with turns.open(ana, NewMessage("a"), NOON, 0) as pending:
        taken = pending.keep()
        with pytest.raises(RuntimeError):
            pending.keep()
    pending.drop()

    assert not is_free(ana)
    assert [record.text for record in records(ana)] == ["a"]
    die(taken)
    assert is_free(ana)


def test_a_dropped_turn_can_not_be_kept(ana):
    reply(ana, NewMessage("a"), "b")
    pending = turns.open(ana, NewMessage("c"), NOON, 0)
    pending.drop()
    taken = take(ana, NewMessage("d"))

    with pytest.raises(RuntimeError):
        pending.keep()
    pending.drop()
    assert not is_free(ana)  # it is the other's
    assert [record.text for record in records(ana)] == ["a", "b", "d"]
    die(taken)


@pytest.mark.parametrize("name", ["history.txt", "reply.txt", ".lock"])
def test_a_turn_that_the_disk_does_not_take_releases_its_lock(ana, name):
    pending = turns.open(ana, NewMessage("a"), NOON, 0)
    (ana.path / name).unlink(missing_ok=True)
    (ana.path / name).mkdir()

    with pytest.raises((StorageError, OSError)):
        pending.keep()
    assert is_free(ana)


def test_a_question_without_a_spool_is_answered_when_sent_again(ana):
    """The disk took the question and then no spool: sent again it is the same question, in the file once."""
    (ana.path / "reply.txt").mkdir()
    with pytest.raises((StorageError, OSError)):
        accept(ana, NewMessage("a", after=0), NOON)
    (ana.path / "reply.txt").rmdir()
    taken = take(ana, NewMessage("a", after=0))

    assert [record.text for record in records(ana)] == ["a"]
    assert taken.reply_id == ReplyId(2, NOON)


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(NewMessage("a", after=0), id="sent twice"),
        pytest.param(NewMessage("c"), id="too many"),
        pytest.param(Regenerate(after=1), id="a stale view"),
        pytest.param(EditMessage(9, "c"), id="not there"),
    ],
)
def test_a_refused_message_releases_the_lock(ana, action):
    reply(ana, NewMessage("a", after=0), "b")
    before = before_and_after(ana)
    try:
        opened = turns.open(ana, action, NOON, 1)
    except NotApplicable:
        opened = None

    assert not isinstance(opened, PendingTurn)
    assert is_free(ana)
    assert before_and_after(ana) == before


# One reply at a time


def test_another_message_is_refused_while_a_reply_is_written(ana):
    taken = take(ana, NewMessage("a"))

    assert accept(ana, NewMessage("b", after=0), NOON, 0) == ReplyInProgress(taken.reply_id, taken.question, same=False)
    assert [record.text for record in records(ana)] == ["a"]


@pytest.mark.parametrize(
    ("action", "same"),
    [
        pytest.param(NewMessage("a", after=0), True, id="the same, from the same view"),
        pytest.param(NewMessage("a", after=1), False, id="the same words, said again"),
        pytest.param(NewMessage("a"), False, id="the same words, from no view"),
        pytest.param(NewMessage("b", after=0), False, id="other words"),
        pytest.param(Regenerate(), False, id="again"),
        pytest.param(EditMessage(1, "a"), False, id="an edit"),
    ],
)
def test_a_repeated_message_is_recognised_during_its_reply(ana, action, same):
    taken = take(ana, NewMessage("a", after=0))

    assert accept(ana, action, NOON, 0) == ReplyInProgress(taken.reply_id, taken.question, same)
    assert [record.text for record in records(ana)] == ["a"]


def test_a_message_sent_twice_is_known_after_its_reply(ana):
    reply(ana, NewMessage("a", after=0), "b")
    twin = accept(ana, NewMessage("a", after=0), NOON, 0)

    assert twin == ReplyInProgress(ReplyId(2, NOON), Record(1, NOON, "user", "a"), same=True)
    assert [record.text for record in records(ana)] == ["a", "b"]
    assert ana.try_lock(".turn") is not None


@pytest.mark.parametrize(
    "action",
    [
        NewMessage("a", after=2),
        NewMessage("a"),
        NewMessage("c", after=0),
        NewMessage("a", after=-1),
        NewMessage("a", after=99),
    ],
)
def test_what_is_no_repetition_is_a_message_of_its_own(ana, action):
    reply(ana, NewMessage("a", after=0), "b")
    take(ana, action)

    assert [record.text for record in records(ana)] == ["a", "b", action.content]


def test_resending_a_message_left_by_a_crash_answers_it(ana):
    die(take(ana, NewMessage("a", after=0)))
    (ana.path / "reply.txt").unlink()  # the process died before it made one
    taken = take(ana, NewMessage("a", after=0))

    assert (taken.question.number, taken.reply_id.number) == (1, 2)
    assert [record.text for record in records(ana)] == ["a"]


def test_who_holds_the_lock_without_a_spool_is_waited_for(ana):
    """It is just beginning, and its question not yet to be seen, or it is just ending, and its reply kept."""
    lock = ana.try_lock(".turn")
    timer = threading.Timer(0.1, lock.release)
    timer.start()
    taken = accept(ana, NewMessage("a"), NOON, 0)
    timer.join()

    assert isinstance(taken, Accepted)


def test_a_saved_reply_is_awaited_while_its_spool_remains(ana):
    """A user who read it in the conversation, by another process, may answer at once."""
    taken = take(ana, NewMessage("a"))
    write(taken, "b")
    history.append(ana, lambda number: Record(number, NOON, "assistant", "b", "luna", "stop"))

    def end():
        spool.discard(ana)
        taken.lock.release()

    timer = threading.Timer(0.1, end)
    timer.start()
    following = accept(ana, NewMessage("c"), NOON, 0)
    timer.join()

    assert isinstance(following, Accepted)


@pytest.mark.parametrize("times", [2, 6])
def test_a_message_sent_several_times_at_once_is_one(ana, times):
    start = threading.Barrier(times)

    def send(_):
        start.wait()
        return accept(ana, NewMessage("a", after=0), NOON, 0)

    with ThreadPoolExecutor(times) as pool:
        taken = list(pool.map(send, range(times)))

    assert [record.text for record in records(ana)] == ["a"]
    assert sum(isinstance(one, Accepted) for one in taken) == 1
    assert {one.reply_id for one in taken} == {ReplyId(2, NOON)}
    assert [one.same for one in taken if isinstance(one, ReplyInProgress)] == [True] * (times - 1)


def test_different_messages_sent_at_once_are_one_and_refusals(ana):
    start = threading.Barrier(6)

    def send(n):
        start.wait()
        return accept(ana, NewMessage(f"{n}", after=0), NOON, 0)

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(send, range(6)))

    assert len(records(ana)) == 1
    assert sum(isinstance(one, Accepted) for one in taken) == 1
    assert [one.same for one in taken if isinstance(one, ReplyInProgress)] == [False] * 5


def test_a_message_is_refused_while_the_lock_stays_held(ana):
    lock = ana.try_lock(".turn")
    started = time.monotonic()

    with pytest.raises(NotApplicable, match="try again in a moment"):
        accept(ana, NewMessage("a"), NOON, 0)
    assert time.monotonic() - started < 6
    lock.release()


# Too many messages


YEAR = 365 * 86_400


@pytest.mark.parametrize(
    ("ago", "limit", "wait"),
    [
        pytest.param([], 2, None, id="none yet"),
        pytest.param([10], 2, None, id="one of two"),
        pytest.param([50, 10], 2, 11, id="two of two: until the older is a minute old"),
        pytest.param([59, 59], 2, 2, id="almost a minute old"),
        pytest.param([60, 10], 2, None, id="a minute old"),
        pytest.param([3600, 50, 10], 2, 11, id="an old one does not count"),
        pytest.param([50, 40, 30, 20], 3, 21, id="more than the limit, which was lowered"),
        pytest.param([0, 0, 0], 3, 61, id="all just now"),
        pytest.param([1, 1, 1], 0, None, id="no limit"),
        pytest.param([-YEAR, -YEAR], 2, None, id="said in the future, by a clock that was corrected"),
        pytest.param([50, -YEAR, 10], 2, 11, id="one in the future hides none before it"),
        pytest.param([-1, -1], 2, None, id="a second ahead"),
        pytest.param([YEAR, YEAR], 2, None, id="by a clock that was behind"),
    ],
)
def test_a_message_waits_while_a_minute_is_full(ana, ago, limit, wait):
    for seconds in ago:
        reply(ana, NewMessage("a"), "b", now=NOON - seconds * SECOND)
    taken = accept(ana, NewMessage("c"), NOON, limit)

    assert (taken.wait_seconds if isinstance(taken, RateLimited) else None) == wait
    assert (ana.try_lock(".turn") is not None) == isinstance(taken, RateLimited)
    assert len(records(ana)) == 2 * len(ago) + isinstance(taken, Accepted)


def test_a_message_that_has_to_wait_opens_no_turn(ana):
    """So nothing is reserved for it: a reply alone gives back what is reserved, and it has none."""
    reply(ana, NewMessage("a"), "b")
    for action in (NewMessage("c"), EditMessage(1, "c")):
        assert turns.open(ana, action, NOON, 1) == RateLimited(61)


def test_an_edit_counts_as_a_message_and_a_regeneration_does_not(ana):
    reply(ana, NewMessage("a"), "b", ending="stopped")

    assert accept(ana, EditMessage(1, "c"), NOON, 1) == RateLimited(61)
    for action in (Regenerate(), ContinueReply()):
        taken = accept(ana, action, NOON, 1)
        assert isinstance(taken, Accepted)
        die(taken)


# Again, continue, edit


def test_again_replaces_the_last_reply(ana):
    reply(ana, NewMessage("a"), "b")
    taken = take(ana, Regenerate())
    assert (taken.question.number, taken.replaces, taken.draft, taken.reply_id.number) == (1, 2, "", 3)

    write(taken, "c")
    turns.finish(taken, NOON, "stop", "luna", None)
    assert shown(ana) == ["a", "c"]
    assert records(ana)[2].replaces == 2


def test_again_answers_a_question_that_has_no_reply(ana):
    history.append(ana, lambda number: Record(number, NOON, "user", "a"))
    taken = take(ana, Regenerate())

    assert (taken.question.number, taken.replaces, taken.reply_id.number) == (1, None, 2)


def test_again_and_again_each_replaces_the_one_that_stands(ana):
    reply(ana, NewMessage("a"), "b")
    reply(ana, Regenerate(), "c")
    reply(ana, Regenerate(), "d")

    assert shown(ana) == ["a", "d"]


@pytest.mark.parametrize("ending", ["stopped", "interrupted", "length", "failed"])
def test_a_reply_goes_on_where_it_was_cut(ana, ending):
    reply(ana, NewMessage("a"), "one", ending=ending)
    taken = take(ana, ContinueReply())
    assert (taken.question.text, taken.replaces, taken.draft) == ("a", 2, "one")

    write(taken, " two")
    turns.finish(taken, NOON, "stop", "luna", None)
    assert shown(ana) == ["a", "one two"]


@pytest.mark.parametrize(
    "action", [Regenerate(after=2), ContinueReply(after=2), EditMessage(1, "b", after=2)], ids=["again", "on", "edit"]
)
def test_another_tabs_messages_during_the_wait_are_not_replaced(ana, action):
    """Two tabs at once: this one saw reply 2 as the last, and the other's question and reply come before its turn."""
    reply(ana, NewMessage("a"), "Half", "stopped")
    lock = ana.try_lock(".turn")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(accept, ana, action, NOON, 0)
        history.append(ana, lambda number: Record(number, NOON, "user", "More?"))
        history.append(ana, lambda number: Record(number, NOON, "assistant", "More", ending="stopped"))
        lock.release()
        answer = waiting.result()

    assert answer == StaleView()
    assert len(records(ana)) == 4
    assert (ana.try_lock(".turn") is not None, (ana.path / "reply.txt").exists()) == (True, False)


@pytest.mark.parametrize(
    "action", [Regenerate(after=2), ContinueReply(after=2), EditMessage(1, "b", after=2)], ids=["again", "on", "edit"]
)
def test_what_is_the_last_that_its_writer_saw_is_replaced(ana, action):
    reply(ana, NewMessage("a"), "Half", "stopped")

    assert take(ana, action).replaces == (None if isinstance(action, EditMessage) else 2)


def test_a_continuation_without_a_word_keeps_what_there_was(ana):
    reply(ana, NewMessage("a"), "one", ending="stopped")
    turns.finish(take(ana, ContinueReply()), NOON, "failed", None, "unreachable")

    assert shown(ana) == ["a", "one"]


@pytest.mark.parametrize("ending", ["stop", "content_filter"])
def test_a_reply_that_is_whole_cannot_go_on(ana, ending):
    reply(ana, NewMessage("a"), "b", ending=ending)

    with pytest.raises(NotApplicable, match="already complete"):
        accept(ana, ContinueReply(), NOON, 0)
    assert ana.try_lock(".turn") is not None


def test_a_reply_without_a_word_cannot_go_on(ana):
    reply(ana, NewMessage("a"), "", ending="failed")

    with pytest.raises(NotApplicable):
        accept(ana, ContinueReply(), NOON, 0)


@pytest.mark.parametrize("action", [Regenerate(), ContinueReply(), EditMessage(1, "a")])
def test_there_is_nothing_to_do_in_an_empty_conversation(ana, action):
    with pytest.raises(NotApplicable, match=r"^(There are no messages yet|That message no longer exists)\.$"):
        accept(ana, action, NOON, 0)
    assert ana.try_lock(".turn") is not None


def test_an_edit_replaces_its_message_and_all_that_followed(ana):
    reply(ana, NewMessage("a"), "b")
    reply(ana, NewMessage("c"), "d")
    taken = take(ana, EditMessage(1, "A"))
    assert (taken.question.number, taken.question.replaces, taken.reply_id.number) == (5, 1, 6)

    write(taken, "B")
    turns.finish(taken, NOON, "stop", "luna", None)
    assert shown(ana) == ["A", "B"]
    assert [record.text for record in records(ana)] == ["a", "b", "c", "d", "A", "B"]


@pytest.mark.parametrize("number", [0, -1, 2, 3, 9])
def test_only_a_message_that_stands_can_be_edited(ana, number):
    reply(ana, NewMessage("a"), "b")

    with pytest.raises(NotApplicable, match="no longer exists"):
        accept(ana, EditMessage(number, "A"), NOON, 0)
    assert len(records(ana)) == 2
    assert ana.try_lock(".turn") is not None


def test_a_message_that_an_edit_replaced_cannot_be_edited_again(ana):
    reply(ana, NewMessage("a"), "b")
    reply(ana, EditMessage(1, "A"), "B")

    with pytest.raises(NotApplicable):
        accept(ana, EditMessage(1, "again"), NOON, 0)


# What a dead process left


def test_half_a_reply_of_a_dead_process_is_kept_as_interrupted(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")
    die(taken)
    record = turns.recover_if_dead(ana, NOON + SECOND)

    assert record == Record(2, NOON + SECOND, "assistant", "Half of", "luna", "interrupted")
    assert records(ana)[1:] == [record]
    assert not (ana.path / "reply.txt").exists()


def test_recovering_twice_writes_one_record(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")
    die(taken)
    left = (ana.path / "reply.txt").read_bytes()
    turns.recover_if_dead(ana, NOON)
    (ana.path / "reply.txt").write_bytes(left)  # the process that recovered died before it removed the spool
    turns.recover_if_dead(ana, NOON)

    assert [record.text for record in records(ana)] == ["a", "Half of"]
    assert not (ana.path / "reply.txt").exists()


def test_several_processes_recover_one_reply_once(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")
    die(taken)
    start = threading.Barrier(6)

    def recover(_):
        start.wait()
        return turns.recover_if_dead(ana, NOON)

    with ThreadPoolExecutor(6) as pool:
        recovered = list(pool.map(recover, range(6)))

    assert [record.text for record in records(ana)] == ["a", "Half of"]
    assert sum(record is not None for record in recovered) == 1


@pytest.mark.parametrize(
    ("kept", "expected"), [("Half", "Half of it"), ("Half of it, and more", "Half of it, and more")]
)
def test_a_reply_cut_while_saved_is_taken_from_its_longer_copy(ana, kept, expected):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of it")
    with (ana.path / "history.txt").open("ab") as file:  # power was lost: no line feed ends it
        file.write(f"[2] 2026-11-23T12:00:00Z assistant model=luna ending=stop\n    {kept}".encode())
    die(taken)
    turns.recover_if_dead(ana, NOON)
    reply(ana, NewMessage("b"), "Yes.")

    assert [record.text for record in records(ana)] == ["a", expected, "b", "Yes."]
    assert [record.number for record in records(ana)] == [1, 2, 3, 4]


def test_a_reply_saved_before_a_crash_is_not_saved_twice(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "All of it")
    left = (ana.path / "reply.txt").read_bytes()
    turns.finish(taken, NOON, "stop", "luna", None)
    taken.lock.release()
    (ana.path / "reply.txt").write_bytes(left)

    assert turns.recover_if_dead(ana, NOON) is None
    assert [(record.text, record.ending) for record in records(ana)] == [("a", None), ("All of it", "stop")]


def test_half_a_reply_beside_its_whole_record_stays_one(ana):
    """As a copy shows it that was made while the server ran, or a spool that a full disk cut."""
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")
    left = (ana.path / "reply.txt").read_bytes()
    taken.spool.add(" it, and the rest")
    turns.finish(taken, NOON, "stop", "luna", None)
    taken.lock.release()
    (ana.path / "reply.txt").write_bytes(left)

    assert turns.recover_if_dead(ana, NOON) is None
    assert [record.text for record in records(ana)] == ["a", "Half of it, and the rest"]
    assert not (ana.path / "reply.txt").exists()


def test_a_reply_to_a_question_that_is_not_there_is_set_aside(ana):
    """As a copy shows it whose conversation was read before its spool."""
    reply(ana, NewMessage("a"), "b")
    (ana.path / "reply.txt").write_bytes(b"[4] 2026-11-23T12:00:00Z assistant model=luna\n    To something else")

    assert turns.recover_if_dead(ana, NOON) is None
    assert [record.text for record in records(ana)] == ["a", "b"]
    assert not (ana.path / "reply.txt").exists()
    (aside,) = ana.path.glob("reply.torn-*")
    assert b"To something else" in aside.read_bytes()


def test_a_reply_that_died_before_its_first_word_is_interrupted(ana):
    die(take(ana, NewMessage("a")))
    turns.recover_if_dead(ana, NOON)

    assert records(ana)[1] == Record(2, NOON, "assistant", "", None, "interrupted")


def test_a_regeneration_that_died_empty_keeps_the_old_reply(ana):
    reply(ana, NewMessage("a"), "b")
    die(take(ana, Regenerate()))

    assert turns.recover_if_dead(ana, NOON) is None
    assert shown(ana) == ["a", "b"]
    assert not (ana.path / "reply.txt").exists()


def test_a_regenerated_reply_that_died_replaces_the_old_one(ana):
    reply(ana, NewMessage("a"), "b")
    taken = take(ana, Regenerate())
    write(taken, "other words")
    die(taken)
    turns.recover_if_dead(ana, NOON)

    assert shown(ana) == ["a", "other words"]


def test_a_continuation_that_died_keeps_the_old_and_new_text(ana):
    reply(ana, NewMessage("a"), "one", ending="stopped")
    taken = take(ana, ContinueReply())
    write(taken, " two")
    die(taken)
    turns.recover_if_dead(ana, NOON)

    assert shown(ana) == ["a", "one two"]


def test_the_next_message_closes_what_was_left(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")
    die(taken)
    taken = take(ana, NewMessage("c", after=1))

    assert [(record.text, record.ending) for record in records(ana)] == [
        ("a", None),
        ("Half of", "interrupted"),
        ("c", None),
    ]
    assert taken.reply_id.number == 4


def test_a_living_writer_is_left_alone(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")

    assert turns.recover_if_dead(ana, NOON) is None
    assert (ana.path / "reply.txt").exists()
    assert len(records(ana)) == 1


def test_nothing_is_recovered_where_nothing_was_left(ana):
    assert turns.recover_if_dead(ana, NOON) is None
    assert turns.recover(ana, NOON) is None
    assert sorted(os.listdir(ana.path)) == []


@pytest.mark.parametrize("length", range(0, 90, 7))
def test_a_spool_cut_at_any_byte_closes_without_forged_records(ana, length):
    taken = take(ana, NewMessage("a"))
    write(taken, "Olá 😀\n[9] 2026-11-23T12:00:00Z user\nforged")
    die(taken)
    file = ana.path / "reply.txt"
    file.write_bytes(file.read_bytes()[:length])
    turns.recover_if_dead(ana, NOON)

    assert [(record.number, record.role) for record in records(ana)] == [(1, "user"), (2, "assistant")]
    assert "forged" not in records(ana)[1].text
    assert take(ana, NewMessage("c")).question.number == 3


def test_an_unsaved_reply_is_closed_by_the_next_turn(ana):
    taken = take(ana, NewMessage("a"))
    write(taken, "Half of")
    (ana.path / "history.txt").rename(ana.path / "aside")
    (ana.path / "history.txt").mkdir()
    with pytest.raises((StorageError, OSError)):
        turns.finish(taken, NOON, "stop", "luna", None)
    die(taken)
    (ana.path / "history.txt").rmdir()
    (ana.path / "aside").rename(ana.path / "history.txt")
    take(ana, NewMessage("b"))

    assert [record.text for record in records(ana)] == ["a", "Half of", "b"]


# Stopping


def test_the_mark_to_stop_is_for_one_reply(ana):
    taken = take(ana, NewMessage("a"))
    assert not turns.is_asked_to_stop(ana, taken.reply_id)

    turns.ask_to_stop(ana, taken.reply_id)
    assert turns.is_asked_to_stop(ana, taken.reply_id)
    assert not turns.is_asked_to_stop(ana, ReplyId(4, NOON))


def test_nothing_is_marked_while_nothing_is_written(ana):
    turns.ask_to_stop(ana, ReplyId(2, NOON))

    assert os.listdir(ana.path) == []


def test_a_mark_does_not_outlive_its_reply(ana):
    taken = take(ana, NewMessage("a"))
    turns.ask_to_stop(ana, taken.reply_id)
    turns.finish(taken, NOON, "stopped", "luna", None)

    assert not (ana.path / ".stop").exists()


def test_a_mark_of_a_dead_process_does_not_stop_the_next_reply(ana):
    taken = take(ana, NewMessage("a"))
    turns.ask_to_stop(ana, taken.reply_id)
    die(taken)
    taken = take(ana, Regenerate())

    assert not turns.is_asked_to_stop(ana, taken.reply_id)
    assert not (ana.path / ".stop").exists()


def test_a_user_who_is_gone_is_not_asked_to_stop(ana):
    shutil.rmtree(ana.path)
    turns.ask_to_stop(ana, ReplyId(2, NOON))

    assert not turns.is_asked_to_stop(ana, ReplyId(2, NOON))
    assert not ana.path.exists()


# Names of replies


@patient
@given(st.integers(0, 10**18 - 1), st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_a_replys_name_is_read_as_it_was_written(number, began):
    reply_id = ReplyId(number, began.replace(microsecond=0))

    assert ReplyId.read(str(reply_id)) == reply_id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("2", id="a number"),
        pytest.param("2-", id="no time"),
        pytest.param("-20261123T120000Z", id="no number"),
        pytest.param("two-20261123T120000Z", id="a word"),
        pytest.param("٢-20261123T120000Z", id="Arabic digits"),
        pytest.param("²-20261123T120000Z", id="a superscript"),
        pytest.param(f"{'9' * 19}-20261123T120000Z", id="a long number"),
        pytest.param("2-20261323T120000Z", id="month 13"),
        pytest.param("2-20261123T250000Z", id="hour 25"),
        pytest.param("2-20261123T120000+", id="no Z"),
        pytest.param("2-2026-11-23T12:00:00Z", id="a longer time"),
        pytest.param("2-20261123T120000Zx", id="more behind it"),
        pytest.param("2-../../../../../z", id="a path"),
        pytest.param("2-20261123 120000Z", id="no T"),
        pytest.param("2-2026112³T120000Z", id="a superscript in the time"),
        pytest.param("2-\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00Z", id="NULs"),
        pytest.param("2-20261123T120000Z\n", id="a line feed"),
    ],
)
def test_what_is_no_name_of_a_reply_is_none(text):
    assert ReplyId.read(text) is None


@patient
@given(st.text(max_size=40))
def test_any_text_is_a_replys_name_or_none(text):
    assert isinstance(ReplyId.read(text), ReplyId | None)


# A whole conversation, in any order


@settings(patient, max_examples=40)
@given(st.lists(st.sampled_from(["ask", "again", "continue", "edit", "die", "stop"]), max_size=12))
def test_no_sequence_of_turns_loses_a_message_or_skips_a_number(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("law")
    ana, said = Folder(path), list[str]()
    for n, step in enumerate(steps):
        questions = [r.number for r in records(ana) if r.is_question] if said else []
        wishes: dict[str, turns.Action] = {
            "again": Regenerate(),
            "continue": ContinueReply(),
            "edit": EditMessage(questions[-1] if questions else 1, f"edited {n}"),
        }
        action = wishes.get(step, NewMessage(f"asked {n}"))
        try:
            taken = take(ana, action)
        except NotApplicable:
            continue
        write(taken, f" reply {n}")
        said += [taken.question.text] if taken.question.text not in said else []
        if step == "die":
            die(taken)
        else:
            turns.finish(taken, NOON, "stopped" if step == "stop" else "stop", "luna", None)
            taken.lock.release()
        said.append(f" reply {n}")
    turns.recover_if_dead(ana, NOON)

    kept = records(ana) if said else []
    assert [record.number for record in kept] == list(range(1, len(kept) + 1))
    assert [text for text in said if not any(text in record.text for record in kept)] == []
    assert not (path / "reply.txt").exists()
    assert spool.read(ana) is None
