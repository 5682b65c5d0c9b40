"""Tests of the names of browsers. The headers are those that the browsers send."""

import pytest

from handlers.web.browsers import browser_of

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (f"{MOZILLA} (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", ("Firefox", "Android")),
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", ("Chrome", "Windows")),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", ("Edge", "Windows")),
        (f"{MOZILLA} (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", ("Samsung Internet", "Android")),
        (f"{MOZILLA} (Linux; Android 10; K) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36 OPR/90.0.0.0", ("Opera", "Android")),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) {IOS} Version/18.6 Mobile/15E148 Safari/604.1", ("Safari", "iPhone")),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) {IOS} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1", ("Chrome", "iPhone")),
        (f"{MOZILLA} (iPad; CPU OS 18_6 like Mac OS X) {IOS} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", ("Firefox", "iPad")),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {IOS} Version/18.6 Safari/605.1.15", ("Safari", "Mac")),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", ("Chrome", "ChromeOS")),
        ("curl/8.14.1", ("", "")),
        ("<script>alert(1)</script>" * 1000 + "Firefox/1", ("", "")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_its_user_does(header: str, named: tuple[str, str]) -> None:
    assert browser_of(header) == named
