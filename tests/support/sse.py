"""Server-sent events as a browser reads them, byte for byte, and what htmx makes of them: a page of elements, without a browser.

The reader follows the HTML standard (9.2.6) and is strict where a browser is forgiving: what it does not know, it refuses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser


@dataclass(frozen=True, slots=True)
class Event:
    """One event that a browser dispatches. An unnamed one has the name "message"."""

    name: str
    data: str
    id: str


def events(stream: bytes) -> list[Event]:
    """Return the events of a whole stream. AssertionError for what no stream of ours may hold."""
    text = stream.decode()  # a stream that is not UTF-8 is an error, not U+FFFD
    assert "\r" not in text, "a CR ends a line for a browser"
    assert not text or text.endswith("\n\n"), f"the last event is cut off: {text[-40:]!r}"
    found, name, data, last_id = list[Event](), "", list[str](), ""
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        match key:
            case "" if not colon:
                if data:
                    found.append(Event(name or "message", "\n".join(data), last_id))
                name, data = "", []
            case "":
                pass  # a comment
            case "data":
                data.append(value)
            case "event":
                name = value
            case "id":
                assert value.isdigit(), f"an id that is no number: {value!r}"
                last_id = value
            case "retry":
                assert value.isdigit(), f"a retry that is no number: {value!r}"
            case _:
                raise AssertionError(f"no field of an event: {line!r}")
    return found


@dataclass(eq=False)
class Element:
    """An element of a page: its children are elements and texts."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def __iter__(self) -> Iterator["Element"]:
        """Return this element and all below it, in the page's order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def blocks(self) -> list["Element"]:
        return [child for child in self.children if isinstance(child, Element)]

    def find(self, identity: str) -> "Element | None":
        """Return the element of this id. AssertionError when there are two."""
        found = [element for element in self if element.attributes.get("id") == identity]
        assert len(found) < 2, f"two elements are called {identity}"
        return found[0] if found else None

    def by_class(self, name: str) -> list["Element"]:
        return [element for element in self if name in (element.attributes.get("class") or "").split()]

    def by_tag(self, tag: str) -> list["Element"]:
        return [element for element in self if element.tag == tag]

    def print(self, *, without: tuple[str, ...] = ()) -> str:
        """Return it as HTML, without some of the attributes."""
        attributes = "".join(
            f' {name}="{escape(value or "")}"' for name, value in self.attributes.items() if name not in without
        )
        inner = "".join(escape(c) if isinstance(c, str) else c.print(without=without) for c in self.children)
        return f"<{self.tag}{attributes}>{inner}</{self.tag}>"


_VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect", "col", "source", "use", "wbr"}


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute stands twice: {attrs}"
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self._open[-1].tag == tag, f"</{tag}> where <{self._open[-1].tag}> is open"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")


def parse(html: str) -> Element:
    """Read HTML as it is written here: every element closed. AssertionError for anything else."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    left_open = [element.tag for element in builder._open[1:]]
    assert not left_open, f"left open: {left_open}"
    return builder.root


class Screen:
    """A page to which htmx applies what streams and answers send: the partials of each, by their targets."""

    def __init__(self, html: str) -> None:
        self.page = parse(html)

    def show(self, event: Event) -> None:
        """Apply an event. AssertionError for one that holds something outside its partials, or has no target here."""
        if event.name in ("here", "thinking"):
            return
        if event.name == "grow":
            self.grow(event.data)
            return
        for part in parse(event.data).children:
            if isinstance(part, str):
                assert not part.strip(), f"text beside the partials: {part!r}"
                continue
            assert part.tag == "hx-partial", f"an element beside the partials: {part.tag}"
            self.apply(part)

    def grow(self, data: str) -> None:
        """Apply what static/chat.js applies. AssertionError where there is no open block, or not this deep."""
        found = re.fullmatch(r"(\d+)([+=]|-\d+ )(\d*):(.*)", data, re.S)
        assert found is not None, data
        (tail,) = (element for element in self.page if element.attributes.get("class") == "tail")
        place = tail
        for _ in range(int(found[1])):
            place = place.blocks[-1]
        added = parse(found[4]).children
        if found[2].startswith("-"):
            words = ""
            while place.children and isinstance(place.children[-1], str):
                words = str(place.children.pop()) + words
            units = words.encode("utf-16-le")
            assert len(units) >= 2 * int(found[2][1:]), (words, data)
            added = [units[: len(units) - 2 * int(found[2][1:])].decode("utf-16-le"), *added]
        place.children = added if found[2] == "=" else [*place.children, *added]
        for block in tail.blocks[: int(found[3] or 0)]:
            tail.children.remove(block)
            parent = next(one for one in self.page if any(child is tail for child in one.children))
            parent.children.insert(parent.children.index(tail), block)

    def apply(self, partial: Element) -> None:
        target, swap = partial.attributes["hx-target"] or "", partial.attributes["hx-swap"]
        assert re.fullmatch(r"#[a-z0-9-]+", target), target
        element = self.page.find(target[1:])
        if swap == "delete" and element is None:
            return  # there is nothing to delete
        assert element is not None, f"nothing is called {target}"
        match swap:
            case "innerMorph" | "innerHTML":
                element.children = partial.children
            case "outerMorph" | "outerHTML":
                self._replace(element, partial.children)
            case "beforeend":
                element.children = [*element.children, *partial.children]
            case "delete":
                self._replace(element, [])
            case _:
                raise AssertionError(f"no swap that is used here: {swap}")

    def _replace(self, element: Element, by: list[Element | str]) -> None:
        parent = next(one for one in self.page if any(child is element for child in one.children))
        place = next(n for n, child in enumerate(parent.children) if child is element)
        parent.children[place : place + 1] = by
