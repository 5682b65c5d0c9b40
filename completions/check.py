"""Whether a model answers as it is set up: one tiny question, and in plain words what is wrong and what to write.

For the owner at the command line: English, a few short lines a model.
"""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from urllib.parse import urlsplit, urlunsplit

import msgspec

from completions.available import is_reachable
from completions.client import Client
from completions.errors import ErrorDetails, ErrorKind, ModelError, shown_address
from completions.prices import cost_usd
from completions.reach import OPENAI, PATH
from completions.request import CompletionRequest
from completions.stream import Delta, Usage
from settings import Limits, Model

QUESTION = ({"role": "system", "content": "Answer in one short sentence."}, {"role": "user", "content": "Say hello."})
ANSWER_TOKENS = 200
LONGEST_WAIT_SECONDS = 30.0
MOST_NAMES = 30


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What became of the question, in lines for the owner, and the kind of fault where it was not answered."""

    is_sound: bool
    lines: tuple[str, ...]
    kind: ErrorKind | None = None


async def check(model: Model, environ: Mapping[str, str], limits: Limits) -> ModelReport:
    """Ask the model and return what was found. It waits for a word half a minute at most."""
    if model.is_code:
        return ModelReport(True, ("is always there: code that answers from the shop's data. Nothing is paid for it.",))
    if model.gguf:
        return ModelReport(True, (f"is served by Storekeeper itself, from {model.gguf}.",))
    if not is_reachable(model, environ):
        variable = model.api_key_env or "OPENAI_API_KEY"
        return ModelReport(
            False, (f"No key: put {variable}=... into .env, or give the model a base_url in settings.toml.",)
        )
    wait = min(limits.first_token_seconds, LONGEST_WAIT_SECONDS)
    client = Client(environ, msgspec.structs.replace(limits, first_token_seconds=wait, idle_seconds=wait))
    try:
        return ModelReport(True, tuple(await _works(client, model)))
    except ModelError as error:
        fault = error.fault
        lines = [*await _diagnosis(client, model, environ, fault)]
        said = f'It said: "{fault.message}"' if fault.message else ""
        status = f"status {fault.status}" if fault.status else ""
        told = ", ".join(part for part in (said, status) if part)
        return ModelReport(False, (*lines, f"Asked: {fault.address}", *([f"{told}."] if told else [])), fault.kind)
    finally:
        await client.close()


async def _works(client: Client, model: Model) -> list[str]:
    """Return what to say of an answer. ModelError where there is none."""
    started, first = monotonic(), None
    usage: Usage | None = None
    request = CompletionRequest(model, QUESTION, min(ANSWER_TOKENS, model.max_output))
    async with aclosing(client.stream(request)) as events:
        async for event in events:
            if isinstance(event, Delta) and first is None:
                first = monotonic() - started
            if isinstance(event, Usage):
                usage = event
    seconds = monotonic() - started
    if first is None:
        return [
            f"answers, but without a word, within {ANSWER_TOKENS} tokens. A model that thinks first needs more room."
        ]
    counted = f"{usage.prompt_tokens} tokens read, {usage.completion_tokens} written" if usage else "no tokens reported"
    lines = [f"works: the first word after {first:.1f} s, all after {seconds:.1f} s; {counted}."]
    refused, streams = client.found(model)
    if not streams:
        lines.append("It does not stream: its answers come whole, at their end. If that is meant to be so, write")
        lines.append("    parameters = { stream = false }")
    if refused:
        keys = [part.partition(",")[0] for part in refused.split("; ")]
        lines.append(f"It refused a part of the request ({refused}), and is asked without it.")
        if keys != ["role system"]:
            lines.append("To spare the refusal after each start, write under its [[models]]:")
        removable = [key for key in keys if " " not in key and key not in model.parameters]
        named = ", ".join(f'"{key}"' for key in removable)
        lines += [f"    remove = [{named}]"] if named else []
        lines += [f"    parameters without {key}" for key in keys if key in model.parameters]
        lines += ["    cache_marks = false"] if "cache marks" in keys else []
    if cost_usd(model, Usage(1000, 1000), datetime.now(UTC)) is None:
        lines.append("Its price is not known: budgets in dollars do not count it, those in tokens do.")
    else:
        lines.append("Its price is known.")
    return lines


async def _diagnosis(client: Client, model: Model, environ: Mapping[str, str], fault: ErrorDetails) -> list[str]:
    """Return what is wrong and what to write."""
    address = model.base_url or environ.get("OPENAI_BASE_URL") or OPENAI
    variable = model.api_key_env or (None if model.base_url else "OPENAI_API_KEY")
    if said := _SAID.get(fault.kind):
        return [said]
    match fault.kind:
        case "unreachable":
            return _unreachable(address, fault)
        case "key_refused" if not variable or not environ.get(variable, "").strip():
            name = variable or "MY_KEY"
            return [
                f'The server wants a key, and none is set. Write api_key_env = "{name}", and put {name}=... into .env.'
            ]
        case "key_refused":
            return [f"The key in {variable} was refused. Put the right one into .env."]
        case "bad_request":
            return _refused(model, fault)
    if better := await _better_address(client, model, address):
        return better
    if fault.kind == "no_such_model":
        return await _offered(client, model)
    return [_SAID_OF_ADDRESSES.get(fault.kind, f"It does not answer ({fault.kind}).")]


_NO_WORD = "No word came in time. A model that is being loaded may need some minutes: try again."
_SAID = {
    "quota": "The account with the provider is used up, or has no means of payment. Check it with the provider.",
    "rate_limited": "The server has too many requests right now. Try again in a minute.",
    "slow_start": _NO_WORD,
    "silent": _NO_WORD,
    "too_slow": _NO_WORD,
    "too_long": "Even a tiny question is too long for it: its server has too small a context. Set a larger one there.",
}
_OWN_ERROR = "The server had an error of its own. See its log."
_NOT_WHOLE = "The answer could not be read to its end. See the server's log, or that of the proxy in front of it."
_SAID_OF_ADDRESSES = {
    "wrong_address": f"No chat is offered at this address. Find the one that ends before {PATH}; often it ends with /v1.",
    "redirected": "The server redirects to another address. Write that address as base_url.",
    "not_a_stream": "A page or something else answered, no model. Is this the address of its API?",
    "error_event": _OWN_ERROR,
    "server_error": _OWN_ERROR,
    "empty": "It answered without a word.",
    "garbled": _NOT_WHOLE,
    "broken_off": _NOT_WHOLE,
}
"""What is said where no other address of the server answers better."""


_OTHER_SCHEME = (
    "Something listens at {place} and does not answer. Should base_url begin with https://, or have another port?"
)
_SAID_OF_CONNECTIONS = {
    "nothing_listens": "Nothing listens at {place}. Is the server running, and is this its port? See base_url.",
    "no_such_host": 'There is no machine called "{host}". Is base_url spelt right?',
    "no_connection_in_time": "No connection to {place} in time. Is a firewall between, or a proxy needed (HTTPS_PROXY)?",
    "certificate": "The certificate of {host} is not trusted. If it is from an authority of your own, put\n"
    "    SSL_CERT_FILE=/path/of/its/certificate.pem\ninto .env.",
    "tls": "{place} does not speak TLS. Write base_url with http:// instead of https://.",
    "proxy": "The proxy could not be used. Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
    "setup": "It cannot be asked as it is set up.",
    "not_http": _OTHER_SCHEME,
    "closed": _OTHER_SCHEME,
    "no_answer": "No answer from {place}.",
}
"""What is said where no connection was made, by what is known of it."""


def _unreachable(address: str, fault: ErrorDetails) -> list[str]:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    code = "no_answer" if fault.code in ("not_http", "closed") and parts.scheme != "http" else fault.code or "no_answer"
    said = _SAID_OF_CONNECTIONS.get(code, _SAID_OF_CONNECTIONS["no_answer"])
    return said.format(host=parts.hostname, place=f"{parts.hostname}:{port}").split("\n")


def _refused(model: Model, fault: ErrorDetails) -> list[str]:
    if own := sorted(fault.names & model.parameters.keys()):
        return [
            f"The server refuses a value of parameters: {', '.join(own)}. Change it, or take it out of settings.toml."
        ]
    return [
        "The server refuses the request. What it does not take can be named under its [[models]]:",
        "    remove = [...]",
    ]


async def _offered(client: Client, model: Model) -> list[str]:
    lines = [f'The server has no model called "{model.name}".']
    try:
        names = sorted(await client.offered(model))
    except ModelError:
        names = []
    if not names:
        return [*lines, "Write the name that its provider gives it: name, and in chat and summariser too."]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return [
        *lines,
        f"It offers: {', '.join(names[:MOST_NAMES])}{more}.",
        "Write one of these as name, and in chat and summariser.",
    ]


async def _better_address(client: Client, model: Model, address: str) -> list[str]:
    """Return the address to write in place of this one; nothing where it seems right or no better one is found."""
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    is_endpoint = path.endswith(("/completions", "/responses", "/messages", "/models"))
    base = path.removesuffix("/completions").removesuffix("/chat") if is_endpoint else path
    base = base.removesuffix("/responses").removesuffix("/messages").removesuffix("/models")
    tried = [base] if is_endpoint else []
    tried += [f"{base}{end}" for end in ("/v1", "/api/v1", "/openai/v1") if not base.endswith("/v1")]
    why = "base_url holds a whole endpoint" if is_endpoint else "base_url lacks its end"
    for one in tried:
        found = urlunsplit(parts._replace(path=one))
        if await _is_there(client, msgspec.structs.replace(model, base_url=found)):
            return [f"{why}. Write", f'    base_url = "{shown_address(found)}"']
    if not is_endpoint:
        return []
    return [f"{why}. Write", f'    base_url = "{shown_address(urlunsplit(parts._replace(path=base)))}"']


async def _is_there(client: Client, model: Model) -> bool:
    """True if a server of models answers at the model's address, though it may want a key."""
    try:
        return bool(await client.offered(model))
    except ModelError as error:
        return error.fault.kind == "key_refused"
