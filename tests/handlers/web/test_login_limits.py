"""Tests of coming in: rate limits that close to who guesses and never to the person, and answers that tell nothing of names."""

import asyncio
import os
import re
import resource
import statistics
import time

import pytest

from memory.people import accounts, invites, passwords, throttle
from memory.people.throttle import RateLimit
from memory.storage.layout import SIGNUPS
from tests.conftest import enter, services_of, settings_for
from tests.support.shop import NOON, PASSWORD, Visitor

WRONG = "correct horse stable"


@pytest.fixture
def proxied(open_shop, upstream):
    """A shop behind a proxy on this machine, which tells whose requests it passes on."""
    return open_shop(settings_for(upstream, "ok", trusted_proxy="127.0.0.1"))


def fill(app, *limits):
    """Fill the rate limits, without the time that so many passwords take."""
    for rate in limits:
        while not throttle.take(services_of(app).users, (rate,), NOON):
            pass


async def try_login(app, name="bob", password=WRONG, *, cookies=None, **headers):
    visitor = Visitor(app, cookies=dict(cookies or {}))
    return await visitor.post("/login", {"username": name, "password": password}, **headers)


async def statuses(app, times, **how):
    return [(await try_login(app, **how)).status for _ in range(times)]


# Lanes


async def test_one_name_takes_20_wrong_passwords_from_all_addresses(proxied, clock):
    found = [(await try_login(proxied, X_Forwarded_For=f"198.51.100.{n}")).status for n in range(100)]

    assert (found.count(401), found.count(429)) == (20, 80)
    assert found[:20] == [401] * 20
    clock.move(minutes=10)
    assert (await try_login(proxied, X_Forwarded_For="198.51.100.1")).status == 401


async def test_guessing_locks_out_strangers_but_not_the_users_browser(proxied):
    at_home = await Visitor(proxied).log_in("bob")
    session = enter(proxied, "bob")
    fill(proxied, RateLimit("name bob", 20))
    assert (await try_login(proxied, password=PASSWORD, X_Forwarded_For="203.0.113.9")).status == 429

    assert (await session.get("/account")).status == 200
    del at_home.cookies["sid"]
    assert (await at_home.post("/login", {"username": "bob", "password": PASSWORD})).status == 303


async def test_the_users_own_browser_has_a_limit_with_an_end_too(shop):
    at_home = await Visitor(shop).log_in("bob")
    device = {"dev": at_home.cookies["dev"]}

    assert await statuses(shop, 12, cookies=device) == [401] * 10 + [429] * 2
    assert (await try_login(shop, password=PASSWORD)).status == 303  # strangers have the rate limit of strangers


@pytest.mark.parametrize("value", ["", "x", "é", "a.b.c", "x" * 5_000])
async def test_a_device_cookie_that_was_not_signed_here_is_none(proxied, value):
    fill(proxied, RateLimit("name bob", 20))

    assert (await try_login(proxied, password=PASSWORD, cookies={"dev": value})).status == 429


async def test_a_device_cookie_bypasses_no_rate_limit_of_another_name(proxied):
    eve = await Visitor(proxied).log_in("ana")
    fill(proxied, RateLimit("name bob", 20))

    assert (await try_login(proxied, cookies={"dev": eve.cookies["dev"]}, X_Forwarded_For="203.0.113.9")).status == 429


async def test_one_address_has_a_limit_over_all_names(proxied):
    found = [(await try_login(proxied, name=f"name{n}", X_Forwarded_For="198.51.100.1")).status for n in range(33)]

    assert found == [401] * 30 + [429] * 3
    assert (await try_login(proxied, X_Forwarded_For="198.51.100.2")).status == 401


async def test_addresses_of_one_ipv6_network_are_one(proxied):
    fill(proxied, RateLimit("login 2001:db8:1:2::/64", 30))

    assert (await try_login(proxied, X_Forwarded_For="2001:db8:1:2::5")).status == 429
    assert (await try_login(proxied, X_Forwarded_For="2001:db8:1:2:ffff::")).status == 429
    assert (await try_login(proxied, X_Forwarded_For="2001:db8:1:3::1")).status == 401


async def test_forged_forwarded_for_is_ignored_without_trusted_proxy(shop):
    fill(shop, RateLimit("login 127.0.0.1", 30))

    assert (await try_login(shop, X_Forwarded_For="198.51.100.1", Forwarded="for=198.51.100.1")).status == 429


