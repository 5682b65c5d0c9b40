"""Tests of the first run: its five steps, which can be skipped and resumed, and what each of them writes."""

import re
import stat
from pathlib import Path

import pytest

from handlers.desk import example, setup
from handlers.desk.setup import STEPS
from memory.people import invites
from memory.storage.users import Users
from settings import Environment
from shop.editing import versions
from tests.conftest import enter
from tests.support.first_run import FirstRun, first_run
from tests.support.pictures import picture
from tests.support.shop import PASSWORD, Answered, Clock, Visitor
from tests.support.upstream import Upstream

LATER = b"Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Status\nrede,Rede azul,<p>De algod\xc3\xa3o.</p>,Ana,Redes,,TRUE,Title,Default Title,AZ-1,4,199.90,,active\n"


@pytest.fixture
def run(place: Environment, users: Users, clock: Clock, tmp_path: Path) -> FirstRun:
    return first_run(place, tmp_path / "shop", clock)


def location(answered: Answered) -> str:
    assert answered.status == 303, answered.text
    return answered.headers["location"]


def seen(page: Answered) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


FORM = {"shop": "Redes da Ana", "contact": "ola@redes.example", "timezone": "America/Recife", "color": "#7a1f5c",
        "greeting": "Sit down.", "week-opens": "09:00", "week-closes": "18:00", "saturday-opens": "09:00",
        "saturday-closes": "13:00", "sunday-opens": "", "sunday-closes": ""}  # fmt: skip


# The way through


async def test_the_steps_are_skipped_and_resumed(run: FirstRun) -> None:
    for number, step in enumerate(STEPS):
        assert location(await run.ana.get("/admin/setup")) == f"/admin/setup/{step}"
        page = await run.ana.get(f"/admin/setup/{step}")
        assert page.status == 200
        assert page.text.count('<span class="state">') == number
        left = await run.ana.post(f"/admin/setup/{step}/skip")
        assert location(left) == (f"/admin/setup/{STEPS[number + 1]}" if number < 4 else "/admin/setup")

    page = await run.ana.get("/admin/setup")

    assert page.status == 200
    assert [f'href="/admin/setup/{step}"' in page.text for step in STEPS] == [True] * 5


async def test_pages_lead_back_until_all_is_done_or_skipped(run: FirstRun) -> None:
    for path in ("/", "/admin/customers"):
        assert '<a href="/admin/setup">' in (await run.ana.get(path)).text
        assert '<a href="/admin/setup">' not in (await enter(run.app, "bob").get("/")).text
    assert '<a href="/admin/setup">' not in (await run.ana.get("/admin/setup/data")).text
    for step in STEPS:
        await run.ana.post(f"/admin/setup/{step}/done")
    for path in ("/", "/admin/customers"):
        assert '<a href="/admin/setup">' not in (await run.ana.get(path)).text


async def test_a_shop_that_runs_already_is_not_led(run: FirstRun) -> None:
    (run.services.users.root / ".setup").unlink()

    assert '<a href="/admin/setup">' not in (await run.ana.get("/admin/customers")).text
    page = await run.ana.get("/admin/setup")
    assert page.status == 200
    assert [f'href="/admin/setup/{step}"' in page.text for step in STEPS] == [True] * 5


async def test_what_is_done_stays_done(run: FirstRun) -> None:
    await run.ana.post("/admin/setup/try/done")
    await run.ana.post("/admin/setup/try/skip")
    file = run.services.users.root / ".setup"
    file.write_bytes(file.read_bytes() + b"nothing done\n\xff\n")

    assert setup.read(run.services.users) == {"try": "done"}


# 1: the shop


