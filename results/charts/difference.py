"""A chart of what reforms change over time: its data, and every word on it computed from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results.charts.chart import NB as _NB
from results.charts.chart import ChartError, Words, length_text, month_text, quoted
from results.differences import MONTE_CARLO_NOTE
from results.numbers import Shown, shown
from results.outcomes import OUTCOMES, Outcome
from results.style import PAGE, Size
from sim.scenario.errors import no_such

F64 = NDArray[np.float64]

MOST_LINES = 6
"""Lines that a chart can tell apart."""

WORDS = {1_000: "thousands", 1_000_000: "millions"}
ASSUMED = "Effects that are assumed, not measured:"
"""How the last of the notes begins."""


@dataclass(frozen=True)
class Line:
    """The difference one scenario makes: mean and interval by month, NaN where not available."""

    title: str
    mean: F64
    low: F64
    high: F64


@dataclass(frozen=True)
class DifferenceChart:
    """Paired differences of one outcome over time; the first line is the highlighted one.

    ``months`` are labels such as "2024-04"; a value stands at the end of its month. ``pairs`` is
    the least and the largest number of pairs of runs behind a line.
    """

    outcome: Outcome
    months: tuple[str, ...]
    lines: tuple[Line, ...]
    base: str
    geography: str
    pairs: tuple[int, int]
    run: str
    assumptions: tuple[str, ...] = ()

    @property
    def final(self) -> tuple[Shown, ...]:
        """Difference and interval of each line at the end, as they are shown."""
        found = (
            shown(line.mean[-1], line.low[-1], line.high[-1], self.outcome.step)
            for line in self.lines
        )
        return tuple(end for end in found if end is not None)

    @property
    def words(self) -> Words:
        """Title, subtitle, notes and source, computed from the lines."""
        return Words("Line chart", title(self), subtitle(self), notes(self), ends(self), self.run)

    @property
    def table(self) -> pd.DataFrame:
        """What is drawn, a row per scenario and month, at full precision."""
        return data(self)

    def draw(self, size: Size = PAGE) -> Figure:
        """Draw it at its final width; the height follows from the text."""
        from results.charts.lines import draw  # it needs the names of this module

        return draw(self, size)

    @property
    def starts_at_zero(self) -> bool:
        """Whether the outcome stands for a moment, so that it starts without difference."""
        return self.outcome.kind in ("stock", "running total")

    @property
    def divisor(self) -> int:
        """1,000 or 1,000,000 where numbers are given in thousands or millions, otherwise 1."""
        shown_on_axis = [x for line in self.lines for x in (line.mean, line.low[-1], line.high[-1])]
        first = self.lines[0]
        largest = np.nanmax(np.abs(np.hstack([*shown_on_axis, first.low, first.high])))
        if self.outcome.kind == "ratio" or largest < 10_000:
            return 1
        return 1_000 if largest < 10_000_000 else 1_000_000


def difference_chart(
    differences: pd.DataFrame,
    outcome: str,
    titles: Mapping[str, str],
    *,
    base: str = "the baseline",
    geography: str = "England",
    run: str,
    assumptions: Sequence[str] = (),
) -> DifferenceChart:
    """Collect one outcome of some scenarios into a chart.

    Parameters
    ----------
    differences : DataFrame
        By month, as :func:`results.differences.differences` gives them.
    outcome : str
        Name of an outcome.
    titles : mapping of str to str
        Titles of one to six scenarios by name; the first one is highlighted.
    base : str
        What the scenarios are compared with, as it reads after "difference from".
    geography : str
        Place the values are for.
    run : str
        Identifier of the run, for the source line.
    assumptions : sequence of str
        Effects in the scenarios that are assumed, not measured; they are named on the chart.

    Raises
    ------
    ChartError
        When the outcome or a scenario is not there, there are none or too many scenarios, or the
        difference is not available at the end.
    """
    if outcome not in OUTCOMES:
        raise ChartError(no_such("outcome", outcome, OUTCOMES))
    if not 1 <= len(titles) <= MOST_LINES:
        raise ChartError(f"A chart shows 1 to {MOST_LINES} scenarios, not {len(titles)}.")
    rows = differences[differences["outcome"] == outcome]
    known = list(dict.fromkeys(rows["scenario"]))
    absent = [name for name in titles if name not in known]
    if absent:
        raise ChartError(
            f"There are no differences for {absent[0]!r}, only for {', '.join(known)}."
        )
    by_month = {name: r.sort_values("month") for name, r in rows.groupby("scenario", sort=False)}
    lines = []
    for name, title in titles.items():
        mean, low, high = (by_month[name][c].to_numpy() for c in ("difference", "low", "high"))
        if not np.isfinite(mean[-1]):
            raise ChartError(
                f"{OUTCOMES[outcome].label}: there is no difference to draw for {title!r}, because "
                "some of the runs have no value in the last month. Choose another outcome."
            )
        lines.append(Line(title, mean, low, high))
    chosen = rows[rows["scenario"].isin(list(titles))]
    return DifferenceChart(
        OUTCOMES[outcome],
        tuple(by_month[next(iter(titles))]["month"]),
        tuple(lines),
        base,
        geography,
        (int(chosen["pairs"].min()), int(chosen["pairs"].max())),
        run,
        tuple(assumptions),
    )


def title(chart: DifferenceChart) -> str:
    """State the finding: what the highlighted scenario does to the outcome by the end."""
    end, name, what = chart.final[0], chart.lines[0].title, chart.outcome.phrase
    after = f"after {length_text(len(chart.months))}"
    if end.identical:
        return f"{name} would make no difference to {what} {after}"
    if not end.measurable:
        return f"{name} would make no measurable difference to {what} {after}"
    verb = "raise" if end.value > 0 else "lower"
    return f"{name} would {verb} {what} by about{_NB}{end.size()}{_quantity(chart.outcome)} {after}"


def subtitle(chart: DifferenceChart) -> str:
    """Measure, unit, geography and period."""
    return (
        f"{chart.outcome.label}: difference from {chart.base}, {_unit(chart)}, {chart.geography}, "
        f"{month_text(chart.months[0])}{_NB}to{_NB}{month_text(chart.months[-1])}"
    )


def end_label(chart: DifferenceChart, k: int) -> str:
    """Value and interval of a line at the end, in the unit of the axis."""
    return chart.final[k].text(chart.divisor)


def notes(chart: DifferenceChart) -> str:
    """Say what the lines and intervals are, what they leave out, and what is assumed."""
    first, end = chart.lines[0].title, month_text(chart.months[-1])
    bars = "the bar gives it" if len(chart.lines) == 1 else "the bars give it for each scenario"
    assumed = "; ".join(chart.assumptions)
    identical = any(end.identical for end in chart.final)
    least, most = chart.pairs
    pairs = f"{most}" if least == most else f"{least} to {most}"
    return (
        f"Notes: {MONTE_CARLO_NOTE} Lines are means of {pairs} pairs of runs; both runs of a pair "
        f"have the same people and the same luck. The shaded area is the 95% interval for "
        f"{quoted(first)} in each month; {bars} at the end of {end}."
        + (" Identical: both runs of every pair are equal." if identical else "")
        + (f" {ASSUMED} {assumed}." if assumed else "")
    )


def ends(chart: DifferenceChart) -> str:
    """Values and intervals at the end, for readers who cannot see the chart."""
    unit = f" {WORDS[chart.divisor]}" if chart.divisor > 1 else ""
    values = "; ".join(
        f"{line.title}: {end_label(chart, k)}{unit}" for k, line in enumerate(chart.lines)
    )
    return f"Values and 95% intervals of Monte Carlo error at the end: {values}."


def data(chart: DifferenceChart) -> pd.DataFrame:
    """Return what is drawn, a row per scenario and month, at full precision."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "scenario": line.title,
                    "outcome": chart.outcome.name,
                    "month": chart.months,
                    "difference": line.mean,
                    "low": line.low,
                    "high": line.high,
                }
            )
            for line in chart.lines
        ],
        ignore_index=True,
    )


def _quantity(outcome: Outcome) -> str:
    if outcome.kind == "ratio":
        return f"{_NB}{outcome.difference_unit}"
    return f" a{_NB}month" if outcome.kind == "year total" else ""


def _unit(chart: DifferenceChart) -> str:
    words = WORDS.get(chart.divisor) or chart.outcome.difference_unit
    return f"{words} a month" if chart.outcome.kind == "year total" else words
