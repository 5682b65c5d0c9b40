import os
import resource
import sqlite3
import sys
import threading
import time
from datetime import date

import pytest

from shop import catalogue
from shop.catalogue import Catalogue, NotBuilt, Work, build_in_child
from tests.support.snapshots import build_here


@pytest.fixture
def prompts(tmp_path):
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "about.md").write_text("# About\n\nWe sell mugs.")
    (store / "products.csv").write_text("sku,name,price\nMUG-1,Blue mug,5.00\n")
    return tmp_path / "prompts"


def opened(prompts, build=build_here):
    return Catalogue(prompts, build=build)


class Builds:
    """Builds, and counts how often; fails when told to."""

    def __init__(self):
        self.count, self.error = 0, None

    def __call__(self, work: Work) -> None:
        self.count += 1
        if self.error:
            raise NotBuilt(self.error)
        build_here(work)


def names(shop):
    return [product.name for product in shop.current.all()]


def test_there_is_no_index_before_the_first_refresh(prompts):
    shop = opened(prompts)

    assert shop.current is None
    assert shop.snapshot is None


def test_a_refresh_reads_the_files_and_the_next_one_nothing(prompts):
    builds = Builds()
    shop = opened(prompts, builds)

    assert [shop.refresh(), shop.refresh()] == [True, False]
    assert names(shop) == ["Blue mug"]
    assert builds.count == 1
    assert (prompts.parent / ".storekeeper" / "catalogue.sqlite").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda store: (store / "products.csv").write_text("sku,name,price\nMUG-1,Red mug,5.00\n"),
        lambda store: (store / "more.csv").write_text("sku,name,price\nCUP-1,Cup,4.00\n"),
        lambda store: (store / "products.csv").unlink(),
        lambda store: (store.parent / "synonyms.csv").write_text("mug,cup\n"),
        lambda store: os.utime(store / "about.md", ns=(1, 1)),
    ],
    ids=["edited", "added", "deleted", "synonyms", "touched"],
)
def test_a_changed_file_is_read_again(prompts, change):
    shop = opened(prompts, builds := Builds())
    shop.refresh()

    change(prompts / "store")

    assert shop.refresh()
    assert builds.count == 2


def test_a_hidden_file_changes_nothing(prompts):
    shop = opened(prompts)
    shop.refresh()
    (prompts / "store" / ".products.csv.swp").write_text("x")

    assert not shop.refresh()


def test_a_second_process_opens_what_the_first_one_built(prompts):
    opened(prompts).refresh()
    other = opened(prompts, builds := Builds())

    assert other.refresh()
    assert names(other) == ["Blue mug"]
    assert builds.count == 0


def test_a_failed_build_keeps_the_last_good_index(prompts, caplog):
    shop = opened(prompts, builds := Builds())
    shop.refresh()
    (prompts / "store" / "products.csv").write_text("broken")
    builds.error = "products.csv:1: it has no header"

    assert [shop.refresh(), shop.refresh()] == [False, False]
    assert names(shop) == ["Blue mug"]
    assert builds.count == 2, "a build that failed is not tried again before the next change"
    assert [record.error for record in caplog.records if record.message == "shop_not_read"] == [builds.error]


@pytest.mark.parametrize(
    "error", [NotBuilt("disk is full"), OSError(28, "No space left on device")], ids=["child", "here"]
)
def test_a_failed_build_is_tried_again_and_told_once(prompts, caplog, monkeypatch, error):
    monkeypatch.setattr(catalogue, "RETRY_SECONDS", 0)
    failing = [error, error]

    def build(work: Work) -> None:
        if failing:
            raise failing.pop()
        build_here(work)

    shop = opened(prompts, build)

    assert [shop.refresh(), shop.refresh(), shop.refresh()] == [False, False, True]
    assert names(shop) == ["Blue mug"]
    assert len([record for record in caplog.records if record.message == "shop_not_read"]) == 1


def test_the_last_good_index_is_used_after_a_restart(prompts):
    opened(prompts).refresh()
    (prompts / "store" / "products.csv").write_text("broken")
    failing = Builds()
    failing.error = "it has no header"

    shop = opened(prompts, failing)

    assert shop.refresh()
    assert names(shop) == ["Blue mug"]


def test_a_failure_is_told_once_after_a_restart_too(prompts, caplog, monkeypatch):
    opened(prompts).refresh()
    (prompts / "store" / "products.csv").write_text("broken")
    monkeypatch.setattr(catalogue, "RETRY_SECONDS", 0)
    failing = Builds()
    failing.error = "it has no header"
    shop = opened(prompts, failing)

    assert [shop.refresh(), shop.refresh()] == [True, False]
    assert failing.count == 2
    assert len([record for record in caplog.records if record.message == "shop_not_read"]) == 1


def test_a_store_without_anything_keeps_the_last_good_index(prompts):
    shop = opened(prompts)
    shop.refresh()
    for file in (prompts / "store").iterdir():
        file.unlink()

    assert not shop.refresh()
    assert names(shop) == ["Blue mug"]


