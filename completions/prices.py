"""What a completion cost, in US dollars, by genai-prices (its bundled prices; nothing is fetched).

Only prices are taken from there: its context windows are the total ones and overshoot the input limits.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from completions.stream import Usage
from settings import Model


def cost_usd(model: Model, usage: Usage, at: datetime) -> Decimal | None:
    """Return the cost, None where it is not known; what is served on this machine costs nothing.

    The first call imports genai-prices (0.3 s): make it in a thread.
    """
    if model.gguf or model.is_code:
        return Decimal(0)
    from genai_prices import Usage as Priced
    from genai_prices import calc_price

    server: Any = {"provider_api_url": model.base_url} if model.base_url else {"provider_id": "openai"}
    try:
        priced = Priced(
            input_tokens=usage.prompt_tokens,
            cache_read_tokens=usage.cached_tokens,
            cache_write_tokens=usage.written_tokens,
            output_tokens=usage.completion_tokens,
        )
        return calc_price(priced, model_ref=model.name, genai_request_timestamp=at, **server).total_price
    except (LookupError, ValueError):
        return None
