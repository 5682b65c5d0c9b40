"""The rows that answers are held against, read for it: by SKU and name, and with the contacts that stand in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shop.claims.known_contacts import KnownContacts
from shop.claims.policies import Policies
from shop.claims.subjects import Lookup, Names
from shop.products import Product


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Rows by SKU and name, and the contacts of the shop's texts with those of the rows' own pages."""

    names: Names
    contacts: KnownContacts

    @classmethod
    def of(cls, rows: Sequence[Product], policies: Policies, known: Lookup, previous: Sequence[Product] = ()) -> Self:
        """Read the rows. `known` finds one of the whole shop by its SKU; `previous` were named before, and are only named."""
        others = [row for row in previous if row not in rows]
        addresses = [row.url for row in rows if row.url]
        return cls(Names([*rows, *others], known), policies.contacts.and_of(addresses))
