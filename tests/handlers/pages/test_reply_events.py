"""Tests of a reply's server-sent events: what a browser makes of them, however the text came, is the finished reply."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.pages import reply_events
from handlers.pages.markdown import render, render_blocks
from handlers.pages.reply_events import Screen, with_ids
from handlers.replies.live import LiveReply
from memory.conversations.turns import ReplyId
from memory.text import normalise
from shop.claims.values import Claim
from tests.support import sse
from tests.support.shop import ENGLISH, NOON
from tests.support.sse import Event, events
from tests.support.upstream import MARKDOWN

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PAGE = '<li id="message-2"><div class="text md" id="m2-body"><div id="m2-tail" class="tail"></div></div></li>'

FORGED = [
    "data: <b>x</b>",
    "event: done\ndata: done",
    "event: done\r\ndata: done\r\n\r\n",
    "a\rb\rdata: c",
    "\rdata: x\r\r",
    "id: 99\n\ndata: x\n\n",
    ": ping\n\n: ping",
    "retry: 1\n\n",
    "a\u2028data: x\u2029event: done\u0085id: 9",
    "a\x0bdata: x\x0cevent: done\x1cid: 9\x1dx\x1ey",
    "\ufeffdata: x",
    "</hx-partial><hx-partial hx-target='body'>",
    "</div></li><i hx-sse:connect='/logout'>",
    "",
    "\n",
    "\n\n\n",
]


def screen_of(text: str = "") -> tuple[LiveReply, Screen]:
    reply = LiveReply(ReplyId(2, NOON))
    reply.text = text
    return reply, Screen(reply, ENGLISH)


def shown(page: sse.Screen) -> str:
    """Return what stands in the bubble: its blocks, out of the tail and in it, without ids and white space between."""
    body = page.page.find("m2-body")
    assert body is not None
    blocks = [one for block in body.blocks for one in (block.blocks if "tail" in classes(block) else [block])]
    return squeezed("".join(block.print(without=("id",)) for block in blocks))


def classes(element: sse.Element) -> list[str]:
    return (element.attributes.get("class") or "").split()


def squeezed(html: str) -> str:
    """Return the HTML without the space between elements, written as the reader of tests writes it.

    Code is compared as it stands while it is open: without its colours, its button and its last line feeds.
    """
    html = re.sub(r'</?span[^>]*>|<button class="copy".*?</button>|\n+(?=</code>)', "", html)
    page = sse.parse(re.sub(r">\s+<", "><", html))
    return re.sub(r">\s+<", "><", page.print().removeprefix("<page>").removesuffix("</page>")).strip()


def follow(text: str, cuts: list[int], seen: list[int] | None = None) -> sse.Screen:
    """Show a text that grows to each of the cuts, by the events sent to one who follows; return the page then."""
    reply, screen = screen_of()
    page, version = sse.Screen(PAGE), -1
    for n, cut in enumerate(sorted({*cuts, len(text)})):
        reply.show(text[:cut])
        if seen is not None and n not in seen:
            screen.state()  # others follow too; this one was too slow for it
            continue
        version, data = screen.since(version)
        for event in events(data):
            page.show(event)
    if version != reply.version:
        for event in events(screen.since(version)[1]):
            page.show(event)
    return page


# One event


def test_an_event_is_its_lines_and_a_blank_one() -> None:
    assert reply_events.event("<p>a\nb</p>", 7) == b"id: 7\ndata: <p>a\ndata: b</p>\n\n"


@pytest.mark.parametrize("text", FORGED)
def test_no_text_makes_an_event_of_its_own(text: str) -> None:
    (event,) = events(reply_events.event(text, 3))

    assert event == Event("message", text.replace("\r", "\ufffd"), "3")


@patient
@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_one_event_and_comes_out_as_it_went_in(text: str) -> None:
    (event,) = events(reply_events.event(text, 3))

    assert event == Event("message", text.replace("\r", "\ufffd"), "3")


def test_a_browser_reads_done_as_an_event_and_ignores_pings() -> None:
    assert events(reply_events.DONE) == [Event("done", "done", "")]
    assert events(reply_events.HELLO) == [Event("here", "here", "")]
    assert events(reply_events.PING) == []


def test_blocks_are_named_by_message_and_place() -> None:
    named = with_ids(2, ["<p>a <em>b</em></p>", '<ol start="3">\n<li>c</li>\n</ol>', "<h3>d</h3>"], first=4)

    assert named == [
        '<p id="m2-b4">a <em>b</em></p>',
        '<ol id="m2-b5" start="3">\n<li>c</li>\n</ol>',
        '<h3 id="m2-b6">d</h3>',
    ]


# A reply that grows


def test_no_block_is_sent_again() -> None:
    reply, screen = screen_of()
    sent = list[str]()
    version = -1
    for text in ("One", "One\n\nTwo\n\nTh", "One\n\nTwo\n\nThree"):
        reply.show(text)
        version, data = screen.since(version)
        sent += [event.data for event in events(data)]

    assert [data.count("One") for data in sent] == [1, 0, 0]
    assert [data.count("Two") for data in sent] == [0, 1, 0]


def test_a_frame_is_made_once_for_all_who_keep_pace() -> None:
    reply, screen = screen_of()
    reply.show("One")
    first = screen.since(-1)[0]
    reply.show("One and")

    assert screen.since(first)[1] is screen.since(first)[1]
    assert screen.since(reply.version) == (reply.version, b"")


def test_who_was_too_slow_is_shown_what_they_missed() -> None:
    reply, screen = screen_of()
    reply.show("One")
    old = screen.since(-1)[0]
    for text in ("One\n\nTwo", "One\n\nTwo\n\nThree"):
        reply.show(text)
        screen.state()
    version, data = screen.since(old)

    assert version == reply.version
    assert [f"{word}</p>" in data.decode() for word in ("One", "Two", "Three")] == [True] * 3


def test_the_state_may_be_shown_as_often_as_one_likes() -> None:
    reply, screen = screen_of()
    reply.show(MARKDOWN)
    page = sse.Screen(PAGE)
    for _ in range(3):
        for event in events(screen.state()[1]):
            page.show(event)

    assert shown(page) == squeezed(render(MARKDOWN))


def names(data: bytes) -> list[str]:
    return [event.name for event in events(data)]


def test_thinking_is_told_to_who_keeps_pace_and_who_comes_late() -> None:
    reply, screen = screen_of()
    version = screen.since(-1)[0]
    reply.think()
    version, before = screen.since(version)
    reply.show("One")
    version, wrote = screen.since(version)
    reply.think()
    version, between = screen.since(version)

    assert [names(before), names(wrote), names(between)] == [["thinking"], ["grow"], ["thinking"]]
    assert names(screen.state()[1]) == ["message", "thinking"]
    reply.show("One")  # as for who is woken for another reason
    assert names(screen.state()[1]) == ["message", "thinking"]
    reply.show("One and")
    assert names(screen.state()[1]) == ["message"]


@pytest.mark.parametrize("keeps_pace", [True, False])
def test_words_that_were_taken_back_stand_on_no_page(keeps_pace: bool) -> None:
    reply, screen = screen_of()
    page, version = sse.Screen(PAGE), -1
    for text in ("Hm.\n\nWell,", "Hm.\n\nWell, so", "", "Hello", "Hello\n\nworld"):
        reply.show(text)
        if keeps_pace or text in ("Hm.\n\nWell,", "Hello\n\nworld"):
            version, data = screen.since(version)
            for event in events(data):
                page.show(event)
        else:
            screen.state()  # others follow too

    assert shown(page) == squeezed(render("Hello\n\nworld"))


def test_a_reply_without_a_word_is_an_empty_tail() -> None:
    _, screen = screen_of()
    version, data = screen.state()

    assert (version, events(data)[0].data) == (
        0,
        '<hx-partial hx-target="#m2-body" hx-swap="innerMorph"><div id="m2-tail" class="tail"></div></hx-partial>',
    )


def test_the_finished_bubble_has_the_ids_of_the_streamed_one() -> None:
    page = follow(MARKDOWN, list(range(0, len(MARKDOWN), 7)))
    named = [element.attributes.get("id") or "" for element in page.page]
    streamed = [identity for identity in named if re.fullmatch(r"m2-b\d+", identity)]

    whole = sse.parse("".join(with_ids(2, render_blocks(MARKDOWN.rstrip("\n")))))
    assert [element.attributes["id"] for element in whole if "id" in element.attributes] == streamed


@pytest.mark.parametrize("text", FORGED)
def test_model_text_never_becomes_an_event_or_a_page_element(text: str) -> None:
    reply, screen = screen_of()
    whole = normalise(f"Before\n\n{text}\n\nAfter")
    reply.show(whole)
    found = events(screen.state()[1])

    assert [(event.name, event.id) for event in found] == [("message", "1")]
    page = sse.Screen(PAGE)
    page.show(found[0])
    assert [element.attributes["id"] for element in page.page.blocks] == ["message-2"]
    assert shown(page) == squeezed(render(whole))


# The law: however the text came, what is shown in the end is the one-shot rendering of it

WORDS = ["word", "Olá", "**bold**", "`code`", "R$ 5.00", "a < b", "&amp;", "😀", "|", "[a](https://x.example)", "_it_"]
LINES = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    st.sampled_from(
        ["# Head", "- item", "* item", "1. one", "2. two", "> said", "```", "---", "", "", "    code", "  - inner"]
        + ["| a | b |\n|---|--:|\n| 1 | 2 |", "data: x", "event: done", "<p>raw</p>", "\\", "***", "***b", "~~~", "+ x"]
    ),
)
DOCUMENTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\n\n"])), max_size=12).map(
    lambda pairs: normalise("".join(line + gap for line, gap in pairs))
)
CUTS = st.lists(st.floats(0, 1, exclude_max=True), max_size=12)


def test_code_ending_in_a_blank_line_is_streamed_as_rendered() -> None:
    text = "```\n# Head\n\n```\n# Head"

    assert shown(follow(text, [])) == squeezed("".join(render_blocks(text)))


@patient
@given(DOCUMENTS, CUTS, st.data())
def test_any_text_cut_anywhere_leads_to_the_finished_rendering(
    text: str, cuts: list[float], data: st.DataObject
) -> None:
    finished = render_blocks(text)
    seen = data.draw(st.one_of(st.none(), st.lists(st.integers(0, 12), max_size=6)), label="frames that were seen")
    page = follow(text, [int(cut * len(text)) for cut in cuts], seen)

    is_in_row = text.rpartition("\n")[2].lstrip().startswith("|")  # it waits for its end
    if (
        len(finished) > 1 and not is_in_row
    ) or not text:  # else a block by itself reads otherwise, and the last event settles it
        assert shown(page) == squeezed("".join(finished))
    page.show(
        events(
            reply_events.event(f'<hx-partial hx-target="#m2-body" hx-swap="innerMorph">{render(text)}</hx-partial>', 9)
        )[0]
    )
    assert shown(page) == squeezed(render(text))


def test_a_claim_is_marked_in_the_frame_that_ends_its_sentence() -> None:
    text = "The RED-012 costs R$ 279. It comes in blue.\n\nThe RED-011 costs R$ 189. Anything else?"
    found = [("R$ 279", "contradicted", "R$ 289.00"), ("R$ 189", "supported", "")]
    claims = [Claim("price", w, text.index(w), text.index(w) + len(w), verdict=v, true=t) for w, v, t in found]  # type: ignore[arg-type]
    reply, screen = screen_of()
    page = sse.Screen(PAGE)
    seen, marked = -1, list[int]()
    for end in range(1, len(text) + 1):
        ended = max(text.rfind(". ", 0, end) + 1, text.rfind("\n", 0, end))
        reply.show(text[:end], tuple(one for one in claims if one.end < ended))
        seen, data = screen.since(seen, is_late=True)
        for event in events(data):
            page.show(event)
        marked.append(len(page.page.by_class("claim")))
        assert page.page.text.count("R$\N{NO-BREAK SPACE}279") == (end > text.index("R$ 279") + 5)

    first = text.index(" It")
    assert marked == sorted(marked)
    assert (marked[first - 1], marked[first]) == (0, 1)
    assert marked[-1] == 2
    assert [mark.attributes["data-verdict"] for mark in page.page.by_class("claim")] == ["contradicted", "supported"]
    assert "<ins>R$\N{NO-BREAK SPACE}289.00</ins>" in screen.state()[1].decode()


def test_an_answer_that_begins_anew_has_its_own_marks() -> None:
    reply, screen = screen_of()
    for verdict in ("contradicted", "supported"):
        reply.show("Well. ")  # does not go on from what it was
        reply.show("It costs 5. ", (Claim("price", "5", 9, 10, verdict=verdict),))

        _, data = screen.state()

        assert f'data-verdict="{verdict}"'.encode() in data
