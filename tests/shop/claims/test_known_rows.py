"""Tests of the rows as answers are held against them."""

from shop.claims.known_rows import KnownRows
from shop.claims.policies import read_policies
from shop.products import Product, Text

HAMMOCK = Product("Rede Casal", sku="RED-012", url="https://shop.example/red")
CHAIR = Product("Cadeira Flora", sku="CAD-001", url="https://shop.example/cad")


def test_rows_named_before_are_only_named() -> None:
    policies = read_policies([Text("contact.md", "Write to ola@shop.example.")])

    known = KnownRows.of([HAMMOCK], policies, lambda sku: None, [HAMMOCK, CHAIR])

    assert [item.sku for item in known.names.items] == ["RED-012", "CAD-001"]
    assert known.contacts.emails == ("ola@shop.example",)
    assert known.contacts.addresses == ("https://shop.example/red",)
