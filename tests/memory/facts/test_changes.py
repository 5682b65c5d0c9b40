"""Which clause takes the place of which, and which do not."""

import time

import pytest

from memory.facts.cards import Card
from memory.facts.changes import MOST_BEFORE, settled
from memory.facts.clauses import clauses


def cards(*said):
    """Return cards; a text that begins with a dash is the shop's."""
    return [
        Card(text.lstrip("-"), "assistant" if text.startswith("-") else "user", n) for n, text in enumerate(said, 1)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A green one, please.", "No, make it purple."),
        ("Deliver on 3 May.", "Actually on 5 May."),
        ("Calço 36.", "Errei: 37."),
        ("Write to a@mail.example.", "Scratch that, use b@mail.example."),
        ("Come on Monday.", "Friday would be better, forget Monday."),
        ("My budget is $100.", "Let's say $150."),
        ("Send two bowls.", "Ignore what I said about the bowls."),
        ("I love liquorice tea.", "I've gone off liquorice."),
        ("Quero o tapete de juta.", "Desisti do tapete de juta."),
        ("Moro na Rua Um, 1.", "Mudei: agora é Rua Dois, 2."),
        ("I need 2 bowls.", "I need 3 bowls."),
        ("-The bowl costs R$ 10,00.", "-I was wrong: the bowl costs R$ 12,00."),
        ("-It is not waterproof.", "-I was wrong: it is waterproof."),
        ("Phone is +44 20 7946 0000.", "Phone is +44 20 7946 0111."),
        ("Quero tamanho M.", "Quero tamanho G, não tamanho M."),
        ("The stool in white, please.", "Scrap that, I want it in black instead."),
        ("Reserva a cadeira branca, por favor.", "Pensando melhor, fico com a cinza."),
        ("A luva é número 7.", "Falei errado: é 8."),
        ("My zip code is 60604.", "I messed up, it should be 60614."),
        ("Come on Monday.", "Monday won't work after all, could you come on Friday?"),
        ("My phone is 0151 2345678.", "I have a new number: 0172 8765432, the old one no longer works."),
        ("Quero o tapete na cor roxa.", "Pensando melhor, o tapete em cinza combina mais do que o da cor roxa."),
        ("A entrega pode ser na quinta-feira?", "Ah, na quinta não vai dar, pode ser no sábado?"),
    ],
)
def test_what_is_changed_stands_in_what_took_its_place(old, new):
    (one,) = settled(cards(old, new))

    assert one.clause == new.lstrip("-")
    assert one.before == (old.lstrip("-"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order #1111 is late.", "My other order #2222 came wrong."),
        ("-The rug costs R$ 200,00.", "-Actually the bowl costs R$ 12,00."),
        ("The party is on 12 March.", "I changed my flight, I arrive on 10 March."),
        ("I want the red bowl.", "I also want the blue bowl."),
        ("I want the red bowl.", "-The red bowl? Take the blue bowl instead."),
        ("Is it 5 cm?", "Is it 7 cm?"),
        ("Order 1111 is late.", "Order 2222 is late."),
        ("Item 12 is loose.", "Item 14 is loose."),
        ("-A refund of $17.99 has been processed.", "-A refund of $30.18 has been processed."),
        ("I like blue.", "I like green."),
        ("My order #1111 is for Ana.", "My order #2222 is for Ana."),
        ("Send the first box to 50030-230.", "Send the second box to 50740-000."),
        ("Sorry, order #1 broke.", "Sorry, order #2 never came."),
        ("I want the red bowl.", "Actually, I also want the blue one."),
        ("I want the red bowl.", "Actually, do you have it in blue?"),
        ("Quero a rede azul.", "Na verdade, quero também a verde."),
        ("Quero a rede azul.", "Pensando melhor, tem em verde?"),
        ("O quarto mede 4 m por 3 m.", "Sorry, o quarto não vai dar."),
    ],
)
def test_two_that_both_hold_both_stand(one, other):
    found = settled(cards(one, other))

    assert [(card.clause, card.before) for card in found] == [(one.lstrip("-"), ()), (other.lstrip("-"), ())]


def test_a_chain_names_the_newest_old_clauses():
    found = settled(cards(*(f"My budget is ${n}00." for n in range(1, 8))))

    assert [card.clause for card in found] == ["My budget is $700."]
    assert found[0].before == ("My budget is $400.", "My budget is $500.", "My budget is $600.")
    assert len(found[0].before) == MOST_BEFORE


def test_a_clause_said_twice_stands_once_the_newest():
    (one,) = settled(cards("No wool.", "no wool."))

    assert one.number == 2


def test_many_cards_take_time_by_their_number():
    began = time.process_time()
    settled(cards(*(f"Actually it is {n} not {n + 1} of them {n % 7}" for n in range(2_000))))

    assert time.process_time() - began < 10


def test_the_answer_to_what_holds_no_longer_goes_with_it():
    found = settled(cards("The red one, please.", "-Red, noted.", "Make it blue.", "-Blue, noted."))

    assert [card.clause for card in found] == ["Make it blue.", "-Blue, noted.".lstrip("-")]


