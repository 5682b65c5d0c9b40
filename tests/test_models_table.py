"""The table of models in docs/models.md against settings.toml, which holds the limits, and genai-prices, which holds the prices."""

import re
import tomllib
from decimal import Decimal

import pytest

from settings import ROOT

ROW = re.compile(
    r"\| (?P<name>[\w.-]+) \| (?P<max_input>[\d,]+) \| (?P<max_output>[\d,]+) "
    r"\| (?P<input>[\d.]+) \| (?P<cached>[\d.]+) \| (?P<output>[\d.]+) \|"
)
ROWS = [match.groupdict() for match in ROW.finditer((ROOT / "docs" / "models.md").read_text())]
SETTINGS = {model["name"]: model for model in tomllib.loads((ROOT / "settings.toml").read_text())["models"]}


def price(name: str, input_tokens: int = 0, cached_tokens: int = 0, output_tokens: int = 0) -> Decimal:
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=input_tokens + cached_tokens, cache_read_tokens=cached_tokens, output_tokens=output_tokens
    )
    return calc_price(usage, model_ref=name, provider_id="openai").total_price


def test_every_model_of_the_settings_has_a_row() -> None:
    assert {row["name"] for row in ROWS} == set(SETTINGS)


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_a_models_row_matches_the_settings_and_the_price_list(row: dict[str, str]) -> None:
    limits = SETTINGS[row["name"]]

    assert int(row["max_input"].replace(",", "")) == limits["max_input"]
    assert int(row["max_output"].replace(",", "")) == limits["max_output"]
    hundred_thousand = 100_000  # below the price step; the table is per million
    assert Decimal(row["input"]) == price(row["name"], input_tokens=hundred_thousand) * 10
    assert Decimal(row["cached"]) == price(row["name"], cached_tokens=hundred_thousand) * 10
    assert Decimal(row["output"]) == price(row["name"], output_tokens=hundred_thousand) * 10


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_no_model_is_promised_more_than_its_whole_window(name: str) -> None:
    from genai_prices.data_snapshot import get_snapshot

    window = next(
        model.context_window
        for provider in get_snapshot().providers
        if provider.id == "openai"
        for model in provider.models
        if model.is_match(name)
    )

    assert window is not None
    assert SETTINGS[name]["max_input"] + SETTINGS[name]["max_output"] <= window
