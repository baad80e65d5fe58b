"""The page of a briefing: its words, tables, charts and explorer in one HTML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from results import style
from results.appraisal import Appraisal
from results.briefing import money, story
from results.briefing.explorer import as_json, explorer_data
from results.charts.chart import Chart, ChartError
from results.charts.flows import STATES
from results.differences import MONTE_CARLO_NOTE
from results.figures import svg_bytes
from results.gallery import KINDS, Wanted, make_chart
from results.lint import LayoutError, check_layout
from results.numbers import NOT_AVAILABLE, plain
from results.opened import Opened, OpenError
from results.places import area_names
from sim import __version__

LARGEST: Final = 1_000_000
"""A briefing is smaller than so many bytes."""
MAIN_CHARTS: Final = ("difference", "flows")
"""The first chart of a section is shown, the others can be unfolded."""
PEOPLE_CHARTS: Final = ("map", "movers", "workwell-waits")
MONEY_CHARTS: Final = ("tornado", "plane", "acceptability")
LONGEST_TABLE: Final = 60
"""Rows of a table under a chart; longer ones are left to the files."""


@dataclass(frozen=True)
class Figure:
    """A chart as the page shows it: its drawing, its words as text, and its numbers."""

    kind: str
    short: str
    title: str
    subtitle: str
    notes: str
    svg: Markup
    columns: list[str]
    rows: list[list[str]]


def briefing(run: Opened, scenario: str | None = None, appraisal: Appraisal | None = None) -> str:
    """Write the briefing of a comparison.

    Parameters
    ----------
    run : Opened
    scenario : str, optional
        The scenario that the briefing is about; else the first that was compared.
    appraisal : Appraisal, optional
        Costs and benefits of the run; sections on money are left out without it.

    Returns
    -------
    str
        HTML that asks nothing of the network, below :data:`LARGEST` bytes where areas told apart by
        condition can be left out to make it so.

    Raises
    ------
    OpenError
        When the run compares nothing, or not this scenario.
    """
    if not run.reforms:
        raise OpenError(f"{run.folder} has only {run.base!r}: there is nothing to compare it with.")
    chosen = scenario or run.reforms[0]
    if chosen not in run.reforms:
        raise OpenError(
            f"{run.folder} compares no {chosen!r}. It compares {', '.join(run.reforms)}."
        )
    content = _content(run, chosen, appraisal)
    page = _rendered(content, explorer_data(run))
    if len(page.encode()) >= LARGEST:
        page = _rendered(content, explorer_data(run, cross=False))
    return page


def _content(run: Opened, scenario: str, appraisal: Appraisal | None) -> dict[str, Any]:
    def drawn(kinds: tuple[str, ...]) -> list[Figure]:
        return _figures(run, scenario, kinds, appraisal)

    table, every = story.headline_table(run, scenario), story.scenario_table(run)
    return {
        "version": __version__,
        "run": run.name,
        "place": run.place,
        "base": run.titles[run.base],
        "base_description": run.scenarios[run.base].description.strip(),
        "title": run.titles[scenario],
        "headline": story.headline(run, scenario),
        "summary": story.summary(run, scenario),
        "error_note": MONTE_CARLO_NOTE,
        "pairs": len(run.seeds),
        "assumed": story.assumed(run),
        "compared": story.compared(run),
        "headline_table": (list(table.columns), story.rows_of(table)),
        "scenarios": (list(every.columns), story.rows_of(every)) if len(run.reforms) > 1 else None,
        "last_year": run.scenarios[run.base].years,
        "last_day": run.last_day,
        "main_figures": drawn(MAIN_CHARTS),
        "people_figures": drawn(PEOPLE_CHARTS),
        "money": money.section(appraisal, scenario) if appraisal else None,
        "money_figures": drawn(MONEY_CHARTS) if appraisal else [],
        "grades": story.grades(run),
        "origin": story.origin(run),
        "command": story.command(run),
    }


def _rendered(content: Mapping[str, Any], explorer: dict[str, Any]) -> str:
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
    return environment.get_template("briefing.html.j2").render(**content, **parts) + "\n"


def _figures(
    run: Opened, scenario: str, kinds: tuple[str, ...], appraisal: Appraisal | None
) -> list[Figure]:
    """The charts that the run can have, in order; those that it cannot have are left out."""
    found = []
    for kind in kinds:
        try:
            chart = make_chart(kind, Wanted(run, scenario, money=appraisal))
            found.append(_figure(kind, chart))
        except (ChartError, OpenError, LayoutError):
            continue
    return found


def _figure(kind: str, chart: Chart) -> Figure:
    figure = chart.draw(style.BARE)
    with style.settings():
        check_layout(figure)
    words = chart.words
    said = [words.title, words.alt_text("the table below"), words.subtitle, words.notes]
    title, alt, subtitle, notes = (text.replace("\N{NO-BREAK SPACE}", " ") for text in said)
    text = svg_bytes(figure, title, alt).decode()
    table = chart.table if len(chart.table) <= LONGEST_TABLE else chart.table.iloc[:0]
    return Figure(
        kind,
        KINDS[kind][0].partition(".")[0].lower(),
        title,
        subtitle,
        f"{words.source} {notes}",
        Markup(text[text.index("<svg") :]),
        *_cells(table),
    )


def _cells(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The numbers of a chart as a reader sees them: four digits."""
    table = table.drop(
        columns=[c for c in ("area", "outcome", "month") if c in table and "name" in table]
    )

    def text(value: object) -> str:
        if isinstance(value, float):
            return _four_digits(value)
        return STATES.get(str(value)) or area_names().get(str(value), str(value))

    columns = [str(c).replace("_", " ") for c in table.columns]
    return columns, [[text(v) for v in row] for row in table.to_numpy().tolist()]


def _four_digits(value: float) -> str:
    if not math.isfinite(value):
        return NOT_AVAILABLE
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 3) if value else 1.0
    return plain(value, min(step, 1.0) if abs(value) < 1000 else step)
