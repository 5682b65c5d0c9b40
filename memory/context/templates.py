"""The owner's templates of prompts/, filled in: in Jinja's sandbox, and with a bound of time, of turns and of size. Pure.

A person with an owner's session can change them from a browser. So a template can do nothing but put its values into its text:
values, filters, `if`, `for` and `set`; no macro, no block, no import. Each turn of a loop, each filter and each call counts, and
so does all that they make, whether it is kept or not; what can become long is counted before it is made. So no template holds
up a turn or fills the memory.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, wraps
from typing import Any, cast

import jinja2
from jinja2 import nodes
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shop.texts import PromptsUnreadable

MOST_SOURCE_CHARS = 50_000
MOST_STEPS = 10_000
"""Turns of loops, filters and calls of one rendering."""
MOST_CPU_SECONDS = 2.0
"""Of one rendering; the shop's own template takes a ten-thousandth of it."""
MOST_TIMES, MOST_MORE_CHARS = 8, 200_000
"""How many times its values' length a rendering may make on its way and in its result, and how much beside that."""
_ITEM_CHARS = 60
"""What one item of a list counts, beside its text: about the bytes that Python keeps for it."""

_PARTS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.Name, nodes.Const,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos,
    nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Keyword, nodes.Tuple, nodes.List,
)  # fmt: skip
_METHODS = frozenset(
    "capitalize count endswith find isdigit lower lstrip removeprefix removesuffix rstrip split startswith strip title upper".split()
)
"""Of a text: those whose result is no longer than it is."""
_BUDGET = "the budget"
_TURNS, _PART = "the turns", "the part"
"""Names that no template can spell, of a value and of filters."""


class TooMuch(Exception):
    """A template takes more time or memory than the words of a prompt need."""


class NotAllowed(Exception):
    """A template uses what no template of prompts/ may."""


