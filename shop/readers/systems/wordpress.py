"""WordPress exports (WXR) of a WooCommerce shop: products, variations and pictures are all items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shop.products import Option, Product, Stock, Variant
from shop.readers.cells import count_of
from shop.readers.decode import limited
from shop.readers.families import options_of, summed
from shop.readers.html import one_line, plain_text
from shop.readers.notes import DRAFT, HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price
from shop.readers.systems.woocommerce import NO_PRICE, text_of
from shop.readers.xml_items import Item

KIND = "WordPress"
_SPAN = ("sale begins", "sale ends")
_META = {
    "_sku": "sku", "_regular_price": "regular", "_sale_price": "sale", "_price": "price", "_stock": "stock", "_stock_status": "state",
    "_manage_stock": "counts", "_sale_price_dates_from": "sale begins", "_sale_price_dates_to": "sale ends",
    "_thumbnail_id": "thumbnail",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """One product or variation: its fields, its terms by taxonomy (slug and name), and what a variation is the choice of."""

    record: ExportRow
    terms: Mapping[str, tuple[tuple[str, str], ...]]
    choice: Mapping[str, str]
    labels: Mapping[str, str]


def read(items: Iterable[Item], file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the published products of an export with their variations."""
    pictures, posts, pages, others = dict[str, str](), list[Post](), list[str](), 0
    for item in items:
        kind = item.text("post_type")
        if kind == "attachment":
            pictures[item.text("post_id")] = item.text("attachment_url")
        if kind in ("product", "product_variation"):
            posts.append(_post(item))
        else:
            others += 1
            if kind in ("page", "post") and item.text("status") == "publish" and not item.text("post_password"):
                pages.append(f"# {one_line(item.text('title'))}\n\n{plain_text(item.text('encoded'))}")
    if not any(post.record.get("type") == "product" for post in posts):
        return FileReading("text", text=limited("\n\n".join(pages)))
    notes.left_out.update({"not a product": others} if others else {})
    prices = PricesOf([post.record for post in posts], ("regular", "sale", "price"), terms.currency)
    variations = dict[str, list[Post]]()
    for post in posts:
        if post.record.get("type") == "product_variation":
            variations.setdefault(post.record.get("parent"), []).append(post)
    reader = PostReader(prices, pictures, terms, notes, file)
    products = [
        product
        for post in posts
        if post.record.get("type") == "product"
        and (product := reader.product(post, variations.get(post.record.get("id"), [])))
    ]
    return reading_of(KIND, products, notes)


class PostReader:
    """Makes products of posts; what all of them share is handed in once."""

    def __init__(self, prices: PricesOf, pictures: Mapping[str, str], terms: Terms, notes: Notes, file: str) -> None:
        self._prices, self._pictures, self._terms, self._notes, self._file = prices, pictures, terms, notes, file

    def product(self, post: Post, variations: list[Post]) -> Product | None:
        """Return a product, None where it is not shown to customers."""
        record = post.record
        if reason := _reason_left_out(post):
            self._notes.leave_out(reason)
            return None
        shown = [variation for variation in variations if variation.record.get("status") == "publish"]
        variants = tuple(self._variant(variation, post) for variation in shown)
        price, old = self._price(record)
        options = _options(post, variants)
        product = Product(
            name=one_line(record.get("title")),
            sku=record.get("sku"),
            category=", ".join(name for _, name in post.terms.get("product_cat", ())),
            brand=", ".join(name for _, name in post.terms.get("product_brand", ())),
            price=price,
            old_price=old,
            stock=_stock(record),
            options=options,
            text=text_of(record.get("short"), record.get("text")),
            url=record.get("link"),
            image=self._pictures.get(record.get("thumbnail"), ""),
            file=self._file,
            line=record.line,
        )
        if variants:
            return replace(summed(product, variants), options=options)
        if price is None:
            kinds = [slug for slug, _ in post.terms.get("product_type", ())]
            self._notes.doubt(next((NO_PRICE[kind] for kind in kinds if kind in NO_PRICE), "No price"), record.line)
        return product

    def _price(self, record: ExportRow) -> tuple[int | None, int | None]:
        price, old = self._prices.reduced(record, "regular", "sale", _SPAN, self._terms.today)
        if price is None and (own := self._prices.money(record, "price")):
            return own.amount, None
        return price, old

    def _variant(self, variation: Post, parent: Post) -> Variant:
        price, old = self._price(variation.record)
        doubt_without_price(price, variation.record.line, self._notes)
        return Variant(
            choice=tuple(
                (_label(key, parent), _name(key, value, parent)) for key, value in variation.choice.items() if value
            ),
            sku=variation.record.get("sku"),
            price=price,
            old_price=old,
            stock=_stock(variation.record),
            image=self._pictures.get(variation.record.get("thumbnail"), ""),
            line=variation.record.line,
        )


