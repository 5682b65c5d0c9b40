"""The bounds of a process that reads other people's files."""

import contextlib
import os
import resource
from pathlib import Path


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