class _Budget:
    """What one rendering may still use."""

    def __init__(self, chars: int) -> None:
        self._chars, self._steps = MOST_TIMES * chars + MOST_MORE_CHARS, MOST_STEPS
        self._ends = time.thread_time() + MOST_CPU_SECONDS

    def step(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise TooMuch(f"it has loops of more than {MOST_STEPS:,} turns")
        self.look()

    def look(self) -> None:
        if time.thread_time() > self._ends:
            raise TooMuch("it takes too long to fill in")

    def spend(self, chars: int) -> None:
        """Count what is about to be made, or what was made out of something as long. Raise TooMuch when it is too much in all."""
        self._chars -= chars
        if self._chars < 0:
            raise TooMuch("it becomes far longer than what it is filled in with")

    def count(self, made: Any) -> Any:
        """Return what a filter or a call made, counted."""
        if isinstance(made, str):
            self.spend(len(made))
        elif isinstance(made, list):
            self.spend(sum(_ITEM_CHARS + (len(one) if isinstance(one, str) else 0) for one in made))
        return made


def fill(source: str, name: str, **values: str | int) -> str:
    """Return a template filled in. PromptsUnreadable when it cannot be, with the line where one is known.

    `name` is what the owner knows the template by.
    """
    made = list[str]()
    try:
        template = _compiled(source)  # before the time is counted: the first one of a process takes a while
        budget = _Budget(sum(len(value) for value in values.values() if isinstance(value, str)))
        for piece in template.generate({**values, _BUDGET: budget}):
            budget.spend(len(piece))
            budget.look()
            made.append(piece)
        text = "".join(made)
        text.encode()  # an escape can make half a character, which no model can be sent
    except jinja2.TemplateSyntaxError as error:
        raise PromptsUnreadable(f"{name}, line {error.lineno}: {error.message}.") from error
    except (
        Exception
    ) as error:  # a template may do anything: divide by zero, call a text, compare what cannot be compared
        raise PromptsUnreadable(f"{name}: {str(error) or type(error).__name__}.") from error
    return text


class _Sandbox(ImmutableSandboxedEnvironment):
    """Lets a template reach texts, numbers and lists, and of their methods the harmless ones."""

    intercepted_binops = frozenset("+*%")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, LoopContext):
            return super().is_safe_attribute(obj, attr, value)
        return isinstance(obj, str) and attr in _METHODS

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        budget = _budget_of(context)
        budget.step()
        return budget.count(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Add two texts of a bounded length, or reckon with two numbers of an ordinary size."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            _budget_of(context).spend(len(left) + len(right))
        elif not all(isinstance(one, int | float) and abs(one) < 1e9 for one in (left, right)):
            raise TooMuch(f"{operator} is for numbers here")
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=8)
def _compiled(source: str) -> jinja2.Template:
    """Return a template ready to be filled in: checked part by part, its loops counted."""
    if len(source) > MOST_SOURCE_CHARS:
        raise TooMuch(f"it has more than {MOST_SOURCE_CHARS:,} characters")
    environment = _Sandbox(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.globals["range"] = _short_range
    environment.filters.clear()
    environment.filters.update(_filters())
    checked = _checked(environment.parse(source))
    checked.set_environment(environment)
    return jinja2.Template.from_code(environment, environment.compile(checked), environment.globals)


def _checked(node: nodes.Node) -> Any:
    """Return a part of a template with its loops counted and its texts measured. NotAllowed."""
    is_reflexive = getattr(node, "recursive", False) or (
        isinstance(node, nodes.Name) and node.name in ("self", "super")
    )
    if not isinstance(node, _PARTS) or is_reflexive:
        raise NotAllowed(f"only values, filters, if, for and set can be used (line {node.lineno})")
    is_list = isinstance(node, nodes.List) or (isinstance(node, nodes.Tuple) and node.ctx == "load")
    if is_list and not all(isinstance(one, nodes.Const) for one in node.iter_child_nodes()):
        raise NotAllowed(f"a list can hold texts and numbers only (line {node.lineno})")
    for name, value in node.iter_fields():
        if isinstance(value, list):
            setattr(node, name, [_checked(one) if isinstance(one, nodes.Node) else one for one in value])
        elif isinstance(value, nodes.Node):
            setattr(node, name, _checked(value))
    if isinstance(node, nodes.For):
        node.iter = _filtered(node.iter, _TURNS, node)
    if isinstance(node, nodes.Concat):
        return _filtered(nodes.List(node.nodes), "join", node)
    if isinstance(node, nodes.Getitem):
        return _filtered(node, _PART, node)
    return node


def _filtered(expression: nodes.Node, name: str, at: nodes.Node) -> nodes.Filter:
    return nodes.Filter(cast(nodes.Expr, expression), name, [], [], None, None, lineno=at.lineno)


def _budget_of(context: Context) -> _Budget:
    found: _Budget = context[_BUDGET]
    return found


def _short_range(*args: int) -> range:
    found = range(*args)
    if len(found) > MOST_STEPS:
        raise TooMuch(f"it has loops of more than {MOST_STEPS:,} turns")
    return found


def _filters() -> dict[str, Callable[..., Any]]:
    plain: dict[str, Callable[..., Any]] = {
        name: FILTERS[name]
        for name in "abs capitalize d default int length count lower string title trim upper".split()
    }
    plain |= {"list": list, "sort": sorted, "unique": lambda value: list(dict.fromkeys(value))}
    plain |= {"first": lambda value: next(iter(value), ""), "last": lambda value: value[-1] if value else ""}
    plain[_PART] = lambda value: value
    measured: dict[str, Callable[..., Any]] = {"join": _join, "replace": _replace, "indent": _indent, _TURNS: _turns}
    return {name: _counted(made) for name, made in plain.items()} | {
        name: jinja2.pass_context(made) for name, made in measured.items()
    }


def _counted(made: Callable[..., Any]) -> Callable[..., Any]:

    @jinja2.pass_context
    @wraps(made)
    def counted(context: Context, *args: Any, **kwargs: Any) -> Any:
        budget = _budget_of(context)
        budget.step()
        return budget.count(made(*args, **kwargs))

    return counted


def _turns(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    """Yield what a loop goes through, each turn counted."""
    budget = _budget_of(context)
    for item in items:
        budget.step()
        yield item


def _join(context: Context, items: Iterable[Any], between: str = "") -> str:
    budget, texts = _budget_of(context), [_text(item) for item in items]
    budget.step()
    budget.spend(sum(map(len, texts)) + len(texts) * len(between))
    return between.join(texts)


def _replace(context: Context, text: str, old: str, new: str) -> str:
    budget, text = _budget_of(context), _text(text)
    budget.step()
    budget.spend(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _indent(context: Context, text: str, width: int = 4, first: bool = False) -> str:
    budget, lines = _budget_of(context), _text(text).split("\n")
    budget.step()
    budget.spend(len(text) + len(lines) * width)
    return "\n".join(_indented(lines, " " * width, first=first))


def _indented(lines: Sequence[str], margin: str, *, first: bool) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield margin + line if line and (number or first) else line


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
