"""Pools: the time of staff whom several services share, and who takes how much of it.

The places of a programme say how many people may be in it. Who sees them is another matter: the same work
coach holds the appointments of conditionality and the conversations of Pathways to Work. A pool is the
time of one kind of staff in an area, in minutes a week. *Today's uses* fill it to the last minute, as it was
dimensioned in April 2024; they are not simulated one by one and stand in no line. New uses take what a
reform adds to the pool, and beyond that what today's uses can be made to give up::

    room for new uses = capacity - kept_share x today's need

- **Staff who stay with people** (work coaches, therapists): everybody in support takes so many minutes a
  week. Those who wait start while there is room for one more, service by service in order of priority, so a
  service that comes first makes the others wait. What today's uses do not get is crowded out, and those who
  lose it find jobs less often.
- **Staff who see people once** (general practice): a referral or a conversation takes its minutes on the day, from the
  room of at most four weeks, which is kept for referrals and for conversations apart. Referrals come first, so
  conversations have what these leave. Where there is none left, the referral is not made, and the note is an
  ordinary one.

Fractions are carried over: where room is left for half a person, one more may start if nothing is owed, and the
overdraft is paid back before that happens again.

Parameters: ``scenarios/parameters/<pool>.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.contracts import check_starts
from sim.core.world import World
from sim.pathway.person import OF_WORKING_AGE, in_states
from sim.states import Benefit, Condition

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

LEAST: Final = 1e-9
"""What is within this of a whole number is taken for it."""
WEEK: Final = 7
ROTA_DAYS: Final = 28
"""Days of room that can be saved up for conversations: staff shift hours within a rota."""


@dataclass(frozen=True, eq=False)
class Pool:
    """The time of one kind of staff.

    Parameters
    ----------
    name : str
        Prefix of its parameters.
    title, today : str
        Whose time it is, and what takes it today, in words.
    shared_out : str
        The fact by which England's hours are shared out to areas.
    uses : tuple of str
        Services, or events, that take its time, in order of priority.
    ahead : tuple of str
        Services that take it before these and wait for nobody.
    serves : bool array, shape (conditions, labour states, benefits), or None
        States of the people whom today's uses help to find a job: ``<pool>.lost_job_finding_ratio`` is their
        hazard ratio if everything were crowded out. None where staff see people once.
    """

    name: str
    title: str
    today: str
    shared_out: str
    uses: tuple[str, ...]
    ahead: tuple[str, ...] = ()
    serves: NDArray[np.bool_] | None = None

    def minutes(self, w: World, use: str) -> F64:
        """Minutes of a use, by place: a week for each person in support, or each time."""
        every: F64 = w.settings.kept(w, self._minutes)
        return every[(*self.ahead, *self.uses).index(use)]

    def need(self, w: World) -> F64:
        """Minutes a week that today's uses want, by place."""
        return w.settings.kept(w, self._need)

    def capacity(self, w: World) -> F64:
        """Minutes a week that the staff have, by place."""
        return w.settings.kept(w, self._capacity)

    def room(self, w: World) -> F64:
        """Minutes a week that new uses may take, by place."""
        return w.settings.kept(w, self._room)

    def enough(self, w: World) -> bool:
        """Whether the staff have as much as today's uses want, everywhere."""
        return w.settings.kept(w, self._enough)

    def _minutes(self, w: World) -> F64:
        return np.repeat(w.settings.by_arm(w, f"{self.name}.minutes").T, w.areas, axis=1)

    def _in_2024(self, w: World) -> F64:
        hours = w.settings.by_arm(w, f"{self.name}.hours_per_week")[:, None]
        here: F64 = hours * w.facts[self.shared_out] * w.facts["scale"] * 60.0
        return here

    def _need(self, w: World) -> F64:
        ratio = w.settings.by_arm(w, f"{self.name}.today_ratio")[:, None]
        return np.asarray(self._in_2024(w) * ratio).reshape(-1)

    def _capacity(self, w: World) -> F64:
        ratio = w.settings.by_arm(w, f"{self.name}.capacity_ratio")
        return np.asarray(self._in_2024(w) * ratio).reshape(-1)

    def _enough(self, w: World) -> bool:
        return bool((self.capacity(w) >= self.need(w)).all())

    def _room(self, w: World) -> F64:
        kept = np.repeat(w.settings.by_arm(w, f"{self.name}.kept_share"), w.areas)
        return np.maximum(self.capacity(w) - kept * self.need(w), 0.0)


