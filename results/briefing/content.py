"""What a briefing holds, whatever it is written as: its words, tables and charts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import matplotlib.figure
import pandas as pd
from markupsafe import Markup

from results import style
from results.appraisal import Appraisal
from results.briefing import money, story
from results.charts.chart import Chart, ChartError
from results.charts.difference import ASSUMED
from results.charts.flows import STATES
from results.differences import MONTE_CARLO_NOTE
from results.figures import png_bytes, svg_bytes
from results.gallery import KINDS, Wanted, make_chart
from results.lint import LayoutError, check_layout
from results.numbers import NOT_AVAILABLE, plain
from results.opened import Opened, OpenError
from results.places import area_names
from sim import __version__

MAIN_CHARTS: Final = ("difference", "flows")
"""The first chart of a section is shown, the others can be unfolded."""
PEOPLE_CHARTS: Final = ("map", "movers", "workwell-waits")
MONEY_CHARTS: Final = ("tornado", "plane", "acceptability")
LONGEST_TABLE: Final = 60
"""Rows of a table under a chart; longer ones are left to the files."""


@dataclass(frozen=True)
class Figure:
    """A chart as a briefing shows it: its drawing, its words as text, and its numbers."""

    kind: str
    chart: Chart
    drawn: matplotlib.figure.Figure
    columns: list[str]
    rows: list[list[str]]

    @property
    def short(self) -> str:
        """What it shows, for the list of charts that can be unfolded."""
        return KINDS[self.kind][0].partition(".")[0].lower()

    @property
    def title(self) -> str:
        """Title: the finding."""
        return _spaced(self.chart.words.title)

    @property
    def subtitle(self) -> str:
        """What is measured, where and when."""
        return _spaced(self.chart.words.subtitle)

    @property
    def notes(self) -> str:
        """What a reader must know to read it, but for what the briefing says once for all charts."""
        said = self.chart.words.notes.partition(ASSUMED)[0]
        return " ".join(_spaced(said.replace(MONTE_CARLO_NOTE, "")).split())

    @property
    def alt(self) -> str:
        """Text for readers who cannot see it."""
        return _spaced(self.chart.words.alt_text("the table below"))

    @cached_property
    def svg(self) -> Markup:
        """The drawing as part of a page."""
        text = svg_bytes(self.drawn, self.title, self.alt).decode()
        return Markup(text[text.index("<svg") :])

    @cached_property
    def png(self) -> bytes:
        """The drawing as a picture."""
        return png_bytes(self.drawn, self.title, self.alt, self.chart.words.source)


def content(run: Opened, scenario: str | None, appraisal: Appraisal | None) -> dict[str, Any]:
    """Everything that a briefing of a comparison says, by name, as its template has it.

    Parameters
    ----------
    run : Opened
    scenario : str or None
        The scenario that the briefing is about; else the first that was compared.
    appraisal : Appraisal or None
        Costs and benefits of the run; sections on money are left out without it.

    Raises
    ------
    OpenError
        When the run compares nothing, or not this scenario.
    """
    chosen = _chosen(run, scenario)

    def drawn(kinds: tuple[str, ...]) -> list[Figure]:
        return _figures(run, chosen, kinds, appraisal)

    spent = [money.finding(appraisal, chosen)] if appraisal else []
    table, every = story.headline_table(run, chosen), story.scenario_table(run)
    return {
        "version": __version__,
        "run": run.name,
        "place": run.place,
        "base": run.titles[run.base],
        "base_description": run.scenarios[run.base].description.strip(),
        "title": run.titles[chosen],
        "headline": story.headline(run, chosen),
        "summary": [*story.summary(run, chosen), *spent],
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
        "money": money.section(appraisal, chosen) if appraisal else None,
        "money_figures": drawn(MONEY_CHARTS) if appraisal else [],
        "grades": story.grades(run),
        "origin": story.origin(run),
        "command": story.command(run),
    }


def _chosen(run: Opened, scenario: str | None) -> str:
    if not run.reforms:
        raise OpenError(f"{run.folder} has only {run.base!r}: there is nothing to compare it with.")
    chosen = scenario or run.reforms[0]
    if chosen not in run.reforms:
        raise OpenError(
            f"{run.folder} compares no {chosen!r}. It compares {', '.join(run.reforms)}."
        )
    return chosen


def _figures(
    run: Opened, scenario: str, kinds: tuple[str, ...], appraisal: Appraisal | None
) -> list[Figure]:
    """The charts that the run can have, in order; those that it cannot have are left out."""
    found = []
    for kind in kinds:
        try:
            found.append(_figure(kind, make_chart(kind, Wanted(run, scenario, money=appraisal))))
        except (ChartError, OpenError, LayoutError):
            continue
    return found


def _figure(kind: str, chart: Chart) -> Figure:
    drawn = chart.draw(style.BARE)
    with style.settings():
        check_layout(drawn)
    table = chart.table if len(chart.table) <= LONGEST_TABLE else chart.table.iloc[:0]
    return Figure(kind, chart, drawn, *_cells(table))


def _spaced(text: str) -> str:
    """No-break spaces only serve the breaking of lines in a drawing."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


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
