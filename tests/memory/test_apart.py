"""Tests of what a process of its own is given."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from memory import apart
from settings import ROOT, child_environment

SCRIPT = """
import resource
from memory import apart
apart.limit(600_000_000, 5, 1000)
print(*(resource.getrlimit(what)[0] for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))
open("/dev/null", "wb").write(bytes(900))
bytearray(700_000_000)
"""


def test_the_process_has_so_much_and_no_more() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=child_environment(), capture_output=True, text=True, timeout=60)  # fmt: skip

    assert ran.stdout == "600000000 5 1000\n"
    assert "MemoryError" in ran.stderr


def test_a_process_is_told_none_of_the_shops_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nenv\ncat\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as result:
        given.write(b"a file")

        done = apart.run(["memory.conversations.intake"], given, result, 60)

        result.seek(0)
        told = result.read()
    assert done.returncode == 0
    assert b"PATH=" in told
    assert told.endswith(b"a file")
    assert b"sk-secret" not in told
