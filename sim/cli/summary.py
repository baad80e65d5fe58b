"""What a finished run says: levels, differences, who is nearer to work, and what is assumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.differences import LEVEL, paired_difference
from results.numbers import NOT_AVAILABLE, plain, shown
from results.outcomes import OUTCOMES, Outcome
from sim.scenario import Scenario
from sim.scenario.in_words import day_text

HEADLINES: Final = (
    "in_work",
    "in_work_net",
    "sick_inactive",
    "lcwra",
    "fit_notes",
    "sanctions",
    "workwell_starts",
    "workwell_wait",
)
"""Outcomes of a comparison, in the order of its table."""
LEVELS: Final = (
    "in_work",
    "sickness_absence",
    "sick_inactive",
    "on_uc",
    "lcwra",
    "fit_notes",
    "wca_wait",
    "sanctions",
    "workwell_starts",
)
"""Outcomes of a single run, in the order of its table."""
YEARS: Final = (1, 3, 5)
_DIGITS_WITHOUT_ERROR: Final = 3


def years_shown(years: int) -> list[int]:
    """Years that tables show: the first, third and fifth, and the last of the run."""
    return sorted({year for year in (*YEARS, years) if year <= years})


def level_rows(values: pd.DataFrame, outcomes: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """Levels as text: the mean over the seeds with its interval, or the value of the only seed.

    Parameters
    ----------
    values : DataFrame
        Of one scenario, as :func:`results.outcomes.yearly` gives them.
    outcomes : sequence of str
    years : sequence of int

    Returns
    -------
    DataFrame
        Columns Outcome, Unit and one per year.
    """
    wide = values.pivot(index="seed", columns=["outcome", "year"], values="value")
    rows = []
    for name in outcomes:
        outcome = OUTCOMES[name]
        cells = {f"Year {year}": _level(wide[name, year].to_numpy(), outcome) for year in years}
        rows.append({"Outcome": outcome.period_label("year"), "Unit": outcome.unit, **cells})
    return pd.DataFrame(rows)


def available(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a printed table that have a value in some year."""
    some = (table.filter(like="Year") != NOT_AVAILABLE).any(axis=1)
    return table[some].reset_index(drop=True)


def grouped(table: pd.DataFrame) -> pd.DataFrame:
    """A printed table with each outcome and its unit in the first of its rows only."""
    again = table["Outcome"] == table["Outcome"].shift()
    return table.assign(
        Outcome=table["Outcome"].mask(again, ""), Unit=table["Unit"].mask(again, "")
    )


def _level(values: np.ndarray[Any, np.dtype[np.float64]], outcome: Outcome) -> str:
    if np.isnan(values).any():
        return NOT_AVAILABLE
    if len(values) == 1:
        value = float(values[0])
        leading = np.floor(np.log10(abs(value))) if value else 0
        return plain(value, max(10.0 ** (leading - _DIGITS_WITHOUT_ERROR + 1), outcome.step))
    found = paired_difference(np.zeros_like(values), values)
    rounded = shown(float(found.mean), float(found.low), float(found.high), outcome.step)
    assert rounded is not None
    return "0" if rounded.identical else rounded.text()


def level_note(seeds: int) -> str:
    """What the numbers of a table of levels are."""
    if seeds == 1:
        return (
            "One replication: how much of these levels is chance is not known. "
            "Ask for more, for example --replications 8."
        )
    return f"Means of {seeds} replications, with {LEVEL:.0%} intervals of Monte Carlo error."


def coupling_line(
    counts: Mapping[str, NDArray[np.float64]], title: str, when: str, where: str
) -> str:
    """Who a reform leaves nearer to work or further from it, in one sentence.

    Parameters
    ----------
    counts : mapping
        As :func:`sim.cli.runs.coupling_of` gives it, of at least two replications.
    title, when, where : str
        The reform, the day and the place in words.
    """
    if not (counts["nearer"].any() or counts["further"].any()):
        return f"{title}: {when}, everybody in {where} is in the same state as without it."
    near, far = (
        f"{people(counts[key])} people are" if counts[key].any() else "nobody is"
        for key in ("nearer", "further")
    )
    return (
        f"{title}: {when}, {near} nearer to work in {where} than without it, and {far} further "
        "from it. Everybody else is in the same state as without it."
    )


def people(counts: NDArray[np.float64]) -> str:
    """Mean number of people over replications with its interval, which does not go below nobody."""
    found = paired_difference(np.zeros_like(counts), counts)
    rounded = shown(float(found.mean), max(float(found.low), 0.0), float(found.high))
    assert rounded is not None
    return "0" if rounded.identical else rounded.text()


def contracts_line(contracts: Sequence[Mapping[str, Any]]) -> str:
    """What was checked of a run, in one line.

    Parameters
    ----------
    contracts : sequence of mapping
        As :func:`sim.contracts.statement` gives them.
    """
    parts = [
        f"{contract['name']} ({contract['times']:,} times)"
        for contract in contracts
        if contract["times"]
    ]
    line = f"Contracts kept: {', '.join(parts)}."
    partings = [p for contract in contracts for p in contract.get("partings", ())]
    return " ".join([line, *map(_parting, partings)])


def _parting(parting: Mapping[str, str | None]) -> str:
    """From when a scenario has a history of its own."""
    name, values, people_part, tables = (
        parting[key]
        for key in ("scenario", "values_differ_from", "people_part_on", "tables_differ_from")
    )
    if tables is None:
        return f"The history of {name} is that of {parting['base']} to the end."
    assert values is not None  # where no value differs, a table that does has stopped the run
    day = f"{name} differs from {day_text(dt.date.fromisoformat(values))}"
    if people_part is None:
        return f"{day}, and its results from {tables}."
    return f"{day}, and the first people part on {day_text(dt.date.fromisoformat(people_part))}."


def late_reforms(scenario: Scenario) -> list[str]:
    """Reforms that start after the end of a run, each in a sentence."""
    first: dict[str, dt.date] = {}
    for change in scenario.changes:
        first[change.reform] = min(first.get(change.reform, change.from_), change.from_)
    return [
        f"{reform} starts on {day_text(day)}, after the end of the run: it makes no difference."
        for reform, day in first.items()
        if day >= scenario.end
    ]
