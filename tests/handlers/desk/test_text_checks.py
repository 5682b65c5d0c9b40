"""Tests of what a text is held against before it is saved."""

from pathlib import Path

import pytest

from handlers.desk import text_checks
from handlers.desk.text_checks import NotSaved, check, is_doubtful, read_text_apart, sample
from settings import ROOT
from shop.products import FileReport
from shop.readers.doubts import NO_HEADER


@pytest.mark.parametrize("name", ["system.md", "summarise.md"])
def test_the_rules_that_come_with_it_pass(name: str) -> None:
    check(name, (ROOT / "prompts" / name).read_text())


@pytest.mark.parametrize(
    "rules",
    [
        "{{ store }} {{ summary | default('') }} {% if history %}{{ history }}{% endif %}",
        "{{ store | upper }}{% for part in [1, 2] %}{{ part }}{% endfor %}{{ summary }}{{ history }}",
    ],
)
def test_rules_with_all_their_places_pass(rules: str) -> None:
    check("system.md", rules)


def test_rules_that_fail_for_a_new_customer_are_refused() -> None:
    with pytest.raises(NotSaved):
        check("system.md", "{{ store }} {{ history }} {{ summary }} {% if not summary %}{{ 1 / 0 }}{% endif %}")


@pytest.mark.parametrize("text", ["", "a, b\n", "a; b; c\n\nd; e\n", '"a, b", c\n', "Rede,redinha\r\n"])
def test_groups_of_two_words_and_more_pass(text: str) -> None:
    check("synonyms.csv", text)


@pytest.mark.parametrize("text", ["a\n", "a, b\nA, c\n", 'a, "b\nc"\n', "a, " * 40])
def test_other_groups_are_refused(text: str) -> None:
    with pytest.raises(NotSaved):
        check("synonyms.csv", text)


def test_other_texts_are_what_they_are() -> None:
    check("about.md", "{{ anything }} {% goes %}")


def test_a_sample_says_what_stands_where() -> None:
    assert sample("summarise.md", "{{ conversation }} {{ words }}") == "[conversation] 200"


@pytest.mark.parametrize(
    ("new", "before", "doubtful"),
    [
        (FileReport("a.csv", "table", 10), None, False),
        (FileReport("a.csv", "table", 10), FileReport("a.csv", "table", 20), False),
        (FileReport("a.csv", "table", 9), FileReport("a.csv", "table", 20), True),
        (FileReport("a.csv", "unknown", error="It is empty."), None, True),
        (FileReport("a.csv", "text", doubts=(NO_HEADER,)), None, True),
        (FileReport("a.csv", "text"), None, False),
        (FileReport("a.md", "text"), FileReport("a.md", "text"), False),
    ],
)
def test_a_file_that_loses_its_products_is_doubtful(new: FileReport, before: FileReport | None, doubtful: bool) -> None:
    assert is_doubtful(new, before) is doubtful


def test_a_text_is_read_by_another_process_before_it_is_saved(tmp_path: Path) -> None:
    tried = read_text_apart("a.csv", b"name,price\nNet,120\n", tmp_path, "BRL")

    assert tried.report.products == 1
    assert tried.products[0].name == "Net"
    assert list(tmp_path.iterdir()) == []
    assert text_checks.report_of("a.csv", [tried.report]) == tried.report
