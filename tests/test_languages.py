"""Every sentence in every language: the catalogues are complete, and no page shows a word that is in none of them.

For the second a language is made whose sentences stand between ⟦ and ⟧, dropped in as one more file, and every page and
fragment is asked for in it. What people, the shop and its settings say is in Greek here, so a Latin letter outside of the
brackets is a sentence that somebody forgot to mark.
"""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from quart import Quart

from completions.errors import ErrorDetails, ErrorKind, ModelError
from languages.update import CODE, LANGUAGES, forms, places, read, sentences, tags
from memory.context import summary
from memory.context.model_choice import Why
from memory.context.summary import Covered, Segment, Summary
from memory.conversations.records import Ending, Receipt, Record, print_record
from memory.people import accounts, invites
from memory.storage.folders import Folder
from memory.storage.users import Users
from memory.usage import ledger
from server import create_app
from settings import ROOT, Environment
from tests.conftest import enter, replies_of, services_of
from tests.support.shop import NOON, PASSWORD, Answered, Scripted, Visitor, settings_of
from tests.test_routes import KEPT, ROWS, path_of

CATALOGUES = sorted(LANGUAGES.glob("*.po"))
every_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def template() -> Catalog:
    return sentences()


# The catalogues


def test_brazilian_portuguese_comes_with_it() -> None:
    assert "pt_BR" in [path.stem for path in CATALOGUES]


@every_catalogue
def test_a_catalogue_has_every_sentence_and_no_other(path: Path, template: Catalog) -> None:
    catalogue = read(path)
    told, known = ({str(message.id) for message in one if message.id} for one in (template, catalogue))

    assert told - known == set(), "missing: run `uv run just languages` and translate them"
    assert known - told == set(), "no longer said: run `uv run just languages`"
    assert not catalogue.obsolete
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert [message.id for message in catalogue if message.id and not all(text for _, text in forms(message))] == []


@every_catalogue
def test_a_translation_keeps_its_sentences_placeholders_and_tags(path: Path) -> None:
    pairs = [pair for message in read(path) if message.id for pair in forms(message)]
    assert len(pairs) > 100
    for english, translated in pairs:
        assert places(translated) == places(english), english
        assert tags(translated) == tags(english), english
        assert (english[0].isspace(), english[-1].isspace()) == (translated[0].isspace(), translated[-1].isspace())
        assert english.endswith(".") == translated.endswith("."), english


def test_no_sentence_is_said_inside_of_an_f_string() -> None:
    """Python 3.11 gives an f-string as one piece: what is said in it would be in no catalogue."""
    paths = [path for pattern in CODE for path in ROOT.glob(pattern)]
    assert len(paths) > 50
    for path in paths:
        for text in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr)):
            calls = [node for node in ast.walk(text) if isinstance(node, ast.Call) and node.args]
            said = [call.func for call in calls if isinstance(call.args[0], ast.Constant)]
            names = {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in said}
            assert not names & {"_", "N_", "gettext", "ngettext"}, f"{path}, line {text.lineno}"


# A language between brackets

MODELS = ("λ", "μ")
SPOKEN = {"Accept-Language": "eo"}
_DATA = {"code", "pre", "bdi", "textarea", "script", "style", "time"}
_NO_END = {"br", "hr", "img", "input", "link", "meta", "rect", "line", "path", "use"}
_SAID_IN = ("aria-label", "title", "placeholder", "alt")
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_OURS = re.compile(r"\b(ana|bob|carla|newcomer|maria|customer\d+|owner\d+|UTC|txt|JSON|Markdown|(Nov|Okt)\b)|US\$")
"""Names of people, of forms and units, and months of that language: the same in all of them, or not ours."""


