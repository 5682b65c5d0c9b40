"""`python -m shop.build STORE TARGET`: reads the shop's files and writes their index, in a process of its own.

It prints nothing. Exit code 1 and one line on standard error where no index could be written.
"""

import argparse
import resource
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from shop.products import FileReport, Product, StoreContents, Text
from shop.readers.bounded import read_bounded
from shop.readers.synonyms import read_synonyms
from shop.readers.worker import limit
from shop.search.index import Index, IndexUnusable, build

MEMORY_BYTES = 2_000_000_000
CPU_SECONDS = 300
KEPT = "What was last read of it stays in use."


def main(arguments: Sequence[str]) -> int:
    """Build the index of STORE at TARGET; return the exit code."""
    chosen = _parser().parse_args(arguments)
    contents = read_bounded(chosen.store, chosen.currency, also=[chosen.feed] if chosen.feed else [])
    if chosen.last_good:
        contents = with_last_good(contents, chosen.last_good)
    try:
        build(contents, chosen.target, read_synonyms(chosen.store.parent / "synonyms.csv"))
    except (OSError, MemoryError, sqlite3.Error) as error:
        print(f"{chosen.target}: {error or 'too little memory'}", file=sys.stderr)
        return 1
    return 0


def with_last_good(contents: StoreContents, last_good: Path) -> StoreContents:
    """Return the contents, with what an earlier index has of the files that cannot be used any more."""
    broken = {report.file for report in contents.reports if report.error}
    if not broken:
        return contents
    try:
        index = Index.open(last_good)
    except IndexUnusable:
        return contents
    try:
        products = tuple(product for product in index.all() if product.file in broken)
        texts = tuple(text for text in index.texts() if text.file in broken)
    finally:
        index.close()
    return replace(
        contents,
        products=tuple(sorted((*contents.products, *products), key=lambda product: product.file)),
        texts=tuple(sorted((*contents.texts, *texts), key=lambda text: text.file)),
        reports=tuple(_reported(report, products, texts) for report in contents.reports),
    )


def _reported(report: FileReport, products: Sequence[Product], texts: Sequence[Text]) -> FileReport:
    """Return the report of a file that cannot be used with what is kept of it."""
    own = [product for product in products if product.file == report.file]
    if not report.error or (not own and all(text.file != report.file for text in texts)):
        return report
    variants = sum(len(product.variants) for product in own)
    return replace(report, products=len(own), variants=variants, doubts=(*report.doubts, KEPT))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shop.build")
    parser.add_argument("store", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--currency", default="", help="the shop's own, an ISO 4217 code")
    parser.add_argument("--last-good", type=Path, help="an earlier index, for files that cannot be used any more")
    parser.add_argument("--feed", type=Path, help="a further file of products")
    return parser


if __name__ == "__main__":
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CPU, CPU_SECONDS)
    sys.exit(main(sys.argv[1:]))