def _post(item: Item) -> Post:
    values = {
        "id": item.text("post_id"), "type": item.text("post_type"), "parent": item.text("post_parent"), "status": item.text("status"),
        "title": item.text("title"), "link": item.text("link"), "password": item.text("post_password"),
    }  # fmt: skip
    texts = [element.text for element in item.elements if element.path == "encoded"]
    values["text"], values["short"] = [*texts, "", ""][:2]
    taxonomies = dict[str, list[tuple[str, str]]]()
    choice, labels, key = dict[str, str](), dict[str, str](), ""
    for element in item.elements:
        if element.path == "category":
            slug = element.attributes.get("nicename", "")
            taxonomies.setdefault(element.attributes.get("domain", ""), []).append((slug, one_line(element.text)))
        elif element.path == "postmeta/meta_key":
            key = element.text
        elif element.path == "postmeta/meta_value":
            if key in _META:
                values.setdefault(_META[key], element.text)
            elif key.startswith("attribute_"):
                choice[key.removeprefix("attribute_")] = element.text
            elif key == "_product_attributes":
                labels = _serialised_names(element.text)
    return Post(
        ExportRow(item.line, {name: value for name, value in values.items() if value}),
        {domain: tuple(terms) for domain, terms in taxonomies.items()},
        choice,
        labels,
    )


def _serialised_names(serialised: str) -> dict[str, str]:
    """Return the attributes of a product with their lists of values: 's:4:"name";s:5:"Width";s:5:"value";s:7:"10 | 20"'."""
    found = dict[str, str]()
    parts = serialised.split('"')
    for n in range(1, len(parts) - 6, 2):
        if parts[n] == "name" and parts[n + 4] == "value":
            found[parts[n + 2]] = parts[n + 6]
    return found


def _reason_left_out(post: Post) -> str | None:
    record = post.record
    if record.get("status") != "publish":
        return {"draft": DRAFT, "pending": DRAFT, "future": DRAFT, "auto-draft": DRAFT}.get(
            record.get("status"), HIDDEN
        )
    slugs = {slug for slug, _ in post.terms.get("product_visibility", ())}
    if "exclude-from-catalog" in slugs or record.get("password"):
        return HIDDEN
    return None if record.get("title") else NAMELESS


def _options(post: Post, variants: tuple[Variant, ...]) -> tuple[Option, ...]:
    taxonomies = [domain for domain in post.terms if domain.startswith("pa_")]
    own = [Option(_label(domain, post), tuple(name for _, name in post.terms[domain])) for domain in taxonomies]
    own += [
        Option(name, tuple(part.strip() for part in value.split("|") if part.strip()))
        for name, value in post.labels.items()
        if not name.startswith("pa_") and value.strip()
    ]
    named = {option.name for option in own}
    return tuple(own) + tuple(option for option in options_of(variants) if option.name not in named)


def _label(key: str, post: Post) -> str:
    """Return an attribute's name as a customer reads it; a slug of the shop's own attributes has that of the label."""
    plain = key.removeprefix("pa_").replace("-", " ").replace("_", " ")
    return next((name for name in post.labels if name.lower() == plain.lower()), plain.capitalize())


def _name(key: str, slug: str, parent: Post) -> str:
    """Return a choice's name; variations keep the slug of a term of their product."""
    return next((name for term, name in parent.terms.get(key, ()) if term == slug), plain_text(slug))


def _stock(record: ExportRow) -> Stock:
    count = count_of(record.get("stock")) if record.get("counts") == "yes" else None
    state = record.get("state")
    if state == "outofstock":
        return 0 if count is not None else False
    return count if count else (True if state in ("instock", "onbackorder") else count)