class Forgotten(HTMLParser):
    """Finds the words of a page that are not between brackets, nor somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found = list[str]()
        self._open = list[tuple[str, bool]]()
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name in _SAID_IN:
            self._look(re.sub(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧", "", values.get(name, "")), f"{name}: ")
        is_data = tag in _DATA or "lang" in values or "settings" in values.get("class", "").split()
        if tag == "html":
            is_data = False
        if tag not in _NO_END:
            self._open.append((tag, is_data))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _NO_END:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        outside = ""
        for char in data:
            self._depth += (char == "⟦") - (char == "⟧")
            outside += char if self._depth == 0 else " "
        if not any(is_data for _, is_data in self._open):
            self._look(outside)

    def _look(self, text: str, where: str = "") -> None:
        if _LETTERS.search(_OURS.sub("", text)):
            self.found.append(f"{where}{text.strip()}")


def forgotten(answered: Answered) -> list[str]:
    """Return the words that are in no catalogue; nothing for what is no page, or leads on."""
    kind = answered.headers.get("content-type", "")
    if answered.status in range(300, 400) or not kind.startswith(("text/html", "text/event-stream")):
        return []
    text = answered.text
    if kind.startswith("text/event-stream"):
        text = "\n".join(line[6:] for line in text.split("\n") if line.startswith("data: ") and "<" in line)
    reader = Forgotten()
    reader.feed(text)
    assert reader._depth == 0, text
    return reader.found


@dataclass
class House:
    """The shop in that language, and its people: each comes new, with all that a page can show of them."""

    app: Quart
    users: Users
    account: dict[str, bytes]
    count: int = 0
    newest: str = ""
    """The name of who came last."""
    seen: list[str] = field(default_factory=list)

    def come(self, role: str = "customer") -> Visitor:
        self.count += 1
        name = self.newest = f"{role}{self.count}"
        self.users.create(name, re.sub(rb'"(ana|bob)"', f'"{name}"'.encode(), self.account[role]))
        talk(self.users.folder(name))
        return self.speaking(enter(self.app, name))

    def speaking(self, visitor: Visitor) -> Visitor:
        visitor.headers |= SPOKEN
        return visitor

    @property
    def nobody(self) -> Visitor:
        return self.speaking(Visitor(self.app))

    def look(self, answered: Answered, *statuses: int) -> Answered:
        """Check an answer: nothing in it was forgotten."""
        assert answered.status in statuses if statuses else answered.status < 500, answered
        assert forgotten(answered) == []
        text = answered.body.decode(errors="replace")
        if text.startswith("<!doctype") and answered.status not in range(300, 400):
            assert '<html lang="eo">' in text
        self.seen.append(text)
        return answered


FAULTS = (*get_args(ErrorKind), "prompts", "disk", "bug", "budget")
CHANGED = 4 + 2 * (len(get_args(Ending)) + len(get_args(Why)) + len(FAULTS))
"""The number of an answer to a question that was changed since."""


def talk(folder: Folder) -> None:
    """Write a conversation with every ending, fault and reason, one set aside, notes of each kind, usage and a word on it."""
    receipts = [
        Receipt(3000, 2900, 40, Decimal("0.0012"), 0.4, 2.1, 1), Receipt(10, 0, 1, None, None, 1.0, 3),
    ]  # fmt: skip
    records = [Record(1, NOON, "user", "Ψ;"), Record(2, NOON, "assistant", "Ω.", "λ", "stop", receipt=receipts[0])]

    def answer(ending: Ending, why: str | None = None, text: str = "Ω", receipt: Receipt | None = None) -> None:
        number = len(records) + 1
        records.append(Record(number, NOON, "user", "Ψ;"))
        records.append(Record(number + 1, NOON, "assistant", text, "μ", ending, None, why, receipt))

    for ending in get_args(Ending):
        answer(ending, receipt=receipts[1])
    for why in get_args(Why):
        answer("stop", why)
    for word in FAULTS:
        answer("failed", word, text="")
    answer("stop")
    assert len(records) == CHANGED
    records.append(Record(CHANGED + 1, NOON, "user", "Χ;", replaces=CHANGED - 1))
    records.append(Record(CHANGED + 2, NOON, "assistant", "Ω.", "μ", "stop"))
    answer("failed", "looked_up:unreachable")
    records.append(Record(len(records) + 1, NOON, "assistant", "Φ.", "λ", "stop", replaces=len(records)))
    data = b"".join(map(print_record, records))
    aside = folder.path / "archive" / KEPT
    aside.mkdir(parents=True)
    for place in (folder.path, aside):
        (place / "history.txt").write_bytes(data)
    ends = [len(b"".join(map(print_record, records[:n]))) for n in (0, 2, 4, 6, 8)]
    kinds: list[tuple[Any, str, str | None]] = [
        ("customer", "Σ", None), ("customer", "", None), ("model", "Σ", "λ"), ("extractive", "Σ", None),
    ]  # fmt: skip
    segments = tuple(
        Segment(2 * n + 1, 2 * n + 2, ends[n], ends[n + 1], method, NOON, text, model)
        for n, (method, text, model) in enumerate(kinds)
    )
    with folder.lock():
        summary.save(folder, Summary(segments), Covered())
    for purpose, ending, cost in (("chat", "stop", "0.5"), ("summary", "server_error", None), ("chat", "refused", "1")):
        price = None if cost is None else Decimal(cost)
        ledger.note(folder, ledger.LedgerEntry(NOON, purpose, "λ", 90, 9, 10, price, 1.0, ending))


def bracketed(folder: Path) -> None:
    """Write the catalogue of the language between brackets."""
    made = Catalog(locale="eo", charset="utf-8", fuzzy=False)
    for message in sentences():
        if isinstance(message.id, str) and message.id:
            made.add(message.id, f"⟦{message.id}⟧")
        elif message.id:
            made.add(message.id, tuple(f"⟦{one}⟧" for one in message.id))
    folder.mkdir()
    with (folder / "eo.po").open("wb") as file:
        write_po(file, made)
    for path in CATALOGUES:
        (folder / path.name).write_bytes(path.read_bytes())


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose data are Greek, and a folder of languages beside it."""
    root = tmp_path_factory.mktemp("shop")
    (root / "store").mkdir()
    (root / "store" / "δ.md").write_text("# Δέλτα\n\n- **Αλφα βητα γαμμα;** Ναι.\n")
    for name in ("system.md", "summarise.md"):
        (root / name).write_text((ROOT / "prompts" / name).read_text())
    bracketed(root / "languages")
    return root


