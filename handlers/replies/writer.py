"""The writing of one reply: a model's words go to the spool, and the sentences that have ended are checked.

In come the words of models; out come Wrote events, whose text is on the disk. Knows nothing of requests, of budgets, or
of how the reply is kept at its end.
"""

from datetime import datetime

from handlers.replies.checking import Checking, Gather
from handlers.replies.correcting import Refuted, refuted
from handlers.replies.pacing import Pacer, Stop, Writing
from handlers.replies.steps import Wrote
from handlers.services import in_thread
from memory.context.model_choice import Candidate
from memory.conversations import turns
from memory.conversations.records import Record
from memory.conversations.turns import Accepted


class ReplyWriter:
    """Writes one reply. `candidate` is the model of the words so far, and `model` its name; None before the first word.

    By the setting `answers`, an answer that the shop's data refute is only marked ("mark"), or it is taken back as soon as a
    sentence is refuted ("correct"), or no sentence is shown before it was checked ("hold").
    """

    def __init__(
        self, accepted: Accepted, started: datetime, evidence: Gather, answers: str, stop: Stop, pacer: Pacer
    ) -> None:
        self.candidate: Candidate | None = None
        self.model: str | None = None
        self.checking = Checking(evidence)
        self._accepted, self._started, self._answers, self._pacer = accepted, started, answers, pacer
        self._spool = accepted.spool
        self._held = ""
        """Words that are not shown before their sentence has ended."""
        folder, reply_id = self._spool.folder, accepted.reply_id
        self._writing = Writing(self._spool, stop, lambda: turns.is_asked_to_stop(folder, reply_id))
        pacer.join(self._writing)

    @property
    def text(self) -> str:
        """The words so far, with those that a continued reply begins with."""
        return self._spool.text

    @property
    def answered(self) -> str:
        """The words so far, with those that are held back."""
        return self.text + self._held

    @property
    def why(self) -> str | None:
        """Why the model is not the first choice; None where it is, and before its first word."""
        return self.candidate.why if self.candidate is not None else None

    def begin(self, candidate: Candidate) -> None:
        """Write the head of the reply's record, and the words that a continued reply begins with."""
        self.candidate, self.model = candidate, candidate.model.name
        number, replaces = self._accepted.reply_id.number, self._accepted.replaces
        self._spool.head(Record(number, self._started, "assistant", "", self.model, replaces=replaces))
        if self._accepted.draft:
            self._spool.add(self._accepted.draft)

    def add(self, piece: str) -> bool:
        """Take a piece of the answer. True if there are more words to keep and to show."""
        return bool(self._spool.add(self._released(piece)))

    def _released(self, piece: str) -> str:
        """Return the words that may be shown now: where nothing is shown unchecked, as far as sentences have ended."""
        if self._answers != "hold":
            return piece
        self._held += piece
        end = Checking.sentences_end(self._held)
        piece, self._held = self._held[:end], self._held[end:]
        return piece

    async def keep_words(self) -> Wrote:
        """Check the sentences that have ended and write the words so far. Refuted where that is to end the answer."""
        if self.checking.is_due(self.text):
            await self.checking.follow(self.text)
            self._refute()
        await self._pacer.flush(self._writing)
        return Wrote(self.text, self.checking.claims)

    async def finish(self) -> None:
        """Add the words that were held back and check the answer to its end. Refuted where it may not stand.

        Where an answer is only marked, the last check is made when the reply is kept.
        """
        self.release()
        if self._answers != "mark":
            await in_thread(self.checking.finish, turns.reply_text(self._accepted))
            self._refute()

    def _refute(self) -> None:
        """Refuted where the claims so far are to end the answer. What the catalogue says are the shop's data."""
        is_code = self.candidate is None or self.candidate.model.is_code
        if self._answers == "mark" or is_code:
            return
        if wrong := refuted(self.checking.claims, len(self._accepted.draft)):
            raise Refuted(wrong)

    def release(self) -> None:
        """Add the words that were held back for the end of their sentence: none is to come."""
        held, self._held = self._held, ""
        self._spool.add(held)

    async def take_back(self) -> Wrote:
        """Take back all words: they were no answer. The next ones may be another model's."""
        await in_thread(self._spool.restart)
        self.candidate, self.model, self._held = None, None, ""
        return Wrote(self._accepted.draft)

    def answer_by_code(self, text: str) -> None:
        """Put words of the shop's data in the answer's place, after the words that a continued reply begins with."""
        self._spool.text = "\n\n".join(filter(None, (self._accepted.draft, text)))

    async def flush(self) -> None:
        """Write what the spool lacks, without waiting for a tick. StorageError when the disk does not take it."""
        await in_thread(self._spool.flush)

    def close(self) -> None:
        """Leave the pacer and close the spool, which stays where the reply was not kept."""
        self._pacer.leave(self._writing)
        self._spool.close()
