"""Tests of the owner's settings page."""

import re
import shutil
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from handlers.pages import setting_forms
from handlers.web.live_settings import add_live_settings
from memory.people import audit
from memory.storage.users import Users
from server import create_app
from settings import ROOT, VERSION, Environment, Settings, load
from tests.conftest import enter, settings_for
from tests.support.shop import PASSWORD, Visitor
from tests.support.snapshots import build_here


async def test_the_settings_are_shown_and_no_secret_with_them(open_shop, upstream, users):
    parameters = {"temperature": 0.2, "extra_headers": {"X": "sk-hidden1"}, "api_key": "sk-hidden2", "user": "shop"}
    models = [
        {
            "name": "ok", "max_input": 9000, "base_url": "http://127.0.0.1:9/v1?key=sk-hidden4",
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


# Saving

WRITTEN = """\
shop = "Casa" # the name
chat = ["catalogue"]
summariser = ["catalogue"]

[limits]
message_chars = 500 # short
messages_per_minute = 0
"""


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    file: Path = tmp_path / getattr(request, "param", "settings.toml")
    file.write_text(WRITTEN)
    return file


@pytest.fixture
def ana(place: Environment, users: Users, file: Path, tmp_path: Path) -> Visitor:
    """The owner, at an application that reads a settings.toml of its own, with prompts of its own."""
    prompts = tmp_path / "prompts"
    shutil.copytree(ROOT / "prompts", prompts)
    environment = structs.replace(place, settings_file=file, dotenv=tmp_path / ".env", prompts=prompts)
    app = create_app(load(file), environment, build_index=build_here)
    add_live_settings(app, lambda: (load(file), environment))
    return enter(app, "ana")


async def save(visitor: Visitor, group: str, **changed: str):
    """Send the form of a group as the page has it, with these fields changed."""
    page = (await visitor.get("/admin/settings")).text
    form = {"seen": seen_in(page)} | shown_in(page, group) | changed
    return await visitor.post(f"/admin/settings/{group}", form)


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w*)"', page)
    assert found is not None, page
    return found[1]


def shown_in(page: str, group: str) -> dict[str, str]:
    section = page.partition(f'action="/admin/settings/{group}"')[2].partition("</form>")[0]
    found = dict(re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', section))
    found |= dict(re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', section))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', section, re.S):
        (found[name],) = re.findall(r'value="([^"]*)" selected', options)
    checked = re.findall(r'type="checkbox" name="([^"]+)" value="yes"[^>]* checked', section)
    return found | dict.fromkeys(checked, "yes")


async def test_a_save_is_in_force_at_once_and_keeps_comments(ana, file):
    answered = await save(ana, "shop", shop="Casa Nova", contact="ola@casa.example")

    assert answered.headers["location"] == "/admin/settings?saved=shop#shop"
    assert file.read_text().startswith('shop = "Casa Nova" # the name\n')
    page = (await ana.get("/admin/settings?saved=shop")).text
    assert "Casa Nova" in page
    assert "Saved." in page
    assert "ola@casa.example" in (await ana.get("/")).text


async def test_what_is_not_changed_is_not_written(ana, file):
    for group in ("shop", "people", "answers", "budget", "catalogue", "memory", "limits", "server"):
        assert (await save(ana, group)).status == 303

    assert file.read_text() == WRITTEN


async def test_a_switch_a_choice_and_a_list_are_saved(ana, file):
    await save(ana, "people", owner_reads_conversations="yes", signup="invite", password=PASSWORD)
    await save(ana, "answers", examples="One?\r\n\r\nTwo? \n")

    found = load(file)
    assert (found.owner_reads_conversations, found.signup, found.examples) == (True, "invite", ("One?", "Two?"))

    await save(ana, "people", owner_reads_conversations="", password=PASSWORD)
    assert load(file).owner_reads_conversations is False


@pytest.mark.parametrize(
    ("group", "key", "typed", "told"),
    [
        ("limits", "limits.message_chars", "many", "Enter a whole number."),
        ("limits", "limits.message_chars", "0", "at least 1."),
        ("limits", "limits.reply_seconds", "0", "at least 0."),
        ("limits", "limits.reply_seconds", "nan", "Enter a number"),
        ("budget", "budget.daily_usd", "9999999", "at most 1,000,000."),
        ("answers", "chat", "nobody", "takes names of"),
        ("catalogue", "catalogue.feed", "http://169.254.169.254/latest", "link-local"),
        ("server", "origin", "chat.example.com", "scheme, host and port"),
        ("shop", "currency", "real", "currency"),
        ("shop", "shop", "x" * 6000, "at most 5,000 characters"),
    ],
)
async def test_a_bad_value_is_explained_at_its_field(ana, file, group, key, typed, told):
    answered = await save(ana, group, **{key: typed, "password": PASSWORD})

    assert answered.status == 422
    assert file.read_text() == WRITTEN
    field_id = key.replace(".", "-")
    wrong = re.search(rf'<p class="wrong" id="{field_id}-wrong">([^<]+)</p>', answered.text)
    assert wrong is not None, answered.text
    assert told in wrong[1].replace("&#34;", '"')
    assert typed[:50] in answered.text


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("notify", "notify.smtp", "smtp://bot@127.0.0.1"),
        ("server", "origin", "https://evil.example"),
        ("server", "trusted_proxy", "0.0.0.0/0"),
    ],
)
async def test_where_links_go_is_changed_with_a_password(ana, file, group, key, value):
    """Who has a session alone could read the links by which owners get new passwords."""
    more = {"notify.sender": "bot@shop.example"} if group == "notify" else {}
    refused = [await save(ana, group, **{key: value, **more, "password": word}) for word in ("", "a guess")]

    assert [one.status for one in refused] == [403, 403]
    assert file.read_text() == WRITTEN
    assert f'value="{value}"' in refused[1].text, "what was typed stays"
    assert (await save(ana, group, **{key: value, **more, "password": PASSWORD})).status == 303
    assert value in file.read_text()


