"""Staff whose time several services share: what there is, what today's uses keep, what is left for new ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.reference.services import LEAST, Courses, Places

if TYPE_CHECKING:
    from sim.reference.person import Person
    from sim.reference.world import PlainWorld

ROTA = 28
"""Days within which staff can shift hours."""


@dataclass(frozen=True)
class Pool:
    """One kind of staff: who takes their time, those who wait for nobody first, then in order of priority."""

    name: str
    by_notes: bool
    ahead: tuple[str, ...]
    uses: tuple[str, ...]


COACH_TIME = Pool(
    "coach_time", False, (), ("pathways_to_work", "work_coach_support", "disability_adviser")
)
THERAPY_TIME = Pool(
    "therapy_time", False, ("workwell",), ("employment_adviser", "talking_therapies")
)
GP_TIME = Pool("gp_time", True, (), ("referral", "conversation"))


class Time:
    """The minutes a week of one kind of staff in every area."""

    def __init__(self, world: PlainWorld, pool: Pool) -> None:
        self.world, self.pool = world, pool
        self.made_up = [world.today for _ in world.areas]
        """The day for which each account is made up."""

    def number(self, what: str) -> float:
        """A parameter of the pool that is one number."""
        return float(self.world.parameters.of_places(f"{self.pool.name}.{what}"))

    def minutes(self, use: str) -> float:
        """Of a use: a week for each person in support, or each time."""
        every = self.world.parameters.of_places(f"{self.pool.name}.minutes")
        return float(every[(*self.pool.ahead, *self.pool.uses).index(use)])

    def in_2024(self, area: int) -> float:
        """What there was in April 2024, and today's uses filled."""
        of_area = self.world.share_of_area if self.pool.by_notes else self.world.people_share
        return self.number("hours_per_week") * of_area[area] * self.world.scale * 60.0

    def need(self, area: int) -> float:
        """What today's uses want."""
        return self.in_2024(area) * self.number("today_ratio")

    def capacity(self, area: int) -> float:
        """What the staff have."""
        ratio: Sequence[float] = self.world.parameters.of_places(f"{self.pool.name}.capacity_ratio")
        return self.in_2024(area) * ratio[area]

    def for_new_uses(self, area: int) -> float:
        """What is left when today's uses have what is kept for them."""
        return max(self.capacity(area) - self.number("kept_share") * self.need(area), 0.0)


class StaffTime(Time):
    """Staff who see everybody in support so many minutes a week."""

    def __init__(self, world: PlainWorld, pool: Pool) -> None:
        super().__init__(world, pool)
        self.account = [0.0 for _ in world.areas]
        """Minutes that are owed."""
        self.evening = [0.0 for _ in world.areas]
        """Minutes a week that are taken by the end of the day for which the account is made up."""

    def room_for(self, use: str, area: int) -> int:
        """How many more people of a service there is time for."""
        room = max(self.for_new_uses(area) - self.taken(area, self.pool.ahead), 0.0)
        if self.made_up[area] != self.world.today:
            self.settle(area, room)
        self.evening[area] = self.taken(area, self.pool.uses)
        people = max(room - self.evening[area], 0.0) / self.minutes(use)
        whole = math.floor(people + LEAST)
        return whole + (people - whole > LEAST and self.account[area] >= -LEAST)

    def took(self, use: str, area: int, started: int) -> None:
        """So many people of a service started."""
        self.evening[area] += started * self.minutes(use)

    def settle(self, area: int, room: float) -> None:
        """Yesterday's overdraft is paid back, or grows, where any of the services runs."""
        yesterday = self.evening[area] if self.made_up[area] == self.world.today - 1 else 0.0
        self.made_up[area] = self.world.today
        if any(self.runs(use, area) for use in self.pool.uses):
            charged = min(yesterday, room + max(map(self.minutes, self.pool.uses)))
            self.account[area] = min(self.account[area] + (room - charged), 0.0)

    def met(self, area: int) -> float:
        """Share of the need of today's uses that is met."""
        taken = self.taken(area, (*self.pool.ahead, *self.pool.uses))
        return min(max((self.capacity(area) - taken) / self.need(area), 0.0), 1.0)

    def taken(self, area: int, uses: Sequence[str]) -> float:
        """Minutes a week of the people in support."""
        taken = 0.0
        for use in uses:
            taken += self.in_support(use, area) * self.minutes(use)
        return taken

    def in_support(self, use: str, area: int) -> int:
        """People of a service."""
        line = self.world.coaches.line if use == "workwell" else self.world.providers[use].line
        capacity = line.capacity[area]
        assert isinstance(capacity, (Courses, Places))
        return capacity.in_use

    def runs(self, use: str, area: int) -> bool:
        """Whether a service is open, or still has people."""
        programme = self.world.providers[use].programme
        return programme.size(self.world, area) > 0 or self.in_support(use, area) > 0


class VisitTime(Time):
    """Staff who see people once."""

    def __init__(self, world: PlainWorld, pool: Pool) -> None:
        super().__init__(world, pool)
        self.saved = {use: [0.0 for _ in world.areas] for use in pool.uses}
        """Minutes that are saved up, or owed, by use: each pays for itself and for the uses before it."""

    def in_time(
        self, use: str, people: Sequence[Person], lot: Callable[[Person], float]
    ) -> list[Person]:
        """Those of the people for whom there is time today; in each area the lowest lots come first."""
        seen = set()
        for area in {p.area for p in people}:
            here = sorted((p for p in people if p.area == area), key=lambda p: (lot(p), p.index))
            seen.update(here[: self.grant(use, area, len(here))])
        return [p for p in people if p in seen]

    def refer(
        self, people: Sequence[Person], lot: str, count: Callable[[Person], int]
    ) -> list[Person]:
        """Those whom there is time to refer; the others are not referred today."""
        referred = self.in_time("referral", people, lambda p: p.chance(lot, count(p)))
        for p in people:
            if p not in referred:
                p.record("no_referral", "no_time")
        return referred

    def grant(self, use: str, area: int, asked: int) -> int:
        """How many of those who ask today there is time for."""
        daily = self.for_new_uses(area) / 7
        days = min(self.world.today - self.made_up[area], ROTA)
        self.made_up[area] = self.world.today
        for saved in self.saved.values():
            saved[area] = min(saved[area] + daily * days, daily * ROTA)
        granted = 0
        if daily > 0 and self.saved[use][area] >= 0:
            granted = min(math.floor(self.saved[use][area] / self.minutes(use)) + 1, asked)
        for payer in self.pool.uses[self.pool.uses.index(use) :]:
            self.saved[payer][area] -= granted * self.minutes(use)
        return granted


def staff(world: PlainWorld) -> dict[str, StaffTime]:
    """Those who stay with people."""
    return {pool.name: StaffTime(world, pool) for pool in (COACH_TIME, THERAPY_TIME)}
