"""What 200 turns cost: this memory against full history and trimming line by line, on the same conversation.

Our own policy is not simulated: the real turn and the real folds run, with a scripted model. A provider's prompt cache
is played as the longest common prefix with the turn before, in steps of 128 tokens (OpenAI's rule); thinking time is
taken to be shorter than the cache's life. Prices are genai-prices', output tokens (equal for all) are left out.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from completions.client import Request
from completions.stream import Delta, Event, Finished, Usage
from handlers.beat import Beat, Stop
from handlers.fold import Folds
from handlers.services import Services
from handlers.turn import Replied, turn
from memory import accounts, store, tokens
from memory.conversation import Ask
from memory.files import Users
from memory.prompt import build, quote_one
from settings import ROOT, read
from tests.bench.figures import Mode, Section, Tell, at_most

TURNS = 200
HIGH = 4000
NOTES_TOKENS = 600
CHAT, SUMMARISER = "gpt-6.1-terra", "gpt-6-luna"
_STEP = 128
_WORDS = (
    "please the hammock colour delivery order price veranda size blue natural Recife parcel return gift basket "
    "ceramic coffee would like know about when how many days it takes and whether you can send this one too"
).split()


@dataclass(frozen=True, slots=True)
class Figures:
    """One policy's sums over all turns: tokens of prompts, of them from a cache, summariser calls and their tokens."""

    policy: str
    prompt_tokens: int
    cached_tokens: int
    calls: int
    summary_tokens: int
    written_tokens: int
    largest_prompt: int

    @property
    def cached_share(self) -> float:
        return self.cached_tokens / self.prompt_tokens


def words(random_: random.Random, count: int) -> str:
    return " ".join(random_.choice(_WORDS) for _ in range(count))


def dialogue(seed: int = 7, turns: int = TURNS) -> list[tuple[str, str]]:
    """Give questions and answers of the lengths people write: log-normal around 45 and 130 tokens."""
    made = random.Random(seed)

    def length(mean: float) -> int:
        return max(6, int(made.lognormvariate(0, 0.5) * mean))

    return [
        (f"About my order W10{n:04}: {words(made, length(40))}?", words(made, length(120)) + ".") for n in range(turns)
    ]


class Scripted:
    """Answers with the dialogue's next line, and summarises in about 150 tokens."""

    def __init__(self, said: Sequence[tuple[str, str]]) -> None:
        self._answers = iter([answer for _, answer in said])
        self.prompts = list[str]()
        self.summaries = list[tuple[int, int]]()

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        text = "\n".join(message["content"] for message in request.messages)
        if request.model.name == SUMMARISER:
            answer = "The customer asked about several orders. " + words(random.Random(len(text)), 120)
            self.summaries.append((tokens.count(text), tokens.count(answer)))
        else:
            answer = next(self._answers)
            self.prompts.append(text)
        yield Delta(answer, is_last=True)
        yield Finished("stop")
        yield Usage(tokens.count(text), tokens.count(answer))


def cached(prompts: Sequence[str]) -> int:
    """Give the tokens that a prompt cache would have: each prompt's longest common beginning with the one before."""
    total, before = 0, ""
    for prompt in prompts:
        same = 0
        for a, b in zip(before, prompt, strict=False):
            if a != b:
                break
            same += 1
        total += tokens.count(prompt[:same]) // _STEP * _STEP
        before = prompt
    return total


def figures(policy: str, prompts: Sequence[str], summaries: Sequence[tuple[int, int]]) -> Figures:
    counts = [tokens.count(prompt) for prompt in prompts]
    return Figures(
        policy,
        sum(counts),
        cached(prompts),
        len(summaries),
        sum(read for read, _ in summaries),
        sum(written for _, written in summaries),
        max(counts),
    )