COACH_TIME: Final = Pool(
    name="coach_time",
    title="Work coaches' time with claimants",
    today="Appointments of people searching, with a fit note or with LCW",
    shared_out="people_share",
    uses=("pathways_to_work", "work_coach_support", "disability_adviser"),
    serves=in_states(benefit=(Benefit.UC_SEARCH,)),
)
THERAPY_TIME: Final = Pool(
    name="therapy_time",
    title="Therapists' time with patients",
    today="Courses of NHS Talking Therapies as in 2023/24",
    shared_out="people_share",
    uses=("employment_adviser", "talking_therapies"),
    ahead=("workwell",),
    serves=in_states(OF_WORKING_AGE, condition=(Condition.MENTAL_HEALTH,)),
)
GP_TIME: Final = Pool(
    name="gp_time",
    title="Time of general practice for fit notes",
    today="Requests for a fit note",
    shared_out="area_share",
    uses=("referral", "conversation"),
)
POOLS: Final = (COACH_TIME, THERAPY_TIME, GP_TIME)
"""Every pool of shared time; the Work Capability Assessment has a line of its own for all who wait for it."""


class _Time:
    """What stands among the services of a world for a pool: no line, and nothing to count by month."""

    def __init__(self, pool: Pool, places: int) -> None:
        self.pool = pool
        self.made_up: I64 = np.zeros(places, np.int64)
        """The day for which each account is made up."""

    def month_rows(self, w: World) -> list[tuple[str, str, I64]]:
        """Nothing: who is in support is counted by the services."""
        return []

    def check(self, w: World) -> None:
        """Nothing: starts are checked as they happen."""

    def branched(self, new: World, parents: I64) -> Any:
        """The time of a branched world: each place has a copy of its parent's arrays."""
        of_place = (parents[:, None] * new.areas + np.arange(new.areas)).ravel()
        copy = type(self)(self.pool, len(of_place))
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                setattr(copy, name, value[of_place])
        return copy


class StaffTime(_Time):
    """Staff who stay with the people of several services."""

    def __init__(self, pool: Pool, places: int) -> None:
        super().__init__(pool, places)
        self.account: F64 = np.zeros(places)
        """Minutes that are owed."""
        self.evening: F64 = np.zeros(places)
        """Minutes a week that are taken by the end of the day for which the accounts are made up."""

    def room(self, w: World, use: str) -> I64:
        """People of a service for whom there is time from today, by place."""
        room = np.maximum(self.pool.room(w) - self._taken(w, self.pool.ahead), 0.0)
        self._settle(w, room)
        self.evening = self._taken(w, self.pool.uses)
        people = np.maximum(room - self.evening, 0.0) / self.pool.minutes(w, use)
        whole = np.floor(people + LEAST)
        one_more = (people - whole > LEAST) & (self.account >= -LEAST)
        return whole.astype(np.int64) + one_more

    def took(self, w: World, use: str, started: I64) -> None:
        """So many people of a service started, by place."""
        self.evening = self.evening + started * self.pool.minutes(w, use)

    def crowded(self, w: World) -> bool:
        """Whether the need of today's uses may not be met somewhere."""
        uses = (*self.pool.ahead, *self.pool.uses)
        return not self.pool.enough(w) or any(
            np.count_nonzero(w.services[use].capacity.in_use) for use in uses
        )

    def met(self, w: World) -> F64:
        """Share of the need of today's uses that is met, by place."""
        taken = self._taken(w, (*self.pool.ahead, *self.pool.uses))
        share = (self.pool.capacity(w) - taken) / self.pool.need(w)
        return np.minimum(np.maximum(share, 0.0), 1.0)

    def _taken(self, w: World, uses: tuple[str, ...]) -> F64:
        """Minutes a week of the people in support."""
        taken = np.zeros(len(self.account))
        for use in uses:
            in_use = w.services[use].capacity.in_use
            if np.count_nonzero(in_use):
                taken += in_use * self.pool.minutes(w, use)
        return taken

    def _settle(self, w: World, room: F64) -> None:
        """Once a day yesterday's overdraft is paid back, or grows, where any of the services runs."""
        if (self.made_up == w.day).all():
            return
        running = np.zeros(len(self.account), bool)
        largest = np.zeros(len(self.account))
        for use in self.pool.uses:
            capacity = w.services[use].capacity
            running |= (capacity.amount(w) > 0) | (capacity.in_use > 0)
            largest = np.maximum(largest, self.pool.minutes(w, use))
        # After a cut more may be in use than there is room for; only the one person more is paid for.
        yesterday = np.where(self.made_up == w.day - 1, self.evening, 0.0)
        account = self.account + (room - np.minimum(yesterday, room + largest))
        self.account = np.where(running, np.minimum(account, 0.0), self.account)
        self.made_up[:] = w.day


