"""Model text without its Markdown: the words as a person reads them, a line a block. Pure."""

import re

from handlers.pages.markdown import parser

_MARKS = re.compile(r"[*_~`#|>\[\]\\&]|^ *(?:[-+]|\d+[.)]) |^ *(?:=+|-+) *$", re.M)
"""What makes anything else of a text than its words."""
_DEEP = re.compile(r"^[ \t>*+\-0-9.)]{13}", re.M)
"""The beginning of a line that may stand in many quotations and lists: such a text takes long to be parsed, and stays as it is."""
_NEW_LINE = {"Paragraph", "Item", "CodeBlock", "TableHead", "TableRow", "BlockQuote", "HtmlBlock"}
_CELL = " · "


def plain_text(text: str) -> str:
    """Return the words of a reply: no marks, a table's cells side by side, each block on a line of its own."""
    if not _MARKS.search(text) or _DEEP.search(text):
        return text
    parts = list[str]()
    for event in parser.events(text):
        match event:
            case "SoftBreak" | "HardBreak" | "Rule":
                parts.append("\n")
            case {"Text": str(words)} | {"Code": str(words)} | {"InlineHtml": str(words)} | {"Html": str(words)}:
                parts.append(words)
            case {"End": "TableCell"}:
                parts.append(_CELL)
            case {"End": str(ended)} if ended in _NEW_LINE:
                parts.append("\n")
            case {"End": {"Heading": _}} | {"End": {"CodeBlock": _}} | {"End": {"BlockQuote": _}}:
                parts.append("\n")
    lines = (line.strip().removesuffix(_CELL.rstrip()).rstrip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
