"""What a model says is text: it makes no element, no dialog, no request and no attribute. So for what a person says."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

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
    const allowed = new Set(["href", "rel", "start", "class", "id", "tabindex", "role"]);
    const tags = new Set(["P", "BR", "HR", "STRONG", "EM", "DEL", "CODE", "PRE", "BLOCKQUOTE", "UL", "OL", "LI", "A", "H3", "H4",
        "H5", "H6", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "DIV", "SPAN"]);
    const copy = '<button class="copy" type="button" aria-labelledby="copy-code"><svg aria-hidden="true"><use href="#copy-icon"></use></svg></button>';
    const found = [];
    for (const element of document.querySelectorAll("#log .text *")) {
        if (element.closest(".code > button")?.outerHTML === copy) continue; // the page's own
        if (!tags.has(element.tagName)) found.push(element.tagName);
        for (const {name, value} of element.attributes) if (!allowed.has(name)) found.push(`${element.tagName} ${name}=${value}`);
        if (element.href && !/^(https?|mailto):/.test(element.getAttribute("href"))) found.push(element.outerHTML);
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


@pytest.mark.parametrize("kind", ["elements", "attributes"])
def test_a_hostile_answer_that_comes_piece_by_piece_is_never_more_than_text(visit: Visit, kind: str) -> None:
    """The upstream sends it in small pieces at a readable pace, so that every frame ends somewhere in its middle."""
    ana = visit()

    ana.ask(f"drip\n\n{HOSTILE[kind]}")

    while ana.page.locator("#message-2[aria-busy]").count() or not ana.page.locator("#message-2").count():
        assert ana.page.evaluate(SOUND) == []
    ana.wait_for_end()
    assert ana.page.evaluate(SOUND) == []


def test_a_link_of_an_answer_opens_without_telling_where_from(visit: Visit) -> None:
    ana = visit()

    ana.ask_and_wait("echo [the shop](https://shop.example/returns)")

    link = ana.page.get_by_role("link", name="the shop")
    expect(link).to_have_attribute("href", "https://shop.example/returns")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


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
