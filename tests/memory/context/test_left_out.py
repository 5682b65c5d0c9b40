"""The sentence that says which messages are left out."""

from memory.context import left_out
from memory.context.left_out import Left, Stand


def test_one_message_and_many_have_a_sentence_each():
    assert left_out.sentence(Left(4, 4)) == "(Message 4 is not in these notes.)"
    assert left_out.sentence(Left(4, 9)) == "(Messages 4 to 9 are not in these notes.)"
    assert left_out.sentence(Left(4, 4, is_whole=False)) == "(Parts of message 4 are not in these notes.)"
    assert left_out.sentence(Left(4, 9, is_whole=False)) == "(Parts of messages 4 to 9 are not in these notes.)"


def test_neighbours_are_one_range_across_what_says_nothing():
    messages: list[tuple[int, Stand | None]] = [
        (1, "out"),
        (2, None),
        (3, "out"),
        (4, "in"),
        (5, None),
        (6, "out"),
        (7, "part"),
    ]

    assert left_out.ranges(messages) == [Left(1, 3), Left(6, 7, is_whole=False)]


def test_many_ranges_are_stated_in_few_sentences():
    found = left_out.sentences([Left(1, 2), Left(5, 6), Left(9, 9), Left(12, 14), Left(20, 21)])

    assert found == [
        "(Parts of messages 1 to 9 are not in these notes.)",
        "(Messages 12 to 14 are not in these notes.)",
        "(Messages 20 to 21 are not in these notes.)",
    ]


def test_what_a_text_leaves_out_is_read_from_its_sentences():
    text = f"Notes.\n{left_out.sentence(Left(7, 9))}\n    {left_out.sentence(Left(3, 3))} {left_out.sentence(Left(4, 8))}\n{left_out.sentence(Left(20, 20))}"

    assert left_out.stated_in(text) == [Left(3, 9), Left(20, 20)]
    assert left_out.is_sentence(left_out.sentence(Left(1, 2)))
    assert left_out.is_sentence(left_out.sentence(Left(1, 1, is_whole=False)))
    assert not left_out.is_sentence("(Message 2 is lost.)")
