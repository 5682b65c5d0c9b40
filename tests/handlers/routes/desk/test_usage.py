"""Tests of the owner's usage page."""

import re
from datetime import timedelta

import pytest

from tests.support.ledgers import use
from tests.support.shop import PASSWORD


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


@pytest.mark.parametrize("file", ["feedback.csv", "wrong-claims.csv"])
async def test_files_of_customers_words_take_the_password(ana, file):
    refused = await ana.post(f"/admin/feedback/{file}", {"password": "not this one"})

    assert refused.status == 403
    assert 'aria-invalid="true"' in refused.text
    assert (await ana.get(f"/admin/feedback/{file}")).status == 405
    taken = await ana.post(f"/admin/feedback/{file}", {"password": PASSWORD})
    assert taken.status == 200
    assert taken.headers["content-disposition"] == f'attachment; filename="{file}"'


async def test_no_other_file_is_handed_out(ana):
    assert (await ana.post("/admin/feedback/account.toml", {"password": PASSWORD})).status == 404
