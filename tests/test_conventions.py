"""Tests of the rules that hold for all of the code: who imports whom, one place for each dependency, what every route and template keeps."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from quart import Quart

from handlers.web.guards import PUBLIC
from memory.storage import layout
from settings import ROOT, Brand, Budget, CatalogueSettings, Limits, Memory, Model, Notify, Settings
from tests.conftest import Open
from tests.support.each import each
from tests.support.shop import Scripted, settings_of

ORDER = ["addresses", "brand", "settings", "shop", "memory", "completions", "handlers", "commands", "server"]
"""Each may import what stands before it, and itself."""
CODE = [ROOT / "addresses.py", ROOT / "brand.py", ROOT / "settings.py", ROOT / "server.py", ROOT / "commands.py"]
CODE += [path for package in ORDER[3:-2] for path in sorted((ROOT / package).glob("**/*.py"))]
TEMPLATES = sorted((ROOT / "templates").glob("**/*.html"))
FRAGMENTS = sorted((ROOT / "templates" / "fragments").glob("**/*.html"))
SCRIPTS = sorted((ROOT / "static").glob("**/*.js"))
STYLES = sorted((ROOT / "static").glob("**/*.css"))
SETTINGS_PAGE = (ROOT / "docs" / "settings.md").read_text()


def place_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


all_code = each(CODE, place_of)
all_templates = each(TEMPLATES, place_of)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(tree_of(path)))


@cache
def imported(path: Path) -> set[str]:
    """Return the top-level names of all modules that a file imports, wherever in it."""
    found = set[str]()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add((node.module or "").partition(".")[0])
    return found


@cache
def called(path: Path) -> set[str]:
    """Return the last names of all that a file calls."""
    functions = (node.func for node in nodes_of(path) if isinstance(node, ast.Call))
    return {f.id if isinstance(f, ast.Name) else f.attr for f in functions if isinstance(f, ast.Name | ast.Attribute)}


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


# Tests

HANGING = """
import asyncio, threading, time
import pytest

def test_sleeps():
    time.sleep(600)

def test_waits():
    threading.Event().wait()

async def test_awaits():
    await asyncio.Event().wait()

@pytest.fixture
async def broken():
    yield
    await asyncio.Event().wait()

def test_ends_badly(broken):
    pass

def test_goes_on():
    pass
