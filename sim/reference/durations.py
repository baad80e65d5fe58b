"""Spells: how long something lasts, when the hazard of its end may change on the way."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from sim.core.clocks import HazardTable
from sim.core.dates import NEVER

LEAST_RATIO: Final = 1e-6


class Table:
    """Cumulative hazards by day of spell, one row a group; beyond the table the last year goes on."""

    def __init__(self, table: HazardTable) -> None:
        self.rows: list[list[float]] = table.cumulative.tolist()
        self.days = len(self.rows[0]) - 1
        year = min(365, self.days)
        self.beyond = [max((row[-1] - row[-1 - year]) / year, 1e-12) for row in self.rows]

    def at(self, group: int, day: int) -> float:
        """Hazard accumulated by the end of a day of the spell."""
        inside = min(day, self.days)
        return self.rows[group][inside] + self.beyond[group] * (day - inside)

    def day_reached(self, group: int, goal: float) -> int:
        """First day of the spell, at least 1, on which so much has accumulated."""
        row = self.rows[group]
        if goal > row[-1]:
            return self.days + math.ceil(min((goal - row[-1]) / self.beyond[group], 2 * NEVER))
        return max(bisect_left(row, goal), 1)


@dataclass
class Spell:
    """A spell that is running: the hazard, at ratio 1, at which it ends, and the ratio in force."""

    start: int
    group: int
    goal: float
    ratio: float

    @classmethod
    def begun(
        cls, table: Table, today: int, start: int, group: int, threshold: float, ratio: float
    ) -> Spell:
        """A spell that began on a day and is not over; its threshold is spread over the ratio."""
        ratio = max(ratio, LEAST_RATIO)
        return cls(start, group, table.at(group, today - start) + threshold / ratio, ratio)

    def change_ratio(self, table: Table, today: int, ratio: float) -> bool:
        """What has accumulated is kept, what is left is spread over the new ratio; whether anything changed."""
        ratio = max(ratio, LEAST_RATIO)
        if ratio == self.ratio:
            return False
        so_far = table.at(self.group, today - self.start)
        self.goal = so_far + (self.goal - so_far) * self.ratio / ratio
        self.ratio = ratio
        return True

    def last_day(self, table: Table, today: int) -> int:
        """The day on which it ends, tomorrow at the earliest."""
        end = self.start + table.day_reached(self.group, self.goal)
        return min(max(end, today + 1), NEVER - 1)
