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
    first_group : int64 array, shape (arms,), optional
        Where the groups of each arm begin in the table; None if all arms have the same groups.
    """

    def __init__(self, name: str, table: HazardTable, first_group: I64 | None = None) -> None:
        self.name = name
        self.table = table
        self.first_group = first_group
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
        self._begin(w, ids, group, ratio, np.int16(w.day), 0.0)

    def resume(
        self,
        w: World,
        ids: I64,
        group: NDArray[np.integer],
        ratio: F64 | float,
        start: NDArray[np.int16],
    ) -> None:
        """A spell that has already lasted from ``start`` until today, and is not over."""
        so_far = self.accumulated(w, ids, group, w.day - start.astype(np.int64))
        self._begin(w, ids, group, ratio, start, so_far)

    def accumulated(
        self, w: World, ids: I64, group: NDArray[np.integer], day: NDArray[np.integer]
    ) -> F64:
        """Cumulative hazard, at ratio 1, of people in a group at the end of a day of spell; shapes broadcast."""
        return self.table.at(self._in_table(w, ids, group), day)

    def _in_table(self, w: World, ids: I64, group: NDArray[np.integer]) -> NDArray[np.integer]:
        """Where the groups of people stand in the table."""
        return group if self.first_group is None else group + self.first_group[w.arm_of(ids)]

    def branched(self, parents: I64) -> SpellClock:
        """The clock of new arms, each a copy of the one numbered."""
        if self.first_group is None:
            return self
        return SpellClock(self.name, self.table, self.first_group[parents])

    def _begin(
        self,
        w: World,
        ids: I64,
        group: NDArray[np.integer],
        ratio: F64 | float,
        start: NDArray[np.int16] | np.int16,
        so_far: F64 | float,
    ) -> None:
        c, n = w.people, self.name
        ratio = np.maximum(ratio, LEAST_RATIO)
        count = c[f"{n}_count"][ids]
        goal = so_far + exponentials(w.keys[ids], self.stream, count.astype(np.uint64)) / ratio
        c[f"{n}_start"][ids] = start
        c[f"{n}_group"][ids] = group
        c[f"{n}_ratio"][ids] = ratio
        c[f"{n}_count"][ids] = count + np.uint16(1)
        self._aim(w, ids, start, group, goal)

    def change_ratio(self, w: World, ids: I64, ratio: F64) -> None:
        """From tomorrow the hazard ratio is ``ratio``; people whose ratio stays are left alone."""
        c, n = w.people, self.name
        ratio = np.maximum(ratio, LEAST_RATIO)
        before = c[f"{n}_ratio"][ids]
        some = (before != ratio).nonzero()[0]
        if not len(some):
            return
        ids, before, ratio = ids[some], before[some], ratio[some]
        start, group = c[f"{n}_start"][ids], c[f"{n}_group"][ids]
        so_far = self.accumulated(w, ids, group, w.day - start.astype(np.int64))
        left = (c[f"{n}_goal"][ids] - so_far) * before
        c[f"{n}_ratio"][ids] = ratio
        self._aim(w, ids, start, group, so_far + left / ratio)

    def running(self, w: World, ids: I64) -> I64:
        """Those of the people whose spell is running."""
        return ids[w.due[self.name][ids] != NEVER]

    def stop(self, w: World, ids: I64) -> None:
        """The spell is over for another reason."""
        w.due[self.name][ids] = NEVER

    def _aim(
        self,
        w: World,
        ids: I64,
        start: NDArray[np.int16] | np.int16,
        group: NDArray[np.integer],
        goal: F64,
    ) -> None:
        """The spell ends on the day on which the cumulative hazard reaches its goal."""
        w.people[f"{self.name}_goal"][ids] = goal
        reached = self.table.day_reached(self._in_table(w, ids, group), goal)
        due = np.maximum(start + reached, w.day + 1)
        # NEVER means "no spell is running"; a spell that outlasts the calendar is due just before.
        w.set_due(self.name, ids, np.minimum(due, NEVER - 1))
