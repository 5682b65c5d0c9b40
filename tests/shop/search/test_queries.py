"""Tests of how a question is read: SKUs, colours, sizes, stock, typing mistakes, other names; a test a rule."""

from dataclasses import dataclass, field

import pytest

from shop.search import lexicon
from shop.search.folding import distance, fold, sku_key, stem, stems
from shop.search.lexicon import Lexicon
from shop.search.queries import parse
from shop.search.terms import Term

LEXICON = lexicon.read(synonyms=[["balangandã", "charm"]])
SAID = "backpack mochila umbrella kettle red blue dress t-shirt jeans sneakers Acauã gift 41 m l 8ft azul table lamp tablecloth"


@dataclass(frozen=True)
class Words:
    """A vocabulary of a few words."""

    said: str = SAID
    language: str = ""
    skus: tuple[str, ...] = ("MOC-4471", "12345", "A-12")
    lexicon: Lexicon = field(default=LEXICON)

    def frequency(self, word: str) -> int:
        return word in stems(self.said)

    def has_sku(self, key: str) -> bool:
        return key in map(sku_key, self.skus)

    def nearest(self, word: str) -> tuple[tuple[str, int], ...]:
        near = ((other, distance(word, other)) for other in fold(self.said).split())
        return tuple(sorted((one for one in near if one[1] < 3), key=lambda one: one[1]))


def term(question: str, language: str = "") -> Term:
    """Return the only term of a question."""
    (found,) = parse(question, Words(language=language)).terms
    return found


def names(one: Term) -> set[str]:
    return {" ".join(alternative.phrase) for alternative in one.alternatives}


@pytest.mark.parametrize(
    "question",
    [
        "MOC-4471",
        "quanto custa o moc4471?",
        "is moc 4471 available",
        "produto Moc.4471 azul",
        "(MOC_4471)",
        "moc/4471!",
    ],
)
def test_a_sku_is_read_in_any_spelling(question: str) -> None:
    assert parse(question, Words()).skus == ("moc4471",)


def test_more_skus_than_one_are_read_in_order() -> None:
    assert parse("12345 or MOC-4471 or A-12?", Words()).skus == ("12345", "moc4471", "a12")


@pytest.mark.parametrize("question", ["MOC-9999", "moc 44710", "a 12 pack"])
def test_an_unknown_sku_is_none(question: str) -> None:
    assert parse(question, Words()).skus == ()


def test_an_unknown_sku_counts_against_what_is_found() -> None:
    assert parse("MOC-9999", Words()).unknown == ("moc", "9999")


@pytest.mark.parametrize(
    "question", ["a blue dress", "vestido azul", "vestidos azuis", "BLUE dresses", "um vestido azul, por favor"]
)
def test_a_colour_is_read_in_both_languages(question: str) -> None:
    assert len(parse(question, Words()).colours) == 1


def test_a_colour_of_two_words_is_one() -> None:
    assert parse("camisa azul marinho", Words()).colours == ("azul marinho",)


@pytest.mark.parametrize(
    "question", ["mochila vermelha", "mochilas vermelhas", "tênis vermelho", "sapatos vermelhos", "a red shoe"]
)
def test_a_colour_agrees_and_is_found_in_the_other_language(question: str) -> None:
    (colour,) = (one for one in parse(question, Words()).terms if one.kind == "colour")

    assert names(colour) == {"red"}


@pytest.mark.parametrize(
    ("question", "size"),
    [
        ("camiseta tamanho M", "m"),
        ("camiseta M", "m"),
        ("t-shirt size l", "l"),
        ("t-shirt in L, please", "l"),
        ("camiseta G", "g"),
        ("vestido médio", "medio"),
        ("a medium dress", "medium"),
        ("extra large t-shirt", "extra large"),
        ("tênis número 41", "41"),
        ("size 41 sneakers", "41"),
        ("camiseta GG", "gg"),
    ],
)
def test_a_size_is_read_where_it_stands_as_one(question: str, size: str) -> None:
    assert parse(question, Words()).sizes == (size,)


@pytest.mark.parametrize("question", ["m", "i'm looking for l'oreal", "A MOCHILA P E OUTRA", "quero m mochilas"])
def test_a_letter_alone_is_no_size(question: str) -> None:
    assert parse(question, Words()).sizes == ()


def test_sizes_of_the_other_language_are_found() -> None:
    (size,) = (one for one in parse("camiseta tamanho G", Words()).terms if one.kind == "size")

    assert "l" in names(size)


@pytest.mark.parametrize(
    "question",
    [
        "is it in stock?",
        "available backpacks",
        "any left?",
        "tem no estoque?",
        "está disponível?",
        "mochilas à pronta entrega",
        "sold out?",
    ],
)
def test_a_question_about_stock_is_told(question: str) -> None:
    assert parse(question, Words()).in_stock


@pytest.mark.parametrize(
    ("question", "language"), [("how much is the backpack", "en"), ("quanto custa a mochila", "pt"), ("Caburé", "")]
)
def test_the_language_of_a_question_is_told(question: str, language: str) -> None:
    assert parse(question, Words()).language == language


@pytest.mark.parametrize(
    "question",
    [
        "how much is it?",
        "e o preço dele?",
        "what do you have?",
        "quanto custa, por favor?",
        "do you sell any products?",
    ],
)
def test_words_of_grammar_name_nothing(question: str) -> None:
    assert parse(question, Words()).terms == ()


@pytest.mark.parametrize("question", ["backpacks?", "the backpack's price", "mochilas", "rucksack", "BACKPACK"])
def test_other_forms_and_names_are_one_thing(question: str) -> None:
    assert names(term(question)) == {"backpack", "mochila"}