"""


def test_each_test_has_a_time_limit(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    assert 60 <= int(pytestconfig.getini("timeout")) <= 300
    (tmp_path / "test_hanging.py").write_text(HANGING)
    config = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(tmp_path),
        "-p",
        "no:cacheprovider",
        "--timeout",
        "1",
    ]
    command = [sys.executable, "-m", "pytest", "-q", *config, str(tmp_path)]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)

    assert re.findall(r"\d+ (?:failed|passed|error)", ran.stdout.splitlines()[-1]) == [
        "3 failed",
        "2 passed",
        "1 error",
    ], ran.stdout


def test_each_case_that_fails_is_named() -> None:
    @each([1, 2, 3, 4], lambda number: f"no. {number}")
    def test(number: int) -> None:
        assert number % 2 == 0

    with pytest.raises(AssertionError, match=r"(?s)2 of 4.*no. 1: .*no. 3: "):
        test()


# What is looked at


def test_there_are_files_to_hold_the_rules_to() -> None:
    assert len(CODE) > 50
    assert all((TEMPLATES, SCRIPTS, STYLES, FRAGMENTS))


# Imports


@all_code
def test_imports_run_one_way(path: Path) -> None:
    later = ORDER[ORDER.index(package_of(path)) + 1 :]

    assert imported(path) & {*later, "tests"} == set()


HANDLERS = ["metrics", "logs", "services", "pages", "replies", "desk", "web", "routes", "shop_watch", "lifecycle"]
"""The modules and packages of handlers/, in order: each may import what stands before it, and itself."""


def handlers_imported(path: Path) -> set[str]:
    """Return the parts of handlers/ that a file imports, such as "pages" or "services"."""
    return {name.split(".")[1] for name in modules_imported(path) if name.startswith("handlers.")}


@cache
def modules_imported(path: Path) -> set[str]:
    """Return the full names of all that a file imports: modules, and names out of modules."""
    found = set[str]()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@each([path for path in CODE if package_of(path) == "handlers"], place_of)
def test_handlers_import_in_one_order(path: Path) -> None:
    part = path.relative_to(ROOT).with_suffix("").parts[1]
    if part == "__init__":
        return
    later = set(HANDLERS[HANDLERS.index(part) + 1 :])

    assert handlers_imported(path) & later == set()


ROUTES = sorted((ROOT / "handlers" / "routes").glob("**/[!_]*.py"))


@each(ROUTES, place_of)
def test_no_route_imports_a_route(path: Path) -> None:
    assert {name for name in modules_imported(path) if name.startswith("handlers.routes")} == set()


def test_extensions_are_read_in_few_functions() -> None:
    found = {
        (str(path.relative_to(ROOT)), function.name)
        for path in CODE
        for function in nodes_of(path)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "extensions"
    }

    assert {(path, function) for path, function in found if path != "server.py"} == {
        ("handlers/services.py", "current_services"),
        ("handlers/web/app.py", "current_web"),
        ("handlers/web/app.py", "use_settings"),
        ("handlers/web/live_settings.py", "add_live_settings"),
    }


def test_the_server_only_puts_parts_together() -> None:
    assert len((ROOT / "server.py").read_text().splitlines()) < 200


def test_class_names_are_unique() -> None:
    classes = [node.name for path in CODE for node in tree_of(path).body if isinstance(node, ast.ClassDef)]

    assert [name for name, times in Counter(classes).items() if times > 1 and not name.startswith("_")] == []


MEMORY_ORDER = ["storage", "conversations", "facts", "usage", "context", "people", "notices", "integrity"]
"""The packages of memory/, each of which may import what stands before it, and itself."""


@pytest.mark.parametrize("package", MEMORY_ORDER)
def test_packages_of_memory_import_one_way(package: str) -> None:
    later = {f"memory.{name}" for name in MEMORY_ORDER[MEMORY_ORDER.index(package) + 1 :]}
    files = [path for path in CODE if path.parent == ROOT / "memory" / package]
    found = {
        f"{path.name}: {name}"
        for path in files
        for name in modules_imported(path)
        if ".".join(name.split(".")[:2]) in later
    }

    assert files
    assert found == set()


def test_modules_beside_the_packages_of_memory_import_none() -> None:
    files = [path for path in CODE if path.parent == ROOT / "memory"]
    packages = {f"memory.{name}" for name in MEMORY_ORDER}

    assert files
    assert {
        f"{path.name}: {name}"
        for path in files
        for name in modules_imported(path)
        if ".".join(name.split(".")[:2]) in packages
    } == set()


ONLY_IN = {
    "quart": {"handlers", "server"},
    "quart_auth": {"handlers", "server"},
    "werkzeug": {"handlers", "server"},
    "openai": {"completions"},
    "aiohttp": {"completions", "shop", "handlers"},  # shop/feed.py fetches the feed, handlers/desk/ asks the webhook
    "aiosmtplib": {"handlers"},
    "httpx": {"completions"},
    "httpx2": {"completions"},
    "xllamacpp": {"completions"},
    "genai_prices": {"completions", "handlers"},  # handlers/lifecycle.py only loads it ahead of the first question
    "tiktoken": {"memory"},
    "argon2": {"memory"},
    "pyromark": {"handlers"},
    "nh3": {"handlers"},
    "babel": {"handlers", "shop"},
    "uvicorn": {"server"},
}


@all_code
def test_each_dependency_has_one_place(path: Path) -> None:
    elsewhere = {module for module, allowed in ONLY_IN.items() if package_of(path) not in allowed}

    assert imported(path) & elsewhere == set()


@all_code
def test_no_private_name_is_imported(path: Path) -> None:
    parts = {part for name in modules_imported(path) for part in name.split(".")} - {"_", "__future__"}

    assert {part for part in parts if part.startswith("_")} == set()


def test_openai_is_imported_in_one_module() -> None:
    assert {str(path.relative_to(ROOT)) for path in CODE if "openai" in imported(path)} == {"completions/endpoint.py"}


@pytest.mark.parametrize("module", ["quart", "openai", "tiktoken", "pyromark", "uvicorn", "nh3", "argon2"])
def test_each_such_dependency_is_used(module: str) -> None:
    assert any(module in imported(path) for path in CODE)


def test_what_holds_for_a_turn_or_the_desk_knows_no_request() -> None:
    found = [
        path for path in CODE if path.parent in (ROOT / "handlers" / name for name in ("pages", "replies", "desk"))
    ]

    assert len(found) > 20
    assert {path for path in found if "quart" in imported(path)} == set()


# Files of users

LAYOUT = "memory/storage/layout.py"
CHECKS = {"memory/integrity/check.py", "memory/integrity/photo_check.py"}
"""They read with names of their own, so that a mistake in the others cannot hide there."""
NAMES = {file.name for file in layout.FILES} - {layout.PHOTOS} | set(layout.BESIDE_USERS)  # "files" is a usual word
BEGINNINGS = (layout.NEW, layout.TRIAL, layout.TRASH, layout.STAGING)


def spelled(path: Path) -> list[str]:
    """Return the names of users' files that strings of a module spell, docstrings and sentences aside."""
    values = (node.value for node in nodes_of(path) if isinstance(node, ast.Constant))
    words = [value for value in values if isinstance(value, str) and " " not in value]
    return [
        word for word in words if word in NAMES or word.startswith(BEGINNINGS) or re.search(r"\.(?:torn-|tmp\b)", word)
    ]