async def ours(said: Sequence[tuple[str, str]], folder: Path) -> Figures:
    """Run the product's own turns and folds."""
    settings = read(
        {
            "chat": [CHAT],
            "summariser": [SUMMARISER],
            "models": [
                {"name": name, "max_input": 922_000, "max_output": 128_000, "base_url": "http://127.0.0.1:9/v1"}
                for name in (CHAT, SUMMARISER)
            ],
            "memory": {"high_tokens": HIGH},
            "budget": {"daily_tokens_per_user": 0},
            "limits": {"messages_per_minute": 0},
        }
    )
    users = Users(folder / "users")
    users.prepare()
    accounts.create(users, "ana", "correct horse battery", "owner", datetime.now(UTC).replace(microsecond=0))
    scripted = Scripted(said)
    services = Services(settings, users, ROOT / "prompts", scripted, Beat())
    person, folds = users.folder("ana"), Folds(services)
    for question, _ in said:
        async for step in turn(services, person, Ask(question), Stop()):
            if isinstance(step, Replied) and step.record.ending != "stop":
                raise AssertionError(step.record)
        folds.after_turn(person)
        await folds.settled(person)
    return figures("this memory", scripted.prompts, scripted.summaries)


def simulated(said: Sequence[tuple[str, str]], policy: str) -> Figures:
    """Play a policy that others use, with the same rules, store and words."""
    shelf = store.read(ROOT / "prompts")
    lines, prompts, summaries = list[str](), list[str](), list[tuple[int, int]]()
    notes, made = "", random.Random(3)
    for question, answer in said:
        dropped = list[str]()
        while policy != "full history" and sum(tokens.count(line + "\n") for line in lines) > HIGH:
            dropped.append(lines.pop(0))
        if dropped and policy == "a line a turn, summary rewritten":
            notes = words(made, int(NOTES_TOKENS * 0.8))
            read_tokens = tokens.count(notes) + sum(map(tokens.count, dropped)) + 150
            summaries.append((read_tokens, tokens.count(notes)))
        prompt = build(shelf.rules, shelf.store, notes, [], question, "system").messages
        system = prompt[0]["content"] + "\n".join(lines)
        prompts.append(system + "\n" + question)
        lines += [quote_one("user", question), quote_one("assistant", answer)]
    return figures(policy, prompts, summaries)


def dollars(model: str, prompt_tokens: int, cached_tokens: int, output_tokens: int = 0) -> Decimal:
    """Give the price of tokens that were read, some of them from the cache; what was not is written to it."""
    from genai_prices import Usage as Priced
    from genai_prices import calc_price

    fresh = prompt_tokens - cached_tokens
    priced = Priced(
        input_tokens=prompt_tokens,
        cache_read_tokens=cached_tokens,
        cache_write_tokens=fresh if writes_cost(model) else 0,
        output_tokens=output_tokens,
    )
    return calc_price(priced, model_ref=model, provider_id="openai").total_price


def writes_cost(model: str) -> bool:
    """Say whether the provider bills what is written to the cache: OpenAI does since gpt-5.6."""
    return model.startswith(("gpt-5.6", "gpt-6"))


def total(one: Figures) -> Decimal:
    """Give the price of all turns' prompts and summaries."""
    chat = dollars(CHAT, one.prompt_tokens, one.cached_tokens)
    return chat + dollars(SUMMARISER, one.summary_tokens, 0, one.written_tokens)


def compare(turns: int = TURNS) -> list[Figures]:
    """Give the figures of every policy on one conversation, our own last."""
    said = dialogue(turns=turns)
    others = ("full history", "a line a turn, no summary", "a line a turn, summary rewritten")
    with tempfile.TemporaryDirectory() as folder:
        own = asyncio.run(ours(said, Path(folder)))
    return [*(simulated(said, policy) for policy in others), own]


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Give the section of what a conversation costs by each policy."""
    turns = {"whole": TURNS, "quick": TURNS, "tiny": 4}[mode]
    tell(f"{turns} turns")
    measured = compare(turns)
    own = total(measured[-1])
    rows = [
        (
            one.policy,
            f"{one.prompt_tokens:,}",
            f"{one.cached_share:.1%}",
            str(one.calls),
            f"{one.largest_prompt:,}",
            f"{total(one):.3f}",
            f"{total(one) / own:.1f}",
        )
        for one in measured
    ]
    bars = [
        at_most(f"cost of {turns} turns, of that of {one.policy}", 0.2, float(own / total(one)))
        for one in measured
        if one.policy.startswith("a line a turn")
    ]
    head = ("policy", "prompt tokens", "cached", "summaries", "largest prompt", "US$", "against this")
    return [Section(f"What {turns} turns cost, prompts by {CHAT}, summaries by {SUMMARISER}", head, rows, "", bars)]
