"""A customer's question as the search reads it: what is asked for, its price, order, colours and sizes. Pure."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from shop.search.folding import fold, stem, words
from shop.search.lexicon import Lexicon, pieces
from shop.search.limits import Order, read_limits
from shop.search.polarity import NEITHER, Polarity, polarity_of
from shop.search.skus import skus_of
from shop.search.spellings import spelled
from shop.search.terms import Term, Vocabulary, WordReading, is_attribute, term_at, token_of
from shop.search.text_values import wanted


@dataclass(frozen=True, slots=True)
class Query:
    """What a question asks for. Prices are in minor units; `language` is "en", "pt" or "" where the words are of neither.

    `terms` are all words that name something, in order; `unknown` are those that nothing in the catalogue is called.
    `refers` is true where it speaks of what was shown before ("and in blue?", "e o preço dele?").
    """

    skus: tuple[str, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    order: Order | None = None
    in_stock: bool = False
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    """Colours and sizes that it does not want ("not red", "que não seja vermelha"); they are not among `terms`."""
    polarity: Polarity = NEITHER
    """What is wanted with and without something."""
    other_colours: frozenset[str] = frozenset()
    """Where it wants a colour, the words for all others, those among them that it does not want."""
    language: str = ""
    refers: bool = False
    continues: bool = False
    """True where it only says for what or with what the thing of the last question is wanted: "and for cats?"."""
    is_owned: bool = False
    """True where it speaks of something that was bought or came, not of something to buy."""
    headings: tuple[tuple[str, frozenset[str]], ...] = ()
    """The rules that it asks about, each with the stems of what such a rule is called by itself, as in a heading."""
    values: frozenset[str] = frozenset()
    """The kinds of values that it wants of the shop's texts."""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(term.text for term in self.terms)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(term.text for term in self.terms if not term.is_known)

    @property
    def missing(self) -> tuple[str, ...]:
        """The words that say which thing is wanted and that nothing in the shop is called."""
        return tuple(term.text for term in self.terms if term.kind == "word" and not term.is_known)

    @property
    def missing_materials(self) -> tuple[str, ...]:
        """The materials that nothing in the shop is made of, as far as its data show."""
        return tuple(term.text for term in self.terms if term.kind == "material" and not term.is_known)

    @property
    def is_limited(self) -> bool:
        """True if it says what a thing may cost."""
        return self.lowest is not None or self.highest is not None

    @property
    def topics(self) -> tuple[str, ...]:
        """What it asks of the shop's rules, such as "delivery" or "returns"."""
        return tuple(dict.fromkeys(term.topic for term in self.terms if term.topic))

    @property
    def rules(self) -> tuple[str, ...]:
        """The topics of it that name no goods too."""
        return tuple(topic for topic in self.topics if topic not in WEAK)


WEAK = frozenset(["about", "duration", "load", "offer"])
"""Topics whose words name goods too: "contact" lenses, a tent for two "people", a kettle "on offer"."""
IN_STOCK = re.compile(
    r"\b(?:in stock|available|availability|left|sold out|out of stock|disponive(?:l|is)|disponibilidade"
    r"|(?:em|no|de) estoque|esgotad[oa]s?|pronta entrega)\b"
)
CONTINUES = re.compile(r"^(?:and|e|what about|how about|mas) (?:for|with|without|in|para|pra|com|sem|de|em)\b")
OWNED = re.compile(
    r"\b(?:(?:i|we)(?: ve| have|.ve)? (?:just |already )?(?:bought|ordered|received|purchased|got)|my (?:order|parcel|package|purchase)"
    r"|arrived|came|broke|(?:ja )?(?:comprei|recebi|encomendei|chegou|chegaram|veio|vieram|quebrou|estragou)"
    r"|(?:meu|minha) (?:pedido|encomenda|compra))\b"
)
REFERS = re.compile(
    r"^(?:and|e|what about|how about|mas)\b|\b(?:it|its|they|them|their|those|these|that one|this one|that|this|the other|ones?"
    r"|ele|ela|eles|elas|dele|dela|deles|delas|nele|nela|esse|essa|esses|essas|este|esta|isso|isto|desse|dessa|deste|desta|aquele|aquela)\b"
)
MOST_CHARACTERS, MOST_TERMS = 1_000, 16
"""What of a long message is searched for: what a customer wants stands in its beginning."""
SIZE_WORDS = frozenset("size sizes tamanho tamanhos tam numero number nr manequim numeracao".split())


