"""JSON lines, and JSON lists: one object a product, read by the meaning of its keys."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from shop.readers import decode, recognise
from shop.readers.decode import UnusableFile
from shop.readers.reading import FileReading, Terms
from shop.readers.tables import MOST_CELL, MOST_ROWS, TableRow, too_many_rows

_MOST_KEYS = 500


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
    for begins, value in _values(lines):
        for one in value if isinstance(value, list) else [value]:
            line = max(begins, line + 1)  # products are told apart by their lines
            if not isinstance(one, dict):
                raise UnusableFile(
                    f'Line {line} is no JSON object. Write one object a line: {{"name": "...", "price": 12.5}}.'
                )
            count += 1
            if count > MOST_ROWS:
                raise too_many_rows()
            yield line, dict(flat(one))


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
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
        return lists[0] if lists else [value]
    return value if isinstance(value, list) else [value]


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
            case dict() if not above:
                yield from flat(one, f"{name} ")


def number_text(number: float) -> str:
    """Return a number so that it is read in one way only."""
    text = repr(number)
    return text + "0" if "e" not in text and len(text.partition(".")[2]) == 3 else text
