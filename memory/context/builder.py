"""The context of one turn: what a model is sent of the shop and the conversation, and which models can read it.

The turn, the ruler and the prompt page all make it here, from the disk as it is now. It changes nothing, and it knows
nothing of the process it runs in: whatever a prompt depends on is handed in as `Sources`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Self

from memory.context import compaction, left_out, model_choice, noting, remembered, tokens, window
from memory.context.compaction import Sizes
from memory.context.left_out import Left
from memory.context.model_choice import Candidate
from memory.context.prompt import Prompt, Question, build, photos_of
from memory.context.quoting import words
from memory.context.shop_data import FoundRow, ShopRows, ShopShare, rows_for, share_of, with_answers
from memory.context.summary import Covered, Segment, Summary
from memory.context.window import TURNS, Tail
from memory.conversations.records import Entry, Record
from memory.i18n import N_
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY
from settings import Model, Settings
from shop import texts
from shop.answers.own import NO_ANSWERS, OwnAnswers
from shop.snapshot import Snapshot
from shop.texts import ShopTexts

_ASKED_TOKENS = 1_500
"""What a summariser is asked with beside the conversation: the owner's template, and room for the notes."""
_LEAST_ASKED = 300
_LEAST_READ = 6_000
"""Tokens after the notes that a question reads at least: what a small model has no room for, code notes meanwhile."""
_SHARES = ((1.0, 2), (0.5, 2), (0.25, 2), (0.0, 2), (0.0, 1), (0.0, 0))
"""What is tried where no model can read the whole context: the share of the usual room, and the turns that stay."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a prompt is made of besides the conversation.

    `covered` remembers which summaries were verified; `corrections` are tokens reported for each token counted, by model.
    `snapshot` is the shop's data, None where no index could be made. `answers` are the owner's own.
    """

    shop: ShopTexts
    settings: Settings
    covered: Covered
    corrections: Mapping[str, float]
    today: date
    snapshot: Snapshot | None = None
    answers: OwnAnswers = NO_ANSWERS

    @classmethod
    def read(
        cls,
        prompts: Path,
        settings: Settings,
        covered: Covered,
        corrections: Mapping[str, float],
        today: date,
        snapshot: Snapshot | None = None,
        answers: OwnAnswers = NO_ANSWERS,
    ) -> Self:
        """Read the templates as they are now. PromptsUnreadable when they cannot be used.

        `snapshot` is the shop's data in use; without them the plain texts stand in.
        """
        shop = texts.templates(prompts) if snapshot is not None else texts.load(prompts)
        return cls(shop, settings, covered, corrections, today, snapshot, answers)


@dataclass(frozen=True, slots=True)
class Context:
    """The prompt of one turn and the models that can read it, in the order to ask them; none where none can.

    `tail` is what the prompt was made of: the summary, and the messages after it. `rows` are what was found for the question.
    """

    prompt: Prompt
    candidates: tuple[Candidate, ...]
    sizes: Sizes
    tail: Tail
    rows: ShopRows


def build_context(
    sources: Sources,
    folder: Folder,
    question: Record,
    draft: str = "",
    first: str | None = None,
    searched: str = "",
) -> Context:
    """Make the prompt from what is on the disk now, as large as the owner's models can read.

    `draft` is the beginning of an answer that is to be continued; `first` names the model to ask before the others. It
    reads the summary and the end of the conversation, however long that is. What is in neither, and what has to be cut
    for a small model, is named by the numbers of its messages; the last two turns are the last to go. `searched` is what
    the shop's rows are looked for with, if not the question.
    PromptsUnreadable when the owner's template cannot be used.
    """
    share, sizes = share_in(sources), sizes_of(sources)
    tail = read_tail(sources, folder, sizes, question)
    rows = _rows(sources, share, tail, searched or question.text, sizes.encoding)
    asked = Question(words(question), draft, rows.text, photos_of([question]))
    notes_tokens = 4 * sources.settings.memory.summary_tokens
    rooms = [(notes_tokens, compaction.HARD * sizes.high, TURNS)]
    rooms += [(int(notes_tokens * part / 4), int(sizes.high * part), turns) for part, turns in _SHARES]
    for room in rooms:
        prompt = _build_in(room, sources, share.store, sizes.encoding, tail, asked)
        candidates = choose(sources, prompt, first)
        if any(not one.model.is_code for one in candidates) or not _models(sources):
            break
    return Context(prompt, candidates, sizes, tail, rows)


