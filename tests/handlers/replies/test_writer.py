"""Tests of the writing of one reply: what is shown, what is held back, and what is taken back."""

import pytest

from handlers.replies.checking import nothing
from handlers.replies.correcting import Refuted
from handlers.replies.pacing import Pacer, Stop
from handlers.replies.steps import Wrote
from handlers.replies.writer import ReplyWriter
from memory.context.model_choice import Candidate
from memory.conversations import spool
from memory.conversations.turns import Accepted, NewMessage
from memory.storage.folders import Folder
from memory.storage.users import Users
from settings import Model
from shop.claims.values import Evidence
from tests.support.shop import NOON
from tests.support.turns import accept

LUNA = Candidate(Model(name="luna", max_input=8_000, max_output=500), "unavailable")
GRANT = "Your refund is approved. "


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


def writer_of(folder: Folder, answers: str, evidence: Evidence | None = None) -> ReplyWriter:
    taken = accept(folder, NewMessage("May I send it back?", after=0), NOON)
    assert isinstance(taken, Accepted)
    gather = nothing if evidence is None else lambda: evidence
    return ReplyWriter(taken, NOON, gather, answers, Stop(), Pacer())


async def test_words_are_in_the_spool_when_they_are_shown(ana: Folder) -> None:
    writer = writer_of(ana, "mark")
    writer.begin(LUNA)

    assert writer.add("Within 30")
    assert await writer.keep_words() == Wrote("Within 30")

    left = spool.read(ana)
    assert left is not None
    assert (left.text, left.model, writer.model, writer.why) == ("Within 30", "luna", "luna", "unavailable")


async def test_where_unchecked_words_are_held_sentences_are_shown(ana: Folder) -> None:
    writer = writer_of(ana, "hold")
    writer.begin(LUNA)

    assert writer.add("Within 30 days. Ship")
    assert not writer.add(" it to")
    assert (writer.text.rstrip(), writer.answered.split()[-3:]) == ("Within 30 days.", ["Ship", "it", "to"])

    await writer.finish()
    assert writer.text == "Within 30 days. Ship it to"


async def test_words_that_are_taken_back_leave_no_model(ana: Folder) -> None:
    writer = writer_of(ana, "mark")
    writer.begin(LUNA)
    writer.add("Hmm, let me think")
    await writer.keep_words()

    assert await writer.take_back() == Wrote("")

    assert (writer.text, writer.model, writer.candidate, writer.why) == ("", None, None, None)
    assert (ana.path / "reply.txt").read_bytes() == b""


@pytest.mark.parametrize(("answers", "is_refuted"), [("mark", False), ("correct", True), ("hold", True)])
async def test_a_grant_ends_an_answer_unless_it_is_only_marked(ana: Folder, answers: str, is_refuted: bool) -> None:
    writer = writer_of(ana, answers, Evidence(()))
    writer.begin(LUNA)
    writer.add(GRANT)

    try:
        await writer.keep_words()
        found = False
    except Refuted as error:
        found = error.claims[0].kind == "grant"

    assert found is is_refuted
