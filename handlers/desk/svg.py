"""SVG pictures of strangers' making, reduced to shapes: what else an SVG may hold is left out, or the picture refused.

By a list of what is allowed: elements, attributes, and of their values only references inside the same file. Scripts, events,
links, foreign content, animations and entities are on no list.
"""

import re
import xml.etree.ElementTree as ElementTree  # nosec B405  (defusedxml parses; this writes)
from collections.abc import Iterator

from defusedxml.ElementTree import fromstring

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
MOST_ELEMENTS = 5_000
MOST_DEPTH = 50
_WRITTEN = frozenset("title desc text tspan".split())
_ELEMENTS = _WRITTEN | frozenset(
    """svg g defs path rect circle ellipse line polyline polygon linearGradient radialGradient stop clipPath mask use""".split()
)
_NEEDED = frozenset(["style", "image"])
"""What a picture would look otherwise without; one that has it is refused."""
_PRESENTATION = frozenset(
    """fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-dasharray stroke-dashoffset opacity stop-color stop-opacity color display visibility clip-path clip-rule mask
    font-family font-size font-weight font-style text-anchor letter-spacing dominant-baseline""".split()
)
"""What may be written as an attribute, or in the attribute "style"."""
_ATTRIBUTES = _PRESENTATION | frozenset(
    """id x y width height viewBox preserveAspectRatio d points cx cy r rx ry x1 x2 y1 y2 dx dy fx fy transform offset
    gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits textLength lengthAdjust""".split()
)
_REFERENCE = re.compile(r"#[\w.:-]+")
_OTHER_URL = re.compile(r"""url\(\s*(?!['"]?#[\w.:-]+['"]?\s*\))|\\""", re.I)
"""A reference to elsewhere, or what could be one in another spelling."""


class NotADrawing(ValueError):
    """No SVG picture, or one that cannot be reduced to shapes; str() says which."""


def sanitised(data: bytes) -> bytes:
    """Return the picture with nothing but shapes. NotADrawing for what is none, xml's own errors for what is no XML."""
    root = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    if root.tag != f"{{{SVG}}}svg":
        raise NotADrawing("no SVG")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise NotADrawing("too many elements")
    kept = _kept(root, 0, is_named=False)
    if kept is None or not ("viewBox" in kept.attrib or {"width", "height"} <= kept.attrib.keys()):
        raise NotADrawing("no size")
    kept.set("xmlns", SVG)
    written: bytes = ElementTree.tostring(kept, encoding="utf-8")
    return written


def _kept(element: ElementTree.Element, depth: int, *, is_named: bool) -> ElementTree.Element | None:
    """Return the element as a new one with what is allowed, None for one that is not.

    `is_named`: something around it can be shown again by a `use`; one inside of it could multiply without end.
    """
    if depth > MOST_DEPTH:
        raise NotADrawing("too deep")
    namespace, _, name = str(element.tag).rpartition("}")
    if namespace != f"{{{SVG}":
        return None
    if name in _NEEDED:
        raise NotADrawing(name)
    if name not in _ELEMENTS or (name == "use" and is_named):
        return None
    kept = ElementTree.Element(name, dict(_attributes(element)))
    kept.text = element.text if name in _WRITTEN else None
    for child in element:
        inner = _kept(child, depth + 1, is_named=is_named or (depth > 0 and "id" in kept.attrib))
        if inner is not None:
            inner.tail = child.tail if name in _WRITTEN else None
            kept.append(inner)
    return kept


def _attributes(element: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Return the attributes that are allowed; those of "style" as attributes of their own, which come last."""
    for name, value in element.attrib.items():
        if name in ("href", f"{{{XLINK}}}href"):
            if _REFERENCE.fullmatch(value):
                yield "href", value
        elif name in _ATTRIBUTES and not _OTHER_URL.search(value):
            yield name, value
    for declared in element.get("style", "").split(";"):
        name, _, value = (part.strip() for part in declared.partition(":"))
        if name in _PRESENTATION and value and not _OTHER_URL.search(value):
            yield name, value.removesuffix("!important").strip()