def place_of(prompts: Path, users: Path) -> Environment:
    return Environment(
        users=users, prompts=prompts, host="127.0.0.1", port=8000, secret_key="a key for tests, long enough to be one",
        environ={}, languages=prompts / "languages", reports=prompts / "reports",
    )  # fmt: skip


@pytest.fixture
async def house(prompts: Path, tmp_path: Path, accounts_of_all: dict[str, bytes]) -> AsyncIterator[House]:
    place = place_of(prompts, tmp_path / "users")
    settings = settings_of(
        dict.fromkeys(MODELS, None), shop="Καφές", contact="λ@γ.δ", signup="open", owner_reads_conversations=True,
        summariser=[MODELS[0]], budget={"daily_tokens_per_user": 1_000_000}, limits={"message_chars": 50, "messages_per_minute": 0},
    )  # fmt: skip
    app = create_app(settings, place, completer=Scripted(["Ω."]), now=lambda: NOON)
    users = services_of(app).users
    for name, account in accounts_of_all.items():
        users.create(name, account)
    yield House(app, users, {"owner": accounts_of_all["ana"], "customer": accounts_of_all["bob"]})
    await replies_of(app).close(0)


async def test_no_route_has_words_that_are_in_no_catalogue(house: House) -> None:
    """Every route, as its person asks it and as nobody does, by htmx and by a plain form."""
    for route, row in ROWS.items():
        method, _, rule = route.partition(" ")
        form = {**row.form} | {name: "Ψ;" for name in ("content", "title", "text") if name in row.form}
        for htmx in ("", "true"):
            visitor = house.come(row.who)
            if "/customers/" in rule:
                house.come()
            path = path_of(route, {"name": house.newest} if "/customers/" in rule else {})
            ask = visitor.get if method == "GET" else lambda path, **fields: visitor.post(path, form, **fields)  # noqa: B023
            for asking, address in ((ask, path), (ask, path_of(route, nobodys=True))):
                house.look(await asking(address, HX_Request=htmx))
            nobody = house.nobody
            house.look(await nobody.ask(method, path, headers=[("HX-Request", htmx)]))
    whole = "".join(house.seen)
    for sentence in ("none", "customer"):
        assert f"⟦{sentence}" in whole or f"{sentence}</strong>" in whole, sentence


