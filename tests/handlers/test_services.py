"""Tests of what the handlers share, in a server process."""

import time
from pathlib import Path

from tests.bench.readers import cpu_seconds
from tests.faults.live import House, until, values_for
from tests.support.upstream import Upstream


def test_encodings_are_loaded_when_somebody_opens_the_chat(tmp_path: Path, upstream: Upstream) -> None:
    house = House(tmp_path, values_for(upstream))
    try:
        server = house.server()
        ana = house.browser("ana", server)

        def is_quiet() -> bool:
            before = cpu_seconds(server.pid())
            time.sleep(0.5)
            return cpu_seconds(server.pid()) < before + 0.1

        def has(module: str) -> bool:
            return module in Path(f"/proc/{server.pid()}/maps").read_text()

        assert ana.get("/login").status == 303
        until(lambda: has("/pydantic_core/") and is_quiet(), 30)
        assert not has("/tiktoken/")
        assert ana.get("/").status == 200
        until(lambda: has("/tiktoken/"))
    finally:
        house.close()
