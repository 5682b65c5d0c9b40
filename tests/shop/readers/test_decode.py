"""The encoding of a file is decided the same way each time."""

import io

import pytest

from shop.readers.decode import MOST_TEXT, UnusableFile, encoding_of, limited, open_text

TEXT = "nome;preço\nXícara São João;19,90 €\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"], ids=lambda name: name
)
def test_a_text_reads_the_same_in_each_encoding(encoding: str) -> None:
    file = io.BytesIO(TEXT.encode(encoding))

    assert open_text(file, encoding_of(file)).read() == TEXT


def test_a_text_of_two_encodings_keeps_its_letters() -> None:
    file = io.BytesIO("Pão de queijo, açúcar, café\n".encode() * 3 + "maçã\n".encode("cp1252"))

    assert open_text(file, encoding_of(file)).read().splitlines()[-1] == "maçã"


def test_a_letter_cut_by_a_chunk_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO(("x" * 65_535 + "é" * 10).encode())

    assert encoding_of(file) == "utf-8"


def test_a_nul_is_refused_with_its_line() -> None:
    with pytest.raises(UnusableFile, match="Line 3 has a NUL byte"):
        encoding_of(io.BytesIO(b"a,b\nc,d\ne\0,f\n"))


def test_a_text_longer_than_any_shops_is_refused() -> None:
    assert limited("x" * MOST_TEXT)
    with pytest.raises(UnusableFile, match="shorten it"):
        limited("x" * (MOST_TEXT + 1))
