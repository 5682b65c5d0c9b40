"""The step of the first run that connects the shop's data: what is there, and what was made of it."""

from quart import Response, request

import addresses
from handlers.desk import example, shop_files, uploads
from handlers.pages import file_reports
from handlers.services import Services, current_services, in_thread
from handlers.web.responses import _, language
from handlers.web.setup_page import render_step
from memory.i18n import N_
from shop.products import FileReport
from shop.readers.names import SUFFIXES

_MOST_FILES, _MOST_DOUBTS = 20, 3
_MEGABYTE = 1_000_000
_SAID = {
    "uploaded": N_("Your file is in use."),
    "removed": N_("The example shop's files have been removed."),
    "feed": N_("The feed has been saved. It is being fetched."),
}


async def render_data(status: int = 200, **values: object) -> Response:
    """Answer with the files that are there, their report, and the forms for more."""
    services = current_services()
    names, examples, reports, is_behind = await in_thread(_look, services)
    own = [name for name in names if name not in examples]
    by_name = {report.file: report for report in reports}
    return await render_step(
        "data",
        status,
        files=[(name, _shown(by_name.get(name))) for name in own[:_MOST_FILES]],
        more_files=max(0, len(own) - _MOST_FILES),
        examples=examples,
        is_behind=is_behind,
        products=sum(report.products for report in reports),
        texts=sum(report.kind == "text" and not report.error for report in reports),
        feed=addresses.masked(services.settings.catalogue.feed),
        accepted=",".join(sorted(SUFFIXES)),
        said=_(_SAID.get(request.args.get("said", ""), "")),
        most_megabytes=shop_files.MOST_BYTES // _MEGABYTE,
        **values,
    )


def _look(services: Services) -> tuple[list[str], list[str], tuple[FileReport, ...], bool]:
    """Return the names of all files and of the example shop's, the reports, and whether newer data are being read. Blocks."""
    prompts = services.prompts
    names = [file.name for file in shop_files.listed(prompts)]
    return names, example.present(prompts), uploads.reports_of(services), services.shop.is_behind()


def _shown(report: FileReport | None) -> dict[str, object] | None:
    if report is None:
        return None
    shown = file_reports.shown(language(), report)
    doubts, more = file_reports.short(shown.doubts, _MOST_DOUBTS)
    return {"report": shown, "doubts": doubts, "more_doubts": more}