async def test_reading_conversations_takes_a_password(ana, file):
    answered = await save(ana, "people", owner_reads_conversations="yes")

    assert answered.status == 403
    assert file.read_text() == WRITTEN


async def test_restoring_what_takes_a_password_takes_it_too(ana, file):
    evil = {"notify.smtp": "smtp://bot@127.0.0.1", "notify.sender": "bot@shop.example"}
    await save(ana, "notify", **evil, password=PASSWORD)
    await save(ana, "notify", **{"notify.smtp": "", "notify.sender": ""}, password=PASSWORD)
    page = (await ana.get("/admin/settings")).text
    version = re.findall(r'href="/admin/settings/versions/([^"]+)"', page)[0]
    compared = (await ana.get(f"/admin/settings/versions/{version}")).text

    form = {"version": version, "seen": seen_in(compared)}
    refused = await ana.post("/admin/settings/restore", form)

    assert refused.status == 403
    assert 'id="password-wrong"' in refused.text
    assert load(file).notify.smtp == ""
    assert (await ana.post("/admin/settings/restore", form | {"password": PASSWORD})).status == 303
    assert load(file).notify.smtp == evil["notify.smtp"]


async def test_a_field_that_was_not_sent_changes_nothing(ana, file):
    await save(ana, "shop", contact="ola@casa.example")
    await save(ana, "people", owner_reads_conversations="yes", password=PASSWORD)

    for group, form in (("shop", {"shop": "Casa Nova"}), ("people", {"signup": "invite"})):
        seen = seen_in((await ana.get("/admin/settings")).text)
        assert (await ana.post(f"/admin/settings/{group}", form | {"seen": seen})).status == 303

    found = load(file)
    assert (found.shop, found.contact) == ("Casa Nova", "ola@casa.example")
    assert (found.signup, found.owner_reads_conversations) == ("invite", True)


async def test_a_switch_that_is_turned_off_is_sent(ana, file):
    await save(ana, "people", owner_reads_conversations="yes", password=PASSWORD)
    page = (await ana.get("/admin/settings")).text
    switch = '<input type="hidden" name="owner_reads_conversations" value="">'

    assert page.partition('type="checkbox" name="owner_reads_conversations"')[0].count(switch) == 1


async def test_other_settings_are_saved_without_a_password(ana, file):
    assert (await save(ana, "notify", **{"notify.quiet": "22:00-07:00"})).status == 303


