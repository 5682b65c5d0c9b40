"""The owner's page of the shop's files: what was made of each, uploads, and files that were removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import quote

from quart import Blueprint, Response, abort, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.desk import shop_files, uploads
from handlers.desk.shop_files import ABOVE, Editor, RemovedFile, StoreFile
from handlers.desk.uploads import Upload
from handlers.pages import file_reports
from handlers.pages.file_reports import ShownReport
from handlers.services import Services, current_services, in_thread
from handlers.web.app import current_web
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, language, redirect_to, render_page
from handlers.web.shop_editing import attachment, change, current_editor, editable_or_404
from handlers.web.uploads import Request
from memory.text import normalise
from shop.editing import versions
from shop.editing.versions import ABSENT
from shop.products import FileReport
from shop.readers.names import SUFFIXES

if TYPE_CHECKING:
    from shop.feed import FeedState

data = Blueprint("desk_data", __name__, url_prefix="/admin/data")
data.before_request(only_owners)

PAGE_FILES = 25
_MOST_DOUBTS = 3
_MOST_REMOVED = 50
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of the store with what was made of it. `report` is None until it is read; `is_known`: it has a page of its own."""

    file: StoreFile
    report: ShownReport | None
    doubts: tuple[str, ...] = ()
    more_doubts: int = 0
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class ShownFeed:
    """The feed as the page shows it."""

    host: str
    state: "FeedState"
    error: str
    report: ShownReport | None


@dataclass(frozen=True, slots=True)
class Listing:
    """All that the page knows of the disk and of the index at one time."""

    files: tuple[StoreFile, ...]
    removed: tuple[RemovedFile, ...]
    reports: tuple[FileReport, ...]
    feed: "tuple[str, FeedState] | None"
    is_behind: bool


@data.get("")
async def show_data() -> Answer:
    """The shop's files with search, a page of them, and the forms to add some."""
    return await _page()