async def test_a_forged_forwarded_for_evades_nothing_behind_the_proxy(proxied):
    fill(proxied, RateLimit("login 203.0.113.9", 30))

    assert (await try_login(proxied, X_Forwarded_For="198.51.100.1, 203.0.113.9")).status == 429
    assert (await try_login(proxied, X_Forwarded_For="198.51.100.1, 203.0.113.9, 127.0.0.1")).status == 429


async def test_good_logins_use_up_no_limit(shop):
    for _ in range(19):
        throttle.take(services_of(shop).users, (RateLimit("name bob", 20),), NOON)

    assert await statuses(shop, 3, password=PASSWORD) == [303] * 3


async def test_a_throttled_login_says_how_long_and_hashes_nothing(shop):
    fill(shop, RateLimit("name bob", 20))
    started = time.thread_time()
    answered = await try_login(shop)
    spent = time.thread_time() - started

    assert answered.status == 429
    assert answered.headers["retry-after"] == "600"
    assert "try again in 10 minutes" in answered.text
    print(f"a throttled login takes {spent * 1000:.1f} ms of a processor")


# Names that nobody has


def same(one, other):
    def plain(answered):
        anew = ("content-security-policy", "x-request-id")  # each answer has its own
        fields = [(name, value) for name, value in answered.fields if name not in anew]
        text = re.sub(r'nonce="[^"]*"', "", answered.text)
        return answered.status, sorted(fields), text.replace("zoe", "bob")

    return plain(one) == plain(other)


async def test_an_unknown_name_gets_the_same_answer_as_a_known_one(shop):
    assert same(await try_login(shop, "bob"), await try_login(shop, "zoe"))


async def test_a_disabled_user_is_answered_as_nobody(shop, users):
    accounts.disable(users.folder("bob"))

    assert same(await try_login(shop, "bob", PASSWORD), await try_login(shop, "zoe", PASSWORD))


async def test_the_throttled_answers_are_the_same_too(shop):
    fill(shop, RateLimit("name bob", 20), RateLimit("name zoe", 20))

    assert same(await try_login(shop, "bob"), await try_login(shop, "zoe"))


async def test_both_names_leave_the_same_in_the_directory_of_people(shop, users):
    before = os.listdir(users.root)
    await try_login(shop, "bob")
    await try_login(shop, "zoe")

    assert sorted(set(os.listdir(users.root)) - set(before)) == [".throttle"]
    assert (
        len([name for name in os.listdir(users.root / ".throttle") if name != ".lock"]) == 3
    )  # two names, one address


class Watched:
    """The hasher of passwords, and what it was asked: whether to verify or to hash, by which parameters, how long a password."""

    def __init__(self, hasher):
        self._hasher, self.asked = hasher, []

    def verify(self, kept, password):
        self.asked.append(("verify", *kept.split("$")[1:4], len(password)))
        return self._hasher.verify(kept, password)

    def hash(self, password):
        self.asked.append(("hash", len(password)))
        return self._hasher.hash(password)

    def check_needs_rehash(self, kept):
        return self._hasher.check_needs_rehash(kept)


