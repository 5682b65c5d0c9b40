"""Reports as one HTML page that needs nothing else, in reports/."""

from pathlib import Path

import jinja2

from settings import ROOT

REPORTS = ROOT / "reports"


def render(template: Path, **values: object) -> str:
    """Return the page that a template of page.html makes. It holds no script, and asks nothing of any server."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader([template.parent, Path(__file__).parent]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template.name).render(values)


def write(reports: Path, texts: dict[str, str]) -> None:
    """Write files of these names, each whole or not at all."""
    reports.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = reports / name
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
