"""Tables of reports, on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""A table's head and its rows."""
_NAME_CHARS = 40


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print one table: the first column to the left, and whole unless that leaves no room; the others to the right."""
    widest = max((len(row[0]) for row in rows), default=0)
    table = Table(pad_edge=False)
    for n, name in enumerate(head):
        table.add_column(
            name, justify="left" if n == 0 else "right", overflow="fold", no_wrap=n == 0 and widest <= _NAME_CHARS
        )
    for row in rows:
        table.add_row(*row)
    console.print(title, style="italic", highlight=False)
    console.print(table)
