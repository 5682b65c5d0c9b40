"""Tests of the owner's settings page."""

import re

from settings import VERSION
from tests.conftest import enter, settings_for


async def test_the_settings_are_shown_and_no_secret_with_them(open_shop, upstream, users):
    parameters = {"temperature": 0.2, "extra_headers": {"X": "sk-hidden1"}, "api_key": "sk-hidden2", "user": "shop"}
    models = [
        {
            "name": "ok", "max_input": 9000, "base_url": "http://ana:sk-hidden3@127.0.0.1:9/v1?key=sk-hidden4",
            "api_key_env": "SHOP_KEY", "parameters": parameters,
        }
    ]  # fmt: skip
    ana = enter(open_shop(settings_for(upstream, "ok", models=models)), "ana")

    text = (await ana.get("/admin/settings")).text

    assert f"Storekeeper, version {VERSION}" in text
    assert "sk-hidden" not in text
    rows = dict(re.findall(r"<code>([^<]+)</code></th><td>([^<]*)</td>", text))
    assert rows["signup"] == "closed"
    assert rows["limits.message_chars"] == "20,000"
    assert rows["owner_reads_conversations"] == "no"
    assert rows["ok: base_url"] == "http://127.0.0.1:9/v1"
    assert rows["ok: key"] == "SHOP_KEY, not set"
    assert rows["ok: parameters.temperature"] == "0.2"
    assert rows["ok: parameters.api_key"] == "(set, hidden)"
