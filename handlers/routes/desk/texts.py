"""The owner's page of one file: its text to be edited, or what it begins with; its report, and its earlier versions."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from markupsafe import escape
from quart import Blueprint, Response, abort, request

from handlers.desk import shop_files, text_checks, uploads
from handlers.desk.shop_files import ABOVE, SYNONYMS, ReadFile
from handlers.desk.text_checks import MOST_CHARS, NEEDED, NotSaved, TriedFile
from handlers.pages import bubbles, file_reports
from handlers.services import Services, current_services, in_thread
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, language, redirect_to, render_page
from handlers.web.shop_editing import change, current_editor, editable_or_404
from memory.text import normalise
from shop.editing import versions
from shop.editing.versions import EarlierVersion, EditableFile
from shop.products import FileReport, Product
from shop.readers.names import SUFFIXES, TEXT_SUFFIXES
from shop.readers.synonyms import groups_of
from shop.texts import RULES, STORE, SUMMARISE

texts = Blueprint("desk_texts", __name__, url_prefix="/admin/texts")
texts.before_request(only_owners)

MOST_ROWS = 20
"""Of the products or lines that a page shows of a file that it has no room to edit."""
_MOST_LINE_CHARS = 300
_MOST_DIFF_CHARS = 30_000
_MOST_VERSIONS = 20
_PLAIN = (".md", ".markdown", ".rst")
"""Suffixes of texts that no reader makes anything else of."""

PreviewKind = Literal["page", "prompt", "groups", "products", "text"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text would become: a page, a prompt, groups of words, products with their report, or plain text."""

    kind: PreviewKind
    text: str = ""
    groups: tuple[tuple[str, ...], ...] = ()
    tried: TriedFile | None = None


@dataclass(frozen=True, slots=True)
class TypedText:
    """What somebody has typed, and what is to be said to it."""

    text: str
    seen: str
    """The digest of what it began from."""
    problem: str | None = None
    preview: Preview | None = None
    theirs: str | None = None
    """What the file holds by now, where somebody else has changed it."""
    asks: bool = False
    """True where it may be saved all the same."""


@dataclass(frozen=True, slots=True)
class FilePage:
    """What the page knows of a file at one time. `text` is None where it is not edited here."""

    name: str
    found: ReadFile
    text: str | None
    report: FileReport | None
    versions: tuple[EarlierVersion, ...]
    products: tuple[Product, ...] = ()
    lines: tuple[str, ...] = ()


@texts.get("/<name>")
async def show_text(name: str) -> Answer:
    """A file: its text, or its first rows, and its earlier versions; 404 where there is none of this name."""
    return _page(await _load(name), saved=request.args.get("saved") == "1")


async def _load(name: str) -> FilePage:
    """Return what is known of a file; else the answer is 404."""
    page = await in_thread(_read, current_services(), editable_or_404(name))
    if page.found.found == "absent" and name not in ABOVE:
        abort(404)
    return page


def _read(services: Services, file: EditableFile) -> FilePage:
    name, found = file.path.name, shop_files.look(file)
    whole = "" if found.found == "absent" else None if found.data is None else shop_files.text_of(found.data)
    text = whole if whole is not None and len(escape(whole)) <= MOST_CHARS else None
    report = text_checks.report_of(name, uploads.reports_of(services)) if name not in ABOVE else None
    page = FilePage(name, found, text, report, tuple(versions.earlier(file)[:_MOST_VERSIONS]))
    if text is not None:
        return page
    products = _first_products(services, name)
    lines = () if products or whole is None else tuple(_cut(line) for line in whole.split("\n", MOST_ROWS)[:MOST_ROWS])
    return replace(page, products=products, lines=lines)


def _first_products(services: Services, name: str) -> tuple[Product, ...]:
    """Return the first products of a file that are in use."""
    snapshot = services.shop.snapshot
    if snapshot is None:
        return ()
    found = snapshot.index.rows("SELECT id FROM products WHERE file = ? ORDER BY line LIMIT ?", (name, MOST_ROWS))
    return tuple(snapshot.index.by_ids([one for (one,) in found]))


