"""Monthly numbers of a finished run, grossed up to people of England, by replication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.output import RunTables

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Monthly:
    """Tables of one scenario, kept to an area, with everything multiplied by 1 / scale.

    Attributes
    ----------
    stocks, flows, events, waits, spells : DataFrame
        As :mod:`sim.output` describes them; counts are people, not people simulated.
    log : DataFrame or None
        Events of a sample of people, as simulated.
    seeds : list of int
        Replications.
    """

    stocks: pd.DataFrame
    flows: pd.DataFrame
    events: pd.DataFrame
    waits: pd.DataFrame
    spells: pd.DataFrame
    log: pd.DataFrame | None
    seeds: list[int]

    @classmethod
    def of(cls, tables: RunTables, scale: float, scenario: str) -> Monthly:
        """England's part of a scenario's tables, grossed up."""
        measures = {
            "stocks": ["people", "person_days"],
            "flows": ["people"],
            "events": ["count"],
            "waits": ["value"],
            "spells": ["count", "days"],
        }
        parts: dict[str, pd.DataFrame] = {}
        for name, columns in measures.items():
            frame: pd.DataFrame = getattr(tables, name)
            frame = frame[frame["scenario"] == scenario]
            if "area" in frame:
                frame = frame[frame["area"].astype(str).str.startswith("E")]
            labels = {c: "str" for c in frame if frame[c].dtype == "category"}
            frame = frame.astype(labels)
            frame[columns] = frame[columns].astype(float) / scale
            parts[name] = frame
        log = tables.log
        if log is not None:
            log = log[(log["scenario"] == scenario) & log["area"].astype(str).str.startswith("E")]
        return cls(**parts, log=log, seeds=sorted(map(int, parts["stocks"]["seed"].unique())))

    @property
    def months(self) -> list[str]:
        """Months of results in order."""
        return sorted(self.stocks["month"].unique())

    def in_area(self, area: str) -> Monthly:
        """The same for one area; spells, which are not told apart by area, stay England's."""
        kept = {n: getattr(self, n) for n in ("stocks", "flows", "events", "waits")}
        kept = {n: f[f["area"] == area] for n, f in kept.items()}
        log = None if self.log is None else self.log[self.log["area"] == area]
        return Monthly(**kept, spells=self.spells, log=log, seeds=self.seeds)

    # ---- one number a replication ---------------------------------------------------------------

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
        frame = self.events[self.events["event"] == event]
        if details:
            frame = frame[frame["detail"].str.startswith(tuple(details))]
        return self._sum(frame, "count", months, {})

    def ended(
        self, months: Sequence[str], measure: str = "count", **where: Sequence[str]
    ) -> pd.Series:
        """Completed spells, or the days that they lasted."""
        return self._sum(self.spells, measure, months, where)

    def waiting(self, months: Sequence[str], service: str, measure: str) -> pd.Series:
        """Sum over months of a measure of a service."""
        where = {"service": [service], "measure": [measure]}
        return self._sum(self.waits, "value", months, where)

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
        kept = frame.loc[mask, ["seed", measure]]
        total = kept.groupby("seed")[measure].sum()
        return total.reindex(self.seeds, fill_value=0.0).astype(float)


def mean_and_error(values: pd.Series) -> tuple[float, float]:
    """Mean over replications and its Monte Carlo standard error (nan for one replication)."""
    numbers = values.to_numpy(float)
    error = float(np.std(numbers, ddof=1) / np.sqrt(len(numbers))) if len(numbers) > 1 else np.nan
    return float(np.mean(numbers)), error
