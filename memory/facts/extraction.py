"""What a message states, found by code: its clauses with values or with words by which people state facts. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from memory.conversations.records import Record, Speaker
from memory.facts import cues, finding, matters
from memory.facts.cards import Card, plain
from memory.facts.clauses import clauses
from memory.facts.wording import content, cues_in, flat, is_courtesy, stem, words

MOST_CHARS = 100_000
"""Characters of one message that are looked at, from its end where it has more: a bound for pasted files."""
MOST_ECHOED_CHARS = 2_000
"""Characters of a question that its answer may repeat and say no more."""
_MOST_FRAGMENT = 8
"""Words of an answer that goes on from what was said before."""
_ITEMS = 3
"""Parts between commas from which on a clause is a list."""
_NAME = re.compile(r"(?<=[a-zà-ÿ,;:] )[A-ZÀ-Þ][\w'’-]*[a-zà-ÿ]")
_SPOKEN_TO = re.compile(r", [A-ZÀ-Þ][\w'’-]*(?=[,.!?…]|$)")
_ROW = re.compile(r"^\|.*\||[{\[]\s*\"|^[\w À-ÿ-]{2,30}: \S|^[-*•] [\w À-ÿ-]{2,30}: ")
_KIN = re.compile(
    r"\b(?:my|our|meu|minha|nosso|nossa) (wife|husband|son|daughter|mother|mom|mum|father|dad|sister|brother|aunt|uncle|cousin|"
    r"grandmother|grandfather|grandma|grandpa|niece|nephew|friend|boss|partner|girlfriend|boyfriend|neighbou?r|baby|"
    r"esposa|mulher|marido|filho|filha|mae|pai|irma|irmao|tia|tio|prima|primo|avo|sobrinha|sobrinho|amiga|amigo|chefe|"
    r"namorada|namorado|vizinha|vizinho|sogra|sogro|afilhada|afilhado|neta|neto|bebe)\b"
)
_ORDER = re.compile(r"\b(?:order|pedido|encomenda)s?\b")
_TAKEN_IN = content(cues.NOTED.replace(",", " ")) | frozenset(map(stem, cues.SLOT_NOUNS))
_SOME_DAY = frozenset({"quantity 1 day"})
"""What "one day" says where nothing else is said: no day."""
_FIRM = {
    True: frozenset({"stated", "changes", "cancels"}),
    False: frozenset({"answered", "promised", "consults", "changes"}),
}
"""What makes a clause of a customer, or of the shop, a fact by itself."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause as a card, and whether it states a fact or is merely said."""

    card: Card
    is_fact: bool


class Listener:
    """Takes in messages one after the other, and knows what the next one may go on from."""

    def __init__(self) -> None:
        self._asked = False
        self._said = ""
        self._before = dict[Speaker, str]()

    def statements(self, record: Record) -> list[Statement]:
        """Return what the next message states, in order. Courtesies and what speaks to a machine are none of it."""
        found = list(clauses(looked_at(record.text)))
        if record.role == "user":
            made = [self._of_customer(clause, record, is_first=n == 0) for n, clause in enumerate(found)]
        else:
            heard = frozenset[str]() if self._asked else content(self._said) | _TAKEN_IN
            made = [self._of_shop(clause, record, heard) for clause in found]
        self._asked = record.role == "assistant" and "?" in record.text[-400:]
        self._said = record.text[-MOST_ECHOED_CHARS:] if record.role == "user" else ""
        if found:
            self._before[record.speaker] = plain(found[-1])[-100:]
        return [one for one in made if one is not None]

    def _of_customer(self, clause: str, record: Record, *, is_first: bool) -> Statement | None:
        said = words(clause)
        is_answer = self._asked and len(said) <= _MOST_FRAGMENT
        if cues.ORDERS.search(flat(clause)) or (is_courtesy(said) and not (is_answer and _has_sign(clause))):
            return None
        goes_on = is_answer and is_first and not _is_sentence(clause, said)
        before = self._before.get(record.speaker, "") if goes_on else ""
        after = "" if is_courtesy(words(before)) else before
        card = Card(plain(clause), record.speaker, record.number, subject_of(clause), after=after)
        return Statement(card, goes_on or _is_fact(clause, said, cues_in(clause), is_customer=True))

    def _of_shop(self, clause: str, record: Record, heard: frozenset[str]) -> Statement | None:
        said = words(clause)
        if cues.ORDERS.search(flat(clause)) or is_courtesy(said):
            return None
        found = cues_in(clause)
        if "service" in found and "consults" not in found and not finding.find(clause):
            return None  # an offer of help and the like
        is_fact = not self._is_echo(clause, found, heard) and _is_fact(clause, said, found, is_customer=False)
        subject = "" if cues.OF_ITSELF.search(flat(clause)) else subject_of(clause)
        return Statement(Card(plain(clause), record.speaker, record.number, subject), is_fact)

    def _is_echo(self, clause: str, found: frozenset[str], heard: frozenset[str]) -> bool:
        """True if a shop's clause says no more than that it took in what the customer said."""
        if self._asked or found & {"promised", "negated"} or content(clause) - heard:
            return False
        return finding.keys(clause) <= finding.keys(self._said)


