"""The scorer, held against values known from elsewhere and against notes made wrong on purpose."""

import pytest

from tests.comparison.dialogues import Plant
from tests.comparison.scoring import Share, look, percentile, unsupported, wilson
from tests.comparison.selfcheck import check_scorer

# Wilson's 95 % interval in percent, as memory.md section 3 and Newcombe (Stat. Med. 17, 1998, table I) give it.
TABLE = [
    (95, 100, 88.8, 97.8),
    (285, 300, 91.9, 96.9),
    (950, 1000, 93.5, 96.2),
    (1900, 2000, 94.0, 95.9),
    (81, 263, 25.5, 36.6),
    (15, 148, 6.2, 16.0),
    (0, 20, 0.0, 16.1),
    (1, 29, 0.6, 17.2),
]


@pytest.mark.parametrize(("hits", "n", "low", "high"), TABLE)
def test_intervals_are_wilsons(hits: int, n: int, low: float, high: float):
    assert [round(100 * bound, 1) for bound in wilson(hits, n)] == pytest.approx([low, high], abs=0.051)


def test_nothing_has_the_widest_interval():
    assert Share(0, 0).interval == (0, 1)
    assert Share(0, 0).value is None


def test_the_scorer_refuses_wrong_values_and_takes_right_ones():
    check = check_scorer()

    assert check.wrong.n >= 3000
    assert min(kind.known for kind in check.kinds.values()) >= 0.99
    assert {
        "one digit off by one",
        "another currency",
        "another month",
        "denied",
        "changed the wrong way round",
    } <= set(check.kinds)
    assert check.wrong.known >= 0.99
    assert check.right.known >= 0.99
    assert check.is_sound


GREEN = Plant("correction", "green", (("green",),), "user", 0, "blue", (("blue",),))


@pytest.mark.parametrize(
    ("notes", "is_there", "is_stale"),
    [
        ("The customer wants green.", True, False),
        ("The customer changed from blue to green.", True, False),
        ("The customer wants blue.\nThe customer changed it to green.", True, False),
        ("The customer wants blue.", False, True),
        ("The customer wants blue. The customer wants green.", True, True),
        ("The customer changed to green. The customer wants blue.", True, True),
        ("The customer changed from green to blue.", False, True),
        ("The customer wants blue, not green.", False, True),
        ("The customer wants green instead of blue.", True, False),
        ("O cliente trocou de green para blue.", False, True),
        ("O cliente quer green em vez de blue.", True, False),
        ("", False, False),
    ],
)
def test_an_old_value_lives_on_unless_its_change_is_told(notes: str, is_there: bool, is_stale: bool):
    found = look(GREEN, "I want green, not blue.", notes)

    assert (found.is_there, found.is_stale) == (is_there, is_stale)


@pytest.mark.parametrize(
    ("notes", "speaker"),
    [
        ("The shop said to the customer that it is green.", "assistant"),
        ("- green (customer, message 3)", "user"),
        ("A loja disse: green.", "assistant"),
        ("It is green.", None),
        ("The customer said: hello. It is green.", "user"),
    ],
)
def test_a_value_belongs_to_the_speaker_named_first(notes: str, speaker: str | None):
    assert look(GREEN, "", notes).speaker == speaker


@pytest.mark.parametrize(
    ("notes", "wrong"),
    [
        ("Order #W123 of R$ 50.00", []),
        ("Order #W124 of R$ 50.00", ["W124"]),
        ("Order #W123 of R$ 51.00", ["51"]),
        ("1. Order #W123\n2. R$ 50.00", []),
        ("- #W123 (customer, message 97)", []),
        ("(Message 71 is not in these notes.)", []),
        ("(Parts of messages 72 to 73 are not in these notes.)", []),
        ("RED-123", ["RED123"]),
        ("US$ 50.00", ["USD 50"]),
        ("50 reais", []),
        ("March 14 and 14/03", ["03"]),
        ("April 14", ["14/4"]),
        ("14 de abril", ["14/4"]),
        ("ana@carta.example", ["ana@carta.example"]),
        ("ana@praia.example", []),
    ],
)
def test_values_that_the_source_has_not_are_counted(notes: str, wrong: list[str]):
    source = "My order #W123 cost R$ 50.00. It left on March 14; write to ana@praia.example."

    assert unsupported(notes, source) == wrong


def test_a_list_of_the_source_is_numbered_by_the_source():
    assert unsupported("Number 10.", "10. Rugs") == []


def test_percentiles_are_of_the_nearest_rank():
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([], 0.5) is None


def test_a_card_is_of_whom_it_names_at_its_end():
    plant = Plant("time", "at four", (("four",),), "user", 0)
    notes = '"I come to the shop at four." (customer, message 1)'

    assert look(plant, "", notes).speaker == "user"
    assert look(plant, "", notes.replace("(customer", "(shop")).speaker == "assistant"


def test_what_both_said_is_given_to_whoever_said_it():
    plant = Plant("time", "at four", (("four",),), "user", 0)

    assert look(plant, "", "The shop said: four is fine.\nThe customer comes at four.").speaker == "user"
