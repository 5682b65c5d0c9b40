import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from completions.client import Client
from handlers import shop_watch
from handlers.services import Services
from handlers.shop_watch import ShopWatch
from memory.storage.users import Users
from settings import ROOT, read
from tests.support.snapshots import build_here


@pytest.fixture
def services(tmp_path):
    prompts = tmp_path / "prompts"
    (prompts / "store").mkdir(parents=True)
    for name in ("system.md", "summarise.md"):
        (prompts / name).write_bytes((ROOT / "prompts" / name).read_bytes())
    (prompts / "store" / "products.csv").write_text("sku,name,price\nMUG-1,Blue mug,5.00\n")
    users = Users(tmp_path / "users")
    users.prepare()
    settings = read({})
    return Services(settings, users, prompts, Client({}, settings.limits), build_index=build_here)


class Kept(logging.Handler):
    """Keeps records also of the moment between a test's set-up and itself, when pytest's own handler is off."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        record.message = record.getMessage()
        self.records.append(record)


@pytest.fixture
def caplog():
    kept, log = Kept(), logging.getLogger("storekeeper.shop")
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(kept)
    yield kept
    log.removeHandler(kept)
    log.setLevel(level)


@pytest.fixture
def watch(services, caplog):
    watch = ShopWatch(lambda: services, look_seconds=0.02)
    watch.start()
    yield watch
    watch.stop()
    watch.join(10)


def until(is_true, seconds=30):
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.01)


def lines(caplog, event):
    """Return the records of an event."""
    return [record for record in caplog.records if record.message == event]


def test_the_files_are_read_at_the_start_and_told_in_a_line(services, watch, caplog):
    until(lambda: lines(caplog, "shop_read"))

    (line,) = lines(caplog, "shop_read")
    assert (line.products, line.texts, line.files, line.unusable, line.sent) == (
        1,
        0,
        1,
        0,
        "whole up to 8000 tokens, else searched",
    )
    assert services.shop.current.count == 1


def test_an_edit_counts_without_a_question(services, watch, caplog):
    until(lambda: services.shop.current)
    edited = services.prompts / "edited.csv"
    edited.write_text("sku,name,price\nMUG-1,Red mug,5.00\n")
    edited.replace(services.prompts / "store" / "products.csv")  # whole at once: half a file would be one more reading

    until(lambda: services.shop.current.product("MUG-1").name == "Red mug")
    until(lambda: len(lines(caplog, "shop_read")) == 2)


def test_an_unusable_file_is_told_and_the_others_count(services, watch, caplog):
    until(lambda: services.shop.current)
    (services.prompts / "store" / "more.xlsx").write_bytes(b"no spreadsheet")

    until(lambda: lines(caplog, "shop_file_unusable"))
    (line,) = lines(caplog, "shop_file_unusable")
    assert (line.levelname, line.file) == ("ERROR", "more.xlsx")
    assert line.error
    assert services.shop.current.product("MUG-1").name == "Blue mug"


def test_a_watch_goes_on_after_an_error(services, caplog):
    calls = []

    def build(work):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("boom")
        build_here(work)

    services.shop._build = build
    watch = ShopWatch(lambda: services, look_seconds=0.02)
    watch.start()

    until(lambda: services.shop.current)
    watch.stop()
    watch.join(10)


def test_a_feed_is_read_like_a_file_of_the_store(tmp_path, services, caplog):
    class Table(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"sku,name,price\nCUP-1,Cup of the feed,4.00\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Table)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings = read({"catalogue": {"feed": f"http://127.0.0.1:{server.server_port}/"}})
    fed = Services(settings, services.users, services.prompts, services.completer)
    watch = ShopWatch(lambda: fed, look_seconds=0.05)
    watch.start()
    try:
        until(lambda: fed.shop.current and fed.shop.current.product("CUP-1"), 60)
        assert fed.shop.current.product("MUG-1").name == "Blue mug"
    finally:
        watch.stop()
        server.shutdown()
        server.server_close()
        thread.join()
        watch.join(30)


def test_a_feed_without_a_place_to_be_kept_is_tried_again(tmp_path, services, monkeypatch, caplog):
    (tmp_path / ".storekeeper").write_text("a file in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr(shop_watch, "_FEED_LOOK_SECONDS", 0.02)
    settings = read({"catalogue": {"feed": "http://127.0.0.1:9/"}})
    fed = Services(settings, services.users, services.prompts, services.completer)
    watch = ShopWatch(lambda: fed, look_seconds=0.02)
    watch.start()
    try:
        until(lambda: len(lines(caplog, "feed_not_used")) > 1)
    finally:
        watch.stop()
        watch.join(10)


def test_a_file_that_never_rests_does_not_hold_others_up(services, watch, monkeypatch):
    until(lambda: services.shop.current)
    monkeypatch.setattr(shop_watch, "PATIENCE_SECONDS", 0.2)
    store, stop = services.prompts / "store", threading.Event()

    def grow():
        while not stop.wait(0.005):
            with (store / "growing.csv").open("a") as file:
                file.write("sku,name,price\n")

    growing = threading.Thread(target=grow)
    growing.start()
    (store / "products.csv").write_text("sku,name,price\nMUG-1,Red mug,5.00\n")
    try:
        until(lambda: services.shop.current.product("MUG-1").name == "Red mug")
    finally:
        stop.set()
        growing.join()
