"""A disk that refuses any one call of whatever keeps something durable: EIO, also of fsync and of rename."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from settings import ROOT
from tests.faults.refusing import WORKS


@dataclass(frozen=True, slots=True)
class Refused:
    """One work whose call was refused: what it raised, what was wrong then, what it raised when done once more."""

    work: str
    call: str
    raised: str | None
    wrong: list[str]
    again: str | None


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> list[Refused]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.refusing", str(tmp_path_factory.mktemp("refused"))],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [Refused(*json.loads(line)) for line in ran.stdout.splitlines()]


def test_each_work_was_refused_each_kind_of_call(refused: list[Refused]):
    assert {one.work for one in refused} == set(WORKS)
    assert {one.call for one in refused} >= {"open", "write", "fsync", "ftruncate", "replace", "rename"}
    assert len(refused) >= 60


def test_no_refusal_is_taken_for_success(refused: list[Refused]):
    passed = {(one.work, one.call) for one in refused if one.raised is None}

    assert {call for _, call in passed} <= {"mkdir", "rmdir"}  # the directory is there; an empty one stays


def test_nothing_is_lost_half_there_or_left_lying_about(refused: list[Refused]):
    assert [one for one in refused if one.wrong] == []


def test_once_more_it_goes_well(refused: list[Refused]):
    failed = [(one.work, one.call, one.again) for one in refused if one.again]

    assert failed == [("make a person", "fsync", "NameTaken")]  # it was there already, only not known to be durable
