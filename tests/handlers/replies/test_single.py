import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from handlers.replies import single
from settings import ROOT, Environment, Settings
from tests.support.shop import settings_of
from tests.support.upstream import Upstream

BY_CODE = Settings(chat=("catalogue",), summariser=("catalogue",), currency="BRL")


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    """Prompts of one's own, so that their index is too."""
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    return msgspec.structs.replace(place, prompts=tmp_path / "prompts")


def test_code_answers_with_its_sources(place: Environment) -> None:
    found = single.ask_once(BY_CODE, place, "quanto custa a rede RED-012?", None)

    assert (found.model, found.ending, found.products, found.texts) == ("catalogue", "stop", ("RED-012",), ())
    assert "R$ 289,00" in found.answer
    assert found.is_answered
    assert not place.users.exists() or not list(place.users.iterdir()), "nothing is kept"


def test_the_pages_language_is_that_of_its_tag(place: Environment) -> None:
    assert "em estoque" in single.ask_once(BY_CODE, place, "RED-012", "pt-BR").answer
    assert "in stock" in single.ask_once(BY_CODE, place, "RED-012", None).answer


def test_a_models_answer_names_the_products_it_speaks_of(place: Environment, upstream: Upstream) -> None:
    found = single.ask_once(settings_of({"luna": upstream.url("ok")}), place, "Hello?", None)

    assert (found.answer, found.model, found.ending, found.products) == ("Hello world", "luna", "stop", ())


def test_without_a_model_code_answers_and_it_counts_as_none(place: Environment, upstream: Upstream) -> None:
    found = single.ask_once(settings_of({"luna": upstream.url("r401")}), place, "RED-012?", None)

    assert not found.is_answered
    assert (found.model, found.ending, found.why, found.products) == (
        "catalogue", "failed", "looked_up:key_refused", ("RED-012",),
    )  # fmt: skip


def test_the_command_prints_one_line_of_json(place: Environment, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('currency = "BRL"\n')
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "STOREKEEPER_SETTINGS": str(tmp_path / "settings.toml"),
        "STOREKEEPER_PROMPTS": str(place.prompts),
    }
    command = [sys.executable, "server.py", "ask", "Is", "delivery", "to", "Recife", "free?", "--json"]
    ran = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)

    assert (ran.returncode, ran.stderr) == (0, "")
    (line,) = ran.stdout.splitlines()
    told = json.loads(line)
    assert list(told) == ["answer", "model", "ending", "products", "texts", "claims", "seconds"]
    assert (told["model"], told["ending"], told["products"]) == ("catalogue", "stop", [])
    assert not [one for one in told["claims"] if one["verdict"] == "contradicted"]
    assert told["texts"][0].startswith(("delivery.md:", "questions.md:"))


def run_tests(place: Environment, tmp_path: Path, questions: str | None) -> subprocess.CompletedProcess[str]:
    (tmp_path / "settings.toml").write_text('currency = "BRL"\n')
    if questions is not None:
        (place.prompts / "test-questions.csv").write_text(questions)
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "STOREKEEPER_SETTINGS": str(tmp_path / "settings.toml"),
        "STOREKEEPER_PROMPTS": str(place.prompts),
    }
    command = [sys.executable, "server.py", "ask", "--tests"]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)


def test_the_command_asks_all_test_questions(place: Environment, tmp_path: Path) -> None:
    rows = 'question,must,must_not,language\nHow much is RED-012?,R$289.00,,\n"quanto custa RED-012?",R$ 289,,pt-BR\n'
    passed = run_tests(place, tmp_path, rows)
    assert (passed.returncode, passed.stderr) == (0, "")
    assert passed.stdout.splitlines() == [
        "passed  How much is RED-012?",
        "passed  quanto custa RED-012?",
        "2 test questions, 0 failed.",
    ]

    failed = run_tests(place, tmp_path, rows + "Do you sell tents?,of course,nothing,\n")
    assert failed.returncode == 1
    assert "FAILED  Do you sell tents?  (not in the answer: of course, in the answer: nothing)" in failed.stdout


@pytest.mark.parametrize("rows", [None, "question,must\n", "a,b\n", 'question,must\n"a,b\n'])
def test_a_bad_file_of_test_questions_is_exit_code_two(place: Environment, tmp_path: Path, rows: str | None) -> None:
    ran = run_tests(place, tmp_path, rows)

    assert ran.returncode == 2
    assert ran.stderr.startswith("storekeeper: ")
    assert len(ran.stderr.splitlines()) == 1
