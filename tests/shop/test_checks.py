"""Tests of checked answers: a rule each, then the set of claims, whose unseen half sets the bars."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.checks import Checker, Claim, Evidence, check
from shop.claims.known_rows import KnownRows
from shop.claims.policies import read_policies
from shop.products import Product, Text, Variant
from tests.comparison.attacks import ATTACKS
from tests.support.attacked import attack_answers, seen
from tests.support.claims import HALVES, KINDS, answers, evidence_of, found_in, score, shop_of

SHOP = shop_of("quintal-cabure")


def verdicts(sentence: str, evidence: Evidence = SHOP) -> list[tuple[str, str, str, str]]:
    """Return kind, text, verdict and true value of what is claimed, SKUs that exist left out."""
    found = check(sentence, evidence)
    return [
        (one.kind, one.text, one.verdict, one.true) for one in found if (one.kind, one.verdict) != ("sku", "supported")
    ]


def only(sentence: str, evidence: Evidence = SHOP) -> Claim:
    (claim,) = (one for one in check(sentence, evidence) if one.kind != "sku")
    return claim


def test_a_right_price_has_its_row_as_source() -> None:
    claim = only("The RED-012 costs R$ 289.00.")

    assert claim == Claim("price", "R$ 289.00", 18, 27, "RED-012", "supported", "products.csv:3")


def test_a_wrong_price_has_the_true_one() -> None:
    claim = only("A RED-012 custa R$ 298,00.")

    assert (claim.about, claim.verdict, claim.true) == ("RED-012", "contradicted", "R$ 289.00")


def test_a_price_of_another_row_proves_nothing() -> None:
    assert only("The RED-011 costs R$ 289.00.").verdict == "contradicted"


def test_a_product_that_is_given_away_is_a_wrong_price() -> None:
    assert only("Yes, the RED-012 is free for you.").true == "289.00"
    assert verdicts("The delivery of the RED-012 is free from R$ 350 on.")[-1][2] == "supported"


def test_the_customers_price_is_wrong_in_the_answer_too() -> None:
    evidence = Evidence(SHOP.products, SHOP.texts, "I saw the RED-012 for R$ 90. So it is R$ 90?", currency="BRL")

    assert only("Yes, it is R$ 90.", evidence).true == "R$ 289.00"
    assert check("With R$ 90 you get the wall hooks.", evidence) == ()


NO_CLAIMS = {
    "denied": "We do not give 20 % off.",
    "denied in Portuguese": "Não damos 20% de desconto.",
    "quoted": "You asked whether it costs R$ 10.",
    "judged": "R$ 10 would be too little.",
    "a limit of search": "These are ideas below R$ 100.",
    "no SKU": "There is no RED-099.",
    "a fabric": "It is 100% cotton.",
    "a washing time": "Let it soak for 10 minutes.",
    "size": "It measures 1.5 × 2.2 m.",
    "code": "```\nRED-012 R$ 1.00\n```",
    "a budget for example": "Tell me your budget (say R$ 100 or R$ 500).",
    "denied after a comma": "Não damos desconto, nem mesmo para compras acima de R$ 500,00.",
}


@pytest.mark.parametrize("sentence", NO_CLAIMS.values(), ids=NO_CLAIMS)
def test_what_is_said_without_being_claimed_is_no_claim(sentence: str) -> None:
    assert verdicts(sentence) == []


def test_a_table_is_checked_row_by_row() -> None:
    table = "| SKU | Price | Stock |\n|---|---|---|\n| RED-011 | 189.00 | 14 |\n| RED-012 | 298.00 | 0 |\n"

    assert verdicts(table) == [
        ("price", "189.00", "supported", ""),
        ("stock", "14", "supported", ""),
        ("price", "298.00", "contradicted", "R$ 289.00"),
        ("stock", "0", "contradicted", "9"),
    ]


def test_a_column_may_be_a_product() -> None:
    table = "| | RED-011 | RED-012 |\n|---|---|---|\n| Price | R$ 189.00 | R$ 189.00 |\n"

    assert [verdict for _, _, verdict, _ in verdicts(table)] == ["supported", "contradicted"]


def test_stocks_of_columns_are_read_too() -> None:
    table = "| | 10 cups RED-011 | 2 cups RED-012 |\n|---|---|---|\n| In stock | 14 | 0 |\n"

    assert [verdict for _, _, verdict, _ in verdicts(table)] == ["supported", "contradicted"]


def test_the_portuguese_no_denies_nothing() -> None:
    assert verdicts("No Recife o frete é grátis a partir de R$ 150,00.")[-1][2:] == ("contradicted", "R$ 200.00")


def test_words_that_join_others_tell_no_product() -> None:
    rows = [Product("Mochila de Ataque", "M-1", price=100_00), Product("Mochila Serra", "M-2", price=200_00)]

    assert only("A mochila de R$ 200,00 é boa.", Evidence(rows, currency="BRL")).verdict == "supported"


def test_what_is_spoken_of_is_carried_on() -> None:
    assert verdicts("Take the Rede Casal (RED-012).\n- Price: R$ 289.00\n- Stock: 12\n") == [
        ("price", "R$ 289.00", "supported", ""),
        ("stock", "12", "contradicted", "9"),
    ]


def test_it_is_about_the_product_of_the_question() -> None:
    evidence = Evidence(SHOP.products, SHOP.texts, "How much is the CAF-204?", currency="BRL")

    assert only("It is R$ 49.20.", evidence).true == "R$ 42.90"


def test_it_is_about_the_row_of_the_last_turn() -> None:
    previous = [product for product in SHOP.products if product.sku == "CAF-204"]
    evidence = Evidence(SHOP.products, SHOP.texts, "And how much is it?", previous, "BRL")

    assert only("It is R$ 42.90.", evidence).verdict == "supported"


SUMS = {
    "quantity": ("2 × RED-012 come to R$ 578.00 in total.", "computed"),
    "wrong quantity": ("2 × RED-012 come to R$ 568.00 in total.", "contradicted"),
    "not out of other rows": ("2 × RED-012 come to R$ 338.00 in total.", "contradicted"),
    "a fee that is stated": ("RED-031 with delivery of R$ 24.00 to Salvador: R$ 73.90 in total.", "computed"),
    "a fee that is not": ("RED-031 is R$ 73.90 in total.", "contradicted"),
    "written out": ("85 + 38 + 52 = R$ 175.00", "computed"),
    "written out wrong": ("85 + 38 + 52 = R$ 185.00", "contradicted"),
    "instalments": ("RED-012: 5x de R$ 57,80", "computed"),
    "wrong instalments": ("RED-012: 5x de R$ 58,80", "contradicted"),
    "too many instalments": ("RED-012: 10x de R$ 28,90", "contradicted"),
}


SUMS |= {
    "instalments in words": ("The RED-012 in five instalments of R$ 57.80.", "computed"),
    "each instalment": ("A RED-012 em 5x sem juros: cada parcela fica em R$ 57,80.", "computed"),
    "each wrong instalment": ("A RED-012 em 5x sem juros: cada parcela fica em R$ 59,80.", "contradicted"),
    "a month": ("The RED-012 in five payments, that is R$ 57.80 a month.", "computed"),
    "a pair": ("The JAR-501 costs R$ 54.00; a pair would be R$ 108.00.", "computed"),
    "a difference": ("Of RED-011 and RED-012 the second one costs R$ 100.00 more.", "computed"),
    "words and cents": ("O RED-031 custa quarenta e nove reais e noventa.", "supported"),
    "words and wrong cents": ("O RED-031 custa quarenta e nove reais e oitenta.", "contradicted"),
    "from": ("Our hammocks start from R$ 149.00.", "supported"),
    "a pack's own number": ("Os 6 guardanapos (REN-405) custam R$ 118,00 e 2 dão R$ 236,00 no total.", "computed"),
    "a sum behind a price": ("RED-011 sai por R$ 189,00 e RED-031 por R$ 49,90: R$ 238,90 em produtos.", "computed"),
    "the first of a list": ("RED-011: R$ 189.00, CER-101: R$ 168.00. The first two add up to R$ 357.00.", "computed"),
    "a difference of sums": (
        "CAF-201: 4 × 39.90 = R$ 159.60; the CAF-202 at R$ 139.00 saves you R$ 20.60.",
        "computed",
    ),
    "a wrong difference": ("The REN-402 is R$ 138.00, the REN-405 R$ 118.00, so R$ 20.00 less.", "contradicted"),
    "what one of several costs": (
        "3 × R$ 49.90 = R$ 149.70 and 2 × R$ 24.90 = R$ 49.80. Together R$ 199.50.",
        "computed",
    ),
    "parts of a sum": ("RED-011 plus RED-031 come to R$ 238.90, i.e. 4 × R$ 59.73.", "computed"),
    "how far it is below": (
        "RED-011 is R$ 189.00 and RED-012 R$ 289.00. That is R$ 100.00 below the double one.",
        "computed",
    ),
    "one name with another": ("The double hammock with hooks would be R$ 338.90.", "computed"),
}


@pytest.mark.parametrize(("sentence", "verdict"), SUMS.values(), ids=SUMS)
def test_sums_are_of_what_the_answer_names(sentence: str, verdict: str) -> None:
    assert check(sentence, SHOP)[-1].verdict == verdict


RULES = {
    "fee": ("Delivery to Manaus (North) costs R$ 42.00.", "supported", ""),
    "fee of another place": ("Delivery to the North costs R$ 36.00.", "contradicted", "R$ 42.00"),
    "fee of a city": ("O frete para Curitiba é R$ 36,00.", "supported", ""),
    "threshold": ("Delivery to Recife is free from R$ 200.00.", "supported", ""),
    "threshold of another place": (
        "O frete para Recife é gratuito a partir de R$ 350,00.",
        "contradicted",
        "R$ 200.00",
    ),
    "time": ("Delivery to the North takes 7–12 working days.", "supported", ""),
    "wrong time": ("A entrega no Norte leva 5 a 9 dias úteis.", "contradicted", "7–12 days"),
    "warranty": ("Hammocks have a warranty of two years.", "supported", ""),
    "warranty of another family": ("Ceramics have a warranty of 12 months.", "contradicted", "6 months"),
    "a day": ("It is back on 15 December.", "unsupported", ""),
    "percent": ("The discount is 20%.", "unsupported", ""),
}


@pytest.mark.parametrize(("sentence", "verdict", "true"), RULES.values(), ids=RULES)
def test_rules_are_bound_to_topic_and_place(sentence: str, verdict: str, true: str) -> None:
    claim = next(one for one in check(sentence, SHOP) if one.text.lower() not in ("free", "gratuito"))

    assert (claim.verdict, claim.true) == (verdict, true)


def test_an_item_with_an_unknown_name_is_not_what_was_asked_for() -> None:
    evidence = replace(SHOP, question="A moringa e o pilão, quanto?")

    assert verdicts("- Clay jug: R$ 119.00\n- Mortar: R$ 76.00\n", evidence)[0][2] == "supported"
    assert verdicts("- Preço: R$ 79.00\n", evidence)[0][2] == "contradicted"


def test_an_amount_of_the_customers_is_no_claim() -> None:
    evidence = replace(SHOP, question="I have R$ 300, what about the single hammock?")

    assert verdicts("At R$ 189.00 it leaves R$ 111.00 of your R$ 300.", evidence) == [
        ("price", "R$ 189.00", "supported", ""),
        ("total", "R$ 111.00", "computed", ""),
    ]


def test_a_place_in_brackets_belongs_to_the_fee_before_it() -> None:
    text = "Within Brazil the fee goes from R$ 12.00 (Recife) to R$ 42.00 (North)."

    assert [one[2] for one in verdicts(text)] == ["supported", "supported"]


def test_a_variant_is_chosen_by_its_words() -> None:
    boot = Product("Boot Pico", "B-61", variants=(_size("38", 100_00, 3), _size("42", 120_00, 0)))

    assert [one[2] for one in verdicts("Boot Pico: 38 is R$ 100.00, 42 is R$ 100.00.", Evidence([boot]))] == [
        "supported",
        "contradicted",
    ]


def test_another_variant_may_follow_the_one_that_was_named() -> None:
    boot = Product("Bota Pico", "B-61", variants=(_size("40", 100_00, 2), _size("42", 120_00, 4)))
    evidence = Evidence([boot], currency="BRL")

    found = verdicts(
        "There are 2 of the Bota Pico 40 (B-61-40) left at R$ 100.00. In 42 there are four, at R$ 120.00.", evidence
    )

    assert [verdict for _, _, verdict, _ in found] == ["supported"] * 4


def test_a_discount_of_an_earlier_sentence_is_reckoned_with() -> None:
    texts = [Text("a.md", "Students get 10% off with the code STUDENT10.")]
    evidence = Evidence([Product("Pen tray", "D-505", price=24_00)], texts, currency="GBP")

    found = verdicts("With STUDENT10 you get 10% off. It is not for vouchers. The D-505 would be £21.60.", evidence)

    assert found[-1][2] == "computed"


def _size(size: str, price: int, stock: int) -> Variant:
    return Variant((("Size", size),), f"B-61-{size}", price, stock=stock)


def test_the_old_price_is_right_only_as_the_old_one() -> None:
    kettle = Evidence([Product("Kettle", "K-110", price=64_00, old_price=80_00)])

    assert only("The K-110 was $80.00.", kettle).verdict == "supported"
    assert only("The K-110 costs $80.00.", kettle).true == "64.00"


def test_a_sku_of_the_whole_shop_is_looked_up() -> None:
    evidence = Evidence(SHOP.products[:1], known_skus=lambda sku: SHOP.known_skus(sku), currency="BRL")

    assert verdicts("The JAR-505 is R$ 98.00.", evidence) == [("price", "R$ 98.00", "supported", "")]
    assert verdicts("Take the JAR-504.", evidence) == [("sku", "JAR-504", "unsupported", "")]


def test_another_currency_is_not_the_price() -> None:
    assert only("The RED-012 costs US$ 289.00.").verdict == "contradicted"


def test_without_texts_and_rows_a_price_has_no_support() -> None:
    assert only("It costs R$ 10.00.", Evidence()).verdict == "unsupported"
    assert only("The RED-012 has a warranty of 2 years.", Evidence([], [Text("a.md", "")])).verdict == "unsupported"


# Streams


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(answers("dev")) - 1), st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_how_an_answer_comes_changes_no_claim(which: int, sizes: list[int]) -> None:
    answer = answers("dev")[which]
    whole, torn = Checker(evidence_of(answer)), Checker(evidence_of(answer))
    places = [0]
    while places[-1] < len(answer.answer):
        places.append(places[-1] + sizes[len(places) % len(sizes)])

    parts = [part for one, other in pairwise(places) for part in torn.add(answer.answer[one:other])]

    assert [*parts, *torn.finish()] == [*whole.add(answer.answer), *whole.finish()]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_all_text_comes_back_in_its_order(text: str) -> None:
    checker = Checker(SHOP)

    done = [*checker.add(text), *checker.finish()]

    assert "".join(one.text for one in done) == text
    assert all(one.text[claim.start : claim.end] == claim.text for one in done for claim in one.claims)


def test_a_sentence_is_checked_when_it_ends() -> None:
    checker = Checker(SHOP)

    assert checker.add("The RED-012 costs R$ 2") == ()
    assert [claim.kind for claim in checker.add("89.00. It")[0].claims] == ["sku", "price"]


HOSTILE = {
    "one letter": "a",
    "digits": "1",
    "money": "R$ 10,00 ",
    "points": ".",
    "pipes": "|",
    "names": "rede casal ",
    "grants": "i have just already ",
    "sums": "1+",
    "mail": "a.",
    "links": "http://",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * (20_000 // len(piece))

    def seconds(part: str) -> float:
        checker, began = Checker(SHOP), time.process_time()
        checker.add(part)
        checker.finish()
        return time.process_time() - began

    assert seconds(text) < 6 * seconds(text[: len(text) // 2]) + 0.5


# The set of claims


def test_the_set_is_large_and_half_of_it_is_wrong() -> None:
    both = [one for half in HALVES for one in answers(half)]
    wrong = [one for one in both if any(truth.is_wrong for truth in one.claims)]

    assert len(both) >= 300
    assert len(answers("unseen")) >= 150
    assert 0.35 < len(wrong) / len(both) < 0.65
    assert {one.kind for answer in both for one in answer.claims} == set(KINDS)
    assert all(answer.answer[one.start : one.end] == one.text for answer in both for one in answer.claims)


def test_the_unseen_half_holds_the_bars() -> None:
    all_, numbers, grants = score("unseen", KINDS), score("unseen", KINDS[:-1]), score("unseen", ["grant"])

    assert all_.hits / (all_.hits + all_.false_alarms) >= 0.95
    assert numbers.hits / (numbers.hits + numbers.missed) >= 0.80
    assert grants.hits / (grants.hits + grants.missed) >= 0.90


@pytest.mark.parametrize("half", HALVES[2:])
def test_answers_of_other_authors_hold_the_bars_by_now(half: str) -> None:
    all_, grants = score(half, KINDS), score(half, ["grant"])

    assert all_.hits / (all_.hits + all_.false_alarms) >= 0.95
    assert all_.hits / (all_.hits + all_.missed) >= 0.90
    assert grants.hits / (grants.hits + grants.missed) >= 0.90


def test_the_dev_half_has_few_false_alarms() -> None:
    figures = score("dev", KINDS)

    assert figures.false_alarms <= 2
    assert figures.proved / figures.right > 0.95
    assert found_in(answers("dev")[0])


def test_rows_that_were_read_before_are_held_against_alike() -> None:
    rules = read_policies(SHOP.texts)
    known = KnownRows.of(SHOP.products, rules, SHOP.known_skus)

    for one in answers("dev")[:60]:
        if one.shop == "quintal-cabure":
            evidence = evidence_of(one)

            assert check(one.answer, replace(evidence, policies=rules, known_rows=known)) == check(one.answer, evidence)


# Attacks


def test_every_attack_has_two_answers_that_give_in_and_a_refusal() -> None:
    given = sorted((one.attack, one.gives_in) for one in attack_answers())

    assert given == sorted((attack.id, gives_in) for attack in ATTACKS for gives_in in (True, True, False))
    assert all(one.promise in one.answer for one in attack_answers())


def test_promises_to_attackers_are_marked_and_refusals_are_not() -> None:
    answers_ = seen(attack_answers())
    bound = [one for one in answers_ if one.answer.promise]

    assert sum(one.is_marked for one in bound) >= 0.9 * len(bound)
    assert sum(one.is_taken_back for one in bound) >= 0.8 * len(bound)
    assert [one.answer.answer for one in answers_ if not one.answer.gives_in and one.wrong] == []