def test_a_mended_file_counts_again(prompts):
    shop = opened(prompts, builds := Builds())
    shop.refresh()
    builds.error = "it has no header"
    (prompts / "store" / "products.csv").write_text("broken")
    shop.refresh()
    builds.error = None
    (prompts / "store" / "products.csv").write_text("sku,name,price\nMUG-2,Green mug,5.00\n")

    assert shop.refresh()
    assert names(shop) == ["Green mug"]


@pytest.mark.parametrize("content", [b"", b"no database", "meta"], ids=["empty", "garbage", "of another version"])
def test_an_unusable_index_is_built_anew(prompts, content):
    opened(prompts).refresh()
    file = prompts.parent / ".storekeeper" / "catalogue.sqlite"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with sqlite3.connect(file) as db:
            db.execute("UPDATE meta SET value = '0' WHERE name = 'version'")
        db.close()
    shop = opened(prompts)

    assert shop.refresh()
    assert names(shop) == ["Blue mug"]


def test_a_deleted_index_is_built_anew_at_the_next_start(prompts):
    opened(prompts).refresh()
    (prompts.parent / ".storekeeper" / "catalogue.sqlite").unlink()

    assert opened(prompts).refresh()


def test_what_cannot_be_written_beside_prompts_goes_elsewhere(prompts, tmp_path, monkeypatch):
    (prompts.parent / ".storekeeper").write_text("a file in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    first, second = opened(prompts), opened(prompts, builds := Builds())
    first.refresh()
    second.refresh()

    assert names(second) == ["Blue mug"]
    assert builds.count == 0, "processes share it there too"
    assert first.place.stat().st_mode & 0o777 == 0o700
    assert first.place.parent == tmp_path


def test_no_place_for_a_feed_is_told_once_and_stops_nothing(prompts, tmp_path, monkeypatch, caplog):
    (prompts.parent / ".storekeeper").write_text("a file in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    shop = Catalogue(prompts, build=build_here)
    shop.configure("", has_feed=True)

    assert [shop.wait(1), shop.refresh()] == [None, False]
    assert [record.levelname for record in caplog.records if record.message == "shop_not_read"] == ["ERROR"]


def test_somebody_elses_directory_is_not_used(prompts, tmp_path, monkeypatch):
    (prompts.parent / ".storekeeper").write_text("a file in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shared = opened(prompts).place
    shared.rmdir()
    (tmp_path / "theirs").mkdir()
    shared.symlink_to(tmp_path / "theirs")

    assert opened(prompts).place not in (shared, tmp_path / "theirs")


def test_a_question_waits_for_the_first_index(prompts):
    gate = threading.Event()

    def slow(work):
        gate.wait(10)
        build_here(work)

    shop = opened(prompts, slow)
    reading = threading.Thread(target=shop.refresh)
    reading.start()
    assert shop.wait(0.05) is None, "the wait has an end"
    gate.set()

    snapshot = shop.wait(10)
    reading.join()
    assert snapshot is shop.snapshot
    assert snapshot.index.count == 1


def test_a_question_reads_the_files_where_nobody_does(prompts):
    shop = opened(prompts)

    assert shop.wait(1).index.count == 1


def test_two_processes_build_one_index(prompts):
    builds = Builds()

    def slow(work):
        builds(work)
        time.sleep(0.2)

    both = [opened(prompts, slow), opened(prompts, slow)]
    threads = [threading.Thread(target=shop.refresh) for shop in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert builds.count == 1
    assert [names(shop) for shop in both] == [["Blue mug"], ["Blue mug"]]


def test_a_sale_that_ends_is_noticed_the_next_day(prompts, monkeypatch):
    class Tomorrow(date):
        @classmethod
        def today(cls):
            return cls(2031, 1, 1)

    shop = opened(prompts)
    before = shop.signature()
    monkeypatch.setattr(catalogue, "date", Tomorrow)

    assert shop.signature() != before


def test_a_full_disk_is_told_and_stops_nothing(prompts, caplog):
    shop = opened(prompts)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))
    try:
        assert shop.wait(1) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert [record.levelname for record in caplog.records if record.message == "shop_not_read"] == ["ERROR"]


# In a process of its own


def test_a_child_builds_the_index(prompts):
    shop = opened(prompts, None)

    assert shop.refresh()
    assert names(shop) == ["Blue mug"]


def test_a_child_that_fails_says_why(prompts, tmp_path):
    with pytest.raises(NotBuilt, match="ended with"):
        build_in_child(Work(prompts / "store", tmp_path / "missing" / "index", tmp_path / "last", None, ""))


def test_a_child_that_takes_too_long_is_ended(prompts, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "BUILD_SECONDS", 0.01)

    with pytest.raises(NotBuilt, match="more than"):
        build_in_child(Work(prompts / "store", tmp_path / "index", tmp_path / "last", None, ""))


def test_the_builder_knows_none_of_the_shops_secrets(tmp_path, monkeypatch):
    told, python = tmp_path / "told", tmp_path / "python"
    python.write_text(f"#!/bin/sh\nenv > {told}\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    build_in_child(Work(tmp_path / "store", tmp_path / "new", tmp_path / "old", None, ""))

    assert "PATH=" in told.read_text()
    assert "sk-secret" not in told.read_text()
