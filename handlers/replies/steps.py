"""The events of a turn: small frozen values. What an event states is on the disk already."""

from dataclasses import dataclass

from memory.conversations.records import Record
from memory.conversations.turns import RateLimited, ReplyId, ReplyInProgress, StaleView
from memory.usage.budget import BudgetExceeded
from shop.claims.values import Claim

Refusal = ReplyInProgress | RateLimited | StaleView | BudgetExceeded
"""Why a message is not taken in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is kept and its reply begins. `draft` is what a continued reply begins with."""

    reply_id: ReplyId
    question: Record
    replaces: int | None
    draft: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """The reply's words so far, all of them. They go on from the ones before, unless those were thoughts.

    `claims` are what is claimed in the sentences that have ended, and what the shop's data say to it.
    """

    text: str
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Thought:
    """The model thinks now, before its first word or between two."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply is kept, whole, cut, stopped or failed, by its ending. `retry_after_seconds` is what the provider asks for."""

    record: Record
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ReplyNotSaved:
    """The reply could not be kept on the disk; `record` is what it would have been."""

    record: Record


@dataclass(frozen=True, slots=True)
class RefusedTurn:
    """The message was not taken in, and nothing was changed."""

    reason: Refusal


Step = Asked | Wrote | Thought | Replied | ReplyNotSaved | RefusedTurn
