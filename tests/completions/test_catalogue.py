from collections.abc import Callable
from pathlib import Path

import pytest

from completions.catalogue import CatalogueModel
from completions.client import complete
from completions.request import CompletionRequest
from completions.stream import Delta, Finished
from settings import CODE, Settings
from shop.answers.asking import ShopQuestion
from shop.answers.card import Speaker
from shop.catalogue import Catalogue, NotBuilt, Work
from shop.search.index import build
from tests.support.catalogues import contents_of, products_of

ROWS = "sku,name,category,price,stock\nMU-1,Blue mug,Mugs,20.00,5\nMU-2,Clay jug,Jugs,50.00,0\n"
TEXTS = {"rules.md": "# Delivery\n\n- Delivery costs R$ 20.00.\n\nWrite to hi@shop.example"}


def build_rows(work: Work) -> None:
    build(contents_of(products_of(ROWS), TEXTS), work.target)


def build_nothing(work: Work) -> None:
    raise NotBuilt("there is nothing")


def speak(code: str) -> Speaker | None:
    """Speak English and a Portuguese that is marked."""
    return {"en": Speaker("en", str), "pt": Speaker("pt_BR", lambda said: f"[pt] {said}")}.get(code)


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., CatalogueModel]:
    (tmp_path / "prompts" / "store").mkdir(parents=True)

    def model(builder: Callable[[Work], None] = build_rows, contact: str = "") -> CatalogueModel:
        shop = Catalogue(tmp_path / "prompts", build=builder)
        shop.configure("BRL")
        return CatalogueModel(shop, Settings(currency="BRL", contact=contact), speak)

    return model


async def test_an_answer_is_streamed_like_any_models(model: Callable[..., CatalogueModel]) -> None:
    asked = ShopQuestion("How much is the blue mug?")
    request = CompletionRequest(CODE, [{"role": "user", "content": "-"}], 100, asked=asked)
    events = [event async for event in model().stream(request)]

    assert events[-1] == Finished("stop")
    assert all(isinstance(event, Delta) for event in events[:-1])
    assert "".join(event.text for event in events if isinstance(event, Delta)) == model().answer(asked).text


def test_a_photo_is_not_passed_over_in_silence(model: Callable[..., CatalogueModel]) -> None:
    plain = model().answer(ShopQuestion("How much is the blue mug?"))
    seen = model().answer(ShopQuestion("How much is the blue mug?", has_photo=True))

    assert seen.text == f"I can't look at photos, so this answer goes by your words alone.\n\n{plain.text}"
    assert seen.products == plain.products


async def test_without_a_turn_the_last_message_is_the_question(model: Callable[..., CatalogueModel]) -> None:
    answer = await complete(model(), CompletionRequest(CODE, [{"role": "user", "content": "clay jug price?"}], 100))

    assert answer.text.startswith("Clay jug costs R$50.00.")
    assert (answer.reason, answer.usage) == ("stop", None)


@pytest.mark.parametrize(
    ("question", "page", "is_portuguese"),
    [
        ("quanto custa o jarro?", "en", True),
        ("How much is the jug?", "pt", False),
        ("MU-2", "pt", True),
        ("MU-2", "en", False),
        ("MU-2", "xx", False),
    ],
)
def test_an_answer_is_in_the_questions_language(
    question: str, page: str, is_portuguese: bool, model: Callable[..., CatalogueModel]
) -> None:
    assert ("[pt]" in model().answer(ShopQuestion(question, language=page)).text) is is_portuguese


def test_a_follow_up_reads_the_skus_of_the_last_answer(model: Callable[..., CatalogueModel]) -> None:
    asked = model()
    first = asked.answer(ShopQuestion("Do you have the clay jug?"))

    assert asked.answer(ShopQuestion("and its price?", "Do you have the clay jug?", first.text)).products == ("MU-2",)


def test_the_last_resort_says_so_and_whom_to_ask(model: Callable[..., CatalogueModel]) -> None:
    found = model().last_resort(ShopQuestion("How much is the blue mug?"))
    nothing = model().last_resort(ShopQuestion("tyres?"))

    assert found.startswith("The assistant can't answer right now. This may help:\n\nBlue mug costs R$20.00.")
    assert found.endswith("Contact us:\n\n- Write to hi@shop.example")
    assert nothing.startswith("The assistant can't answer right now, and we found nothing")
    assert nothing.endswith("- Write to hi@shop.example")
    assert nothing.count("hi@shop.example") == 1


def test_without_data_there_is_the_contact_at_most(model: Callable[..., CatalogueModel]) -> None:
    assert model(build_nothing).last_resort(ShopQuestion("mugs?")) == ""
    assert "ana@shop.example" in model(build_nothing, contact="ana@shop.example").last_resort(ShopQuestion("mugs?"))
    assert model(build_nothing).answer(ShopQuestion("mugs?")).kind == "nothing"


def test_the_owners_own_answer_wins_at_the_next_question(model: Callable[..., CatalogueModel], tmp_path: Path) -> None:
    code = model()
    assert code.answer(ShopQuestion("How much is the blue mug?")).products == ("MU-1",)

    file = tmp_path / "prompts" / "store" / "answers.md"
    file.write_text("## What does the blue mug cost?\n\nAsk us on Friday.\n")
    answer = code.answer(ShopQuestion("Hello, how much is the blue mug?"))

    assert (answer.text, answer.kind, answer.texts) == ("Ask us on Friday.", "texts", ("answers.md:3",))
    assert "Ask us on Friday." in code.last_resort(ShopQuestion("price of the blue mug"))
    assert code.instead(ShopQuestion("price of the blue mug"), ["MU-1"]).endswith("Ask us on Friday.")
    file.write_text("## What does the blue mug cost?\n\nAsk us on Monday, please.\n")
    assert code.answer(ShopQuestion("Hello, how much is the blue mug?")).text == "Ask us on Monday, please."


def test_own_answers_need_no_index(model: Callable[..., CatalogueModel], tmp_path: Path) -> None:
    (tmp_path / "prompts" / "store" / "answers.md").write_text("**Do you gift-wrap?**\nYes.\n")

    assert model(build_nothing).answer(ShopQuestion("do you gift-wrap?")).text == "Yes."