def test_names_of_users_files_are_spelled_in_one_module() -> None:
    found = {str(path.relative_to(ROOT)): spelled(path) for path in CODE}

    assert {path for path, words in found.items() if words} == {LAYOUT, *CHECKS}, found


# What nobody calls

UNSAFE = {
    "render_template_string": set[str](),
    "from_string": set[str](),  # the owner's templates of prompts/ are checked part by part first
    "eval": set[str](),
    "exec": set[str](),
    "system": set[str](),
    "popen": set[str](),
    "lockf": set[str](),  # it does not exclude two tasks of one process
    "splitlines": {
        "settings.py",
    },  # elsewhere a text could forge a line with U+2028 and others
}
"""What must not be called, and the files that may."""


@pytest.mark.parametrize("name", UNSAFE)
def test_what_is_not_safe_is_called_by_nobody_but_those_who_may(name: str) -> None:
    assert {str(path.relative_to(ROOT)) for path in CODE if name in called(path)} <= UNSAFE[name]


@all_code
def test_a_module_has_a_docstring_and_no_todo_comments(path: Path) -> None:
    text = path.read_text()

    assert not text or ast.get_docstring(tree_of(path))
    assert re.findall(r"\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b", text) == []  # in brackets, to be none of them itself


SPOKEN = ("Give", "Say", "Tell", "Let", "Who", "Whoever")
"""Words that no docstring begins with: "Return", "Raise", "True if" or a noun say it as Python's own documentation does."""


@all_code
def test_docstrings_begin_as_pythons_own_do(path: Path) -> None:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    texts = [ast.get_docstring(node) or "" for node in nodes_of(path) if isinstance(node, documented)]

    assert [text.split("\n")[0] for text in texts if text.split(" ")[0].rstrip(":") in SPOKEN] == []


