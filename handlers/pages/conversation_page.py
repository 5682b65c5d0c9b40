"""A page of a conversation as it is shown: its messages, their other versions, and what the user thought of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from handlers.pages.bubbles import Bubble, Shown, bubble
from handlers.pages.languages import Language
from handlers.pages.markdown import is_long
from memory.conversations import checked, feedback, history, versions
from memory.conversations.feedback import Feedback
from memory.conversations.records import Record
from memory.conversations.versions import Page, Version
from memory.storage.folders import Folder
from shop.claims.values import Claim

PAGE_MESSAGES = 20
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class ConversationPage(Page):
    """A page of a conversation with all that its bubbles show."""

    began: datetime = _EPOCH
    ratings: dict[int, Feedback] = field(default_factory=dict)
    claims: dict[int, tuple[Claim, ...]] = field(default_factory=dict)
    """What was found of the claims of replies, by their numbers."""
    is_own: bool = True
    """False where an owner reads a customer's conversation."""

    @property
    def last_number(self) -> int:
        """Return the number of the last message, 0 for none."""
        return self.records[-1].number if self.records else 0

    @property
    def ends_with_question(self) -> bool:
        return bool(self.records) and self.records[-1].is_question

    @property
    def is_long(self) -> bool:
        """True if the bubbles are to be made in a thread."""
        return is_long(*(record.text for record in self.records if not record.is_question))

    def bubbles(self, language: Language, *, is_newest: bool, version: Version | None = None) -> list[Bubble]:
        """Make the bubbles; the last one of the newest page can be answered again. `version` is one to be switched."""
        last = self.last_number if is_newest else 0
        return [
            bubble(language, record, self._shown(record, version, is_last=record.number == last))
            for record in self.records
        ]

    def _shown(self, record: Record, version: Version | None, *, is_last: bool) -> Shown:
        versions = self.versions.get(record.number, ())
        standing: Record | None = record
        if version is not None:
            standing = version.standing if record.number == version.record.number else None
            versions = version.versions if record.number == version.record.number else versions
        first = next((one.number for one in versions if one.text == record.text), record.number)
        rating = self.ratings.get(record.number) or self.ratings.get(first)
        claims = self.claims.get(record.number, ()) if record.checks else ()
        return Shown(self.began, versions, standing, rating, is_last, claims, self.is_own)


def load_page(
    folder: Folder, before: int | None = None, after: int | None = None, *, until: int | None = None
) -> ConversationPage:
    """Read the newest page of the conversation, or the one before or after a number; `until` as of `versions.page`. Blocks."""
    with folder.visit():
        if after is not None:
            shown = versions.page_after(folder, count=PAGE_MESSAGES, after=after)
        else:
            shown = versions.page(folder, count=PAGE_MESSAGES, before=before, until=until)
        began = history.began(folder) if shown.records else None
        ratings = feedback.ratings(folder, began, since=shown.records[0].time) if began else {}
        return ConversationPage(
            shown.records,
            shown.more_before,
            shown.more_after,
            shown.versions,
            began or _EPOCH,
            ratings,
            claims_of(folder, shown.records),
        )


def claims_of(folder: Folder, records: Sequence[Record]) -> dict[int, tuple[Claim, ...]]:
    """Return what was found of the claims of replies, by number; nothing is read where none claims anything. Blocks."""
    times = [record.time for record in records if record.checks is not None]
    return checked.of(folder, since=min(times)) if times else {}
