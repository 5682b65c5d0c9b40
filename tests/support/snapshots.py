"""The shop's data in a test: read and indexed in this process, which saves each test a process of its own."""

import sqlite3
from pathlib import Path

from shop.catalogue import Catalogue, NotBuilt, Work
from shop.readers.store import read_store
from shop.search.indexing import build
from shop.snapshot import Snapshot

Inputs = tuple[str, tuple[tuple[str, bytes], ...]]
_built = dict[Inputs, bytes]()
"""The indexes that this process has built, by what they were built of: hundreds of tests have the same shop."""


def build_here(work: Work) -> None:
    """Build an index as shop/build.py does, without its limits."""
    inputs = _inputs(work)
    if inputs in _built:
        work.target.write_bytes(_built[inputs])
        return
    try:
        build(read_store(work.store, work.currency), work.target)
    except sqlite3.Error as error:
        raise NotBuilt(str(error)) from error
    if inputs is not None and inputs == _inputs(work):  # else a file changed meanwhile
        _built[inputs] = work.target.read_bytes()


def _inputs(work: Work) -> Inputs | None:
    """Return the currency and the files with their contents; None where something is there that is no readable file."""
    try:
        return work.currency, tuple(sorted((file.name, file.read_bytes()) for file in work.store.glob("*")))
    except OSError:
        return None


def snapshot_of(prompts: Path, currency: str = "") -> Snapshot:
    """Return the data of a directory of prompts."""
    shop = Catalogue(prompts, build=build_here)
    shop.configure(currency)
    snapshot = shop.wait(10)
    assert snapshot is not None
    return snapshot
