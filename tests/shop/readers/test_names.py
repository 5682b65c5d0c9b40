"""Tests of the names of files: the suffixes that are read are those that have a reader."""

import io
import subprocess
import sys

import pytest

from settings import ROOT
from shop.readers.decode import UnusableFile
from shop.readers.files import reader_for
from shop.readers.names import SAVE_AS, SUFFIXES, is_own


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_each_suffix_has_a_reader(suffix: str) -> None:
    assert callable(reader_for(suffix, io.BytesIO(b"name,price\nNet,120\n")))


@pytest.mark.parametrize("suffix", sorted(set(SAVE_AS) - SUFFIXES))
def test_each_other_known_suffix_has_its_advice(suffix: str) -> None:
    with pytest.raises(UnusableFile, match=r"Save|Open|Unpack"):
        reader_for(suffix, io.BytesIO(b"x"))


@pytest.mark.parametrize(
    ("name", "own"),
    [("a.csv", True), (".a.csv", False), ("~$a.xlsx", False), ("a.md~", False), ("a.BAK", False), ("Thumbs.db", False)],
)
def test_files_of_other_programs_are_nobodys(name: str, own: bool) -> None:
    assert is_own(name) is own


def test_the_start_of_the_server_loads_no_readers() -> None:
    code = "import sys, server; print([name for name in ('shop.readers.files', 'shop.feed', 'python_calamine') if name in sys.modules])"

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )

    assert ran.stdout == "[]\n"