WHO_WITHOUT_A_NOUN = re.compile(
    r"\b(?:for|of|by|to|than|with) who\b|(?:^|[.;:] )who (?:is|has|reads|writes|comes)\b|\bwhoever\b", re.I
)


@all_code
def test_who_has_its_noun_in_docstrings_and_comments(path: Path) -> None:
    text = path.read_text()
    comments = re.findall(r"(?:^|\s)# (.*)", text)
    strings = (node.value for node in nodes_of(path) if isinstance(node, ast.Expr))
    docstrings = [one.value for one in strings if isinstance(one, ast.Constant) and isinstance(one.value, str)]

    assert [one for one in [*comments, *docstrings] if WHO_WITHOUT_A_NOUN.search(" ".join(one.split()))] == []


RETIRED = set(
    "beat confess door doors lane lanes looking masking meter remake shelf shelves takeout waiters wish".split()
)
"""Words of an earlier vocabulary: CONTRIBUTING.md asks for the field's terms, and one word an idea."""


@all_code
def test_no_name_is_of_the_retired_vocabulary(path: Path) -> None:
    defined = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    names = {node.name for node in nodes_of(path) if isinstance(node, defined)}
    names |= {node.id for node in nodes_of(path) if isinstance(node, ast.Name)}
    names |= {node.arg for node in nodes_of(path) if isinstance(node, ast.arg)}
    names |= {node.attr for node in nodes_of(path) if isinstance(node, ast.Attribute)}

    assert path.stem not in RETIRED
    assert {
        name for name in names if set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")) & RETIRED
    } == set()


MOST_NAME_CHARS = 60


@each(sorted((ROOT / "tests").glob("**/*.py")), place_of)
def test_names_of_tests_are_short_sentences(path: Path) -> None:
    tests = re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M)

    assert [name for name in tests if len(name) > MOST_NAME_CHARS] == []


MOST_LINES = 500


