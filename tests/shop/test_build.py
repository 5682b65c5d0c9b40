"""The process that builds the index."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT
from shop.build import CPU_SECONDS, KEPT, MEMORY_BYTES, main
from shop.search.index import Index


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "a.csv").write_text("sku,name,price\nM-1,Mug,5.00\n")
    (store / "returns.md").write_text("# Returns\n\nWithin 30 days.\n")
    return store


def contents(path: Path) -> tuple[list[str], list[str], list[str | None]]:
    index = Index.open(path)
    try:
        errors = [report.error for report in index.reports()]
        return [product.sku for product in index.all()], [text.file for text in index.texts()], errors
    finally:
        index.close()


def test_the_files_become_an_index_and_nothing_is_printed(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "catalogue.sqlite"

    ran = subprocess.run([sys.executable, "-m", "shop.build", str(store), str(target), "--currency", "BRL"], cwd=ROOT, capture_output=True, timeout=60)  # fmt: skip

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
    assert contents(target) == (["M-1"], ["returns.md"], [None, None])


SCRIPT = """
import resource, runpy, sys
try:
    runpy.run_module("shop.build", run_name="__main__")
except SystemExit as ended:
    print(ended.code, resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])
"""


def test_only_the_process_of_its_own_is_limited(store: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU)
    target = tmp_path / "catalogue.sqlite"

    ran = subprocess.run([sys.executable, "-c", SCRIPT, str(store), str(target)], cwd=ROOT, capture_output=True, text=True, timeout=60)  # fmt: skip
    main([str(store), str(target)])

    assert ran.stdout == f"0 {MEMORY_BYTES} {CPU_SECONDS}\n"
    assert (resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU)) == before


def test_what_was_read_of_a_broken_file_stays_in_use(store: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.sqlite", tmp_path / "second.sqlite"
    (store / "b.csv").write_text("sku,name,price\nC-1,Cup,6.00\n")
    assert main([str(store), str(first)]) == 0
    (store / "b.csv").write_bytes(b"sku,name\0price\n")

    assert main([str(store), str(second), "--last-good", str(first)]) == 0

    products, texts, errors = contents(second)
    assert (sorted(products), texts) == (["C-1", "M-1"], ["returns.md"])
    assert [bool(error) for error in errors] == [False, True, False]
    index = Index.open(second)
    assert (index.reports()[1].products, index.reports()[1].doubts) == (1, (KEPT,))
    index.close()


def test_a_place_that_cannot_be_written_is_said(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    ran = subprocess.run([sys.executable, "-m", "shop.build", str(store), str(tmp_path / "file" / "x.sqlite")], cwd=ROOT, capture_output=True, timeout=60)  # fmt: skip

    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1


def test_a_full_disk_is_said_in_a_line(store: Path, tmp_path: Path) -> None:
    (store / "many.csv").write_text("name,price\n" + "".join(f"Mug of number {n},5\n" for n in range(2_000)))
    build = f"ulimit -f 64; exec {sys.executable} -m shop.build {store} {tmp_path / 'x.sqlite'}"

    ran = subprocess.run(["sh", "-c", build], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert ran.stderr.startswith(f"{tmp_path / 'x.sqlite'}: ")