async def test_the_shop_is_branded_at_once(run: FirstRun) -> None:
    first = await run.ana.get("/admin/setup/shop")

    answered = await run.send("/admin/setup/shop", FORM | {"seen": seen(first)}, logo=("sign.png", picture("PNG")))

    assert location(answered) == "/admin/setup/data"
    settings = run.settings
    assert (settings.shop, settings.contact, settings.timezone) == ("Redes da Ana", FORM["contact"], FORM["timezone"])
    assert settings.hours == "Mo-Fr 09:00-18:00, Sa 09:00-13:00"
    assert (settings.brand.color, settings.brand.greeting, settings.brand.logo) == ("#7a1f5c", "Sit down.", "logo.png")
    assert "# Storekeeper's settings: the one file to edit" in run.file.read_text()
    page = (await run.ana.get("/")).text
    assert '<img class="logo"' in page
    assert "Redes da Ana" in page
    changed = {what: (before, after) for what, before, after in run.changed()}
    assert changed["settings.toml: shop"] == ("Quintal Caburé", "Redes da Ana")
    assert changed["settings.toml: hours"] == ("", "Mo-Fr 09:00-18:00, Sa 09:00-13:00")
    assert "file logo.png: uploaded" in changed
    earlier = versions.earlier(versions.editable(run.services.prompts, run.file))
    assert len(earlier) == 1


async def test_the_form_shows_what_is_set_and_writes_only_changes(run: FirstRun) -> None:
    await run.send("/admin/setup/shop", FORM | {"seen": seen(await run.ana.get("/admin/setup/shop"))})
    page = await run.ana.get("/admin/setup/shop")
    for value in ("Redes da Ana", "09:00", "13:00", "#7a1f5c", "America/Recife</option>"):
        assert value in page.text
    before = run.file.read_bytes()

    await run.send("/admin/setup/shop", FORM | {"seen": seen(page)})
    assert run.file.read_bytes() == before
    await run.send(
        "/admin/setup/shop", FORM | {"seen": seen(page), "color": "#1f5c4d", "week-opens": "", "week-closes": ""}
    )

    assert run.settings.hours == "Sa 09:00-13:00"
    assert run.settings.brand.color == ""


async def test_the_shop_speaks_the_language_its_owner_reads(run: FirstRun) -> None:
    page = await run.ana.get("/admin/setup/shop", Accept_Language="pt-BR")
    assert '<option value="pt_BR" lang="pt-BR" selected>' in page.text

    await run.send("/admin/setup/shop", FORM | {"seen": seen(page), "language": "pt_BR"})
    invited = await run.ana.post("/admin/setup/people/invite", {"signup": "invite"})

    assert run.settings.language == "pt_BR"
    assert "Crie a sua conta aqui" in invited.text
    assert '<option value="pt_BR" lang="pt-BR" selected>' in (await run.ana.get("/admin/setup/shop")).text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("shop", " ", "Enter your shop"),
        ("language", "xx", "Choose one of these"),
        ("shop", "x" * 81, "at most 80 characters"),
        ("color", "#ffcc00", 'value="#8a6f00"'),
        ("color", "red", "Choose a colour"),
        ("week-closes", "", "Enter both times"),
        ("week-closes", "late", "can&#39;t be read"),
        ("greeting", "x" * 501, "at most 500 characters"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(run: FirstRun, field: str, value: str, said: str) -> None:
    before = run.file.read_bytes()

    answered = await run.send("/admin/setup/shop", FORM | {"seen": "0" * 64, field: value})

    assert answered.status == 422
    assert said in answered.text
    assert 'aria-invalid="true"' in answered.text
    assert "ola@redes.example" in answered.text
    assert run.file.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [("a.png", b"no picture", 422), ("a.svg", b"<svg", 422), ("a.png", b"x" * 4_400_000, 413)],
)
async def test_a_file_that_is_no_logo_changes_nothing(run: FirstRun, name: str, data: bytes, status: int) -> None:
    answered = await run.send(
        "/admin/setup/shop", FORM | {"seen": seen(await run.ana.get("/admin/setup/shop"))}, logo=(name, data)
    )

    assert answered.status == status
    assert 'id="logo-wrong"' in answered.text
    assert run.settings.shop == "Quintal Caburé"


async def test_of_two_who_edit_the_second_is_told(run: FirstRun) -> None:
    first = seen(await run.ana.get("/admin/setup/shop"))
    run.file.write_text(run.file.read_text() + "# somebody was here\n")

    answered = await run.send("/admin/setup/shop", FORM | {"seen": first})

    assert answered.status == 409
    assert "Somebody else changed the settings" in answered.text
    assert 'value="Redes da Ana"' in answered.text
    assert run.file.read_text().endswith("# somebody was here\n")


