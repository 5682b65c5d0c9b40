"""The step of the first run that connects an AI model: what is connected, and how an attempt is reported."""

from quart import Response

import settings as configuration
from completions.check import ModelReport
from completions.errors import ErrorKind
from handlers.desk.model_setup import OPENAI_KEY
from handlers.services import current_services
from handlers.web.setup_page import render_step
from memory.i18n import N_
from settings import CATALOGUE

_SAID: dict[ErrorKind, str] = {
    "key_refused": N_("This key was refused. Copy it again, all of it, from the page of whoever provides the model."),
    "quota": N_("The key is right, but its account has no credit left. Add some at the provider, then try again."),
    "rate_limited": N_("The provider is busy right now. Please try again in a minute."),
    "unreachable": N_("Nothing answers at this address. Is it spelt right, and is the server running?"),
    "no_such_model": N_("The server answers, but has no model of this name."),
    "wrong_address": N_("Something answers at this address, but it is no model. Such addresses often end with /v1."),
    "not_a_stream": N_("Something answers at this address, but it is no model. Such addresses often end with /v1."),
    "redirected": N_("This address leads to another one. Enter that one."),
    "slow_start": N_(
        "The model didn't answer in time. One that is being loaded may need some minutes: please try again."
    ),
    "silent": N_("The model didn't answer in time. One that is being loaded may need some minutes: please try again."),
}
_OTHERWISE = N_("The model didn't answer as it should.")
MOST_OTHERS = 20


def sentence_of(report: ModelReport) -> str:
    """Return what is said of an attempt that failed, in English."""
    return _SAID.get(report.kind, _OTHERWISE) if report.kind else _OTHERWISE


async def render_model(status: int = 200, **values: object) -> Response:
    """Answer with the model that is connected, and the forms for a key and an address. What was typed as a key is not shown."""
    chat = current_services().settings.chat
    values = {"typed": {}, "report": None} | values
    return await render_step(
        "model",
        status,
        connected=chat[0] if chat and chat[0] != CATALOGUE else None,
        is_key_given=bool(configuration.environment().get(OPENAI_KEY)),
        openai_key=OPENAI_KEY,
        **values,
    )
