"""Kinds of people: what a hazard owes to area, condition, sex, age and limited work is worked out once a kind.

A kind is an arm with a cell (``sim.settings``); ``sim/core/rates.py`` says what comes of its rates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.steps import ByKind
from sim.core.world import World
from sim.settings import CELL_SIZES
from sim.states import Benefit, Condition, Labour

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

_STATES = len(Condition) * len(Labour) * len(Benefit)


class Kinds:
    """One person of every kind, for whom parameters are looked up as for the people of a world."""

    def __init__(self, w: World) -> None:
        self._settings, self.facts = w.settings, w.facts
        sizes = (w.arms, w.areas, *CELL_SIZES)
        self._ids = np.arange(w.kinds)
        digits = np.unravel_index(self._ids, sizes)
        _, self.area, self.condition, self.sex, self.age_band, self.limiting = digits
        self.people_per_arm = w.settings.cells
        self.people = {"cell": self._ids % self.people_per_arm}

    def value(self, name: str, *index: Any) -> Any:
        """The value of a parameter for each kind today, or one number for all."""
        return self._settings.value(self, name, self._ids, *index)

    def limited(self, name: str) -> F64:
        """A ratio for those whose health limits their work; one for the others."""
        return np.where(self.limiting, self.value(name), 1.0)


OfKind = Callable[[Kinds], F64]
"""A rate per day of each kind, or one number for all."""


def by_kind(rate: OfKind, *others: tuple[NDArray[np.bool_], OfKind]) -> ByKind:
    """The table of a rate by kind.

    Parameters
    ----------
    rate : callable
        What holds in all states but those of ``others``.
    others : pairs of a bool array, shape (conditions, labour states, benefits), and a callable
        States, and what holds in them.
    """
    rates = (rate, *(other for _, other in others))
    groups = np.zeros(_STATES, np.int64)
    for number, (states, _) in enumerate(others, start=1):
        groups[states.ravel()] = number

    def table(w: World) -> tuple[I64, F64]:
        kinds = Kinds(w)
        values = np.empty((len(rates), w.kinds))
        for row, of_kind in zip(values, rates, strict=True):
            row[:] = of_kind(kinds)
        return groups, values

    return table