def _rows(sources: Sources, share: ShopShare, tail: Tail, question: str, encoding: str) -> ShopRows:
    """Return what of the shop's data a question needs, besides what all prompts hold; the owner's own answers before the rest."""
    return with_answers(_found_rows(sources, share, tail, question, encoding), sources.answers.find_parts(question))


def _found_rows(sources: Sources, share: ShopShare, tail: Tail, question: str, encoding: str) -> ShopRows:
    if sources.snapshot is None or share.is_whole or not question.strip():
        return ShopRows()
    before = [entry.record for entry in tail.entries]
    return rows_for(sources.snapshot, share, question, before, sources.settings.catalogue.rows, encoding)


def _build_in(
    room: tuple[int, int, int], sources: Sources, store: str, encoding: str, tail: Tail, asked: Question
) -> Prompt:
    """Make the prompt with so much room: tokens of the summary, tokens of messages, last turns that stay whatever they take."""
    notes_tokens, kept_tokens, turns = room
    kept = window.newest(tail, kept_tokens, turns=turns)
    left = tail.entries[: len(tail.entries) - len(kept)]
    summary = _with_left(tail.summary, left, notes_tokens, encoding)
    notes = remembered.notes(summary, budget_tokens=notes_tokens, encoding=encoding)
    if tail.backlog:
        notes += f"\n\n{left_out.sentence(Left(*tail.backlog))}"
    settled = remembered.notes(window.before_last_compaction(tail), budget_tokens=notes_tokens, encoding=encoding)
    rules, mode = sources.shop.rules, sources.settings.history
    return build(rules, store, notes.strip(), kept, asked, mode, settled)