@pytest.fixture
def hasher(monkeypatch):
    """The real hasher, watched. Two paths with the same calls cost the same; the times themselves are in `just bench`."""
    watched = Watched(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", watched)
    return watched


ONE_HASH = ("verify", "argon2id", "v=19", "m=19456,t=2,p=1")
WHO = ["bob", "zoe", "disabled", "unreadable", "too-old", "../bob", "Bob", "", "x" * 300]


@pytest.fixture
def everybody(shop, users, accounts_of_all):
    """Besides bob: one who was disabled, one whose account is mangled, one whose one-time password is too old."""
    for name in ("disabled", "unreadable", "too-old"):
        users.create(name, accounts_of_all["bob"].replace(b'"bob"', f'"{name}"'.encode()))
    accounts.disable(users.folder("disabled"))
    (users.folder("unreadable").path / "account.toml").write_text("mangled")
    accounts.set_password(users.folder("too-old"), PASSWORD, NOON - accounts.ONE_TIME, is_one_time=True)
    return shop


@pytest.mark.parametrize("name", WHO, ids=[f"A70 {name[:10]!r}" for name in WHO])
async def test_a_failed_login_costs_the_same_hash_whatever_the_name(everybody, hasher, name):
    tried = [WRONG, "", "x" * 256, "x" * 1000]
    for password in tried:
        assert (await try_login(everybody, name, password)).status == 401

    assert hasher.asked == [(*ONE_HASH, min(len(password), 257)) for password in tried]


@pytest.mark.parametrize("name", ["disabled", "unreadable", "too-old"])
async def test_a_barred_account_costs_the_same_hash_with_its_password(everybody, hasher, name):
    assert (await try_login(everybody, name, PASSWORD)).status == 401
    assert hasher.asked == [(*ONE_HASH, len(PASSWORD))]


@pytest.mark.parametrize("name", ["bob", "zoe", "../bob"])
async def test_a_throttled_login_hashes_nothing_whatever_the_name(shop, hasher, name):
    fill(shop, RateLimit(f"name {name}", 20))

    assert (await try_login(shop, name)).status == 429
    assert hasher.asked == []


async def test_people_come_in_while_their_attempts_cannot_be_written(shop, users):
    (users.root / ".throttle").write_text("in the way")

    for _ in range(25):
        assert (await try_login(shop, password=PASSWORD)).status == 303


async def test_guesses_stay_bounded_while_they_cannot_be_written(shop, users, hasher):
    (users.root / ".throttle").write_text("in the way")
    answered = [(await try_login(shop)).status for _ in range(25)]
    (users.root / ".throttle").unlink()

    assert answered == [401] * 20 + [429] * 5
    assert len(hasher.asked) == 20
    assert (await try_login(shop, password=PASSWORD)).status == 429  # they count as long as others


# A rush


async def test_in_a_rush_of_logins_all_come_in_and_other_pages_answer(shop):
    bob = enter(shop, "bob")
    await bob.get("/account")

    async def look():
        started = time.monotonic()
        assert (await bob.get("/account")).status == 200
        return time.monotonic() - started

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rush = [asyncio.create_task(try_login(shop, "ana", PASSWORD)) for _ in range(50)]
    waits = [await look() for _ in range(10)]
    answered = await asyncio.gather(*rush)

    assert [one.status for one in answered] == [303] * 50
    print(f"a page beside 50 logins takes at most {max(waits):.2f} s")
    assert statistics.median(waits) < 1
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"and memory grows by {grown_mb:.0f} MB")
    assert grown_mb < 300


async def test_more_than_the_queue_takes_are_sent_away_at_once(shop):
    answered = await asyncio.gather(*(try_login(shop, "ana", PASSWORD) for _ in range(90)))
    found = [one.status for one in answered]

    assert set(found) == {303, 503}
    assert found.count(303) >= 66
    assert next(one for one in answered if one.status == 503).headers["retry-after"] == "3"


# Passwords and names


@pytest.mark.parametrize(
    ("length", "status"), [(7, 422), (8, 303), (64, 303), (256, 303), (257, 422), (1_000_000, 413)]
)
async def test_a_password_has_8_to_256_characters(open_shop, upstream, length, status):
    app = open_shop(settings_for(upstream, "ok", signup="open"))
    answered = await Visitor(app).post("/signup", {"username": "eve", "password": ("kx7q" * 250_000)[:length]})

    assert answered.status == status


@pytest.mark.parametrize("password", ["password", "PassWord1", "eve-the-first", "12345678"])
async def test_a_password_that_is_easily_guessed_is_refused(open_shop, upstream, password):
    app = open_shop(settings_for(upstream, "ok", signup="open"))
    answered = await Visitor(app).post("/signup", {"username": "eve-the-first", "password": password})

    assert answered.status == 422
    assert "Choose a password with 8 to 256 characters" in answered.text


BAD_NAMES = [
    "../x", "..", ".", "a/b", "a\\b", "/etc/passwd", "%2e%2e%2fx", "C:\\x", "users",
    "CON", "nul", "aux.txt", "com1", "lpt9", "-rf", ".hidden", "~root", "a.", "ana ", " ana", "Bob", "BOB",
    "a\x00b", "x" * 255, "x" * 256, "x" * 10_000, "", "   ", "admin\n", "kKate", "jоe1", "\ud83dabc", "<b>bold</b>",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
async def test_an_invalid_name_gets_no_account_or_login_and_no_file(open_shop, upstream, users, name):
    app = open_shop(settings_for(upstream, "ok", signup="open"))
    before = sorted(path for path in users.root.rglob("*") if ".throttle" not in path.parts)
    signed_up = await Visitor(app).post("/signup", {"username": name, "password": PASSWORD})
    logged_in = await try_login(app, name, PASSWORD)

    assert signed_up.status == 422
    assert "Choose a name with 3 to 32 characters" in signed_up.text
    assert "<b>bold" not in signed_up.text + logged_in.text
    assert logged_in.status == 401
    assert sorted(path for path in users.root.rglob("*") if ".throttle" not in path.parts) == before


FORGED = ["../bob.x", "bob/../eve.x", "", ".", "bob.", "x" * 5_000, ["bob", "x"], 5, None, "bob\x00.x", {"bob": 1}]


@pytest.mark.parametrize("auth_id", FORGED)
async def test_a_cookie_made_with_the_key_itself_is_still_not_trusted(shop, auth_id):
    (auth,) = shop.extensions["QUART_AUTH"]
    forger = Visitor(shop, cookies={"sid": auth.dump_token(auth_id, shop)})

    assert (await forger.get("/")).headers["location"] == "/login"


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-User", "Remote-User", "Authorization", "X-Original-URL", "X-Rewrite-URL", "X-Remote-User", "From"],
)
async def test_a_header_that_names_somebody_makes_nobody(nobody, header):
    answered = await nobody.ask("GET", "/", headers=[(header, "ana")])

    assert answered.headers["location"] == "/login"


