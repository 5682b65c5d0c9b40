"""Tests of the outbox: what is put is there whatever dies, nothing is told twice, and nothing grows without an end."""

import multiprocessing
import os
import signal
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from memory.notices import outbox
from memory.notices.outbox import BACK_OFF, EVERY, Notice
from memory.storage.layout import OUTBOX
from memory.storage.users import Users
from tests.support.shop import NOON

NOTICE = Notice("key_refused", "key_refused", NOON, "A chave não funciona.", {"met": 3, "link": "/admin/settings"})


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    return users


def files(users):
    return sorted(path.name for path in (users.root / OUTBOX).iterdir() if path.suffix == ".json")


def begin(users, entry, now):
    """Begin an attempt to send a notice that is there."""
    begun = outbox.begin(users, entry, now)
    assert begun is not None
    return begun


def sent(users, now=NOON):
    """Send what is due; return the texts."""
    texts = []
    for entry in outbox.due(users, now, 100):
        begun = begin(users, entry, now)
        texts.append(begun.notice.text)
        outbox.finish(users, outbox.note_done(users, begun, "email"), now)
    return texts


def test_a_notice_is_a_file_that_only_the_server_reads(users):
    assert outbox.put(users, NOTICE)

    (entry,) = outbox.waiting(users)
    assert (entry.notice, entry.due, entry.attempts) == (NOTICE, NOON, 0)
    (name,) = files(users)
    assert stat.S_IMODE((users.root / OUTBOX / name).stat().st_mode) == 0o600
    assert '"text": "A chave não funciona."' in (users.root / OUTBOX / name).read_text()


def test_what_was_taken_is_removed(users):
    outbox.put(users, NOTICE)

    assert sent(users) == [NOTICE.text]
    assert outbox.waiting(users) == outbox.failed(users) == []
    assert files(users) == ["sent.json"]


def test_the_same_key_waits_once(users):
    assert [outbox.put(users, NOTICE), outbox.put(users, replace(NOTICE, text="Again"))] == [True, False]
    assert outbox.put(users, replace(NOTICE, key="another"))
    assert len(outbox.waiting(users)) == 2


def test_the_same_key_is_told_once_an_hour(users):
    outbox.put(users, NOTICE)
    sent(users)
    later = NOON + timedelta(minutes=5)

    assert outbox.put(users, replace(NOTICE, time=later, text="It is over."))
    assert sent(users, later) == []
    assert sent(users, NOON + EVERY - timedelta(seconds=1)) == []
    assert sent(users, NOON + EVERY) == ["It is over."]


def test_attempts_are_made_ever_less_often_and_end(users):
    outbox.put(users, NOTICE)
    now, waits = NOON, []
    while entries := outbox.due(users, now, 10):
        begun = begin(users, entries[0], now)
        outbox.note_error(users, begun, "It couldn't be reached.", "550 no")
        if outbox.waiting(users):
            assert outbox.due(users, begun.due - timedelta(seconds=1), 10) == []
            waits.append(begun.due - now)
            now = begun.due

    assert tuple(waits) == BACK_OFF
    assert outbox.waiting(users) == []
    (failed,) = outbox.failed(users)
    assert (failed.attempts, failed.error, failed.said) == (len(BACK_OFF) + 1, "It couldn't be reached.", "550 no")
    assert files(users)[0].startswith("failed-")


def test_an_attempt_counts_before_it_is_made(users):
    outbox.put(users, NOTICE)
    begin(users, outbox.waiting(users)[0], NOON)  # and the process dies

    (entry,) = outbox.waiting(users)
    assert (entry.attempts, entry.due) == (1, NOON + BACK_OFF[0])


def test_a_way_that_took_it_is_remembered(users):
    outbox.put(users, NOTICE)
    begun = begin(users, outbox.waiting(users)[0], NOON)
    outbox.note_error(users, outbox.note_done(users, begun, "email"), "No.")

    assert outbox.waiting(users)[0].done == ("email",)


def test_what_was_given_up_is_tried_again_or_discarded(users):
    for key in ("a", "b"):
        outbox.put(users, replace(NOTICE, key=key))
        begun = begin(users, outbox.waiting(users)[0], NOON)
        outbox.note_error(users, replace(begun, attempts=99), "No.")
    first, second = outbox.failed(users)
    later = NOON + timedelta(days=9)

    assert outbox.try_again(users, first.id, later)
    assert outbox.discard(users, second.id)
    assert outbox.failed(users) == []
    assert [entry.id for entry in outbox.due(users, later, 10)] == [first.id], "it is news again"
    assert [outbox.discard(users, second.id), outbox.try_again(users, second.id, NOON)] == [False, False]


