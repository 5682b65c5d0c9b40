"""The catalogues in languages/: which sentences the code and the templates have, and whether each is translated.

    uv run just languages          # bring every catalogue up to date: new sentences in, those that are gone out
    uv run just languages de       # the same, and begin one for another language

Each catalogue then says in its own words what is still to be translated: entries with an empty msgstr.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

import server
from handlers.pages import setting_forms
from memory.i18n import UserError
from settings import ROOT

assert server, "imported, so that all errors a person may read are known"
LANGUAGES = ROOT / "languages"
CODE = ["server.py", "shop/**/*.py", "memory/**/*.py", "completions/**/*.py", "handlers/**/*.py"]
TEMPLATES = ["templates/**/*.html"]
_PLACE = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"</?\w+|\b\w[\w-]*=\"[^\"]*\"")


def errors() -> Iterator[str]:
    """Return the names of the errors whose first argument is a sentence for a person."""
    kinds = [UserError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        yield kind.__name__


def sentences() -> Catalog:
    """Return all sentences that a person may read, in English, with the files they stand in."""
    found = Catalog(charset="utf-8")
    keywords = {**DEFAULT_KEYWORDS, **dict.fromkeys(errors(), None)}
    options = {"newstyle_gettext": "on", "trimmed": "on", "trim_blocks": "on", "lstrip_blocks": "on", "silent": "off"}
    for patterns, method in ((CODE, "python"), (TEMPLATES, "jinja2.ext:babel_extract")):
        for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
            for _, sentence, _, context in extract_from_file(method, path, keywords, options=options):
                found.add(sentence, locations=[(str(path.relative_to(ROOT)), 1)], context=context)
    for (
        meaning
    ) in setting_forms.meanings().values():  # the settings page explains each key by its row of the documentation
        found.add(meaning, locations=[(str(setting_forms.DOCUMENT.relative_to(ROOT)), 1)])
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def places(text: str) -> set[str]:
    """Return the names of a sentence's places."""
    return set(_PLACE.findall(text))


def tags(text: str) -> list[str]:
    """Return the tags and attributes of a sentence that is HTML."""
    return sorted(_TAG.findall(text)) if "</" in text else []


def forms(message: Message) -> list[tuple[str, str]]:
    """Return each translated form of a sentence with the English one that it stands for."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string or ""))]
    return [(message.id[min(n, 1)], one or "") for n, one in enumerate(message.string or ())]


def update(path: Path, template: Catalog) -> int:
    """Bring a catalogue up to date, or begin it; return how many sentences are still to be translated."""
    before = read(path) if path.exists() else Catalog(locale=path.stem)
    kept = Catalog(
        locale=path.stem, header_comment=before.header_comment if path.exists() else f"# Storekeeper, {path.stem}",
        charset="utf-8", fuzzy=False, creation_date=before.creation_date, revision_date=before.creation_date,
        project="Storekeeper", version="1", msgid_bugs_address="-", last_translator="-", language_team="-",
    )  # fmt: skip
    for message in template:
        if message.id:
            known = before.get(message.id)
            kept.add(message.id, known.string if known else None, locations=message.locations)
    with path.open("wb") as file:
        write_po(file, kept, width=120, include_lineno=False, sort_output=False)
    return sum(not all(text for _, text in forms(message)) for message in kept if message.id)


def main(codes: list[str]) -> None:
    template = sentences()
    paths = {*LANGUAGES.glob("*.po"), *(LANGUAGES / f"{code}.po" for code in codes)}
    for path in sorted(paths):
        print(f"{path.relative_to(ROOT)}: {update(path, template)} of {len(template)} sentences to be translated")


if __name__ == "__main__":
    main(sys.argv[1:])
