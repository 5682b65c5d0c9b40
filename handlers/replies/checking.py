"""The checks of one answer: what it is held against, and what has been found so far.

What a frame brings is a sentence or two, which are read on the event loop, sooner than a thread would have begun with them.
Gathering the evidence, at the end of the first sentence, and long texts block and are done in threads.

An answer is never lost for its checks: where they fail, that is logged and it goes on without them.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from handlers.services import Services, in_thread
from memory.context.shop_data import named_in
from memory.conversations.records import Record
from shop.checks import Checked, Checker
from shop.claims.values import Claim, Evidence, unread
from shop.products import Product
from shop.snapshot import Snapshot

log = logging.getLogger("storekeeper.checks")

_END = re.compile(r"[.!?…][\"'”’)*_]*\s|\n")
_LONGEST_END = 8
"""A sentence's end that began before what was read reaches no further back."""

_QUICK_CHARS = 160
"""Of new text that is read on the event loop: about what a frame brings."""

Gather = Callable[[], Evidence | None]
"""Returns what an answer is held against, None where the shop's data are not there."""


def nothing() -> None:
    """Return that an answer cannot be checked."""


def evidence_of(services: Services, question: str, before: Sequence[Record], shown: Sequence[Product]) -> Gather:
    """Return what gathers the evidence of a turn, when it is needed: the rows that the model was sent, the shop's rules, any
    row by its SKU, and the products that the last answer named."""
    snapshot, settings = services.shop.snapshot, services.settings

    def gather() -> Evidence | None:
        if snapshot is None:
            return None
        every = snapshot.rows if not shown else None
        return Evidence(
            every.products if every is not None else shown,
            question=question,
            previous=_named_before(snapshot, before, settings.catalogue.rows),
            currency=snapshot.currency,
            known_skus=snapshot.index.product,
            policies=snapshot.rules,
            known_rows=every.known if every is not None else None,
            row_of=snapshot.row_of,
            contact=settings.contact,
        )

    return gather


def _named_before(snapshot: Snapshot, before: Sequence[Record], most: int) -> list[Product]:
    """Return the products that the last answer named."""
    said = [record for record in before if record.text]
    answer = next((record.text for record in reversed(said) if not record.is_question), "")
    last_question = next((record.text for record in reversed(said) if record.is_question), "")
    return [product for products in named_in(snapshot, [answer], last_question, most) for product in products]


class Checking:
    """What is found in one answer while it is written. `claims` are those of the sentences that have ended, in order."""

    def __init__(self, gather: Gather) -> None:
        self._gather: Gather = gather
        self._checker: Checker | None = None
        self._is_off = False
        self._read = ""
        self._row_of: Callable[[str, str], str] = unread
        self._rows = dict[tuple[str, str], str]()
        self.claims: tuple[Claim, ...] = ()

    @staticmethod
    def sentences_end(text: str) -> int:
        """Return where the last sentence of a text ends that has an end, 0 where none has."""
        return max((match.end() for match in _END.finditer(text)), default=0)

    def is_due(self, text: str) -> bool:
        """True if a sentence has ended in the answer so far that was not read yet."""
        return not self._is_off and _END.search(text, max(0, len(self._read) - _LONGEST_END)) is not None

    async def follow(self, text: str) -> None:
        """Read the answer so far: in a thread where the evidence is still to be gathered, or much is new."""
        if self._checker is None or len(text) - len(self._read) > _QUICK_CHARS:
            await in_thread(self.read, text)
        else:
            self.read(text)

    def read(self, text: str) -> None:
        """Take the whole answer so far. One that does not go on from what it was is read anew."""
        if not text.startswith(self._read):
            self._checker, self._read, self.claims = None, "", ()
        if self._is_off or text == self._read:
            return
        try:
            if self._checker is None and (evidence := self._gather()) is not None:
                self._checker, self._row_of = Checker(evidence), evidence.row_of
            if self._checker is not None:
                self._take(self._checker.add(text[len(self._read) :]))
        except Exception:
            self._turn_off()
        self._read = text

    def finish(self, text: str) -> tuple[Claim, ...]:
        """Take the answer as it is kept; return all its claims."""
        if self._read.rstrip("\n") != text:  # else only line feeds at its end have gone
            self.read(text)
        if self._checker is not None and not self._is_off:
            try:
                self._take(self._checker.finish())
            except Exception:
                self._turn_off()
        return self.claims

    def _take(self, sentences: Sequence[Checked]) -> None:
        self.claims += tuple(
            replace(one, start=one.start + part.start, end=one.end + part.start, row=self._row(one))
            for part in sentences
            for one in part.claims
        )

    def _row(self, claim: Claim) -> str:
        """Return what stands at the claim's source now, which is kept with the reply."""
        if not claim.source:
            return ""
        at = claim.source, claim.about
        if at not in self._rows:
            self._rows[at] = self._row_of(*at)
        return self._rows[at]

    def _turn_off(self) -> None:
        log.exception("answer_not_checked")
        self._is_off, self.claims = True, ()