def parse(question: str, vocabulary: Vocabulary) -> Query:
    """Return what a question asks for, by the words of this vocabulary."""
    question = question[:MOST_CHARACTERS]
    folded = fold(question)
    said = spelled(folded)
    skus, rest = skus_of(folded, vocabulary.has_sku)
    limits = read_limits(spelled(rest))
    tokens = words(limits.rest)
    language = vocabulary.lexicon.language(words(said))
    terms, without = _terms(tokens, WordReading(vocabulary, language, _marked_sizes(question, tokens)))
    return Query(
        skus=skus,
        lowest=limits.lowest,
        highest=limits.highest,
        order=limits.order,
        in_stock=bool(IN_STOCK.search(limits.rest)),
        colours=tuple(term.text for term in terms if term.kind == "colour"),
        sizes=tuple(term.text for term in terms if term.kind == "size"),
        terms=terms,
        without=without,
        polarity=polarity_of(said),
        other_colours=_other_colours(terms, vocabulary.lexicon),
        language=language,
        refers=bool(REFERS.search(folded.strip())),
        continues=bool(CONTINUES.search(folded.strip())),
        is_owned=bool(OWNED.search(said)),
        headings=_headings(terms, vocabulary.lexicon),
        values=wanted(said),
    )


def _headings(terms: tuple[Term, ...], lexicon: Lexicon) -> tuple[tuple[str, frozenset[str]], ...]:
    rules = dict.fromkeys(term.topic for term in terms if term.topic and term.topic not in WEAK)
    return tuple((rule, lexicon.headings[rule]) for rule in rules if rule in lexicon.headings)


def _marked_sizes(question: str, tokens: list[str]) -> frozenset[str]:
    """Return the folded words that are sizes by how they stand: after "size", or as one or two capital letters."""
    after = {token for before, token in pairwise(tokens) if before in SIZE_WORDS}
    is_shouted = question.isupper()
    capitals = {
        found.lower() for found in re.findall(r"(?<![\w'’-])(?:[PSMGL]|PP|X{0,3}[GSL]G?|EG{1,2})(?![\w'’-])", question)
    }
    return frozenset(after | (set() if is_shouted else capitals))


def _terms(tokens: list[str], reading: WordReading) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the terms of a question, the longest known phrase at each place, else the word; and those that it excludes.

    After "de" a place makes another thing: a "barraca de praia" is no tent.
    """
    flat = [token_of(piece, reading.vocabulary) for token in tokens for piece in pieces(token)]
    found: dict[str, Term] = {}
    excluded: dict[str, Term] = {}
    said = ""
    is_aside = False
    while flat and len(found) < MOST_TERMS:
        is_aside = is_aside or (flat[0].text in ASIDE and any(one.kind not in UNNAMING for one in found.values()))
        length, term = term_at(flat, reading)
        if term and term.kind == "quality" and not term.is_known and said.endswith(" de"):
            term = replace(term, kind="word")
        if term and is_attribute(term) and EXCLUDES.search(said):
            excluded.setdefault(term.text, term)
        elif term:
            found.setdefault(term.text, replace(term, is_aside=is_aside and not is_attribute(term)))
        said = " ".join((said, *(token.text for token in flat[:length])))
        flat = flat[length:]
    return tuple(found.values()), tuple(excluded.values())


UNNAMING = frozenset(["policy", "use", "light"])
"""Kinds of words after which "for" begins no aside: "a gift for coffee lovers" is coffee."""
EXCLUDES = re.compile(
    r"\b(?:not|isn t|aren t|except(?: for)?|excluding|other than|anything but|rather than|sem ser|exceto"
    r"|nao(?: seja[m]?| for(?:em)?)?|que nao (?:e|sao))(?: (?:in|on|the|a|o|as|os|em))?$"
)
"""What stands before a colour or size that is not wanted."""


def _other_colours(terms: tuple[Term, ...], lexicon: Lexicon) -> frozenset[str]:
    """Return the words for the colours that are none of these terms, where one of them is a colour."""
    asked = {stem(word) for term in terms if term.kind == "colour" for word in words(term.text)}
    if not asked:
        return frozenset()
    names = [one.phrases for one in lexicon.colours]
    named = {phrase for phrases in names if any(map(asked.issuperset, phrases)) for phrase in phrases}
    same = {word for phrase in named for word in phrase}
    return frozenset(phrase[0] for phrases in names for phrase in phrases if len(phrase) == 1) - same


ASIDE = frozenset("for to with that which in on from at para pra pro com que em na no nas nos".split())
"""Words after which stands what a thing is for, has or where it is used, once it was named."""
