"""Tests of what replies note for the owner: which fault is which cause, and what is no news."""

import errno
import os
from typing import get_args

import pytest

from completions.errors import OF_THE_QUESTION, ErrorKind
from handlers.replies import incidents
from memory.storage.folders import Busy, StorageError, not_saved
from memory.usage.incidents import MOST_TIMES
from tests.conftest import services_of, settings_for


@pytest.fixture
def services(open_shop, upstream):
    return services_of(open_shop(settings_for(upstream, "ok")))


def noted(services):
    return [(one.cause, one.times, len(one.met)) for one in services.incidents.standing()]


@pytest.mark.parametrize("kind", get_args(ErrorKind))
def test_each_fault_of_a_model_has_a_cause(services, kind):
    incidents.note_call(services, "bob", services.settings.model("ok"), kind, has_output=False)

    causes = [cause for cause, _, _ in noted(services)]
    expected = {"key_refused": "key_refused", "quota": "quota"}.get(kind, "model_failing")
    assert causes == ([] if kind in OF_THE_QUESTION else [expected])


@pytest.mark.parametrize(
    ("kind", "times"), [("no_such_model", MOST_TIMES), ("wrong_address", MOST_TIMES), ("slow_start", 1)]
)
def test_what_no_second_try_changes_counts_at_once(services, kind, times):
    incidents.note_call(services, "bob", services.settings.model("ok"), kind, has_output=False)

    assert noted(services) == [("model_failing", times, 1)]


@pytest.mark.parametrize("ending", ["stop", "length", "stopped"])
def test_words_of_a_model_clear_its_faults(services, ending):
    model = services.settings.model("ok")
    for kind in ("key_refused", "quota", "silent"):
        incidents.note_call(services, "bob", model, kind, has_output=False)

    incidents.note_call(services, "ana", model, ending, has_output=True)

    assert noted(services) == []


def test_a_stop_before_the_first_word_tells_nothing(services):
    model = services.settings.model("ok")
    incidents.note_call(services, "bob", model, "quota", has_output=False)

    incidents.note_call(services, "ana", model, "stopped", has_output=False)

    assert noted(services) == [("quota", MOST_TIMES, 1)]


@pytest.mark.parametrize(
    ("error", "subjects"),
    [
        (not_saved(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), [""]),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), [""]),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), ["bob"]),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), []),
        (Busy("Something else is being saved."), []),
        (StorageError("Too many conversations were started in the same second."), []),
    ],
)
def test_only_what_the_disk_refused_is_a_fault_of_it(services, error, subjects):
    try:
        raise error from error.__cause__ if error.__cause__ else _cause_of(error)
    except Exception as raised:
        incidents.note_refused_write(services, "bob", raised)

    assert [one.subject for one in services.incidents.standing()] == subjects


def _cause_of(error):
    """Return what an error of ours was raised from, by its values."""
    told = str(getattr(error, "values", {}).get("reason", ""))
    return OSError(errno.ENOSPC, told) if told == os.strerror(errno.ENOSPC) else None


def test_a_kept_reply_clears_the_whole_disk_and_its_own_user(services):
    incidents.note_refused_write(services, "bob", PermissionError(errno.EACCES, "Permission denied"))
    incidents.note_refused_write(services, "ana", OSError(errno.ENOSPC, "No space left on device"))

    incidents.note_kept(services, "ana")

    assert [one.subject for one in services.incidents.standing()] == ["bob"]