def test_names_are_those_of_the_catalogues_language() -> None:
    assert names(term("do you have a rucksack", "pt")) == {"mochila"}


def test_a_word_that_means_something_else_there_fits_badly() -> None:
    (notebook,) = parse("quanto custa o notebook", Words("notebook", "en")).terms

    assert [one.fit for one in notebook.alternatives] == [0.4]


@pytest.mark.parametrize(("question", "meant"), [("backpak", "backpack"), ("umbrela", "umbrella"), ("acuã", "acaua")])
def test_a_typing_mistake_is_the_nearest_word(question: str, meant: str) -> None:
    found = term(question)

    assert meant in names(found)
    assert max(one.fit for one in found.alternatives) < 1


def test_a_mistyped_word_of_the_lexicon_has_its_other_names() -> None:
    assert names(term("keetle", "")) >= {"kettl"}


@pytest.mark.parametrize("question", ["gloves", "luvas", "violin"])
def test_a_word_of_the_language_is_no_typing_mistake(question: str) -> None:
    assert not term(question).is_known


@pytest.mark.parametrize("question", ["table cloth", "tablecloth", "table-cloth"])
def test_a_word_may_be_written_as_two(question: str) -> None:
    assert "tablecloth" in names(term(question))


def test_the_owners_synonyms_are_names() -> None:
    found = parse("balangandãs", Words("charm"))

    assert names(found.terms[0]) == {"charn"}


@pytest.mark.parametrize("question", ["a set of backpacks", "2 mochilas", "um par de mochilas", "jogo de 6 mochilas"])
def test_what_only_counts_weighs_little(question: str) -> None:
    kinds = [one.kind for one in parse(question, Words()).terms]

    assert kinds[-1] == "word"
    assert set(kinds[:-1]) == {"light"}


@pytest.mark.parametrize(
    "question", ["a backpack for mountaineering", "mochila para montanhismo", "a backpack with wings"]
)
def test_what_a_thing_is_for_stands_aside(question: str) -> None:
    assert [one.is_aside for one in parse(question, Words()).terms] == [False, True]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("do you deliver?", "delivery"),
        ("quanto é o frete?", "delivery"),
        ("can I pay in instalments?", "payment"),
        ("aceita cartão?", "payment"),
        ("I want my money back", "returns"),
        ("quero devolver", "returns"),
        ("is there a guarantee?", "warranty"),
        ("tem garantia?", "warranty"),
        ("when are you open?", "hours"),
        ("quero falar com alguém", "about"),
    ],
)
def test_a_question_of_the_shops_rules_has_a_topic(question: str, topic: str) -> None:
    assert topic in parse(question, Words()).topics


@pytest.mark.parametrize(
    ("question", "refers"),
    [
        ("and in blue?", True),
        ("e o preço dele?", True),
        ("how much is it", True),
        ("e azul?", True),
        ("a blue backpack", False),
        ("quero uma mochila", False),
    ],
)
def test_a_question_that_speaks_of_before_is_told(question: str, refers: bool) -> None:
    assert parse(question, Words()).refers is refers


def test_limits_and_order_are_read_and_name_nothing() -> None:
    query = parse("the cheapest backpack between 100 and 200", Words())

    assert (query.lowest, query.highest, query.order, query.words) == (10_000, 20_000, "price_asc", ("backpack",))


def test_an_empty_question_asks_for_nothing() -> None:
    assert parse("", Words()).terms == ()
    assert stem("x") == "x"


@pytest.mark.parametrize(
    ("question", "wanted"),
    [("mochilinha", "mochila"), ("mochilinhas", "mochila"), ("a backpack", "backpack")],
)
def test_a_diminutive_is_its_thing(question: str, wanted: str) -> None:
    assert any(stem(wanted) in one.phrase for one in term(question).alternatives)


def test_a_person_or_a_day_narrows_nothing() -> None:
    for question in ("a backpack for my grandmother", "mochila de aniversário para meu irmão"):
        kinds = [one.kind for one in parse(question, Words()).terms]
        assert kinds.count("word") == 1
        assert set(kinds) <= {"word", "use"}


def test_words_that_nothing_is_called_are_missing() -> None:
    assert parse("a velvety kettle", Words()).missing == ("velvety",)
    assert parse("a leather kettle", Words()).missing_materials == ("leather",)
    assert parse("a waterproof kettle for my aunt", Words()).missing == ()


def test_a_place_is_called_by_itself_and_its_region() -> None:
    said = Words(said="nordeste europa alemanha sudeste")
    (recife, germany) = (parse(question, said).terms[-1] for question in ("entrega em salvador", "entrega na alemanha"))

    assert {one.phrase for one in recife.alternatives} == {("nordest",)}
    assert {one.phrase for one in germany.alternatives} == {("europa",), ("alemanha",)}


@pytest.mark.parametrize("question", ["and for cats?", "e para gatos?", "what about with a lid", "mas sem tampa"])
def test_a_question_may_go_on_from_the_last(question: str) -> None:
    assert parse(question, Words()).continues


def test_what_was_bought_is_told_from_what_is_wanted() -> None:
    assert parse("I bought a kettle", Words()).is_owned
    assert parse("comprei uma mochila", Words()).is_owned
    assert not parse("I want to buy a kettle", Words()).is_owned


def test_what_is_lacked_is_read_from_short_forms_too() -> None:
    assert parse("água s/ gás", Words()).polarity.lacking == {"gas"}
    assert parse("água c/ gás", Words()).polarity.having == {"gas"}


def test_a_colour_that_is_not_wanted_is_another_one() -> None:
    query = parse("MOC-4471 in blue, not red", Words())

    assert "red" in query.other_colours
    assert "blue" not in query.other_colours
