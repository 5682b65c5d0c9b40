"""Rows of the list of changes: what is noted in English and in few words, in the reader's language."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from handlers.pages.languages import Language
from memory.i18n import N_, Phrase
from memory.people.audit import AuditEntry
from memory.timestamps import read_stamp

_CUSTOMER = re.compile(r"customer ([a-z][a-z0-9_-]{2,31}): (.+)")
_FILE = re.compile(r"file (.+): ([a-z ]+)")
_DONE_TO_FILES = {
    str(word): word
    for word in (
        N_("created"),
        N_("uploaded"),
        N_("replaced"),
        N_("edited"),
        N_("removed"),
        N_("brought back"),
        N_("earlier version restored"),
    )
}
_SIZE = re.compile(r"([\d,]+) bytes")
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


_VALUES = {str(word): word for word in (N_("default"),)}
_UNTIL = {str(word): word for word in (N_("until %(time)s"), N_("can be restored until %(time)s"))}
_MOMENT = re.compile(r"(.* )(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")


@dataclass(frozen=True, slots=True)
class ChangeText:
    """A part of a change: in the reader's language, or as it was noted."""

    text: str
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change. `customer` or `file` is what it was about, "" for nothing such; `what` is then what was done."""

    time: datetime
    who: str
    customer: str
    file: str
    what: ChangeText
    before: ChangeText
    after: ChangeText


def change_row(language: Language, entry: AuditEntry) -> ChangeRow:
    """Return a change as a row; words that no page knows stand as they were noted."""
    before, after = (_value(language, text) for text in (entry.before, entry.after))
    customer, file, what, known = "", "", entry.what, _WHOLE
    if match := _CUSTOMER.fullmatch(entry.what):
        customer, what, known = match[1], match[2], _DONE
    elif match := _FILE.fullmatch(entry.what):
        file, what, known = match[1], match[2], _DONE_TO_FILES
    return ChangeRow(entry.time, entry.who, customer, file, _said(language, known, what), before, after)


def _said(language: Language, known: Mapping[str, Phrase], text: str) -> ChangeText:
    return ChangeText(language.gettext(known[text]), is_said=True) if text in known else ChangeText(text)


def _value(language: Language, text: str) -> ChangeText:
    """Return what stood there before or stands there now; the times in it are written as the language does."""
    if match := _MOMENT.fullmatch(text):
        sentence = _UNTIL.get(f"{match[1]}%(time)s")
        with suppress(ValueError):
            if sentence is not None:
                return ChangeText(language.gettext(sentence, time=language.moment(read_stamp(match[2]))), is_said=True)
    if match := _SIZE.fullmatch(text):
        return ChangeText(language.gettext("%(count)s bytes", count=int(match[1].replace(",", ""))), is_said=True)
    return _said(language, _VALUES, text)