def _cut(line: str) -> str:
    return line if len(line) <= _MOST_LINE_CHARS else f"{line[:_MOST_LINE_CHARS]}…"


def _page(
    page: FilePage, status: int = 200, draft: TypedText | None = None, problem: str | None = None, **more: bool
) -> Response:
    services = current_services()
    tried = draft.preview.tried if draft and draft.preview else None
    products = tried.products if tried else page.products
    return render_page(
        "admin_text.html",
        status,
        page=page,
        title=_title(page.name),
        is_removable=page.name not in ABOVE,
        accepted=",".join(sorted(SUFFIXES)),
        text=draft.text if draft else page.text,
        draft=draft,
        report=file_reports.shown(language(), page.report) if page.report else None,
        tried=file_reports.shown(language(), tried.report) if tried else None,
        products=[
            file_reports.shown_product(language(), product, services.settings.currency)
            for product in products[:MOST_ROWS]
        ],
        rendered=bubbles.draft(draft.preview.text)
        if draft and draft.preview and draft.preview.kind == "page"
        else None,
        hint=_hint(page.name),
        problem=problem,
        saved=more.get("saved", False),
    )


def _title(name: str) -> str:
    return {RULES: _("Rules for answers"), SUMMARISE: _("Rules for notes"), SYNONYMS: _("Synonyms")}.get(name, name)


def _hint(name: str) -> str:
    """Return what an owner is to know before editing this file."""
    if name in NEEDED:
        places = ", ".join(f"{{{{ {place} }}}}" for place in NEEDED[name])
        if name == RULES:
            return _(
                "What the assistant is told before every answer. Keep %(places)s: the shop's data, the notes and the conversation go there.",
                places=places,
            )
        return _(
            "What the assistant is told when it takes notes of a long conversation. Keep %(places)s.", places=places
        )
    if name == SYNONYMS:
        return _(
            "Words that mean the same in your shop, one group per line, with commas between them. Example: hammock, swing bed, net."
        )
    if Path(name).suffix.lower() in TEXT_SUFFIXES:
        return _("The assistant answers from this text. Headings and short sentences help it find the right place.")
    return _("One product per line; the first line names the columns.")


@texts.post("/<name>")
async def save_text(name: str) -> Answer:
    """Save a text that was edited, or show what it would become. 409 where somebody else has changed it, 422 with the reason."""
    page, form = await _load(name), await request.form
    if "text" not in form or "seen" not in form:
        return _page(page, 422, problem=_("The form didn't arrive complete. Nothing was changed."))
    if page.text is None:
        return _page(page, 409, problem=_("This file is too large to be edited here. Nothing was changed."))
    text = normalise(form["text"])
    text = f"{text}\n" if text else ""
    draft, is_preview = TypedText(text, form["seen"]), form.get("action") == "preview"
    if len(escape(text)) > MOST_CHARS:
        problem = _("Up to %(most)s characters can be edited here. Put the rest into a second text.", most=MOST_CHARS)
        return _page(page, 422, replace(draft, problem=problem))
    try:
        await in_thread(text_checks.check, name, text)
        preview = await in_thread(_preview, current_services(), page, text, is_asked=is_preview)
    except NotSaved as error:
        return _page(page, 422, replace(draft, problem=language().error_text(error)))
    if is_preview:
        return _page(page, 200, replace(draft, preview=preview))
    if (
        preview
        and preview.tried
        and text_checks.is_doubtful(preview.tried.report, page.report)
        and "anyway" not in form
    ):
        return _page(page, 422, replace(draft, problem=_doubt(preview.tried, page.report), preview=preview, asks=True))
    return await _save(name, draft)


