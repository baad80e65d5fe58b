"""Scenario discovery: the few conditions under which an option fails, by patient rule induction.

A box of conditions starts as everything. Again and again a thin slice of cases is peeled off one side of one factor,
the slice that leaves the largest share of failures behind. The trajectory from a large box of few failures to a small
one of many is the user's choice; the box suggested has the largest harmonic mean of coverage and density.

Source: J. H. Friedman and N. I. Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing
9:123-143; for scenario discovery B. P. Bryant and R. J. Lempert (2010), "Thinking inside the box", Technological
Forecasting and Social Change 77:34-49, whose quasi-p-values tell conditions that matter from chance. Boxes are only
peeled here, never pasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype
from scipy import stats

B = NDArray[np.bool_]

PEEL: Final = 0.05
"""Share of the cases in a box that one peel takes off, at most."""
FEWEST: Final = 8
"""A box holds at least so many cases."""
CHANCE: Final = 0.05
"""A condition with a larger quasi-p-value is left out of the suggestion."""


@dataclass(frozen=True)
class Limit:
    """A condition on one factor: from ``low`` to ``high``, or one of ``labels``."""

    low: float = -np.inf
    high: float = np.inf
    labels: tuple[Any, ...] | None = None

    def holds(self, values: pd.Series) -> B:
        """Whether it holds for each case."""
        if self.labels is not None:
            return values.isin(self.labels).to_numpy()
        return ((values >= self.low) & (values <= self.high)).to_numpy()


@dataclass(frozen=True)
class Box:
    """Conditions by factor, and what they hold.

    Parameters
    ----------
    limits : dict of Limit
        Factors that are not named are free.
    coverage : float
        Share of all failures that lie inside.
    density : float
        Share of the cases inside that are failures.
    mass : float
        Share of all cases that lie inside.
    chance : dict of float
        Quasi-p-value of each condition: how likely the box would be as dense without it, by chance.
    """

    limits: dict[str, Limit]
    coverage: float
    density: float
    mass: float
    chance: dict[str, float]

    @property
    def score(self) -> float:
        """Harmonic mean of coverage and density."""
        total = self.coverage + self.density
        return 2 * self.coverage * self.density / total if total else 0.0


def trajectory(cases: pd.DataFrame, fails: B) -> list[Box]:
    """Boxes from everything to the smallest, each peeled off the one before.

    Parameters
    ----------
    cases : DataFrame
        A row a case, a column a factor: numbers, or text.
    fails : bool array, shape (cases,)
    """
    limits: dict[str, Limit] = {}
    inside = np.ones(len(cases), bool)
    boxes = [_box(cases, fails, limits)]
    while True:
        best: tuple[float, int, str, Limit, B] | None = None
        for name, limit, left in _peels(cases, inside, limits):
            # Among equally dense boxes the larger one.
            rank = (float(fails[left].mean()), int(left.sum()))
            if best is None or rank > best[:2]:
                best = (*rank, name, limit, left)
        if best is None or best[0] <= boxes[-1].density:
            return boxes
        _, _, name, limit, inside = best
        limits = {**limits, name: limit}
        boxes.append(_box(cases, fails, limits))


def suggested(cases: pd.DataFrame, fails: B) -> Box:
    """The box of the trajectory with the best score, without conditions that may be chance."""
    best = max(trajectory(cases, fails), key=lambda box: box.score)
    while best.limits:
        weakest = max(best.limits, key=lambda name: best.chance[name])
        if best.chance[weakest] <= CHANCE:
            break
        best = _box(cases, fails, {n: limit for n, limit in best.limits.items() if n != weakest})
    return best


def _peels(
    cases: pd.DataFrame, inside: B, limits: Mapping[str, Limit]
) -> Iterator[tuple[str, Limit, B]]:
    """Every slice that can be taken off: the limit it sets, and the cases that are left."""
    for name in cases.columns:
        column = cases[name]
        here = column[inside]
        old = limits.get(name, Limit())
        if is_numeric_dtype(column):
            # Whole values go together, so that designs with few levels can be peeled.
            values = np.unique(here)
            if len(values) < 2:
                continue
            above = values[values > here.quantile(PEEL, interpolation="lower")]
            below = values[values < here.quantile(1 - PEEL, interpolation="higher")]
            new = [Limit(float(above[0]), old.high)] if len(above) else []
            new += [Limit(old.low, float(below[-1]))] if len(below) else []
        else:
            labels = tuple(dict.fromkeys(here))
            new = [Limit(labels=tuple(x for x in labels if x != label)) for label in labels]
            new = [limit for limit in new if limit.labels]
        for limit in new:
            left = inside & limit.holds(column)
            if FEWEST <= left.sum() < inside.sum():
                yield name, limit, left


def _box(cases: pd.DataFrame, fails: B, limits: dict[str, Limit]) -> Box:
    inside = _inside(cases, limits)
    count, failed = int(inside.sum()), int(fails[inside].sum())
    chance = {}
    for name in limits:
        without = _inside(cases, {n: limit for n, limit in limits.items() if n != name})
        rate = float(fails[without].mean())
        chance[name] = float(stats.binom.sf(failed - 1, count, rate))
    total = int(fails.sum())
    return Box(
        limits,
        failed / total if total else 0.0,
        failed / count if count else 0.0,
        count / len(cases),
        chance,
    )


def _inside(cases: pd.DataFrame, limits: Mapping[str, Limit]) -> B:
    inside = np.ones(len(cases), bool)
    for name, limit in limits.items():
        inside &= limit.holds(cases[name])
    return inside
