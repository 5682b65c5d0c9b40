"""Tests of prompts/: read as the owner left it, live at the next message, and said plainly when it cannot be read."""

import os
from pathlib import Path

import pytest

from settings import ROOT
from shop import texts
from shop.texts import PromptsUnreadable


@pytest.fixture
def prompts(tmp_path):
    (tmp_path / "prompts" / "store").mkdir(parents=True)
    write(tmp_path / "prompts", "system.md", "Be kind. {{ store }}")
    write(tmp_path / "prompts", "summarise.md", "Write notes.")
    write(tmp_path / "prompts", "store/about.md", "We sell mugs.\n")
    return tmp_path / "prompts"


def write(prompts, name, text):
    (prompts / name).write_text(text, encoding="utf-8")


def test_shop_texts_hold_unrendered_templates_and_the_shops_data(prompts):
    assert texts.load(prompts) == texts.ShopTexts("Be kind. {{ store }}", "Write notes.", "We sell mugs.", ("About",))


def test_shop_texts_list_their_topics_and_the_questions_answered(prompts):
    write(prompts, "store/about.md", "# About us\n\n## Do you sell tea?\n\nYes? No.\n")
    write(prompts, "store/faq.md", "- **Do you sell mugs?** Yes.\n- Can I come by?\n- It is closed. Why? Holidays.\n")
    write(prompts, "store/products.csv", "sku,price\nWHY?,5\n")

    snapshot = texts.load(prompts)

    assert snapshot.topics == ("About us", "Faq", "Products")
    assert snapshot.questions == ("Do you sell tea?", "Do you sell mugs?", "Can I come by?")


def test_the_shops_data_is_all_files_by_their_names(prompts):
    write(prompts, "store/returns.txt", "\n\n30 days.\n\n")
    write(prompts, "store/Zebra.md", "Z")
    write(prompts, "store/products.csv", "sku,price\nRED-1,5\n")

    assert texts.load(prompts).store == "Z\n\nWe sell mugs.\n\n# Products (CSV)\n\nsku,price\nRED-1,5\n\n30 days."


def test_an_edit_is_live_at_the_next_reading(prompts):
    texts.load(prompts)
    write(prompts, "store/about.md", "We sell cups.\n")
    assert texts.load(prompts).store == "We sell cups."

    write(prompts, "system.md", "Be brief.")
    assert texts.load(prompts).rules == "Be brief."

    write(prompts, "summarise.md", "Fewer notes.")
    assert texts.load(prompts).summarise == "Fewer notes."


def test_files_that_come_and_go_are_live_at_the_next_reading(prompts):
    texts.load(prompts)
    write(prompts, "store/hours.md", "9 to 5.")
    assert texts.load(prompts).store == "We sell mugs.\n\n9 to 5."

    os.unlink(prompts / "store" / "about.md")
    assert texts.load(prompts).store == "9 to 5."


def test_a_file_that_an_editor_replaced_by_another_is_read_anew(prompts):
    texts.load(prompts)
    write(prompts, "store/new", "We sell jugs.\n")
    times = (prompts / "store" / "about.md").stat()
    os.utime(prompts / "store" / "new", ns=(times.st_atime_ns, times.st_mtime_ns))
    os.replace(prompts / "store" / "new", prompts / "store" / "about.md")

    assert texts.load(prompts).store == "We sell jugs."


@pytest.mark.parametrize("name", ["about.md~", "about.md.bak", "notes.docx", "README", "about.MD.swp"])
def test_other_files_are_left_out(prompts, name):
    (prompts / "store" / name).write_bytes(b"\xff\xfe")

    assert texts.load(prompts).store == "We sell mugs."


@pytest.mark.parametrize("name", [".about.md", "._about.md", ".hidden.txt"])
def test_hidden_files_are_left_out(prompts, name):
    """Editors and file managers leave them beside a file, and they are no text of the owner's."""
    (prompts / "store" / name).write_bytes(b"\x00\x05\x16\xff")

    assert texts.load(prompts).store == "We sell mugs."


def test_the_lock_of_an_editor_does_not_stop_the_shop(prompts):
    (prompts / "store" / ".#about.md").symlink_to("owner@host.1234:5678")  # Emacs, while the file is being edited

    assert texts.load(prompts).store == "We sell mugs."


def test_a_byte_order_mark_and_windows_line_ends_are_read(prompts):
    (prompts / "store" / "about.md").write_bytes(b"\xef\xbb\xbfWe sell mugs.\r\nAnd cups.\r\n")

    assert texts.load(prompts).store == "We sell mugs.\nAnd cups."


def test_an_empty_store_is_none(prompts):
    os.unlink(prompts / "store" / "about.md")

    assert texts.load(prompts).store == ""


@pytest.mark.parametrize("name", ["system.md", "summarise.md"])
def test_a_missing_template_is_named(prompts, name):
    os.unlink(prompts / name)

    with pytest.raises(PromptsUnreadable, match=rf"prompts/{name}: No such file or directory\.$"):
        texts.load(prompts)


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(PromptsUnreadable, match=r"/nowhere/system.md: No such file or directory\.$"):
        texts.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["system.md", "summarise.md"])
def test_a_file_that_is_not_utf_8_is_said(prompts, name):
    texts.load(prompts)
    (prompts / name).write_bytes("Caburé".encode("latin-1"))

    with pytest.raises(PromptsUnreadable, match=rf"prompts/{name} is not UTF-8"):
        texts.load(prompts)


def test_an_unusable_file_of_the_store_stops_nothing(prompts):
    (prompts / "store" / "more.md").mkdir()
    (prompts / "store" / "worse.md").write_bytes("Caburé".encode("latin-1"))

    assert texts.load(prompts).store == "We sell mugs."


def test_templates_are_read_without_the_store(prompts):
    assert texts.templates(prompts) == texts.ShopTexts("Be kind. {{ store }}", "Write notes.", "")


def test_the_shops_own_prompts_are_readable():
    snapshot = texts.load(ROOT / "prompts")

    assert all(f"{{{{ {part} }}}}" in snapshot.rules for part in ("store", "summary", "history"))
    assert snapshot.store.count("(CSV)") == len(list(Path(ROOT / "prompts" / "store").glob("*.csv")))


def test_each_language_has_its_own_file_of_questions(prompts):
    (prompts / "questions.pt_BR.md").write_text("# Perguntas\n\n- Vocês entregam?\n* Quanto custa?  \n\nNada mais.\n")
    (prompts / "questions.de.md").write_bytes("- Was kostet das für mich?".encode("latin-1"))

    assert texts.questions(prompts, "pt_BR") == ("Vocês entregam?", "Quanto custa?")
    assert texts.questions(prompts, "en") == texts.questions(prompts, "de") == ()
    assert "Quanto custa" not in texts.load(prompts).store