async def test_hours_that_the_form_cannot_hold_are_edited_as_text(run: FirstRun) -> None:
    hours = "Mo-Fr 09:00-12:00, 13:00-18:00"
    run.file.write_text(f'hours = "{hours}"\n' + run.file.read_text())
    assert run.web.live is not None
    await run.web.live.look()
    page = await run.ana.get("/admin/setup/shop")
    assert f'name="hours" value="{hours}"' in page.text

    wrong = await run.send("/admin/setup/shop", FORM | {"seen": seen(page), "hours": "always"})
    await run.send("/admin/setup/shop", FORM | {"seen": seen(page), "hours": f"{hours}, Sa 09:00-13:00"})

    assert wrong.status == 422
    assert run.settings.hours == f"{hours}, Sa 09:00-13:00"


# 2: the data


async def test_an_upload_takes_the_place_of_the_example(run: FirstRun) -> None:
    run.services.shop.refresh()
    answered = await run.send("/admin/setup/data/upload", {"remove-example": "1"}, file=("products_export.csv", LATER))

    assert location(answered) == "/admin/setup/data?said=uploaded"
    store = run.services.prompts / "store"
    assert [path.name for path in store.iterdir()] == ["products_export.csv"]
    assert not (run.services.prompts / "questions.pt_BR.md").exists()
    assert run.settings.examples == ()
    run.services.shop.refresh()
    page = (await run.ana.get(location(answered))).text
    assert "1 product, 0 texts" in page
    assert "Your file is in use." in page
    assert "file about.md: removed" in {what for what, _, _ in run.changed()}
    assert (run.services.prompts / ".versions" / "about.md").is_dir()


async def test_files_of_the_owners_own_stay(run: FirstRun) -> None:
    (run.services.prompts / "store" / "about.md").write_text("# Mine\n")

    assert location(await run.ana.post("/admin/setup/data/example")) == "/admin/setup/data?said=removed"

    assert [path.name for path in (run.services.prompts / "store").iterdir()] == ["about.md"]
    assert example.present(run.services.prompts) == []


async def test_an_upload_that_is_none_is_refused(run: FirstRun) -> None:
    for name, data in (("a.exe", b"MZ"), ("", b"")):
        answered = await run.send("/admin/setup/data/upload", {"remove-example": "1"}, file=(name, data))
        assert answered.status == 422
        assert 'id="file-wrong"' in answered.text
    assert len(example.present(run.services.prompts)) == len(example.FILES)


@pytest.mark.parametrize(
    "address",
    ["shop.example/feed.xml", "http://shop.example/feed.xml", "https://169.254.169.254/feed", "https://metadata/feed",
     "file:///etc/passwd", "https://" + "x" * 2000, "http://[fe80::1]/"],
)  # fmt: skip
async def test_an_address_that_is_no_feeds_is_refused(run: FirstRun, address: str) -> None:
    answered = await run.ana.post("/admin/setup/data/feed", {"feed": address})

    assert answered.status == 422
    assert 'id="feed-wrong"' in answered.text
    assert run.settings.catalogue.feed == ""


async def test_the_secrets_of_a_feeds_address_are_shown_nowhere(run: FirstRun) -> None:
    address, hidden = "https://ana:word-1@shop.example/feed.xml?token=word-2", "https://***@shop.example/feed.xml?***"
    for path, key in (("/admin/setup/data/feed", "feed"), ("/admin/settings/catalogue", "catalogue.feed")):
        await run.ana.post(path, {key: ""})
        seen = re.search(r'name="seen" value="([^"]*)"', (await run.ana.get("/admin/settings")).text)
        assert seen
        await run.ana.post(path, {key: address, "seen": seen[1]})
        assert run.settings.catalogue.feed == address

        pages = [(await run.ana.get(page)).text for page in ("/admin/setup/data", "/admin/settings", "/admin/audit")]

        assert [hidden in page for page in pages] == [True] * 3
        assert not any(re.search("word-[12]", page) for page in pages)
        seen = re.search(r'name="seen" value="([^"]*)"', pages[1])
        assert seen
        assert (await run.ana.post(path, {key: hidden, "seen": seen[1]})).status == 303
        assert (await run.ana.post(path, {key: hidden.replace("shop", "other"), "seen": seen[1]})).status == 422
        assert run.settings.catalogue.feed == address
    assert "word-" not in (run.services.users.shared.path / ".audit.csv").read_text()


