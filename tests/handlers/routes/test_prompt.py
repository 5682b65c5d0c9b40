import msgspec
import pytest

from memory.usage.budget import CallOption
from settings import ROOT
from tests.conftest import enter, services_of, settings_for


@pytest.fixture
def place(place, tmp_path):
    prompts = tmp_path / "prompts"
    (prompts / "store").mkdir(parents=True)
    for name in ("system.md", "summarise.md"):
        (prompts / name).write_bytes((ROOT / "prompts" / name).read_bytes())
    (prompts / "store" / "products.csv").write_text("sku,name,price\nMUG-1,Blue <b>mug</b>,5.00\nRUG-1,Red rug,50.00\n")
    return msgspec.structs.replace(place, prompts=prompts)


@pytest.fixture
async def ana(open_shop, upstream):
    return enter(open_shop(settings_for(upstream, "ok", catalogue={"whole_tokens": 0})), "ana")


async def test_the_page_shows_each_row_and_why_it_was_found(ana):
    await ana.post("/messages", {"content": "How much is the mug?"})
    page = (await ana.get("/prompt")).text

    assert "Found for your last question" in page
    assert "<td>MUG-1 | Blue mug" in page
    assert "<td>words: mug" in page
    assert "The customer&#39;s message:" in page
    assert "(your next question)" in page


async def test_the_reasons_are_in_the_language_of_the_page(ana):
    await ana.post("/messages", {"content": "How much is the mug?"})
    page = (await ana.get("/prompt", Accept_Language="pt-BR")).text

    assert "<td>palavras: mug" in page
    assert "Encontrado para a sua última pergunta" in page


async def test_a_new_conversation_has_no_rows(ana):
    page = (await ana.get("/prompt")).text

    assert "Found for your last question" not in page
    assert "(your next question)" in page


async def test_the_ruler_counts_the_rows(ana):
    await ana.post("/messages", {"content": "How much is the mug?"})

    assert 'class="rows"' in (await ana.get("/ruler")).text


@pytest.mark.parametrize("name", ["ana", "bob"])
async def test_most_of_a_budget_is_said_with_the_time_of_the_next(open_shop, upstream, name):
    settings = settings_for(upstream, "ok", contact="ola@shop.example", budget={"daily_tokens_per_user": 20_000})
    asking = enter(open_shop(settings), name)
    assert "limit is used" not in (await asking.get("/ruler")).text
    budget, now = services_of(asking.app).budget, services_of(asking.app).now()
    budget.reserve(name, "summary", [CallOption("ok", 16_000, 0, lambda: None)], now)

    assert 'It resets at <time datetime="2026-11-24T00:00:00+00:00">' in (await asking.get("/ruler")).text


async def test_the_refusal_has_the_time_and_the_contact(open_shop, upstream):
    settings = settings_for(upstream, "ok", contact="ola@shop.example", budget={"daily_tokens_per_user": 10})
    bob = enter(open_shop(settings), "bob")

    for answered in (await bob.send("/messages", {"content": "Hi?"}), await bob.post("/messages", {"content": "Hi?"})):
        assert answered.status == 429
        assert '<time datetime="2026-11-24T00:00:00+00:00">' in answered.text
        assert "mailto:ola@shop.example" in answered.text.partition("message limit")[2][:400]
