"""Tests of the marks of claims in a reply's HTML: within one text, never in markup, and only where it is known which is meant."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.pages.claim_marks import Marking
from handlers.pages.markdown import render_blocks, whole_blocks
from shop.claims.values import Claim, Verdict
from tests.support.shop import ENGLISH
from tests.support.sse import parse


def claim(text: str, words: str, verdict: Verdict, nth: int = 0, **more: str) -> Claim:
    """Return a claim of the words where they stand for the nth time."""
    at = [match.start() for match in re.finditer(re.escape(words), text)][nth]
    return replace(Claim("price", words, at, at + len(words), "RED-012", verdict), **more)  # type: ignore[arg-type]


def marked(text: str, *claims: Claim) -> str:
    return with_blanks("\n".join(Marking(ENGLISH, claims).blocks(whole_blocks(text), text)))


def with_blanks(html: str) -> str:
    """Return HTML whose prices may be parted by a line end again, as they stand in these tests."""
    return html.replace("\N{NO-BREAK SPACE}", " ")


def test_a_price_that_is_held_together_is_marked() -> None:
    text = "It is R$ 289 now."
    one = claim(text, "R$ 289", "contradicted", true="R$ 279")

    html = "".join(Marking(ENGLISH, [one]).blocks(whole_blocks(text), text))

    assert "<del>R$\N{NO-BREAK SPACE}289</del>" in html
    assert "<ins>R$\N{NO-BREAK SPACE}279</ins>" in html


def test_a_supported_value_names_its_row() -> None:
    text = "It is **R$ 289**."

    html = marked(text, claim(text, "R$ 289", "supported", source="products.csv:3"))

    mark = '<span class="claim" data-verdict="supported" title="In the shop&#x27;s data: products.csv:3">R$ 289</span>'
    assert html == f"<p>It is <strong>{mark}</strong>.</p>"


def test_a_mark_with_a_row_is_a_link_to_it_but_in_a_link() -> None:
    text = "It is R$ 289, or [R$ 7](https://x.example)."
    claims = [claim(text, words, "supported", source="products.csv:3", row="x") for words in ("R$ 289", "R$ 7")]

    html = with_blanks("\n".join(Marking(ENGLISH, claims, reply="2-20261123T120000Z").blocks(whole_blocks(text), text)))

    assert '<a class="claim" data-verdict="supported" href="/replies/2-20261123T120000Z/claims/6" title=' in html
    assert (
        '<span class="claim" data-verdict="supported" title="In the shop&#x27;s data: products.csv:3">R$ 7</span>'
        in html
    )


def test_a_contradicted_value_is_struck_out_beside_the_true_one() -> None:
    text = "It is R$ 279."

    (mark,) = parse(marked(text, claim(text, "R$ 279", "contradicted", true="R$ 289 <x>"))).by_class("claim")

    assert mark.text == "Wrong: R$ 279 Right: R$ 289 <x>"
    assert "<del>R$ 279</del>" in marked(text, claim(text, "R$ 279", "contradicted", true="R$ 289"))


@pytest.mark.parametrize(
    ("words", "true", "shown"),
    [
        ("R$ 279,90", "R$ 1,289.00", "R$ 1.289,00"),
        ("R$ 1.279,90", "R$ 289.00", "R$ 289,00"),
        ("R$ 279.90", "R$ 289.00", "R$ 289.00"),
        ("R$ 279", "R$ 289.00", "R$ 289.00"),
        ("$1,279.90", "$1,289.00", "$1,289.00"),
    ],
)
def test_a_true_value_has_the_decimal_sign_of_the_wrong_one(words: str, true: str, shown: str) -> None:
    assert f"<ins>{shown}</ins>".replace(" ", "\xa0") in marked(
        f"It is {words} today.", claim(f"It is {words} today.", words, "contradicted", true=true)
    ).replace(" ", "\xa0")


@pytest.mark.parametrize(
    ("verdict", "kind", "says"),
    [
        ("unsupported", "date", "3 days (not in the shop's data)"),
        ("unsupported", "grant", "3 days (the assistant can't do this)"),
        ("contradicted", "date", "3 days (the shop's data say otherwise)"),
    ],
)
def test_what_the_data_do_not_say_is_said_in_words(verdict: Verdict, kind: str, says: str) -> None:
    text = "It takes 3 days."

    (mark,) = parse(marked(text, claim(text, "3 days", verdict, kind=kind))).by_class("claim")

    assert mark.text == says


def test_of_the_same_words_the_one_that_is_meant_is_marked() -> None:
    text = "- You asked for R$ 10 off.\n- The RED-013 costs R$ 10, not R$ 100."

    html = marked(text, claim(text, "R$ 10", "unsupported", nth=1))

    assert 'off.</li>\n<li>The RED-013 costs <span class="claim"' in html
    assert html.count('class="claim"') == 1


@pytest.mark.parametrize(
    "text",
    [
        "See [R$ 10](https://x.example/R$ 10) R$ 10",
        "It is **R$** 10.",
        "```\nR$ 10\n```",
        "[R$ 10](https://x.example/?R$%2010 'R$ 10')",
    ],
)
def test_where_it_is_not_known_what_is_meant_nothing_is(text: str) -> None:
    claims = [
        Claim("price", words, text.index(words), text.index(words) + len(words))
        for words in ("R$ 10", "R$** 10")
        if words in text
    ]

    html = marked(text, *claims)

    assert html == with_blanks("\n".join(render_blocks(text))) or parse(html).text.count("R$ 10") == text.count("R$ 10")


def test_a_claim_cannot_bring_in_markup() -> None:
    text = "<b>1</b> & R$ 2"

    html = marked(text, claim(text, "<b>1</b> & R$ 2", "contradicted", true="<script>"))

    assert "<b>" not in html
    assert "<script>" not in html
    assert "<del>&lt;b&gt;1&lt;/b&gt; &amp; R$ 2</del>" in html


@given(st.text(alphabet="R$ 10*_[]()<>&`|\n-#a", max_size=60), st.data())
def test_marks_change_nothing_but_add_their_own(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    one = Claim("price", text[start:end], start, end, verdict="supported", source="products.csv:3")

    html = marked(text, one)

    begin = html.find('<span class="claim"')
    plain = html
    if begin != -1:
        stop = html.index("</span>", begin)
        plain = html[:begin] + html[html.index(">", begin) + 1 : stop] + html[stop + len("</span>") :]
    assert plain == with_blanks("\n".join(render_blocks(text)))


def test_one_grant_of_two_claims_has_one_note() -> None:
    text = "I applied 10% for you. I approved 5%, too."
    claims = [claim(text, words, "unsupported", kind="grant") for words in ("applied", "10%", "approved", "5%")]

    html = marked(text, *claims)

    assert len(parse(html).by_class("claim")) == 4
    assert html.count("(the assistant can&#x27;t do this)") == 2
    assert "applied</span>" in html