async def test_a_feed_is_saved_and_taken_out(run: FirstRun) -> None:
    await run.ana.post("/admin/setup/data/feed", {"feed": "https://shop.example/feed.xml"})
    assert run.settings.catalogue.feed == "https://shop.example/feed.xml"

    await run.ana.post("/admin/setup/data/feed", {"feed": ""})

    assert run.settings.catalogue.feed == ""


# 3: the model

KEY = "sk-proj-0123456789abcdef0123456789abcdef"


async def test_a_key_is_tried_then_kept_and_never_shown(
    place: Environment, users: Users, clock: Clock, tmp_path: Path, upstream: Upstream
) -> None:
    run = first_run(place, tmp_path / "shop", clock, OPENAI_BASE_URL=upstream.url("ok"))
    run.dotenv.write_text("STOREKEEPER_NOTE=mine\n")

    answered = await run.ana.post("/admin/setup/model", {"way": "key", "key": KEY, "password": PASSWORD})

    assert location(answered) == "/admin/setup/try"
    assert run.dotenv.read_text().startswith("STOREKEEPER_NOTE=mine\n")
    assert KEY in run.dotenv.read_text()
    assert stat.S_IMODE(run.dotenv.stat().st_mode) == 0o600
    assert run.settings.chat[0] == "gpt-6-luna"
    assert (".env: OPENAI_API_KEY", "***", "***") in run.changed()
    for path in ("/admin/setup/model", "/admin/settings", "/admin/audit"):
        assert KEY not in (await run.ana.get(path)).text
    assert "gpt-6-luna" in (await run.ana.get("/admin/setup/model")).text


async def test_a_server_is_found_by_its_address(run: FirstRun, upstream: Upstream) -> None:
    address = upstream.url("ok")

    answered = await run.ana.post(
        "/admin/setup/model", {"way": "address", "address": address, "name": "ok", "password": PASSWORD}
    )

    assert location(answered) == "/admin/setup/try"
    assert (run.settings.chat, run.settings.summariser) == (("ok",), ("ok",))
    model = run.settings.model("ok")
    assert (model.base_url, model.max_input, model.api_key_env) == (address, 8000, None)
    assert not run.dotenv.exists()
    assert "# A server of your own" in run.file.read_text()
    assert ("settings.toml: chat", "gpt-6-luna | gpt-6.1-terra", "ok") in run.changed()


async def test_a_servers_key_goes_into_a_variable_of_its_own(run: FirstRun, upstream: Upstream) -> None:
    form = {"way": "address", "address": upstream.url("ok"), "name": "ok", "server-key": KEY, "password": PASSWORD}

    assert location(await run.ana.post("/admin/setup/model", form)) == "/admin/setup/try"

    assert run.settings.model("ok").api_key_env == "MODEL_API_KEY"
    assert f"MODEL_API_KEY='{KEY}'" in run.dotenv.read_text()
    assert KEY not in run.file.read_text()


async def test_an_address_with_a_user_is_no_models(run: FirstRun, upstream: Upstream) -> None:
    address = upstream.url("ok").replace("://", "://ana:word-1@")
    refused = await run.ana.post("/admin/setup/model", {"way": "address", "address": address, "password": PASSWORD})

    assert refused.status == 422
    assert "Enter the whole address" in refused.text
    assert run.settings.chat[0] != "ok"