async def test_numbers_are_read_as_people_write_them(ana, file):
    await save(ana, "limits", **{"limits.kept_bytes_per_person": "400.000.000", "limits.reply_seconds": "12,5"})
    await save(ana, "limits", **{"limits.message_chars": "1,000"})

    found = load(file).limits
    assert (found.kept_bytes_per_person, found.reply_seconds, found.message_chars) == (400_000_000, 12.5, 1000)


async def test_of_two_owners_the_second_is_told(ana, file):
    page = (await ana.get("/admin/settings")).text
    seen = seen_in(page)
    await save(ana, "shop", shop="Of the first")

    form = shown_in(page, "shop") | {"seen": seen, "shop": "Of the second"}
    answered = await ana.post("/admin/settings/shop", form)

    assert answered.status == 409
    assert load(file).shop == "Of the first"
    assert 'value="Of the second"' in answered.text


async def test_a_broken_file_is_shown_and_not_made_worse(ana, file):
    file.write_text('shop = "half')

    page = (await ana.get("/admin/settings")).text

    assert "is not valid TOML" in page
    assert "Save</button>" not in page
    assert (await ana.post("/admin/settings/shop", {"shop": "Mine"})).status in (409, 422)
    assert file.read_text() == 'shop = "half'


async def test_changes_are_listed_and_secrets_masked(ana, users):
    await save(ana, "shop", shop="Casa Nova")
    await save(ana, "server", metrics_token="a token for the figures")

    token, name = audit.latest(users, 2)
    assert (name.who, name.what, name.before, name.after) == ("ana", "settings.toml: shop", "Casa", "Casa Nova")
    assert (token.what, token.before, token.after) == ("settings.toml: metrics_token", "", audit.MASKED)
    assert "a token for the figures" not in (await ana.get("/admin/settings")).text
    await save(ana, "server")
    assert audit.latest(users, 1) == [token]


async def test_earlier_versions_of_the_file_are_kept(ana, file, tmp_path):
    await save(ana, "shop", shop="Casa Nova")

    (kept,) = (tmp_path / "prompts" / ".versions" / "settings.toml").iterdir()
    assert kept.read_text() == WRITTEN


@pytest.mark.parametrize("file", ["casa.toml"], indirect=True)
async def test_settings_of_another_name_are_no_file_of_the_shop(ana, file):
    """Their earlier versions hold secrets: they are compared on the page of settings, which masks them, and nowhere else."""
    await ana.post("/admin/setup/data/feed", {"feed": "https://ana:word-1@shop.example/feed.xml"})
    await save(ana, "shop", shop="Casa Nova")

    assert len(re.findall(r'href="/admin/settings/versions/', (await ana.get("/admin/settings")).text)) == 2
    assert "casa.toml" not in (await ana.get("/admin/data")).text
    assert (await ana.get("/admin/texts/casa.toml")).status == 404


async def test_an_earlier_version_is_compared_and_restored(ana, file, users):
    await save(ana, "shop", shop="Casa Nova")
    await save(ana, "server", metrics_token="a token for the figures")
    page = (await ana.get("/admin/settings")).text
    paths = re.findall(r'href="(/admin/settings/versions/[^"]+)"', page)
    assert len(paths) == 2

    compared = (await ana.get(paths[-1])).text
    assert "<td>Casa Nova</td><td>Casa</td>" in compared
    assert "a token for the figures" not in compared

    form = {"version": paths[-1].rpartition("/")[2], "seen": seen_in(compared)}
    assert (await ana.post("/admin/settings/restore", form)).status == 303
    assert file.read_text() == WRITTEN
    assert "Casa Nova" not in (await ana.get("/")).text
    assert {entry.what for entry in audit.latest(users, 2)} == {
        "settings.toml: shop",
        "settings.toml: metrics_token",
    }
    assert (await ana.post("/admin/settings/restore", form)).status == 409
    assert (await ana.post("/admin/settings/restore", form | {"version": "../x"})).status == 404
    assert (await ana.get("/admin/settings/versions/20200101T000000.000000Z")).status == 404


async def test_every_setting_has_a_form_or_a_reason():
    asked = {key for group in setting_forms.GROUPS for key in group.labels}
    every = set()
    for name, value in msgspec.to_builtins(Settings()).items():
        every |= {f"{name}.{inner}" for inner in value} if isinstance(value, dict) else {name}

    assert every - asked == {"models", "brand.logo"}  # the logo is uploaded at the first run's page
    assert asked <= set(setting_forms.meanings())
