"""What is the same for each of the thousands of applications of a run is read and compiled once: catalogues, assets, routes, templates."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

import jinja2
import pytest
from jinja2.bccache import Bucket
from quart.routing import QuartRule

from handlers.pages import languages
from handlers.pages.assets import Assets
from handlers.web.app import App
from memory.i18n import ENGLISH
from settings import ROOT


class CompiledTemplates(jinja2.BytecodeCache):
    """Templates that another environment has compiled; another text is another template."""

    def __init__(self) -> None:
        self._compiled = dict[tuple[str, str], CodeType]()

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(QuartRule):
    """The rule of a route, which compiles to the same in each application."""

    _compiled: ClassVar[dict[tuple[object, ...], dict[str, Any]]] = {}

    def compile(self) -> None:
        """Take over what an equal rule was compiled to before."""
        defaults = tuple(sorted((self.defaults or {}).items()))
        key = (self.rule, self.subdomain, self.host, self.strict_slashes, self.merge_slashes, defaults)
        if key in self._compiled:
            vars(self).update(self._compiled[key])
            return
        before = dict(vars(self))
        super().compile()
        made = {name: value for name, value in vars(self).items() if before.get(name) is not value}
        self._compiled[key] = {**made, "arguments": self.arguments}


@contextmanager
def read_once() -> Iterator[None]:
    """Share what never changes between the applications of this process; the catalogues of other folders are read each time."""
    load = languages.load
    of_the_code = cache(partial(load, ROOT / "languages"))

    def loaded(folder: Path, default: str = ENGLISH) -> languages.Languages:
        return of_the_code(default) if folder == ROOT / "languages" else load(folder, default)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "load", loaded)
        patch.setattr(App, "url_rule_class", CompiledRule)
        patch.setattr("handlers.web.app.Assets", cache(Assets))
        patch.setattr(jinja2, "Environment", partial(jinja2.Environment, bytecode_cache=CompiledTemplates()))
        yield
