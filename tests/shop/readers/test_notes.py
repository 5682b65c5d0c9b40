"""Doubts of one kind become one sentence with their lines."""

from shop.readers.notes import HIDDEN, MOST_DOUBTS, Notes


def test_doubts_are_joined_with_their_lines() -> None:
    notes = Notes()
    for line in (3, 5, 4):
        notes.doubt("No price", line)
    notes.doubt("Is it old?")
    notes.doubt("Twice", 7)

    assert notes.doubts() == ("No price (lines 3, 4 and 5).", "Is it old?", "Twice (line 7).")


def test_many_lines_and_many_doubts_are_counted() -> None:
    notes = Notes()
    for line in range(1, 10):
        notes.doubt("No price", line)
    for n in range(MOST_DOUBTS):
        notes.doubt(f"Doubt {n}")

    assert notes.doubts()[0] == "No price (lines 1, 2, 3, 4, 5 and 4 more)."
    assert notes.doubts()[-1] == "And 1 more."


def test_rows_left_out_are_counted_by_reason() -> None:
    notes = Notes()
    notes.leave_out(HIDDEN)
    notes.leave_out(HIDDEN, 2)

    assert notes.left_out == {"hidden": 3}
