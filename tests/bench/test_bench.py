"""The bench itself, at sizes that tell nothing: every part runs, and its report has all there is. No time is asserted."""

import asyncio
import logging
import os
import re
import socket
import ssl
from contextlib import suppress
from io import StringIO
from math import isnan
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.__main__ import PARTS, main
from tests.bench.figures import at_least, at_most, middle, percentile
from tests.bench.model import FIRST_WORD, LAST_WORD, tokens_of
from tests.bench.readers import Asker, BrokenOff, Load, Reading, Style, cpu_seconds, read_all, reading_of, tree
from tests.bench.servers import Lab, stretch
from tests.bench.streams import Run, bar_of

SECTIONS = {
    "streams": ["What a token costs", "When words come", "Readers who come one by one"],
    "streams-tls": ["What a token costs over TLS"],
    "sleepers": ["Readers who do not read"],
    "workers": ["Workers"],
    "rest": ["At rest"],
    "logins": ["2 logins at a name that somebody has"],
    "growth": ["Memory after many turns"],
    "turns": ["A turn's own time"],
    "waits": ["Whole turns while a summary takes"],
    "costs": ["What 4 turns cost"],
    "memory": ["Everyday facts in the notes", "Everyday facts: the bars", "What the memory holds"],
    "catalogue": ["What the index of the shop's data takes", "What is found in the shop's data"],
    "checks": [
        "Checked answers, dev half",
        "Checked answers, unseen half",
        "Checked answers, fresh half",
        "Answers that give in to attacks",
        "What a checked sentence costs",
    ],
}
"""What stands in the report of each part; that of `pages`, which waits for a slow network in Chromium, is left out."""


def report(tmp_path: Path, *parts: str) -> tuple[str, str]:
    """Run these parts at their smallest; return what was printed, and the page."""
    out = StringIO()
    only = [word for part in parts for word in ("--only", part)]
    main(["--tiny", *only], console=Console(file=out, width=200), reports=tmp_path)
    return out.getvalue(), (tmp_path / "bench.html").read_text()


@pytest.mark.timeout(300)
def test_every_part_has_its_rows_in_the_report(tmp_path: Path) -> None:
    printed, page = report(tmp_path, *SECTIONS)

    assert set(SECTIONS) == set(PARTS) - {"pages"}
    for title in (title for titles in SECTIONS.values() for title in titles):
        assert title in printed
        assert f"<h2>{title}".replace("'", "&#39;") in page
    assert len(re.findall(r"^│(?:Storekeeper|passthrough) +│ 3, model closes │", printed, re.M)) == 2
    for server in ("Storekeeper", "passthrough", "raw proxy"):
        assert len(re.findall(rf"^│ ?{server} +│ [13] +│|^│{server} +│ +[13] │", printed, re.M)) == (
            5 if server == "raw proxy" else 6
        )
    assert len(re.findall("│ (?:held|missed)|(?:held|missed) ?│", printed)) >= 15
    assert page.count("<svg") == 4
    assert "cores of" in page
    assert not logging.root.manager.disable
    assert re.search(r"https?://(?!127\.0\.0\.1|www\.w3\.org)", page) is None


def test_a_part_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        report(tmp_path, "nothing")

    assert "streams" in capsys.readouterr().err


def test_a_bar_says_whether_it_is_held() -> None:
    assert [at_most("x", 1.2, value).is_held for value in (1.0, 1.2, 1.21)] == [True, True, False]
    assert [at_least("x", 1.7, value).is_held for value in (1.6, 1.7, 2.0)] == [False, True, True]


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0], 0.99) == 3
    assert percentile(list(range(100)), 0.99) == 99
    assert percentile(list(range(1000)), 0.99) == 990


def test_without_a_value_there_is_no_median() -> None:
    assert isnan(middle([]))
    assert isnan(percentile([], 0.99))


def test_the_stretch_is_the_readers_time_by_the_models() -> None:
    reading = Reading("q", asked=9.0, first=10.5, ended=13.0, frames=1, bytes=1, gap=0.0)

    assert stretch(reading, {"q": (10.0, 12.0)}) == 1.5


