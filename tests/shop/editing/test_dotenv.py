"""Tests of the file of keys: readable by its owner alone, one line a key, the others untouched."""

import threading
from pathlib import Path

import pytest
from dotenv import dotenv_values

from shop.editing.dotenv import BadValue, remove_key, set_key


def test_a_key_is_set_in_a_file_of_its_owner(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    set_key(file, "OPENAI_API_KEY", "sk-one")

    assert file.stat().st_mode & 0o777 == 0o600
    assert dotenv_values(file) == {"OPENAI_API_KEY": "sk-one"}


def test_other_lines_stay_and_the_file_is_protected(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# ours\nOTHER=a b\nexport OPENAI_API_KEY=old # here\nLAST=1")
    file.chmod(0o644)

    set_key(file, "OPENAI_API_KEY", "sk-'two'\\x")

    assert file.stat().st_mode & 0o777 == 0o600
    assert dotenv_values(file) == {"OTHER": "a b", "OPENAI_API_KEY": "sk-'two'\\x", "LAST": "1"}
    assert file.read_text().startswith("# ours\nOTHER=a b\n")

    remove_key(file, "OPENAI_API_KEY")
    assert dotenv_values(file) == {"OTHER": "a b", "LAST": "1"}


@pytest.mark.parametrize("value", ["two\nlines", "a\x00", "ü", "${HOME}", "x" * 2001])
def test_what_no_line_holds_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadValue) as refused:
        set_key(tmp_path / ".env", "OPENAI_API_KEY", value)

    assert value not in str(refused.value)
    assert not (tmp_path / ".env").exists()


def test_lines_stay_as_they_are_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"# ours \xff\r\nOTHER='a\nb'\r\nKEY=1\r\n\r\n# and\nKEY=2\r\nLAST=1")

    set_key(file, "KEY", "x")
    set_key(file, "NEW", "y")

    assert file.read_bytes() == (b"# ours \xff\r\nOTHER='a\nb'\r\nKEY='x'\n\r\n# and\nLAST=1\nNEW='y'\n")


def test_what_a_killed_process_left_is_gone_with_the_next_save(tmp_path: Path) -> None:
    left = tmp_path / "..env.0123456789abcdef.new"
    left.write_text("OPENAI_API_KEY='sk-one'\n")
    set_key(tmp_path / ".env", "OPENAI_API_KEY", "sk-two")

    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_name_is_that_of_a_variable(tmp_path: Path) -> None:
    with pytest.raises(BadValue):
        set_key(tmp_path / ".env", "KEY=1\nOTHER", "x")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic"):
        set_key(tmp_path / ".env", "OPENAI_API_KEY", "sk-one")
    assert (tmp_path / "elsewhere").read_text() == ""


def test_keys_that_are_set_at_once_are_all_kept(tmp_path: Path) -> None:
    names = [f"KEY_{letter}" for letter in "ABCDEFGH"]
    threads = [threading.Thread(target=set_key, args=[tmp_path / ".env", name, "x"]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert dotenv_values(tmp_path / ".env") == dict.fromkeys(names, "x")
