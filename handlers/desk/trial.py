"""A question that the owner asks as a customer would: outside of any conversation, against the shop's data or a draft.

The calls of models are paid from the shop's budget and stand in the owner's ledger. Knows no HTML.
"""

import asyncio
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import structs

from handlers.replies import single
from handlers.replies.pacing import Stop
from handlers.replies.single import SingleAnswer
from handlers.services import Services, in_thread
from memory.context.builder import PromptPreview, build_context, preview_of, share_in
from memory.context.shop_data import MOST_ROW_TOKENS, FoundRow, ShopShare, rows_for, with_answers
from memory.conversations.records import Record
from memory.i18n import UserError
from memory.storage.folders import Folder, Lock, StorageError
from memory.storage.layout import TURN_LOCK
from memory.usage import ledger
from settings import CATALOGUE
from shop.catalogue import STORE, SYNONYMS
from shop.texts import RULES, SUMMARISE, PromptsUnreadable

MOST_MODELS = 2
MOST_SECONDS = 35.0
"""How long one model may take; then its answer is stopped. Two take less than the 75 s of deploy/nginx.conf."""
MOST_DRAFT_CHARS = 250_000
MOST_STORE_BYTES = 20_000_000
"""Of all files of the shop: of larger ones no copy is made and indexed for a draft."""
_TEMPLATES = (RULES, SUMMARISE)
_NAME = re.compile(r"[^\W_][\w .()-]{0,98}\.(?:md|markdown|txt|csv|tsv|json|jsonl|xml)")
"""A text's name, without a directory."""


class TrialRefused(UserError):
    """The question is not asked; the sentence says why."""


@dataclass(frozen=True, slots=True)
class TrialDraft:
    """A file of the shop as it is written but not saved; `file` is a name without a directory."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What one model said, what it was sent (None where the owner's rules cannot be used), and what a search finds.

    `is_whole`: the model read all of the shop's data, whatever a search finds.
    """

    model: str
    answer: SingleAnswer
    prompt: PromptPreview | None
    rows: tuple[FoundRow, ...]
    is_whole: bool


def models_of(services: Services) -> tuple[str, ...]:
    """Return the models that can be tried."""
    return tuple(dict.fromkeys((*services.settings.chat, CATALOGUE)))


async def try_question(
    live: Services, owner: str, question: str, models: Sequence[str], language: str, draft: TrialDraft | None = None
) -> list[Trial]:
    """Ask these models, one after the other. TrialRefused where that cannot be."""
    if not question.strip():
        raise TrialRefused("Write a question first.")
    if len(question) > live.settings.limits.message_chars:
        raise TrialRefused("This message is too long.")
    chosen = [name for name in dict.fromkeys(models) if name in models_of(live)][:MOST_MODELS] or [
        live.settings.chat[0]
    ]
    folder = live.users.folder(owner)
    with await in_thread(_turn_of, folder), TemporaryDirectory(prefix="storekeeper-try-") as root:
        services = await in_thread(_with_draft, live, Path(root) / "prompts", draft)
        return [
            await _trial(services, folder, Path(root) / f"users-{number}", question, name, language)
            for number, name in enumerate(chosen)
        ]


def _turn_of(folder: Folder) -> Lock:
    """Take the owner's turn: what their budget keeps for one answer is for one at a time."""
    if (lock := folder.try_lock(TURN_LOCK)) is None:
        raise TrialRefused("Another answer of yours is still being written. Please try again in a moment.")
    return lock


async def _trial(live: Services, owner: Folder, root: Path, question: str, model: str, language: str) -> Trial:
    settings = structs.replace(live.settings, chat=(model,))
    services = replace(await in_thread(single.apart, live, root), settings=settings)
    stop = Stop()
    late = asyncio.get_running_loop().call_later(MOST_SECONDS, stop.request)
    try:
        answer = await single.ask(services, question, language, owner.name, stop)
    finally:
        late.cancel()
        await in_thread(_into_ledger, services.users.folder(owner.name), owner)
    return await in_thread(_with_prompt, services, root / "again", question, model, answer)


def _into_ledger(tried: Folder, owner: Folder) -> None:
    """Write the calls of models into the owner's ledger."""
    with suppress(StorageError, OSError):  # the budget has them already
        for call in reversed(ledger.calls(tried, since=date.min)):
            ledger.note(owner, call)


def _with_prompt(services: Services, empty: Path, question: str, model: str, answer: SingleAnswer) -> Trial:
    """Return an answer with what its model was sent and what a search finds. Blocks."""
    asked = Record(1, services.now(), "user", question)
    try:
        sources = services.sources()
        empty.mkdir()
        context = build_context(sources, Folder(empty), asked)
        prompt = preview_of(sources, context)
    except PromptsUnreadable:
        return Trial(model, answer, None, (), False)
    rows, snapshot = context.rows, sources.snapshot
    if snapshot is not None and not rows.products:
        everything = ShopShare("", MOST_ROW_TOKENS, has_texts=False)
        found = rows_for(snapshot, everything, question, (), services.settings.catalogue.rows, context.sizes.encoding)
        rows = with_answers(found, sources.answers.find_parts(question))
    is_code = services.settings.model(model).is_code
    is_whole = not is_code and share_in(sources).is_whole
    return Trial(model, answer, None if is_code else prompt, rows.rows, is_whole)


# A draft


def _with_draft(live: Services, prompts: Path, draft: TrialDraft | None) -> Services:
    """Return services that read the draft in the place of its file: out of a private copy of prompts/. Blocks."""
    if draft is None:
        return live
    if len(draft.text) > MOST_DRAFT_CHARS:
        raise TrialRefused("This draft is too long to be tried.")
    prompts.mkdir()
    for name in _TEMPLATES:
        _copied(live.prompts / name, prompts / name)
    is_template = draft.file in _TEMPLATES
    if not is_template:
        _copy_data(live, prompts)
    _place_of(prompts, draft.file).write_text(draft.text, encoding="utf-8")
    return replace(live, prompts=prompts, like=live, has_own_data=not is_template)


def _copy_data(live: Services, prompts: Path) -> None:
    store = live.prompts / STORE
    files = [path for path in sorted(store.iterdir()) if path.is_file() and not path.name.startswith(".")]
    if sum(path.stat().st_size for path in files) > MOST_STORE_BYTES:
        raise TrialRefused(
            "The shop's files are too large to try a draft. Save it, then try it: earlier versions stay."
        )
    (prompts / STORE).mkdir()
    for path in files:
        _copied(path, prompts / STORE / path.name)
    _copied(live.prompts / SYNONYMS, prompts / SYNONYMS)
    if live.settings.catalogue.feed and live.shop.feed.is_file():
        (prompts.parent / ".storekeeper").mkdir()
        _copied(live.shop.feed, prompts.parent / ".storekeeper" / "feed")


def _copied(path: Path, to: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.copyfile(path, to)


def _place_of(prompts: Path, name: str) -> Path:
    """Return where a file of this name belongs in a copy of prompts/. TrialRefused for what is none of the shop's."""
    if name in (*_TEMPLATES, SYNONYMS):
        return prompts / name
    if not _NAME.fullmatch(name):
        raise TrialRefused("A draft of this file can't be tried.")
    return prompts / STORE / name
