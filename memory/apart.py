"""Processes of their own that read other people's files: how one is run, and what it is bounded by."""

import contextlib
import os
import resource
import subprocess  # nosec B404
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from settings import ROOT, child_environment


def run(
    arguments: Sequence[str], given: IO[bytes], result: IO[bytes], seconds: float
) -> "subprocess.CompletedProcess[bytes]":
    """Run a module of this project on a file, from its beginning, and write what it makes into another. Blocks.

    Raise TimeoutExpired after so many seconds. The process gets none of the shop's secrets.
    """
    given.seek(0)
    return subprocess.run(  # nosec B603
        [sys.executable, "-m", *arguments], cwd=ROOT, env=child_environment(), stdin=given.fileno(), stdout=result,
        stderr=subprocess.PIPE, timeout=seconds, check=False,
    )  # fmt: skip


def limit(memory_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Bound what this process takes and writes, and have the kernel prefer others to it."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # the system's own limit is lower
            resource.setrlimit(what, (most, most))
    with contextlib.suppress(OSError):
        os.nice(10)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
