"""The items of an XML file come one at a time, with their lines and attributes."""

import io

from shop.readers.xml_items import Element, read_items


def test_items_have_paths_texts_attributes_and_lines() -> None:
    source = b'<rss>\n<item id="7">\n<g:price unit="BRL"> 5 </g:price><shipping><price>9</price></shipping></item>\n<item/></rss>'

    first, second = read_items(io.BytesIO(source))

    assert (first.line, first.attributes) == (2, {"id": "7"})
    assert first.elements == [
        Element("price", "5", {"unit": "BRL"}),
        Element("shipping/price", "9", {}),
        Element("shipping", "", {}),
    ]
    assert first.text("price") == "5"
    assert (second.line, second.text("price")) == (4, "")
