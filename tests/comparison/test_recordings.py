"""Recordings: used for exactly what was asked, and for nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from completions.stream import Usage
from settings import Model
from tests.comparison.recordings import Asked, Recordings, Reply, asked

MODEL = Model(name="m", max_input=1000, parameters={"temperature": 0.2})
PROMPT = ({"role": "user", "content": "Olá"},)
REPLY = Reply("said", "stop", 1.25, "2026-11-23T12:00:00Z", Usage(10, 2, 3))
WANTED = asked(MODEL, PROMPT, 50, 0, streamed=True)


def test_a_reply_comes_back_as_it_was(tmp_path: Path):
    kept = Recordings(tmp_path)
    assert kept.find(WANTED) is None

    kept.keep(WANTED, REPLY)

    assert kept.find(WANTED) == REPLY


@pytest.mark.parametrize(
    "other",
    [
        asked(MODEL, ({"role": "user", "content": "Olá!"},), 50, 0, streamed=True),
        asked(MODEL, PROMPT, 51, 0, streamed=True),
        asked(MODEL, PROMPT, 50, 1, streamed=True),
        asked(MODEL, PROMPT, 50, 0, streamed=False),
        replace(WANTED, model="other"),
    ],
)
def test_another_request_finds_nothing(tmp_path: Path, other: Asked):
    kept = Recordings(tmp_path)
    kept.keep(WANTED, REPLY)

    assert kept.find(other) is None


def test_a_recording_put_under_another_name_is_not_trusted(tmp_path: Path):
    kept = Recordings(tmp_path)
    kept.keep(WANTED, REPLY)
    other = replace(WANTED, model="other")
    (path,) = tmp_path.rglob("*.json")
    false = tmp_path / other.key[:2] / f"{other.key}.json"
    false.parent.mkdir(exist_ok=True)
    path.rename(false)

    assert kept.find(other) is None


def test_a_torn_recording_is_none(tmp_path: Path):
    kept = Recordings(tmp_path)
    kept.keep(WANTED, REPLY)
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(path.read_bytes()[:40])

    assert kept.find(WANTED) is None
