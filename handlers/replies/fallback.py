"""The answer when no model answers: lines of the shop's texts, as Markdown in the customer's language."""

from memory.i18n import N_, Translate
from shop import answers


def answer(store: str, question: str, say: Translate = str) -> str:
    """Return what the shop's texts say to the question, and how to reach a person; "" where they say neither.

    `say` translates a sentence into the customer's language.
    """
    found = answers.find(store, question)
    if not found.lines and not found.contacts:
        return ""
    if found.lines:
        parts = [say(N_("The assistant can't answer right now. This may help:")), "", *_items(found.lines)]
    else:
        nothing = N_("The assistant can't answer right now, and we found nothing about this in the shop's information.")
        parts = [say(nothing)]
    if found.contacts:
        parts += ["", say(N_("Contact us:")), "", *_items(found.contacts)]
    return "\n".join(parts)


def _items(lines: tuple[str, ...]) -> list[str]:
    return [f"- {line}" for line in lines]
