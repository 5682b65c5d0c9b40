"""The report of a file of the shop in plain words, and in the language of the page.

The readers of shop/readers/ say what they have to say in English, with their values in it: each of their sentences stands here
once more with places for the values. One that is not here is shown as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from handlers.pages.languages import Language
from memory.i18n import N_, Phrase, Value
from shop.answers.card import Speaker, print_stock
from shop.products import FileReport, Product

_REASONS: Mapping[str, Phrase] = {
    "draft": N_("draft"),
    "hidden": N_("hidden"),
    "archived": N_("archived"),
    "no name": N_("without a name"),
    "explanation": N_("explanation"),
    "total": N_("total"),
    "not a product": N_("not a product"),
    "product not found": N_("product not found"),
    "another store view": N_("another store view"),
    "variation without its product": N_("variation without its product"),
}
"""Why a row is left out, by the readers' word."""

_SENTENCES = (
    # doubts
    N_("No price"),
    N_("A group of products without a price of its own"),
    N_("A variable product without variations has no price"),
    N_('No price: "%(name)s" is a %(type)s product'),
    N_("The price has several numbers; the first one is used"),
    N_("Prices are written with a decimal point and with a decimal comma; each was read by itself"),
    N_("Prices are those of the column without tax"),
    N_("Prices are in several currencies: %(listed)s"),
    N_("Prices are in %(found)s, the shop's currency is %(own)s"),
    N_("A rule that changes prices is not read"),
    N_("What an option adds to the price is not read"),
    N_("The product of this variation is not in the file"),
    N_("The SKU %(sku)s stands here again, first in line %(first)s"),
    N_("%(count)s more SKUs stand in several lines"),
    N_("1 SKU stands in %(file)s too (%(skus)s); is one of the files old?"),
    N_("%(count)s SKUs stand in %(file)s too (%(skus)s); is one of the files old?"),
    N_('It is read as a text, not as products: no header names an article and a price. Call the columns "name" and "price".'),
    N_("It is empty."),
    N_("And %(count)s more."),
    N_("What was last read of it stays in use."),
    # what makes a file unusable
    N_("It takes too much time or memory to read. Split it into several files, or remove the columns that are not about products."),
    N_("It needs too much memory. Split it, or remove columns that are not about products."),
    N_("It cannot be opened: %(why)s."),
    N_("It is a directory. Put its files directly into prompts/store/."),
    N_("It is not an ordinary file but a device or a pipe. Put a copy of the file itself here."),
    N_("It has %(size)s MB; at most %(most)s MB can be read. Split it into several files."),
    N_("It is an old workbook, or one with a password, under the name %(suffix)s. %(advice)s"),
    N_("A %(suffix)s file cannot be read. %(advice)s"),
    N_("This kind of file is not known. Save tables as CSV UTF-8 or .xlsx and texts as .md or .txt."),
    N_("These are combinations, which belong to products of another file. Put the export of the products beside this file."),
    N_(
        'Line %(line)s: the only prices are what the shop pays or resellers pay. Add a column with the selling price, called "price".'
    ),
    N_("This XML file has no items. Export a Google Merchant feed, or the products as CSV UTF-8."),
    N_("Line %(line)s is not well-formed XML (%(why)s). Export the feed again."),
    N_(
        "It declares a document type or entities of its own, which are not read because they can do harm. Export the feed without them."
    ),
    N_("It cannot be read as XML (%(why)s). Export the feed again."),
    N_("Line %(line)s: elements are nested more than %(most)s deep. Export the feed again."),
    N_("Line %(line)s: an item has more than %(most)s characters. Export the feed again."),
    N_(
        "Line %(line)s has %(count)s columns; at most %(most)s can be read. Remove the columns that are not about products."
    ),
    N_("There are more than %(most)s rows. Split the file, or remove the rows that are not for sale."),
    N_(
        "Line %(line)s: a quotation mark is opened and not closed, so that %(count)s lines are read as one cell. "
        "Remove it, or write it twice, and save the file again."
    ),
    N_("Line %(line)s: %(why)s. Is a quotation mark never closed there? Save the file again as CSV UTF-8."),
    N_("It is no .xlsx workbook that can be read (%(why)s). Save it again as .xlsx or as CSV UTF-8."),
    N_(
        "It is no .xlsx workbook that can be read: damaged, protected by a password, or another kind of file. "
        "Save it again as .xlsx or as CSV UTF-8."
    ),
    N_("It unpacks to far more than a product list can hold. Save the products alone as CSV UTF-8."),
    N_('The sheet "%(name)s" has %(count)s columns; at most %(most)s can be read.'),
    N_('Line %(line)s is no JSON object. Write one object a line: {"name": "...", "price": 12.5}.'),
    N_("Line %(line)s is not valid JSON (%(why)s). Export the file again."),
    N_("Line %(line)s cannot be read as JSON: it is nested too deeply or has a number without an end."),
    N_(
        "It is a text of more than %(most)s characters. If it is a table, its header needs a name and a price; "
        "if it is a text, shorten it."
    ),
    N_("Line %(line)s has a NUL byte: the file is damaged or no text. Save it again as CSV UTF-8 or .xlsx."),
    # why a feed is not used
    N_("There is no product in it."),
    N_("It has %(count)s products, the last one had %(last)s. If that is right, delete %(file)s."),
    N_("It leads to what is no address of the web."),
    N_("It leads to %(host)s without TLS (http://)."),
    N_("It leads to %(host)s, which is link-local or a cloud's own."),
    N_("A public host leads to %(host)s, which is private."),
    N_("It leads on more than %(most)s times."),
    N_("It was not there within %(seconds)s s."),
    N_("Its server answers with status %(status)s."),
    N_("It has more than %(most)s MB."),
    N_("It cannot be fetched: %(why)s."),
    # what to do with a file that is not read
    N_("Open it in a spreadsheet program and save it as .xlsx or CSV UTF-8."),
    N_("Open it in Excel and save it as .xlsx or CSV UTF-8."),
    N_("Open it in LibreOffice and save it as .xlsx or CSV UTF-8."),
    N_("Open it in Numbers and export it as CSV (UTF-8) or Excel."),
    N_("Save its text as a .txt or .md file, or its table as CSV UTF-8."),
    N_("Save its text as a .txt or .md file."),
    N_("Unpack it and put the files themselves here."),
)  # fmt: skip
_LINES = re.compile(r" \(lines? (?P<listed>[\d, and]+?)(?: and (?P<more>\d+) more)?\)$")
_PLACE = re.compile(r"%\\\((\w+)\\\)s")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")


