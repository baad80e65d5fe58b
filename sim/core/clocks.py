"""Hazard tables and spell thresholds: how long something lasts.

A hazard is a table of cumulative hazard by day of spell. A spell draws one unit exponential threshold;
it ends on the first day on which its accumulated hazard reaches the threshold. When a hazard ratio changes
in mid-spell, what has accumulated is kept and the day is worked out anew: exact, with no fresh draw.

Source: the integrated-hazard construction of event times; Sellke (1983), Journal of Applied Probability
20:390.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.core.dates import NEVER
from sim.core.draws import F64

I64 = NDArray[np.int64]

TABLE_DAYS = 3_653
"""Length of a table: ten years. Beyond it the last year's mean daily hazard goes on."""


def cumulative_hazard(spec: Mapping[str, Any], days: int = TABLE_DAYS) -> F64:
    """Cumulative hazard at the end of days ``0..days`` of a spell.

    Parameters
    ----------
    spec : mapping
        One of ``{"distribution": name, ...}`` with the shape, ``loc`` and ``scale`` (days) of a continuous
        ``scipy.stats`` distribution; ``{"rates": {day: rate per day}}``, each holding from its day on;
        ``{"survival": {day: share still in the spell}}``, with constant hazards between the days given.
    days : int
        Length of the table.

    Returns
    -------
    float array, shape (days + 1,)
        Starts at 0 and never falls.
    """
    day = np.arange(days + 1)
    if "distribution" in spec:
        shape = {k: v for k, v in spec.items() if k != "distribution"}
        table = -getattr(stats, spec["distribution"])(**shape).logsf(day.astype(float))
    elif "rates" in spec:
        from_day = np.array(sorted(int(d) for d in spec["rates"]))
        rates = np.array([float(spec["rates"][d]) for d in sorted(spec["rates"], key=int)])
        daily = rates[np.searchsorted(from_day, day[:-1], side="right") - 1]
        table = np.concatenate([[0.0], np.cumsum(daily)])
    else:
        at = sorted((int(d), float(s)) for d, s in spec["survival"].items())
        knots, shares = np.array([d for d, _ in at]), np.array([s for _, s in at])
        shares = np.maximum(shares, _NOBODY_LEFT)
        table = np.interp(day, knots, -np.log(shares))
        after_last = -np.log(shares[-1] / shares[-2]) / (knots[-1] - knots[-2])
        table = table + after_last * np.maximum(day - knots[-1], 0)
    table = np.maximum.accumulate(table - table[0])
    return np.minimum(table, 700.0)


_NOBODY_LEFT = 1e-300
"""A share of zero is taken as this, so that a curve that ends has a finite, if huge, hazard."""


class HazardTable:
    """Cumulative hazards of several groups, looked up and inverted by arrays.

    Parameters
    ----------
    cumulative : float array, shape (groups, days + 1)
        Cumulative hazard of each group at the end of each day of a spell.
    """

    def __init__(self, cumulative: F64) -> None:
        self.cumulative = cumulative
        self.groups, width = self.cumulative.shape
        self.days = width - 1
        year = min(365, self.days)
        self._tail = np.maximum(
            (self.cumulative[:, -1] - self.cumulative[:, -1 - year]) / year, 1e-12
        )
        self._first = np.arange(self.groups) * width
        # Groups so far apart that all stand in one sorted row, but for what the sums lose.
        self._apart = np.arange(self.groups) * (1.0 + self.cumulative.max())
        self._sorted = (self._apart[:, None] + self.cumulative).ravel()
        self._end = self.cumulative[:, -1].copy()

    @classmethod
    def from_specs(cls, specs: Sequence[Mapping[str, Any]]) -> HazardTable:
        """A table with one group a specification."""
        return cls(np.stack([cumulative_hazard(spec) for spec in specs]))

    def at(self, group: NDArray[np.integer], day: NDArray[np.integer]) -> F64:
        """Cumulative hazard at the end of a day of spell; shapes broadcast."""
        inside = np.minimum(day, self.days)
        value: F64 = self.cumulative[group, inside] + self._tail[group] * (day - inside)
        return value

    def day_reached(self, group: NDArray[np.integer], target: F64) -> I64:
        """First day of spell, at least 1, on which the cumulative hazard reaches a target."""
        group = np.asarray(group, np.int64)
        end = self._end[group]
        goal = np.minimum(target, end)
        at = self._sorted.searchsorted(self._apart[group] + goal)
        hazard = self.cumulative.ravel()
        early = (hazard[at] < goal).nonzero()[0]  # by what the sums lose
        while len(early):
            at[early] += 1
            early = early[hazard[at[early]] < goal[early]]
        day: I64 = at - self._first[group]
        over = (target > end).nonzero()[0]
        if len(over):
            rest = (target[over] - end[over]) / self._tail[group[over]]
            beyond = np.ceil(np.minimum(rest, 2.0 * NEVER)).astype(np.int64)
            day[over] = self.days + beyond
        return np.maximum(day, 1)