def test_the_models_reply_has_as_many_tokens_as_were_asked_for() -> None:
    assert [len(tokens_of(count, chars)) for count, chars in ((1, 0), (300, 0), (7, 40))] == [1, 300, 7]
    assert tokens_of(300, 0)[0].startswith(FIRST_WORD)
    assert [tokens_of(count, chars)[-1].endswith(LAST_WORD) for count, chars in ((1, 0), (300, 0), (7, 40))] == [
        True
    ] * 3
    assert len(tokens_of(3, 300)[1]) == 300


FRAME = b"<p>" + FIRST_WORD.encode() + b" and %b</p>%b event: done\n"


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("storekeeper", FRAME % (b"so on", b"")),
        ("storekeeper", FRAME % (LAST_WORD.encode(), b'<p class="ending">The answer broke off.</p>')),
        ("storekeeper", b'<p class="ending">No answer.</p> event: done'),
        ("passthrough", f'data: "{FIRST_WORD}"\n\nevent: done\n\n'.encode()),
        ("passthrough", f'data: "{FIRST_WORD}"\n\ndata: "{LAST_WORD}"\n\n'.encode()),
        ("proxy", f'data: "{FIRST_WORD}"\n\ndata: "{LAST_WORD}"\n\n'.encode()),
    ],
    ids=["end lost", "cut", "empty", "end lost by the passthrough", "passthrough broken", "proxy broken"],
)
def test_a_reply_that_lost_its_end_is_no_reading(style: Style, body: bytes) -> None:
    with pytest.raises(BrokenOff):
        reading_of(style, "q", 9.0, [(10.0, body)])


def test_a_whole_reply_is_a_reading() -> None:
    assert reading_of("storekeeper", "q", 9.0, [(10.0, FRAME % (LAST_WORD.encode(), b""))]).ended == 10.0


async def test_replies_that_lost_their_end_are_counted() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"content=")
        is_whole = b"whole" in await reader.read(100)
        words = f'data: "{FIRST_WORD}"\n\n' + (f'data: "{LAST_WORD}"\n\n' if is_whole else "") + "event: done\n\n"
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(words), words.encode()))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        askers = [Asker(question) for question in ("whole", "torn", "torn too")]
        port = server.sockets[0].getsockname()[1]
        seen = await read_all(Load(port, "passthrough", askers, os.getpid()))

    assert ([one.question for one in seen.readings], seen.broken_off, seen.faults) == (["whole"], 2, [])


def run_of(cpu_us: float, broken_off: int) -> Run:
    return Run("s", 50, cpu_us, [1.0], 1.0, 1.0, 1.0, 1.0, 1.0, broken_off)


def test_a_cost_of_broken_replies_holds_no_bar() -> None:
    whole, broken = ([(run_of(30, count), run_of(100, 0))] for count in (0, 12))

    assert (bar_of("x", 0.4, whole).is_held, bar_of("x", 0.4, whole).measured) == (True, "0.30")
    assert (bar_of("x", 0.4, broken).is_held, bar_of("x", 0.4, broken).measured) == (
        False,
        "0.30, 12 replies not whole",
    )


def test_the_model_is_asked_over_tls_alone() -> None:
    with Lab() as lab:
        model = lab.over_tls.model

        assert model.url.startswith("https://")
        assert model.spans() == {}
        with socket.create_connection(("127.0.0.1", model.port)) as opened, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(opened, server_hostname="127.0.0.1")  # it is not trusted unasked
        with socket.create_connection(("127.0.0.1", model.port), timeout=10) as plain:
            plain.sendall(b"GET /log HTTP/1.1\r\n\r\n")
            with suppress(ConnectionResetError):
                assert not plain.recv(100).startswith(b"HTTP")


def test_the_clock_of_a_process_is_read_with_all_below_it() -> None:
    import subprocess
    import sys

    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**6)); print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        assert len(tree(process.pid)) == 2
        assert cpu_seconds(process.pid) > 0.01
        process.communicate(b"\n")
    assert process.pid not in tree(os.getpid())