# Sessions


@pytest.mark.parametrize("preset", ["garbage", "their own"])
async def test_a_session_planted_before_the_login_is_not_reused(shop, preset):
    before = enter(shop, "bob").cookies["sid"] if preset == "their own" else "garbage"
    victim = await Visitor(shop, cookies={"sid": before}).log_in("ana")

    assert victim.cookies["sid"] != before
    attacker = Visitor(shop, cookies={"sid": before})
    assert "ana, menu" not in (await attacker.get("/")).text


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(open_shop, upstream):
    app = open_shop(settings_for(upstream, "ok", origin="https://chat.example.com"))
    visitor = Visitor(app, "https://chat.example.com")
    answered = await visitor.post("/login", {"username": "bob", "password": PASSWORD})
    left = await visitor.post("/logout")

    set_cookies = [value for name, value in answered.fields + left.fields if name == "set-cookie"]
    assert [value.partition("=")[0] for value in set_cookies] == ["__Host-dev", "__Host-sid", "__Host-sid"]
    for value in set_cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(value.split("; "))
        assert "Domain" not in value
    assert not [value for name, value in (await visitor.get("/login")).fields if name == "set-cookie"]


async def test_a_session_that_was_logged_out_is_dead_in_every_process(open_shop, upstream, shop):
    other = open_shop(settings_for(upstream, "ok"))
    bob = enter(shop, "bob")
    replayed = Visitor(other, cookies=dict(bob.cookies))
    assert (await replayed.get("/account")).status == 200

    await bob.post("/logout")

    assert (await replayed.get("/account")).headers["location"] == "/login"


async def test_a_hash_of_other_parameters_is_renewed_at_the_next_login(shop, users):
    from argon2 import PasswordHasher

    bob = users.folder("bob")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    kept = accounts.load(bob).password
    (bob.path / "account.toml").write_text((bob.path / "account.toml").read_text().replace(kept, weak))

    await Visitor(shop).log_in("bob")

    assert accounts.load(bob).password.split("$")[3] == "m=19456,t=2,p=1"
    await Visitor(shop).log_in("bob")


# Signing up


async def test_an_invited_user_signs_up_and_the_link_is_used_up(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "ok", signup="invite"))
    token, _ = invites.make(users, NOON)
    visitor = Visitor(app)
    assert "Create an account" in (await visitor.get(f"/signup?token={token}")).text
    assert (await visitor.get("/signup")).status == 403

    answered = await visitor.post("/signup", {"username": "eve", "password": PASSWORD, "token": token})

    assert (answered.status, answered.headers["location"]) == (303, "/")
    assert (await visitor.get("/account")).status == 200
    assert (await Visitor(app).get(f"/signup?token={token}")).status == 403


async def test_who_tries_many_names_that_are_taken_has_to_wait(open_shop, upstream):
    app = open_shop(settings_for(upstream, "ok", signup="open"))
    for _ in range(29):
        throttle.take(services_of(app).users, (RateLimit("signup 127.0.0.1", 30),), NOON)
    found = [(await Visitor(app).post("/signup", {"username": "bob", "password": PASSWORD})) for _ in range(2)]

    assert [one.status for one in found] == [422, 429]
    assert found[-1].headers["retry-after"] == "600"


async def test_many_signups_make_as_many_accounts_as_an_hour_takes(open_shop, upstream, users):
    limits = {"messages_per_minute": 0, "signups_per_hour": 3}
    app = open_shop(settings_for(upstream, "ok", signup="open", limits=limits))
    for n in range(8):
        await Visitor(app).post("/signup", {"username": f"robot{n}", "password": PASSWORD})

    assert len(users.names()) == 2 + 3
    assert SIGNUPS in os.listdir(users.root)
