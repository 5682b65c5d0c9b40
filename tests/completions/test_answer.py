"""An answer as its events tell it: thoughts and end marks left out, wherever the text is cut."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.answer import Answer
from completions.stream import Delta, Event, Finished, Restarted, Thinking, Usage

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(pieces: list[str], answer: Answer | None = None) -> tuple[str, str]:
    """Return the words and the thoughts of an answer that comes in these pieces."""
    answer = answer or Answer()
    words, thoughts = "", ""
    for event in [event for piece in pieces for event in answer.take([Delta(piece)])] + answer.end():
        match event:
            case Delta(text):
                words += text
            case Thinking(text):
                thoughts += text
            case Restarted():
                words, thoughts = "", thoughts + words
    assert answer.chars == len(words)
    return words, thoughts


CASES = [
    ("plain", "Hello world", "Hello world", ""),
    ("think", "<think>Hm.</think>Hello", "Hello", "Hm."),
    ("lines around", "\n<think>\nHm.\n</think>\n\nHello", "Hello", "\nHm.\n"),
    ("thinking", "<thinking>Hm.</thinking>Hello", "Hello", "Hm."),
    ("capitals", "<THINK>Hm.</Think>Hello", "Hello", "Hm."),
    ("thought", "<thought>Hm.</thought>Hello", "Hello", "Hm."),
    ("brackets", "[THINK]Hm.[/THINK]Hello", "Hello", "Hm."),
    (
        "channels",
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>",
        "Hello",
        "Hm.",
    ),
    ("one channel", "<|channel|>final<|message|>Hello", "Hello", ""),
    ("a channel of thoughts", "<|channel>thought\nHm.\n<channel|>Hello", "Hello", "Hm."),
    ("empty thoughts", "<think>\n\n</think>\n\nHello", "Hello", "\n\n"),
    ("twice", "<think>Hm.</think>\n<think>Ah.</think>Hello", "Hello", "Hm.Ah."),
    ("never closed", "<think>Hm. Ah, and so", "", "Hm. Ah, and so"),
    ("closed only", "</think>\n\nHello", "Hello", ""),
    ("opening tag missing", "Hm, well.\n</think>\n\nHello", "Hello", "Hm, well.\n"),
    ("in the middle", "Write <think>so</think>.", "Write <think>so</think>.", ""),
    ("in code", "Use `</think>` here.", "Use `</think>` here.", ""),
    ("in code and then not", "Hm, `</think>`.</think>Hello", "Hello", "Hm, `</think>`."),
    ("in a block of code", "So:\n```\nx</think>\n```\nDone.", "So:\n```\nx</think>\n```\nDone.", ""),
    ("quoted at the start", "`<think>` begins it.", "`<think>` begins it.", ""),
    ("another tag", "<thin>Hello", "<thin>Hello", ""),
    ("a tag alone", "<b>Hello</b>", "<b>Hello</b>", ""),
    ("less than", "1 < 2", "1 < 2", ""),
    ("ends less than", "1 <", "1 <", ""),
    ("white space first", "  \n Hello", "  \n Hello", ""),
    ("end mark", "Hello<|im_end|>", "Hello", ""),
    ("end marks", "Hello<|eot_id|>\n<|endoftext|>\n", "Hello", ""),
    ("end of sentence", "Hello<｜end▁of▁sentence｜>", "Hello", ""),
    ("end of turn", "Hello<end_of_turn>", "Hello", ""),
    ("s", "Hello</s>", "Hello", ""),
    ("struck out", "<s>R$ 300</s>", "<s>R$ 300</s>", ""),
    ("a mark in the middle", "It says <|im_end|> there.", "It says <|im_end|> there.", ""),
    ("a mark in code", "`<|im_end|>`", "`<|im_end|>`", ""),
    ("thoughts and a mark", "<think>Hm.</think>Hello<|im_end|>", "Hello", "Hm."),
]


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(("text", "words", "thoughts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_only_words_of_the_answer_are_told_however_they_are_cut(
    text: str, words: str, thoughts: str, step: int
) -> None:
    found = told([text[at : at + step] for at in range(0, len(text), step)])

    assert (found[0], found[1].strip()[: len(thoughts.strip())]) == (words, thoughts.strip())


@patient
@given(st.lists(st.text(st.characters(exclude_characters="<[◁"))))
def test_text_without_a_tag_is_told_as_it_is(pieces: list[str]) -> None:
    text = "".join(pieces)

    assert told(pieces)[0] == (text if text.strip() else "")


@patient
@given(st.lists(st.text(st.sampled_from("<|/>thinks `\nim_end")), max_size=8))
def test_what_is_told_does_not_depend_on_the_cuts(pieces: list[str]) -> None:
    assert told(pieces)[0] == told(["".join(pieces)])[0]


def test_a_thinking_models_next_answer_waits_for_thoughts_to_end() -> None:
    events = list[Event]()
    answer = Answer(is_thinking=True)
    for piece in ("Hm, ", "well.</thi", "nk>\n\n", "Hello", " world"):
        events += answer.take([Delta(piece)])
    events += answer.end()

    assert [event for event in events if not isinstance(event, Thinking)] == [Delta("Hello"), Delta(" world")]


def test_a_model_that_thought_before_may_answer_directly_now() -> None:
    answer = Answer(is_thinking=True)

    assert told(["Hello", " world<|im_end|>"], answer)[0] == "Hello world"
    assert not answer.began_with_thoughts


def test_withheld_thoughts_that_never_end_are_no_answer() -> None:
    answer = Answer(is_thinking=True)
    answer.take([Delta("Hm, "), Delta("well"), Finished("length")])
    assert [event for event in answer.end() if isinstance(event, Delta)] == []

    assert told(["<think>", "Hm, well"], Answer(is_thinking=True))[0] == ""


def test_deltas_that_come_together_are_one_and_the_last_is_known() -> None:
    end = Finished("stop")

    assert Answer().take([Delta("a"), Delta("b"), end, Usage(1, 2)]) == [Delta("ab", is_last=True)]
    assert Answer().take([Delta("a"), Delta("b")]) == [Delta("ab")]
    assert Answer().take([Delta("a"), Usage(1, 1), Delta("b"), end]) == [Delta("ab", is_last=True)]


def test_a_reason_with_every_piece_is_no_end() -> None:
    answer = Answer()
    for text in ("a", "b", "c"):
        found = answer.take([Delta(text), Finished("stop", is_alone=False)])

    assert found == [Delta("c")]
    assert not answer.has_ended


def test_a_sign_of_life_is_told_before_the_first_word_only() -> None:
    answer = Answer()

    assert answer.take([Thinking()]) == [Thinking()]
    assert answer.take([Delta("Hello")]) == [Delta("Hello")]
    assert answer.take([Thinking()]) == []
    assert answer.take([Thinking("Hm.")]) == [Thinking("Hm.")]


@patient
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_characters="<[◁`"), min_size=1).filter(str.strip).map(Delta),
            st.text(min_size=1).map(Thinking),
        )
    )
)
def test_what_comes_together_is_told_in_its_order(apart: list[Event]) -> None:
    joined = Answer().take(apart)

    assert not any(type(one) is type(other) for one, other in pairwise(joined))
    thoughts = "".join(event.text for event in apart if isinstance(event, Thinking))
    assert "".join(event.text for event in joined if isinstance(event, Thinking)) == thoughts
