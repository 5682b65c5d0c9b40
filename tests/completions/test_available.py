"""Tests of which models somebody serves here."""

import sys

import pytest

from completions import available
from settings import BadSetting, Model, Settings


@pytest.mark.parametrize(
    ("keys", "environ", "reachable"),
    [
        pytest.param({}, {}, False, id="nothing"),
        pytest.param({}, {"OPENAI_API_KEY": "sk-1"}, True, id="OpenAI's key"),
        pytest.param({}, {"OPENAI_API_KEY": ""}, False, id="an empty key"),
        pytest.param({}, {"OPENAI_BASE_URL": "http://x"}, True, id="a base URL for all"),
        pytest.param({"base_url": "http://x"}, {}, True, id="its own base URL"),
        pytest.param({"gguf": "/m.gguf"}, {}, True, id="a file here"),
        pytest.param({"api_key_env": "KEY"}, {"KEY": "k"}, True, id="its own key"),
        pytest.param({"api_key_env": "KEY"}, {}, False, id="its own key is missing"),
        pytest.param({"api_key_env": "KEY"}, {"KEY": ""}, False, id="its own key is empty"),
        pytest.param({"api_key_env": "KEY"}, {"OPENAI_API_KEY": "sk-1"}, False, id="another's key is not used"),
        pytest.param({"api_key_env": "KEY", "base_url": "http://x"}, {}, True, id="a server that may need no key"),
    ],
)
def test_a_model_is_reachable_when_it_has_a_server(keys, environ, reachable):
    assert available.is_reachable(Model(name="m", max_input=1, **keys), environ) is reachable


def some(chat, summariser):
    models = (Model(name="cloud", max_input=9), Model(name="local", max_input=9, base_url="http://x"))
    return Settings(chat=chat, summariser=summariser, models=models)


KEY = {"OPENAI_API_KEY": "sk-1"}


@pytest.mark.parametrize(
    ("chosen", "environ", "left"),
    [
        pytest.param((("cloud", "local"), ("cloud",)), KEY, (("cloud", "local"), ("cloud",)), id="all are here"),
        pytest.param((("cloud", "local"), ("cloud", "local")), {}, (("local",), ("local",)), id="one is here"),
        pytest.param(
            (("cloud", "local"), ("cloud",)), {}, (("local",), ("local",)), id="the last of the chat summarises"
        ),
        pytest.param((("cloud",), ()), KEY, (("cloud",), ("cloud",)), id="no summariser"),
        pytest.param((("cloud",), ("local",)), {}, (("catalogue",), ("local",)), id="none of the chat is here"),
        pytest.param(((), ("local",)), KEY, (("catalogue",), ("local",)), id="none is wanted"),
        pytest.param((("cloud",), ("cloud",)), {}, (("catalogue",), ("catalogue",)), id="none is here"),
        pytest.param((("catalogue", "cloud"), ("catalogue",)), {}, (("catalogue",), ("catalogue",)), id="by name"),
        pytest.param((("cloud", "catalogue"), ()), KEY, (("cloud", "catalogue"), ("catalogue",)), id="the last"),
    ],
)
def test_unserved_models_are_dropped_or_the_catalogue_answers(chosen, environ, left):
    ready = available.reachable(some(*chosen), environ)

    assert (ready.chat, ready.summariser) == left
    assert all(available.is_reachable(ready.model(name), environ) for name in (*ready.chat, *ready.summariser))


def test_a_gguf_file_without_its_server_names_the_command(monkeypatch):
    local = Settings(chat=("m",), summariser=("m",), models=(Model(name="m", max_input=9, gguf="/m.gguf"),))
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(BadSetting) as raised:
        available.check_files(local)

    assert str(raised.value) == "gguf of model m: needs llama.cpp's server. Run: uv sync --group embedded"
    available.check_files(Settings())
