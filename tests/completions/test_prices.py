"""What a completion costs, by the prices that genai-prices carries."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from completions.prices import cost_usd
from completions.stream import Usage
from settings import Model

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-6-luna"])
def test_a_known_model_of_openai_has_its_price(name: str) -> None:
    cost = cost_usd(Model(name=name, max_input=8000), Usage(1000, 100), AT)

    assert isinstance(cost, Decimal)
    assert 0 < cost < 1


def test_the_price_is_the_one_on_the_list() -> None:
    assert cost_usd(Model(name="gpt-4o-mini", max_input=8000), Usage(1_000_000, 0), AT) == Decimal("0.15")
    assert cost_usd(Model(name="gpt-4o-mini", max_input=8000), Usage(0, 1_000_000), AT) == Decimal("0.60")


def test_cached_tokens_are_cheaper() -> None:
    model = Model(name="gpt-4o-mini", max_input=8000)

    dear, cheap = cost_usd(model, Usage(1000, 100), AT), cost_usd(model, Usage(1000, 100, 900), AT)

    assert dear is not None
    assert cheap is not None
    assert 0 < cheap < dear


def test_cache_writes_cost_more_where_the_provider_charges_them() -> None:
    luna, old = Model(name="gpt-6-luna", max_input=8000), Model(name="gpt-4o-mini", max_input=8000)
    plain, written = Usage(1_000_000, 0), Usage(1_000_000, 0, written_tokens=1_000_000)

    assert cost_usd(luna, plain, AT) == Decimal("0.2")  # above 272,000 tokens all costs twice as much
    assert cost_usd(luna, written, AT) == Decimal("0.25")
    assert cost_usd(old, written, AT) == cost_usd(old, plain, AT)


def test_an_unknown_model_has_no_known_cost() -> None:
    assert cost_usd(Model(name="quintal-1", max_input=8000), Usage(1000, 100), AT) is None


def test_a_server_of_ones_own_does_not_cost_what_openai_takes() -> None:
    model = Model(name="gpt-4o-mini", max_input=8000, base_url="http://127.0.0.1:8080/v1")

    assert cost_usd(model, Usage(1000, 100), AT) is None


def test_another_provider_is_known_by_its_address() -> None:
    model = Model(name="deepseek-chat", max_input=8000, base_url="https://api.deepseek.com/v1")

    cost = cost_usd(model, Usage(1000, 100), AT)

    assert cost is not None
    assert cost > 0


def test_a_model_on_this_machine_costs_nothing() -> None:
    assert cost_usd(Model(name="gpt-4o-mini", max_input=8000, gguf="/models/small.gguf"), Usage(1000, 100), AT) == 0


@pytest.mark.parametrize("usage", [Usage(100, 10, 900), Usage(100, 10, -1), Usage(-1, 10), Usage(10, -1)])
def test_counts_that_cannot_be_have_no_known_cost(usage: Usage) -> None:
    assert cost_usd(Model(name="gpt-4o-mini", max_input=8000), usage, AT) is None
