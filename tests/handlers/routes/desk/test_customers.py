"""Tests of the owner's pages of customers: who is listed, and what is done with their accounts."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from memory.people import accounts, audit
from memory.people.audit import MASKED
from memory.storage.layout import ACCOUNT
from tests.conftest import enter, settings_for
from tests.support.desk import secret_in
from tests.support.ledgers import use
from tests.support.shop import NOON, PASSWORD, Visitor

SURE = {"password": PASSWORD}


@pytest.fixture
async def bob(shop):
    return enter(shop, "bob")


async def test_the_list_tells_what_people_used(ana, users):
    use(users.folder("bob"), tokens=50_000, ago=timedelta(days=40))
    use(users.folder("bob"), tokens=2500, ago=timedelta(days=3))
    use(users.folder("bob"), tokens=1500)
    use(users.folder("bob"), tokens=500, ending="rate_limited")

    row = (await ana.get("/admin/customers")).text.partition("/admin/customers/bob")[2].partition("</tr>")[0]

    assert re.findall(r'<td class="right">([^<]*)', row) == ["2", "US$ 0.0036", "US$ 0.0024, no limit"]
    assert "never" in row


async def test_the_list_has_pages_and_a_search(ana, users, accounts_of_all):
    for n in range(120):
        users.create(f"person{n:03}", accounts_of_all["bob"])

    first, last = await ana.get("/admin/customers"), await ana.get("/admin/customers?page=3")
    assert "Page 1 of 3, 122 customers" in first.text
    assert first.text.count('scope="row"') == 50
    assert "person119" in last.text
    assert (await ana.get("/admin/customers?page=99")).text.count('scope="row"') == 22
    assert (await ana.get("/admin/customers?page=-1&q=person01")).text.count('scope="row"') == 10
    assert (await ana.get("/admin/customers?page=x&q=%3Cscript%3E")).status == 200
    assert "<script>" not in (await ana.get("/admin/customers?q=%3Cscript%3E")).text


async def test_an_added_user_comes_in_with_the_one_time_password(shop, ana, users):
    answered = await ana.post("/admin/customers", {"username": "eve"})
    password = secret_in(answered.text)

    eve = await Visitor(shop).log_in("eve", password)
    assert (await eve.get("/")).headers["location"] == "/account"
    assert accounts.load(users.folder("eve")).role == "customer"
    assert password not in (await ana.get("/admin/customers/eve")).text


@pytest.mark.parametrize(("name", "status"), [("bob", 409), ("../x", 422), ("", 422), ("Eve", 422), ("<i>", 422)])
async def test_a_name_that_is_taken_or_none_is_refused(ana, users, name, status):
    answered = await ana.post("/admin/customers", {"username": name})

    assert answered.status == status
    assert "<i>" not in answered.text
    assert users.names() == ["ana", "bob"]


async def test_a_reset_password_ends_the_sessions_and_the_old_password(shop, ana, bob):
    password = secret_in((await ana.post("/admin/customers/bob/reset", SURE)).text)

    assert (await bob.get("/")).headers["location"] == "/login"
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401
    await Visitor(shop).log_in("bob", password)


@pytest.mark.parametrize("name", ["bob", "ana"])
async def test_a_session_alone_makes_no_temporary_password(ana, users, name):
    """Else who has stolen an owner's session gets a password that all other prompts ask for."""
    before = users.folder(name).read("account.toml")

    refused = [await ana.post(f"/admin/customers/{name}/reset", {"password": word}) for word in ("", "a guess")]

    assert [(answer.status, 'id="secret"' in answer.text) for answer in refused] == [(403, False)] * 2
    assert 'id="reset-wrong"' in refused[1].text
    assert accounts.load(users.folder(name)).password.encode() in before


async def test_a_disabled_user_is_out_until_enabled(open_shop, upstream, shop, ana, bob):
    elsewhere = Visitor(open_shop(settings_for(upstream, "ok")), cookies=dict(bob.cookies))
    assert (await ana.post("/admin/customers/bob/disable")).headers["location"] == "/admin/customers/bob?said=disabled"
    assert (await elsewhere.get("/")).headers["location"] == "/login"
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401
    assert "disabled" in (await ana.get("/admin/customers")).text

    await ana.post("/admin/customers/bob/enable")
    await Visitor(shop).log_in("bob")