async def _save(name: str, draft: TypedText) -> Answer:
    file = editable_or_404(name)
    found = await in_thread(shop_files.look, file)
    if (
        found.digest == draft.seen
        and found.data is not None
        and normalise(shop_files.text_of(found.data) or "") == normalise(draft.text)
    ):
        return redirect_to(f"/admin/texts/{quote(name)}")
    data = shop_files.data_of(draft.text, found.data)
    refused = await change(current_editor().save, file, data, seen=draft.seen)
    if refused is None:
        return redirect_to(f"/admin/texts/{quote(name)}?saved=1")
    page = await in_thread(_read, current_services(), file)
    if refused[0] != 409:
        return _page(page, refused[0], replace(draft, problem=refused[1]))
    theirs = shop_files.text_of(page.found.data or b"") or ""
    return _page(page, 409, replace(draft, problem=refused[1], theirs=theirs[:MOST_CHARS]))


def _doubt(tried: TriedFile, before: FileReport | None) -> str:
    """Return why a table is not saved at once."""
    if tried.report.error:
        return _("The assistant can't use the file like this.")
    if not tried.report.products:
        return _("No products would be left: no column names a product and its price.")
    return _(
        "Only %(count)s of %(before)s products would be left.",
        count=tried.report.products,
        before=before.products if before else 0,
    )


def _preview(services: Services, page: FilePage, text: str, *, is_asked: bool) -> Preview | None:
    """Return what a text would become; of one that is saved only what the readers make of a table. Blocks."""
    name = page.name
    if name in NEEDED:
        return Preview("prompt", text_checks.sample(name, text)) if is_asked else None
    if name == SYNONYMS:
        return Preview("groups", groups=groups_of(text)) if is_asked else None
    if Path(name).suffix.lower() in _PLAIN:
        return Preview("page", text) if is_asked else None
    data = shop_files.data_of(text, page.found.data)
    tried = text_checks.read_text_apart(name, data, services.prompts / STORE, services.settings.currency)
    return Preview("products" if tried.report.products or tried.report.error else "text", text, tried=tried)


# Earlier versions


@texts.get("/<name>/versions/<version>")
async def show_version(name: str, version: str) -> Answer:
    """What has changed since an earlier version; 404 where there is none of this name."""
    page, file = await _load(name), editable_or_404(name)
    earlier = next((one for one in await in_thread(versions.earlier, file) if one.name == version), None)
    if earlier is None:
        abort(404)
    return render_page(
        "admin_version.html",
        page=page,
        title=_title(name),
        earlier=earlier,
        lines=await in_thread(_differences, file, earlier, page.found.data),
    )


def _differences(file: EditableFile, earlier: EarlierVersion, now: bytes | None) -> list[tuple[str, str]] | None:
    """Return the lines that differ, each with its sign; None where they cannot be compared. Blocks."""
    if earlier.size > shop_files.MOST_COMPARED_CHARS * 4:
        return None
    before, after = shop_files.text_of(versions.read_version(file, earlier.name)), shop_files.text_of(now or b"")
    if before is None or after is None or not shop_files.is_comparable(before, after):
        return None
    shown, chars = list[tuple[str, str]](), 0
    for line in versions.diff(before, after):
        chars += len(escape(line)) + 20
        if chars > _MOST_DIFF_CHARS:
            return [*shown, ("@", "")]
        shown.append((line[0], "" if line[0] == "@" else _cut(line[1:])))
    return shown


@texts.post("/<name>/restore")
async def restore_version(name: str) -> Answer:
    """Put an earlier version into the file again; what it holds now becomes one."""
    page, form = await _load(name), await request.form
    file, version = editable_or_404(name), form.get("version", "")
    if version not in {one.name for one in await in_thread(versions.earlier, file)}:
        abort(404)
    if (
        whole := shop_files.text_of(await in_thread(versions.read_version, file, version))
    ) is not None and name in ABOVE:
        try:
            await in_thread(text_checks.check, name, whole)
        except NotSaved as error:
            return _page(page, 422, problem=language().error_text(error))
    refused = await change(current_editor().restore, file, version, seen=form.get("seen", ""))
    return (
        _page(page, refused[0], problem=refused[1]) if refused else redirect_to(f"/admin/texts/{quote(name)}?saved=1")
    )
