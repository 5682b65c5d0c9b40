"""Tests of the owner's usage page."""

import re
from datetime import timedelta

from tests.support.ledgers import use


async def test_the_usage_of_the_shop_is_the_sum_of_its_people(ana, users):
    use(users.folder("ana"), tokens=1000)
    use(users.folder("bob"), tokens=8000, ago=timedelta(days=31))
    use(users.folder("bob"), tokens=4000, ago=timedelta(days=20), purpose="summary")
    use(users.folder("bob"), tokens=2000, ago=timedelta(days=2))
    use(users.folder("bob"), tokens=100, ending="key_refused", model="gpt-6.1-terra", cost=None)

    text = (await ana.get("/admin/usage")).text

    totals = re.findall(r"<p>([\d,]+) messages?, ([\d,]+) tokens, US\$ ([\d.]+)", text)
    assert totals == [("1", "1,100", "0.0012"), ("2", "3,100", "0.0024"), ("2", "7,100", "0.0036")]
    assert text.count('<svg class="plot"') == 3
    assert (
        "<td>gpt-6.1-terra</td><td>The shop&#39;s key for the assistant was not accepted. <code>key_refused</code></td>"
        in text
    )
    assert "style=" not in text


async def test_a_ledger_is_read_again_when_it_has_grown(ana, users):
    use(users.folder("bob"), tokens=1000)
    assert "1 message, 1,000 tokens" in (await ana.get("/admin/usage")).text

    use(users.folder("bob"), tokens=1000)

    assert "2 messages, 2,000 tokens" in (await ana.get("/admin/usage")).text


async def test_a_search_is_no_error_of_a_model(ana, users):
    use(users.folder("bob"), ending="tool_calls")

    assert "tool_calls" not in (await ana.get("/admin/usage")).text
