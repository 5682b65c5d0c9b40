"""The shop's data at any size: what the index takes to build, what a question takes, and how often the right row is found.

Three sets of questions: our own over the demonstration shop; our own over a file `retail-products.json`, and those that a
catalogue's generator brings along, where a directory is named that has them (`--catalogue DIR`).
"""

import importlib.util
import itertools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from memory.context import tokens
from memory.context.shop_data import rows_for, share_of
from settings import ROOT, CatalogueSettings
from shop.products import Option, Product, StoreContents, Text
from shop.readers.store import read_store
from shop.search.finding import FOUND
from shop.search.index import Index, build
from shop.search.lexicon import WORDS
from shop.search.results import Found
from shop.snapshot import Snapshot
from tests.bench import code_answers
from tests.bench.figures import Bar, Mode, Section, Tell, at_most, middle
from tests.comparison.scoring import wilson
from tests.support import catalogues

SIZES: dict[Mode, tuple[int, ...]] = {"whole": (500, 5_000, 50_000), "quick": (500, 5_000), "tiny": (50,)}
QUESTIONS = ROOT / "tests" / "data" / "catalogue-questions.jsonl"
FIRST_ROWS, FIRST_TEXTS = 5, 3
_BRANDS = "Arara Boldo Cipó Dunas Embaúba Farol Guará Horta Ingá Jurema".split()
_COLOURS = "azul verde vermelho preto branco cinza".split()


