"""Tests of what of a reply is sent: whatever grows how, the page shows it, finished blocks stay, and little is sent."""

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.pages.markdown import Blocks, render, render_blocks
from handlers.pages.reply_events import Change, Screen, growth
from handlers.replies.live import LiveReply
from memory.conversations.turns import ReplyId
from tests.handlers.pages.test_markdown import BREAKS, PIECES
from tests.support.shop import ENGLISH, NOON
from tests.support.sse import Element, events
from tests.support.sse import Screen as Page
from tests.support.upstream import MARKDOWN

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = "words " * 20
BODY = '<li id="message-2"><div id="m2-body" class="md"><div id="m2-tail" class="tail"></div></div></li>'


def shown(page: Page) -> str:
    """Return the reply as the page holds it, without what streaming needs."""
    body = page.page.find("m2-body")
    assert body is not None
    html = "".join(child.print(without=("id",)) for child in body.blocks)
    return squeezed(re.sub(r'<div class="tail">(.*)</div>$', r"\1", html, flags=re.S))


def squeezed(html: str) -> str:
    """Return HTML as it is read and printed again, without space between elements."""
    return re.sub(r">\s+<", "><", html).strip()


def expected(text: str) -> str:
    step = Blocks().feed(text)
    page = Page("<div>" + "".join([*step.finished, *step.open]) + "</div>").page
    return squeezed("".join(child.print() for child in page.blocks[0].blocks))


def grow(text: str, cuts: list[int]) -> tuple[Page, int]:
    """Grow a reply to these lengths, one frame each; return the page and the bytes sent. Finished blocks must stay."""
    reply, page, sent = LiveReply(ReplyId(2, NOON)), Page(BODY), 0
    screen, seen = Screen(reply, ENGLISH), -1
    finished = list[Element]()
    for cut in cuts:
        reply.show(text[:cut])
        seen, data = screen.since(seen, is_late=True)
        sent += len(data)
        for event in events(data):
            page.show(event)
        assert shown(page) == expected(text[:cut])
        body = page.page.find("m2-body")
        assert body is not None
        assert all(a is b for a, b in zip(finished, body.blocks[:-1], strict=False))
        finished = body.blocks[:-1]
    return page, sent


@settings(patient, max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(BREAKS)), max_size=10),
    st.lists(st.integers(0, 400), max_size=12),
)
def test_whatever_grows_the_page_shows_it(parts: list[tuple[str, str]], cuts: list[int]) -> None:
    text = "".join(piece + end for piece, end in parts)

    grow(text, [*sorted(min(cut, len(text)) for cut in cuts), len(text)])


@pytest.mark.parametrize("step", [1, 3, 7, 50])
def test_an_answer_grows_and_its_finished_blocks_stay(step: int) -> None:
    grow(MARKDOWN, [*range(1, len(MARKDOWN), step), len(MARKDOWN)])


