"""Compare models as summarisers and answerers: `uv run just compare --help`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import settings as configuration
from completions import available
from memory.context import model_choice as choosing
from memory.context import tokens
from memory.context.builder import Sources, sizes_of
from memory.context.compaction import Sizes
from memory.context.summary import Covered
from settings import BadSetting, Environment, Settings
from shop import texts
from tests.comparison import advice, dialogues, page, portions, questions
from tests.comparison.answers import (
    SCRIPTED_ANSWERERS,
    Answer,
    Answerer,
    Asking,
    ask_all,
    attack_all,
    score_answers,
)
from tests.comparison.defence import Attacked, score_attacks
from tests.comparison.lab import Baseline, Run, compare
from tests.comparison.models import EXTRACTIVE, SCRIPTED, TAIL_ONLY, AskedModel, Summariser
from tests.comparison.portions import Portion
from tests.comparison.recordings import PLACE, Recordings
from tests.comparison.report import Report, as_json, print_tables
from tests.comparison.scores import score
from tests.comparison.selfcheck import check_scorer
from tests.support import small_model


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compare", description="Compare models on dialogues with planted facts.")
    add = parser.add_argument
    add("--models", help="names of settings.toml, of scripted models, extractive, tail only; by commas")
    add(
        "--dialogues",
        type=Path,
        help='JSONL of {"id", "turns": [{"role", "content"}], "facts": [{"said", "any", "speaker", "old"}]}; else woven ones',
    )
    add("--prompt", type=Path, help="another summarise.md")
    add("--repeats", type=_positive, default=1, help="how often each note is asked for")
    add("--turns", type=_positive, help="questions of each dialogue to use; longer ones are woven together")
    add("--count", type=_positive, default=26, help="dialogues to weave")
    add("--all", action="store_true", help="all dialogues and questions for models on this machine too (an hour)")
    add("--small", action="store_true", help="a few minutes: 8 dialogues, 1 and 6 questions for models on this machine")
    add("--minutes", type=_positive, help="when to stop asking; what is done by then is reported")
    add("--no-answers", action="store_true", help="notes only")
    add("--json", action="store_true", help="print the report as JSON")
    add("--reports", type=Path, default=page.REPORTS, help="where the report is written")
    add("--recordings", type=Path, default=PLACE, help="where replies are kept")
    return parser.parse_args(words)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def main(words: Sequence[str]) -> int:
    """Run the command line; return the exit code: 130 when broken off, its report written all the same."""
    chosen = read_arguments(words)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    screen = Console(stderr=True)
    try:
        environ = configuration.environment()
        place = configuration.place(environ)
        known = configuration.load(configuration.settings_path(environ))
        made = Comparison(chosen, known, place, screen)
    except (BadSetting, dialogues.BadDialogues, texts.PromptsUnreadable, OSError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(made.run_in_time())
    except KeyboardInterrupt:
        made.run.is_whole = False
    is_over = not made.run.is_whole and chosen.minutes is not None
    report = made.report()
    written = page.write(report, chosen.reports)
    if chosen.json:
        sys.stdout.write(as_json(report))
    else:
        out = Console()
        out = out if out.is_terminal else Console(width=200)
        print_tables(report, out)
        out.print(f"The page with pictures and every miss: {written}", soft_wrap=True)
    return 0 if made.run.is_whole or is_over else 130


class Comparison:
    """One run of the command line: who is asked what, and what has come so far."""

    def __init__(self, chosen: argparse.Namespace, known: Settings, place: Environment, screen: Console) -> None:
        self._chosen, self._screen = chosen, screen
        environ = place.environ
        gguf = small_model.find_gguf()
        every = small_model.with_small(known, gguf) if gguf else known
        recordings = Recordings(chosen.recordings)
        used = available.reachable(known, environ)
        used = small_model.with_small(used, gguf) if gguf else used
        self._shop_texts = texts.load(place.prompts)
        sizes = _sizes(used, place)
        self._asked_models = [
            AskedModel(model, recordings, environ, known.limits)
            for model in every.models
            if available.is_reachable(model, environ) or (chosen.models and model.name in chosen.models.split(","))
        ]
        self._models, self._answerers = self._pick(sizes.encoding)
        self._asked_models = [one for one in self._models if isinstance(one, AskedModel)]
        self._here = {one.name for one in self._asked_models if one.model.gguf}
        summarise = chosen.prompt.read_text(encoding="utf-8") if chosen.prompt else self._shop_texts.summarise
        self.run = Run(sizes, _notes_tokens(used, self._shop_texts, sizes.high, sizes.encoding), _dialogues(chosen), chosen.repeats, summarise)  # fmt: skip
        self._questions = questions.all_questions(place.prompts)
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._attacks: dict[tuple[str, str], list[Attacked]] = {}

    def _pick(self, encoding: str) -> tuple[list[Summariser], list[Answerer]]:
        """Return who makes notes and who answers: those named, or all there are."""
        summarisers: dict[str, Summariser] = {**SCRIPTED}
        summarisers |= {name: Baseline(name, encoding) for name in (EXTRACTIVE, TAIL_ONLY)}
        summarisers |= {asked_model.name: asked_model for asked_model in self._asked_models}
        answerers: dict[str, Answerer] = {**SCRIPTED_ANSWERERS}
        answerers |= {asked_model.name: Asking(asked_model) for asked_model in self._asked_models}
        known = list(dict.fromkeys((*summarisers, *answerers)))
        names = [name.strip() for name in (self._chosen.models or "").split(",") if name.strip()] or known
        if unknown := [name for name in names if name not in known]:
            raise BadSetting(f"--models {', '.join(unknown)}: takes names out of {', '.join(known)}.")
        names = list(dict.fromkeys(names))
        return [summarisers[name] for name in names if name in summarisers], [
            answerers[name] for name in names if name in answerers
        ]

    def _portion(self, name: str) -> Portion:
        run, chosen = self.run, self._chosen
        if name in self._here:
            made = portions.here(run, self._questions, all=chosen.all, small=chosen.small)
        else:
            made = portions.whole(run, self._questions)
        return portions.without_answers(made) if chosen.no_answers else made

    async def run_in_time(self) -> None:
        """Ask everybody everything, as far as the minutes go that were given."""
        try:
            async with asyncio.timeout(self._chosen.minutes and self._chosen.minutes * 60):
                await self.run_all()
        except TimeoutError:
            self.run.is_whole = False
            self._screen.print(
                f"Stopped after {self._chosen.minutes} minutes, as asked; a run without --minutes goes on."
            )

    async def run_all(self) -> None:
        """Ask everybody everything; what is done stands in `run` at any moment."""
        names = {one.name for one in self._models} | {one.name for one in self._answerers}
        shares = {name: self._portion(name) for name in names}
        here = {name: one for name, one in shares.items() if name in self._here}
        columns = TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=self._screen, transient=True) as bar:
            tasks = {
                one.name: bar.add_task(one.name, total=shares[one.name].steps(self.run)) for one in self._asked_models
            }

            def tick(name: str) -> None:
                if name in tasks:  # what is scripted takes no time worth a bar
                    bar.advance(tasks[name])

            try:
                await compare(
                    self.run,
                    self._models,
                    limits={name: one.dialogues for name, one in here.items()},
                    depth={name: one.depth for name, one in here.items()},
                    rewrites={name: one.rewrites for name, one in here.items()},
                    tick=tick,
                )
                for answerer in self._answerers:
                    share = shares[answerer.name]
                    await ask_all(answerer, share.questions, share.ways, self._shop_texts, self._answers, tick)
                    await attack_all(answerer, share.attacks, share.attack_ways, self._shop_texts, self._attacks, tick)
            finally:
                for asked_model in self._asked_models:
                    await asked_model.close()

    def report(self) -> Report:
        """Put together what has come."""
        run = self.run
        scores = tuple(score(run, one.name) for one in self._models if one.name in run.outcomes)
        answers = tuple(score_answers(model, way, told) for (model, way), told in self._answers.items() if told)
        attacks = tuple(score_attacks(model, way, told) for (model, way), told in self._attacks.items() if told)
        facts = sum(len(one.plants) for one in run.dialogues)
        what = self._chosen.dialogues.name if self._chosen.dialogues else "woven, English and Portuguese"
        without = sum(not one.plants for one in run.dialogues)
        about = (
            f"{len(run.dialogues)} dialogues ({what}), {facts:,} facts, {run.repeats} time(s). Notes are made of about "
            f"{run.sizes.low} tokens at once, {run.sizes.segment} tokens each; a prompt has room for {run.notes_tokens:,} of them."
        )
        if without:
            about += (
                f" {without} of the dialogues have no gold facts: of these it is only measured what notes make up, "
                "not what they carry."
            )
        return Report(check_scorer(), scores, answers, attacks, advice.advise(scores), about, run.is_whole)


def _dialogues(chosen: argparse.Namespace) -> tuple[dialogues.Dialogue, ...]:
    found = (
        dialogues.load(chosen.dialogues) if chosen.dialogues else dialogues.woven(8 if chosen.small else chosen.count)
    )
    return tuple(dialogues.of_length(found, chosen.turns)) if chosen.turns else found


def _sizes(used: Settings, place: Environment) -> Sizes:
    """Return the product's own sizes for these settings."""
    return sizes_of(Sources.read(place.prompts, used, Covered(), {}, date.today()))


def _notes_tokens(used: Settings, shop_texts: texts.ShopTexts, high: int, encoding: str) -> int:
    """Return the room for all notes in a prompt: four times summary_tokens, where the largest model can read that."""
    room = max(choosing.room(used.model(name), used.limits.reply_tokens, {}) for name in used.chat)
    fixed = tokens.count(shop_texts.rules, encoding) + tokens.count(shop_texts.store, encoding) + 200
    return max(120, min(4 * used.memory.summary_tokens, room - fixed - high))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
