"""What needs the owner's attention, in plain words: what is wrong, what that means, and where it is put right. Pure."""

from dataclasses import dataclass

from handlers.pages import reply_texts
from handlers.pages.languages import Language
from memory.i18n import N_
from memory.usage.incidents import Cause


@dataclass(frozen=True, slots=True)
class AttentionText:
    """One entry in words: a title, a sentence or two, and what the link to the fix is called."""

    title: str
    text: str
    action: str


_SETTINGS, _DATA = N_("Open settings"), N_("Open data")
_TEXTS: dict[tuple[Cause, str], tuple[str, str, str]] = {
    ("key_refused", ""): (
        N_("The key for the model was refused"),
        N_("The provider of %(detail)s doesn't accept the key. Enter a new one."),
        _SETTINGS,
    ),
    ("quota", ""): (
        N_("The account with the model's provider has run out of credit"),
        N_("%(detail)s will answer again once the account is topped up."),
        _SETTINGS,
    ),
    ("model_failing", ""): (N_("The model isn't answering"), N_("%(fault)s Model: %(detail)s."), _SETTINGS),
    ("data_unusable", ""): (
        N_("Some of the shop's data can't be used"),
        N_("Can't be used: %(detail)s. Until that's fixed, the last version that worked is used."),
        _DATA,
    ),
    ("data_unusable", "all"): (
        N_("The shop's data couldn't be read"),
        N_("Until that's fixed, the last version that worked is used."),
        _DATA,
    ),
    ("feed_failing", ""): (
        N_("The product feed can't be used"),
        N_("Until that's fixed, the products of the last feed that worked are used."),
        _DATA,
    ),
    ("budget", "near"): (
        N_("Most of today's budget is used"),
        N_(
            "More than 80 percent is used, so the cheapest model answers from here on. A new budget starts at 00:00 UTC."
        ),
        N_("Change the budget"),
    ),
    ("budget", "spent"): (
        N_("Today's budget is used up"),
        N_("Customers get no more answers from a model today. A new budget starts at 00:00 UTC."),
        N_("Change the budget"),
    ),
    ("disk", ""): (
        N_("The server's disk is almost full"),
        N_("Once it's full, messages can't be saved. Remove files that aren't needed, or get more space."),
        _DATA,
    ),
    ("disk", "refused"): (
        N_("The server can't save data"),
        N_("The disk is full or doesn't accept new data, so customers' messages can't be saved."),
        _DATA,
    ),
    ("prompts", ""): (
        N_("The assistant's instructions contain an error"),
        N_("The assistant can't answer until this text is corrected: %(detail)s."),
        N_("Edit the text"),
    ),
    ("backup", "overdue"): (
        N_("The last backup is more than a week old"),
        N_(
            "If the server fails, everything since then is lost. Ask whoever looks after the server to check the backups."
        ),
        _SETTINGS,
    ),
    ("backup", "never"): (
        N_("There is no backup yet"),
        N_(
            "If the server fails, all conversations are lost. Ask whoever looks after the server to set up a daily backup."
        ),
        _SETTINGS,
    ),
}


def attention_text(language: Language, cause: Cause, detail: str, reason: str) -> AttentionText:
    """Return an entry in words. `detail` names what it is about, `reason` how it fails, as the entry has them."""
    title, text, action = _TEXTS[cause, _kind(cause, detail, reason)]
    values = {"detail": detail}
    if cause == "model_failing":
        fault = reply_texts.fault(language, reason) or language.gettext(_NO_ANSWER)
        values["fault"] = fault
    return AttentionText(language.gettext(title), language.gettext(text, **values), language.gettext(action))


_NO_ANSWER = N_("The assistant didn't answer.")


def _kind(cause: Cause, detail: str, reason: str) -> str:
    match cause:
        case "budget" | "backup":
            return reason
        case "disk":
            return "refused" if reason else ""
        case "data_unusable":
            return "" if detail else "all"
        case _:
            return ""
