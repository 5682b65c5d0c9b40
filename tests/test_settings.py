"""Tests of the settings: every bad one stops the start with one line that says which, what and what instead."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import addresses
import settings
from completions import available
from settings import BadSetting, Model, Settings

# A busy machine is no failure: only what is asserted counts.
patient = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MODELS = """
[[models]]
name = "gpt-6-luna"
max_input = 922_000
"""

FULL = """
shop = "Loja da Ana"
history = "turns"
signup = "open"
chat = ["gpt-6.1-terra", "local"]
summariser = ["local"]
origin = "https://chat.example.com:8443"
metrics_token = "a token for metrics"
examples = ["Do you ship to Recife?", "É vegano?"]
[memory]
high_tokens = 3000
summary_tokens = 800
[budget]
daily_tokens_per_user = 0
daily_usd_per_user = 0.25
daily_tokens = 5_000_000
daily_usd = 20
[limits]
signups_per_hour = 0
messages_per_minute = 5
message_chars = 4000
reply_tokens = 500
first_token_seconds = 20
idle_seconds = 12.5
reply_seconds = 90.0
grace_seconds = 20
[[models]]
name = "gpt-6.1-terra"
max_input = 922_000
max_output = 128_000
window = 1_000_000
encoding = "o200k_harmony"
correction = 1
api_key_env = "TERRA_KEY"
ends = 2027-03-31
price_step = 272_000
parameters = { temperature = 0.2, stop = ["x"] }
remove = ["stream_options"]
headers = { "X-Shop" = "quintal" }
[[models]]
name = "local"
max_input = 7000
base_url = "http://127.0.0.1:11434/v1"
"""


def read(tmp_path, text):
    (tmp_path / "settings.toml").write_text(text)
    return settings.load(tmp_path / "settings.toml")


# Good settings


def test_all_but_the_models_have_defaults(tmp_path):
    read_settings = read(tmp_path, MODELS)

    assert (read_settings.shop, read_settings.history, read_settings.signup) == ("Quintal Caburé", "system", "closed")
    assert (read_settings.chat, read_settings.summariser) == (("gpt-6-luna",), ("gpt-6-luna",))
    assert (read_settings.origin, read_settings.examples) == (None, ())
    assert (read_settings.memory.high_tokens, read_settings.memory.summary_tokens) == (4000, 1200)
    assert read_settings.budget == settings.Budget(daily_tokens_per_user=200_000)
    assert (read_settings.budget.daily_usd_per_user, read_settings.budget.daily_tokens) == (0.0, 0)
    assert (read_settings.budget.daily_usd, read_settings.metrics_token) == (0.0, None)
    assert (read_settings.limits.signups_per_hour, read_settings.limits.messages_per_minute) == (20, 20)
    assert (read_settings.limits.message_chars, read_settings.limits.reply_tokens) == (20_000, 1000)
    assert (read_settings.limits.first_token_seconds, read_settings.limits.idle_seconds) == (60.0, 60.0)
    assert read_settings.limits.reply_seconds == 600.0
    assert read_settings.limits.grace_seconds == 5.0
    assert read_settings.models == (
        Model(
            name="gpt-6-luna", max_input=922_000, max_output=4096, encoding="o200k_base", correction=1.0, parameters={}
        ),
    )


def some(chat, summariser):
    models = (Model(name="cloud", max_input=9), Model(name="local", max_input=9, base_url="http://x"))
    return Settings(chat=chat, summariser=summariser, models=models)


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "\ufeff"])
def test_an_empty_file_is_all_defaults(tmp_path, text):
    empty = read(tmp_path, text)

    assert empty == Settings()
    assert [model.name for model in empty.models] == ["gpt-6-luna"]
    assert available.reachable(empty, {}).chat == ("catalogue",)
    assert available.reachable(empty, {"OPENAI_API_KEY": "sk-1"}).chat == ("gpt-6-luna",)


def test_the_default_model_is_the_one_in_the_shipped_settings():
    shipped = settings.load(settings.ROOT / "settings.toml")

    assert shipped.model("gpt-6-luna") == Settings().model("gpt-6-luna")


def test_every_setting_can_be_given(tmp_path):
    given_settings = read(tmp_path, FULL)

    assert given_settings == Settings(
        shop="Loja da Ana",
        history="turns",
        signup="open",
        chat=("gpt-6.1-terra", "local"),
        summariser=("local",),
        origin="https://chat.example.com:8443",
        examples=("Do you ship to Recife?", "É vegano?"),
        memory=settings.Memory(high_tokens=3000, summary_tokens=800),
        metrics_token="a token for metrics",
        budget=settings.Budget(
            daily_tokens_per_user=0, daily_usd_per_user=0.25, daily_tokens=5_000_000, daily_usd=20.0
        ),
        limits=settings.Limits(
            signups_per_hour=0,
            messages_per_minute=5,
            message_chars=4000,
            reply_tokens=500,
            first_token_seconds=20.0,
            idle_seconds=12.5,
            reply_seconds=90.0,
            grace_seconds=20.0,
        ),
        models=(
            Model(
                name="gpt-6.1-terra",
                max_input=922_000,
                max_output=128_000,
                window=1_000_000,
                encoding="o200k_harmony",
                correction=1.0,
                api_key_env="TERRA_KEY",
                ends=date(2027, 3, 31),
                price_step=272_000,
                parameters={"temperature": 0.2, "stop": ["x"]},
                remove=("stream_options",),
                headers={"X-Shop": "quintal"},
            ),
            Model(name="local", max_input=7000, base_url="http://127.0.0.1:11434/v1"),
        ),
    )


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    assert read(tmp_path, "\ufeff" + MODELS).model("gpt-6-luna").max_input == 922_000


@pytest.mark.parametrize("value", ["true", "false", '"yes"'])
def test_a_retired_setting_warns_and_changes_nothing(tmp_path, value):
    path, lines = tmp_path / "settings.toml", list[str]()
    path.write_text(f"own_core = {value}\n{MODELS}")

    loaded = settings.load(path, lines.append)

    assert loaded == read(tmp_path, MODELS)
    assert [line.partition(";")[0] for line in lines] == [f"{path}: own_core is not used any more and is ignored"]


def test_settings_cannot_be_changed_after_the_start(tmp_path):
    read_settings = read(tmp_path, MODELS)

    with pytest.raises(AttributeError):
        read_settings.shop = "x"


def test_a_gguf_file_that_exists_is_accepted(tmp_path):
    (tmp_path / "model.gguf").touch()
    text = MODELS + f'gguf = "{tmp_path}/model.gguf"\n'

    assert read(tmp_path, text).model("gpt-6-luna").gguf == f"{tmp_path}/model.gguf"


@pytest.mark.parametrize(("window", "total"), [(None, 12_000), (8192, 8192)])
def test_prompt_and_answer_share_the_window_or_have_their_own(window, total):
    assert Model(name="m", max_input=10_000, max_output=2000, window=window).total == total


# Bad settings


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param('colour = "red"' + MODELS, "colour: there is no such setting.", id="unknown key"),
        pytest.param(
            "[memory]\nhigh = 1" + MODELS, "memory.high: there is no such setting.", id="unknown key in a table"
        ),
        pytest.param("[colours]" + MODELS, "colours: there is no such setting.", id="unknown table"),
        pytest.param(
            MODELS + "max_imput = 1", "models[0].max_imput: there is no such setting.", id="unknown key of a model"
        ),
        pytest.param("shop = 5" + MODELS, "shop = 5: expected `str`, got `int`.", id="a number for a text"),
        pytest.param("memory = 5" + MODELS, "memory = 5: expected `object`, got `int`.", id="a number for a table"),
        pytest.param('chat = "m"' + MODELS, "chat = 'm': expected `array`, got `str`.", id="a text for a list"),
        pytest.param(
            'chat = ["a", 3]' + MODELS, "chat[1] = 3: expected `str`, got `int`.", id="a number in a list of texts"
        ),
        pytest.param(
            '[memory]\nhigh_tokens = "4k"' + MODELS,
            "memory.high_tokens = '4k': expected `int`, got `str`.",
            id="a text for a number",
        ),
        pytest.param(
            "[limits]\nmessages_per_minute = 1.5" + MODELS,
            "limits.messages_per_minute = 1.5: expected `int`, got `float`.",
            id="a fraction",
        ),
        pytest.param(
            "[limits]\nmessages_per_minute = true" + MODELS,
            "limits.messages_per_minute = True: expected `int`, got `bool`.",
            id="a truth for a number",
        ),
        pytest.param("[memory]\nhigh_tokens = 0" + MODELS, "memory.high_tokens = 0: expected `int` >= 1.", id="zero"),
        pytest.param(
            "[budget]\ndaily_tokens_per_user = -1" + MODELS,
            "budget.daily_tokens_per_user = -1: expected `int` >= 0.",
            id="a negative number",
        ),
        pytest.param(
            "[budget]\ndaily_usd = -0.5" + MODELS,
            "budget.daily_usd = -0.5: expected `float` >= 0.0.",
            id="a debt",
        ),
        pytest.param(
            'metrics_token = "a short secret"' + MODELS,
            "metrics_token: takes at least 16 ASCII characters; leave it out and there is no /metrics.",
            id="a short token, which is not shown",
        ),
        pytest.param(
            "metrics_token = 123456789012345678" + MODELS,
            "metrics_token: expected `str | null`, got `int`.",
            id="a token that is a number, which is not shown",
        ),
        pytest.param(
            "[limits]\nidle_seconds = 0" + MODELS, "limits.idle_seconds = 0: expected `float` > 0.0.", id="no seconds"
        ),
        pytest.param(
            "[limits]\nidle_seconds = nan" + MODELS,
            "limits.idle_seconds = nan: expected `float` > 0.0.",
            id="not a number",
        ),
        pytest.param('history = "both"' + MODELS, 'history = \'both\': takes "system" or "turns".', id="history"),
        pytest.param('signup = "no"' + MODELS, 'signup = \'no\': takes "closed" or "invite" or "open".', id="signup"),
        pytest.param(
            'trusted_proxy = "nginx"' + MODELS,
            'trusted_proxy = "nginx": takes an IP address, such as "127.0.0.1", or a network, such as "10.0.0.0/8".',
            id="trusted_proxy",
        ),
        pytest.param(
            'owner_reads_conversations = "yes"' + MODELS,
            "owner_reads_conversations = 'yes': expected `bool`, got `str`.",
            id="owner_reads_conversations",
        ),
        pytest.param(
            'chat = ["gpt-7"]' + MODELS,
            'chat = "gpt-7": takes names of [[models]], which are gpt-6-luna, or "catalogue".',
            id="unknown model",
        ),
        pytest.param(
            'summariser = ["gpt-7"]' + MODELS,
            'summariser = "gpt-7": takes names of [[models]], which are gpt-6-luna, or "catalogue".',
            id="unknown summariser",
        ),
        pytest.param(
            'chat = ["a\\nb"]' + MODELS,
            'chat = "a b": takes names of [[models]], which are gpt-6-luna, or "catalogue".',
            id="a name of two lines is said in one",
        ),
        pytest.param(
            "models = []",
            'chat = "gpt-6-luna": takes names of [[models]], which are none, or "catalogue".',
            id="no models",
        ),
        pytest.param(
            '[[models]]\nname = "llama"\nmax_input = 1',
            'chat = "gpt-6-luna": takes names of [[models]], which are llama, or "catalogue".',
            id="models of which none is named",
        ),
        pytest.param(MODELS + MODELS, '[[models]] name = "gpt-6-luna": takes each name once.', id="a model twice"),
        pytest.param("[[models]]\nmax_input = 1", "models[0]: name is missing.", id="no name"),
        pytest.param(MODELS + '[[models]]\nname = "x"', "models[1]: max_input is missing.", id="no max_input"),
        pytest.param(
            '[[models]]\nname = "a b"\nmax_input = 1',
            r"models[0].name = 'a b': expected `str` matching regex '^\\S+\\Z'.",
            id="a name with a space",
        ),
        pytest.param(
            '[[models]]\nname = "a\\n"\nmax_input = 1',
            r"models[0].name = 'a\n': expected `str` matching regex '^\\S+\\Z'.",
            id="a name with a line feed",
        ),
        pytest.param(
            '[[models]]\nname = ""\nmax_input = 1',
            "models[0].name = '': expected `str` of length >= 1.",
            id="an empty name",
        ),
        pytest.param(
            MODELS + "max_output = -5", "models[0].max_output = -5: expected `int` >= 1.", id="negative tokens"
        ),
        pytest.param(MODELS + "correction = 5", "models[0].correction = 5: expected `float` <= 3.0.", id="correction"),
        pytest.param(
            MODELS + 'parameters = "hot"',
            "models[0].parameters = 'hot': expected `object`, got `str`.",
            id="parameters",
        ),
        pytest.param(MODELS + 'ends = "never"', "models[0].ends = 'never': invalid RFC3339 encoded date.", id="ends"),
        pytest.param(
            MODELS + 'base_url = "ftp://x"',
            'base_url = "ftp://x" of model gpt-6-luna: takes an address with http:// or https://.',
            id="base_url",
        ),
        pytest.param(
            MODELS + 'headers = { "X Shop" = "a" }',
            'headers of model gpt-6-luna: "X Shop" takes a name and a value that HTTP can carry.',
            id="a header's name",
        ),
        pytest.param(
            MODELS + 'headers = { "X-Shop" = "a\\nX-Evil: b" }',
            'headers of model gpt-6-luna: "X-Shop" takes a name and a value that HTTP can carry.',
            id="a header's value",
        ),
        pytest.param(
            MODELS + 'headers = { authorization = "Bearer x" }',
            'headers of model gpt-6-luna: takes no "authorization"; name the key\'s variable in api_key_env.',
            id="a header with the key",
        ),
        pytest.param(
            MODELS + 'headers = { Content-Length = "5" }',
            'headers of model gpt-6-luna: takes no "Content-Length", which Storekeeper sets itself.',
            id="a header of the client's own",
        ),
        pytest.param(
            MODELS + 'remove = ["messages"]',
            'remove of model gpt-6-luna: takes no "messages", without which nothing is asked.',
            id="remove",
        ),
        pytest.param(
            MODELS + 'gguf = "/absent.gguf"',
            'gguf = "/absent.gguf" of model gpt-6-luna: takes the path of a GGUF file that exists.',
            id="gguf",
        ),
    ],
)
def test_one_line_names_a_bad_setting_its_value_and_valid_values(tmp_path, text, line):
    with pytest.raises(BadSetting) as raised:
        read(tmp_path, text)
    assert str(raised.value) == line


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("", id="empty"),
        pytest.param("chat.example.com", id="no scheme"),
        pytest.param("ftp://chat.example.com", id="another scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https://chat.example.com/", id="a slash at the end"),
        pytest.param("https://chat.example.com/chat", id="a path"),
        pytest.param("https://chat.example.com?a", id="a query"),
        pytest.param("https://chat.example.com#a", id="a fragment"),
        pytest.param("https://chat.example.com#", id="an empty fragment"),
        pytest.param("https://ana:x@chat.example.com", id="a person"),
        pytest.param("https://chat.example.com:99999", id="no such port"),
        pytest.param("https://chat.example.com:https", id="a word for a port"),
        pytest.param("https://[chat", id="half an IPv6 address"),
        pytest.param("https://chat.example.com\\n", id="a line feed"),
        pytest.param("https://chat.example.com https://b", id="two"),
        pytest.param("null", id="null"),
        pytest.param("*", id="star"),
    ],
)
def test_a_bad_origin_is_one_line(tmp_path, origin):
    with pytest.raises(BadSetting) as raised:
        read(tmp_path, f'origin = "{origin}"' + MODELS)
    assert str(raised.value) == (
        f'origin = "{origin.replace(chr(92) + "n", " ")}": takes scheme, host and port only, such as "https://chat.example.com".'
    )


@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "https://chat.example.com", "http://[::1]:8000", "http://192.168.0.5"]
)
def test_a_good_origin_is_kept_as_it_stands(tmp_path, origin):
    assert read(tmp_path, f'origin = "{origin}"' + MODELS).origin == origin


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"shop = ", "Invalid value", id="cut off"),
        pytest.param(b"shop = 'a\n'", "invalid character", id="a line feed in a text"),
        pytest.param(b"shop = 'a'\nshop = 'b'", "Cannot overwrite a value", id="a key twice"),
        pytest.param(b"\xff\xfe", "can't decode byte 0xff", id="not UTF-8"),
        pytest.param(b"<html>", "Invalid statement", id="HTML"),
    ],
)
def test_a_file_that_is_not_toml_is_said_in_one_line(tmp_path, content, reason):
    path = tmp_path / "settings.toml"
    path.write_bytes(content)

    with pytest.raises(BadSetting) as raised:
        settings.load(path)
    assert str(raised.value).startswith(f"{path} is not valid TOML: ")
    assert reason in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(BadSetting) as raised:
        settings.load(tmp_path / "settings.toml")
    assert str(raised.value) == f"{tmp_path}/settings.toml: there is no such settings file."


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.datetimes()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["name", "max_input", "x"]), inner)
    ),
    max_leaves=6,
)


@patient
@given(st.dictionaries(st.sampled_from(sorted(Settings.__struct_fields__)), values, max_size=4))
def test_any_values_are_settings_or_one_line(given_values):
    try:
        settings.read(given_values)
    except BadSetting as error:
        assert len(str(error).splitlines()) == 1


# The place


def test_without_an_environment_everything_is_beside_the_code(tmp_path):
    place = settings.place({}, tmp_path)

    assert (place.users, place.prompts) == (tmp_path / "users", tmp_path / "prompts")
    assert (place.host, place.port, place.secret_key, place.environ) == ("127.0.0.1", 8000, None, {})
    assert settings.settings_path({}, tmp_path) == tmp_path / "settings.toml"


def test_the_environment_says_where_everything_is(tmp_path):
    environ = {
        "STOREKEEPER_USERS": "/srv/users",
        "STOREKEEPER_PROMPTS": "/srv/prompts",
        "STOREKEEPER_HOST": "0.0.0.0",
        "STOREKEEPER_PORT": "0",
        "STOREKEEPER_SECRET_KEY": "k" * 32,
        "STOREKEEPER_SETTINGS": "/srv/settings.toml",
    }
    place = settings.place(environ, tmp_path)

    assert (place.users, place.prompts) == (Path("/srv/users"), Path("/srv/prompts"))
    assert (place.host, place.port, place.secret_key) == ("0.0.0.0", 0, "k" * 32)
    assert settings.settings_path(environ, tmp_path) == Path("/srv/settings.toml")


def test_env_file_is_read_and_the_environment_overrules_it(tmp_path):
    (tmp_path / ".env").write_text("STOREKEEPER_PORT=9000\nSTOREKEEPER_HOST=::1\nOPENAI_API_KEY='sk-é'\nEMPTY\n")
    place = settings.place({"STOREKEEPER_PORT": "9001"}, tmp_path)

    assert (place.port, place.host) == (9001, "::1")
    assert place.environ == {"STOREKEEPER_PORT": "9001", "STOREKEEPER_HOST": "::1", "OPENAI_API_KEY": "sk-é"}


def test_settings_path_is_read_from_env_file_too(tmp_path):
    (tmp_path / ".env").write_text("STOREKEEPER_SETTINGS=/srv/a.toml\n")

    assert settings.settings_path({}, tmp_path) == Path("/srv/a.toml")
    assert settings.settings_path({"STOREKEEPER_SETTINGS": "/srv/b.toml"}, tmp_path) == Path("/srv/b.toml")


@pytest.mark.parametrize("port", ["", "x", "-1", "65536", "80.0", " 80", "8_0", "\uff18\uff10", "²", "99999999999"])
def test_a_bad_port_is_one_line(tmp_path, port):
    with pytest.raises(BadSetting) as raised:
        settings.place({"STOREKEEPER_PORT": port}, tmp_path)
    assert str(raised.value) == f"STOREKEEPER_PORT = {port!r}: takes a port number from 0 to 65535."


@pytest.mark.parametrize("token", ["", "a short secret", "é" * 20, "a secret of\ntwo lines"])
def test_an_unsendable_or_guessable_metrics_token_is_refused(tmp_path, token):
    with pytest.raises(BadSetting) as raised:
        settings.place({"STOREKEEPER_METRICS_TOKEN": token}, tmp_path)
    assert str(raised.value) == (
        "STOREKEEPER_METRICS_TOKEN: takes at least 16 ASCII characters; leave it out and there is no /metrics."
    )


@pytest.mark.parametrize("key", ["", "change-me", "k" * 31], ids=["empty", "a word", "31 bytes"])
def test_a_short_secret_is_refused_without_showing_it(tmp_path, key):
    with pytest.raises(BadSetting) as raised:
        settings.place({"STOREKEEPER_SECRET_KEY": key}, tmp_path)
    assert str(raised.value) == (
        "STOREKEEPER_SECRET_KEY: takes at least 32 bytes; leave it out and one is made and kept."
    )


def test_the_bytes_of_a_secret_count_not_its_characters(tmp_path):
    assert settings.place({"STOREKEEPER_SECRET_KEY": "é" * 16}, tmp_path).secret_key == "é" * 16


@pytest.mark.parametrize(
    "key",
    ["changeme-changeme-changeme-changeme", "your-secret-key-of-32-bytes-or-more", "<32 bytes or more: a secret key>"],
)
def test_a_placeholder_secret_is_refused_without_showing_it(tmp_path, key):
    with pytest.raises(BadSetting) as raised:
        settings.place({"STOREKEEPER_SECRET_KEY": key}, tmp_path)
    assert str(raised.value) == ("STOREKEEPER_SECRET_KEY: holds a placeholder; leave it out and one is made and kept.")


# Where models must not be asked, and what is no key

METADATA = [
    "http://169.254.169.254", "http://169.254.170.2/v1", "http://[fd00:ec2::254]/v1", "http://[fe80::1]:8080/v1",
    "http://[fe80::1%25eth0]/v1", "http://[::ffff:169.254.169.254]/v1", "http://2852039166/v1", "http://0xa9fea9fe/v1",
    "http://169.254.43518/v1", "http://100.100.100.200/v1", "http://metadata.google.internal/v1", "HTTP://METADATA/v1",
    "http://instance-data./v1", "https://key@169.254.169.254/v1",
]  # fmt: skip


@pytest.mark.parametrize("address", METADATA)
def test_a_machines_own_secrets_are_no_model(tmp_path, address):
    with pytest.raises(BadSetting, match="link-local") as raised:
        read(tmp_path, MODELS + f'base_url = "{address}"')
    assert str(raised.value) == (
        f'base_url = "{addresses.masked(address)}" of model gpt-6-luna: is link-local, where clouds keep a machine\'s secrets; '
        "takes the address of a server."
    )
    with pytest.raises(BadSetting, match=r"OPENAI_BASE_URL = .*link-local"):
        settings.check_providers(some(("cloud",), ()), {"OPENAI_BASE_URL": address})


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:11434/v1", "http://10.0.0.5/v1", "http://[::1]:8080/v1", "http://[fd12::1]/v1", "http://gpu/v1",
     "https://api.example.com/v1", "http://169.253.0.1/v1", "http://metadata.example.com/v1", "http://100.100.100.201/v1"],
)  # fmt: skip
def test_any_other_address_may_be_a_models(tmp_path, address):
    assert read(tmp_path, MODELS + f'base_url = "{address}"').models[0].base_url == address
    settings.check_providers(some(("cloud",), ()), {"OPENAI_BASE_URL": address})


SECRET = "http://ana:word-1@x.example/v1?token=word-2"


@pytest.mark.parametrize(
    "text",
    [
        MODELS + f'base_url = "{SECRET}"',
        MODELS + f'base_url = "{SECRET.replace("ana:", "")}"',
        f'[catalogue]\nfeed = "{SECRET}"',
        f'[notify]\nwebhook = "{SECRET}"',
        f'[notify]\nsmtp = "{SECRET.replace("http", "smtp")}"',
    ],
)
def test_an_address_is_refused_without_its_secrets(tmp_path, text):
    """A line of a refused file stands in the log and on a page; and no key can be sent beside a user and a password."""
    with pytest.raises(BadSetting) as raised:
        read(tmp_path, text)
    assert "word-" not in str(raised.value)


def test_openais_address_is_refused_without_its_secrets():
    with pytest.raises(BadSetting, match="takes no user and password") as raised:
        settings.check_providers(some(("cloud",), ()), {"OPENAI_BASE_URL": SECRET})
    assert "word-" not in str(raised.value)


@pytest.mark.parametrize("address", ["http://[", "http://[x]/v1", "http:///v1", "api.openai.com", "file:///etc/passwd"])
def test_what_is_no_address_is_no_models(tmp_path, address):
    with pytest.raises(BadSetting, match="takes an address with http"):
        read(tmp_path, MODELS + f'base_url = "{address}"')
    with pytest.raises(BadSetting, match=r"OPENAI_BASE_URL = .*takes an address with http"):
        settings.check_providers(some(("cloud",), ()), {"OPENAI_BASE_URL": address})


PLACEHOLDERS = [
    "...", "sk-...", "sk-…", "sk-proj-...AbCd", "sk-********AbCd", "sk-xxxxxxxxxxxxxxxx", "XXXXXXXX", "changeme", "Change_Me!",
    "replace-me", "your-api-key", "YOUR_OPENAI_KEY", "your key here", "sk-your-key-here", "<your key>", "[key]", "{{ key }}",
    "$OPENAI_API_KEY", "${KEY}", "insert key here", "api-key", "API_KEY", "placeholder", "todo", "example", " sk-... ", "'sk-...'",
]  # fmt: skip


@pytest.mark.parametrize("key", PLACEHOLDERS)
def test_a_placeholder_is_no_key_and_is_not_shown(key):
    with pytest.raises(BadSetting) as raised:
        settings.check_providers(some(("cloud",), ()), {"OPENAI_API_KEY": key})
    assert str(raised.value) == (
        "OPENAI_API_KEY: holds a placeholder, no key; put the provider's key there, or take the line out."
    )


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        pytest.param({"api_key_env": "SHOP_KEY", "base_url": "https://api.example.com/v1"}, "SHOP_KEY", id="elsewhere"),
        pytest.param({"api_key_env": "SHOP_KEY"}, "SHOP_KEY", id="OpenAI with a key of its own"),
    ],
)
def test_a_placeholder_for_another_server_is_none_either(model, variable):
    chosen = Settings(chat=("m",), summariser=("m",), models=(Model(name="m", max_input=9, **model),))
    with pytest.raises(BadSetting, match=variable):
        settings.check_providers(chosen, {variable: "changeme"})


@pytest.mark.parametrize(
    ("model", "environ"),
    [
        pytest.param({}, {"OPENAI_API_KEY": "sk-proj-Ab3xxxT9"}, id="a key"),
        pytest.param({}, {"OPENAI_API_KEY": "sk-testing-your-luck"}, id="a strange key"),
        pytest.param({}, {}, id="none: the embedded model answers"),
        pytest.param(
            {}, {"OPENAI_API_KEY": "sk-xxx", "OPENAI_BASE_URL": "http://127.0.0.1:1234/v1"}, id="a local server"
        ),
        pytest.param({"base_url": "http://x/v1"}, {"OPENAI_API_KEY": "changeme"}, id="a key that nobody is given"),
        pytest.param({"gguf": "/m.gguf"}, {"OPENAI_API_KEY": "changeme"}, id="a file"),
    ],
)
def test_what_may_be_a_key_or_is_given_to_nobody_stops_no_start(model, environ):
    chosen = Settings(chat=("m",), summariser=("m",), models=(Model(name="m", max_input=9, **model),))
    settings.check_providers(chosen, environ)


# The catalogue


def test_the_catalogue_needs_no_table_and_reads_any_prompt():
    model = some(("catalogue",), ("catalogue",)).model("catalogue")

    assert model.is_code
    assert model.max_input >= 10**9


def test_no_table_may_have_the_name_of_the_catalogue(tmp_path):
    with pytest.raises(BadSetting, match="takes another name"):
        read(tmp_path, '[[models]]\nname = "catalogue"\nmax_input = 9\n')


# The shop's data


@pytest.mark.parametrize("address", METADATA)
def test_a_machines_own_secrets_are_no_feed(address):
    with pytest.raises(BadSetting, match=r"catalogue.feed = .*link-local"):
        settings.read({"catalogue": {"feed": address}})


@pytest.mark.parametrize("address", ["ftp://shop.example/a.xml", "products.xml", "https://", "http://["])
def test_what_is_no_address_is_no_feed(address):
    with pytest.raises(BadSetting, match=r"catalogue.feed = .*takes an address"):
        settings.read({"catalogue": {"feed": address}})


@pytest.mark.parametrize("address", ["http://shop.example/a.xml", "http://10.0.0.5/a.xml"])
def test_a_feed_in_the_clear_is_refused_elsewhere(address):
    with pytest.raises(BadSetting, match="http:// is for this machine only"):
        settings.read({"catalogue": {"feed": address}})


@pytest.mark.parametrize(
    "address", ["", "https://shop.example/a.xml", "http://127.0.0.1:9/a", "http://[::1]/a", "http://localhost/a"]
)
def test_a_feed_over_tls_or_of_this_machine_is_taken(address):
    assert settings.read({"catalogue": {"feed": address}}).catalogue.feed == address


@pytest.mark.parametrize("currency", ["R$", "brl", "BRLX", "BRL\n"])
def test_a_currency_is_an_iso_code(currency):
    with pytest.raises(BadSetting, match="currency"):
        settings.read({"currency": currency})


def test_a_process_that_reads_files_knows_no_secret(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("STOREKEEPER_SECRET_KEY", "secret")
    monkeypatch.setenv("TMPDIR", "/tmp")

    given = settings.child_environment()

    assert "PATH" in given
    assert given["TMPDIR"] == "/tmp"
    assert not [name for name in given if name.startswith(("OPENAI", "STOREKEEPER"))]


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        ({"email": "ana@shop.example"}, "notify.smtp: is missing"),
        ({"email": "ana", "smtp": "smtp://localhost"}, 'notify.email = "ana": takes an address'),
        ({"email": "ana@x.example, ,", "smtp": "smtp://localhost"}, "notify.email"),
        ({"smtp": "smtp://localhost"}, "notify.sender: is missing"),
        ({"smtp": "smtp://ana:word@localhost"}, "notify.smtp: takes no password"),
        ({"smtp": "smtp://ana@x.example@localhost", "sender": "A <a@x.example>"}, "notify.sender"),
        ({"webhook": "http://hooks.example/secret"}, "notify.webhook: takes an address with https://"),
        ({"webhook": "https://169.254.169.254/"}, "notify.webhook: is link-local"),
        ({"webhook_format": "teams"}, "notify.webhook_format"),
        ({"quiet": "at night"}, "notify.quiet: takes two times of day"),
        ({"timezone": "UTC"}, "notify.timezone: there is no such setting"),
    ],
)
def test_a_bad_way_to_be_told_stops_the_start(notify: dict[str, str], told: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(told)) as refused:
        settings.read({"notify": notify})

    assert "secret" not in str(refused.value).replace("secrets", "")


def test_mails_come_from_whom_the_settings_name() -> None:
    def mail_from(**notify: str) -> str:
        return settings.read({"notify": {"smtp": "smtp://localhost", **notify}}).notify.mail_from

    assert mail_from(email="ana@x.example, bob@x.example") == "ana@x.example"
    assert mail_from(smtp="smtp://bot@y.example@mail.example", email="ana@x.example") == "bot@y.example"
    assert mail_from(smtp="smtp://bot@mail.example", email="ana@x.example") == "ana@x.example"
    assert mail_from(sender="shop@x.example", email="ana@x.example") == "shop@x.example"


@pytest.mark.parametrize("name", ["Recife", "../../etc/passwd", "", "America/Nowhere", "x" * 300])
def test_a_time_zone_is_one_that_there_is(name: str) -> None:
    with pytest.raises(BadSetting, match="timezone"):
        settings.read({"timezone": name})


def test_a_short_secret_of_the_webhook_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="STOREKEEPER_WEBHOOK_SECRET: takes at least 16 ASCII characters"):
        settings.place({"STOREKEEPER_WEBHOOK_SECRET": "short"}, tmp_path)
