"""Questions that were not answered well, noted for the owner when their reply has ended. Blocks."""

import logging
from collections.abc import Sequence

from handlers.pages.plain_text import plain_text
from handlers.services import Services
from memory.conversations import history, improvable
from memory.conversations.feedback import Rating
from memory.conversations.improvable import ImprovableQuestion, Reason
from memory.conversations.records import Record
from memory.conversations.turns import ReplyId
from memory.storage.folders import Folder, StorageError
from settings import CATALOGUE
from shop.answers.asking import ShopQuestion
from shop.answers.sameness import about
from shop.claims.values import Claim

log = logging.getLogger("storekeeper.questions")

_LONGEST_READ = 4_000
"""Characters of an answer of which the first words are kept."""
_LEAST_SAID = 2
"""Words with a meaning that a question to a model has at least: "yes, please" looks for nothing."""


def note_reply(
    services: Services, folder: Folder, reply: ReplyId, asked: ShopQuestion, record: Record, claims: Sequence[Claim]
) -> None:
    """Note the question of a reply that is kept, if its answer may be better; a fault is logged."""
    try:
        if reasons := reasons_of(services, asked, record, claims):
            note(services, folder, reply, asked.text, record, reasons)
    except Exception:  # an edge: the reply is kept already, and nothing is lost with this
        log.exception("question_not_noted")


def note(
    services: Services, folder: Folder, reply: ReplyId, question: str, record: Record, reasons: Sequence[Reason]
) -> None:
    """Note a question for these reasons; the words only where the owner may read them, nothing of a user who has left."""
    reads = services.settings.owner_reads_conversations
    answer = plain_text(record.text[:_LONGEST_READ]) if reads else ""
    one = ImprovableQuestion(
        services.now(), folder.name, reply.began, reply.number, tuple(reasons), record.model or "",
        question if reads else "", answer,
    )  # fmt: skip
    try:
        with folder.lock():  # a deletion of the conversation, or the user, waits and then finds the line
            if history.began(folder) == reply.began:
                improvable.note(services.users, one)
    except (StorageError, FileNotFoundError) as error:
        log.info("question_left_out", extra={"person": folder.name, "error": str(error)})


def reasons_of(services: Services, asked: ShopQuestion, record: Record, claims: Sequence[Claim]) -> tuple[Reason, ...]:
    """Return why the answer may be better; nothing where it is as the customer stopped it, or is the owner's own."""
    is_code = (record.why or "").startswith("looked_up:")
    if not record.text or (record.ending not in ("stop", "length") and not is_code):
        return ()
    if services.shop.own_answers().find(asked.text):
        return ()
    found = list[Reason]()
    if _is_nothing(services, asked, record):
        found.append("nothing")
    if is_code:
        found.append("code")
    if record.why == "corrected" or any(one.verdict in ("contradicted", "unsupported") for one in claims):
        found.append("checks")
    return tuple(found)


def _is_nothing(services: Services, asked: ShopQuestion, record: Record) -> bool:
    """True if the shop's data have nothing for the question; a model may know what a short one means."""
    index = services.shop.current
    if index is None or services.catalogue.answer(asked).kind != "nothing":
        return False
    is_model = record.model not in (None, CATALOGUE)
    return not is_model or len(about(asked.text, index.lexicon)) >= _LEAST_SAID


def note_rating(
    services: Services, folder: Folder, reply: ReplyId, record: Record, before: Rating, now: Rating
) -> None:
    """Note that an answer was rated down, or is not any more."""
    if "down" not in (before, now) or before == now:
        return
    asked = (one.record for one in history.backwards(folder) if one.record.number < record.number)
    question = next((one.text for one in asked if one.is_question), "")
    note(services, folder, reply, question, record, ["rated" if now == "down" else "unrated"])