class VisitTime(_Time):
    """Staff who see people once."""

    def __init__(self, pool: Pool, places: int) -> None:
        super().__init__(pool, places)
        self.saved: F64 = np.zeros((places, len(pool.uses)))
        """Minutes that are saved up, or owed, by use: each pays for itself and for the uses before it, and pays
        back what both had used of the time saved up."""

    def grant(self, w: World, use: str, ids: I64, lot: F64) -> NDArray[np.bool_]:
        """Whether there is time today for each of these people; the lowest lot comes first."""
        place = w.place_of(ids)
        daily = self.pool.room(w) / WEEK
        here = np.unique(place)
        days = np.minimum(w.day - self.made_up[here], ROTA_DAYS)
        saved = self.saved[here] + (daily[here] * days)[:, None]
        self.saved[here] = np.minimum(saved, (daily[here] * ROTA_DAYS)[:, None])
        self.made_up[here] = w.day
        minutes = self.pool.minutes(w, use)
        number = self.pool.uses.index(use)
        mine = self.saved[:, number]
        open_to = np.where((daily > 0) & (mine >= 0), np.floor(mine / minutes) + 1, 0).astype(
            np.int64
        )
        order = np.lexsort((lot, place))
        queue = place[order]
        rank = np.arange(len(ids)) - queue.searchsorted(queue)
        granted = np.zeros(len(ids), bool)
        granted[order] = rank < open_to[queue]
        count = np.bincount(place[granted], minlength=len(daily))
        check_starts(w, use, count, open_to)
        self.saved[:, number:] -= (count * minutes)[:, None]
        return granted


def time_to_refer(w: World, ids: I64, lot: F64) -> NDArray[np.bool_]:
    """Whether general practice has time today to refer each of these people; who is not referred is recorded."""
    if not len(ids):
        return np.zeros(0, np.bool_)
    granted: NDArray[np.bool_] = w.services[GP_TIME.name].grant(w, "referral", ids, lot)
    w.record("no_referral", ids[~granted])
    return granted


LOSS_READS: Final = tuple(
    f"{pool.name}.lost_job_finding_ratio" for pool in POOLS if pool.serves is not None
)
"""Parameters that :func:`multiply_loss` depends on."""


def multiply_loss(w: World, ids: I64, ratio: F64) -> None:
    """Multiply hazard ratios on finding a job, in place, for what new uses take from people: by one at most."""
    for pool in POOLS:
        if pool.serves is None or not w.services[pool.name].crowded(w):
            continue
        met = w.services[pool.name].met(w)
        mine = pool.serves.ravel()[w.people["state"][ids]].nonzero()[0]
        who = ids[mine]
        ratio[mine] *= w.value(f"{pool.name}.lost_job_finding_ratio", who) ** (
            1.0 - met[w.place_of(who)]
        )


def begin(w: World) -> None:
    """Open the pools; nothing is owed on the first day, and nothing saved up."""
    places = w.arms * w.areas
    w.services[COACH_TIME.name] = StaffTime(COACH_TIME, places)
    w.services[THERAPY_TIME.name] = StaffTime(THERAPY_TIME, places)
    surgeries = VisitTime(GP_TIME, places)
    surgeries.made_up[:] = w.day
    w.services[GP_TIME.name] = surgeries
