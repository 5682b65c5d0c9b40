"""Tests of the values that stand in the shop's texts, and of the search for the one that is meant."""

from shop.claims.amounts import Duration, StatedAmount
from shop.claims.policies import fits, pieces, read_policies, role_of, topic_of
from shop.claims.wording import fold
from shop.products import Text

DELIVERY = """# Delivery

- Recife: R$ 12.00, 1–2 days.
- North: R$ 42.00, 7–12 days.
- Free delivery: orders from R$ 200.00 to Recife, from R$ 350.00 to the rest of Brazil.
"""


def best(claim: str, role: str = "amount") -> tuple[str, str]:
    policies = read_policies([Text("delivery.md", DELIVERY)])
    found = fits(policies, StatedAmount, topic_of(fold(claim)), role, frozenset(), lambda text: frozenset())  # type: ignore[arg-type]
    return found[0].fact.value.text, found[0].fact.source


def test_a_value_belongs_to_the_place_of_its_line() -> None:
    assert best("delivery to the north") == ("42.00", "delivery.md:4")


def test_a_value_belongs_to_its_piece_of_the_line() -> None:
    assert best("free delivery to recife", "from") == ("200.00", "delivery.md:5")
    assert best("frete gratis para salvador", "from") == ("350.00", "delivery.md:5")


def test_a_table_is_read_by_row_and_column() -> None:
    table = "| Região | Frete | Prazo |\n|---|---|---|\n| Sul | R$ 29,90 | 4 a 8 dias úteis |"

    facts = read_policies([Text("entrega.md", table)]).facts

    assert [(one.source, type(one.value)) for one in facts] == [
        ("entrega.md:3", StatedAmount),
        ("entrega.md:3", Duration),
    ]
    assert all(one.topic.places == (("south", "brazil"),) for one in facts)


def test_from_is_told_from_what_is_charged() -> None:
    for text, role in (
        ("from r$ 200", "from"),
        ("r$ 200 or more", "from"),
        ("it costs r$ 200", "amount"),
        ("of r$ 200 to r$ 300", "range"),
        ("from r$ 100 to recife and r$ 200", "from"),
    ):
        start = text.rindex("r$ 200") if "100" in text else text.index("r$ 200")
        assert role_of(text, StatedAmount(start, start + 6, 20000)) == role, text


def test_a_line_is_cut_between_its_values() -> None:
    text = "pix 1 day; card 10 days, boleto 5 days"
    values = [Duration(4, 9, 1, 1), Duration(16, 23, 10, 10), Duration(32, 38, 5, 5)]

    assert [text[start:end] for start, end in pieces(text, values)] == [
        "pix 1 day",
        "; card 10 days",
        ", boleto 5 days",
    ]


def test_a_bracket_behind_a_value_belongs_to_it() -> None:
    values = [Duration(0, 6, 1, 1), Duration(15, 21, 3, 3)]

    assert pieces("1 hour (pix) or 3 days", values) == [(0, 12), (12, 22)]


def test_a_time_may_leave_out_its_unit_after_another() -> None:
    facts = read_policies([Text("a.md", "Refund: Pix 1 working day; boleto 5, by transfer; voucher 2.")]).facts

    assert [fact.value.high for fact in facts if isinstance(fact.value, Duration)] == [1, 5, 2]


def test_the_most_instalments_are_known() -> None:
    assert read_policies([Text("a.md", "até 10x sem juros")]).instalments == 10
    assert read_policies([Text("a.md", "Instalments: up to 6 without interest")]).instalments == 6
