"""The page of a briefing: its words, tables, charts and explorer in one HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from results.appraisal import Appraisal
from results.briefing.content import content
from results.briefing.explorer import as_json, explorer_data
from results.opened import Opened

LARGEST: Final = 1_000_000
"""A briefing is smaller than so many bytes."""


def briefing(run: Opened, scenario: str | None = None, appraisal: Appraisal | None = None) -> str:
    """Write the briefing of a comparison; see :func:`results.briefing.content.content`.

    Returns
    -------
    str
        HTML that asks nothing of the network, below :data:`LARGEST` bytes where areas told apart by
        condition can be left out to make it so.
    """
    said = content(run, scenario, appraisal)
    page = _rendered(said, explorer_data(run))
    if len(page.encode()) >= LARGEST:
        page = _rendered(said, explorer_data(run, cross=False))
    return page


def _rendered(said: Mapping[str, Any], explorer: dict[str, Any]) -> str:
    environment = Environment(
        loader=PackageLoader("results", "briefing"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    folder = resources.files("results") / "briefing"
    parts = {
        "css": Markup((folder / "briefing.css").read_text(encoding="utf-8")),
        "script": Markup((folder / "explorer.js").read_text(encoding="utf-8")),
        "data": Markup(as_json(explorer)),
        "explorer": explorer,
    }
    return environment.get_template("briefing.html.j2").render(**said, **parts) + "\n"
