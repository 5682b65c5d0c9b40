"""Tests of reports in plain words: each sentence that a reader of files can say is known in every language."""

import ast
from collections.abc import Iterator

import pytest

from handlers.pages import languages
from handlers.pages.file_reports import shown, translated
from handlers.pages.languages import Language
from settings import ROOT
from shop import build
from shop.products import FileReport
from shop.readers import bounded, combinations, doubts, names
from shop.readers.systems import woocommerce
from tests.support.shop import ENGLISH

SAYING = {"UnusableFile", "doubt", "leave_out", "FileReading", "FeedRefused", "AddressRefused"}


@pytest.fixture(scope="module")
def portuguese() -> Language:
    found = languages.load(ROOT / "languages").of("pt_BR")
    assert found is not None
    return found


def text_of(node: ast.expr) -> str | None:
    """Return what an expression says, with a 7 in the place of each value; None for what says nothing by itself."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
    return None


def sentences() -> Iterator[str]:
    """Yield all that the readers say, from their code."""
    for path in [
        *sorted((ROOT / "shop" / "readers").rglob("*.py")),
        ROOT / "shop" / "feed.py",
        ROOT / "shop" / "destinations.py",
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            said = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "error")]
            for text in map(text_of, said) if name in SAYING else []:
                if text and " " in text and name != "leave_out":
                    yield text
    yield from (bounded.TOO_MUCH, combinations.ALONE, doubts.NO_HEADER, build.KEPT)
    yield from names.SAVE_AS.values()
    yield from woocommerce.NO_PRICE.values()


def test_each_sentence_of_the_readers_is_known(portuguese: Language) -> None:
    found = list(sentences())
    assert len(found) > 40

    assert [text for text in found if translated(portuguese, text) == text] == []
    assert [text for text in found if translated(ENGLISH, text) != text and "7" not in text] == []


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("No price (lines 2, 3 and 9).", "Sem preço (linhas 2, 3, 9)."),
        ("No price (line 1234).", "Sem preço (linha 1.234)."),
        ("No price (lines 2, 3, 4, 5, 6 and 12 more).", "Sem preço (linhas 2, 3, 4, 5, 6 e mais 12)."),
        (
            "A .pdf file cannot be read. Save its text as a .txt or .md file, or its table as CSV UTF-8.",
            "Não é possível ler um arquivo .pdf. Salve o texto em um arquivo .txt ou .md, ou a tabela como CSV UTF-8.",
        ),
        (
            "1,234 SKUs stand in old.csv too (A-1, A-2, 3); is one of the files old?",
            "1.234 SKUs também estão em old.csv (A-1, A-2, 3); um dos arquivos é antigo?",
        ),
        ("Something new, 7 times.", "Something new, 7 times."),
    ],
)
def test_values_and_lines_stay_in_a_translated_sentence(portuguese: Language, sentence: str, told: str) -> None:
    assert translated(portuguese, sentence) == told


def test_english_is_said_as_the_readers_say_it() -> None:
    sentence = "Line 3 has 1,200 columns; at most 500 can be read. Remove the columns that are not about products."

    assert translated(ENGLISH, sentence) == sentence


def test_a_report_is_told_in_words(portuguese: Language) -> None:
    report = FileReport("a.csv", "Shopify", 1_200, 30, {"hidden": 2, "draft": 1}, ("No price (line 2).",))

    english, told = shown(ENGLISH, report), shown(portuguese, report)

    assert english.kind == "1,200 products, 30 variants, Shopify export"
    assert english.left_out == "2 × hidden, 1 × draft"
    assert told.kind == "1.200 produtos, 30 variações, exportação de Shopify"
    assert told.doubts == ("Sem preço (linha 2).",)
    assert shown(ENGLISH, FileReport("a.md", "text")).kind == "Text"
    assert shown(ENGLISH, FileReport("a.pdf", "unknown", error="It is empty.")).kind == "Can't be used"


def test_all_reasons_for_leaving_rows_out_are_known(portuguese: Language) -> None:
    from shop.readers import notes

    words = [notes.DRAFT, notes.HIDDEN, notes.ARCHIVED, notes.NAMELESS, notes.EXPLANATION, "total"]
    words += ["variation without its product", "product not found", "not a product", "another store view"]
    told = [shown(portuguese, FileReport("a", "table", left_out={word: 1})).left_out for word in words]

    assert [text for word, text in zip(words, told, strict=True) if text == f"1 × {word}" and word != "total"] == []
