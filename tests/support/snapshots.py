"""The shop's data in a test: read and indexed in this process, which saves each test a process of its own."""

import sqlite3
from pathlib import Path

from shop.catalogue import Catalogue, NotBuilt, Work
from shop.readers.store import read_store
from shop.search.indexing import build
from shop.snapshot import Snapshot


def build_here(work: Work) -> None:
    """Build an index as shop/build.py does, without its limits."""
    try:
        build(read_store(work.store, work.currency), work.target)
    except sqlite3.Error as error:
        raise NotBuilt(str(error)) from error


def snapshot_of(prompts: Path, currency: str = "") -> Snapshot:
    """Return the data of a directory of prompts."""
    shop = Catalogue(prompts, build=build_here)
    shop.configure(currency)
    snapshot = shop.wait(10)
    assert snapshot is not None
    return snapshot
