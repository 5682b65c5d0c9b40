"""Tests of how texts are cut into the passages that answer."""

import pytest

from shop.products import Text
from shop.search.passages import Passage, label_of, passages

RETURNS = """# Returns

- Window: 30 days.
* **How:** by e-mail.

---

## Exceptions ##

1. No return of coffee.
Plain words.
"""


def texts_of(text: str) -> list[str]:
    return [one.text for one in passages(Text("x.md", text))]


def test_each_item_is_a_passage_below_its_headings() -> None:
    assert list(passages(Text("returns.md", RETURNS))) == [
        Passage("returns.md", 3, "Returns", "Window: 30 days."),
        Passage("returns.md", 4, "Returns", "How: by e-mail."),
        Passage("returns.md", 10, "Returns / Exceptions", "No return of coffee."),
        Passage("returns.md", 11, "Returns / Exceptions", "Plain words."),
    ]


def test_a_question_and_its_answer_are_one_passage() -> None:
    assert texts_of("**Do you ship abroad?**\n\nYes, to Europe.\n\nAnd a note.") == [
        "Do you ship abroad? Yes, to Europe.",
        "And a note.",
    ]


def test_a_line_that_opens_a_list_stands_before_each_item() -> None:
    assert texts_of("Fees:\n- Recife 12\n- Rio 36\n") == ["Fees: Recife 12", "Fees: Rio 36"]


def test_a_question_without_an_answer_is_kept() -> None:
    assert texts_of("Any questions?") == ["Any questions?"]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentence = "This is a sentence of the shop's terms and conditions that goes on for a while. "

    pieces = texts_of(sentence * 20)

    assert len(pieces) == 3
    assert all(len(piece) <= 600 and piece.endswith("while.") for piece in pieces)
    assert " ".join(pieces) == (sentence * 20).strip()


def test_an_empty_text_has_no_passage() -> None:
    assert texts_of("") == texts_of("# Only a heading\n\n***\n") == []


def test_a_row_of_a_table_is_told_by_its_columns() -> None:
    table = "# Entrega\n\n| Região | Frete | Prazo |\n|---|---|---|\n| Sul | R$ 29,90 | 4 dias |\n\n- Depois.\n"

    found = list(passages(Text("x.md", table)))

    assert [(one.line, one.text) for one in found] == [(5, "Sul: Frete R$ 29,90; Prazo 4 dias"), (7, "Depois.")]


def test_labels_are_the_short_beginnings() -> None:
    assert label_of("Fee per order and its working days: Recife (city): R$ 12.00, 1 day") == "Recife (city)"
    assert label_of("Window: 30 days. Unused: yes") == "Window"
    assert label_of("We close early on all days before national holidays: see there") == ""


@pytest.mark.parametrize(
    "heading",
    ["DELIVERY", "DELIVERY AND FEES:", "**Delivery**", "Delivery\n========", "Delivery\n---", "1. Delivery", "Delivery fees", "## Delivery"],
)  # fmt: skip
def test_headings_of_plain_texts_are_headings(heading: str) -> None:
    found = list(
        passages(Text("x.txt", f"{heading}\nSmall things take two days.\n\nLarge ones a week.\n\nRETURNS\nNone.\n"))
    )

    assert [(one.section.split(" / ")[-1].split()[0].lower(), one.text) for one in found] == [
        ("delivery", "Small things take two days."), ("delivery", "Large ones a week."), ("returns", "None."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["FREE ABOVE $ 50", "We sell lamps", "We are closed today.", "NO REFUNDS!", "- DELIVERY", "Ana", "SMALL, LARGE"],
)
def test_other_short_lines_are_no_headings(line: str) -> None:
    found = list(passages(Text("x.txt", f"{line}\n\nOf course we answer all of your questions.\n")))

    assert len(found) == 2


def test_a_heading_of_a_plain_text_stands_below_those_with_marks() -> None:
    text = "# Shop\n\n## Rules\n\n**Returns**\n\nWithin a week.\n\n## Us\n\nThree sisters.\n"

    assert [one.section for one in passages(Text("x.md", text))] == ["Shop / Rules / Returns", "Shop / Us"]


def test_a_question_ends_what_an_unmarked_heading_begins() -> None:
    found = list(passages(Text("x.txt", "REFUNDS\nNone on stickers.\n\nAre they waterproof?\nYes, all.\n")))

    assert [(one.section, one.text) for one in found] == [
        ("REFUNDS", "None on stickers."), ("", "Are they waterproof? Yes, all."),
    ]  # fmt: skip
