"""Descriptions lose their HTML and nothing else, in time that grows with their length."""

import time

import pytest

from shop.readers.html import MOST_CHARACTERS, one_line, plain_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Soft &amp; warm</p><ul><li>wool<li>silk</ul>", "Soft & warm\n- wool\n- silk"),
        ("One<br/>two<br>three", "One\ntwo\nthree"),
        ("<style>p {color: red}</style>Red<script>alert('<b>')</script>!", "Red!"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("&lt;p&gt;Twice escaped&lt;/p&gt;", "Twice escaped"),
        ("<!-- hidden -->Shown", "Shown"),
        ("Caf&eacute;&nbsp;com  leite", "Café com leite"),
        ("<b>Bold</b>er", "Bolder"),
    ],
)
def test_html_becomes_plain_text(source: str, text: str) -> None:
    assert plain_text(source) == text


def test_a_name_is_one_line() -> None:
    assert one_line("  AZUL \n  <b>claro</b> ") == "AZUL claro"


@pytest.mark.parametrize("piece", ["<script", "<script>", "<!--", "&lt;", "<p", "<li>", "</", " \n"])
def test_hostile_html_takes_little_time(piece: str) -> None:
    begun = time.process_time()

    text = plain_text(piece * (1_000_000 // len(piece)))

    assert len(text) <= MOST_CHARACTERS
    assert time.process_time() - begun < 3
