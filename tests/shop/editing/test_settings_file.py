"""Tests of settings.toml edited value by value: comments stay, and nothing that cannot be used is written."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import ROOT, BadSetting
from shop.editing import versions
from shop.editing.settings_file import edited, set_values
from shop.editing.versions import ABSENT, ChangedMeanwhile, EditableFile, digest_of

WRITTEN = """\
# Ours
shop = "Casa"   # the name
chat = ["gpt-6-luna"]

[catalogue]
rows = 5        # few

[[models]]
name = "gpt-6-luna"
max_input = 1000  # small
"""


def test_comments_and_order_stay() -> None:
    after, found = edited(WRITTEN, {"shop": "Casa Nova", "catalogue.rows": 7, "catalogue.whole_tokens": 100}, {})

    assert after == WRITTEN.replace('"Casa"', '"Casa Nova"').replace("rows = 5", "rows = 7").replace(
        "# few\n", "# few\nwhole_tokens = 100\n"
    )
    assert (found.shop, found.catalogue.rows) == ("Casa Nova", 7)


def test_a_new_key_stands_before_the_tables() -> None:
    after, found = edited(WRITTEN, {"contact": "ola@casa.example", "budget.daily_usd": 2.5}, {})

    assert tomllib.loads(after)["contact"] == "ola@casa.example"
    assert (found.contact, found.budget.daily_usd) == ("ola@casa.example", 2.5)


def test_a_key_taken_out_has_its_default() -> None:
    after, found = edited(WRITTEN, {"shop": None, "catalogue.rows": None, "contact": None}, {})

    assert "Casa" not in after
    assert found.catalogue.rows == 10


def test_models_are_changed_by_name_and_added() -> None:
    after, found = edited(
        WRITTEN,
        {"chat": ["llama3.2", "gpt-6-luna"]},
        {"gpt-6-luna": {"max_input": 2000}, "llama3.2": {"base_url": "http://127.0.0.1:11434/v1", "max_input": 8000}},
    )

    assert "# small" in after
    assert found.model("gpt-6-luna").max_input == 2000
    assert found.model("llama3.2").base_url == "http://127.0.0.1:11434/v1"


def test_the_file_that_comes_with_storekeeper_can_be_edited() -> None:
    text = (ROOT / "settings.toml").read_text()

    after, found = edited(text, {"shop": "Casa", "memory.high_tokens": 3000}, {"x": {"max_input": 10}})

    assert found.shop == "Casa"
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        line for line in after.split("\n") if line.startswith("#")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"shop": 7},
        {"signup": "sometimes"},
        {"chat": ["nobody"]},
        {"nothing": 1},
        {"catalogue.feed": "http://shop.example/"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_cannot_be_used_is_not_written(tmp_path: Path, changes: dict[str, object]) -> None:
    file = versions.editable(tmp_path, tmp_path / "settings.toml")
    versions.save(file, WRITTEN.encode(), seen=ABSENT)

    with pytest.raises(BadSetting):
        set_values(file, changes, seen=digest_of(WRITTEN.encode()))
    assert file.path.read_text() == WRITTEN


def test_an_absent_file_is_made(tmp_path: Path) -> None:
    file = EditableFile(tmp_path / "settings.toml", tmp_path / "kept")

    assert set_values(file, {"shop": "Casa"}, seen=ABSENT).shop == "Casa"
    assert file.path.read_text() == 'shop = "Casa"\n'


def test_a_file_with_a_mark_of_its_order_is_read(tmp_path: Path) -> None:
    file = EditableFile(tmp_path / "settings.toml", tmp_path / "kept")
    file.path.write_bytes(b"\xef\xbb\xbf" + WRITTEN.encode())

    set_values(file, {"shop": "Casa Nova"}, seen=digest_of(file.path.read_bytes()))

    assert tomllib.loads(file.path.read_text())["shop"] == "Casa Nova"


def test_somebody_elses_edit_is_not_overwritten(tmp_path: Path) -> None:
    file = EditableFile(tmp_path / "settings.toml", tmp_path / "kept")
    file.path.write_text(WRITTEN)

    with pytest.raises(ChangedMeanwhile):
        set_values(file, {"shop": "Casa Nova"}, seen=digest_of(b"what was there before"))


def test_a_broken_file_is_not_made_worse(tmp_path: Path) -> None:
    file = EditableFile(tmp_path / "settings.toml", tmp_path / "kept")
    file.path.write_text('shop = "half')

    with pytest.raises(BadSetting):
        set_values(file, {"shop": "Casa"}, seen=digest_of(b'shop = "half'))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_read_as_it_was_set(text: str) -> None:
    assert edited(WRITTEN, {"contact": text}, {})[1].contact == text
