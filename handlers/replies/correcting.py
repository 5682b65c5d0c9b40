"""What becomes of an answer that goes against the shop's data: one more request, then a card. Knows nothing of streams."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.replies.accounting import ModelCall
from handlers.replies.attempts import PreparedRequest, reserve_again
from handlers.services import Services
from memory.context.model_choice import Candidate
from memory.context.quoting import disarm_tags
from memory.storage.folders import Folder
from shop.claims.amounts import money
from shop.claims.topics import FREE
from shop.claims.values import Claim
from shop.claims.wording import fold
from shop.lines import lines_of

_OF_ROWS = frozenset(["price", "total", "stock"])
_WRONG = 'Your answer was stopped. It says "{text}"{about}, but the shop\'s data say {true}.'
_NOT_YOURS = 'Your answer was stopped. It says "{text}". You cannot do or promise that; you can only inform.'
_AGAIN = (
    "Write the whole answer to the last question again, without mentioning this. State only prices, stocks and offers "
    "that the shop's data hold, and nothing as done or granted."
)


class Refuted(Exception):
    """An answer says what the shop's data contradict, or grants what only a person can."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        super().__init__(claims[0].text)
        self.claims = tuple(claims)


def refuted(claims: Sequence[Claim], since: int) -> tuple[Claim, ...]:
    """Return the claims from a place of the answer on for which it is taken back: a price, a sum or a stock that its row
    contradicts, a grant, and a service given for nothing that has its fee."""
    return tuple(
        one
        for one in claims
        if one.start >= since
        and (
            (one.kind in _OF_ROWS and one.verdict == "contradicted")
            or (one.kind == "grant" and one.verdict in ("contradicted", "unsupported"))
            or (one.kind == "fee" and one.verdict == "contradicted" and _is_free(one.text))
        )
    )


def _is_free(text: str) -> bool:
    """True if a fee is stated as none: an answer that gives a delivery away grants something."""
    folded = fold(text)
    return FREE.fullmatch(folded) is not None or any(one.minor == 0 for one in money(folded))


def skus_in(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return what the claims are about, each once."""
    return tuple(dict.fromkeys(one.about for one in claims if one.about))


def asked_again(
    services: Services,
    folder: Folder,
    request: PreparedRequest,
    candidate: Candidate,
    calls: list[ModelCall],
    said: str,
    claims: Sequence[Claim],
) -> PreparedRequest:
    """Return the request by which the same model is asked once more, with the fault named and the rows. Blocks.

    OutOfBudget when the budget does not cover it.
    """
    prompt = request.prompt
    answered = [{"role": "assistant", "content": said}] if prompt.messages[-1]["role"] == "user" and said else []
    note = {"role": "user", "content": _note(services, claims)}
    longer = replace(prompt, messages=(*prompt.messages, *answered, note), _counted={})
    others = tuple(one for one in request.candidates if one.model is not candidate.model)
    reserved = reserve_again(services, folder, longer, candidate, calls)
    return replace(request, prompt=longer, candidates=(candidate, *others), reserved=reserved)


def _note(services: Services, claims: Sequence[Claim]) -> str:
    faults = [_NOT_YOURS.format(text=one.text) if one.kind == "grant" else _fault(one) for one in claims]
    snapshot = services.shop.snapshot
    products = snapshot.index.products(skus_in(claims)) if snapshot is not None else ()
    rows = lines_of(products, snapshot.currency) if snapshot is not None and products else []
    return disarm_tags("\n".join([*faults, *rows, _AGAIN]))


def _fault(claim: Claim) -> str:
    about = f" about {claim.about}" if claim.about else ""
    return _WRONG.format(text=claim.text, about=about, true=claim.true or "otherwise")
