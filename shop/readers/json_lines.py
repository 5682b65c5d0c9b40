"""JSON lines, and JSON lists: one object a product, read by the meaning of its keys."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

from shop.readers import decode, recognise
from shop.readers.decode import UnusableFile
from shop.readers.headers import header_score
from shop.readers.reading import FileReading, Terms
from shop.readers.tables import MOST_CELL, MOST_ROWS, TableRow, too_many_rows

_MOST_KEYS = 500
_SHORT = 200
_VARIANTS = ("variants", "variations", "skus", "variantes", "variacoes")
_OF_ARTICLES = frozenset(("name", "title", "sku", "price", "nome", "nombre", "preco", "precio"))
_NAMED = frozenset(("id", "name", "slug"))


def read_json_lines(file: BinaryIO, name: str, terms: Terms) -> FileReading:
    """Return the products of a file with one JSON object a line, or one list of objects; its text where it has none."""
    encoding = decode.encoding_of(file)
    with decode.open_text(file, encoding) as text:
        if reading := recognise.read_rows(_rows(list(_objects(text))), name, terms):
            return reading
        text.seek(0)
        return FileReading("text", text=decode.limited(text.read(decode.MOST_TEXT + 1)))


def _rows(objects: list[tuple[int, dict[str, str]]]) -> list[TableRow]:
    header = list(dict.fromkeys(key for _, values in objects for key in values))[:_MOST_KEYS]
    rows = (TableRow(line, [values.get(key, "") for key in header]) for line, values in objects)
    return [TableRow(0, header), *rows]


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    count = line = 0
    values = _values(lines)
    first = list(islice(values, 2))
    is_alone = len(first) == 1
    for begins, value in chain(first, values):
        for one in value if isinstance(value, list) else _listed(value) if is_alone else [value]:
            line = max(begins, line + 1)  # products are distinguished by their lines
            if not isinstance(one, dict):
                raise UnusableFile(
                    f'Line {line} is no JSON object. Write one object a line: {{"name": "...", "price": 12.5}}.'
                )
            for row in _rows_of(one, line):
                count += 1
                if count > MOST_ROWS:
                    raise too_many_rows()
                yield line, row


def _rows_of(one: dict[str, Any], line: int) -> Iterator[dict[str, str]]:
    """Return an object as a row; one with variants as a row each, which name what is chosen and belong together.

    What is long stands in the first of these rows only.
    """
    whole = dict(flat(one))
    variants = next(filter(None, (_objects_in(one.get(key)) for key in _VARIANTS)), [])
    if not variants:
        yield whole
        return
    short = {key: value for key, value in whole.items() if len(value) <= _SHORT}
    names = [str(option.get("name", "")) for option in _objects_in(one.get("options"))]
    for n, variant in enumerate(variants, 1):
        own = dict(flat(variant))
        title = next(filter(None, (own.pop(key, "") for key in ("title", "name"))), "")
        chosen = {f"option {k}": own.pop(f"option{k}", "") for k in (1, 2, 3)}
        row = (
            (whole if n == 1 else short)
            | {key: value for key, value in own.items() if value}
            | {"item group id": whole.get("id") or f"line {line}"}
        )
        for k, name in enumerate(names[:3], 1):
            if len(variants) > 1 and (value := chosen[f"option {k}"]):
                row |= {f"option {k} name": name, f"option {k} value": value}
        if len(variants) > 1 and "option 1 value" not in row:
            row["variant"] = title or own.get("sku") or str(n)
        yield row


def _objects_in(value: Any) -> list[dict[str, Any]]:
    """Return a list of objects, [] for what is none."""
    return value if isinstance(value, list) and all(isinstance(one, dict) for one in value) else []


def _values(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Return the values with their lines: one a line, or one that takes the whole file."""
    kept = list[str]()
    for n, line in enumerate(lines, 1):
        if not kept and not line.strip():
            continue
        if (not kept and n > 1) or (line.strip().endswith("}") and line.lstrip().startswith("{")):
            yield n, parse(line.strip(), n)
        else:
            kept = [line, *lines]
    if kept:
        for value in _whole("".join(kept)):
            yield 1, value


def _whole(text: str) -> list[Any]:
    value = parse(text, 1)
    return value if isinstance(value, list) else [value]


def _listed(value: Any) -> list[Any]:
    """Return the objects that a file's only object is there to hold, {"products": [...]}; else the object."""
    if not isinstance(value, dict) or any(key.lower() in _OF_ARTICLES for key in value):
        return [value]
    if header_score([key for key, one in value.items() if not _objects_in(one)]):
        return [value]
    return next(filter(None, map(_objects_in, value.values())), [value])


def parse(text: str, line: int) -> Any:
    """Return a JSON value. Raise UnusableFile with the line where it is none or is nested too deeply."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnusableFile(
            f"Line {line + error.lineno - 1} is not valid JSON ({error.msg}). Export the file again."
        ) from error
    except (RecursionError, ValueError) as error:
        raise UnusableFile(
            f"Line {line} cannot be read as JSON: it is nested too deeply or has a number without an end."
        ) from error


def flat(value: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Return an object's values as texts; those of an object in it under both names."""
    for key, one in value.items():
        name = f"{above}{key}"
        match one:
            case None:
                continue
            case bool():
                yield name, "yes" if one else "no"
            case int() | float():
                yield name, number_text(one)
            case str():
                yield name, one[:MOST_CELL]
            case list() if all(isinstance(part, str | int | float) for part in one):
                yield name, "; ".join(map(str, one))[:MOST_CELL]
            case list() if objects := _objects_in(one):
                yield name, _summary(objects)[:MOST_CELL]
            case dict() if not above:
                yield from flat(one, f"{name} ")


def _summary(objects: list[dict[str, Any]]) -> str:
    """Return the addresses of pictures, or the names of what is nothing but named; "" for other objects."""
    addresses = [one[key] for one in objects for key in ("src", "url") if isinstance(one.get(key), str)]
    if not addresses and all(set(one) <= _NAMED for one in objects):
        addresses = [str(one.get("name", "")) for one in objects]
    return "; ".join(filter(None, addresses))


def number_text(number: float) -> str:
    """Return a number so that it is read in one way only."""
    text = repr(number)
    return text + "0" if "e" not in text and len(text.partition(".")[2]) == 3 else text
