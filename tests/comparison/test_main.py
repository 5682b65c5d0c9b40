"""The command line, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from settings import ROOT
from tests.comparison.page import latest
from tests.support.upstream import Upstream

pytestmark = pytest.mark.timeout(300)

SCRIPTS = "oracle,lossy,extractive,tail only"


def run(place: Path, *words: str, settings: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(place, *words), cwd=ROOT, env=environ(settings), capture_output=True, text=True, timeout=120
    )


def command(place: Path, *words: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "tests.comparison",
        "--reports",
        str(place),
        "--recordings",
        str(place / "kept"),
        *words,
    ]


def environ(settings: Path | None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "STOREKEEPER_"))}
    return kept | ({"STOREKEEPER_SETTINGS": str(settings)} if settings else {})


@pytest.fixture
def settings(tmp_path: Path, upstream: Upstream) -> Path:
    """Settings with one model, which the scripted upstream plays."""
    path = tmp_path / "settings.toml"
    path.write_text(
        f'chat = ["ok"]\nsummariser = ["ok"]\n[[models]]\nname = "ok"\nbase_url = "{upstream.url("ok")}"\nmax_input = 20000\n'
    )
    return path


def test_scripted_models_give_identical_comparisons_each_time(tmp_path: Path):
    first = run(tmp_path / "a", "--models", SCRIPTS, "--count", "2", "--json")
    again = run(tmp_path / "b", "--models", SCRIPTS, "--count", "2", "--json")

    assert (first.returncode, first.stderr.strip()) == (0, "")
    assert first.stdout == again.stdout
    assert latest(tmp_path / "a").read_bytes() == latest(tmp_path / "b").read_bytes()
    scores = {one["model"]: one for one in json.loads(first.stdout)["scores"]}
    assert scores["oracle"]["stages"]["raw"]["recall"]["value"] == 1
    assert scores["lossy"]["stages"]["raw"]["recall"]["value"] < 0.95


def test_the_page_is_self_contained_with_its_charts_and_misses(tmp_path: Path):
    done = run(tmp_path, "--models", SCRIPTS, "--count", "1")
    page = latest(tmp_path).read_text(encoding="utf-8")

    assert done.returncode == 0, done.stderr
    assert "recall raw" in done.stdout
    assert page.count("<svg") == 4
    assert "currentColor" in page
    assert "color-scheme" in page
    assert "Every miss" in page
    assert not any(word in page for word in ("<script", 'src="http', "@import", "<link", 'url("http'))


def test_a_recorded_model_gives_the_same_bytes_without_requests(tmp_path: Path, settings: Path, upstream: Upstream):
    words = ("--models", "ok,extractive", "--count", "1", "--no-answers", "--json")
    first = run(tmp_path, *words, settings=settings)
    page = latest(tmp_path).read_bytes()
    requests = len(upstream.log())
    again = run(tmp_path, *words, settings=settings)

    assert first.returncode == 0, first.stderr
    assert first.stdout == again.stdout
    assert latest(tmp_path).read_bytes() == page
    assert '"model": "ok"' in first.stdout
    assert len(upstream.log()) == requests > 0


def test_dialogues_of_a_file_and_another_prompt_are_used(tmp_path: Path):
    turn = {"role": "user", "content": "My order is #W2378156 of $60."}
    file, prompt = tmp_path / "own.jsonl", tmp_path / "own.md"
    turns = [turn, {"role": "assistant", "content": "Fine."}]
    facts = [{"said": said, "any": [said], "speaker": "user"} for said in ("#W2378156", "$60")]
    lines = [{"id": "one", "turns": turns, "facts": facts}, {"id": "two", "turns": turns}]
    file.write_text("\n".join(map(json.dumps, lines)))
    prompt.write_text("Short: {{ conversation }}")

    done = run(
        tmp_path, "--models", "oracle", "--dialogues", str(file), "--prompt", str(prompt), "--turns", "1", "--json"
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scores"][0]["stages"]["raw"]["recall"]["n"] == 2
    assert "1 of the dialogues have no gold facts" in json.loads(done.stdout)["about"]


@pytest.mark.parametrize(
    "words", [("--models", "nobody"), ("--dialogues", "/nowhere.jsonl"), ("--prompt", "/nowhere.md")]
)
def test_what_cannot_be_used_is_told_in_one_line(tmp_path: Path, words: tuple[str, ...]):
    done = run(tmp_path, *words)

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_keeps_what_is_done_and_a_rerun_goes_on(tmp_path: Path, settings: Path, upstream: Upstream):
    settings.write_text(settings.read_text().replace(upstream.url("ok"), upstream.url("say-100-3")))
    words = ("--models", "oracle,ok", "--count", "2", "--no-answers")
    child = subprocess.Popen(
        command(tmp_path, *words), cwd=ROOT, env=environ(settings), stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not recorded(tmp_path):
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    kept, requests = recorded(tmp_path), len(upstream.log())

    assert child.returncode == 130
    assert "Broken off" in out
    assert latest(tmp_path).exists()

    done = run(tmp_path, *words, settings=settings)

    assert done.returncode == 0, done.stderr
    assert "Broken off" not in done.stdout
    assert len(recorded(tmp_path)) - len(kept) == len(upstream.log()) - requests > 0


def recorded(place: Path) -> set[Path]:
    return set((place / "kept").rglob("*.json"))