@pytest.mark.parametrize(
    ("typed", "kept"), [("500000", 500_000), ("1,000", 1000), ("0", 0), ("", None), (" 7 ", 7), ("1_000", 1000)]
)
async def test_a_budget_is_set(ana, users, typed, kept):
    accounts.set_budget(users.folder("bob"), 3)

    answered = await ana.post("/admin/customers/bob/budget", {"daily_tokens": typed})

    assert answered.status == 303
    assert accounts.load(users.folder("bob")).daily_tokens == kept
    assert ("daily_tokens" in users.folder("bob").read("account.toml").decode()) == (kept is not None)
    assert (await ana.get("/admin/customers/bob")).status == 200


@pytest.mark.parametrize("typed", ["-1", "x", "1.5", "1e9", "٣", "9" * 30, "NaN"])
async def test_what_is_no_budget_is_refused(ana, users, typed):
    assert (await ana.post("/admin/customers/bob/budget", {"daily_tokens": typed})).status == 422
    assert accounts.load(users.folder("bob")).daily_tokens is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("0.50", "0.50"), ("0,5", "0.5"), ("2", "2"), ("US$ 1.25", "1.25"), ("0", "0"), ("0.005", "0.005"), ("", None)],
)
async def test_a_budget_in_dollars_is_set_and_noted(ana, users, typed, kept):
    accounts.set_budget(users.folder("bob"), 7, Decimal(9))

    answered = await ana.post("/admin/customers/bob/budget", {"daily_usd": typed})

    assert answered.headers["location"] == "/admin/customers/bob?said=budget"
    account = accounts.load(users.folder("bob"))
    assert account.daily_usd == (None if kept is None else Decimal(kept))
    assert account.daily_tokens == 7
    assert "Budget saved." in (await ana.get("/admin/customers/bob?said=budget")).text
    (entry,) = audit.latest(users, 5)
    assert (entry.who, entry.what, entry.before) == ("ana", "customer bob: budget", "US$ 9.00, 7 tokens")
    told = None if kept is None else {"0.005": "0.005"}.get(kept, f"{Decimal(kept):.2f}")
    assert entry.after == ("7 tokens" if told is None else f"US$ {told}, 7 tokens")


@pytest.mark.parametrize("typed", ["-1", "x", "1,000", "1.000", "1e9", "٣", "9" * 20, "NaN", "<i>", "0.5.5"])
async def test_what_is_no_amount_stays_in_its_field_with_the_reason(ana, users, typed):
    answered = await ana.post("/admin/customers/bob/budget", {"daily_usd": typed, "daily_tokens": "5"})

    assert answered.status == 422
    field = re.search(r'<input id="daily_usd"[^>]*>', answered.text)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="daily_usd-wrong budget-rule"' in field[0]
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in field[0]
    assert '<p class="wrong" id="daily_usd-wrong" role="alert">Enter an amount in US dollars' in answered.text
    assert 'value="5"' in answered.text
    assert audit.latest(users, 5) == []
    assert accounts.load(users.folder("bob")).daily_usd is None


async def test_an_own_budget_counts_at_once(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "ok"))
    ana, bob = enter(app, "ana"), enter(app, "bob")
    await ana.post("/admin/customers/bob/budget", {"daily_usd": "", "daily_tokens": "1"})

    assert (await bob.post("/messages", {"content": "Hello?"})).status == 429
    assert (await ana.post("/messages", {"content": "Hello?"})).status == 303


async def test_the_list_is_filtered_and_sorted(shop, ana, users, accounts_of_all):
    for name in ("carla", "diego", "elisa"):
        users.create(name, accounts_of_all["bob"].replace(b'"bob"', f'"{name}"'.encode()))
    accounts.disable(users.folder("carla"))
    (users.folder("diego").path / ACCOUNT).write_bytes(b"none")
    accounts.open_session(users.folder("elisa"), NOON + timedelta(hours=1))

    async def listed(query):
        return re.findall(
            r'<th scope="row"><a href="/admin/customers/(\w+)"', (await ana.get(f"/admin/customers?{query}")).text
        )

    assert await listed("show=disabled") == ["carla"]
    assert await listed("show=unreadable") == ["diego"]
    assert await listed("show=<i>&sort=x&q=%20ELI") == ["elisa"]
    assert await listed("sort=seen") == ["elisa", "ana", "bob", "carla", "diego"]
    assert await listed("sort=seen&q=a") == ["elisa", "ana", "carla"]


async def test_a_name_that_was_refused_stays_in_its_field(ana):
    page = (await ana.post("/admin/customers", {"username": "B<b"})).text

    field = re.search(r'<input id="username"[^>]*>', page)
    assert field is not None
    assert 'value="B&lt;b"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert 'id="username-wrong" role="alert">Choose a name' in page


