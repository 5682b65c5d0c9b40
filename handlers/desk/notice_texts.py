"""What the owner is told, in words: a sentence for each cause, the mail around it, the figures of a week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from handlers.pages.languages import Language
from memory.i18n import N_
from memory.notices.outbox import Details, Notice
from memory.timestamps import stamp

TEST = "test"
DIGEST = "digest"
WEEK = N_("The week at a glance")
OVER = "_over"
"""How the event of a cause that is over ends."""

CAUSES: Mapping[str, tuple[str, str]] = {
    "key_refused": (
        N_("The model's provider refuses the key. Customers get answers from the shop's data only."),
        N_("The model's key works again."),
    ),
    "quota": (
        N_("The account with the model's provider has run out of credit. Customers get answers from the shop's data only."),
        N_("The model's provider accepts requests again: there is credit."),
    ),
    "model_failing": (
        N_("The model keeps failing. Customers get answers from another one, or from the shop's data only."),
        N_("The model answers again."),
    ),
    "data_unusable": (
        N_("A file of the shop's data can't be read. The assistant goes on with what it read before."),
        N_("All files of the shop's data can be read again."),
    ),
    "feed_failing": (
        N_("The product feed can't be fetched. The assistant goes on with the last one."),
        N_("The product feed is fetched again."),
    ),
    "budget": (
        N_("Today's budget is nearly or fully used. When it is spent, customers get no more answers from a model today."),
        N_("There is enough left in the budget again."),
    ),
    "disk": (
        N_("The disk is nearly full. When it is full, customers can't write any more."),
        N_("There is room on the disk again."),
    ),
    "prompts": (
        N_("The assistant's texts can't be used, so it can't answer."),
        N_("The assistant's texts can be used again."),
    ),
    "backup": (
        N_("The last backup is more than a week old."),
        N_("There is a new backup."),
    ),
}  # fmt: skip
"""For each cause: what has begun, and that it is over."""
_OTHER = (N_("Something needs your attention."), N_("What needed your attention is over."))


class Attention(Protocol):
    """One thing that needs the owner's attention, as handlers/desk/attention.py makes it."""

    @property
    def cause(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def met(self) -> int: ...
    @property
    def link(self) -> str: ...
    @property
    def detail(self) -> str: ...


def begun(entry: Attention, language: Language) -> Notice:
    """Return the notice that something needs attention: what, how many customers met it, which file or model."""
    parts = [language.gettext(CAUSES.get(entry.cause, _OTHER)[0])]
    if entry.met:
        parts.append(language.ngettext("%(num)s customer has met it.", "%(num)s customers have met it.", entry.met))
    if entry.detail:
        parts.append(language.gettext("It is about: %(subject)s", subject=entry.detail))
    details: Details = {"since": stamp(entry.since), "met": entry.met, "link": entry.link, "subject": entry.detail}
    return Notice(entry.cause, key_of(entry.cause), entry.since, "\n".join(parts), details)


def over(cause: str, since: datetime, now: datetime, language: Language) -> Notice:
    """Return the notice that something is over."""
    text = language.gettext(CAUSES.get(cause, _OTHER)[1])
    return Notice(cause + OVER, key_of(cause), now, text, {"since": stamp(since), "link": "/admin"})


def key_of(cause: str) -> str:
    """Return the key of both notices of a cause: of one cause there is one mail an hour."""
    return f"attention {cause}"


def trial(now: datetime, language: Language) -> Notice:
    text = language.gettext("This is a test. Notifications from the shop's assistant arrive here.")
    return Notice(TEST, TEST, now, text, {"link": "/admin/notifications"})


@dataclass(frozen=True, slots=True)
class Week:
    """What the digest tells of seven days. `cost_usd` leaves out calls whose price is not known."""

    conversations: int = 0
    customers: int = 0
    unanswered: int = 0
    wrong_claims: int = 0
    cost_usd: Decimal = Decimal(0)


def digest(key: str, now: datetime, this: Week, before: Week, language: Language) -> Notice:
    """Return the notice of the figures of a week, beside those of the week before."""

    def row(sentence: str, value: str, last: str) -> str:
        return language.gettext(sentence, value=value, last=last)

    def number(sentence: str, value: int, last: int) -> str:
        return row(sentence, language.number(value), language.number(last))

    lines = [
        language.gettext("The assistant's last week, with the week before in brackets:"),
        number(N_("Conversations: %(value)s (%(last)s)"), this.conversations, before.conversations),
        number(N_("Customers: %(value)s (%(last)s)"), this.customers, before.customers),
        number(N_("Questions without an answer: %(value)s (%(last)s)"), this.unanswered, before.unanswered),
        number(N_("Wrong claims: %(value)s (%(last)s)"), this.wrong_claims, before.wrong_claims),
        row(N_("Cost: %(value)s (%(last)s)"), language.usd(this.cost_usd), language.usd(before.cost_usd)),
    ]
    details: Details = {
        "conversations": this.conversations, "customers": this.customers, "unanswered": this.unanswered,
        "wrong_claims": this.wrong_claims, "cost_usd": float(this.cost_usd), "link": "/admin",
    }  # fmt: skip
    return Notice(DIGEST, key, now, "\n".join(lines), details)


def mail_text(notice: Notice, shop: str, address: str, language: Language) -> tuple[str, str]:
    """Return subject and text of the mail that tells a notice. `address` is the shop's public one."""
    first = notice.text.partition("\n")[0]
    subject = f"{shop}: {language.gettext(WEEK) if notice.event == DIGEST else first}"
    foot = language.gettext("You get this mail because your address is set under Notifications.")
    link = link_of(notice, address)
    return subject, "\n\n".join(filter(None, (notice.text, link, f"-- \n{foot}\n{address}/admin/notifications\n")))


def link_of(notice: Notice, address: str) -> str:
    """Return the address of the desk's page where a notice is looked into, "" where there is none."""
    link = notice.details.get("link")
    return f"{address}{link}" if isinstance(link, str) and link.startswith("/") else ""
