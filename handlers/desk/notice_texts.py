"""The words of the owner's notices: a sentence for each cause, the mail around it, the figures of a week."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from handlers.desk.attention import AttentionEntry
from handlers.pages import attention_texts
from handlers.pages.languages import Language
from memory.i18n import N_
from memory.notices.outbox import Details, Notice
from memory.timestamps import stamp
from memory.usage.activity import Week

TEST = "test"
DIGEST = "digest"
WEEK = N_("The week at a glance")
ENDED = "_over"
"""How the event of a cause that is over ends."""

OVER: Mapping[str, str] = {
    "key_refused": N_("The model's key works again."),
    "quota": N_("The account with the model's provider has credit again."),
    "model_failing": N_("The model answers again."),
    "data_unusable": N_("All of the shop's data can be used again."),
    "feed_failing": N_("The product feed can be used again."),
    "budget": N_("There is enough of the budget left again."),
    "disk": N_("The server can save data again, and its disk has room."),
    "prompts": N_("The assistant's instructions can be used again."),
    "backup": N_("There is a new backup."),
}
"""For each cause that it is over; that it has begun is in handlers/pages/attention_texts.py."""
_OTHER_OVER = N_("What needed your attention is over.")


def begun(entry: AttentionEntry, language: Language) -> Notice:
    """Return the notice that something needs attention: what, what that means, how many customers met it."""
    words = attention_texts.attention_text(language, entry.cause, entry.detail, entry.reason)
    parts = [f"{words.title}.", words.text]
    if entry.met:
        parts.append(language.ngettext("%(num)s customer has met it.", "%(num)s customers have met it.", entry.met))
    details: Details = {
        "since": stamp(entry.since), "met": entry.met, "link": entry.link, "subject": entry.detail, "reason": entry.reason,
    }  # fmt: skip
    return Notice(entry.cause, key_of(entry.cause), entry.since, "\n".join(parts), details)


def over(cause: str, since: datetime, now: datetime, language: Language) -> Notice:
    """Return the notice that something is over."""
    text = language.gettext(OVER.get(cause, _OTHER_OVER))
    return Notice(cause + ENDED, key_of(cause), now, text, {"since": stamp(since), "link": "/admin"})


def key_of(cause: str) -> str:
    """Return the key of both notices of a cause: of one cause there is one mail an hour."""
    return f"attention {cause}"


def trial(now: datetime, language: Language) -> Notice:
    text = language.gettext("This is a test. Notifications from the shop's assistant arrive here.")
    return Notice(TEST, TEST, now, text, {"link": "/admin/notifications"})


@dataclass(frozen=True, slots=True)
class WeeklyFigures:
    """What the digest holds of seven days. `cost_usd` leaves out calls whose price is not known."""

    week: Week
    cost_usd: Decimal


def digest(key: str, now: datetime, this: WeeklyFigures, last: WeeklyFigures, language: Language) -> Notice:
    """Return the notice of the figures of a week, beside those of the week before."""

    def row(sentence: str, value: int | Decimal, before: int | Decimal) -> str:
        values = [language.number(one) if isinstance(one, int) else language.usd(one) for one in (value, before)]
        return language.gettext(sentence, value=values[0], last=values[1])

    found, before = this.week, last.week
    lines = (
        language.gettext("The assistant's last week, with the week before in brackets:"),
        row(N_("Customers: %(value)s (%(last)s)"), found.customers, before.customers),
        row(N_("Conversations: %(value)s (%(last)s)"), found.conversations, before.conversations),
        row(N_("Questions: %(value)s (%(last)s)"), found.questions, before.questions),
        row(N_("Questions without an answer: %(value)s (%(last)s)"), found.unanswered, before.unanswered),
        row(N_("Wrong claims: %(value)s (%(last)s)"), found.wrong_claims, before.wrong_claims),
        row(N_("Cost: %(value)s (%(last)s)"), this.cost_usd, last.cost_usd),
    )
    details: Details = {**asdict(found), "cost_usd": float(this.cost_usd), "link": "/admin"}
    return Notice(DIGEST, key, now, "\n".join(lines), details)


def mail_text(notice: Notice, shop: str, address: str, language: Language) -> tuple[str, str]:
    """Return subject and text of a notice's mail. `address` is the shop's public one."""
    first = notice.text.partition("\n")[0]
    subject = f"{shop}: {language.gettext(WEEK) if notice.event == DIGEST else first}"
    foot = language.gettext("You get this mail because your address is set under Notifications.")
    link = link_of(notice, address)
    return subject, "\n\n".join(filter(None, (notice.text, link, f"-- \n{foot}\n{address}/admin/notifications\n")))


def link_of(notice: Notice, address: str) -> str:
    """Return the address of the desk's page where a notice is looked into, "" where there is none."""
    link = notice.details.get("link")
    return f"{address}{link}" if isinstance(link, str) and link.startswith("/") else ""
