"""Tables of differences: as text to print and as numbers to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from results.numbers import NOT_AVAILABLE, Shown, shown
from results.outcomes import OUTCOMES
from sim.explained import ExplainedError
from sim.scenario.errors import no_such

YEARS = (1, 3, 5)


class TableError(ExplainedError):
    """A table cannot be made from what was asked for; the message says why."""


def difference_table(
    differences: pd.DataFrame,
    titles: Mapping[str, str] | None = None,
    years: Sequence[int] = YEARS,
    outcomes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Differences with their intervals as text, ready to print.

    Parameters
    ----------
    differences : DataFrame
        By year, as :func:`results.differences.differences` gives them.
    titles : mapping of str to str
        Titles of the scenarios by name, in the order of the rows; a scenario without a title comes
        after them and goes by its name.
    years : sequence of int
        Years since the start, from 1; those after the end of the run are left out.
    outcomes : sequence of str
        Names of outcomes, in the order of the rows; all when None.

    Returns
    -------
    DataFrame
        Columns Outcome, Unit, Scenario and one per year, such as "Year 1", with cells such as
        "4,600 (3,900 to 5,300)", "0 (identical)", or "[x]" where a difference is not available.

    Raises
    ------
    TableError
        When a year or outcome is not there.
    """
    rows = difference_rows(differences, titles, years, outcomes)
    rows["shown"] = [_cell(row) for row in rows.to_dict("records")]
    # A stock and a total of the same thing may share a label: the outcome's name tells them apart.
    order = ["outcome", "scenario"]
    wide = rows.pivot(index=order, columns="year", values="shown")
    wide = wide.reindex(pd.MultiIndex.from_frame(rows[order].drop_duplicates()))
    names = wide.index.get_level_values("outcome")
    table = pd.DataFrame(
        {
            "Outcome": [OUTCOMES[name].period_label("year") for name in names],
            "Unit": [OUTCOMES[name].difference_unit for name in names],
            "Scenario": [(titles or {}).get(s, s) for s in wide.index.get_level_values("scenario")],
        }
    )
    for year in wide.columns:
        table[f"Year {year}"] = wide[year].to_numpy()
    return table


def difference_rows(
    differences: pd.DataFrame,
    titles: Mapping[str, str] | None = None,
    years: Sequence[int] = YEARS,
    outcomes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the rows of :func:`difference_table` as numbers at full precision, one a cell.

    Next to the columns of the differences: title of the scenario, label and unit of the outcome,
    and ``note``, which is "[x]" where a difference is not available and otherwise empty.
    """
    names = list(outcomes) if outcomes is not None else list(OUTCOMES)
    unknown = [name for name in names if name not in OUTCOMES]
    if unknown:
        raise TableError(no_such("outcome", unknown[0], OUTCOMES))
    last = int(differences["year"].max()) if len(differences) else 0
    chosen = [year for year in years if 1 <= year <= last]
    if not chosen:
        wanted = ", ".join(map(str, years))
        raise TableError(f"None of the years {wanted} lies within the run, which has {last}.")
    rows = differences[differences["year"].isin(chosen) & differences["outcome"].isin(names)]
    scenarios = dict.fromkeys([*(titles or {}), *rows["scenario"]])
    order = np.lexsort(
        (rows["year"], _rank(rows["scenario"], scenarios), _rank(rows["outcome"], names))
    )
    rows = rows.iloc[order].reset_index(drop=True)
    rows.insert(1, "title", [(titles or {}).get(s, s) for s in rows["scenario"]])
    rows.insert(3, "label", [OUTCOMES[n].period_label("year") for n in rows["outcome"]])
    rows.insert(4, "unit", [OUTCOMES[n].difference_unit for n in rows["outcome"]])
    rows["note"] = np.where(rows["difference"].isna(), NOT_AVAILABLE, "")
    return rows


def show_row(row: Mapping[str, float], outcome: str) -> Shown | None:
    """Round the difference in a row of differences as its outcome and error allow."""
    return shown(row["difference"], row["low"], row["high"], OUTCOMES[outcome].step)


def _cell(row: Mapping[str, Any]) -> str:
    found = show_row(row, str(row["outcome"]))
    return found.text() if found else NOT_AVAILABLE


def _rank(values: pd.Series, order: Iterable[str]) -> pd.Series:
    return values.map({name: k for k, name in enumerate(order)})
