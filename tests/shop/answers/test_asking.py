import pytest

from shop.answers import asking


@pytest.mark.parametrize(
    ("question", "intents"),
    [
        ("How much is the blue kite?", {"price"}),
        ("Quanto custa a pipa?", {"price"}),
        ("is it still in stock", {"stock"}),
        ("quais tamanhos ainda tem?", {"size", "list", "stock", "have"}),
        ("que cores vocês têm?", {"colour", "have"}),
        ("How much more is the large one?", {"more", "price"}),
        ("what do you pay for your kites?", {"ours"}),
        ("quanto o fornecedor cobra?", {"ours"}),
        ("a kite for my son", set()),
    ],
)
def test_intents_are_read_in_both_languages(question: str, intents: set[str]) -> None:
    assert asking.read(question).intents == intents


@pytest.mark.parametrize(
    "question",
    [
        "Can I talk to a human?", "I'd like to speak with someone from the shop", "a person, please", "quero falar com uma pessoa",
        "falar com alguém", "me passa para um atendente", "atendente", "what is your phone number?", "qual o telefone de vocês?",
    ],
)  # fmt: skip
def test_a_person_is_asked_for(question: str) -> None:
    assert asking.read(question).wants("person")


@pytest.mark.parametrize(
    "question",
    [
        "a hammock that holds more than one person and two children", "presente para uma pessoa que gosta de café forte",
        "how much is the mug for a person who drinks tea?", "do you have a phone case?",
    ],
)  # fmt: skip
def test_a_person_that_is_spoken_of_is_not_asked_for(question: str) -> None:
    assert not asking.read(question).wants("person")


@pytest.mark.parametrize(
    "question", ["Hi!", "good morning", "Olá, bom dia!", "oi, tudo bem?", "Thanks!", "muito obrigado"]
)
def test_courtesy_alone_is_known(question: str) -> None:
    assert asking.read(question).is_courtesy


@pytest.mark.parametrize("question", ["Hi, do you have mugs?", "obrigado, e quanto custa a caneca?", "", "mugs"])
def test_courtesy_beside_a_question_is_none(question: str) -> None:
    assert not asking.read(question).is_courtesy


@pytest.mark.parametrize(
    "question",
    ["thanks for your help!", "ok, that's all", "hey there", "valeu, obrigado pela ajuda", "tá bom, era isso"],
)
def test_courtesy_with_polite_words_is_courtesy(question: str) -> None:
    assert asking.read(question).is_courtesy


@pytest.mark.parametrize(
    "question",
    ["where's my package?", "when will my order get here", "rastrear meu pedido", "minha encomenda não chegou"],
)
def test_the_way_of_ones_order_is_asked_for(question: str) -> None:
    assert asking.read(question).wants("order")


def test_an_order_that_is_spoken_of_is_not_asked_for() -> None:
    assert not asking.read("I'd like to order a mug").wants("order")
    assert not asking.read("quero fazer um pedido").wants("order")
