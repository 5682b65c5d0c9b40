"""Tests of the example shop: what the code knows of it is what the repository has."""

from handlers.desk import example
from settings import ROOT, Settings, load


def test_its_files_are_known_as_they_come() -> None:
    assert sorted(example.present(ROOT / "prompts")) == sorted(example.FILES)
    assert set(example.FILES) == {path.name for path in (ROOT / "prompts" / "store").iterdir()}
    assert set(example.QUESTIONS) == {path.name for path in (ROOT / "prompts").glob("questions.*.md")}


def test_its_name_and_questions_are_those_of_the_settings() -> None:
    assert load(ROOT / "settings.toml").examples == example.EXAMPLES
    assert Settings().shop == example.SHOP
