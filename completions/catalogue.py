"""The model `catalogue`: answers that code makes from the shop's data, streamed like those of any other model."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace

from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished
from memory.i18n import ENGLISH, N_
from settings import Settings
from shop.answers import cards
from shop.answers.asking import ShopQuestion
from shop.answers.card import Speaker
from shop.answers.cards import CodeAnswer, Contacts, Speak
from shop.answers.own import OwnAnswers
from shop.catalogue import Catalogue
from shop.snapshot import Snapshot

_WAIT_SECONDS = 20.0
"""How long a question waits for the first index after a start; 5,000 products take a second or two."""
_CARD = re.compile(r"\*\* · (\S.*?)\s*$", re.M)
"""The SKU in the heading of a card."""
_PIECE = re.compile(r"\S+\s*|\s+")
_WORDS_AT_ONCE = 12


class CatalogueModel:
    """Answers from the shop's data. It costs nothing, and any question fits."""

    def __init__(self, shop: Catalogue, settings: Settings, speak: Speak) -> None:
        self._shop, self._settings, self._speak = shop, settings, speak
        self._last: tuple[ShopQuestion, object, object, tuple[CodeAnswer, Speaker]] | None = None
        """The last answer and what it was made of: code that judges it has it without another search."""

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
        """Yield the answer in a few pieces, then its end."""
        asked = request.asked or ShopQuestion(str(request.messages[-1]["content"]))
        found = await asyncio.to_thread(self.answer, asked)
        for piece in _pieces(found.text):
            yield Delta(piece)
        yield Finished("stop")

    def answer(self, asked: ShopQuestion) -> CodeAnswer:
        """Return what the shop's data say to a question. Blocks."""
        return self._answered(asked)[0]

    def last_resort(self, asked: ShopQuestion) -> str:
        """Return what stands in the place of an answer when no model is there, and says so; "" where nothing is known. Blocks."""
        found, speaker = self._answered(asked)
        contacts = cards.print_contacts(self._contacts(), speaker)
        if found.kind != "nothing":
            helps = speaker.say(N_("The assistant can't answer right now. This may help:"))
            return "\n\n".join(filter(None, (helps, found.text, contacts if found.kind != "contact" else "")))
        if self._shop.current is None and not contacts:
            return ""
        nothing = N_("The assistant can't answer right now, and we found nothing about this in the shop's information.")
        return "\n\n".join(filter(None, (speaker.say(nothing), contacts)))

    def instead(self, asked: ShopQuestion, skus: Sequence[str]) -> str:
        """Return what takes the place of an answer that went against the shop's data: that it did, and their rows. Blocks."""
        found, speaker = self._answered(asked)
        own = self._shop.own_answers().find(asked.text)
        rows = [own.answer] if own else [self._row(sku, speaker) for sku in skus[: cards.MOST_CARDS]]
        if not any(rows):
            rows = [found.text if found.kind != "nothing" else cards.print_contacts(self._contacts(), speaker)]
        says = N_("The assistant's answer didn't agree with the shop's information, so here is what that says:")
        return "\n\n".join(filter(None, (speaker.say(says), *rows)))

    def _row(self, sku: str, speaker: Speaker) -> str:
        snapshot = self._shop.snapshot
        if snapshot is None or snapshot.index.product(sku) is None:
            return ""
        currency, contacts = self._settings.currency, self._contacts()
        return cards.answer(
            snapshot.index.find(sku), question=sku, speaker=speaker, currency=currency, contacts=contacts
        ).text

    def _contacts(self) -> Contacts:
        snapshot = self._shop.snapshot
        return cards.contacts_of(snapshot.index.texts() if snapshot else (), self._settings.contact)

    def _answered(self, asked: ShopQuestion) -> tuple[CodeAnswer, Speaker]:
        snapshot, own, last = self._shop.wait(_WAIT_SECONDS), self._shop.own_answers(), self._last
        if last is not None and last[0] == asked and last[1] is snapshot and last[2] is own:
            return last[3]
        found = self._found(asked, snapshot, own)
        self._last = asked, snapshot, own, found
        return found

    def _found(self, asked: ShopQuestion, snapshot: Snapshot | None, answers: OwnAnswers) -> tuple[CodeAnswer, Speaker]:
        index = snapshot.index if snapshot else None
        if own := answers.find(asked.text):
            return CodeAnswer(own.answer, "texts", (), (own.source,)), self._speaker("", asked.language)
        contacts = self._contacts()
        if index is None:
            speaker = self._speaker("", asked.language)
            return cards.unread(speaker, contacts), speaker
        previous = [sku for sku in _CARD.findall(asked.last_answer) if index.product(sku)]
        found = index.find(asked.text, previous=previous, last_question=asked.last_question)
        speaker = self._speaker(found.query.language, asked.language)
        answer = cards.answer(
            found, question=asked.text, speaker=speaker, currency=self._settings.currency, contacts=contacts
        )
        if asked.has_photo:
            blind = speaker.say(N_("I can't look at photos, so this answer goes by your words alone."))
            answer = replace(answer, text=f"{blind}\n\n{answer.text}")
        return answer, speaker

    def _speaker(self, of_question: str, of_page: str) -> Speaker:
        """Return what speaks the question's language, else the page's."""
        found = self._speak(of_question) if of_question else None
        return found or self._speak(of_page) or Speaker(ENGLISH, str)


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of some words."""
    said = _PIECE.findall(text)
    for start in range(0, len(said), _WORDS_AT_ONCE):
        yield "".join(said[start : start + _WORDS_AT_ONCE])
