"""Tests of counting tokens: offline, line by line, any text."""

import os
import re
import subprocess
import sys
import time

import pytest
import tiktoken
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from memory.context import tokens
from memory.text import normalise
from settings import ROOT

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def table():
    tokens.load(["o200k_base"])
    return tiktoken.get_encoding("o200k_base")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Hello", 1),
        ("Hello world", 2),
        ("Do you ship to Recife?", 6),
        ("Olá, tudo bem?", 5),
        ("a\nb", 3),
        ("a\n", 2),
        ("\n", 1),
        ("😀", 1),
    ],
)
def test_a_text_has_so_many_tokens(text, count):
    assert tokens.count(text) == count


@pytest.mark.parametrize(("encoding", "count"), [("o200k_base", 9), ("o200k_harmony", 9), ("cl100k_base", 10)])
def test_each_encoding_counts_for_itself(encoding, count):
    assert tokens.count("Entregamos no Recife em três dias.", encoding) == count


def test_a_table_stands_in_memory_once(table):
    """tiktoken's own copy as Python objects takes 29 MB, a fifth of a server at rest."""
    assert table._mergeable_ranks == {}
    assert table.decode(table.encode_ordinary("Olá, 😀")) == "Olá, 😀"


def test_counting_needs_no_network_on_a_fresh_machine(tmp_path):
    code = """
import sys
import time
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        print("network:", event)
        raise OSError("no network here")
sys.addaudithook(watch)
from memory.context import tokens
print([tokens.count("Hello world", encoding) for encoding in ("o200k_base", "cl100k_base", "o200k_harmony", "gpt-9")])
"""
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert child.stdout == "[2, 2, 2, 3]\n"
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o700]


def test_several_processes_that_start_at_once_all_count(tmp_path):
    code = "from memory.context import tokens; print(tokens.count('Hello world'))"
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    assert [child.communicate()[0] for child in started] == ["2\n"] * 3


def test_an_unknown_encoding_is_counted_with_a_tenth_more(caplog):
    text = "word " * 99 + "word"

    assert tokens.count(text) == 100
    assert tokens.count(text, "encoding-of-next-year") == 111
    assert [record.getMessage() for record in caplog.records] == ["encoding_unknown"]


def test_an_unknown_encoding_never_counts_less():
    assert [tokens.count("a\n" * n, "encoding-of-tomorrow") >= tokens.count("a\n" * n) for n in range(9)] == [True] * 9
    assert tokens.count("", "encoding-of-tomorrow") == 0


@pytest.mark.parametrize("mark", ["<|endoftext|>", "<|im_start|>", "<|endofprompt|>", "<|start|>"])
def test_the_models_own_marks_count_as_the_text_they_are(mark):
    assert tokens.count(mark) > 1
    assert tokens.count(f"a {mark} b") > 3


@pytest.mark.parametrize(
    "character",
    list("aA0 \n\t-=.éß中😀\u0301\u200b\u202e\ufffd\x00"),
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_a_very_long_run_of_one_character_is_counted_quickly(character):
    tokens.load(["o200k_base"])
    text, started = character * 200_000, time.thread_time()

    count = tokens.count(text)

    assert 1000 < count <= 600_000
    assert time.thread_time() - started < 0.5, "seconds of the processor: a busy machine is no failure"


@pytest.mark.parametrize("text", ["\ud83d", "a\udc80b"])
def test_half_a_character_is_counted_too(text):
    assert tokens.count(text) > 0


def test_an_encoding_that_cannot_be_loaded_stops_nobody(monkeypatch, caplog):
    def broken(name):
        raise OSError(f"no {name}")

    monkeypatch.setattr(tokens, "_load", broken)

    tokens.load(["p50k_base"])

    assert [record.getMessage() for record in caplog.records] == ["encoding_not_loaded"]


# By lines


@settings(patient, max_examples=300)
@given(st.text(max_size=80).map(normalise))
@example("Two\nlines")
@example("    indented\n\tmore\nless")
@example("x;\n}\n\u00a0\u2003y")
def test_lines_count_as_the_whole_without_blanks_or_slashes(table, text):
    text = "\n".join(
        re.sub(r"^\s*/+", "", line.rstrip()) for line in text.split("\n") if line.strip(" \t\u00a0/").strip()
    )

    assert tokens.count(text) == len(table.encode_ordinary(text))


@settings(patient, max_examples=300)
@given(st.text(st.sampled_from("ab .,;:/'\"()[]{}-_\t\n019éç😀#*`|"), max_size=80).map(normalise))
def test_lines_count_barely_less_than_the_whole_only_for_slashes(table, text):
    """A line that ends in a sign and one that begins with slashes share a token; so it errs on the safe side."""
    slashes = len(re.findall(r"\n\s*/", text))

    assert tokens.count(text) >= len(table.encode_ordinary(text)) - slashes


@pytest.mark.parametrize(
    "file", ["about.md", "delivery.md", "payment.md", "products.csv", "questions.md", "returns.md"]
)
def test_the_shops_own_data_is_counted_to_two_in_a_hundred(table, file):
    text = (ROOT / "prompts" / "store" / file).read_text()
    whole = len(table.encode_ordinary(text))

    assert whole <= tokens.count(text) <= 1.02 * whole


@patient
@given(st.lists(st.text(max_size=20).map(normalise), max_size=6))
def test_the_tokens_of_a_text_are_the_sum_of_its_lines(lines):
    """So a message's tokens can be remembered, and are counted once."""
    text = "\n".join(lines)
    alone = [line for joined in lines for line in joined.split("\n")]

    assert tokens.count(text) == sum(tokens.count(line + "\n") for line in alone[:-1]) + sum(
        tokens.count(line) for line in alone[-1:]
    )
