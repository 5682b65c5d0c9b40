"""The items of an XML feed, one at a time: RSS, Atom and the plain lists of shops. Entities and document types are refused."""

import xml.sax.handler
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.sax import SAXException, SAXParseException
from xml.sax.xmlreader import Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from shop.readers.decode import UnusableFile
from shop.readers.tables import MOST_CELL, MOST_ROWS, too_many_rows

MOST_DEPTH = 60
MOST_FIELDS = 5_000
_CHUNK = 1 << 16
ITEMS = frozenset(
    "item entry product offer shopitem produto producto prodotto produkt produit artikel article articulo row record".split()
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element inside an item: its path of local names, its text and its attributes."""

    path: str
    text: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed: the line it begins on, its own attributes, and all elements in it in the order of their ends.

    Where several begin on one line, each gets a number of its own, because products are distinguished by their lines.
    """

    line: int
    attributes: dict[str, str]
    elements: list[Element] = field(default_factory=list)

    def text(self, path: str) -> str:
        """Return the first text at a path, "" for none."""
        return next((element.text for element in self.elements if element.path == path and element.text), "")


def read_items(file: BinaryIO) -> Iterator[Item]:
    """Return the items of a feed. Raise UnusableFile for what is not well-formed, is nested too deeply or declares entities."""
    parser = make_parser()
    handler = ItemHandler(parser)
    parser.forbid_dtd = True
    parser.setFeature(xml.sax.handler.feature_external_ges, False)
    parser.setContentHandler(handler)
    try:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
            yield from handler.taken()
        parser.close()
        yield from handler.taken()
    except SAXParseException as error:
        raise UnusableFile(
            f"Line {error.getLineNumber()} is not well-formed XML ({error.getMessage()}). Export the feed again."
        ) from error
    except DefusedXmlException as error:
        raise UnusableFile(
            "It declares a document type or entities of its own, which are not read because they can do harm. Export the"
            " feed without them."
        ) from error
    except (SAXException, LookupError, ValueError) as error:
        raise UnusableFile(f"It cannot be read as XML ({error}). Export the feed again.") from error


class ItemHandler(xml.sax.handler.ContentHandler):
    """Builds items out of the parser's events and keeps them until they are taken."""

    def __init__(self, locator: Locator) -> None:
        super().__init__()
        self._place = locator
        self._found = list[Item]()
        self._item: Item | None = None
        self._path = list[str]()  # from the item downwards
        self._texts = list[list[str]]()
        self._attributes = list[dict[str, str]]()
        self._depth = self._size = self._count = self._last = 0

    def taken(self) -> list[Item]:
        """Return the items that are complete, each once."""
        found, self._found = self._found, []
        return found

    def startElement(self, name: str, attrs: Any) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise UnusableFile(
                f"Line {self._line()}: elements are nested more than {MOST_DEPTH} deep. Export the feed again."
            )
        local = name.rpartition(":")[2].lower()
        if self._item is None:
            if local in ITEMS and self._depth > 1:
                self._last = max(self._line(), self._last + 1)
                self._item = Item(self._last, dict(attrs))
                self._size = 0
            return
        self._path.append(local)
        self._texts.append([])
        self._attributes.append(dict(attrs))

    def characters(self, content: str) -> None:
        if not self._texts:
            return
        self._size += len(content)
        if self._size > MOST_CELL:
            raise UnusableFile(
                f"Line {self._line()}: an item has more than {MOST_CELL:,} characters. Export the feed again."
            )
        self._texts[-1].append(content)

    def endElement(self, name: str) -> None:
        self._depth -= 1
        if self._item is None:
            return
        if not self._path:
            self._found.append(self._item)
            self._item = None
            self._count += 1
            if self._count > MOST_ROWS:
                raise too_many_rows()
            return
        text = "".join(self._texts.pop()).strip()
        if len(self._item.elements) < MOST_FIELDS:
            self._item.elements.append(Element("/".join(self._path), text, self._attributes.pop()))
        self._path.pop()

    def _line(self) -> int:
        return self._place.getLineNumber() or 0
