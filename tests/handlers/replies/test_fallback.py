import pytest

from handlers.replies import fallback
from settings import ROOT
from shop import texts

SHELF = texts.load(ROOT / "prompts")


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("How much is the double hammock RED-012?", "sku: RED-012, family: Hammocks, name: Rede Casal double hammock"),
        ("quanto custa a RÊDE CASAL?", "name: Rede Casal double hammock, price: 289.00"),
        ("Can I pay with Pix?", "Pix: Brazil; pay within 30 minutes."),
        ("How long is the warranty of a chair?", "A replacement keeps the remaining time of the first warranty."),
        ("Do you ship to Recife?", "Recife (city): R$ 12.00"),
        ("My plates arrived broken!", "My plates arrived broken. What now?"),
    ],
)
def test_the_lines_of_the_question_are_found(question: str, line: str):
    said = fallback.answer(SHELF.store, question)

    assert any(one.startswith("- ") and line in one for one in said.split("\n")), said
    assert len(said.split("\n")) < 20


def test_contacts_always_stand_below():
    for question in ("Do you have mugs?", "xyzzy", "", "?!"):
        said = fallback.answer(SHELF.store, question)

        assert "- Telephone: +55 81 0555-0142" in said
        assert "- E-mail (Lídia): ola@quintalcabure.example" in said


def test_it_says_when_nothing_was_found():
    assert fallback.answer(SHELF.store, "xyzzy").startswith(
        "The assistant can't answer right now, and we found nothing"
    )


def test_nothing_is_made_of_nothing():
    assert fallback.answer("", "Do you ship to Recife?") == ""


def test_every_line_stands_as_the_owner_wrote_it():
    data = (
        '# Delivery\n\n- *Recife*: R$ 12.00\n1. Olinda: R$ 14.00\n\n# Products (CSV)\n\nsku,name\nA-1,"Big, red"\nA-2,'
    )

    assert fallback.answer(data, "Recife, Olinda, A-1 red").split("\n")[2:] == [
        "- *Recife*: R$ 12.00",
        "- Olinda: R$ 14.00",
        "- sku: A-1, name: Big, red",
    ]


def test_a_long_question_takes_no_longer_than_a_moment():
    assert len(fallback.answer(SHELF.store, "hammock recife " * 2_000).split("\n")) < 20