GROWTH = [
    ("", "<p>a</p>", [(0, "+", "<p>a</p>")]),
    ("<p>a</p>", "<p>a b</p>", [(1, "+", " b")]),
    ("<p>a <em>b</em></p>", "<p>a <em>b</em> c</p>", [(1, "+", " c")]),
    (f"<p>{WORDS}</p><p>a *b</p>", f"<p>{WORDS}</p><p>a <em>b</em></p>", [(1, "-2 ", "<em>b</em>")]),
    (f"<ul><li>{WORDS}</li></ul>", f"<ul><li>{WORDS}</li><li>b</li></ul>", [(1, "+", "<li>b</li>")]),
    (
        f"<ul><li>{WORDS}</li></ul>",
        f"<ul><li>{WORDS} a</li><li>b</li></ul><p>c</p>",
        [(2, "+", " a"), (1, "+", "<li>b</li>"), (0, "+", "<p>c</p>")],
    ),
    (
        f"<ul><li>{WORDS}</li><li>*b</li></ul>",
        f"<ul><li>{WORDS}</li><li><em>b</em></li></ul>",
        [(2, "-2 ", "<em>b</em>")],
    ),
    ("<p>a</p>", "<p>a</p><p>b</p>", [(0, "+", "<p>b</p>")]),
    ("<p>a</p>", "<h3>a</h3>", [(0, "=", "<h3>a</h3>")]),
    ("<p>a &amp;</p>", "<p>a &amp;amp;</p>", [(1, "+", "amp;")]),
    ("<p>a</p>", "<p>a<br>b</p>", [(1, "+", "<br>b")]),
    ("<p>a *&amp;😀</p>", "<p>a <em>&amp;😀</em></p>", [(1, "-4 ", "<em>&amp;😀</em>")]),
    ("<p>a &amp;</p>", "<p>a &lt;</p>", [(1, "-1 ", "&lt;")]),
    ("<p>a</p>", "<p>a</p>", []),
    ("<p>a<br></p>", "<p>a<br>b</p>", [(1, "+", "b")]),
    ("<p>a <em>b</em> c <em>d</em></p>", "<p>a <em>b</em> c <em>d e</em> f</p>", [(2, "+", " e"), (1, "+", " f")]),
    ("<p>a</p><hr>", "<p>a</p><hr><p>b</p>", [(0, "+", "<p>b</p>")]),
    ("<pre><code>a</code></pre><p>b</p>", "<pre><code>a</code></pre><p>b c</p>", [(1, "+", " c")]),
]


@pytest.mark.parametrize(("before", "after", "change"), GROWTH, ids=[after for _, after, _ in GROWTH])
def test_only_what_changed_is_said(before: str, after: str, change: list[Change]) -> None:
    assert growth(before, after) == change


def test_who_was_slow_is_sent_what_they_missed_and_no_more() -> None:
    reply = LiveReply(ReplyId(2, NOON))
    screen, page = Screen(reply, ENGLISH), Page(BODY)
    text = "".join(f"Paragraph {n} of the answer.\n\n" for n in range(200))
    reply.show(text[:3_000])
    seen, data = screen.state()
    for event in events(data):
        page.show(event)
    for length in (3_500, 3_900, 4_400):
        reply.show(text[:length])
        screen.since(screen._version)

    seen, data = screen.since(seen)
    for event in events(data):
        page.show(event)

    assert shown(page) == expected(text[:4_400])
    assert len(data) < 3_500


def long_answer() -> str:
    """Return about 20,000 tokens of all that an answer is made of."""
    chance, parts = random.Random(3), list[str]()
    while sum(map(len, parts)) < 80_000:
        words = " ".join(
            chance.choices("a hammock of **cotton** for the veranda in *Recife* and `RED-012` is".split(), k=40)
        )
        rows = "\n".join(f"| RED-{n:03} | Rede {n} | R$ {n}.00 |" for n in range(chance.randint(3, 9)))
        items = "\n".join(f"- **Item {n}**: {words[:60]}" for n in range(6))
        code = "\n".join(f"price_{n} = {n} * 1.05  # with tax" for n in range(12))
        parts += [f"## Part\n\n{words}.\n\n", f"{items}\n\n", f"| SKU | Name | Price |\n|---|---|---:|\n{rows}\n\n"]
        parts.append(f"```python\n{code}\n```\n\n{words}.\n\n")
    return "".join(parts)


@pytest.mark.parametrize("step", [8, 40], ids=["two tokens a frame", "ten tokens a frame"])
def test_a_long_reply_is_sent_in_less_than_three_times_its_html(step: int) -> None:
    text = long_answer()
    reply = LiveReply(ReplyId(2, NOON))
    screen, seen, sent, frames = Screen(reply, ENGLISH), -1, 0, 0
    for cut in range(step, len(text), step):
        reply.show(text[:cut])
        seen, data = screen.since(seen)
        sent, frames = sent + len(data), frames + bool(data)
    html = "\n".join(render_blocks(text))
    sent += len(html.encode())

    assert html == render(text)
    assert sent < 2.9 * len(html.encode())
    assert frames > len(text) / 80
