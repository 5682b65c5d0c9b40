"""Tests of the learned ratios of tokens: what is kept, and that a file that is none does no harm."""

import pytest

from memory.storage.layout import CORRECTIONS
from memory.storage.users import Users
from memory.usage import corrections


@pytest.fixture
def users(tmp_path):
    found = Users(tmp_path)
    found.prepare()
    return found


def test_ratios_outlive_the_process(users):
    corrections.keep(users, "gpt-6-luna", 1.03)
    corrections.keep(users, "org/model.2", 0.82)

    assert corrections.load(users) == {"gpt-6-luna": 1.03, "org/model.2": 0.82}


def test_a_small_change_is_not_worth_a_write(users):
    corrections.keep(users, "luna", 1.03)
    before = users.shared.status(CORRECTIONS).st_ino
    corrections.keep(users, "luna", 1.034)

    assert users.shared.status(CORRECTIONS).st_ino == before
    assert corrections.load(users) == {"luna": 1.03}


@pytest.mark.parametrize("data", [b"\xff", b"no table", b'"luna" = ', b"x" * 100_000])
def test_a_bad_file_is_logged_and_replaced(users, data, caplog):
    (users.root / CORRECTIONS).write_bytes(data)

    assert corrections.load(users) == {}
    assert "corrections_unreadable" in caplog.text
    corrections.keep(users, "luna", 1.2)
    assert corrections.load(users) == {"luna": 1.2}


def test_values_that_are_no_ratios_are_left_out(users):
    (users.root / CORRECTIONS).write_text('a = 9.0\nb = "1.0"\nc = nan\nd = 1.5\ne = [1]\n')

    assert corrections.load(users) == {"d": 1.5}


def test_what_is_in_the_way_does_no_harm(users, caplog):
    (users.root / CORRECTIONS).mkdir()

    corrections.keep(users, "luna", 1.2)

    assert corrections.load(users) == {}
    assert "corrections_not_written" in caplog.text


def test_the_file_stays_small(users):
    for number in range(corrections.MOST_MODELS + 5):
        corrections.keep(users, f"model-{number}", 1.0)

    assert len(corrections.load(users)) == corrections.MOST_MODELS
    assert f"model-{corrections.MOST_MODELS + 4}" in corrections.load(users)