async def _page(status: int = 200, problem: str | None = None) -> Response:
    services = current_services()
    listing = await in_thread(_listing, services)
    sought = request.args.get("q", "").strip()[:64]
    found = [file for file in listing.files if sought.casefold() in file.name.casefold()]
    pages = max(1, -(-len(found) // PAGE_FILES))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    reports = {report.file: report for report in listing.reports}
    return render_page(
        "admin_data.html",
        status,
        files=[
            _listed(file, reports.get(file.name)) for file in found[(number - 1) * PAGE_FILES : number * PAGE_FILES]
        ],
        count=len(found),
        number=number,
        pages=pages,
        sought=sought,
        products=sum(report.products for report in listing.reports),
        texts=sum(report.kind == "text" and not report.error for report in listing.reports),
        unusable=sum(bool(report.error) for report in listing.reports),
        removed=listing.removed[:_MOST_REMOVED],
        feed=_feed(listing.feed, reports.get("feed")),
        above=ABOVE,
        is_behind=listing.is_behind,
        saved=_name_of(request.args.get("saved", "")),
        gone=_name_of(request.args.get("removed", "")),
        most_at_once=uploads.MOST_AT_ONCE,
        most_megabytes=shop_files.MOST_BYTES // _MEGABYTE,
        accepted=",".join(sorted(SUFFIXES)),
        problem=problem,
    )


def _name_of(text: str) -> str:
    """Return the name of a file that an address names, "" for what is none."""
    return text if text in ABOVE or shop_files.is_store_name(text) else ""


def _listing(services: Services) -> Listing:
    """Look at the disk and at what is in use. Blocks."""
    from shop.feed import Feed  # the readers of files take 0.1 s to import, which no start waits for

    prompts, catalogue = services.prompts, services.settings.catalogue
    feed = Feed(catalogue.feed, services.shop.feed, catalogue.feed_minutes) if catalogue.feed else None
    return Listing(
        tuple(shop_files.listed(prompts)),
        tuple(shop_files.removed(prompts, services.now())),
        uploads.reports_of(services),
        (feed.host, feed.state()) if feed else None,
        services.shop.is_behind(),
    )


def _listed(file: StoreFile, report: FileReport | None) -> ListedFile:
    is_known = shop_files.is_store_name(file.name)
    if report is None:
        return ListedFile(file, None, is_known=is_known)
    shown = file_reports.shown(language(), report)
    return ListedFile(file, shown, *file_reports.short(shown.doubts, _MOST_DOUBTS), is_known)


def _feed(feed: "tuple[str, FeedState] | None", report: FileReport | None) -> ShownFeed | None:
    if feed is None:
        return None
    host, state = feed
    error = file_reports.translated(language(), state.error) if state.error else ""
    return ShownFeed(host, state, error, file_reports.shown(language(), report) if report else None)


@data.post("/new")
async def add_text() -> Answer:
    """Begin a text with this title; 409 where there is one of this name."""
    title = " ".join(normalise((await request.form).get("heading", "")[:1000]).replace("\ufffd", " ").split())[:80]
    name = shop_files.text_name(title)
    if not shop_files.is_store_name(name):
        return await _page(422, _("Give the text a title, such as “Opening hours”."))
    if len(await in_thread(shop_files.listed, current_services().prompts)) >= shop_files.MOST_FILES:
        return await _page(
            422, _("There can be at most %(most)s files. Remove some first.", most=shop_files.MOST_FILES)
        )
    refused = await change(
        current_editor().save, editable_or_404(name), f"# {title}\n\n".encode(), seen=ABSENT, how="created"
    )
    if refused is not None and refused[0] == 409:
        return await _page(409, _("There is already a text with this title."))
    return await _page(*refused) if refused else redirect_to(f"/admin/texts/{name}")


# Uploads


@data.post("/upload")
async def upload() -> Answer:
    """Take files that are sent in; one that is doubtful waits until the owner decides. 413 or 422 with a sentence."""
    asked = cast(Request, request)
    try:
        sent = [file for file in (await asked.files).getlist("file") if file.filename]
        replaces = (await asked.form).get("replaces", "")
        if not sent:
            return await _page(422, _("Choose a file first."))
        if len(sent) > (1 if replaces else uploads.MOST_AT_ONCE):
            return await _page(422, _("Please upload at most %(most)s files at once.", most=uploads.MOST_AT_ONCE))
        if replaces:
            editable_or_404(replaces)
            if replaces in ABOVE:
                abort(404)
        return await _taken(sent, replaces)
    except RequestEntityTooLarge:
        await asked.drain(shop_files.MOST_BYTES)
        text = _(
            "That is more than %(most)s MB. Split the file, or leave out columns that are not about products.",
            most=shop_files.MOST_BYTES // _MEGABYTE,
        )
        return await _page(413, text)
    finally:
        asked.close_files()


async def _taken(sent: Sequence[FileStorage], replaces: str) -> Answer:
    """Take one file after the other; answer with the first that waits or is refused, else with the list."""
    waiting, name = list[Upload](), ""
    for file in sent:
        taken = list[Upload | str]()
        async with current_web().imports:
            refused = await change(_take, current_editor(), taken, file.filename or "", file.stream, replaces)
        if refused is not None:
            return await _page(refused[0], f"{shop_files.name_from(file.filename or '')}: {refused[1]}")
        if isinstance(taken[0], Upload):
            waiting.append(taken[0])
        else:
            name = taken[0]
    return redirect_to(f"/admin/data/uploads/{waiting[0].id}" if waiting else f"/admin/data?saved={quote(name)}")


def _take(editor: Editor, taken: list[Upload | str], name: str, file: IO[bytes], replaces: str) -> None:
    taken.append(uploads.take(editor, name, file, replaces))


async def _waiting(upload_id: str) -> Upload:
    """Return an upload that waits; else the answer is 404."""
    found = await in_thread(uploads.find, current_services().prompts, upload_id)
    if found is None:
        abort(404)
    return found


@data.get("/uploads/<upload_id>")
async def show_upload(upload_id: str) -> Answer:
    """A file that waits for the owner's decision, with what was made of it."""
    return _upload_page(await _waiting(upload_id))


def _upload_page(upload: Upload, status: int = 200, problem: str | None = None) -> Response:
    return render_page(
        "admin_upload.html",
        status,
        upload=upload,
        report=file_reports.shown(language(), upload.report),
        problem=problem,
    )


@data.post("/uploads/<upload_id>/use")
async def use_upload(upload_id: str) -> Answer:
    """Put the file into its place all the same."""
    waiting = await _waiting(upload_id)
    refused = await change(uploads.use, current_editor(), waiting)
    return _upload_page(waiting, *refused) if refused else redirect_to(f"/admin/data?saved={quote(waiting.name)}")


@data.post("/uploads/<upload_id>/cancel")
async def cancel_upload(upload_id: str) -> Answer:
    """Forget the file; what is in use stays as it is."""
    waiting = await _waiting(upload_id)
    refused = await change(uploads.discard, current_services().prompts, waiting.id)
    return await _page(*refused) if refused else redirect_to("/admin/data")


# One file


@data.get("/<name>/download")
async def download(name: str) -> Answer:
    """The file as it is; 404 where there is none of this name."""
    found = await in_thread(shop_files.look, editable_or_404(name))
    if found.data is None:
        abort(404)
    return attachment(found.data, name)


@data.post("/<name>/remove")
async def remove(name: str) -> Answer:
    """Remove a file of the store; it can be brought back for 30 days."""
    file = editable_or_404(name)
    found = await in_thread(shop_files.look, file)
    if name in ABOVE or found.found == "absent":
        abort(404)
    refused = await change(current_editor().remove, file, seen=(await request.form).get("seen", ""))
    return await _page(*refused) if refused else redirect_to(f"/admin/data?removed={quote(name)}")


@data.post("/<name>/restore")
async def restore(name: str) -> Answer:
    """Bring a removed file back as it was."""
    file, version = editable_or_404(name), (await request.form).get("version", "")
    if version not in {one.name for one in await in_thread(versions.earlier, file)}:
        abort(404)
    refused = await change(current_editor().restore, file, version, seen=ABSENT)
    return await _page(*refused) if refused else redirect_to(f"/admin/data?saved={quote(name)}")