@all_code
def test_a_module_is_of_one_subject_and_no_larger(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


# The one place that opens users' files

DISK = {"os", "shutil", "tempfile"}
ALLOWED = {
    "memory/context/tokens.py": "the token tables' own cache, no file of a user",
    "memory/apart.py": "the priority of a process",
    "memory/conversations/intake.py": "an unnamed file between two processes",
    "memory/conversations/photos.py": "unnamed files between two processes",
    "memory/conversations/spool.py": "the reply stays open while it is written",
    "memory/conversations/history.py": "reads blocks of an open file from its end",
    "memory/conversations/exports.py": "an open history goes on wherever its file is moved",
    "memory/conversations/archive.py": "moves files between two directories of one person",
    "memory/conversations/imports.py": "makes directories aside and moves them in as a whole",
    "memory/people/deleted.py": "moves a user's directory away and back as a whole",
    "memory/people/roll.py": "looks at 10,000 accounts at once, without a directory opened for each",
    "memory/people/data_export.py": "copies open files piece by piece",
}
"""Modules of memory/ beside storage/ and integrity/ that call the system for files, and why."""


def test_users_files_are_opened_in_one_place() -> None:
    inside = [path for path in CODE if package_of(path) == "memory"]
    inside = [path for path in inside if path.parent.name not in ("storage", "integrity")]

    assert {str(path.relative_to(ROOT)) for path in inside if imported(path) & DISK} == set(ALLOWED)


def test_importing_a_module_reads_no_environment() -> None:
    found = [(path, name) for path in CODE for name in read_at_import(tree_of(path))]

    assert found == []
    assert read_at_import(ast.parse("import os\nA = os.environ['HOME']\nB: str = open('x').read_text()")) == [
        "environ",
        "read_text",
    ]
    assert read_at_import(ast.parse("def make(home=os.getenv('HOME')): ...\nclass A:\n    home = os.environ")) == [
        "getenv",
        "environ",
    ]


def read_at_import(module: ast.Module) -> list[str]:
    """Return what of the machine the statements of a module ask for."""
    values = ast.Assign | ast.AnnAssign | ast.Expr
    at_once: list[ast.AST] = [node for node in module.body if isinstance(node, values)]
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            at_once += [value for value in (*node.args.defaults, *node.args.kw_defaults) if value is not None]
        elif isinstance(node, ast.ClassDef):
            at_once += [part for part in node.body if isinstance(part, values)]
    names = [part.attr for node in at_once for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return [name for name in names if name in ("environ", "getenv", "open", "read_text", "connect")]


# Routes


@pytest.fixture
def app(open_shop: Open) -> Quart:
    return open_shop(settings_of({"luna": None}), Scripted())


def test_the_public_routes_are_these(app: Quart) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert endpoints >= PUBLIC
    assert len(PUBLIC) == 14, "a route that needs no login is a decision: test_security.py holds all others"


def test_what_changes_something_is_a_post_and_nothing_else(app: Quart) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule
        last = rule.rule.rpartition("/")[2]
        if last in ("new", "open", "stop", "again", "continue", "edit", "logout", "messages"):
            assert methods == {"POST"}, rule


FIXED = {
    "GET": ["/healthz", "/login", "/signup", "/", "/replies/<reply_id>", "/history", "/conversations", "/summary"]
    + ["/prompt", "/usage"],
    "POST": ["/login", "/logout", "/signup", "/messages", "/replies/<reply_id>/stop", "/replies/again"]
    + ["/replies/continue", "/messages/<int:number>/edit", "/conversations/new", "/conversations/clear", "/summary"]
    + ["/summary/clear"],
}


@pytest.mark.parametrize("method", FIXED)
def test_the_addresses_that_others_know_are_there(app: Quart, method: str) -> None:
    known = {rule.rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())}

    assert set(FIXED[method]) - known == set()


# Settings


def keys_of(kind: type[msgspec.Struct], prefix: str = "") -> set[str]:
    return {prefix + name for name in kind.__struct_fields__}


def rows_between(heading: str, end: str) -> list[list[str]]:
    """Return the cells of the first table's rows after a heading of docs/settings.md."""
    part = SETTINGS_PAGE.partition(heading)[2].partition(end)[0]
    rows = [line.strip("|").split(" | ") for line in part.split("\n") if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


SETTINGS = rows_between("# Settings", "Each `[[models]]` table:")
MODELS = rows_between("Each `[[models]]` table:", "From the environment")
ENVIRONMENT = rows_between("From the environment", "\n## ")


def test_every_setting_is_documented_and_no_other() -> None:
    groups: dict[str, type[msgspec.Struct]] = {
        "brand": Brand,
        "catalogue": CatalogueSettings,
        "memory": Memory,
        "budget": Budget,
        "limits": Limits,
        "notify": Notify,
    }
    keys = keys_of(Settings) - set(groups)
    for name, kind in groups.items():
        keys |= keys_of(kind, f"{name}.")

    assert {row[0].strip("`") for row in SETTINGS} == keys


def test_every_key_of_a_model_is_documented_and_no_other() -> None:
    assert {row[0].strip("`") for row in MODELS} == keys_of(Model)


def default_of(key: str) -> object:
    value: object = Settings()
    for name in key.split("."):
        value = getattr(value, name)
    return value


@each(SETTINGS, lambda row: row[0])
def test_a_settings_default_is_the_documented_one(row: list[str]) -> None:
    default = default_of(row[0].strip("`"))
    if default is None or row[0] == "`models`":
        return
    written = tomllib.loads(f"written = {row[1].strip('`')}")["written"]

    assert (tuple(written) if isinstance(written, list) else written) == default


@each(MODELS, lambda row: row[0])
def test_a_models_default_is_the_documented_one(row: list[str]) -> None:
    name, written = row[0].strip("`"), row[1]
    fields = {field.name: field for field in msgspec.structs.fields(Model)}
    if not written.startswith("`") or name == "window":  # told in words
        assert fields[name].required or fields[name].default is None
        return
    if fields[name].default is None:
        return

    default = fields[name].default if fields[name].default is not msgspec.NODEFAULT else {}
    found = tomllib.loads(f"found = {written.strip('`')}")["found"]
    assert (tuple(found) if isinstance(found, list) else found) == default


def test_every_variable_is_documented_and_no_other() -> None:
    used = set[str]()
    for path in CODE:
        used |= set(re.findall(r"\"((?:STOREKEEPER|OPENAI)_[A-Z_]+)\"", path.read_text()))
    own = {"STOREKEEPER_SERVED", "STOREKEEPER_VERBOSE"}  # from the first process to its workers, nobody's to set

    assert {row[0].strip("`") for row in ENVIRONMENT} == used - own


def test_settings_toml_has_no_undocumented_key() -> None:
    import tomllib

    shipped = tomllib.loads((ROOT / "settings.toml").read_text())
    assert shipped
    explained = {row[0].strip("`") for row in SETTINGS}
    for key, value in shipped.items():
        if isinstance(value, dict):
            assert {f"{key}.{name}" for name in value} <= explained
        else:
            assert key in explained


# State that outlives a request

_MUTATING = set("add append clear discard extend insert pop popitem remove setdefault update".split())
_COLLECTIONS = ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp


def callee(node: ast.expr) -> str:
    """Return the last name of what is called: `cache` of `functools.cache(read)`, `dict` of `dict[str, int]()`."""
    return ast.unparse(node).partition("(")[0].partition("[")[0].rpartition(".")[2]


def assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Return what is assigned to one name or attribute each: the name, and the value."""
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield ast.unparse(node.targets[0]), node.value
        elif isinstance(node, ast.AnnAssign) and node.value:
            yield ast.unparse(node.target), node.value


def changed(node: ast.AST) -> str:
    """Return the name of the collection that a step changes, "" for none."""
    match node:
        case ast.Subscript(value, _, ast.Store() | ast.Del()):
            return ast.unparse(value)
        case ast.AugAssign(target):
            return ast.unparse(target)
        case ast.Call(ast.Attribute(value, name)) if name in _MUTATING:
            return ast.unparse(value)
    return ""


def state_of(path: Path) -> set[str]:
    """Return the names by which a file keeps state beside its objects: caches, globals, context variables, thread-locals.

    A dictionary, list or set of a module is state where the module changes it.
    """
    tree = tree_of(path)
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = {one.name for one in functions if {"lru_cache", "cache"} & set(map(callee, one.decorator_list))}
    found |= {name for name, value in assigned(nodes) if ast.unparse(value).startswith(("lru_cache(", "cache("))}
    found |= {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    for name, value in assigned(tree.body):
        is_call = isinstance(value, ast.Call)
        if is_call and callee(value) in ("ContextVar", "local"):
            found.add(name)
        is_collection = is_call and callee(value).lower().endswith(
            ("dict", "dictionary", "list", "set", "deque", "counter")
        )
        if (is_collection or isinstance(value, _COLLECTIONS)) and name in set(map(changed, nodes)):
            found.add(name)
    return found


STATE = {
    "completions/endpoint.py: _context": "one TLS context a process: loading the system's authorities takes 24 ms",
    "handlers/logs.py: _trace": "the request whose log lines these are, in whatever task or thread",
    "handlers/pages/highlight.py: _highlight": "1.7 ms a block of code",
    "handlers/pages/setting_forms.py: meanings": "a file of the documentation, read once for a page of 40 settings",
    "handlers/web/cookies.py: self._remembered": "a signature checked: a tenth of a request",
    "memory/facts/stated.py: said_in": "each clause is held against later ones: half of the time of a fold by code",
    "memory/facts/finding.py: find": "a clause is asked for its values by each rule; 0.1 ms each",
    "memory/facts/finding.py: keys": "the same for what the values state",
    "memory/facts/finding.py: with_addresses": "the same with addresses",
    "memory/context/templates.py: _compiled": "the owner's template compiled: 55 % of a turn's own CPU",
    "memory/context/remembered.py: _notes": "the notes of all segments: the same for many turns, and made twice a turn",
    "memory/context/remembered.py: _units": "what holds of them: a small model's prompt is tried with several budgets a turn",
    "memory/context/tokens.py: _count_block": "17 % of a turn's own CPU",
    "memory/context/tokens.py: _count_line": "32 % of a turn's own CPU",
    "memory/context/tokens.py: _loaded": "the token tables: 0.4 s and 48 MB each",
    "memory/context/tokens.py: _offer_tables": "unpacks them once a process",
    "memory/context/tokens.py: count_again": "27 % of a turn's own CPU where the shop's data have 3,000 paragraphs",
    "memory/facts/wording.py: _begun": "which cues a word may begin: a fifth of the time of a fold by code",
    "memory/facts/wording.py: cues_in": "asked of a clause when it is taken in and when it is compared: a twentieth of a fold",
    "memory/facts/wording.py: flat_short": "asked of every clause by each rule: a tenth of the time of a fold by code",
    "memory/facts/wording.py: is_content": "asked of every word of a clause by each rule",
    "memory/facts/wording.py: stem": "asked of every word of a clause by each rule",
    "memory/conversations/history.py: _parse_once": "16 % of a turn's own CPU",
    "memory/conversations/listing.py: _look": "by the file's version; 0.5 ms a conversation listed",
    "memory/people/accounts.py: _load_version": "by the file's version; 45 us a request and a ping of a stream",
    "memory/people/roll.py: _look": "by the file's version; 0.2 s for a list of 10,000 customers",
    "memory/storage/folders.py: _held": "the visits of a thread: a conversation's end is read once a turn",
    "memory/conversations/doubts.py: _count_of": "by the file's version; the owner's first page counts 14 days of wrong claims",
    "memory/usage/activity.py: _current": "by the file's inode; the owner's first page asks for all users of 14 days",
    "memory/usage/activity.py: _set_aside": "by the directory's version; the same",
    "memory/usage/day_totals.py: _decoded": "by the file's version; 130 ms a look at Today and Usage",
    "memory/usage/day_totals.py: _read": "by the file's version; a customer's page, and the two where the disk takes nothing",
    "shop/answers/sameness.py: _grammar": "a file of the code's own; the owner's desk compares 1,000 questions a page",
    "shop/answers/asking.py: _phrases": "a file of the code's own: 12 kB that each question is read with",
    "shop/search/lexicon.py: _read": "80 ms: an index that was built is opened to be checked, and again to be used",
    "shop/search/spellings.py: _forms": "a file of the code's own that each question is read with",
    "shop/search/text_values.py: _questions": "the same, as patterns",
    "shop/search/limits.py: _patterns": "20 ms to compile, which no start of a process waits for",
    "shop/claims/policies.py: topic_of": "each value of a sentence asks for the same pieces of it: with stems, an eighth of a check",
    "shop/claims/wording.py: stem": "asked of every word of a sentence by each rule",
    "shop/texts.py: _read_version": "by the files' versions; 14 % of a turn's own CPU",
}
"""Caches and other state that outlives a request: what each buys, without which it goes. Docs: performance.md."""


def test_state_beside_objects_is_listed_with_its_reason() -> None:
    paths = [*CODE, ROOT / "commands.py"]
    found = {f"{path.relative_to(ROOT)}: {name}" for path in paths for name in state_of(path)}

    assert found == set(STATE)


def test_every_cache_has_its_row_in_the_docs() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    caches = {name.partition(":")[0] for name in STATE} - {"handlers/logs.py"}  # which is a context, and no cache

    assert [path for path in sorted(caches) if f"`{path}`" not in page] == []


STATEFUL = """
import threading
from contextvars import ContextVar
from functools import cache, lru_cache
FIXED = {1: 2}
seen = dict[str, int]()
counts = []
left = {1}
asking: ContextVar[int] = ContextVar("asking")
held = threading.local()
total = 0
@lru_cache(maxsize=4)
def read(): ...
@cache
def load(): ...
class Kept:
    def __init__(self):
        self.once = lru_cache(maxsize=4)(self.read)
def work():
    global total
    seen["a"] = 1
    counts.append(2)
    left.discard(1)
    return FIXED[1]
"""


def test_each_kind_of_state_is_found(tmp_path: Path) -> None:
    (tmp_path / "stateful.py").write_text(STATEFUL)

    assert state_of(tmp_path / "stateful.py") == set("seen counts left asking held total read load self.once".split())


# Templates

ON = re.compile(r"on[a-z]+|hx-on.*|style|srcdoc|hx-vars|hx-vals|hx-headers")


class Reader(HTMLParser):
    """Finds in a template what a page must not hold. Jinja's own marks are taken out before."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong = list[str]()
        self._in: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        values = dict(attrs)
        if tag == "style" or (tag == "script" and not {"src", "nonce", "integrity"} <= names):
            self.wrong.append(f"<{tag}> by itself")
        if tag in ("iframe", "object", "embed", "base", "frame"):
            self.wrong.append(f"<{tag}>")
        self.wrong += [f"{name}= on <{tag}>" for name in names if ON.fullmatch(name)]
        if tag == "form" and values.get("method", "get") != "post" and values.get("role") != "search":
            self.wrong.append("a form that is not a post")
        for name in ("hx-trigger", "hx-confirm", "hx-get", "hx-post"):
            value = values.get(name) or ""
            if value.startswith("js:") or "[" in value:
                self.wrong.append(f"{name} that is code")
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-sse:connect"):
            value = values.get(name) or ""
            if value and not value.startswith(("/", "#", "X")):
                self.wrong.append(f"{name} leads elsewhere: {value}")
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = None

    def handle_data(self, data: str) -> None:
        if self._in in ("script", "style") and data.strip():
            self.wrong.append(f"text in <{self._in}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("a comment that everybody can read")


@all_templates
def test_a_template_holds_no_script_and_no_style(path: Path) -> None:
    reader = Reader()
    reader.feed(re.sub(r"\{\{.*?\}\}", "X", re.sub(r"\{%.*?%\}", "", path.read_text())))

    assert reader.wrong == []


@all_templates
def test_a_template_escapes_everything(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\|\s*safe\b|autoescape|Markup|\{%-?\s*raw", text)


def test_html_is_declared_safe_in_two_modules_only() -> None:
    found = {str(path.relative_to(ROOT)) for path in CODE if "Markup" in called(path)}

    assert found == {"handlers/pages/bubbles.py", "handlers/pages/templates.py"}


def test_every_fragment_is_used() -> None:
    texts = "".join(path.read_text() for path in [*TEMPLATES, *CODE])
    for path in FRAGMENTS:
        used = f"fragments/{path.name}" in texts or f'"{path.stem}"' in texts
        assert used or path.stem == "notice", path.name


def test_our_own_script_is_small_and_makes_no_html() -> None:
    """Save what a reply's stream carries: the server's own HTML, sanitised last, added in one place."""
    for path in SCRIPTS:
        text = path.read_text()
        assert text.count("insertAdjacentHTML") == (path.name == "chat.js")
        for word in (
            "innerHTML",
            "outerHTML",
            "document.write",
            "eval(",
            "new Function",
            "http:",
        ):
            assert word not in text, word


def test_no_style_or_script_comes_from_elsewhere() -> None:
    for path in [*STYLES, *SCRIPTS]:
        assert not re.search(r"@import|url\(|https?://", path.read_text()), path.name
