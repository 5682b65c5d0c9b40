"""What 200 turns cost: this memory against full history and trimming line by line, on the same conversation.

Our own policy is not simulated: the real turn and the real compactions run, with a scripted model, and their requests go through
OpenAI's cache as it is played from gpt-5.6 on (marks, nothing rounded). The others are given the best that any marks could
do: all that stood there in the turn before. Thinking time is taken to be shorter than the cache's life. Each call has
genai-prices' price; output tokens (equal for all) are left out.
"""

import asyncio
import os.path
import random
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from completions.prices import cost_usd
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished, Usage
from handlers.replies.compaction import Compactor
from handlers.replies.pacing import Stop
from handlers.replies.steps import Replied
from handlers.replies.turn import run_turn
from handlers.services import Services
from memory.context import tokens
from memory.context.prompt import Question, build
from memory.context.quoting import quote_one
from memory.conversations.records import Record
from memory.conversations.turns import NewMessage
from memory.people import accounts
from memory.storage.users import Users
from settings import ROOT, Model, read
from shop import texts
from tests.bench.figures import Mode, Section, Tell, at_most
from tests.support.provider_cache import ProviderCache
from tests.support.shop import NOON, Clock

TURNS = 200
HIGH = 4000
NOTES_TOKENS = 600
CHAT, SUMMARISER = "gpt-6.1-terra", "gpt-6-luna"
_WORDS = (
    "please the hammock colour delivery order price veranda size blue natural Recife parcel return gift basket "
    "ceramic coffee would like know about when how many days it takes and whether you can send this one too"
).split()


@dataclass(frozen=True, slots=True)
class Figures:
    """One policy's calls of the model that answers and of the one that writes notes."""

    policy: str
    calls: Sequence[Usage]
    notes: Sequence[Usage]

    @property
    def prompt_tokens(self) -> int:
        return sum(call.prompt_tokens for call in self.calls)

    @property
    def largest_prompt(self) -> int:
        return max(call.prompt_tokens for call in self.calls)

    @property
    def cached_share(self) -> float:
        return sum(call.cached_tokens for call in self.calls) / self.prompt_tokens


def words(random_: random.Random, count: int) -> str:
    return " ".join(random_.choice(_WORDS) for _ in range(count))


def dialogue(seed: int = 7, turns: int = TURNS) -> list[tuple[str, str]]:
    """Return questions and answers of the lengths people write: log-normal around 45 and 130 tokens."""
    made = random.Random(seed)

    def length(mean: float) -> int:
        return max(6, int(made.lognormvariate(0, 0.5) * mean))

    return [
        (f"About my order W10{n:04}: {words(made, length(40))}?", words(made, length(120)) + ".") for n in range(turns)
    ]


class Scripted:
    """Answers with the dialogue's next line, and writes notes of about 150 tokens."""

    def __init__(self, said: Sequence[tuple[str, str]]) -> None:
        self._answers = iter([answer for _, answer in said])
        self._cache = ProviderCache()
        self.calls, self.notes = list[Usage](), list[Usage]()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
        count = sum(tokens.count(message["content"]) for message in request.messages)
        if request.model.name == SUMMARISER:
            answer = "The customer asked about several orders. " + words(random.Random(count), 120)
            self.notes.append(Usage(count, tokens.count(answer)))
        else:
            answer = next(self._answers)
            self.calls.append(Usage(count, 0, *self._cache.ask(request)))
        yield Delta(answer, is_last=True)
        yield Finished("stop")
        yield Usage(count, tokens.count(answer))


async def ours(said: Sequence[tuple[str, str]], folder: Path) -> Figures:
    """Run the product's own turns and compactions."""
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
    clock = Clock()
    services = Services(settings, users, ROOT / "prompts", scripted, clock)
    person, compactor = users.folder("ana"), Compactor(services)
    for question, _ in said:
        clock.move(minutes=1)
        async for step in run_turn(services, person, NewMessage(question), Stop()):
            if isinstance(step, Replied) and step.record.ending != "stop":
                raise AssertionError(step.record)
        compactor.after_turn(person)
        await compactor.settled(person)
    return Figures("this memory", scripted.calls, scripted.notes)


def simulated(said: Sequence[tuple[str, str]], policy: str) -> Figures:
    """Play a policy that others use, with the same rules, store and words; each prompt's last words alone are in no cache."""
    shop_texts = texts.load(ROOT / "prompts")
    lines, calls, notes = list[str](), list[Usage](), list[Usage]()
    summary, before, made = "", "", random.Random(3)
    for question, answer in said:
        dropped = list[str]()
        while policy != "full history" and sum(tokens.count(line + "\n") for line in lines) > HIGH:
            dropped.append(lines.pop(0))
        if dropped and policy == "a line a turn, summary rewritten":
            read_tokens = tokens.count(summary) + sum(map(tokens.count, dropped)) + 150
            summary = words(made, int(NOTES_TOKENS * 0.8))
            notes.append(Usage(read_tokens, tokens.count(summary)))
        prompt = build(shop_texts.rules, shop_texts.store, summary, [], Question(question), "system").messages
        system = prompt[0]["content"] + "\n".join(lines)
        kept, whole = tokens.count(os.path.commonprefix([before, system])), tokens.count(system)  # noqa: RUF071
        calls.append(Usage(whole + tokens.count(question), 0, kept, whole - kept))
        lines += [quote_one(Record(1, NOON, "user", question)), quote_one(Record(2, NOON, "assistant", answer))]
        before = system
    return Figures(policy, calls, notes)


def total(one: Figures) -> Decimal:
    """Return the price of all calls."""
    chat, summariser = (Model(name=name, max_input=922_000) for name in (CHAT, SUMMARISER))
    now = datetime.now(UTC)
    priced = [
        cost_usd(model, call, now) for model, calls in ((chat, one.calls), (summariser, one.notes)) for call in calls
    ]
    if None in priced:
        raise LookupError(f"no price is known of {CHAT} or {SUMMARISER}")
    return sum((cost for cost in priced if cost is not None), Decimal(0))


def compare(turns: int = TURNS) -> list[Figures]:
    """Return the figures of every policy on one conversation, our own last."""
    said = dialogue(turns=turns)
    others = ("full history", "a line a turn, no summary", "a line a turn, summary rewritten")
    with tempfile.TemporaryDirectory() as folder:
        own = asyncio.run(ours(said, Path(folder)))
    return [*(simulated(said, policy) for policy in others), own]


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of what a conversation costs by each policy."""
    turns = {"whole": TURNS, "quick": TURNS, "tiny": 4}[mode]
    tell(f"{turns} turns")
    measured = compare(turns)
    own = total(measured[-1])
    rows = [
        (
            one.policy,
            f"{one.prompt_tokens:,}",
            f"{one.cached_share:.1%}",
            str(len(one.notes)),
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
    head = ("policy", "prompt tokens", "cached", "calls for notes", "largest prompt", "US$", "against this")
    return [Section(f"What {turns} turns cost, prompts by {CHAT}, summaries by {SUMMARISER}", head, rows, "", bars)]
