from pathlib import Path

import pytest

from shop.editing import whole_files


@pytest.mark.parametrize(("mode", "kept"), [(None, 0o644), (0o600, 0o600)])
def test_a_new_file_has_its_mode(tmp_path: Path, mode: int | None, kept: int) -> None:
    whole_files.replace(tmp_path / "a", b"one", mode)

    assert (tmp_path / "a").read_bytes() == b"one"
    assert (tmp_path / "a").stat().st_mode & 0o777 == kept


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "a").chmod(0o640)
    whole_files.replace(tmp_path / "a", b"two")

    assert (tmp_path / "a").read_bytes() == b"two"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_replaced_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        whole_files.replace(tmp_path / "a", b"one")

    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_only_what_was_left_of_the_file_itself_is_cleared(tmp_path: Path) -> None:
    for name in (".a.csv.0123.new", ".ab.csv.0123.new", "a.csv", ".a.csv.new.old"):
        (tmp_path / name).write_bytes(b"")
    whole_files.clear(tmp_path / "a.csv")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.csv.new.old", ".ab.csv.0123.new", "a.csv"]