@pytest.mark.parametrize("name", ["", "..", "sent", "../ana/account", "0123456789abcdef", "x" * 33])
def test_only_notices_are_named(users, name):
    outbox.put(users, NOTICE)

    assert [outbox.discard(users, name), outbox.try_again(users, name, NOON)] == [False, False]
    assert len(outbox.waiting(users)) == 1


def test_what_nobody_was_told_yet_is_taken_back(users):
    outbox.put(users, NOTICE)
    assert not outbox.withdraw(users, "another")
    assert outbox.withdraw(users, NOTICE.key)
    assert outbox.waiting(users) == []

    outbox.put(users, NOTICE)
    begin(users, outbox.waiting(users)[0], NOON)
    assert not outbox.withdraw(users, NOTICE.key), "somebody may have read it"


def test_what_was_discarded_while_it_is_sent_stays_away(users):
    outbox.put(users, NOTICE)
    begun = begin(users, outbox.waiting(users)[0], NOON)
    outbox.discard(users, begun.id)
    outbox.note_error(users, begun, "No.")
    outbox.note_error(users, replace(begun, attempts=99), "No.")

    assert outbox.waiting(users) == outbox.failed(users) == []
    assert outbox.begin(users, begun, NOON) is None


def test_the_outbox_has_an_end(users, monkeypatch, caplog):
    monkeypatch.setattr(outbox, "MOST_WAITING", 3)
    monkeypatch.setattr(outbox, "MOST_FAILED", 2)

    assert [outbox.put(users, replace(NOTICE, key=str(n))) for n in range(5)] == [True] * 3 + [False] * 2
    assert "outbox_full" in caplog.text
    for entry in outbox.waiting(users):
        outbox.note_error(users, replace(begin(users, entry, NOON), attempts=99), "No.")
    assert len(outbox.failed(users)) == 2


def test_what_is_news_no_more_is_given_up(users):
    outbox.put(users, NOTICE)

    assert outbox.due(users, NOON + timedelta(days=4), 10) == []
    assert outbox.failed(users)[0].error == "It is too old to be told."


def test_a_clock_that_was_set_back_delays_nothing(users):
    outbox.put(users, replace(NOTICE, time=NOON + timedelta(days=2)))

    assert len(outbox.due(users, NOON, 10)) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"event": 1}'])
def test_a_damaged_file_holds_nothing_up(users, content, caplog):
    outbox.put(users, NOTICE)
    (name,) = files(users)
    (users.root / OUTBOX / name).write_bytes(content)

    assert outbox.waiting(users) == []
    assert "notice_unreadable" in caplog.text
    assert outbox.put(users, NOTICE), "its key is free again"
    (users.root / OUTBOX / "sent.json").write_bytes(content)
    assert sent(users) == [NOTICE.text]


def test_what_cannot_be_told_is_cleared(users):
    outbox.clear(users)
    outbox.put(users, NOTICE)
    outbox.clear(users)

    assert outbox.waiting(users) == []


def test_long_texts_are_cut(users):
    outbox.put(users, replace(NOTICE, text="x" * 10_000, details={"a": "y" * 100_000}))

    (entry,) = outbox.waiting(users)
    assert len(entry.notice.text) == 2_000
    assert entry.notice.details == {}


def test_one_process_sends_at_a_time(users):
    first = outbox.try_sender(users)

    assert outbox.try_sender(users) is None
    first.release()
    assert outbox.try_sender(users) is not None


def _put_for_ever(users, ready):
    number = 0
    while True:
        outbox.put(users, replace(NOTICE, key=str(number)))
        number += 1
        ready.send(number)


def test_a_kill_leaves_whole_notices(users):
    """What `put` returned for is there after kill -9, and nothing half."""
    heard, said = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_put_for_ever, args=(users, said))
    child.start()
    while heard.recv() < 20:
        pass
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    kept = 20
    while heard.poll():
        kept = heard.recv()

    keys = {entry.notice.key for entry in outbox.waiting(users)}
    assert {str(number) for number in range(kept)} <= keys
    assert len(keys) <= kept + 1
    assert [path.name for path in (users.root / OUTBOX).glob("unreadable-*")] == []
    assert outbox.put(users, replace(NOTICE, key="afterwards")), "the dead process's lock is free"
