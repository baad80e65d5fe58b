"""The files of a comparison, in a folder of their own inside the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Final

import pandas as pd

from results.charts.difference import MOST_LINES, DifferenceChart, difference_chart
from results.differences import differences
from results.displacement import displaced
from results.figures import write_chart
from results.files import FileKeptError, write_csv
from results.lint import LayoutError
from results.outcomes import monthly
from results.scope import place
from results.tables import difference_rows
from results.uncertainty import by_draw
from sim.cli.console import warn
from sim.cli.runs import Run
from sim.scenario import Scenario

CHART: Final = "people_in_work"


def write_comparison(
    run: Run,
    scenarios: Sequence[Scenario],
    by_year: pd.DataFrame,
    assumptions: Sequence[str],
    uncertainty: pd.DataFrame | None = None,
) -> list[Path]:
    """Write the differences from the first scenario, and a chart of people in work over time.

    A run can be compared in several ways, and words on a chart can change without a new run. So a
    folder that holds something else is left as it is, and the next free one is taken.

    Parameters
    ----------
    run : Run
    scenarios : sequence of Scenario
        The base first.
    by_year : DataFrame
        Differences by year.
    assumptions : sequence of str
        Effects that are assumed; named on the chart.
    uncertainty : DataFrame, optional
        Chance and parameters apart, for runs over the posterior.

    Returns
    -------
    list of Path
    """
    base, *reforms = scenarios
    titles = {reform.name: reform.title for reform in reforms}
    rows = difference_rows(by_year, titles, years=range(1, base.years + 1))
    chart = _chart(run, base, titles, assumptions)
    for number in count(1):
        folder = run.folder / f"compared_with_{base.name}{f'_{number}' if number > 1 else ''}"
        try:
            tables = [write_csv(rows, folder / "differences.csv")]
            if uncertainty is not None:
                tables.append(write_csv(uncertainty, folder / "uncertainty.csv"))
            return [*tables, *write_chart(chart, folder, CHART)]
        except FileKeptError:
            continue
        except LayoutError as error:
            warn(f"Note: there is no chart, because the names do not fit on one. {error}")
            return tables
    raise AssertionError("count never ends")


def _chart(
    run: Run, base: Scenario, titles: Mapping[str, str], assumptions: Sequence[str]
) -> DifferenceChart:
    """People in work over time; the first scenarios only, where there are more than fit."""
    areas, words = place(base)
    values = monthly(run.tables, base.scale, areas)
    by_month = differences(
        by_draw(values) if base.posterior else values,
        base.name,
        displacement=displaced(base, run.tables.stocks, areas),
    )
    if len(titles) > MOST_LINES:
        warn(f"Note: the chart shows the first {MOST_LINES} of {len(titles)} reforms.")
    return difference_chart(
        by_month,
        "in_work",
        dict(islice(titles.items(), MOST_LINES)),
        base=base.title,
        geography=words,
        run=run.folder.name,
        assumptions=assumptions,
    )
