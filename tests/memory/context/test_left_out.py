"""The sentence that says which messages are left out."""

from memory.context import left_out


def test_one_message_and_many_have_a_sentence_each():
    assert left_out.sentence(4, 4) == "(Message 4 is not in these notes.)"
    assert left_out.sentence(4, 9) == "(Messages 4 to 9 are not in these notes.)"


def test_neighbours_are_one_range_across_what_says_nothing():
    messages = [(1, True), (2, None), (3, True), (4, False), (5, None), (6, True)]

    assert left_out.ranges(messages) == [(1, 3), (6, 6)]


def test_many_ranges_are_told_in_few_sentences():
    found = left_out.sentences([(1, 2), (5, 6), (9, 9), (12, 14), (20, 21)])

    assert found == [
        "(Messages 1 to 9 are not in these notes.)",
        "(Messages 12 to 14 are not in these notes.)",
        "(Messages 20 to 21 are not in these notes.)",
    ]


def test_what_a_text_leaves_out_is_read_from_its_sentences():
    text = f"Notes.\n{left_out.sentence(7, 9)}\n    {left_out.sentence(3, 3)} {left_out.sentence(4, 8)}\n{left_out.sentence(20, 20)}"

    assert left_out.told_in(text) == [(3, 9), (20, 20)]
    assert left_out.is_sentence(left_out.sentence(1, 2))
    assert not left_out.is_sentence("(Message 2 is lost.)")