def refusals(users: Users) -> Iterator[tuple[str, str, dict[str, str], int]]:
    """Return requests of an owner that are refused or told of: method, path, form, status."""
    long = "Ψ" * 60
    yield "POST", "/messages", {"content": " "}, 422
    yield "POST", "/messages", {"content": long}, 422
    yield "POST", "/messages", {"content": "Ψ;", "model": "ω"}, 422
    yield "POST", "/messages/2/edit", {"content": "Ψ;"}, 409
    yield "POST", "/messages/1/edit", {"content": "Ψ;", "after": "1"}, 409
    yield "POST", "/replies/again", {"number": "1"}, 409
    yield "POST", "/replies/2-20261123T120000Z/feedback", {"rating": "ω"}, 422
    yield "POST", f"/messages/{CHANGED}/take", {}, 409
    yield "GET", "/nothing", {}, 404
    yield "GET", "/logout", {}, 405
    yield "GET", "/conversations?q=Ψ", {}, 200
    yield "GET", "/conversations?q=ω", {}, 200
    yield "GET", "/conversations?q=ω&after=current.1", {}, 200
    yield "GET", "/conversations?imported=1", {}, 200
    yield "GET", "/conversations?imported=5", {}, 200
    yield "GET", "/conversations?page=2", {}, 200
    yield "GET", f"/conversations/{KEPT}?at=2", {}, 200
    yield "GET", f"/conversations/{KEPT}?before=10", {}, 200
    yield "GET", "/?before=10", {}, 200
    yield "GET", "/?after=10", {}, 200
    yield "POST", "/summary", {"text": "Σ" * 20_001}, 422
    yield "GET", "/account?said=password", {}, 200
    yield "GET", "/account?said=ended", {}, 200
    yield "POST", "/account/password", {"current": "ω", "password": "ω", "again": "ωω"}, 422
    yield "POST", "/account/password", {"current": "correct horse battery", "password": "ω", "again": "ω"}, 422
    yield "POST", "/account/password", {"current": "ω", "password": "ω", "again": "ω"}, 403
    yield "GET", "/admin/customers?q=zz", {}, 200
    yield "GET", "/admin/customers?page=2", {}, 200
    yield "POST", "/admin/customers", {"username": "ω"}, 422
    yield "POST", "/admin/customers", {"username": "bob"}, 409
    yield "POST", "/admin/invites", {"days": "0"}, 422
    yield "POST", "/admin/invites", {"days": "3"}, 200
    yield "POST", "/admin/customers/bob/budget", {"daily_tokens": "ω"}, 422
    yield "POST", "/admin/customers/bob/budget", {"daily_usd": "ω"}, 422
    yield "POST", "/admin/customers/bob/delete", {"password": "ω"}, 403
    yield "POST", "/admin/customers/bob/export", {"password": "ω"}, 403
    yield "POST", "/admin/customers/bob/reset", {"password": "ω"}, 403
    yield "GET", "/admin/customers/bob?said=budget", {}, 200
    yield "GET", "/admin/customers?said=deleted&show=disabled&sort=seen", {}, 200
    yield "GET", "/admin/audit", {}, 200
    yield "GET", "/admin/customers/carla", {}, 200
    yield "POST", "/admin/customers/carla/reset", {"password": PASSWORD}, 409
    yield "GET", "/admin/customers/bob/conversation?before=5", {}, 200
    yield "POST", "/signup", {"username": "ω", "password": "ω"}, 422
    yield "POST", "/signup", {"username": "dora", "password": "ω"}, 422
    yield "POST", "/signup", {"username": "bob", "password": "correct horse battery"}, 422
    yield "POST", "/login", {"username": "bob", "password": "ω"}, 401
    yield "GET", "/login?said=deleted", {}, 303


