"""Tests of the order in which the disk is asked: written, made durable, then told. SIGKILL cannot show it, a recording can."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT

_CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,ftruncate"
_CALL = re.compile(r"^(\w+)\((.*)\) += \d+$")
_PATH = re.compile(r'<([^<>]*)>|"((?:[^"\\]|\\.)*)"')

MADE = [
    "write .new/.account.toml.tmp",
    "fsync .new/.account.toml.tmp",
    "rename .new/.account.toml.tmp .new/account.toml",
    "fsync .new",
]
ORDER = {
    "created": [*MADE, "rename .new ana", "fsync ."],
    "appended": ["write ana/history.txt", "fsync ana/history.txt", "fsync ana"],
    "again": ["write ana/history.txt", "fsync ana/history.txt"],
    "replaced": [
        "write ana/.title.txt.tmp",
        "fsync ana/.title.txt.tmp",
        "rename ana/.title.txt.tmp ana/title.txt",
        "fsync ana",
    ],
    "cut": [
        "write ana/.history.torn.tmp",
        "fsync ana/.history.torn.tmp",
        "rename ana/.history.torn.tmp ana/history.torn",
        "fsync ana",
        "ftruncate ana/history.txt",
        "fsync ana/history.txt",
    ],
    "away": ["rename ana .trash-ana", "fsync ."],
    "accepted": [*MADE, "rename .new bob", "fsync .", "write bob/history.txt", "fsync bob/history.txt", "fsync bob"],
    "finished": [
        "write bob/history.txt",
        "fsync bob/history.txt",
    ],
    "both": ["write bob/history.txt", "fsync bob/history.txt"],
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What was asked of the disk before each word that something is done."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    root = tmp_path_factory.mktemp("order") / "users"
    traced = root.parent / "trace"
    words = ["strace", "-y", "-e", f"trace={_CALLS}", "-o", str(traced), sys.executable, "-m", "tests.memory.recording"]
    ended = subprocess.run([*words, str(root)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    if "ptrace" in ended.stderr:
        pytest.skip("nothing may be traced here")
    assert ended.returncode == 0, ended.stderr
    steps, step = dict[str, list[str]](), list[str]()
    for line in traced.read_text().splitlines():
        if said := re.search(r'"told (\w+)\\n"', line):
            steps[said[1]], step = step, []
        elif (call := _CALL.match(line)) and str(root) in line:
            step.append(f"{call[1]} {' '.join(_names(call[1], call[2], root))}")
    return steps


def _names(call: str, arguments: str, root: Path) -> list[str]:
    """Return the files that a call is about, below the directory of people, without what is random in their names."""
    paths = [descriptor or text for descriptor, text in _PATH.findall(arguments)]
    if call == "renameat":
        paths = [f"{paths[0]}/{paths[1]}", f"{paths[2]}/{paths[3]}"]
    paths = paths[:1] if call not in ("rename", "renameat") else paths
    names = [str(Path(path).relative_to(root)) for path in paths]
    return [re.sub(r"\.[0-9a-f]{16}(?=\.tmp)|-[0-9a-f]{16}|-\d{8}T\d{6}-[0-9a-f]{6}", "", name) for name in names]


@pytest.mark.parametrize("step", ORDER)
def test_what_is_told_is_durable(recorded: dict[str, list[str]], step: str) -> None:
    assert recorded[step] == ORDER[step]
