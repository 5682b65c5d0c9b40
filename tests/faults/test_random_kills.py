"""Random kills under a live load, a few of them: `uv run just kills` does a thousand. And kills of real system calls."""

import shutil
import subprocess
from pathlib import Path

import pytest

from memory.conversations.turns import recover_if_dead
from memory.integrity.check import check_user
from tests.faults.invariants import broken
from tests.faults.kills import run
from tests.faults.live import House, now
from tests.faults.test_servers import words

pytestmark = pytest.mark.timeout(300)

CALLS = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate"


def test_nothing_is_lost_by_random_kills(tmp_path: Path):
    figures = run(tmp_path, people=5, kills=4)

    assert figures.troubles == []
    assert figures.kills == 4
    assert figures.questions > 4
    assert figures.complete > 0
    assert max(figures.recovery_seconds, default=0.0) < 10


@pytest.mark.parametrize("at", [1, 4])
def test_nothing_is_lost_by_a_kill_at_a_system_call(house: House, at: int):
    """The kernel's own word: strace kills the server when its thread enters its n-th such call."""
    if shutil.which("strace") is None:
        pytest.skip("no strace here; on Debian: apt-get install strace")
    tracing = ["strace", "--seccomp-bpf", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}"]
    killing = ["-e", f"inject={CALLS}:signal=SIGKILL:when={at}"]
    if subprocess.run([*tracing, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here")
    ana = house.browser("ana", house.server())
    assert ana.ask("say-0-30 one") == words(30)
    house.servers[0].kill()
    port = house.server(before=tracing, waits=False).port
    house.servers[1].wait()
    house.servers[1].kill()  # it can be traced here, and starts
    traced = house.server(before=[*tracing, *killing], waits=False, port=port)

    try:
        traced.wait(20)
        ana.port = port
        ana.ask("say-0-30 two", after=2)
    except (AssertionError, OSError):
        pass  # it died, at its start or in the turn
    traced.kill()

    folder = house.users.folder("ana")
    assert broken(house.users.root, ana.witness, {f"say-0-30 {n}": words(30) for n in ("one", "two")}) == []
    recover_if_dead(folder, now())
    assert check_user(folder.path).errors == []
    ana.port = house.server().port
    assert ana.ask("ok again") == "Hello world"
    assert broken(house.users.root, ana.witness) == []
