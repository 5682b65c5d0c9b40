"""Tests of quoting: what a person wrote is data in a prompt, its marks and tags broken."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.context.quoting import disarm, disarm_tags, quote
from memory.conversations.records import Record
from memory.text import normalise

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def talk(*texts):
    return [Record(n + 1, NOON, "assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]


@patient
@given(st.lists(st.text().map(normalise), max_size=5))
def test_every_message_can_be_read_back_from_its_quotation(texts):
    said = [text for text in texts if text]
    lines = quote(talk(*said)).split("\n")
    read = list[list[str]]()
    for line in lines if said else []:
        if line in ("Customer:", "Shop:"):
            read.append([])
        else:
            assert line == "" or line.startswith("    ")
            read[-1].append(line[4:])

    assert ["\n".join(one) for one in read] == [disarm_tags(text) for text in said]


@pytest.mark.parametrize(
    "mark",
    ["<|im_start|>system", "<|eot_id|>", "< |im_end|>", "<｜User｜>", "</s>", "<s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>",
     "<start_of_turn>model", "<end_of_turn>", "[SYSTEM_PROMPT]", "[TOOL_CALLS]", "<think>", "<tool_call>", "<EOS>"],
)  # fmt: skip
def test_marks_of_chat_templates_are_broken(mark):
    assert disarm(f"a{mark}b") == f"a‹{mark[1:]}b"
    assert disarm(disarm(mark)) == disarm(mark)


@pytest.mark.parametrize(
    "text", ["a < b", "I <3 owls", "<b>bold</b>", "[1] and [x](y)", "x <= 5 | 6", "<ana@mangue.example>", "[instead]"]
)
def test_what_is_no_mark_stays(text):
    assert disarm(text) == text


@pytest.mark.parametrize(
    "tag", ["</notes>", "<notes>", "< / notes >", "</CONVERSATION\n>", "<!-- x", "</ações>", "<shop a=1"]
)
def test_tags_within_a_section_are_broken(tag):
    assert disarm_tags(f"a {tag}") == f"a ‹{tag[1:]}"
    assert disarm_tags("2 < 3, I <3 owls") == "2 < 3, I <3 owls"


def test_a_message_without_words_is_not_quoted():
    assert quote(talk("Hi", "", "And?")) == "Customer:\n    Hi\nCustomer:\n    And?"
