"""Any table with a name and a price: products by what its columns mean."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from shop.products import Option, Product, Stock, Variant
from shop.readers import words
from shop.readers.cells import count_of, first_address, is_no, is_yes, reason_hidden, stock_of, values_in
from shop.readers.columns import Columns, find_columns
from shop.readers.currencies import currency_code, currency_in
from shop.readers.dates import is_within
from shop.readers.families import fold_variants, named_values, options_of, summed
from shop.readers.folding import fold
from shop.readers.headers import OLD, PRICE, SALE, is_choice, meanings, option_name
from shop.readers.html import one_line, plain_text
from shop.readers.notes import EXPLANATION, HIDDEN, NAMELESS, Notes
from shop.readers.prices import Money, numbers_of
from shop.readers.reading import Terms
from shop.readers.tables import Table, TableRow

_MOST_ATTRIBUTE = 200
_MOST_ATTRIBUTES = 60
"""Letters of one, and columns of a table."""
_LEAST_EXPLANATION = 3
"""Cells that a row of explanations has at least."""
_SHARED = (
    "name",
    "category",
    "brand",
    "price",
    "sale",
    "old",
    "currency",
    "text",
    "url",
    "image",
    "published",
    "status",
    "parent",
)


def read_table(table: Table, file: str, terms: Terms, notes: Notes) -> list[Product] | None:
    """Return the products of a table; None where it is no table of products."""
    columns = find_columns(table.header, [row.cells for row in table.rows], terms.currency)
    if not columns.is_product_table:
        return None
    reader = TableReader(table, columns, file, terms, notes)
    return fold_variants(list(reader.products()), reader.parents, reader.chosen)


class TableReader:
    """Reads the rows of one table whose columns are known."""

    def __init__(self, table: Table, columns: Columns, file: str, terms: Terms, notes: Notes) -> None:
        self.table, self.columns, self.file, self.terms, self.notes = table, columns, file, terms, notes
        self.parents = dict[int, str]()  # by line
        self._at = columns.positions
        numbered = {
            *columns.prices,
            *(n for _, n in columns.sizes),
            *(self._at[kind] for kind in (SALE, OLD) if kind in self._at),
        }
        self._numbers = {n: numbers_of(_cell(row, n) for row in table.rows) for n in numbered}
        self._currency = columns.currency or next(filter(None, map(currency_in, table.above)), "")
        self._option_names = {n: option_name(columns.header[n]) for n in columns.options}
        self.chosen = {name for n, name in self._option_names.items() if is_choice(columns.header[n])}
        self._counts_stock = self._quantity_is_stock()
        self._others = self._attributes()
        self._articles = {self._get(row, "parent") for row in table.rows} - {""}
        if self._numbers[self._at[PRICE]].is_mixed:
            notes.doubt("Prices are written with a decimal point and with a decimal comma; each was read by itself")

    def products(self) -> Iterator[Product]:
        """Return one product a row; rows with a single text are headings, the category of what follows."""
        heading, last = self.table.sheet, None
        for row in self._below_explanations():
            if text := self._heading(row):
                heading = text
                continue
            if last and self._continues(row):
                row = self._filled(row, last)
            last = row
            if product := self._product(row, heading):
                yield product

    def _below_explanations(self) -> Iterator[TableRow]:
        """Yield the rows, without those right under the header that say what is to be written, or repeat it in words."""
        rows, begin = iter(self.table.rows), list[TableRow]()
        for row in rows:
            begin.append(row)
            if any(c.isdigit() for c in _cell(row, self._at[PRICE])):
                break
        last = max((n for n, row in enumerate(begin, 1) if self._explains(row)), default=0)
        if last:
            self.notes.leave_out(EXPLANATION, last)
        yield from begin[last:]
        yield from rows

    def _explains(self, row: TableRow) -> bool:
        """True if a row is nothing but words, also where others have a price, and they do not tell to ask for it."""
        filled = [cell for cell in row.cells if cell.strip()]
        cell = fold(_cell(row, self._at[PRICE]))
        if not cell or len(filled) < _LEAST_EXPLANATION or any(c.isdigit() for text in filled for c in text):
            return False
        return cell not in words.SOLD_OUT and not any(mark in cell for mark in words.ON_REQUEST)

    def _continues(self, row: TableRow) -> bool:
        """True if a row has no name of its own but one more choice of the article above it."""
        has_choice = any(_cell(row, n).strip() for n in (*self.columns.options, *(n for _, n in self.columns.pairs)))
        return has_choice and not self._get(row, "name").strip()

    def _filled(self, row: TableRow, above: TableRow) -> TableRow:
        """Return a row with what it leaves to the one above it: the name, and all that is the same for each choice."""
        wanted = {self._at[name] for name in _SHARED if name in self._at} | {n for n, _ in self.columns.pairs}
        cells = [
            cell if cell.strip() or n not in wanted else _cell(above, n)
            for n, cell in enumerate(row.cells + [""] * (len(self.columns.header) - len(row.cells)))
        ]
        return TableRow(row.line, cells)

    def _heading(self, row: TableRow) -> str:
        """Return the heading that a row is: its only text, or a name beside which all that has a meaning is blank."""
        filled = [cell.strip() for cell in row.cells if cell.strip()]
        known = [name for name in self._at if name not in ("name", "quantity") and self._get(row, name).strip()]
        known += [str(n) for n in (*self.columns.prices, *(n for _, n in self.columns.sizes)) if _cell(row, n).strip()]
        text = (
            filled[0] if len(filled) == 1 else "" if known or "category" in self._at else self._get(row, "name").strip()
        )
        is_heading = text and len(text) < 80 and not any(c.isdigit() for c in text)
        return one_line(text) if is_heading else ""

    def _product(self, row: TableRow, heading: str) -> Product | None:
        name = one_line(self._get(row, "name"))
        if reason := self._reason_left_out(row, name):
            self.notes.leave_out(reason)
            return None
        money, old, currency = self._price(row)
        if parent := self._get(row, "parent"):
            self.parents[row.line] = parent
        product = Product(
            name=name,
            sku=one_line(self._get(row, "sku")),
            category=self._category(row) or heading,
            brand=one_line(self._get(row, "brand")),
            price=money,
            currency=currency,
            old_price=old,
            stock=self._stock(row),
            options=tuple(self._options(row)),
            text=self._text(row, name),
            url=first_address(self._get(row, "url")),
            image=first_address(self._get(row, "image")),
            file=self.file,
            line=row.line,
        )
        if self.columns.sizes:
            return self._with_sizes(product, row)
        return self._with_stocks(product, row) if self.columns.stocks else product

    def _category(self, row: TableRow) -> str:
        levels = (one_line(_cell(row, n)) for n in self.columns.categories)
        return " > ".join(dict.fromkeys(filter(None, levels)))

    def _with_sizes(self, product: Product, row: TableRow) -> Product:
        """Return a product with a variant for each size that has a price."""
        prices = ((size, self._numbers[n].money(_cell(row, n), self.terms.currency)) for size, n in self.columns.sizes)
        variants = tuple(Variant((("", size),), price=money.amount, line=row.line) for size, money in prices if money)
        return replace(summed(product, variants), options=(*options_of(variants), *product.options))

    def _with_stocks(self, product: Product, row: TableRow) -> Product:
        """Return a product with a variant for each size that has a count."""
        counts = [(size, cell) for size, n in self.columns.stocks if (cell := _cell(row, n).strip())]
        variants = tuple(
            Variant(
                (("", size),), price=product.price, old_price=product.old_price, stock=count_of(cell), line=row.line
            )
            for size, cell in counts
        )
        return replace(summed(product, variants), options=(*options_of(variants), *product.options), sku=product.sku)

    def _reason_left_out(self, row: TableRow, name: str) -> str | None:
        if fold(name).split(" ")[0] in words.TOTALS and not self._get(row, "sku"):
            return "total"
        if not any(c.isalnum() for c in name):
            return NAMELESS
        if status := reason_hidden(self._get(row, "status")):
            return status
        published, hidden = self._get(row, "published"), self._get(row, "hidden")
        return HIDDEN if (published and is_no(published)) or (hidden and is_yes(hidden)) else None

    def _price(self, row: TableRow) -> tuple[int | None, int | None, str]:
        """Return price, old price and currency of a row."""
        stated = currency_code(self._get(row, "currency")) or self._currency
        counted = stated or self.terms.currency
        price = next(filter(None, (self._money(row, n, counted) for n in self.columns.prices)), None)
        sale, old = (self._money(row, self._at.get(kind), counted) for kind in (SALE, OLD))
        if is_no(self._get(row, "on sale")) or not is_within(
            self.terms.today, self._get(row, "sale begins"), self._get(row, "sale ends")
        ):
            sale = None
        if price is None and (sale or old):
            price, sale, old = (sale or old), None, old if sale else None
        if price is None:
            if not self.columns.sizes and self._get(row, "sku") not in self._articles:
                self.notes.doubt("No price", row.line)
            return None, None, stated
        if not price.is_certain:
            self.notes.doubt("The price has several numbers; the first one is used", row.line)
        now, before = reduced(price, sale, old)
        return now, before, price.currency or stated

    def _money(self, row: TableRow, n: int | None, currency: str) -> Money | None:
        return None if n is None else self._numbers[n].money(_cell(row, n), currency)

    def _stock(self, row: TableRow) -> Stock:
        n = self._at.get("stock", self._at.get("quantity") if self._counts_stock else None)
        if n is None:
            return None
        stock = stock_of(_cell(row, n))
        header = set(fold(self.columns.header[n]).split())
        if header & {"out", "sold", "esgotado", "agotado", "esaurito", "ausverkauft", "epuise"}:
            return None if stock is None else not stock
        return stock if not isinstance(stock, int) or isinstance(stock, bool) else self._counted(stock, row, n)

    def _counted(self, stock: int, row: TableRow, n: int) -> Stock:
        """Return a count; True or False where the column has nothing but 0 and 1 and asks whether, not how many."""
        asks = set(fold(self.columns.header[n]).split()) & {
            "is",
            "in",
            "available",
            "disponivel",
            "disponible",
            "disponibile",
        }
        return bool(stock) if asks and stock in (0, 1) and self._is_flag(n) else stock

    def _is_flag(self, n: int) -> bool:
        return all(_cell(row, n).strip().lower() in ("", "0", "1", "true", "false") for row in self.table.rows[:1000])

    def _quantity_is_stock(self) -> bool:
        """True if a bare "quantity" is what the shop has: filled in on most rows, and not the order form's."""
        n = self._at.get("quantity")
        if n is None or "stock" in self._at:
            return False
        headers = [set(fold(cell).split()) for cell in self.columns.header]
        if any(parts & (words.TOTALS | {"amount", "importe", "montant", "importo", "betrag"}) for parts in headers):
            return False
        above = fold(" ".join(self.table.above) + " " + self.table.sheet)
        if any(mark in above for mark in words.ORDER_FORM):
            return False
        counts = [_cell(row, n).strip() for row in self.table.rows]
        return sum(cell.isdigit() for cell in counts) * 2 > len(counts) and any(cell.strip("0") for cell in counts)

    def _options(self, row: TableRow) -> Iterator[Option]:
        said = set[str]()  # by an option that has a name
        for named, value in self.columns.pairs:
            if values := values_in(one_line(_cell(row, value))):
                chosen = one_line(_cell(row, named))
                self.chosen.add(chosen)
                said |= set(values)
                yield Option(chosen, values)
        for n, name in self._option_names.items():
            cell = one_line(_cell(row, n))
            if not name and (pairs := named_values(cell)):
                self.chosen |= {key for key, _ in pairs}
                yield from (Option(key, (value,)) for key, value in pairs)
            elif (values := values_in(cell)) and (name or not (set(values) <= said or fold(cell) in words.NO_CHOICE)):
                yield Option(name, values)

    def _attributes(self) -> tuple[int, ...]:
        """Return the columns that are neither known nor secret; what is in them may answer a question."""
        known = {*self._at.values(), *self.columns.options, *self.columns.secret, *self.columns.prices}
        headers = enumerate(self.columns.header)
        attributes = (n for n, cell in headers if n not in known and is_attribute(cell) and not self._is_flag(n))
        others = tuple(islice(attributes, _MOST_ATTRIBUTES))
        return (self._at["quantity"], *others) if self._quantity_is_size() else others

    def _quantity_is_size(self) -> bool:
        """True if a bare "quantity" is how much one article holds: "0.33" or "250 g", which no count is."""
        n = self._at.get("quantity")
        cells = [] if n is None or self._counts_stock else [_cell(row, n).strip() for row in self.table.rows]
        return sum(bool(cell) and not cell.isdigit() for cell in cells) * 2 > len(cells)

    def _text(self, row: TableRow, name: str) -> str:
        text = plain_text(self._get(row, "text"))
        pairs = ((self.columns.header[n], one_line(_cell(row, n))) for n in self._others)
        lines = [f"{header}: {value}" for header, value in pairs if value and is_told(value)]
        return "\n".join([text] * (bool(text) and text != name) + lines)

    def _get(self, row: TableRow, name: str) -> str:
        n = self._at.get(name)
        return "" if n is None else _cell(row, n)


def is_attribute(header: str) -> bool:
    """True if a column that has no meaning of its own may be shown to customers."""
    parts = set(fold(header).split())
    unsaid = words.NOT_OF_ARTICLES | words.INTERNAL | words.TOTALS | words.ABOUT_STOCK
    return bool(parts) and not parts & unsaid and not header.startswith("_") and not meanings(header)


def is_told(value: str) -> bool:
    """True if the value of such a column says something: no address, no switch of a program's."""
    is_switch = value.lower() in ("0", "1", "true", "false", "y", "n", "s")
    return len(value) <= _MOST_ATTRIBUTE and "://" not in value and not is_switch


def reduced(price: Money, sale: Money | None, old: Money | None) -> tuple[int, int | None]:
    """Return what is to be paid, and what that is reduced from."""
    if sale and sale.amount < price.amount:
        return sale.amount, price.amount
    return price.amount, old.amount if old and old.amount > price.amount else None


def _cell(row: TableRow, n: int) -> str:
    return row.cells[n] if n < len(row.cells) else ""
