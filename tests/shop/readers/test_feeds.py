"""XML files: feeds as RSS and Atom, and plain lists of products."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, read_files, report_of

ITEM = """<g:id>M-1</g:id><g:title><![CDATA[Mug & saucer]]></g:title><g:description>&lt;p&gt;Big&lt;/p&gt;</g:description>
<g:link>https://x.example/m</g:link><g:image_link>https://x.example/m.jpg</g:image_link><g:price>1.250,90 BRL</g:price>
<g:sale_price>999,90 BRL</g:sale_price><g:availability>in stock</g:availability><g:color>blue</g:color>
<g:shipping><g:price>12,00 BRL</g:price></g:shipping>"""
RSS = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item>{ITEM}</item></channel></rss>"""
ATOM = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>
<entry>{ITEM.replace("<g:link>https://x.example/m</g:link>", '<link rel="alternate" href="https://x.example/m"/>')}</entry></feed>"""


@pytest.mark.parametrize("feed", [RSS, ATOM], ids=["RSS", "Atom"])
def test_a_feed_is_read(tmp_path: Path, feed: str) -> None:
    (mug,) = products_of(tmp_path, "feed.xml", feed)

    assert (mug.sku, mug.name, mug.text, mug.url) == ("M-1", "Mug & saucer", "Big", "https://x.example/m")
    assert (mug.price, mug.old_price, mug.currency, mug.stock) == (99990, 125090, "BRL", True)
    assert (mug.image, mug.options, mug.line) == ("https://x.example/m.jpg", (Option("Color", ("blue",)),), 3)


def test_items_on_one_line_are_products_of_their_own(tmp_path: Path) -> None:
    feed = (
        "<rss><channel>"
        + "<item><id>{0}</id><title>Mug {0}</title><price>5</price></item>".format("A") * 2
        + "</channel></rss>"
    )

    assert [product.source for product in products_of(tmp_path, "feed.xml", feed)] == ["feed.xml:1", "feed.xml:2"]


def test_a_plain_list_is_read_by_its_elements(tmp_path: Path) -> None:
    feed = '<loja><produto id="7"><nome>Caneca</nome><preco>19,90</preco><estoque>3</estoque></produto></loja>'

    (mug,) = products_of(tmp_path, "lista.xml", feed)

    assert (mug.name, mug.price, mug.stock) == ("Caneca", 1990, 3)


def test_other_items_are_a_text(tmp_path: Path) -> None:
    feed = "<rss><channel><item><title>Open on Sunday</title><description>From 9</description></item></channel></rss>"

    assert [text.text for text in read_files(tmp_path, {"news.xml": feed}).texts] == [
        "title: Open on Sunday\ndescription: From 9"
    ]


@pytest.mark.parametrize(
    ("feed", "message"),
    [
        ('<!DOCTYPE r [<!ENTITY a "b">]><rss><item><title>&a;</title></item></rss>', "document type or entities"),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><title>&a;</title></item></rss>', "document type or entities"),
        ("<rss>\n<item><title>Mug</item></rss>", "Line 2 is not well-formed"),
        ("<rss><item>" + "<a>" * 5000, "nested more than"),
        ("<rss><item><title>" + "x" * 1_100_000, "more than 1,000,000 characters"),
        ("<rss></rss>", "no items"),
    ],
    ids=["entity", "external entity", "torn", "deep", "long", "empty"],
)  # fmt: skip
def test_hostile_and_torn_files_are_refused(tmp_path: Path, feed: str, message: str) -> None:
    assert message in (report_of(tmp_path, "feed.xml", feed).error or "")
