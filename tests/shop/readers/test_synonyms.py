"""The owner's synonyms: one group of words a line."""

from pathlib import Path

import pytest

from shop.readers.synonyms import read_synonyms


@pytest.mark.parametrize(
    "text", ["headset,headphones\nsombrinha,guarda-chuva\nalone\n", "headset; headphones\nsombrinha; guarda-chuva\n"]
)
def test_groups_of_two_words_and_more_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "synonyms.csv").write_text(text)

    assert read_synonyms(tmp_path / "synonyms.csv") == (("headset", "headphones"), ("sombrinha", "guarda-chuva"))


def test_no_file_is_no_synonyms(tmp_path: Path) -> None:
    assert read_synonyms(tmp_path / "synonyms.csv") == ()
    assert read_synonyms(tmp_path) == ()
