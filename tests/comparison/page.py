"""The report as one HTML page that needs nothing else: reports/comparison.html."""

from pathlib import Path

import jinja2

from settings import ROOT
from tests.comparison import plots
from tests.comparison.report import TABLES, Report

REPORTS = ROOT / "reports"


def latest(reports: Path = REPORTS) -> Path:
    """Say where the latest report stands, or would."""
    return reports / "comparison.html"


def render(report: Report) -> str:
    """Give the page. It holds no script, and asks nothing of any server."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scores = [one for one in report.scores if one.notes]
    figures = [
        ("Recall against cost", plots.cost_against_recall),
        ("Recall against depth", plots.recall_by_depth),
        ("Recall by class of fact", plots.class_heat),
        ("Recall by age", plots.recall_by_age),
    ]
    drawn = [(title, draw(scores)) for title, draw in figures] if scores else []
    tables = [(title, *make(report)) for title, make in TABLES]
    return environment.get_template("report.html").render(report=report, tables=tables, figures=drawn)


def write(report: Report, reports: Path = REPORTS) -> Path:
    """Write the page and its figures as JSON beside it, each whole or not at all."""
    from tests.comparison.report import as_json

    reports.mkdir(parents=True, exist_ok=True)
    for path, text in ((latest(reports), render(report)), (reports / "comparison.json", as_json(report))):
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    return latest(reports)
