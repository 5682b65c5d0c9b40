"""Tests of prompts/brand/: what is read as the shop's logo."""

from pathlib import Path

import pytest

from shop import logo


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    (tmp_path / "brand").mkdir()
    (tmp_path / "brand" / "logo.png").write_bytes(b"a picture")
    return tmp_path


def test_a_logo_is_read_as_it_is(prompts: Path) -> None:
    assert logo.read(prompts, "logo.png") == b"a picture"


@pytest.mark.parametrize("name", ["", "logo.svg", "../system.md", "logo.gif"])
def test_none_and_others_are_not(prompts: Path, name: str) -> None:
    assert logo.read(prompts, name) is None
    assert logo.state(prompts, name) is None


def test_a_link_a_directory_and_what_is_too_large_are_not(prompts: Path) -> None:
    path = prompts / "brand" / "logo.svg"
    path.symlink_to(prompts / "brand" / "logo.png")
    assert logo.read(prompts, "logo.svg") is None
    assert logo.state(prompts, "logo.svg") is None
    path.unlink()
    path.mkdir()
    assert logo.read(prompts, "logo.svg") is None
    path.rmdir()
    path.write_bytes(b"x" * (logo.LARGEST_BYTES + 1))
    assert logo.read(prompts, "logo.svg") is None


def test_its_state_changes_with_the_file(prompts: Path) -> None:
    before = logo.state(prompts, "logo.png")

    (prompts / "brand" / "logo.png").write_bytes(b"another picture")

    assert before is not None
    assert logo.state(prompts, "logo.png") not in (before, None)