async def test_no_refusal_has_words_that_are_in_no_catalogue(house: House) -> None:
    carla = house.users.create("carla", b"no account")
    talk(house.users.folder("bob"))
    invites.make(house.users, NOON)
    accounts.disable(house.users.folder("bob"))
    for n in range(60):
        house.users.create(f"owner{n + 900}", house.account["owner"])
    for htmx in ("", "true"):
        owner = house.come("owner")
        for method, path, form, status in refusals(house.users):
            body = [re.sub(r"&$", "", "&".join(f"{k}={v}" for k, v in form.items())).encode()]
            kind = [("Content-Type", "application/x-www-form-urlencoded"), ("HX-Request", htmx)]
            answered = await owner.ask(method, path, body, kind if method == "POST" else kind[1:])
            house.look(answered, status, *((200,) if htmx and status == 303 else ()))
    assert carla.path.exists()


async def test_new_conversation_and_anonymous_pages_are_translated_too(house: House) -> None:
    owner = enter(house.app, "ana")
    house.speaking(owner)
    page = house.look(await owner.get("/"))
    assert "⟦What can we do for you?⟧" in page.text
    assert "⟦It can help with: Δέλτα.⟧" in page.text
    house.look(await owner.get("/conversations"))
    house.look(await owner.get("/usage"))
    for name, value, status in (("Host", "elsewhere.example", 421), ("Sec-Fetch-Site", "cross-site", 403)):
        answered = await house.nobody.ask("GET", "/", headers=[(name, value)])
        house.look(answered, status)
        assert answered.text.startswith("⟦")
    house.look(await house.nobody.get("/login?said=deleted"), 200)
    house.look(await house.nobody.get("/signup"), 200)
    accounts.set_password(house.users.folder("bob"), "correct horse battery", NOON, is_one_time=True)
    house.look(await house.speaking(enter(house.app, "bob")).get("/account"), 200)
    exported = await house.come().get("/conversations/current/export/md")
    assert "## ⟦You⟧, " in exported.text
    assert "*(⟦stopped⟧)*" in exported.text
    wrong = [await house.nobody.post("/login", {"username": "bob", "password": "ω"}) for _ in range(21)]
    house.look(wrong[-1], 429)


async def test_files_that_are_not_taken_say_why(house: House) -> None:
    files = [
        b"", b"PK\x03\x04", b"\xff", b"none", b"[1] 2026-11-23T12:00:00Z user\nx\n",
        b"[2] 2026-11-23T12:00:00Z user\n    a\n[1] 2026-11-23T12:00:00Z user\n    a\n",
        b"[1] 2027-11-23T12:00:00Z user\n    a\n", b"[1] 2026-11-23T12:00:00Z user\n    \xff\n", b"{}", b"{", b"[]",
        b'{"storekeeper": 2}', b'{"storekeeper": 1, "title": null, "messages": [{}]}',
        b'{"storekeeper": 1, "title": null, "messages": []}', b"[1]  2026-11-23T12:00:00Z user\n    a\n",
    ]  # fmt: skip
    for data in files:
        visitor = house.come()  # each has their own imports of the hour
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + data + b"\r\n--x--\r\n"
        for htmx in ("", "true"):
            fields = [("Content-Type", "multipart/form-data; boundary=x"), ("HX-Request", htmx)]
            house.look(await visitor.ask("POST", "/conversations/import", [body], fields), 422)


@pytest.mark.parametrize("word", get_args(ErrorKind))
async def test_an_error_is_reported_in_the_language_of_stream_and_page(
    prompts: Path, tmp_path: Path, accounts_of_all: dict[str, bytes], word: ErrorKind
) -> None:
    place = place_of(prompts, tmp_path / "users")
    settings = settings_of({"λ": None}, shop="Καφές", contact="λ@γ.δ")
    app = create_app(settings, place, completer=Scripted([ModelError(ErrorDetails(word))]), now=lambda: NOON)
    services_of(app).users.create("bob", accounts_of_all["bob"])
    bob = enter(app, "bob")
    bob.headers |= SPOKEN

    asked = await bob.send("/messages", {"content": "Αλφα;"})
    stream = await bob.get("/replies/2-20261123T120000Z", Accept="text/event-stream")
    page = await bob.get("/")
    await replies_of(app).close(0)

    for answered in (asked, stream, page):
        assert [one for one in forgotten(answered) if "Storekeeper" not in one] == []
    assert "⟦" in stream.text
    if "looked_up" in (place.users / "bob" / "history.txt").read_text():
        assert "⟦The assistant can't answer right now." in (place.users / "bob" / "history.txt").read_text()