def looked_at(text: str) -> str:
    """Return the end of a message that facts are looked for in: all of what people type, from a line's beginning."""
    if len(text) <= MOST_CHARS:
        return text
    end = text[-MOST_CHARS:]
    return end[end.find("\n") + 1 :] if "\n" in end[: MOST_CHARS // 2] else end.partition(" ")[2] or end


def _has_sign(clause: str) -> bool:
    """True for a digit or a picture: "👍" says something where words of courtesy do not."""
    return any(sign.isdigit() or ord(sign) > 0x1F000 for sign in clause)


def _is_sentence(clause: str, said: Sequence[str]) -> bool:
    """True if an answer stands by itself: it begins as a sentence, and has a word by which facts are stated."""
    return clause[:1].isupper() and len(said) > 3


def _is_fact(clause: str, said: list[str], found: frozenset[str], *, is_customer: bool) -> bool:
    """True if a clause has a value, or words that matter to a shop; talk of the weather and the like has neither."""
    is_talk = "talk" in found or matters.LEISURE.search(flat(clause)) is not None
    if _has_value(clause, is_talk=is_talk) or (is_customer and _is_request(said)):
        return True
    if clause.rstrip("\"'”’) ").endswith("?"):
        before = clause.rpartition(", ")[0]  # "I pay by transfer, what is your key?"
        said = words(before)
        return is_customer and bool(said) and _is_fact(before, said, cues_in(before), is_customer=True)
    if found & _FIRM[is_customer] or _is_list(clause) or _is_named(clause, is_customer=is_customer):
        return True
    if is_talk:
        return is_customer and {"wished", "matters"} <= found
    return "matters" in found or (is_customer and ("wished" in found or not cues.REFUSALS.isdisjoint(said[:1])))


def _has_value(clause: str, *, is_talk: bool) -> bool:
    """True if a clause states a value; a day alone is none where people talk of the weather and the like."""
    return any(
        not (is_talk and value.kind == "date") and value.key not in _SOME_DAY
        for value in finding.with_addresses(clause)
    )


def _is_request(said: Sequence[str]) -> bool:
    """True if a customer's clause begins as what a shop is asked to do: "Could you wrap it?"."""
    verb = next((word for word in said if word not in cues.BEFORE_REQUESTS), "")
    return verb in cues.REQUESTS and len(said) > 1


def only_asks(card: Card) -> bool:
    """True if a customer's clause is a question that states no value and changes nothing."""
    is_question = card.speaker == "user" and card.clause.rstrip().endswith("?")
    return is_question and not (card.before or card.after or finding.with_addresses(card.clause))


def _is_named(clause: str, *, is_customer: bool) -> bool:
    """True for a name or a row of a table; a shop that speaks to somebody by name ("Thank you, Ana.") names nobody."""
    named = clause if is_customer else _SPOKEN_TO.sub("", clause)
    return _NAME.search(named) is not None or _ROW.search(clause) is not None


def _is_list(clause: str) -> bool:
    return clause.count(", ") >= _ITEMS


def subject_of(clause: str) -> str:
    """Return what a clause is about, where code can find it: an order, an item, an address, a person; else nothing."""
    low = flat(clause)
    values = finding.with_addresses(clause)
    codes = [value for value in values if value.kind == "code"]
    if codes and (_ORDER.search(low) or codes[0].text.startswith("#")):
        return f"order {codes[0].text}"
    if any(value.kind in ("address", "postcode") for value in values):
        return "address"
    if kin := _KIN.search(low):
        return clause[kin.start(1) : kin.end(1)].lower()
    return f"item {codes[0].text}" if codes else ""


def statements(records: Iterable[Record]) -> Iterator[Statement]:
    """Return what messages state, oldest first."""
    listener = Listener()
    for record in records:
        yield from listener.statements(record)