@pytest.mark.parametrize(
    ("script", "said"),
    [("r401", "This key was refused"), ("r429_quota", "no credit left"), ("nowhere", "it is no model")],
)
async def test_a_model_that_does_not_answer_is_not_kept(
    run: FirstRun, upstream: Upstream, script: str, said: str
) -> None:
    before = run.file.read_bytes()
    form = {"way": "address", "address": upstream.url(script), "name": "m", "server-key": KEY, "password": PASSWORD}

    answered = await run.ana.post("/admin/setup/model", form)

    assert answered.status == 422
    assert said in answered.text
    assert KEY not in answered.text
    assert (run.file.read_bytes(), run.dotenv.exists()) == (before, False)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"way": "key", "key": ""}, "key"),
        ({"way": "key", "key": "sk-\n1"}, "key"),
        ({"way": "key", "key": "clé"}, "key"),
        ({"way": "address", "address": "shop"}, "address"),
        ({"way": "address", "address": "http://169.254.169.254/v1"}, "address"),
        ({"way": "address", "address": "http://0xA9FEA9FE/v1"}, "address"),
        ({"way": "address", "address": "http://metadata.google.internal/v1"}, "address"),
    ],
)
async def test_what_can_be_no_model_is_not_even_asked(run: FirstRun, form: dict[str, str], field: str) -> None:
    answered = await run.ana.post("/admin/setup/model", {**form, "password": PASSWORD})

    assert answered.status == 422
    assert f'id="{field}-wrong"' in answered.text


async def test_the_owners_password_is_asked_for(run: FirstRun, upstream: Upstream) -> None:
    form = {"way": "address", "address": upstream.url("ok"), "name": "ok"}

    for password in ({}, {"password": "not this one"}):
        answered = await run.ana.post("/admin/setup/model", form | password)
        assert answered.status == 403
        assert 'id="password-wrong"' in answered.text
        assert f'value="{form["address"]}"' in answered.text

    assert run.settings.chat == ("catalogue",)


async def test_a_key_of_the_environment_wins_and_the_page_says_so(
    run: FirstRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    page = (await run.ana.get("/admin/setup/model")).text

    assert "That key is used" in page
    assert KEY not in page
    assert 'name="key"' not in page


# 4 and 5: the trial, and people


async def test_the_trial_shows_questions_that_the_data_answer(run: FirstRun) -> None:
    await run.ana.post("/admin/setup/data/example")
    (run.services.prompts / "store" / "products.csv").write_bytes(LATER)
    run.services.shop.refresh()
    snapshot = run.services.shop.snapshot
    assert snapshot is not None

    page = (await run.ana.get("/admin/setup/try")).text

    assert '<input type="hidden" name="content" value="How much is Rede azul?">' in page
    assert 'href="/"' in page
    answered = await run.ana.post("/messages", {"content": "How much is Rede azul?", "after": "0"})
    assert location(answered).startswith("/")
    assert "199.90" in (await run.ana.get("/")).text


async def test_an_invitation_opens_sign_up_and_is_shown_once(run: FirstRun, clock: Clock) -> None:
    refused = await run.ana.post("/admin/setup/people/invite")
    assert refused.status == 409
    page = await run.ana.post("/admin/setup/people/invite", {"signup": "invite"})

    found = re.search(r'<pre id="link"[^>]*>(http://localhost:8000/signup\?token=[\w-]+)</pre>', page.text)
    assert found is not None
    assert run.settings.signup == "invite"
    assert len(invites.standing(run.services.users, clock())) == 1
    assert found[1] not in (await run.ana.get("/admin/setup/people")).text
    assert "on this computer only" in page.text
    bea = Visitor(run.app)
    form = {"token": found[1].partition("=")[2], "username": "bea", "password": "a chair by the window"}
    assert location(await bea.post("/signup", form)) == "/"
    assert (await bea.get("/admin/setup")).status == 404


async def test_who_may_sign_up_is_chosen(run: FirstRun) -> None:
    assert (await run.ana.post("/admin/setup/people", {"signup": "nobody"})).status == 422

    assert location(await run.ana.post("/admin/setup/people", {"signup": "open"})) == "/admin/setup"

    assert run.settings.signup == "open"
    assert ("settings.toml: signup", "closed", "open") in run.changed()


async def test_settings_that_come_from_no_file_are_not_changed(ana: Visitor) -> None:
    for path, form in (
        ("/admin/setup/people", {"signup": "open"}),
        ("/admin/setup/data/feed", {"feed": "https://shop.example/feed.xml"}),
    ):
        answered = await ana.post(path, form)
        assert answered.status == 409
        assert "don&#39;t come from a file" in answered.text
