"""A disk that refuses any one call of whatever keeps something durable, with EIO, or a process that is killed before it."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from settings import ROOT
from tests.faults.refusing import WORKS

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True)
class Struck:
    """One work, the call it was struck at, what it raised or "killed", what was wrong then, what it raised once more."""

    work: str
    call: str
    raised: str | None
    wrong: list[str]
    again: str | None


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> list[Struck]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.refusing", str(tmp_path_factory.mktemp("refused"))],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=280, check=True,
    )  # fmt: skip
    return [Struck(*json.loads(line)) for line in ran.stdout.splitlines()]


@pytest.fixture(scope="module")
def refused(struck: list[Struck]) -> list[Struck]:
    return [one for one in struck if one.raised != "killed"]


def test_each_work_was_struck_at_each_kind_of_call(struck: list[Struck], refused: list[Struck]):
    assert {one.work for one in refused} == set(WORKS)
    assert {one.call for one in refused} >= {"open", "write", "fsync", "ftruncate", "replace", "rename"}
    assert len(refused) >= 60
    assert len(struck) == 2 * len(refused)  # at each once more, by a kill


def test_no_refusal_is_taken_for_success(refused: list[Struck]):
    passed = {(one.work, one.call) for one in refused if one.raised is None}

    assert {call for _, call in passed} <= {"mkdir", "rmdir"}  # the directory is there; an empty one stays


def test_nothing_is_lost_half_there_or_left_lying_about(struck: list[Struck]):
    """After a kill temporary files are left, for the sweep."""
    assert [one for one in struck if one.wrong] == []


def test_once_more_it_goes_well(struck: list[Struck]):
    failed = [(one.work, one.again) for one in struck if one.again]

    assert failed == [("make a person", "NameTaken")] * 2  # it was there already, only not known to be durable
