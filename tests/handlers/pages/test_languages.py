"""Tests of the languages: which one a browser gets, how each writes numbers and dates, catalogues that cannot be used."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from handlers.pages.languages import Language, Languages, load
from memory.i18n import N_, UserError
from memory.storage.folders import not_saved
from settings import ROOT, BadSetting
from tests.support.shop import ENGLISH

NOON = datetime(2026, 11, 3, 12, 5, tzinfo=UTC)
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
POLISH = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"\n\n'
    'msgid "%(num)s message"\nmsgid_plural "%(num)s messages"\n'
    'msgstr[0] "%(num)s wiadomość"\nmsgstr[1] "%(num)s wiadomości"\nmsgstr[2] "%(num)s wiadomości."\n'
)


@pytest.fixture(scope="module")
def languages() -> Languages:
    return load(ROOT / "languages")


@pytest.fixture(scope="module")
def portuguese(languages: Languages) -> Language:
    found = languages.of("pt_BR")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("", "en"),
        ("pt", "pt_BR"),
        ("pt-BR", "pt_BR"),
        ("pt-br", "pt_BR"),
        ("pt-PT", "pt_BR"),
        ("PT-PT,pt;q=0.9,en;q=0.8", "pt_BR"),
        ("en-US,en;q=0.9,pt;q=0.8", "en"),
        ("pt;q=0.8,en;q=0.9", "en"),
        ("en;q=0.1, pt-PT;q=0.2", "pt_BR"),
        ("fr", "en"),
        ("fr, de;q=0.9, pt;q=0.1", "pt_BR"),
        ("pt;q=0", "en"),
        ("pt;q=0, en;q=0.5", "en"),
        ("*", "en"),
        ("*, pt;q=0.5", "pt_BR"),
        ("pt;q=nonsense, en", "en"),
        (";;;,,,=", "en"),
        ("x" * 10_000, "en"),
        ("pt_BR", "pt_BR"),
        ("ptx", "en"),
    ],
)
def test_a_browser_gets_what_it_prefers_of_what_there_is(languages: Languages, asked: str, code: str) -> None:
    assert languages.negotiate(asked).code == code


def test_the_owner_says_what_others_get() -> None:
    languages = load(ROOT / "languages", "pt_BR")

    assert languages.negotiate("fr").code == "pt_BR"
    assert languages.negotiate("en-GB").code == "en"


def test_each_language_has_its_own_name_and_english_comes_first(tmp_path: Path) -> None:
    for code in ("ar", "de", "pt_BR"):
        (tmp_path / f"{code}.po").write_text(HEADER)

    found = [(one.tag, one.name, one.direction) for one in load(tmp_path)]

    assert found == [
        ("en", "English", "ltr"),
        ("de", "Deutsch", "ltr"),
        ("pt-BR", "Português (Brasil)", "ltr"),
        ("ar", "العربية", "rtl"),
    ]


def test_plurals_are_those_of_the_language(tmp_path: Path, portuguese: Language) -> None:
    (tmp_path / "pl.po").write_text(POLISH)
    polish = load(tmp_path).of("pl")
    assert polish is not None

    said = [polish.ngettext("%(num)s message", "%(num)s messages", n) for n in (1, 2, 5, 22)]
    assert said == ["1 wiadomość", "2 wiadomości", "5 wiadomości.", "22 wiadomości"]
    assert portuguese.ngettext("%(num)s message", "%(num)s messages", 1) == "1 mensagem"
    assert portuguese.ngettext("%(num)s message", "%(num)s messages", 1234) == "1.234 mensagens"
    assert ENGLISH.ngettext("%(num)s message", "%(num)s messages", 1) == "1 message"


@pytest.mark.parametrize(
    ("said", "english", "portuguese_words"),
    [
        (lambda one: one.number(1234567), "1,234,567", "1.234.567"),
        (lambda one: one.number(0.25, 1), "0.2", "0,2"),
        (lambda one: one.number(0.25, None), "0.25", "0,25"),
        (lambda one: one.number(Decimal("1234.5"), 4), "1,234.5000", "1.234,5000"),
        (lambda one: one.usd(Decimal("0.00123")), "US$ 0.00123", "US$\xa00,00123"),
        (lambda one: one.usd(Decimal("1234.567")), "US$ 1,234.57", "US$\xa01.234,57"),
        (lambda one: one.usd(Decimal(0)), "US$ 0.00", "US$\xa00,00"),
        (lambda one: one.moment(NOON), "3 Nov 2026, 12:05 UTC", "3 de nov. de 2026 12:05 UTC"),
        (lambda one: one.day(date(2026, 11, 3)), "3 Nov 2026", "3 de nov. de 2026"),
        (lambda one: one.short_day(date(2026, 11, 3)), "3 Nov", "03/11"),
        (lambda one: one.hour(NOON), "12:05", "12:05"),
        (lambda one: one.duration(1), "1 second", "1 segundo"),
        (lambda one: one.duration(7200), "2 hours", "2 horas"),
        (lambda one: one.gettext("unknown"), "unknown", "desconhecido"),
        (lambda one: one.gettext(""), "", ""),
        (lambda one: one.gettext("what nobody says, 100 % sure"), *["what nobody says, 100 % sure"] * 2),
    ],
)
def test_each_language_writes_in_its_own_way(
    portuguese: Language, said: object, english: str, portuguese_words: str
) -> None:
    assert callable(said)
    assert said(ENGLISH) == english
    assert said(portuguese) == portuguese_words


def test_an_error_keeps_its_values_apart_and_logs_in_english(portuguese: Language) -> None:
    error = UserError(
        "There are more than %(most)s conversations in this file, the most that can be imported.", most=5000
    )

    assert str(error) == "There are more than 5,000 conversations in this file, the most that can be imported."
    assert portuguese.error_text(error) == "Há mais de 5.000 conversas neste arquivo, o máximo que se pode importar."


def test_the_systems_reason_is_said_too_and_a_name_is_not(portuguese: Language) -> None:
    assert portuguese.error_text(not_saved(OSError(28, "No space left on device"))) == (
        "Não foi possível salvar: não há espaço no disco."
    )
    assert portuguese.gettext("Password for %(name)s", name="none") == "Senha de none"
    assert portuguese.gettext("Password for %(name)s", name=N_("none")) == "Senha de nenhum"


WRONG: dict[str, tuple[str | bytes, str]] = {
    "pt_BR": (HEADER + '\nmsgid "A %(name)s"\nmsgstr "Um %(nome)s"\n', "languages/pt_BR.po, line 6: "),
    "xx_nothing": (HEADER, "languages/xx_nothing.po: "),
    "de": (HEADER + '\nmsgid "unfinished', "languages/de.po: "),
    "fr": ("\xff".encode("latin-1"), "languages/fr.po: "),
}


@pytest.mark.parametrize("code", WRONG)
def test_an_unusable_catalogue_stops_startup_with_one_line(tmp_path: Path, code: str) -> None:
    folder, (content, line) = tmp_path / "languages", WRONG[code]
    folder.mkdir()
    (folder / f"{code}.po").write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(BadSetting) as refused:
        load(folder)

    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_a_default_that_is_not_there_says_what_is(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r'^language = "tlh": takes "en" or "pt_BR"\.$'):
        load(ROOT / "languages", "tlh")
