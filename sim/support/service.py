"""A service with capacity: people join a line in their area, are served in turn, or leave the line.

Capacity comes in two kinds. *Places*: so many people at once (coaches times caseload); a place is free
again when its user leaves. *Throughput*: so many people a day (assessors). Either may be a fraction of a
person, as it is at small scale, and fractions are carried over in time: a throughput of 0.3 a day serves
three people in ten days, and 2.4 places are two all the time and a third for two days in five.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.contracts import check_count, check_starts
from sim.core.queues import WaitingLines
from sim.core.world import World

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Who = Callable[[World, I64], NDArray[np.bool_]]
Amount = Callable[[World], F64]
"""Capacity today by place, shape (arms x areas,), in simulated people: the scale is already in it."""

_NOBODY: Final = np.empty(0, np.int64)


class Capacity(Protocol):
    """How many people can be taken on today."""

    amount: Amount

    def free(self, w: World) -> I64:
        """People who can start today, by place; called once a day."""

    def took(self, started: I64) -> None:
        """So many people started, by place."""

    def gave_back(self, ended: I64) -> None:
        """So many people ended, by place."""

    @property
    def idle(self) -> bool:
        """Whether nothing is carried over to tomorrow, so that a closed service need not be asked."""

    def branched(self, of_place: I64) -> Capacity:
        """The capacity of new places, each a copy of the one numbered."""


class Throughput:
    """So many people a day; what is not used is lost, but for the fraction of a person."""

    def __init__(self, amount: Amount, places: int) -> None:
        self.amount = amount
        self.credit: F64 = np.zeros(places)

    def free(self, w: World) -> I64:
        """Whole people in the credit."""
        daily = self.amount(w)
        # Where a day serves whole people only, there is no fraction to carry over.
        most = daily + (daily % 1.0 > 1e-9)
        self.credit = np.where(daily > 0, np.minimum(self.credit + daily, most), 0.0)
        return np.floor(self.credit + 1e-9).astype(np.int64)

    def took(self, started: I64) -> None:
        """Each start costs one."""
        self.credit = self.credit - started

    def gave_back(self, ended: I64) -> None:
        """Nothing comes back: a decision is over when it is made."""

    @property
    def idle(self) -> bool:
        """No credit is left."""
        return not np.count_nonzero(self.credit)

    def branched(self, of_place: I64) -> Throughput:
        """Copies of the credit."""
        copy = Throughput(self.amount, len(of_place))
        copy.credit = self.credit[of_place]
        return copy


class Courses(Throughput):
    """So many starts a day, of people who stay for a time and are counted while they do."""

    def __init__(self, amount: Amount, places: int) -> None:
        super().__init__(amount, places)
        self.in_use: I64 = np.zeros(places, np.int64)

    def took(self, started: I64) -> None:
        """Starts cost credit, and people stay."""
        super().took(started)
        self.in_use = self.in_use + started

    def gave_back(self, ended: I64) -> None:
        """Ends leave fewer in support."""
        self.in_use = self.in_use - ended

    @property
    def idle(self) -> bool:
        """No credit is left, and nobody is in support."""
        return super().idle and not np.count_nonzero(self.in_use)

    def branched(self, of_place: I64) -> Courses:
        """Copies of the credit and of who is in support."""
        copy = Courses(self.amount, len(of_place))
        copy.credit, copy.in_use = self.credit[of_place], self.in_use[of_place]
        return copy


class Places:
    """So many people at once; the fraction of a place is open when its account is not overdrawn."""

    def __init__(self, amount: Amount, places: int) -> None:
        self.amount = amount
        self.in_use: I64 = np.zeros(places, np.int64)
        self.account: F64 = np.zeros(places)

    def free(self, w: World) -> I64:
        """Whole places not in use, and the one more that the fraction pays for at times."""
        places = self.amount(w)
        whole = np.floor(places + 1e-9)
        # After a cut more may be in use than there are places; only the fraction's one is paid for.
        charged = np.minimum(self.in_use, whole + 1)
        self.account = np.minimum(self.account + places - charged, 0.0)
        # In use above the whole places only by the fraction's one; its time is paid back before it opens again.
        extra = (places - whole > 1e-9) & (self.account >= -1e-9)
        return np.maximum(whole.astype(np.int64) + extra - self.in_use, 0)

    def took(self, started: I64) -> None:
        """Starts fill places."""
        self.in_use = self.in_use + started

    def gave_back(self, ended: I64) -> None:
        """Ends free places."""
        self.in_use = self.in_use - ended

    @property
    def idle(self) -> bool:
        """No place is in use."""
        return not np.count_nonzero(self.in_use)

    def branched(self, of_place: I64) -> Places:
        """Copies of what is in use and of the account."""
        copy = Places(self.amount, len(of_place))
        copy.in_use, copy.account = self.in_use[of_place], self.account[of_place]
        return copy


PEOPLE_STAY: Final = (Courses, Places)
"""Kinds of capacity that count who is in support."""


class Service:
    """A line by place before a capacity.

    Parameters
    ----------
    w : World
    name : str
        Columns ``<name>_ticket`` (int32, -1 at rest) and ``<name>_since`` (int16) must be in the world.
    capacity : Capacity
    priorities : int
        Number of priorities.
    users : callable, optional
        ``users(world)`` marks those who are in its places, where it has places; they are counted anew
        when the service is checked.
    columns : str or None
        Prefix of the columns, where several services share them; else the name.
    first : int
        Position at which the lines start; see ``WaitingLines``.
    pool : str or None
        Name of the staff time, shared with other services, that people take while they are in support
        (``sim/support/pools.py``).
    """

    def __init__(
        self,
        w: World,
        name: str,
        capacity: Capacity,
        priorities: int = 1,
        users: Callable[[World], NDArray[np.bool_]] | None = None,
        columns: str | None = None,
        first: int = 0,
        pool: str | None = None,
    ) -> None:
        self.name, self.capacity, self.users, self.pool = name, capacity, users, pool
        self.ticket = f"{columns or name}_ticket"
        self.since = f"{columns or name}_since"
        places = w.arms * w.areas
        self.lines = WaitingLines(w.people[self.ticket], places, priorities, first)
        self.started: I64 = np.zeros(places, np.int64)
        self.waited: I64 = np.zeros(places, np.int64)

    def join(self, w: World, ids: I64, priority: int = 0) -> None:
        """People join the line of their place; the caller has set since when they wait."""
        if len(ids):
            self.lines.join(ids, w.place_of(ids), priority)

    def leave(self, w: World, ids: I64) -> None:
        """Those of the people who are waiting stop."""
        waits = self.lines.is_waiting(ids).nonzero()[0]
        if len(waits):
            self.lines.leave(ids[waits], w.place_of(ids[waits]))

    def serve(self, w: World) -> I64:
        """People whose turn it is today, in person order."""
        return self.call(w)[0]

    def call(self, w: World, accepts: Who | None = None) -> tuple[I64, I64]:
        """Call people whose turn it is today.

        Parameters
        ----------
        w : World
        accepts : callable, optional
            ``accepts(world, ids)`` marks those who may still start; whoever may not leaves the line
            when their turn comes, and the next is called on the same day.

        Returns
        -------
        started, turned_away : int64 arrays
            People, each in person order.
        """
        free = self.capacity.free(w)
        if self.pool:
            free = np.minimum(free, w.services[self.pool].room(w, self.name))
        places = len(free)
        started, away = [_NOBODY], [_NOBODY]
        left = free
        while np.count_nonzero(np.minimum(left, self.lines.waiting)):
            ids = np.sort(self.lines.serve(left))
            if accepts is None:
                started.append(ids)
                break
            may = accepts(w, ids)
            started.append(ids[may])
            away.append(ids[~may])
            left = left - np.bincount(w.place_of(ids[may]), minlength=places)
        ids = np.sort(np.concatenate(started))
        if len(ids):
            place = w.place_of(ids)
            count = np.bincount(place, minlength=places)
            check_starts(w, self.name, count, free)
            self.capacity.took(count)
            if self.pool:
                w.services[self.pool].took(w, self.name, count)
            self.started += count
            days = w.day - w.people[self.since][ids].astype(np.int64)
            self.waited += np.bincount(place, days, places).astype(np.int64)
        return ids, np.sort(np.concatenate(away))

    def release(self, w: World, ids: I64) -> None:
        """People leave the places that they used."""
        if len(ids):
            self.capacity.gave_back(np.bincount(w.place_of(ids), minlength=len(self.started)))

    def check(self, w: World) -> None:
        """As many people wait, and are in its places, as the service counts."""

        def counted(who: NDArray[np.bool_]) -> I64:
            return np.bincount(w.place_of(who.nonzero()[0]), minlength=len(self.started))

        check_count(w, self.name, "waiting", self.lines.waiting, counted(self.lines.stand()))
        if isinstance(self.capacity, PEOPLE_STAY) and self.users:
            check_count(w, self.name, "in support", self.capacity.in_use, counted(self.users(w)))

    def month_rows(self, w: World) -> list[tuple[str, str, I64]]:
        """What the recorder keeps of a month, by place; counts start again."""
        rows = [
            (self.name, "started", self.started),
            (self.name, "waited_days", self.waited),
            (self.name, "waiting", self.lines.waiting.copy()),
        ]
        if isinstance(self.capacity, PEOPLE_STAY):
            rows.append((self.name, "in_support", self.capacity.in_use.copy()))
        self.started, self.waited = np.zeros_like(self.started), np.zeros_like(self.waited)
        return rows

    def branched(self, new: World, parents: I64) -> Service:
        """The service of a branched world."""
        areas, people = new.areas, new.people_per_arm
        of_place = (parents[:, None] * areas + np.arange(areas)).ravel()
        copy = object.__new__(type(self))
        copy.name, copy.users, copy.pool = self.name, self.users, self.pool
        copy.ticket, copy.since = self.ticket, self.since
        copy.capacity = self.capacity.branched(of_place)
        copy.lines = self.lines.branched(new.people[self.ticket], parents, areas, people)
        copy.started, copy.waited = self.started[of_place], self.waited[of_place]
        return copy


def by_place(values: F64 | Sequence[F64]) -> F64:
    """Values by (arm, area) as one number a place."""
    return np.asarray(values, float).reshape(-1)
