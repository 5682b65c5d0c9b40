import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shop import feed as feeds
from shop.feed import Feed

TABLE = "sku,name,price\n" + "".join(f"MUG-{n},Mug {n},5.00\n" for n in range(10))


class Shop:
    """A shop's server: what it answers next, and what it was asked."""

    def __init__(self):
        self.status, self.body, self.headers, self.asked = 200, TABLE, {"ETag": '"1"'}, []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                shop.asked.append((self.path, dict(self.headers)))
                is_same = shop.status == 200 and self.headers.get("If-None-Match") == shop.headers.get("ETag")
                body = b"" if is_same else shop.body.encode()
                self.send_response(304 if is_same else shop.status)
                for name, value in shop.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/feed?token=secret-word"


@pytest.fixture
def shop():
    shop = Shop()
    thread = threading.Thread(target=shop.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield shop
    shop.server.shutdown()
    shop.server.server_close()
    thread.join()


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        seconds = 1_000_000.0

        def time(self):
            return self.seconds

    clock = Clock()
    monkeypatch.setattr(feeds, "time", clock)
    return clock


@pytest.fixture
def feed(shop, tmp_path, clock, caplog):
    caplog.set_level(logging.INFO)
    return Feed(shop.address, tmp_path / "feed", 30)


def due(clock, minutes=31):
    clock.seconds += 60 * minutes


def reasons(caplog):
    return [record.error for record in caplog.records if record.message == "feed_not_used"]


def test_a_feed_is_fetched_and_kept(feed, tmp_path, caplog):
    assert feed.refresh()
    assert (tmp_path / "feed").read_text() == TABLE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed", "feed.json", "feed.lock"]
    assert [record.products for record in caplog.records if record.message == "feed_read"] == [10]
    assert "secret-word" not in (tmp_path / "feed.json").read_text()
    assert "secret-word" not in caplog.text + str([vars(record) for record in caplog.records])


def test_a_feed_is_not_fetched_before_it_is_due(feed, shop, clock):
    assert [feed.refresh(), feed.refresh()] == [True, False]
    due(clock, 29)
    assert not feed.refresh()
    assert len(shop.asked) == 1


def test_an_unchanged_feed_is_not_sent_again(feed, shop, clock):
    feed.refresh()
    due(clock)

    assert not feed.refresh()
    assert shop.asked[1][1]["If-None-Match"] == '"1"'
    assert not feed.refresh(), "it is due in half an hour again"
    assert len(shop.asked) == 2


def test_a_changed_feed_takes_the_last_ones_place(feed, shop, clock, tmp_path):
    feed.refresh()
    due(clock)
    shop.body, shop.headers = TABLE.replace("5.00", "6.00"), {"ETag": '"2"'}

    assert feed.refresh()
    assert "6.00" in (tmp_path / "feed").read_text()


def test_a_feed_that_is_gone_is_fetched_whole(feed, shop, clock, tmp_path):
    feed.refresh()
    (tmp_path / "feed").unlink()
    due(clock)

    assert feed.refresh()
    assert "If-None-Match" not in shop.asked[1][1]


def test_another_address_is_another_feed(feed, shop, clock, tmp_path):
    feed.refresh()
    shop.body = TABLE[:60]

    assert Feed(shop.address + "&more=1", tmp_path / "feed", 30).refresh(), "it may have fewer products, and is due"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("\n".join(TABLE.split("\n")[:5]), "It has 4 products, the last one had 10"),
        ("<rss><channel><item>", ""),
        ("", ""),
        ("We are down for maintenance.", "There is no product in it"),
        ("<!doctype html><html><body>Log in</body></html>", ""),
    ],
    ids=["fewer than half", "half an XML", "nothing", "a text", "a page"],
)
def test_an_unusable_feed_does_not_replace_the_last_one(feed, shop, clock, tmp_path, caplog, body, reason):
    feed.refresh()
    due(clock)
    shop.body, shop.headers = body, {"ETag": '"2"'}

    assert not feed.refresh()
    assert (tmp_path / "feed").read_text() == TABLE
    (told,) = reasons(caplog)
    assert reason in told
    assert not (tmp_path / "feed-new").exists()


def test_half_of_the_products_are_enough(feed, shop, clock):
    feed.refresh()
    due(clock)
    shop.body, shop.headers = "\n".join(TABLE.split("\n")[:6]), {"ETag": '"2"'}

    assert feed.refresh()


def test_a_failed_feed_is_tried_again_within_minutes(feed, shop, clock, caplog):
    shop.status = 503
    assert not feed.refresh()
    shop.status = 200
    due(clock, 4)
    assert not feed.refresh()
    due(clock, 1)

    assert feed.refresh()
    assert reasons(caplog) == ["Its server answers with status 503."]


def test_a_server_that_is_not_there_is_told(tmp_path, clock, caplog):
    assert not Feed("http://127.0.0.1:9/feed?token=secret-word", tmp_path / "feed", 30).refresh()
    assert "It cannot be fetched" in reasons(caplog)[0]
    assert "secret-word" not in reasons(caplog)[0]


def test_a_feed_has_a_largest_size(feed, monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(feeds, "MOST_BYTES", 50)

    assert not feed.refresh()
    assert "more than" in reasons(caplog)[0]
    assert not (tmp_path / "feed").exists()


def test_a_feed_has_a_time_limit(feed, monkeypatch, caplog):
    monkeypatch.setattr(feeds, "FETCH_SECONDS", 0.0)

    assert not feed.refresh()
    assert "not there within" in reasons(caplog)[0]


def test_a_redirect_is_followed(feed, shop, tmp_path):
    shop.status, shop.headers = 302, {"Location": "/other"}
    assert not feed.refresh(), "an endless one is not"
    assert [path for path, _ in shop.asked][:2] == ["/feed?token=secret-word", "/other"]
    assert len(shop.asked) == 6


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "https://169.254.169.254/", "https://[fe80::1]/", "https://metadata.google.internal/",
     "http://10.0.0.1/feed", "http://shop.example/feed", "file:///etc/passwd", "https://[::ffff:169.254.169.254]/",
     "https://100.100.100.200/", "https://0.0.0.0/", "https://2852039166/", "http://[/"],
)  # fmt: skip
def test_a_redirect_leads_nowhere_it_must_not(feed, shop, target, caplog):
    shop.status, shop.headers = 302, {"Location": target}

    assert not feed.refresh()
    assert len(shop.asked) == 1
    assert "It leads to" in reasons(caplog)[0]


def test_a_name_is_checked_by_the_address_it_stands_for(tmp_path, clock, caplog, monkeypatch):
    async def looked_up(self, host, port, **_):
        return [(2, 1, 6, "", ("169.254.169.254", port))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", looked_up)

    assert not Feed("https://innocent.example/feed", tmp_path / "feed", 30).refresh()
    assert "link-local" in reasons(caplog)[0]


def test_two_processes_fetch_it_once(shop, tmp_path, clock):
    both = [Feed(shop.address, tmp_path / "feed", 30) for _ in range(2)]
    with both[0]._one_fetcher() as is_ours:
        assert is_ours
        assert not both[1].refresh()
    assert [one.refresh() for one in both] == [True, False]
    assert len(shop.asked) == 1


def test_a_damaged_note_counts_as_none(feed, shop, clock, tmp_path):
    feed.refresh()
    (tmp_path / "feed.json").write_text(json.dumps({"other": 1}))

    assert feed.refresh()
