"""Tests of the owner's templates: what they can do, and that none of them takes a turn's time, memory or secrets."""

import time
import tracemalloc

import pytest

from memory.context.templates import MOST_SOURCE_CHARS, fill
from settings import ROOT
from shop.texts import PromptsUnreadable

STORE = "Mugs.\nBowls.\nMatter of fact, a long line of the shop's texts.\n" * 1_000


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("{{ store }}", "a b"),
        ("{% if store %}yes{% else %}no{% endif %}", "yes"),
        ("{{ store | upper }} {{ store.split(' ') | join('-') }}", "A B a-b"),
        ("{% for rule in ['one', 'two'] %}{{ loop.index }}. {{ rule }} {% endfor %}", "1. one 2. two "),
        ("{% for n in range(3) if n %}{{ n * 2 + 1 }}{% endfor %}", "35"),
        ("{% set name = 'Ana ' ~ store %}{{ name }}", "Ana a b"),
        ("{{ 'yes' if 'a' in store and not absent is defined else 'no' }}", "yes"),
        ("{{ missing | default('none') }} {{ store[0] }}{{ store[1:] }}", "none a b"),
        ("{{ store | replace('a', 'c') | indent(2, true) }} {{ -1 + 7 // 2 }}", "  c b 2"),
        ("{# nothing #}{{ 'x' + store }}{{ 7 % 4 }}", "xa b3"),
    ],
)
def test_a_template_puts_its_values_into_words(source: str, filled: str) -> None:
    assert fill(source, "rules", store="a b") == filled


@pytest.mark.parametrize("name", ["system.md", "summarise.md"])
def test_the_templates_that_come_with_it_are_filled(name: str) -> None:
    source = (ROOT / "prompts" / name).read_text()
    values: dict[str, str | int] = {
        "store": "<s>",
        "summary": "<n>",
        "history": "<h>",
        "conversation": "<c>",
        "words": 40,
        "language": "de",
    }

    filled = fill(source, name, **values)

    wanted = ["<c>", "40", "de"] if name == "summarise.md" else ["<s>", "<n>", "<h>"]
    assert all(value in filled for value in wanted)


HOSTILE = {
    "a loop without end": "{% for a in range(9999999999) %}x{% endfor %}",
    "nested loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
    "a loop over letters": "{% for a in store %}{% for b in store %}{% if a == b %}{% endif %}{% endfor %}{% endfor %}",
    "a loop that copies": "{% for a in range(9000) %}{{ store }}{% endfor %}",
    "a loop that works": "{% for a in range(9000) %}{% set x = store | upper | lower | title %}{% endfor %}",
    "a loop that calls": "{% for a in range(9000) %}{% set x = store.upper().lower().split('a') %}{% endfor %}",
    "a long text times": "{{ 'x' * 99999999999 }}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a list times": "{{ [1] * 99999999999 }}",
    "numbers that grow": "{% set a = 999999999 * 999999999 * 999999999 %}",
    "doubling by a name": "{% set x = store ~ store %}" + "{% set x = x ~ x %}" * 60,
    "doubling by adding": "{% set x = store + store %}" + "{% set x = x + x %}" * 60,
    "doubling a list": "{% set x = [store, store] %}" + "{% set x = [x, x] %}" * 60 + "{{ x }}",
    "doubling by a block": "{% set x %}{{ store }}{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 60,
    "a wide format": "{{ '%99999999999d' % 1 }}",
    "a wide format filter": "{{ '%99999999999d' | format(1) }}",
    "a wide centre": "{{ 'x' | center(99999999999) }}",
    "a wide method": "{{ 'x'.center(99999999999) }}",
    "a wide indent": "{{ store | indent(99999999) }}",
    "replacing by all": "{{ store | replace('', store) | replace('', store) }}",
    "replacing by a method": "{{ store.replace('', store) }}",
    "joining by all": "{{ store | join(store) }}",
    "endless words": "{{ lipsum(n=99999) }}",
    "endless calls": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "a recursive loop": "{% for x in ['a'] recursive %}{{ loop(['a']) }}{% endfor %}",
    "a deep text": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "a long source": "x" * (MOST_SOURCE_CHARS + 1),
    "many kept texts": "".join(f"{{% set x{n} = store.upper() %}}" for n in range(1_400)),
    "many kept lists": "".join(f"{{% set x{n} = store | list %}}" for n in range(1_400)),
    "many kept words": "".join(f"{{% set x{n} = store.split(' ') %}}" for n in range(1_300)),
    "many kept numbers": "".join(f"{{% set x{n} = range(9999) | list %}}" for n in range(1_200)),
    "many kept parts": "".join(f"{{% set x{n} = store[1:] %}}" for n in range(1_500)),
    "many parts at once": "{{ store | default(" + "store[1:], " * 4_000 + ") }}",
    "filters in a row": "{{ store" + " | upper" * 12_000 + " }}",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_template_holds_a_turn(what: str) -> None:
    began = time.thread_time()

    with pytest.raises(PromptsUnreadable, match=r"^rules"):
        fill(HOSTILE[what], "rules", store=STORE)

    assert time.thread_time() - began < 5


@pytest.mark.parametrize("what", [what for what in HOSTILE if what.startswith("many")])
def test_no_template_fills_the_memory(what: str) -> None:
    tracemalloc.start()

    with pytest.raises(PromptsUnreadable, match="far longer"):
        fill(HOSTILE[what], "rules", store=STORE)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 60_000_000


SECRETIVE = [
    "{{ store.__class__ }}",
    "{{ store.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ store | attr('__class__') }}",
    "{{ '{0.__class__}'.format(store) }}",
    "{{ '{0.__class__}' | format(store) }}",
    "{{ store.format_map({}) }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ namespace }}",
    "{{ dict(a=1) }}",
    "{% import 'os' as os %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% call store() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% for x in ['a'] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% for x in ['a'] %}{{ loop._iterator }}{% endfor %}",
    "{{ store.split.__self__ }}",
    "{{ store | map('upper') | list }}",
    "{{ store | pprint }}",
    "{{ store() }}",
    "{% debug %}",
]


@pytest.mark.parametrize("source", SECRETIVE)
def test_no_template_reaches_beyond_its_values(source: str) -> None:
    with pytest.raises(PromptsUnreadable, match=r"^rules"):
        fill(source, "rules", store="a")


def test_a_value_that_is_a_template_is_text() -> None:
    assert fill("{{ store }}", "rules", store="{{ 1 / 0 }}") == "{{ 1 / 0 }}"


def test_the_line_of_a_mistake_is_told() -> None:
    with pytest.raises(PromptsUnreadable, match=r"^rules, line 2: "):
        fill("one\n{% if %}", "rules", store="a")
    with pytest.raises(PromptsUnreadable, match=r"^rules: .* \(line 3\)\.$"):
        fill("one\n\n{% macro a() %}{% endmacro %}", "rules", store="a")


@pytest.mark.parametrize("source", [r"{{ '\ud800' }}", r"{% set half = '\udc00' %}{{ store ~ half }}"])
def test_half_a_character_fills_no_template(source: str) -> None:
    with pytest.raises(PromptsUnreadable):
        fill(source, "system.md", store="a b")
