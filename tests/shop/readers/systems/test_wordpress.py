"""A WordPress export of a WooCommerce shop."""

from pathlib import Path

from shop.products import Option
from tests.support.store_files import products_of, read_files, report_of

HEAD = (
    '<?xml version="1.0"?>\n<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"><channel>\n'
)
TAIL = "</channel></rss>"


def item(number: int, kind: str, title: str, *, parent: int = 0, status: str = "publish", terms: str = "", text: str = "", **meta: str) -> str:  # fmt: skip
    metas = "".join(
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
        for key, value in meta.items()
    )
    return (
        f"<item><title>{title}</title><link>https://x.example/{number}</link><content:encoded><![CDATA[{text}]]></content:encoded>"
        f"<excerpt:encoded></excerpt:encoded><wp:post_id>{number}</wp:post_id><wp:status>{status}</wp:status>"
        f"<wp:post_parent>{parent}</wp:post_parent><wp:post_type>{kind}</wp:post_type>{terms}{metas}</item>\n"
    )


SIZES = (
    '<category domain="product_type" nicename="variable">variable</category><category domain="product_cat" nicename="c">Clothes</category>'
    '<category domain="pa_size" nicename="small">Small</category><category domain="pa_size" nicename="large">Large</category>'
)
SHIRT = item(1, "product", "Shirt", terms=SIZES, text="<p>Soft</p>", _sku="SH", _thumbnail_id="9")
SMALL = item(2, "product_variation", "Shirt - S", parent=1, _sku="SH-S", _regular_price="50", _sale_price="40", _manage_stock="yes", _stock="3", _stock_status="instock", attribute_pa_size="small")  # fmt: skip
PICTURE = "<item><wp:post_id>9</wp:post_id><wp:post_type>attachment</wp:post_type><wp:attachment_url>https://x/s.jpg</wp:attachment_url></item>"
HIDDEN = item(3, "product", "Secret", terms='<category domain="product_visibility" nicename="exclude-from-catalog">x</category>', _regular_price="9")  # fmt: skip
DRAFT = item(4, "product", "Draft", status="draft", _regular_price="9")


def test_products_variations_and_pictures_are_joined(tmp_path: Path) -> None:
    (shirt,) = products_of(tmp_path, "export.xml", HEAD + SHIRT + SMALL + PICTURE + TAIL)

    assert (shirt.name, shirt.sku, shirt.category, shirt.text, shirt.image) == (
        "Shirt",
        "SH",
        "Clothes",
        "Soft",
        "https://x/s.jpg",
    )
    assert (shirt.price, shirt.old_price, shirt.stock, shirt.line) == (4000, 5000, 3, 3)
    assert shirt.options == (Option("Size", ("Small", "Large")),)
    assert [(v.choice, v.sku) for v in shirt.variants] == [((("Size", "Small"),), "SH-S")]


def test_what_is_no_shown_product_is_left_out(tmp_path: Path) -> None:
    report = report_of(tmp_path, "export.xml", HEAD + SHIRT + SMALL + HIDDEN + DRAFT + PICTURE + TAIL)

    assert (report.kind, report.products) == ("WordPress", 1)
    assert report.left_out == {"not a product": 1, "hidden": 1, "draft": 1}


def test_an_export_of_pages_is_a_text(tmp_path: Path) -> None:
    page = item(7, "page", "Returns", text="<p>Within 30 days.</p>") + item(
        8, "page", "Secret", status="draft", text="no"
    )

    contents = read_files(tmp_path, {"pages.xml": HEAD + page + TAIL})

    assert [text.text for text in contents.texts] == ["# Returns\n\nWithin 30 days."]
