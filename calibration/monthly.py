"""Monthly numbers of finished runs, grossed up to people of England, a number for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.tables import RunTables

DAYS_A_YEAR = 365.25
RUN = ("scenario", "seed")
_MEASURES = {
    "stocks": ("people", "person_days"),
    "flows": ("people",),
    "events": ("count",),
    "waits": ("value",),
    "spells": ("count", "days"),
}


@dataclass(frozen=True)
class Monthly:
    """Tables of many runs, kept to an area, with everything multiplied by 1 / scale.

    Attributes
    ----------
    stocks, flows, events, waits, spells : DataFrame
        As :mod:`sim.output` describes them, with ``run`` as the number of the run, and without areas;
        counts are people, not people simulated.
    log : DataFrame or None
        Events of a sample of people, as simulated.
    runs : MultiIndex
        Scenario and seed of each run.
    months : list of str
        Months of results in order.
    """

    stocks: pd.DataFrame
    flows: pd.DataFrame
    events: pd.DataFrame
    waits: pd.DataFrame
    spells: pd.DataFrame
    log: pd.DataFrame | None
    runs: pd.MultiIndex
    months: list[str]
    _by_area: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, tables: RunTables, scale: float, scenarios: Sequence[str] | None = None) -> Monthly:
        """England's part of the tables of some scenarios (all, when none is named), grossed up."""
        runs = _runs(tables.stocks, scenarios)
        parts = {}
        for name, columns in _MEASURES.items():
            frame = getattr(tables, name)
            place = runs.get_indexer(pd.MultiIndex.from_frame(frame[list(RUN)].astype(_TEXT)))
            kept = place >= 0
            if "area" in frame:
                kept &= frame["area"].astype(str).str.startswith("E").to_numpy()
            frame = frame.loc[kept].drop(columns=list(RUN)).assign(run=place[kept])
            frame[list(columns)] = frame[list(columns)].astype(float) / scale
            parts[name] = frame
        log = tables.log
        if log is not None:
            place = runs.get_indexer(pd.MultiIndex.from_frame(log[list(RUN)].astype(_TEXT)))
            kept = (place >= 0) & log["area"].astype(str).str.startswith("E").to_numpy()
            log = log.loc[kept].assign(run=place[kept])
        months = sorted(map(str, parts["stocks"]["month"].unique()))
        by_area = {name: frame for name, frame in parts.items() if "area" in frame}
        whole = {name: _without_areas(name, frame) for name, frame in parts.items()}
        return cls(**whole, log=log, runs=runs, months=months, _by_area=by_area)

    @property
    def areas(self) -> set[str]:
        """Codes of the areas that the tables tell apart."""
        return set(map(str, self._by_area["stocks"]["area"].unique()))

    def in_area(self, area: str) -> Monthly:
        """The same for one area; spells, which are not told apart by area, stay England's."""
        here = {
            name: _without_areas(name, frame[(frame["area"] == area).to_numpy()])
            for name, frame in self._by_area.items()
        }
        log = None if self.log is None else self.log[self.log["area"] == area]
        return replace(self, **here, log=log)

    # ---- one number a run -----------------------------------------------------------------------

    def stock(self, months: Sequence[str], **where: Sequence[str]) -> pd.Series:
        """People in states at the end of a month, mean over months."""
        return self._sum(self.stocks, "people", months, where) / len(months)

    def years(self, months: Sequence[str], **where: Sequence[str]) -> pd.Series:
        """Person-years spent in states."""
        return self._sum(self.stocks, "person_days", months, where) / DAYS_A_YEAR

    def moves(self, months: Sequence[str], **where: Sequence[str]) -> pd.Series:
        """Moves between states, told by the columns ``labour_from``, ``benefit_to`` and so on."""
        return self._sum(self.flows, "people", months, where)

    def count(self, months: Sequence[str], event: str, details: Sequence[str] = ()) -> pd.Series:
        """Events whose detail starts with one of ``details`` (all, when empty)."""
        where: dict[str, Sequence[str]] = {"event": [event]}
        if details:
            known = map(str, self.events["detail"].unique())
            where["detail"] = [label for label in known if label.startswith(tuple(details))]
        return self._sum(self.events, "count", months, where)

    def ended(
        self, months: Sequence[str], measure: str = "count", **where: Sequence[str]
    ) -> pd.Series:
        """Completed spells, or the days that they lasted."""
        return self._sum(self.spells, measure, months, where)

    def waiting(self, months: Sequence[str], service: str, measure: str) -> pd.Series:
        """Sum over months of a measure of a service."""
        where = {"service": [service], "measure": [measure]}
        return self._sum(self.waits, "value", months, where)

    def blank(self) -> pd.Series:
        """Not a number for every run."""
        return pd.Series(np.nan, index=self.runs)

    def by_run(self, values: pd.Series) -> pd.Series:
        """A series by number of run as one by scenario and seed."""
        return values.reindex(range(len(self.runs))).set_axis(self.runs)

    def _sum(
        self,
        frame: pd.DataFrame,
        measure: str,
        months: Sequence[str],
        where: Mapping[str, Sequence[str]],
    ) -> pd.Series:
        mask = frame["month"].isin(list(months)).to_numpy(bool)
        for column, labels in where.items():
            mask = mask & frame[column].isin(list(labels)).to_numpy(bool)
        run, value = frame["run"].to_numpy()[mask], frame[measure].to_numpy()[mask]
        total = np.bincount(run, value, minlength=len(self.runs))
        return pd.Series(total, index=self.runs)


_TEXT = {"scenario": "str"}


def _runs(stocks: pd.DataFrame, scenarios: Sequence[str] | None) -> pd.MultiIndex:
    """Every run in order of scenario, as asked for, and seed."""
    found = stocks[list(RUN)].drop_duplicates().astype(_TEXT)
    names = list(found["scenario"].unique()) if scenarios is None else list(scenarios)
    found = found[found["scenario"].isin(names)]
    found = found.assign(order=found["scenario"].map({n: k for k, n in enumerate(names)}))
    return pd.MultiIndex.from_frame(found.sort_values(["order", "seed"])[list(RUN)])


def _without_areas(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if "area" not in frame:
        return frame
    keys = [c for c in frame if c not in ("area", *_MEASURES[name])]
    grouped = frame.groupby(keys, observed=True, sort=False)[list(_MEASURES[name])].sum()
    return grouped.reset_index()


def mean_and_error(values: pd.Series) -> tuple[float, float]:
    """Mean over replications and its Monte Carlo standard error (nan for one replication)."""
    numbers = values.to_numpy(float)
    error = float(np.std(numbers, ddof=1) / np.sqrt(len(numbers))) if len(numbers) > 1 else np.nan
    return float(np.mean(numbers)), error
