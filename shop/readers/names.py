"""What a file of the shop may be called: which suffixes are read, and what to do with a file of another kind.

The readers themselves take a while to import; this does not.
"""

TEXTS = (".md", ".txt", ".markdown", ".text", ".rst")
PAGES = (".html", ".htm")
TABLES = (".csv", ".tsv", ".tab")
NEW_WORKBOOKS = (".xlsx", ".xlsm")
FEEDS = (".xml", ".rss", ".atom")
OBJECTS = (".jsonl", ".ndjson", ".json")
TEXT_SUFFIXES = (*TEXTS, *PAGES)
"""Of files that are texts, whatever is in them."""
SUFFIXES = frozenset((*TEXT_SUFFIXES, *TABLES, *NEW_WORKBOOKS, *FEEDS, *OBJECTS, ".xls"))
"""Of files that can be read; one called .xls where it is a table or a new workbook after all."""
SAVE_AS = {
    ".xls": "Open it in a spreadsheet program and save it as .xlsx or CSV UTF-8.",
    ".xlsb": "Open it in Excel and save it as .xlsx or CSV UTF-8.",
    ".ods": "Open it in LibreOffice and save it as .xlsx or CSV UTF-8.",
    ".numbers": "Open it in Numbers and export it as CSV (UTF-8) or Excel.",
    ".pdf": "Save its text as a .txt or .md file, or its table as CSV UTF-8.",
    ".docx": "Save its text as a .txt or .md file, or its table as CSV UTF-8.",
    ".doc": "Save its text as a .txt or .md file, or its table as CSV UTF-8.",
    ".odt": "Save its text as a .txt or .md file, or its table as CSV UTF-8.",
    ".rtf": "Save its text as a .txt or .md file.",
    ".zip": "Unpack it and put the files themselves here.",
    ".gz": "Unpack it and put the files themselves here.",
}
"""What to do with files that are not read."""
_IGNORED = ("~$", ".", "Thumbs.db", "desktop.ini")
_BACKUPS = frozenset("bak swp tmp part crdownload".split())
"""Suffixes of what is no file of the owner's yet, or no longer."""


def is_own(name: str) -> bool:
    """True if a file of this name is the owner's: not hidden, no backup, and none of another program's."""
    is_kept = not name.startswith(_IGNORED) and not name.endswith("~")
    return is_kept and name.rpartition(".")[2].lower() not in _BACKUPS
