from pathlib import Path

import pytest

from shop import demonstration
from shop.readers.store import read_store


@pytest.mark.parametrize("language", ["en", "pt"])
def test_a_catalogue_is_read_whole_and_is_always_the_same(language: str, tmp_path: Path) -> None:
    first = demonstration.write(300, tmp_path / "a", language).read_bytes()
    second = demonstration.write(300, tmp_path / "b", language).read_bytes()
    contents = read_store(tmp_path / "a", "BRL")

    assert first == second
    assert len(contents.products) == 300
    assert len({product.sku for product in contents.products}) == 300
    assert [(report.error, dict(report.left_out)) for report in contents.reports] == [(None, {})]
    assert all(product.price and product.stock is not None for product in contents.products)


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / demonstration.FILE).write_text("mine")

    assert demonstration.main(["10", str(tmp_path)]) == 2
    assert (tmp_path / demonstration.FILE).read_text() == "mine"
    assert "was left as it is" in capsys.readouterr().err
