"""Sentences for people, as the code holds them: English, with places for values, and the values apart.

handlers/pages/languages.py translates them for the reader where they are shown; the log and the command line have them in
English. `%(name)s` is a place for a value. The English sentence is the key of its translations in languages/.
"""

from collections.abc import Callable

ENGLISH = "en"
"""The code of the language that all sentences are written in."""


class Phrase(str):
    """A sentence, or a part of one, that stands in the catalogues. A value that is one is translated; others are data."""

    __slots__ = ()


Value = str | int
"""What may stand in a sentence's place: text as it is, a Phrase, or a number, which each language writes in its own way."""


Translate = Callable[[str], str]
"""Says a sentence without places in somebody's language; `str` says it in English."""


def N_(sentence: str) -> Phrase:
    """Mark a sentence for the catalogues where it stands; it is said elsewhere."""
    return Phrase(sentence)


class UserError(Exception):
    """An error whose sentence is for a user: what happened, and what to do. str() says it in English."""

    def __init__(self, sentence: str = "", /, **values: Value) -> None:
        super().__init__(in_english(sentence, **values))
        self.sentence = sentence
        self.values = values


def in_english(sentence: str, /, **values: Value) -> str:
    """Return a sentence in English. A `%` stands for itself where there are no values."""
    if not values:
        return str(sentence)
    return sentence % {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
