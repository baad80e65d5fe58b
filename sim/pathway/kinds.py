"""Kinds of people: what a hazard owes to area, condition, sex, age and limited work is worked out once a kind.

A kind is an arm with a cell (``sim.settings``): everybody of a kind has the same parameters. There are some
thousands of them and millions of people, so a part of a hazard that depends on nothing else is a table with
one entry a kind, made when a parameter changes, and a person looks it up by one number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.world import World
from sim.settings import CELL_SIZES, CELLS_PER_AREA

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


class Kinds:
    """One person of every kind, for whom parameters are looked up as for the people of a world."""

    def __init__(self, w: World) -> None:
        self._settings, self.facts = w.settings, w.facts
        sizes = (w.arms, w.areas, *CELL_SIZES)
        self._ids = np.arange(int(np.prod(sizes)))
        digits = np.unravel_index(self._ids, sizes)
        _, self.area, self.condition, self.sex, self.age_band, self.limiting = digits
        self.people_per_arm = w.areas * CELLS_PER_AREA
        self.people = {"cell": self._ids % self.people_per_arm}

    def value(self, name: str, *index: Any) -> Any:
        """The value of a parameter for each kind today."""
        return self._settings.value(self, name, self._ids, *index)

    def limited(self, name: str) -> F64:
        """A ratio for those whose health limits their work; one for the others."""
        return np.where(self.limiting, self.value(name), 1.0)


def by_kind(make: Callable[[Kinds], F64]) -> Callable[[World, I64, bool], F64]:
    """Turn what is worked out for every kind into a hazard, or a part of one, that people look up."""

    def table(w: World) -> F64:
        return make(Kinds(w))

    def rate(w: World, ids: I64, peak: bool = False) -> F64:
        kind = w.people["cell"][ids].astype(np.int64)
        if w.arms > 1:
            kind = ids // w.people_per_arm * (w.areas * CELLS_PER_AREA) + kind
        return w.settings.kept(w, table)[kind]

    rate.__doc__ = make.__doc__
    return rate
