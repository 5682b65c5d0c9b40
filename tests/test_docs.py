"""Tests of the documentation: its length, its links, and the commands that it names."""

import re
from functools import cache
from pathlib import Path

import pytest

from settings import ROOT

MOST_README_LINES = 150
DOCS = sorted((ROOT / "docs").glob("**/*.md"))
PAGES = sorted({*ROOT.glob("*.md"), *DOCS, *(ROOT / "prompts").glob("**/*.md")})
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ {4,}.*$|`[^`\n]*`", re.M)
"""Blocks and spans of code, in which nothing is a link."""

all_pages = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def links_of(page: Path) -> list[tuple[Path, str]]:
    """Return what the relative links of a page lead to: a file, and an anchor or nothing."""
    targets = LINK.findall(FENCE.sub("", page.read_text()))
    parts = [target.partition("#") for target in targets if not re.match(r"[a-z]+:", target)]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in parts]


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= MOST_README_LINES


def test_every_page_of_the_docs_is_linked() -> None:
    linked = {path for page in PAGES for path, _ in links_of(page) if path != page}

    assert len(DOCS) > 10
    assert set(DOCS) - linked == set()


def test_the_code_map_names_every_package() -> None:
    code_map = (ROOT / "docs" / "architecture.md").read_text().partition("## ")[0]
    places = ("shop", "memory", "completions", "handlers")
    packages = [path.parent for place in places for path in (ROOT / place).glob("**/__init__.py")]

    assert len(packages) > 15
    assert [str(path.relative_to(ROOT)) for path in packages if f"{path.name}/" not in code_map] == []


@all_pages
def test_no_link_is_dead(path: Path) -> None:
    links = links_of(path)
    dead = [str(to) for to, _ in links if not to.exists()]
    dead += [f"{to}#{anchor}" for to, anchor in links if anchor and anchor not in anchors_of(to)]

    assert dead == []


@all_pages
def test_every_recipe_named_exists(path: Path) -> None:
    recipes = set(re.findall(r"^([a-z][a-z-]*)\b(?! *:=)", (ROOT / "justfile").read_text(), re.M))

    assert "serve" in recipes
    assert set(re.findall(r"uv run just ([a-z][a-z-]*)", path.read_text())) - recipes == set()


def test_headings_become_anchors_as_on_github(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What happens when ...\n\n[one](#what-happens-when-)\n\n    [no](gone.md) in code\n")

    assert links_of(page) == [(page, "what-happens-when-")]
    assert anchors_of(page) == {"what-happens-when-"}


@all_pages
def test_every_module_named_exists(path: Path) -> None:
    named = set(re.findall(r"`((?:memory|handlers|completions|shop|tests)/[\w/]+\.py)`", path.read_text()))
    is_past = path.name == "CHANGELOG.md"

    assert [name for name in sorted(named) if not is_past and not (ROOT / name).exists()] == []
