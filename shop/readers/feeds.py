"""XML files: feeds of the Google Merchant kind, WordPress exports, and plain lists of products."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from shop.readers import recognise
from shop.readers.decode import UnusableFile, limited
from shop.readers.html import plain_text
from shop.readers.notes import Notes
from shop.readers.reading import FileReading, Terms
from shop.readers.records import ExportRow
from shop.readers.systems import google, wordpress
from shop.readers.tables import TableRow
from shop.readers.xml_items import Item, read_items

_LOOK = 50
_RENAMED = {"image": "image_link", "summary": "description", "content": "description", "guid": "id"}


def read_xml(file: BinaryIO, name: str, terms: Terms) -> FileReading:
    """Return the products of an XML file, or what it says as a text where it has none."""
    items = read_items(file)
    first = list(islice(items, _LOOK))
    everything = chain(first, items)
    if any(item.text("post_type") for item in first):
        return wordpress.read(everything, name, terms, Notes())
    if any(item.text("price") and item.text("title") for item in first):
        return google.read_records(list(_records(everything)), name, terms, Notes())
    found = list(everything)
    if reading := recognise.read_rows(list(_rows(found)), name, terms):
        return reading
    if not found:
        raise UnusableFile("This XML file has no items. Export a Google Merchant feed, or the products as CSV UTF-8.")
    lines = (
        f"{element.path}: {plain_text(element.text)}" for item in found for element in item.elements if element.text
    )
    return FileReading("text", text=limited("\n".join(lines)))


def _records(items: Iterable[Item]) -> Iterator[ExportRow]:
    """Return the items of a feed as records; what is nested (a price of shipping) is no field of the product."""
    for item in items:
        values = dict[str, str]()
        for element in item.elements:
            if "/" in element.path:
                continue
            key = _RENAMED.get(element.path, element.path).replace("_", " ")
            text = element.text or element.attributes.get("href", "")
            name = google.NAMES.get(key)
            if name and text and (name != "link" or element.attributes.get("rel", "alternate") == "alternate"):
                values.setdefault(name, text)
        yield ExportRow(item.line, values)


def _rows(found: Sequence[Item]) -> Iterator[TableRow]:
    """Return any items as the rows of a table, with a header made of their attributes' and elements' names."""
    names = dict[str, None]()
    for item in found:
        names.update(dict.fromkeys(item.attributes))
        names.update(dict.fromkeys(element.path for element in item.elements))
    header = list(names)[:500]
    yield TableRow(1, header)
    for item in found:
        values = {element.path: element.text for element in reversed(item.elements)} | item.attributes
        yield TableRow(item.line, [values.get(name, "") for name in header])
