"""What a search finds: rows of products and passages of texts, as plain values."""

from dataclasses import dataclass

from shop.products import Product, Variant
from shop.search.queries import Query


@dataclass(frozen=True, slots=True)
class Hit:
    """One product that was found; `variant` is the one choice of it that was asked for, `reason` says why it was found."""

    product: Product
    variant: Variant | None
    reason: str
    score: float
    is_called: bool = False
    """True if the question calls it what its name calls it."""


@dataclass(frozen=True, slots=True)
class TextHit:
    """One passage of the shop's texts: its file, line from 1, the headings above it, what it says."""

    file: str
    line: int
    section: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found, best first.

    `coverage` is the share of the weight of the question's words that the best row has, from 0 to 1. Words that the
    catalogue does not know count in full against it, which shows "not sold here".
    """

    query: Query
    hits: tuple[Hit, ...]
    texts: tuple[TextHit, ...]
    coverage: float
    is_nearest: bool = False
    """True where nothing has the price asked for: the hits are those whose prices come nearest."""
    things: int = 1
    """How many things the question names: as many hits are the best of each, in this order."""
    parts: tuple["Found", ...] = ()
    """Where a message asks for goods and for a rule of the shop: what each part found, to be answered one after the other."""
