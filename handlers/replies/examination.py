"""The checks of a reply that this process does not write: another one writes it, or a dead one left it. Blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.replies import checking
from handlers.replies.checking import Checking, Gather
from handlers.services import Services
from memory.context.builder import build_context
from memory.conversations import doubts, history
from memory.conversations.records import Record, standing
from memory.conversations.spool import Spooled
from memory.storage.folders import Folder
from shop.claims.values import Claim, Evidence


def evidence_of_last(services: Services, folder: Folder) -> Gather:
    """Return what gathers the evidence of the reply to the last question that stands, as its own turn does: the prompt is
    made anew, for the rows that it held."""

    def gather() -> Evidence | None:
        asked = (entry.record for entry in standing(history.backwards(folder)) if entry.record.is_question)
        question = next(asked, None)
        if question is None:
            return None
        context = build_context(services.sources(), folder, question)
        before = [entry.record for entry in context.tail.entries]
        return checking.evidence_of(services, question.text, before, context.rows.products)()

    return gather


@dataclass(frozen=True, slots=True)
class Examination:
    """What becomes of a reply that a dead process left, beside its record (`turns.Examiner`)."""

    services: Services
    folder: Folder

    def claims(self, left: Spooled) -> tuple[Claim, ...]:
        return Checking(evidence_of_last(self.services, self.folder)).finish(left.text)

    def report(self, record: Record, claims: Sequence[Claim]) -> None:
        doubts.note(self.services.users, self.folder.name, record, claims)
