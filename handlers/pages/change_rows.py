"""Rows of the list of changes: what is noted in English and in few words, in the language of who reads it."""

import re
from dataclasses import dataclass
from datetime import datetime

from handlers.pages.languages import Language
from memory.i18n import N_
from memory.people.audit import AuditEntry

_CUSTOMER = re.compile(r"customer ([a-z][a-z0-9_-]{2,31}): (.+)")
_DONE = {
    str(word): word
    for word in (
        N_("added"),
        N_("temporary password"),
        N_("disabled"),
        N_("enabled"),
        N_("budget"),
        N_("deleted"),
        N_("restored"),
        N_("data exported"),
        N_("conversation read"),
        N_("logged out everywhere"),
        N_("one browser logged out"),
    )
}
_WHOLE = {
    str(word): word
    for word in (
        N_("invitation: created"),
        N_("invitation: revoked"),
        N_("feedback: exported with questions and answers"),
        N_("wrong claims: exported with questions and answers"),
    )
}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change. `customer` is whom it was about, "" for nobody; `what` is then what was done."""

    time: datetime
    who: str
    customer: str
    what: str
    before: str
    after: str


def change_row(language: Language, entry: AuditEntry) -> ChangeRow:
    """Return a change as a row; words that no page knows stand as they were noted."""
    match = _CUSTOMER.fullmatch(entry.what)
    customer, what = (match[1], match[2]) if match else ("", entry.what)
    known = (_DONE if match else _WHOLE).get(what)
    said = language.gettext(known) if known is not None else what
    return ChangeRow(entry.time, entry.who, customer, said, entry.before, entry.after)
