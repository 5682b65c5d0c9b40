"""The bench itself, at sizes that tell nothing: every part runs, and its report has all there is. No time is asserted."""

import logging
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.__main__ import PARTS, main
from tests.bench.figures import at_least, at_most, percentile
from tests.bench.model import FIRST_WORD, tokens_of
from tests.bench.readers import Reading, cpu_seconds, tree
from tests.bench.servers import stretch

SECTIONS = {
    "streams": ["What a token costs", "When words come", "Readers who come one by one"],
    "sleepers": ["Readers who do not read"],
    "workers": ["Workers"],
    "rest": ["At rest"],
    "logins": ["2 logins at a name that somebody has"],
    "growth": ["Memory after many turns"],
    "turns": ["A turn's own time"],
    "waits": ["Whole turns while a summary takes"],
    "costs": ["What 4 turns cost"],
    "memory": ["What the memory holds"],
}
"""What stands in the report of each part; that of `pages`, which waits for a slow network in Chromium, is left out."""


def report(tmp_path: Path, *parts: str) -> tuple[str, str]:
    """Run these parts at their smallest; give what was printed, and the page."""
    out = StringIO()
    only = [word for part in parts for word in ("--only", part)]
    main(["--tiny", *only], console=Console(file=out, width=200), reports=tmp_path)
    return out.getvalue(), (tmp_path / "bench.html").read_text()


def test_every_part_has_its_rows_in_the_report(tmp_path: Path) -> None:
    printed, page = report(tmp_path, *SECTIONS)

    assert set(SECTIONS) == set(PARTS) - {"pages"}
    for title in (title for titles in SECTIONS.values() for title in titles):
        assert title in printed
        assert f"<h2>{title}".replace("'", "&#39;") in page
    for server in ("Storekeeper", "passthrough", "raw proxy"):
        assert len(re.findall(rf"^│ ?{server} +│ [13] +│|^│{server} +│ +[13] │", printed, re.M)) == 5
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


def test_the_stretch_is_the_readers_time_by_the_models() -> None:
    reading = Reading("q", asked=9.0, first=10.5, ended=13.0, frames=1, bytes=1, gap=0.0)

    assert stretch(reading, {"q": (10.0, 12.0)}) == 1.5


def test_the_models_reply_has_as_many_tokens_as_were_asked_for() -> None:
    assert [len(tokens_of(count, chars)) for count, chars in ((1, 0), (300, 0), (7, 40))] == [1, 300, 7]
    assert tokens_of(300, 0)[0].startswith(FIRST_WORD)
    assert len(tokens_of(3, 300)[1]) == 300


def test_the_clock_of_a_process_is_read_with_all_below_it() -> None:
    import os
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