def made(count: int) -> Iterator[Product]:
    """Yield as many products: everything that shops sell, by made up makers; the same for the same count."""
    lines = (WORDS / "products.txt").read_text(encoding="utf-8").split("\n")
    things = [line.partition("|")[2].partition(",")[0].partition(">")[0].strip() for line in lines if "|" in line]
    for n in range(count):
        thing, brand, series = things[n % len(things)], _BRANDS[n // len(things) % len(_BRANDS)], n // 100 + 1
        colours = tuple(_COLOURS[(n + place) % len(_COLOURS)] for place in range(2))
        yield Product(
            f"{thing.capitalize()} {brand} {series}", sku=f"{brand[:3].upper()}-{n:05}", category=thing.split()[0],
            brand=brand, price=1_000 + n * 37 % 90_000, stock=n % 7, options=(Option("cor", colours),),
            text=f"{thing.capitalize()} de boa qualidade, feito no Brasil por {brand}. Fácil de limpar e de guardar.",
            file="products.csv", line=n + 2,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What an index of so many products takes: seconds of CPU and MB of memory to build, ms of CPU and tokens a question."""

    count: int
    build_seconds: float
    memory_mb: float
    middle_ms: float
    worst_ms: float
    tokens: int
    """Of the rules, the texts and the rows of a turn's prompt, at most."""


def cost(count: int) -> Cost:
    """Return the costs, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.catalogue", str(count)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    return Cost(count, *json.loads(done.stdout))


def _measured(count: int) -> tuple[float, float, float, float, int]:
    contents = StoreContents(tuple(made(count)), demo_texts(), ())
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "catalogue.sqlite"
        began = time.process_time()
        build(contents, target)
        seconds, memory = time.process_time() - began, _most_memory()
        index = Index.open(target)
        asked = [
            f"quanto custa {one.name.lower()}?"
            for one in itertools.islice(contents.products, 0, None, count // 20 or 1)
        ]
        asked += [f"{one.name.split()[0]} mais barata até 100 reais" for one in contents.products[:20]]
        asked += [f"do you have a blue {brand} backpack?" for brand in _BRANDS]
        index.find(asked[0])
        told = max(_turn_tokens(index, question) for question in asked[::5])
        spent = [_spent(lambda question=question: index.find(question)) for question in asked]  # type: ignore[misc]
    return seconds, memory, middle(spent), max(spent), told


def demo_texts() -> tuple[Text, ...]:
    """Return the texts of the demonstration shop."""
    return read_store(ROOT / "prompts" / "store", "BRL").texts


def _turn_tokens(index: Index, question: str) -> int:
    """Return the tokens of a turn's prompt beside the conversation: the rules, the texts, the rows for the question."""
    settings = CatalogueSettings()
    snapshot = Snapshot.of(index, "BRL", 4 * settings.whole_tokens)
    share = share_of(snapshot, "", settings, 100_000, _ENCODING)
    rows = rows_for(snapshot, share, question, (), settings.rows, _ENCODING)
    rules = (ROOT / "prompts" / "system.md").read_text(encoding="utf-8")
    return sum(tokens.count_again(part, _ENCODING) for part in (rules, share.store, rows.text))


_ENCODING = "o200k_base"


def _most_memory() -> float:
    """Return the MB that this process held at most; getrusage's figure begins with that of the process that started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def _spent(work: Callable[[], object]) -> float:
    """Return the ms of CPU that some work takes, the least of three."""
    taken = list[float]()
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1e3)
    return min(taken)


# Questions


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's result: which catalogue and group it counts in, and how much of the right it found, from 0 to 1."""

    catalogue: str
    group: str
    question: str
    share: float


def own_answers(catalogue: str, index: Index) -> list[Answer]:
    """Return what is found for our own questions over one catalogue, "demo" or "retail"."""
    asked = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").split("\n") if line]
    return [
        Answer(catalogue, _group(one["truth"]), one["question"], _share(one["truth"], index.find(one["question"])))
        for one in asked
        if one["catalogue"] == catalogue
    ]


def _group(truth: dict[str, Any]) -> str:
    return "not sold" if "none" in truth else "texts" if {"text", "policy"} & set(truth) else "rows"


def _share(truth: dict[str, Any], found: Found) -> float:
    names = [hit.product.sku or hit.product.name for hit in found.hits[:FIRST_ROWS]]
    texts = [f"{hit.section} {hit.text}" for hit in found.texts[:FIRST_TEXTS]]
    if "none" in truth:
        return found.coverage < FOUND
    if "text" in truth:
        return any(wanted in text for wanted in truth["text"] for text in texts)
    if "first" in truth:
        return bool(names) and names[0] in truth["first"]
    if "only" in truth:
        return bool(names) and set(names[: len(truth["only"])]) <= set(truth["only"])
    return bool(set(names) & set(truth["any"]))


def handed_answers(folder: Path, size: int, language: str) -> list[Answer]:
    """Return what is found for the questions of a generator's directory, over its catalogue of this size and language."""
    generator = _module(folder / "generate.py")
    half = next(path.parent.name for path in sorted(folder.glob("*/questions.jsonl")))
    rows = generator.rows(size, language, half)
    texts, places = _policies(folder / "policies.tsv", language)
    products = [catalogues.product_of(row, line) for line, row in enumerate(rows, 2)]
    asked = [json.loads(line) for line in (folder / half / "questions.jsonl").read_text().split("\n") if line]
    by_sku = {row["sku"]: row for row in rows}
    judge = Judge(by_sku, places, {**dict(generator.COLOURS)}, dict(generator.SIZES_EN))
    with tempfile.TemporaryDirectory() as place:
        index = catalogues.index_of(Path(place), catalogues.contents_of(products, texts))
        return [
            Answer(
                f"{size:,} {language}", f"{_group(one['truth'])}, {'same' if one['lang'] == language else 'other'}",
                one["question"], judge.share(one["truth"], index.find(one["question"])),
            )
            for one in asked
        ]  # fmt: skip


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generated", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _policies(file: Path, language: str) -> tuple[dict[str, str], dict[tuple[str, int], str]]:
    """Return texts of the lines of a table of policies, and which policy stands in which line of which text."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").strip().split("\n")]
    section, text = rows[0].index(f"section_{language}"), rows[0].index(language)
    lines: dict[str, list[str]] = {}
    places: dict[tuple[str, int], str] = {}
    for row in rows[1:]:
        written = lines.setdefault(f"{row[section]}.md", [f"# {row[section]}"])
        written.append(f"- {row[text]}")
        places[f"{row[section]}.md", len(written)] = row[0]
    return {name: "\n".join(written) for name, written in lines.items()}, places


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what was found by a generator's truths: SKUs, types with colour, size and price, policies, or nothing."""

    rows: dict[str, dict[str, str]]
    places: dict[tuple[str, int], str]
    colours: dict[str, str]
    sizes: dict[str, str]

    def share(self, truth: dict[str, Any], found: Found) -> float:
        if "none" in truth:
            return found.coverage < FOUND
        if "policy" in truth:
            return truth["policy"] in [self.places.get((hit.file, hit.line)) for hit in found.texts[:FIRST_TEXTS]]
        top = [self.rows[hit.product.sku] for hit in found.hits[:FIRST_ROWS]]
        if "sort" in truth:
            prices = [float(row["price"]) for row in self.rows.values() if row["type"] == truth["type"]]
            best = (min if truth["sort"] == "price" else max)(prices)
            return bool(top) and top[0]["type"] == truth["type"] and float(top[0]["price"]) == best
        fitting = [self._fits(row, truth) for row in top]
        if {"colour", "size", "min", "max"} & set(truth):
            most = min(FIRST_ROWS, sum(self._fits(row, truth) for row in self.rows.values()))
            return sum(fitting[:most]) / most if most else 1.0
        return any(fitting)

    def _fits(self, row: dict[str, str], truth: dict[str, Any]) -> bool:
        if "sku" in truth:
            return bool(row["sku"] == truth["sku"])
        both = {one: other for pair in self.colours.items() for one, other in (pair, pair[::-1])}
        colour, size = truth.get("colour"), truth.get("size")
        return (
            row["type"] == truth["type"]
            and (not colour or bool({colour, both.get(colour)} & set(row["colours"].split("; "))))
            and (not size or bool({size, self.sizes.get(size)} & set(row["sizes"].split("; "))))
            and truth.get("min", 0) <= float(row["price"]) <= truth.get("max", float("inf"))
        )


# The part of the bench

TARGETS = {"rows": 88, "rows, same": 88, "rows, other": 66, "texts": 95, "texts, same": 95, "not sold": 97}
"""Percent that must be right, by group."""


def measure(folder: Path | None, mode: Mode, tell: Tell) -> list[Section]:
    """Return the sections of what an index takes and of what it finds; `folder` is the directory of --catalogue."""
    costs = [cost(size) for size in _told(SIZES[mode], tell)]
    answers = own_answers("demo", _index(catalogues.demo_contents()))
    if folder and (retail := folder / "retail-products.json").exists():
        answers += own_answers("retail", _index(catalogues.variants_contents(retail)))
    if folder and (folder / "generate.py").exists():
        for size, language in itertools.product(_told(SIZES[mode], tell), ("pt", "en")):
            answers += handed_answers(folder, size, language)
    tell("answers without a model")
    sections = [_costs(costs), _found(answers), code_answers.own()]
    if folder and (folder / "expected.json").exists():
        sections += code_answers.exports(folder)
    if mode != "tiny":
        tell("a fresh start without a key")
        sections.append(code_answers.fresh())
    return sections


def _told(sizes: Sequence[int], tell: Tell) -> Iterator[int]:
    for size in sizes:
        tell(f"{size:,} products")
        yield size


def _index(contents: StoreContents) -> Index:
    with tempfile.TemporaryDirectory() as place:
        return catalogues.index_of(Path(place), contents)


def _costs(costs: Sequence[Cost]) -> Section:
    largest = costs[-1]
    bars = [
        at_most(f"CPU to build {largest.count:,} products", 15, largest.build_seconds, " s", 1),
        at_most(f"memory to build {largest.count:,} products", 150, largest.memory_mb, " MB", 0),
        at_most(
            f"tokens a turn beside the conversation at {largest.count:,} products", 4_000, largest.tokens, digits=0
        ),
        at_most(f"CPU a question at {largest.count:,} products, the dearest", 10, largest.worst_ms, " ms", 1),
    ]
    rows = [
        (
            f"{one.count:,}",
            f"{one.build_seconds:.1f}",
            f"{one.memory_mb:.0f}",
            f"{one.middle_ms:.1f}",
            f"{one.worst_ms:.1f}",
            f"{one.tokens:,}",
        )
        for one in costs
    ]
    head = ("products", "build, CPU s", "memory, MB", "a question, CPU ms", "the dearest, CPU ms", "tokens a turn")
    return Section("What the index of the shop's data takes", head, rows, "", bars)


def _found(answers: Sequence[Answer]) -> Section:
    groups: dict[tuple[str, str], list[Answer]] = {}
    for one in answers:
        groups.setdefault((one.catalogue, one.group), []).append(one)
    rows, bars = list[tuple[str, ...]](), list[Bar]()
    for (catalogue, group), found in groups.items():
        right = sum(one.share for one in found)
        low, high = wilson(round(right), len(found))
        figure = f"{100 * right / len(found):.0f} % ({100 * low:.0f}-{100 * high:.0f})"
        missed = "; ".join(one.question for one in found if one.share < 1)
        rows.append((catalogue, group, str(len(found)), figure, missed))
        if target := TARGETS.get(group):
            bars.append(
                Bar(f"{catalogue}: {group}", f"at least {target} %", figure, right >= target / 100 * len(found))
            )
    note = "Right in the first 5 rows or 3 passages, with Wilson's 95 % interval; of colours, sizes and limits the share that fits."
    return Section(
        "What is found in the shop's data",
        ("catalogue", "asked for", "questions", "right", "not right"),
        rows,
        note,
        bars,
    )


if __name__ == "__main__":
    print(json.dumps(_measured(int(sys.argv[1]))))
