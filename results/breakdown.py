"""Outcomes told apart by area or condition: values by run and month, and their paired differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.differences import NET, Paired, paired_difference
from results.displacement import SEARCHING, Displacement
from results.outcomes import COUNTRIES, EMPLOYED, OUTCOMES, Count, Outcome, OutcomeError
from sim.states import LABELS
from sim.tables import RunTables

F64 = NDArray[np.float64]
Group = Literal["area", "condition"]

BY: Final[dict[str, tuple[str, ...]]] = {
    "stocks": ("area", "condition"),
    "events": ("area",),
    "waits": ("area",),
}
"""What the rows of each table can be told apart by."""
WORKING_AGE: Final = tuple(label for label in LABELS["labour"] if label != "outside")


def can_be_told_apart(outcome: Outcome, by: Sequence[Group]) -> bool:
    """Whether the tables that an outcome is counted from have these columns."""
    counts = [outcome.count, *([outcome.per] if outcome.per else [])]
    return all(set(by) <= set(BY[count.table]) for count in counts)


@dataclass(frozen=True)
class Breakdown:
    """Counts of a run by scenario, seed, groups and month, grossed up.

    Parameters
    ----------
    tables : RunTables
    scale : float
        People simulated per person in the population.
    by : tuple of {"area", "condition"}
        What is told apart; may be empty.
    country : str
        A key of :data:`results.outcomes.COUNTRIES`; rows of other countries are left out.
    displacement : Displacement
        Share of additional jobs taken off the outcome net of displacement, by the slack of each place.
    """

    tables: RunTables
    scale: float
    by: tuple[Group, ...] = ()
    country: str = "england"
    displacement: Displacement = field(default_factory=Displacement)
    _known: dict[Count, F64] = field(default_factory=dict, repr=False, compare=False)
    _cells: dict[str, NDArray[np.int64]] = field(default_factory=dict, repr=False, compare=False)
    _finer: list[Breakdown] = field(default_factory=list, repr=False, compare=False)

    @cached_property
    def scenarios(self) -> list[str]:
        """Names of scenarios."""
        return _present(self.tables.stocks["scenario"])

    @cached_property
    def seeds(self) -> list[int]:
        """Seeds, one a replication."""
        return sorted(int(seed) for seed in self.tables.stocks["seed"].unique())

    @cached_property
    def months(self) -> list[str]:
        """Months as labels such as "2024-04"."""
        return _present(self.tables.stocks["month"])

    @cached_property
    def labels(self) -> list[list[str]]:
        """Labels of each group, in the order of the arrays."""
        found = [_present(self.tables.stocks[name]) for name in self.by]
        if "area" in self.by:
            place = self.by.index("area")
            found[place] = [c for c in found[place] if c.startswith(COUNTRIES[self.country])]
            if not found[place]:
                raise OutcomeError(f"The run has no area in {self.country}.")
        return found

    def values(self, name: str, months: int = 1) -> F64:
        """Values of an outcome in each period of so many months.

        Returns
        -------
        float64 array, shape (scenarios, seeds, *groups, periods)
            A ratio of nothing is NaN.
        """
        outcome = OUTCOMES[name]
        if not can_be_told_apart(outcome, self.by):
            raise OutcomeError(f"{outcome.label} cannot be told apart by {' and '.join(self.by)}.")
        number = _periods(self.counts(outcome.count), outcome.kind, months)
        if outcome.per is None:
            return number / self.scale
        per = _periods(self.counts(outcome.per), outcome.kind, months)
        return outcome.factor * np.divide(
            number, per, out=np.full_like(number, np.nan), where=per > 0
        )

    def difference(self, name: str, base: str, reform: str, months: int = 1) -> Paired:
        """Paired difference of an outcome from ``base``; arrays of shape (*groups, periods)."""
        values = self.values(name, months)
        before, after = (values[self.scenarios.index(s)] for s in (base, reform))
        flat = (len(self.seeds), -1)
        found = paired_difference(before.reshape(flat), after.reshape(flat))
        keep = 1 - self.displaced(base) if name == NET else 1.0
        shape = before.shape[1:]
        mean, error, low, high = (
            keep * x.reshape(shape)
            for x in (found.mean, found.standard_error, found.low, found.high)
        )
        return Paired(mean, error, low, high, found.variance_ratio.reshape(shape), found.pairs)

    def displaced(self, base: str) -> F64:
        """Share of additional jobs that others would have had in each place, shape (*groups or 1, 1)."""

        def of(labour: Sequence[str]) -> F64:
            counts = self.counts(Count("stocks", "people", (("labour", tuple(labour)),)))
            people = counts[self.scenarios.index(base)].sum(axis=(0, -1))
            if "condition" in self.by:  # people of all conditions compete for the jobs of a place
                people = people.sum(axis=self.by.index("condition"), keepdims=True)
            return np.asarray(people)[..., None]

        return self.displacement.where(of(SEARCHING), of(EMPLOYED))

    def counts(self, count: Count) -> F64:
        """Counted by scenario, seed, groups and month; of people simulated, not grossed up."""
        if count not in self._known:
            self._known[count] = self._counted(count)
        return self._known[count]

    def people(self, scenario: str) -> F64:
        """People of working age at the end of each month, mean over seeds; (*groups, months)."""
        everybody = self.counts(Count("stocks", "people", (("labour", WORKING_AGE),)))
        found: F64 = everybody[self.scenarios.index(scenario)].mean(axis=0) / self.scale
        return found

    def waits(self, service: str, measure: str, months: int = 1) -> F64:
        """Mean wait in days, or people waiting, in periods of so many months; mean over seeds.

        By scenario, groups and period. The wait is NaN where nobody started.
        """

        def of(name: str, kind: str) -> F64:
            where = (("service", (service,)), ("measure", (name,)))
            counts = self.counts(Count("waits", "value", where)).sum(axis=1)
            return _periods(counts, kind, months)

        if measure == "queue":
            return of("waiting", "stock") / (self.scale * len(self.seeds))
        days, started = of("waited_days", "year total"), of("started", "year total")
        return np.divide(days, started, out=np.full_like(days, np.nan), where=started > 0)

    def merged(self, *by: Group) -> Breakdown:
        """The same with fewer groups told apart, from what this one has counted."""
        kept = Breakdown(
            self.tables, self.scale, by, country=self.country, displacement=self.displacement
        )
        kept._finer.append(self)
        return kept

    def tidy(self, names: Sequence[str], months: int) -> pd.DataFrame:
        """Values without groups as rows: scenario, seed, outcome, period, value.

        The period is a month's label where it has one month, else a number from 1.
        """
        frames = []
        for name in names:
            values = self.values(name, months)
            periods = self.months if months == 1 else range(1, values.shape[-1] + 1)
            grid = pd.MultiIndex.from_product(
                [self.scenarios, self.seeds, periods], names=["scenario", "seed", "period"]
            )
            frames.append(
                pd.DataFrame({"value": values.ravel()}, index=grid)
                .reset_index()
                .assign(outcome=name)
            )
        return pd.concat(frames, ignore_index=True)

    def _counted(self, count: Count) -> F64:
        for finer in self._finer:
            if set(finer.by) <= set(BY[count.table]):
                dropped = tuple(2 + k for k, name in enumerate(finer.by) if name not in self.by)
                return np.asarray(finer.counts(count).sum(axis=dropped), np.float64)
        frame, index = getattr(self.tables, count.table), self._index(count.table)
        keep = index >= 0
        for column, labels in count.where:
            keep &= _codes(frame[column], list(labels)) >= 0
        if count.starts:
            names = [c for c in frame["detail"].cat.categories if c.startswith(count.starts)]
            keep &= _codes(frame["detail"], names) >= 0
        shape = (len(self.scenarios), len(self.seeds), *map(len, self.labels), len(self.months))
        weights = frame[count.column].to_numpy()[keep]
        sums = np.bincount(index[keep], weights, minlength=math.prod(shape))
        return sums.astype(np.float64).reshape(shape)

    def _index(self, table: str) -> NDArray[np.int64]:
        """The cell that each row of a table belongs to, -1 where it belongs to none."""
        if table not in self._cells:
            frame = getattr(self.tables, table)
            columns: list[tuple[str, Sequence[object]]] = [
                ("scenario", self.scenarios),
                ("seed", self.seeds),
                *zip(self.by, self.labels, strict=True),
                ("month", self.months),
            ]
            outside = np.zeros(len(frame), bool)
            if "area" not in self.by:
                areas = frame["area"].cat.categories
                here = [area for area in areas if area[0] in COUNTRIES[self.country]]
                outside |= _codes(frame["area"], here) < 0
            index = np.zeros(len(frame), np.int64)
            for column, order in columns:
                codes = _codes(frame[column], order)
                outside |= codes < 0
                index = index * len(order) + codes
            index[outside] = -1
            self._cells[table] = index
        return self._cells[table]


def _present(column: pd.Series) -> list[str]:
    """Labels that occur in a column, in order."""
    codes = np.unique(column.cat.codes.to_numpy())
    return sorted(str(column.cat.categories[code]) for code in codes if code >= 0)


def _codes(column: pd.Series, order: Sequence[object]) -> NDArray[np.int64]:
    """Position of each value in ``order``, -1 where it is not there."""
    place = {value: k for k, value in enumerate(order)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        table = np.array([place.get(c, -1) for c in column.cat.categories] + [-1], np.int64)
        return table[column.cat.codes.to_numpy()]
    values, inverse = np.unique(column.to_numpy(), return_inverse=True)
    return np.array([place.get(v, -1) for v in values.tolist()], np.int64)[inverse]


def _periods(values: F64, kind: str, months: int) -> F64:
    """Values by month to values by period: the last of a stock, the sum of everything else."""
    if kind == "running total":
        values = values.cumsum(axis=-1)
    full = values[..., : values.shape[-1] // months * months]
    blocks = full.reshape(*values.shape[:-1], -1, months)
    result: F64 = blocks[..., -1] if kind in ("stock", "running total") else blocks.sum(axis=-1)
    return result
