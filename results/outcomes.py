"""Named outcomes of a run, grossed up to the whole population, by month and by year.

Each outcome is one row of :data:`OUTCOMES`. A *stock* is counted at the end of a month or year, a
*year total* over it, a *running total* from the start; a *ratio* divides the sum of one count over
the month or year by the sum of another, so that a year weighs its months by their counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.explained import ExplainedError
from sim.tables import RunTables

Kind = Literal["stock", "year total", "running total", "ratio"]
Areas = str | Sequence[str]
F64 = NDArray[np.float64]

COUNTRIES: Final = {"england": ("E",), "wales": ("W",), "england_and_wales": ("E", "W")}
"""Names for areas, and how the codes of their areas begin."""


class OutcomeError(ExplainedError):
    """Outcomes cannot be computed from these tables; the message says why."""


@dataclass(frozen=True)
class Count:
    """A column of a table summed over the rows that have certain labels.

    ``where`` lists the labels allowed by column; ``starts`` is how the event's detail begins.
    """

    table: Literal["stocks", "events", "waits"]
    column: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    starts: str = ""


@dataclass(frozen=True)
class Outcome:
    """An outcome: what it is called and how it is counted.

    ``step`` is the smallest unit in which it is ever shown; ``phrase`` names it within a sentence;
    a ratio is ``factor`` times ``count`` over ``per``.
    """

    name: str
    label: str
    phrase: str
    unit: str
    kind: Kind
    step: float
    count: Count
    per: Count | None = None
    factor: float = 1.0

    @property
    def tables(self) -> frozenset[str]:
        """Tables of a run that it is counted from; months are those of the stocks."""
        counts = (self.count, self.per) if self.per else (self.count,)
        return frozenset({"stocks", *(count.table for count in counts)})

    @property
    def difference_unit(self) -> str:
        """Unit of a difference between two values."""
        return "percentage points" if self.unit == "%" else self.unit

    def period_label(self, period: Literal["month", "year"]) -> str:
        """Label with the time the value belongs to."""
        if self.kind == "stock":
            return f"{self.label}, end of {period}"
        if self.kind == "running total":
            return f"{self.label} since the start"
        return f"{self.label} in the {period}"


def _people(column: str = "people", **where: str) -> Count:
    return Count("stocks", column, tuple((k, tuple(v.split())) for k, v in where.items()))


def _events(event: str, starts: str = "") -> Count:
    return Count("events", "count", (("event", (event,)),), starts)


def _waits(service: str, measure: str) -> Count:
    return Count("waits", "value", (("service", (service,)), ("measure", (measure,))))


EMPLOYED: Final = ("in_work", "off_sick")
"""Labour-market states of people with a job."""
_EMPLOYED: Final = " ".join(EMPLOYED)
_STARTS: Final = _events("workwell_start")
_NOTES: Final = _events("fit_note")

_ALL: Final = (
    Outcome(
        "in_work", "People in work", "the number of people in work", "people", "stock", 1,
        _people(labour=_EMPLOYED),
    ),
    Outcome(
        "in_work_net", "People in work, net of displacement",
        "the number of people in work, net of displacement", "people", "stock", 1,
        _people(labour=_EMPLOYED),
    ),
    Outcome(
        "sick_inactive", "People inactive because of long-term sickness",
        "the number of people inactive because of long-term sickness", "people", "stock", 1,
        _people(labour="sick_inactive"),
    ),
    Outcome(
        "lcwra", "People with LCWRA", "the number of people with LCWRA", "people", "stock", 1,
        _people(benefit="lcwra"),
    ),
    Outcome(
        "lcw", "People with LCW", "the number of people with LCW", "people", "stock", 1,
        _people(benefit="lcw"),
    ),
    Outcome(
        "uc_health", "People on UC health", "the number of people on UC health", "people", "stock",
        1, _people(benefit="uc_fit_note lcw lcwra"),
    ),
    Outcome(
        "on_uc", "People on UC", "the number of people on UC", "people", "stock", 1,
        _people(benefit="uc_search uc_light uc_fit_note lcw lcwra"),
    ),
    Outcome(
        "fit_notes", "Fit notes", "the number of fit notes", "fit notes", "year total", 1, _NOTES
    ),
    Outcome(
        "may_be_fit_share", "Share of fit notes that say may be fit for work",
        "the share of fit notes that say may be fit for work", "%", "ratio", 0.01,
        _events("fit_note", "may_be_fit"), _NOTES, 100.0,
    ),
    Outcome(
        "sanctions", "Sanctions", "the number of sanctions", "sanctions", "year total", 1,
        _events("sanction"),
    ),
    Outcome(
        "claims_closed", "Claims closed", "the number of claims closed", "claims", "year total", 1,
        _events("claim_closed"),
    ),
    Outcome(
        "workwell_starts", "WorkWell starts", "the number of WorkWell starts", "starts",
        "year total", 1, _STARTS,
    ),
    Outcome(
        "workwell_starts_so_far", "WorkWell starts", "the number of WorkWell starts", "starts",
        "running total", 1, _STARTS,
    ),
    Outcome(
        "workwell_wait", "Mean wait of those who started WorkWell",
        "the mean wait of those who started WorkWell", "days", "ratio", 0.1,
        _waits("workwell", "waited_days"), _waits("workwell", "started"),
    ),
    Outcome(
        "wca_wait", "Mean wait for a WCA", "the mean wait for a WCA", "days", "ratio", 0.1,
        _waits("wca", "waited_days"), _waits("wca", "started"),
    ),
    Outcome(
        "sickness_absence", "Sickness absence rate", "the sickness absence rate", "%", "ratio",
        0.01, _people("person_days", labour="off_sick"),
        _people("person_days", labour=_EMPLOYED), 100.0,
    ),
)  # fmt: skip
OUTCOMES: Final = {outcome.name: outcome for outcome in _ALL}
"""All outcomes by name, in the order of tables."""
NEEDS: Final = {name: outcome.tables for name, outcome in OUTCOMES.items()}
"""Tables that each outcome is counted from."""


def monthly(tables: RunTables, scale: float, areas: Areas = "england") -> pd.DataFrame:
    """Values of every outcome by scenario, seed and month.

    Parameters
    ----------
    tables : RunTables
        Tables of one or more scenarios and seeds.
    scale : float
        People simulated per person in the population; numbers are divided by it.
    areas : str or list of str
        ``england`` (the default), ``wales``, ``england_and_wales``, or codes of areas.

    Returns
    -------
    DataFrame
        Columns scenario, seed, outcome, month ("2024-04"), value. A ratio of nothing is NaN.

    Raises
    ------
    OutcomeError
        When there are no such areas, or months are missing from the tables.
    """
    counts = _Counts(tables, scale, areas)
    values = {name: counts.value(outcome, 1) for name, outcome in OUTCOMES.items()}
    return _tidy(counts.runs, "month", counts.months, values)


def yearly(tables: RunTables, scale: float, areas: Areas = "england") -> pd.DataFrame:
    """Values of every outcome by scenario, seed and full year since the start, counted from 1.

    Takes what :func:`monthly` takes; returns the columns scenario, seed, outcome, year, value.
    Stocks stand at the end of the year. Months after the last full year are left out.
    """
    counts = _Counts(tables, scale, areas)
    values = {name: counts.value(outcome, 12) for name, outcome in OUTCOMES.items()}
    years = list(range(1, len(counts.months) // 12 + 1))
    return _tidy(counts.runs, "year", years, values)


def _tidy(
    runs: pd.MultiIndex, period: str, labels: Sequence[object], values: dict[str, F64]
) -> pd.DataFrame:
    frames = [
        pd.DataFrame(value, index=runs, columns=pd.Index(labels, name=period))
        .stack()
        .rename("value")
        .reset_index()
        .assign(outcome=name)
        for name, value in values.items()
    ]
    columns = ["scenario", "seed", "outcome", period, "value"]
    return pd.concat(frames, ignore_index=True)[columns]


class _Counts:
    """Counts of some areas as arrays, a row a run (scenario and seed) and a column a month."""

    def __init__(self, tables: RunTables, scale: float, areas: Areas) -> None:
        if not 0 < scale <= 1:
            raise OutcomeError(f"The scale of a run lies above 0 and is at most 1, not {scale}.")
        stocks = tables.stocks
        self.scale = scale
        self.months = sorted(str(month) for month in stocks["month"].unique())
        cells = stocks[["scenario", "seed", "month"]].drop_duplicates()
        cells = cells.astype({"scenario": "str", "month": "str"})
        self.runs = pd.MultiIndex.from_frame(cells[["scenario", "seed"]].drop_duplicates())
        _check_months(self.months, cells.drop_duplicates(), len(self.runs))
        keep = area_codes(stocks["area"], areas)
        self.tables = {
            "stocks": _collapsed(stocks, keep, ["labour", "benefit"], ["people", "person_days"]),
            "events": _collapsed(tables.events, keep, ["event", "detail"], ["count"]),
            "waits": _collapsed(tables.waits, keep, ["service", "measure"], ["value"]),
        }
        self._known: dict[Count, F64] = {}

    def value(self, outcome: Outcome, months: int) -> F64:
        """Values by run and period of so many months."""
        number = self._period(self._sum(outcome.count), outcome.kind, months)
        if outcome.per is None:
            return number / self.scale
        base = self._period(self._sum(outcome.per), outcome.kind, months)
        return outcome.factor * np.divide(
            number, base, out=np.full_like(number, np.nan), where=base > 0
        )

    def _period(self, values: F64, kind: Kind, months: int) -> F64:
        if kind == "running total":
            values = values.cumsum(axis=1)
        full = values[:, : values.shape[1] // months * months]
        blocks = full.reshape(len(values), -1, months)
        result: F64 = blocks[:, :, -1] if kind in ("stock", "running total") else blocks.sum(axis=2)
        return result

    def _sum(self, count: Count) -> F64:
        if count not in self._known:
            frame = self.tables[count.table]
            keep = np.ones(len(frame), bool)
            for column, labels in count.where:
                keep &= frame[column].isin(labels).to_numpy()
            if count.starts:
                keep &= frame["detail"].astype("str").str.startswith(count.starts).to_numpy()
            rows = frame[keep].astype({"scenario": "str", "month": "str"})
            sums = rows.groupby(["scenario", "seed", "month"])[count.column].sum().unstack("month")
            grid = sums.reindex(index=self.runs, columns=self.months)
            self._known[count] = grid.fillna(0).to_numpy(np.float64)
        return self._known[count]


def _check_months(months: Sequence[str], cells: pd.DataFrame, runs: int) -> None:
    if not months:
        raise OutcomeError("The table of stocks is empty: the run has no months.")
    span = pd.period_range(months[0], months[-1], freq="M").astype(str)
    gaps = [month for month in span if month not in months]
    if gaps:
        raise OutcomeError(f"The table of stocks lacks the month {gaps[0]}.")
    if len(cells) != runs * len(months):
        there = cells.groupby(["scenario", "seed"])["month"].nunique()
        scenario, seed = there.idxmin()
        raise OutcomeError(
            f"Scenario {scenario}, seed {seed} has {there.min()} months of stocks; others have "
            f"{len(months)}. Compare runs of the same length."
        )


def area_codes(column: pd.Series, areas: Areas) -> list[str]:
    """Codes in a column of areas that a name for areas, or a list of codes, stands for.

    Raises
    ------
    OutcomeError
        When there are no such areas.
    """
    known = sorted(column.astype(str).unique())
    if isinstance(areas, str):
        if areas not in COUNTRIES:
            names = ", ".join(COUNTRIES)
            raise OutcomeError(f"Areas {areas!r} are not known. Give {names}, or a list of codes.")
        found = [code for code in known if code.startswith(COUNTRIES[areas])]
        if not found:
            raise OutcomeError(f"The run has no area in {areas}.")
        return found
    strange = [code for code in areas if code not in known]
    if strange or not areas:
        raise OutcomeError(
            f"The run has no area {strange[0] if strange else 'of an empty list'}. "
            f"It has {', '.join(known)}."
        )
    return list(areas)


def _collapsed(
    frame: pd.DataFrame, areas: Sequence[str], keys: list[str], numbers: list[str]
) -> pd.DataFrame:
    """Rows of some areas added up by run, month and ``keys``."""
    rows = frame[frame["area"].isin(areas)]
    by = ["scenario", "seed", "month", *keys]
    return rows.groupby(by, as_index=False, observed=True)[numbers].sum()
