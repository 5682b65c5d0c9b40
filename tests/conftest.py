"""What all tests share: a directory of people, settings that name the scripted upstream, an application over them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import ROOT, Place, Settings, read
from tests.upstream import Upstream, running


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    """The scripted model server, one process for the whole run."""
    with running() as started:
        yield started


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty users directory and the shop's own prompts."""
    return Place(
        users=tmp_path / "users",
        prompts=ROOT / "prompts",
        host="127.0.0.1",
        port=8000,
        secret_key="a key for tests, long enough to be one",
        environ={},
    )


def settings_for(upstream: Upstream, *scripts: str, **changed: object) -> Settings:
    """Settings whose models, in order, are these scripts of the upstream; no limits unless `changed` says so."""
    models = [
        {"name": script, "base_url": upstream.url(script), "max_input": 100_000, "max_output": 4_000}
        for script in scripts
    ]
    values: dict[str, object] = {
        "chat": list(scripts),
        "summariser": [scripts[0]],
        "models": models,
        "budget": {"daily_tokens_per_user": 0},
        "limits": {"messages_per_minute": 0, "signups_per_hour": 0},
    }
    return read(values | changed)
