"""The report of what is read of prompts/store/, as lines for the owner or as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from shop.products import FileReport


def report_lines(reports: Sequence[FileReport]) -> Iterator[str]:
    """Return a line a file, and one more for each doubt and for what makes it unusable.

    A file's name may hold anything but "/" and NUL, and nothing in a line moves a terminal's cursor.
    """
    for report in reports:
        yield _plain(f"{report.file}: {report.kind}{_counts(report)}")
        yield from (_plain(f"  ? {doubt}") for doubt in report.doubts)
        if report.error:
            yield _plain(f"  ! {report.error}")


def _plain(line: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in line)


def report_json(reports: Sequence[FileReport]) -> str:
    """Return all reports as one list on one line."""
    return json.dumps([_object(report) for report in reports], ensure_ascii=False)


def _counts(report: FileReport) -> str:
    if report.kind in ("text", "unknown"):
        return ""
    parts = [_number(report.products, "product")]
    if report.variants:
        parts.append(_number(report.variants, "variant"))
    if report.left_out:
        reasons = ", ".join(f"{count} {reason}" for reason, count in report.left_out.items())
        parts.append(f"left out: {reasons}")
    return "; " + "; ".join(parts)


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _object(report: FileReport) -> dict[str, Any]:
    found = {
        "file": report.file,
        "kind": report.kind,
        "products": report.products,
        "variants": report.variants,
        "left_out": dict(report.left_out),
        "doubts": list(report.doubts),
    }
    return found | ({"error": report.error} if report.error else {})