def _with_left(summary: Summary, left: Sequence[Entry], notes_tokens: int, encoding: str) -> Summary:
    """Return the notes with those that code makes of messages for which the prompt has no room: they may change what stands there."""
    if not left:
        return summary
    first, last = left[0], left[-1]
    text = noting.extract(left, budget_tokens=max(1, notes_tokens // 5), encoding=encoding)
    made = Segment(first.record.number, last.record.number, first.start, last.end, "extractive", last.record.time, text)
    return replace(summary, segments=(*summary.segments, made))


def read_tail(sources: Sources, folder: Folder, sizes: Sizes, question: Record | None = None) -> Tail:
    """Read what a question is sent with: the summary, and the messages after it."""
    return window.read_tail(
        folder,
        sources.covered,
        most_tokens=max(_LEAST_READ, compaction.HARD * sizes.high),
        encoding=sizes.encoding,
        few_tokens=sizes.high,
        coming=question,
    )


def choose(sources: Sources, prompt: Prompt, first: str | None = None) -> tuple[Candidate, ...]:
    """Return the models that can read the prompt, in the order to ask them: `first` before the owner's order."""
    settings = sources.settings
    chosen = [settings.model(name) for name in sorted(settings.chat, key=lambda name: name != first)]
    counted = {encoding: prompt.tokens(encoding) for encoding in {one.encoding for one in chosen if not one.is_code}}
    need = model_choice.Need(counted, settings.limits.reply_tokens, prompt.photo_tokens)
    return tuple(model_choice.candidates(chosen, need, sources.today, sources.corrections))


def sizes_of(sources: Sources) -> Sizes:
    """Return how much is kept word for word: HIGH, or what the largest model can take beside rules and store."""
    settings, share = sources.settings, share_in(sources)
    encoding = settings.model(settings.chat[0]).encoding
    fixed = tokens.count_again(sources.shop.rules, encoding) + tokens.count_again(share.store, encoding) + 200
    spare = max(0, _room(sources) - fixed - share.row_tokens)
    high = min(settings.memory.high_tokens, max(200, spare * 6 // 10))
    made = Sizes.of(high, min(settings.memory.summary_tokens, max(120, spare * 3 // 10)), encoding)
    asked = [
        model_choice.room(settings.model(name), settings.limits.reply_tokens, sources.corrections) - _ASKED_TOKENS
        for name in settings.summariser
    ]
    least = min(asked, default=made.source)
    return replace(made, source=max(_LEAST_ASKED, least), is_small=high < settings.memory.high_tokens)


def share_in(sources: Sources) -> ShopShare:
    """Return how the shop's data go into the prompts: whole, or in part with rows for each question."""
    settings = sources.settings
    encoding = settings.model(settings.chat[0]).encoding
    room = _room(sources) - tokens.count_again(sources.shop.rules, encoding)
    return share_of(sources.snapshot, sources.shop.store, settings.catalogue, max(0, room), encoding)


def _room(sources: Sources) -> int:
    """Return the tokens of prompt that the largest model can read beside its answer."""
    settings = sources.settings
    return max(
        model_choice.room(model, settings.limits.reply_tokens, sources.corrections)
        for model in _models(sources) or [settings.model(settings.chat[0])]
    )


def _models(sources: Sources) -> list[Model]:
    """Return the models that read the prompt: those of the chat without the catalogue, which reads the question alone."""
    every = (sources.settings.model(name) for name in sources.settings.chat)
    return [model for model in every if not model.is_code]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the prompt and its tokens; `short` and `title` are sentences of the catalogues."""

    name: str
    short: str
    title: str
    tokens: int


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """The prompt of the next turn, part by part; `room_tokens` is what the model can read beside it and its answer.

    `rows` are those for the last question, which stand in for the next one's. `backlog` are the first and the last message that are not summarised yet, None when there are none.
    """

    prompt: Prompt
    parts: tuple[Part, ...]
    candidate: Candidate | None
    room_tokens: int
    reply_tokens: int
    noted_until: int
    backlog: tuple[int, int] | None
    rows: tuple[FoundRow, ...] = ()

    @property
    def used_tokens(self) -> int:
        return sum(part.tokens for part in self.parts)


def preview(sources: Sources, folder: Folder, now: datetime) -> PromptPreview:
    """Return the prompt that the next turn would send, with an empty question, and the rows that the last one found."""
    empty = Record(1 << 60, now, "user", "")
    last = read_tail(sources, folder, sizes_of(sources), empty).entries if not share_in(sources).is_whole else ()
    searched = next((entry.record.text for entry in reversed(last) if entry.record.is_question), "")
    return preview_of(sources, build_context(sources, folder, empty, searched=searched))


def preview_of(sources: Sources, context: Context) -> PromptPreview:
    """Return the prompt of a context, part by part."""
    settings = sources.settings
    prompt, encoding = context.prompt, context.sizes.encoding
    parts: tuple[Part, ...] = (
        Part("rules", N_("rules"), N_("Rules"), tokens.count(prompt.rules, encoding)),
        Part("store", N_("shop"), N_("Shop information"), tokens.count(prompt.store, encoding)),
        Part("notes", N_("memory"), N_("Memory of older messages"), tokens.count(prompt.summary, encoding)),
        Part("kept", N_("messages"), N_("Recent messages, in full"), tokens.count(prompt.history, encoding)),
    )
    if prompt.rows:
        parts += (Part("rows", N_("products"), N_("Found for the question"), tokens.count(prompt.rows, encoding)),)
    candidate = context.candidates[0] if context.candidates else None
    model = candidate.model if candidate else settings.model(settings.chat[0])
    room = model_choice.room(model, settings.limits.reply_tokens, sources.corrections)
    segments = context.tail.summary.segments
    return PromptPreview(
        prompt=prompt,
        parts=parts,
        candidate=candidate,
        room_tokens=max(0, room - sum(part.tokens for part in parts)),
        reply_tokens=settings.limits.reply_tokens,
        noted_until=segments[-1].last if segments else 0,
        backlog=context.tail.backlog,
        rows=context.rows.rows,
    )


def may_have_backlog(settings: Settings, folder: Folder, summary_end: int) -> bool:
    """True if so much stands after the summary that some of it may not be sent. A token is a byte at least."""
    return (folder.size(HISTORY) or 0) - summary_end > compaction.HARD * settings.memory.high_tokens