def test_an_answer_that_says_more_stays():
    found = settled(cards("The red one, please.", "-Red, and I add a free hook.", "Make it blue."))

    assert [card.clause for card in found] == ["Red, and I add a free hook.", "Make it blue."]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["Can you come on Thursday?"], ["Thursday won't do. Come on Friday."]),
        (["Entrega na quarta, pode ser?"], ["Ih, quarta não dá. Sexta."]),
        (["I'll take the red one."], ["I changed my mind. The green one, please."]),
        (["Separa a bota 37 pra mim?"], ["Melhor 38, meu pé incha."]),
        (["O anel é aro 17."], ["Medi de novo em casa: o anel é aro 19."]),
        (["Meu celular é 62 99104-2280."], ["Troquei de chip, o número novo é 62 99617-4035."]),
        (["Could it come on Monday?"], ["I'm at a conference on Monday so can we do Friday"]),
        (["Pode ser na quinta."], ["Viajo na quinta, então pode ser no sábado?"]),
        (["The label: For Aunt Bea, 1951"], ["Wait no, she was born in 1952! For Aunt Bea, 1952"]),
        (["The plaque is for 2016."], ["Oh no, it was 2015!"]),
        (["Collect it on Tuesday."], ["Not home on Tuesday, come on Friday."]),
        (["A almofada pode ser bege."], ["Minha mãe odeia bege, deixa cinza."]),
        (["Six spoons, please."], ["Make that eight spoons, my uncle is coming too."]),
        (["Quero 4 velas."], ["Pensando bem faz 6, minha vizinha também quer."]),
        (["The concert is on 3 May."], ["The concert got pushed to 10 May."]),
        (["Two trays, please."], ["Make it three trays because the shelf is wide."]),
        (["Uma dúzia de pratos."], ["Aumenta pra 20 pratos porque vem mais gente."]),
        (["Uma dúzia de garfos."], ["Aumenta pra 20 garfos que a família cresceu."]),
        (["O jantar é dia 3."], ["Adiaram o jantar pro dia 8."]),
        (["Busco às 9h."], ["Vou me atrasar, chego às 11h."]),
        (["Quero o sapato 37."], ["Medi direito e é 38 mesmo."]),
    ],
)
def test_what_is_taken_back_may_stand_apart_from_its_new_value(old, new):
    said = [Card(clause, "user", n) for n, text in enumerate([*old, *new], 1) for clause in clauses(text)]

    held = settled(said)

    assert held[-1].before == (old[0],)
    assert old[0] not in [card.clause for card in held]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I'll take the red one.", "I got the postcode wrong. Send me a blue one too."),
        ("My order is 66018.", "My order is 66073."),
        ("O item 3 é azul.", "O item 4 é azul."),
        ("Collect it on Tuesday.", "I don't work on Tuesday, the party is on Friday."),
        ("Quero a colcha azul.", "Não gostei da azul, tem em verde?"),
        ("Deliver on Tuesday.", "If Tuesday is not possible, come on Friday."),
        ("A capa bege é da Rita.", "A capa bege não serviu, a verde é do Caio."),
        ("O anel dela é 17.", "Medi de novo o meu: 19."),
        ("Collect it at 10 am.", "My train doesn't leave at 10 am, it leaves at 11 am."),
        ("The red rug is for the hall.", "The hall isn't red though, it's white."),
        ("Deliver on Tuesday.", "I'm away on Wednesday, can we do the fitting on Thursday?"),
        ("The red one is for Bia.", "No red for Leo, he gets blue."),
        ("O prazo é de 5 dias.", "Não são 5 dias de férias, são 8."),
        ("Quero 2 azuis.", "Se não tiver, quero 3 verdes."),
        ("A Bia faz anos no dia 12 de maio.", "Quinta não vai dar, viajo a trabalho. Venham na sexta."),
        ("My daughter turns 4 on 12 May.", "Thursday won't do. Come on Friday."),
        ("Venham no dia 3.", "Quinta não dá."),
        ("Meu filho calça 29 e minha filha 31.", "O dele agora é 30, não 29."),
        ("Quero a manta cinza.", "Cinza mesmo, não mudei de ideia. A bege eu já tenho."),
    ],
)
def test_what_is_beside_a_change_is_no_change(old, new):
    said = [Card(clause, "user", n) for n, text in enumerate([old, new], 1) for clause in clauses(text)]

    assert old in [card.clause for card in settled(said)]


def test_an_answer_to_what_is_replaced_gives_way():
    talk = ["Come on Thursday.", "Thursday, between 2 and 4.", "Thursday won't do. Come on Friday.", "Friday it is."]
    said = [
        Card(clause, "assistant" if n % 2 == 0 else "user", n)
        for n, text in enumerate(talk, 1)
        for clause in clauses(text)
    ]

    assert settled(said)[-1].before == ("Thursday, between 2 and 4.",)
    assert "Thursday, between 2 and 4." not in [card.clause for card in settled(said)]


@pytest.mark.parametrize(
    ("offer", "taken", "change", "answer"),
    [
        (
            "It arrives on Thursday.",
            "Thursday is fine.",
            "I'm not in on Thursday, can it be Saturday?",
            "Saturday it is.",
        ),
        ("Saindo hoje, chega na quarta-feira.", "Tá bom.", "Quarta não vai dar, pode ser sábado?", "Sábado, sim."),
    ],
)
def test_what_was_arranged_for_a_refused_day_gives_way(offer, taken, change, answer):
    said = cards("Hello", f"-{offer}", taken, "-Good.", change, f"-{answer}")

    assert offer not in [card.clause for card in settled(said)]
    assert settled(said)[-1].before[-1:] == (offer,)


def test_an_answer_that_says_more_of_goods_stays():
    talk = ["I'll take the red one.", "-The red one sells best.", "Actually blue instead of red.", "-Blue, noted."]

    assert "The red one sells best." in [card.clause for card in settled(cards(*talk))]
