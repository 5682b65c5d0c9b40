"""The shop's products in one form, whatever file or system they come from. Pure.

Prices are integers in minor units of their currency (cents). A stock is a count, True or False where only "in stock" is
known, or None where nothing is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Stock = int | bool | None


@dataclass(frozen=True, slots=True)
class Option:
    """What a customer can choose, such as "Colour": ("natural", "blue"); `name` is "" where the file has none."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice of a product that is sold under a price, stock or SKU of its own; `choice` pairs option and value."""

    choice: tuple[tuple[str, str], ...]
    sku: str = ""
    price: int | None = None
    old_price: int | None = None
    stock: Stock = None
    image: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold: one product with its variants folded under it, and the file and line that say so.

    `currency` is an ISO 4217 code, "" for the shop's own. `old_price` is what the price is reduced from. `text` is the
    description without HTML.
    """

    name: str
    sku: str = ""
    category: str = ""
    brand: str = ""
    price: int | None = None
    currency: str = ""
    old_price: int | None = None
    stock: Stock = None
    options: tuple[Option, ...] = ()
    text: str = ""
    url: str = ""
    image: str = ""
    variants: tuple[Variant, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def source(self) -> str:
        """Where it stands: "products.csv:3"."""
        return f"{self.file}:{self.line}"

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of its options, and those that its variants name."""
        of_options = (value for option in self.options for value in option.values)
        return (*of_options, *(value for variant in self.variants for _, value in variant.choice))


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was made of one file of prompts/store/, for the owner.

    `kind` is a system's name ("Shopify"), "table", "text" or "unknown". `left_out` counts rows by reason. `error` says in
    plain words why the file cannot be used and what to do; None where it can.
    """

    file: str
    kind: str
    products: int = 0
    variants: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the shop (a policy, answers), as its owner wrote it; lines are counted from 1."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class StoreContents:
    """All that was read from prompts/store/, in the order of the files' names."""

    products: tuple[Product, ...]
    texts: tuple[Text, ...]
    reports: tuple[FileReport, ...]
