"""Tests of what a process of its own is given."""

import subprocess
import sys

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