@dataclass(frozen=True, slots=True)
class ShownReport:
    """What was made of a file, in words: what it is, what was left out, what is doubtful, and why it cannot be used."""

    kind: str
    left_out: str
    doubts: tuple[str, ...]
    error: str


def shown(language: Language, report: FileReport) -> ShownReport:
    """Return a report in this language."""
    left_out = (
        language.gettext("%(count)s × %(reason)s", count=count, reason=_REASONS.get(reason, reason))
        for reason, count in report.left_out.items()
    )
    doubts = tuple(translated(language, doubt) for doubt in report.doubts)
    error = translated(language, report.error) if report.error else ""
    return ShownReport(_kind(language, report), ", ".join(left_out), doubts, error)


def _kind(language: Language, report: FileReport) -> str:
    if report.error and not report.products:
        return language.gettext("Can't be used")
    if report.kind == "text":
        return language.gettext("Text")
    count = partial(language.ngettext, "%(num)s product", "%(num)s products", report.products)
    parts = [count()]
    if report.variants:
        parts.append(language.ngettext("%(num)s variant", "%(num)s variants", report.variants))
    if report.kind not in ("table", "unknown"):
        parts.append(language.gettext("%(system)s export", system=report.kind))
    return ", ".join(parts)


def translated(language: Language, sentence: str) -> str:
    """Return a sentence of the readers in this language; one that is not known is returned as it is."""
    end = sentence[-1:] if sentence.endswith(".") else ""
    bare = sentence.removesuffix(".")
    lines = _LINES.search(bare)
    if lines is not None:
        return f"{translated(language, bare[: lines.start()])} ({_lines(language, lines)}){end}"
    for known in _SENTENCES:
        if bare.startswith(known.partition("%")[0].removesuffix(".")) and (found := _pattern(known).fullmatch(bare)):
            values = {name: _value(language, name, value) for name, value in found.groupdict().items()}
            sentence = language.gettext(known, **values).removesuffix(".")
            return sentence + end
    return sentence


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return what finds the values in a sentence; the module re keeps the last hundreds of patterns."""
    return re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(sentence.removesuffix("."))), re.DOTALL)


def _value(language: Language, name: str, text: str) -> Value:
    if name == "advice":
        return translated(language, f"{text}.").removesuffix(".")
    return int(text.replace(",", "")) if _NUMBER.fullmatch(text) and len(text) < 12 and name != "sku" else text


def _lines(language: Language, found: re.Match[str]) -> str:
    """Return the lines that a doubt is about."""
    numbers = [int(number) for number in re.findall(r"\d+", found["listed"])]
    listed = ", ".join(map(str, numbers))
    if found["more"]:
        return language.gettext("lines %(listed)s and %(more)s more", listed=listed, more=int(found["more"]))
    if len(numbers) == 1:
        return language.gettext("line %(line)s", line=numbers[0])
    return language.gettext("lines %(listed)s", listed=listed)


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """A product as one line of a table."""

    name: str
    sku: str
    price: str
    stock: str


def shown_product(language: Language, product: Product, currency: str) -> ShownProduct:
    """Return a product in this language; `currency` is the shop's own."""
    speaker = Speaker(language.code, language.find)
    prices = (product.price, *(one.price for one in product.variants))
    lowest = min((price for price in prices if price is not None), default=None)
    price = "" if lowest is None else speaker.money(lowest, product.currency or currency)
    return ShownProduct(product.name, product.sku, price, print_stock(product.stock, speaker))


def short(doubts: Sequence[str], most: int) -> tuple[tuple[str, ...], int]:
    """Return the first doubts, and how many more there are."""
    return tuple(doubts[:most]), max(0, len(doubts) - most)
