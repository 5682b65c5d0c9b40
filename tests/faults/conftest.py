"""A house for each test: its directory, its servers, all of them ended afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.live import House, Values, values_for
from tests.support.upstream import Upstream

Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path, upstream: Upstream) -> Iterator[Build]:
    """Make a house; `changed` are settings. No server of it may have left a traceback."""
    built = list[House]()

    def make(root: Path | None = None, script: str = "as_told", **changed: object) -> House:
        values: Values = values_for(upstream, script, **changed)
        built.append(House(root or tmp_path, values))
        return built[-1]

    yield make
    for house in built:
        house.close()
        for server in house.servers:
            assert "Traceback" not in server.log(), server.log()


@pytest.fixture
def house(build: Build) -> House:
    return build()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[House]:
    """A house with two servers, for the tests of one module that leave them alone."""
    house = House(
        tmp_path_factory.mktemp("pair"), values_for(upstream, memory={"high_tokens": 300, "summary_tokens": 300})
    )
    house.server(waits=False)
    house.server()
    house.servers[0].wait()
    yield house
    house.close()
    for server in house.servers:
        assert "Traceback" not in server.log(), server.log()
