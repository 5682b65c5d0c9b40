"""The shop's data in use: the index that is searched, and what of them stands in prompts and on pages as text. Pure."""

from dataclasses import dataclass, replace
from typing import Self

from shop import texts
from shop.answers import own
from shop.claims.known_rows import KnownRows
from shop.claims.policies import Policies, read_policies
from shop.lines import lines_of, table
from shop.products import Product
from shop.search.finding import SOURCE
from shop.search.index import Index


@dataclass(frozen=True, slots=True)
class SnapshotRows:
    """All products of a small shop, as they are and as answers are held against them."""

    products: tuple[Product, ...]
    known: KnownRows

    @classmethod
    def of(cls, index: Index, rules: Policies) -> Self:
        products = tuple(index.all())
        return cls(products, KnownRows.of(products, rules, index.product))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of the shop's data. `whole` is all of them as text, None where that is longer than anybody reads.

    `policies` are the texts alone, as they are written. `topics` are what the data are about, `questions` those that
    they answer. `rules` are what the texts state, for the checks of answers; `rows` are all products for the same, None where
    `whole` is. `currency` is the shop's own, for prices that name none.
    """

    index: Index
    whole: str | None
    policies: str
    topics: tuple[str, ...]
    questions: tuple[str, ...]
    rules: Policies
    rows: SnapshotRows | None = None
    currency: str = ""

    def row_of(self, source: str, about: str) -> str:
        """Return what stands at a source such as "products.csv:3" for its reader: the names and the values of a product as two
        lines, or the line of a text; "" where it is not there any more. Blocks."""
        if (place := SOURCE.fullmatch(source)) is None:
            return ""
        file, number = place[1], int(place[2])
        product = self.index.product(about) if about else None
        rows = (product.line, *(one.line for one in product.variants)) if product and product.file == file else ()
        if product and number in rows:
            return "\n".join(lines_of([replace(product, text="")], self.currency))
        written = next((one.text for one in self.index.texts() if one.file == file), "").split("\n")
        return written[number - 1].strip() if 0 < number <= len(written) else ""

    @classmethod
    def of(cls, index: Index, currency: str, most_chars: int) -> Self:
        """Read an index. `most_chars` of products are written out; where there are more, `whole` is None."""
        read = index.texts()
        policies = "\n\n".join(one.text.strip() for one in read)
        products = table(index.all(), currency, most_chars=most_chars)
        whole = None if products is None else "\n\n".join(filter(None, (policies, products)))
        shown = [one for one in read if one.file != own.FILE]  # what the owner was asked is no example of what to ask
        files = {one.file: one.text for one in shown} | {one.file: "" for one in index.reports() if one.products}
        topics = tuple(texts.topic(file, files[file]) for file in sorted(files))
        rules = read_policies(read)
        rows = SnapshotRows.of(index, rules) if whole is not None else None
        asked = texts.questions_in("\n\n".join(one.text for one in shown))
        return cls(index, whole, policies, topics, asked, rules, rows, currency)
