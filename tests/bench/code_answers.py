"""What is answered without a model: our own questions, those of a directory of exports, and the first one on a fresh machine."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from settings import ROOT
from shop.readers.store import read_store
from shop.search.index import Index, build
from tests.bench.figures import Bar, Section, at_least, at_most
from tests.support import asked
from tests.support.asked import Judged

RIGHT, WRONG, SOLD, TEXTS, EXPORTS = 85, 4, 3, 95, 80
"""Percent: right at least, wrong at most, of what is not sold answered with a product at most, right lines, of exports."""


def own() -> Section:
    """Return the section of our own questions over the demonstration shop and those of the tests."""
    questions = asked.read_questions()
    with tempfile.TemporaryDirectory() as place:
        indexes = {
            shop: asked.index_of_shop(shop, _made(Path(place) / shop)) for shop in {one["shop"] for one in questions}
        }
        judged = list(asked.judged(indexes, questions))
    absent = [one for one in judged if one.question["kind"] == "none"]
    texts = [one for one in judged if "text" in one.question["truth"] and "products" not in one.question["truth"]]
    bars = [
        at_least("without a model: right", RIGHT, _share(judged, "right"), " %", 0),
        at_most("without a model: wrong", WRONG, _share(judged, "wrong"), " %", 0),
        at_most("not sold here, answered with a product", SOLD, 100 * sum(bool(one.answer.products) for one in absent) / len(absent), " %", 0),
        at_least("the right line of the texts", TEXTS, _share(texts, "right"), " %", 0),
    ]  # fmt: skip
    return Section("What code answers without a model", _HEAD, list(_rows(judged)), _NOTE, bars)


_HEAD = ("shop", "language", "questions", "right", "wrong", "found nothing")
_NOTE = "Our own questions, of which the rules were made: those of others are answered less well (docs/shop-data.md)."


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _share(judged: Sequence[Judged], verdict: str) -> float:
    return 100 * sum(one.verdict == verdict for one in judged) / len(judged)


def _rows(judged: Sequence[Judged]) -> Iterator[tuple[str, ...]]:
    groups: dict[tuple[str, str], Counter[str]] = {}
    for one in judged:
        groups.setdefault((one.question["shop"], one.question["lang"]), Counter())[one.verdict] += 1
    for (shop, language), counts in sorted(groups.items()):
        yield shop, language, str(counts.total()), *(str(counts[one]) for one in ("right", "wrong", "silent"))


# Exports of shop systems: a directory with the files, expected.json and questions.jsonl


def exports(folder: Path) -> list[Section]:
    """Return the section of what is made of each file, and of what is answered over it."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    questions = asked.read_questions(folder / "questions.jsonl")
    rows, right, as_expected = list[tuple[str, ...]](), 0, 0
    for name in sorted(expected):
        count, met = _answered(folder, name, [one for one in questions if one["file"] == name])
        is_expected = count in expected[name]["acceptable_products"]
        as_expected, right = as_expected + is_expected, right + met.total()
        wanted = " or ".join(map(str, expected[name]["acceptable_products"]))
        rows.append((name, f"{count} ({wanted})", str(met.total()), str(sum(one["file"] == name for one in questions))))
    bars = [
        Bar("exports: files with the products expected", f"{len(expected)}", f"{as_expected}", as_expected == len(expected)),
        at_least("exports: questions right without a key", EXPORTS, 100 * right / len(questions), " %", 0),
    ]  # fmt: skip
    return [Section("Exports of shop systems", ("file", "products", "right", "questions"), rows, "", bars)]


def _answered(folder: Path, name: str, questions: Sequence[dict[str, Any]]) -> tuple[int, Counter[str]]:
    """Return the products of a file, and its questions that are answered right, with the files that it needs."""
    met = Counter[str]()
    files = {name, *(file for one in questions for file in one["truth"].get("needs", ()))}
    with tempfile.TemporaryDirectory() as place:
        store = _made(Path(place) / "store")
        for file in files:
            (store / file).symlink_to(folder / file)
        contents = read_store(store)
        target = Path(place) / "catalogue.sqlite"
        build(contents, target)
        index = Index.open(target)
        for one in questions:
            said = asked.answered(index, {"shop": name, "lang": one["lang"], "question": one["question"]}).text.lower()
            met[one["question"]] += _is_right(said, one["truth"])
    return sum(product.file == name for product in contents.products), met


def _is_right(said: str, truth: dict[str, Any]) -> bool:
    wanted = ([one] if isinstance(one, str) else one for one in truth["must"])
    has = all(any(writing.lower() in said for writing in writings) for writings in wanted)
    return has and not any(one.lower() in said for one in truth["must_not"])


# A fresh machine


def fresh() -> Section:
    """Return the section of what an installation takes, and how soon it answers: a process that has no index yet."""
    packages = _installed()
    size = sum(_size(one) for one in packages) / 1e6
    with tempfile.TemporaryDirectory() as place:
        environ = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        began = time.monotonic()
        command = [sys.executable, "server.py", "ask", "How much is the travel hammock?", "--json"]
        done = subprocess.run(
            command, capture_output=True, cwd=ROOT, env=environ | {"TMPDIR": place}, text=True, timeout=120
        )
        seconds = time.monotonic() - began
    is_right = "149.00" in done.stdout
    bars = [
        at_most("packages of a fresh installation", 60, len(packages), digits=0),
        at_most("size of its packages", 170, size, " MB", 0),
        Bar("time to the first right answer", "at most 8 s", f"{seconds:.1f} s" if is_right else "none", is_right and seconds <= 8),
    ]  # fmt: skip
    rows = [(bar.name, bar.measured) for bar in bars]
    return Section("A fresh machine without a key", ("figure", "measured"), rows, "", bars)


def _installed() -> set[str]:
    """Return the names of the packages that the default installation needs, as far as they are installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    left, found = [(Requirement(one), "") for one in project["dependencies"]], set[tuple[str, str]]()
    while left:
        requirement, extra = left.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        try:
            needed = [Requirement(one) for one in importlib.metadata.requires(name) or []]
        except importlib.metadata.PackageNotFoundError:
            continue
        for wanted in {(name, one) for one in ("", *requirement.extras)} - found:
            found.add(wanted)
            left += [(one, wanted[1]) for one in needed]
    return {name for name, _ in found}


def _size(name: str) -> int:
    files = importlib.metadata.files(name) or []
    return sum(path.stat().st_size for one in files if (path := Path(str(one.locate()))).is_file())
