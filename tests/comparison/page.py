"""The report as one HTML page that needs nothing else: reports/comparison.html."""

from pathlib import Path

from tests.comparison import plots
from tests.comparison.report import TABLES, Report
from tests.reporting import pages
from tests.reporting.pages import REPORTS as REPORTS


def latest(reports: Path = REPORTS) -> Path:
    """Return where the latest report stands, or would."""
    return reports / "comparison.html"


def render(report: Report) -> str:
    """Return the page."""
    scores = [one for one in report.scores if one.notes]
    figures = [
        ("Recall against cost", plots.cost_against_recall),
        ("Recall against depth", plots.recall_by_depth),
        ("Recall by class of fact", plots.class_heat),
        ("Recall by age", plots.recall_by_age),
    ]
    drawn = [(title, draw(scores)) for title, draw in figures] if scores else []
    tables = [(title, *make(report)) for title, make in TABLES]
    return pages.render(Path(__file__).with_name("report.html"), report=report, tables=tables, figures=drawn)


def write(report: Report, reports: Path = REPORTS) -> Path:
    """Write the page and its figures as JSON beside it, each whole or not at all."""
    from tests.comparison.report import as_json

    pages.write(reports, {latest().name: render(report), "comparison.json": as_json(report)})
    return latest(reports)
