"""Small multiples: one small plot an area, all with the same scales, in the order of their last value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results import style
from results.breakdown import Breakdown
from results.charts.chart import NB, ChartError, Words, month_text
from results.charts.page import Page
from results.charts.plot import Plot, room_for, ticks_of
from results.charts.tile_map import beyond_chance
from results.differences import MONTE_CARLO_NOTE
from results.numbers import plain
from results.outcomes import OUTCOMES
from results.places import area_names, short_label
from results.style import PAGE, Size

F64 = NDArray[np.float64]

ACROSS = 6
PER = 10_000


@dataclass(frozen=True)
class Panel:
    """One area: the main line, and a second one or an interval to see it against."""

    code: str
    main: F64
    low: F64 | None = None
    high: F64 | None = None
    other: F64 | None = None


@dataclass(frozen=True)
class Panels:
    """Small plots of one measure by month; ``step`` is the smallest unit shown."""

    panels: tuple[Panel, ...]
    months: tuple[str, ...]
    words: Words
    step: float
    every: F64 | None = None

    @property
    def table(self) -> pd.DataFrame:
        """A row an area and month, at full precision."""
        frames = []
        for panel in self.panels:
            columns = {
                "main": panel.main,
                "low": panel.low,
                "high": panel.high,
                "other": panel.other,
            }
            kept = {name: values for name, values in columns.items() if values is not None}
            about = {"area": panel.code, "name": area_names().get(panel.code, panel.code)}
            frames.append(pd.DataFrame({**about, "month": self.months, **kept}))
        return pd.concat(frames, ignore_index=True)

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width."""
        with style.settings():
            return self._drawn(size)

    def _drawn(self, size: Size) -> Figure:
        line = 1.16 * size.text
        rows = -(-len(self.panels) // ACROSS)
        plot_height, gap = 3.4 * size.text, 0.7 * size.text
        pitch = plot_height + 2 * line + gap
        page = Page(self.words, size, rows * pitch + 2.4 * line)
        ticks, texts = ticks_of(*self._range(), self.step, most=4)
        left = page.left + room_for(texts, size.text) + 8
        width = (page.right - left) / ACROSS
        for k, panel in enumerate(self.panels):
            row, column = divmod(k, ACROSS)
            x, top = left + column * width, page.top - row * pitch - 2 * line
            box = (x, top - plot_height, x + width - 9, top)
            plot = Plot(page, box, (0, len(self.months) - 1), (ticks[0], ticks[-1]))
            plot.rows(ticks, texts if column == 0 else [""] * len(ticks), panel.code)
            self._lines(plot, panel)
            letters = max(style.SMALLEST, size.text - 1)
            page.write(x, top + line + 3, short_label(panel.code), bold=True, size=letters)
            page.write(x, top + 3, self._last(panel), size=letters)
            if k + ACROSS >= len(self.panels):
                self._years(page, plot, line)
        return page.figure

    def _lines(self, plot: Plot, panel: Panel) -> None:
        months = np.arange(len(self.months))
        if panel.low is not None and panel.high is not None:
            plot.page.band(plot.x(months), plot.y(panel.low), plot.y(panel.high), panel.code)
        others = [(panel.other, "other"), (self.every, "every")]
        for values, name in others:
            if values is not None:
                plot.line(
                    months, values, f"{name}-{panel.code}", color=style.GREY, linewidth=1.0,
                    linestyle=(0, (3, 2)), zorder=3,
                )  # fmt: skip
        plot.line(
            months,
            panel.main,
            f"main-{panel.code}",
            color=style.COLOURS[0],
            linewidth=1.6,
            zorder=4,
        )

    def _years(self, page: Page, plot: Plot, line: float) -> None:
        first, last = self.months[0][:4], self.months[-1][:4]
        size = max(style.SMALLEST, page.size.text - 1)
        page.write(plot.left, plot.bottom - 1.1 * line, first, size=size)
        page.write(plot.right, plot.bottom - 1.1 * line, last, size=size, align="right")

    def _last(self, panel: Panel) -> str:
        value = panel.main[-1]
        return plain(float(value), self.step) if np.isfinite(value) else "[x]"

    def _range(self) -> tuple[float, float]:
        values = [np.zeros(1)]
        for panel in self.panels:
            values += [v for v in (panel.main, panel.low, panel.high, panel.other) if v is not None]
        if self.every is not None:
            values.append(self.every)
        everything = np.concatenate(values)
        return float(np.nanmin(everything)), float(np.nanmax(everything))


def difference_panels(
    run: Breakdown, outcome: str, base: str, scenario: str, titles: dict[str, str], name: str
) -> Panels:
    """Difference per 10,000 people of working age by area over time, with intervals."""
    (codes,) = _areas(run)
    if OUTCOMES[outcome].kind != "stock":
        raise ChartError("Panels of differences show people at a moment.")
    found, people = run.difference(outcome, base, scenario), run.people(base)
    rate, low, high = (PER * x / people for x in (found.mean, found.low, found.high))
    order = sorted(range(len(codes)), key=lambda k: -rate[k, -1])
    every = PER * found.mean.sum(axis=0) / people.sum(axis=0)
    best, worst = (area_names()[codes[order[k]]] for k in (0, -1))
    ends = rate[order[0], -1], rate[order[-1], -1]
    months = run.months
    words = Words(
        kind="Small line charts, one an area",
        title=beyond_chance(titles[scenario], outcome, low[:, -1], high[:, -1]),
        subtitle=(
            f"{OUTCOMES[outcome].label}: difference from {titles[base]} per {PER:,}{NB}people of "
            f"working age, {month_text(months[0])}{NB}to{NB}{month_text(months[-1])}"
        ),
        notes=(
            "Notes: Areas are in the order of their last value, which is printed; all have the same "
            "scales. The shaded area is the 95% interval; the dashed line is the rate in all areas "
            f"together. Means of {found.pairs} pairs of runs. Ranks of areas whose intervals overlap "
            f"are not known. {MONTE_CARLO_NOTE}"
        ),
        ends=f"The last value is {plain(ends[0], 0.1)} in {best} and {plain(ends[1], 0.1)} in {worst}.",
        run=name,
    )
    panels = tuple(Panel(codes[k], rate[k], low[k], high[k]) for k in order)
    return Panels(panels, tuple(months), words, 0.1, every)


WAITS = {
    ("workwell", "wait"): ("Mean wait of those who started WorkWell in the quarter", "days", 1.0),
    ("workwell", "queue"): (
        "People who wait for WorkWell at the end of the quarter",
        "people",
        1.0,
    ),
    ("wca", "wait"): ("Mean wait of those assessed in the quarter", "days", 1.0),
    ("wca", "queue"): ("People who wait for a WCA at the end of the quarter", "people", 1.0),
}
"""What charts of waits show, by service and measure: label, unit, smallest unit."""


def wait_panels(
    run: Breakdown,
    service: str,
    measure: str,
    base: str,
    scenario: str,
    titles: dict[str, str],
    name: str,
) -> Panels:
    """Waits or lines of a service by area over time, with the reform and without."""
    (codes,) = _areas(run)
    label, unit, step = WAITS[service, measure]
    values = run.waits(service, measure, 3)
    after, before = values[run.scenarios.index(scenario)], values[run.scenarios.index(base)]
    used = [k for k in range(len(codes)) if np.nanmax(np.nan_to_num(after[k])) > 0]
    if not used:
        raise ChartError(f"Nobody waits for {service} in {titles[scenario]}.")
    order = sorted(used, key=lambda k: -np.nan_to_num(np.nanmax(np.nan_to_num(after[k]))))
    peak = float(np.nanmax(after[order[0]]))
    top = area_names()[codes[order[0]]]
    shown = bool(np.nan_to_num(before[order]).any())
    months = run.months[2::3]
    words = Words(
        kind="Small line charts, one an area",
        title=f"{titles[scenario]}: {'lines are' if measure == 'queue' else 'waits are'} longest in {top}",
        subtitle=(
            f"{label}, {unit}, by area, {month_text(run.months[0])}{NB}to{NB}{month_text(run.months[-1])}"
        ),
        notes=(
            f"Notes: Solid: {titles[scenario]}."
            + (f" Dashed: {titles[base]}." if shown else f" Nobody waits in {titles[base]}.")
            + f" Means of {len(run.seeds)} runs; areas are in the order of their highest value; the "
            "last value is printed ([x]: nobody started). Areas without anybody waiting are left out."
        ),
        ends=f"The highest value is {plain(peak, step)} {unit} in {top}.",
        run=name,
    )
    panels = tuple(Panel(codes[k], after[k], other=before[k] if shown else None) for k in order)
    return Panels(panels, tuple(months), words, step)


def _areas(run: Breakdown) -> list[list[str]]:
    if run.by != ("area",) or len(run.labels[0]) < 2:
        raise ChartError("The run does not tell areas apart. Run it again with --detail area.")
    return run.labels
