"""Spell clocks: columns that time a spell by its threshold and a hazard ratio that may change on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.core.clocks import HazardTable
from sim.core.dates import NEVER
from sim.core.draws import F64, exponentials, stream_id

if TYPE_CHECKING:
    from sim.core.world import World

I64 = NDArray[np.int64]

LEAST_RATIO = 1e-6
"""A hazard ratio of zero is taken as this, so that what is left of a spell stays a finite number."""


class SpellClock:
    """Times one kind of spell for everybody.

    The goal of a person is the cumulative hazard of the table (at ratio 1) at which the spell ends. A
    change of ratio on day c keeps what has accumulated: what is left, ``(goal - H(c)) * ratio``, is spread
    over the new ratio.

    Parameters
    ----------
    name : str
        Name of the clock, of its stream of thresholds and of its columns.
    table : HazardTable
        Cumulative hazard by group and day of spell.
    """

    def __init__(self, name: str, table: HazardTable) -> None:
        self.name = name
        self.table = table
        self.stream = stream_id(name)

    @staticmethod
    def columns(name: str) -> dict[str, tuple[type[np.generic], float]]:
        """The columns that a clock of this name needs: dtype and value at rest."""
        return {
            f"{name}_start": (np.int16, 0),
            f"{name}_group": (np.uint8, 0),
            f"{name}_count": (np.uint16, 0),
            f"{name}_goal": (np.float64, 0),
            f"{name}_ratio": (np.float64, 1),
        }

    def start(self, w: World, ids: I64, group: NDArray[np.integer], ratio: F64 | float) -> None:
        """A spell starts today; it can end tomorrow at the earliest."""
        self.resume(w, ids, group, ratio, np.int16(w.day))

    def resume(
        self,
        w: World,
        ids: I64,
        group: NDArray[np.integer],
        ratio: F64 | float,
        start: NDArray[np.int16] | np.int16,
    ) -> None:
        """A spell that has already lasted from ``start`` until today, and is not over."""
        c, n = w.people, self.name
        c[f"{n}_start"][ids] = start
        c[f"{n}_group"][ids] = group
        ratio = np.maximum(ratio, LEAST_RATIO)
        c[f"{n}_ratio"][ids] = ratio
        threshold = exponentials(w.keys[ids], self.stream, c[f"{n}_count"][ids].astype(np.uint64))
        c[f"{n}_count"][ids] += 1
        so_far = self.table.at(np.asarray(group), w.day - np.asarray(start, np.int64))
        c[f"{n}_goal"][ids] = so_far + threshold / ratio
        self._set_due(w, ids)

    def change_ratio(self, w: World, ids: I64, ratio: F64) -> None:
        """From tomorrow the hazard ratio is ``ratio``; people whose ratio stays are left alone."""
        c, n = w.people, self.name
        ratio = np.maximum(ratio, LEAST_RATIO)
        differs = c[f"{n}_ratio"][ids] != ratio
        if not differs.any():
            return
        ids, ratio = ids[differs], ratio[differs]
        so_far = self.table.at(c[f"{n}_group"][ids], w.day - c[f"{n}_start"][ids].astype(np.int64))
        left = (c[f"{n}_goal"][ids] - so_far) * c[f"{n}_ratio"][ids]
        c[f"{n}_goal"][ids] = so_far + left / ratio
        c[f"{n}_ratio"][ids] = ratio
        self._set_due(w, ids)

    def running(self, w: World, ids: I64) -> I64:
        """Those of the people whose spell is running."""
        return ids[w.due[self.name][ids] != NEVER]

    def stop(self, w: World, ids: I64) -> None:
        """The spell is over for another reason."""
        w.due[self.name][ids] = NEVER

    def _set_due(self, w: World, ids: I64) -> None:
        c, n = w.people, self.name
        length = self.table.day_reached(c[f"{n}_group"][ids], c[f"{n}_goal"][ids])
        due = np.maximum(c[f"{n}_start"][ids] + length, w.day + 1)
        # NEVER means "no spell is running"; a spell that outlasts the calendar is due just before.
        w.set_due(n, ids, np.minimum(due, NEVER - 1))
