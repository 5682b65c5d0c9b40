"""Tests of addresses in answers: which words become links, where these lead, and what a link cannot hide."""

import time

import pytest

from handlers.pages.links import REL
from handlers.pages.markdown import Blocks, render
from tests.handlers.pages.test_markdown import check


def links(text: str) -> list[tuple[str | None, str]]:
    return [(one.attributes.get("href"), one.text) for one in check(render(text)).by_tag("a")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://x.example/a?b=1&c=2.", [("https://x.example/a?b=1&c=2", "https://x.example/a?b=1&c=2")]),
        ("(http://x.example/a_(b)), yes", [("http://x.example/a_(b)", "http://x.example/a_(b)")]),
        ("**https://x.example**!", [("https://x.example", "https://x.example")]),
        ("Look at www.x.example.", [("https://www.x.example", "www.x.example")]),
        ("wa.me/5581055501 42", [("https://wa.me/5581055501", "wa.me/5581055501")]),
        ("Write to ana.b+c@x.example, or", [("mailto:ana.b+c@x.example", "ana.b+c@x.example")]),
        ("Call +55 81 0555-0142.", [("tel:+558105550142", "+55 81 0555-0142")]),
        ("Call (81) 5550-0142", [("tel:8155500142", "(81) 5550-0142")]),
        ("+55 81 0555-0142 09:00", [("tel:+558105550142", "+55 81 0555-0142")]),
        ("**WhatsApp:** +55 81 0555-0142", [("https://wa.me/558105550142", "+55 81 0555-0142")]),
        ("- WhatsApp: +55 81 00555-0143", [("https://wa.me/5581005550143", "+55 81 00555-0143")]),
        ("| a |\n| - |\n| https://x.example |", [("https://x.example", "https://x.example")]),
        ('"https://x.example/"', [("https://x.example/", "https://x.example/")]),
        ("https://x.example/<b>", [("https://x.example/", "https://x.example/")]),
        ("https://x.example/a&", [("https://x.example/a", "https://x.example/a")]),
    ],
)
def test_a_bare_address_is_a_link(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`https://x.example` and `a@x.example`", "```\nhttps://x.example\n```", "https:evil.example", "https://",
        "javascript://x.example", "//x.example", "a@b", "RED-012 + 5 = 17", "+5 81", "1+23456789", "2026-11-23",
        "12.345.678/0001-90", "https://localhost/", "R$ 289.00", "www.", "xhttps://x.example",
    ],
)  # fmt: skip
def test_other_words_are_none(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    "address", ["https:evil.example", "https:/evil.example", "https:///evil.example", "http:evil", "https:\\\\evil"]
)
def test_an_address_without_a_host_is_no_link(address: str) -> None:
    assert [href for href, _ in links(f"[shop]({address}) and [b](HTTPS:evil.example)")] == [None, None]


def test_links_to_elsewhere_open_beside_the_page() -> None:
    page = check(render("[a](https://x.example) https://y.example a@x.example +55 81 0555-0142"))

    assert [one.attributes.get("target") for one in page.by_tag("a")] == ["_blank", "_blank", None, None]
    assert {one.attributes["rel"] for one in page.by_tag("a")} == {REL}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("[shop.example](https://evil.example/x)", "shop.example (evil.example)"),
        ("[https://shop.example/a](https://evil.example)", "https://shop.example/a (evil.example)"),
        ("[**shop**.example](https://evil.example)", "shop.example (evil.example)"),
        ("[our shop.example page](https://evil.example)", "our shop.example page (evil.example)"),
        ("[a@shop.example](mailto:b@evil.example)", "a@shop.example (b@evil.example)"),
        ("[www.shop.example](https://shop.example)", "www.shop.example"),
        ("[Shop.Example](https://shop.example/a)", "Shop.Example"),
        ("[our page](https://evil.example)", "our page"),
        ("[a@shop.example](mailto:A@shop.example)", "a@shop.example"),
    ],
)
def test_the_true_host_is_shown_where_the_words_name_another(text: str, seen: str) -> None:
    assert check(render(text)).text.strip() == seen


def test_an_address_is_a_link_while_the_answer_streams() -> None:
    text = "Write to ana@x.example or see https://x.example/a soon. Bye"
    blocks, seen = Blocks(), set[str]()
    for end in range(len(text) + 1):
        (html,) = blocks.feed(text[:end]).open or ("",)
        seen |= {one.attributes["href"] or "" for one in check(html).by_tag("a")}

    assert seen == {"mailto:ana@x.example", "https://x.example/a"}, "none of a part of them"


@pytest.mark.parametrize(
    "text",
    ["+" + "1 " * 9_000, "(" * 20_000, "a@" * 9_000, "https://" + ")" * 19_000, "www." * 5_000, "a." * 9_000 + "@"],
)
def test_a_hostile_text_takes_no_long_time(text: str) -> None:
    started = time.process_time()
    check(render(text))
    check(render(f"[{text}](https://x.example)"))

    assert time.process_time() - started < 5