async def test_who_is_added_gets_a_text_to_send_in_the_shops_language(open_shop, upstream, users):
    ana = enter(open_shop(settings_for(upstream, "ok", shop="Redes & Cia", language="pt_BR")), "ana")

    page = (await ana.post("/admin/customers", {"username": "eve"})).text

    message = re.search(r"<textarea id=\"message\"[^>]*>([^<]*)</textarea>", page)
    assert message is not None
    assert "Olá" in message[1]
    assert "Redes &amp; Cia" in message[1]
    for part in ("http://localhost:8000", secret_in(page), "eve"):
        assert part in message[1]
    assert page.count("data-copies=") == 3
    assert [(entry.what, entry.after) for entry in audit.latest(users, 5)] == [("customer eve: added", "")]


async def test_a_new_password_is_handed_over_in_the_customers_language(ana, users):
    accounts.set_language(users.folder("bob"), "pt_BR")

    page = (await ana.post("/admin/customers/bob/reset", SURE)).text

    assert 'lang="pt-BR"' in page
    assert "Olá bob" in page
    (entry,) = audit.latest(users, 5)
    assert (entry.what, entry.before, entry.after) == ("customer bob: temporary password", MASKED, MASKED)
    assert secret_in(page) not in users.shared.read(".audit.csv").decode()


async def test_sessions_are_listed_and_ended_one_or_all(shop, ana, users):
    first, second = Visitor(shop), Visitor(shop)
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    first.headers["User-Agent"] = firefox
    await first.log_in("bob")
    await second.log_in("bob")

    page = (await ana.get("/admin/customers/bob")).text
    assert "Firefox on Linux" in page
    assert page.count('<p id="session-') == 2
    short = next(one.short for one in accounts.load(users.folder("bob")).sessions if one.browser)
    ended = await ana.post(f"/admin/customers/bob/sessions/{short}/end")
    assert ended.headers["location"] == "/admin/customers/bob?said=ended"
    assert (await first.get("/")).status == 303
    assert (await second.get("/")).status == 200

    await ana.post("/admin/customers/bob/sessions/end")
    assert (await second.get("/")).status == 303
    words = [entry.what for entry in audit.latest(users, 5)]
    assert words == ["customer bob: logged out everywhere", "customer bob: one browser logged out"]
    assert "Nowhere right now." in (await ana.get("/admin/customers/bob")).text


@pytest.mark.parametrize("short", ["x", "..", "0123456789ABCDEF", "0" * 17])
async def test_what_names_no_session_is_absent(ana, short):
    assert (await ana.post(f"/admin/customers/bob/sessions/{short}/end")).status == 404


async def test_each_change_is_noted_with_who_made_it(ana, users):
    for what in ("disable", "enable"):
        await ana.post(f"/admin/customers/bob/{what}")

    assert [(entry.who, entry.what) for entry in audit.latest(users, 5)] == [
        ("ana", "customer bob: enabled"),
        ("ana", "customer bob: disabled"),
    ]


@pytest.mark.parametrize(
    ("signup", "told"),
    [
        ("closed", "Sign-up is closed: only you can add customers"),
        ("invite", "Only people you invite can create an account."),
        ("open", "Anyone who knows the shop&#39;s address can create an account."),
    ],
)
async def test_the_state_of_sign_up_is_said_plainly(open_shop, upstream, users, signup, told):
    page = (await enter(open_shop(settings_for(upstream, "ok", signup=signup)), "ana").get("/admin/customers")).text

    assert told in page
    assert '<a href="/admin/settings">Change this in Settings</a>' in page
    assert ('action="/admin/invites"' in page) == (signup != "closed")


async def test_the_owner_does_not_shut_themself_out(ana, users):
    assert (await ana.post("/admin/customers/ana/disable")).status == 409
    assert (await ana.post("/admin/customers/ana/delete", {"password": PASSWORD})).status == 409
    assert users.names() == ["ana", "bob"]


@pytest.mark.parametrize("name", ["eve", "..", "%2e%2e", ".throttle", "x" * 300, "BOB", "bob%00"])
@pytest.mark.parametrize(
    "what", ["", "/reset", "/disable", "/budget", "/delete", "/export", "/sessions/end", "/conversation"]
)
async def test_a_user_that_is_not_there_is_absent(ana, users, name, what):
    answered = await (ana.get if what in ("", "/conversation") else ana.post)(f"/admin/customers/{name}{what}")

    assert answered.status == 404
    assert users.names() == ["ana", "bob"]
