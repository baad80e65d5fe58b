"""Services with capacity: a line in every area, and how many people can be taken on today."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import simpy

if TYPE_CHECKING:
    from sim.reference.person import Person
    from sim.reference.world import PlainWorld

LEAST: Final = 1e-9
"""What is within this of a whole number is taken for it."""


@dataclass(order=True)
class Ticket:
    """A place in a line: by moment of joining, then by rank of the way there, then by person."""

    joined: int
    rank: int
    number: int
    person: Person = field(compare=False)
    turn: simpy.Event = field(compare=False)
    since: int = field(compare=False)


@dataclass
class Throughput:
    """So many people a day; what is not used is lost, but for the fraction of a person."""

    credit: float = 0.0

    def free(self, a_day: float) -> int:
        """Whole people who can be dealt with today."""
        # Where a day serves whole people only, there is no fraction to carry over.
        most = a_day + (a_day % 1.0 > LEAST)
        self.credit = min(self.credit + a_day, most) if a_day > 0 else 0.0
        return math.floor(self.credit + LEAST)

    def take(self) -> None:
        """One person is dealt with."""
        self.credit -= 1

    def give_back(self) -> None:
        """Nothing comes back: what is done is done."""


@dataclass
class Courses(Throughput):
    """So many starts a day, of people who stay for a time."""

    in_use: int = 0

    def take(self) -> None:
        """One person starts, and stays."""
        super().take()
        self.in_use += 1

    def give_back(self) -> None:
        """One person is done."""
        self.in_use -= 1


@dataclass
class Places:
    """So many people at once; a fraction of a place is open for that fraction of the time."""

    in_use: int = 0
    account: float = 0.0

    def free(self, places: float) -> int:
        """People who can be taken on today."""
        whole = math.floor(places + LEAST)
        self.account = min(self.account + places - min(self.in_use, whole + 1), 0.0)
        one_more = places - whole > LEAST and self.account >= -LEAST
        return max(whole + one_more - self.in_use, 0)

    def take(self) -> None:
        """One person takes a place."""
        self.in_use += 1

    def give_back(self) -> None:
        """One place is free again."""
        self.in_use -= 1


class Service:
    """The lines of a service, one an area: first come, first served, as far as there is capacity."""

    def __init__(self, world: PlainWorld, name: str, kind: type[Places] | type[Throughput]) -> None:
        self.world, self.name = world, name
        self.capacity = [kind() for _ in world.areas]
        self.stores = [simpy.PriorityStore(world.env) for _ in world.areas]
        self.waiting = [0 for _ in world.areas]
        self.started = [0 for _ in world.areas]
        self.waited_days = [0 for _ in world.areas]

    def join(self, p: Person, rank: int = 0) -> simpy.Event:
        """Stand at the end of the line of one's area; the event is one's turn."""
        return self.put(
            Ticket(int(self.world.env.now), rank, p.number, p, self.world.env.event(), p.today)
        )

    def put(self, ticket: Ticket) -> simpy.Event:
        """Let somebody stand in line with a ticket."""
        area = ticket.person.area
        self.stores[area].put(ticket)
        ticket.person.tickets[self.name] = ticket
        self.waiting[area] += 1
        return ticket.turn

    def holds(self, p: Person) -> bool:
        """Whether somebody is waiting."""
        return self.name in p.tickets

    def leave(self, p: Person) -> None:
        """Whoever is waiting may stop; the ticket is passed over when its turn comes."""
        if p.tickets.pop(self.name, None):
            self.waiting[p.area] -= 1

    def serve(
        self,
        area: int,
        size: float,
        may_start: Callable[[Person], bool] = lambda p: True,
        room: Callable[[], int] | None = None,
    ) -> Iterator[tuple[Ticket, bool]]:
        """Those whose turn it is today, and whether they are taken on or turned away.

        ``room`` says for how many the staff, who may be shared with other services, have time.
        """
        free = self.capacity[area].free(size)
        if room:
            free = min(free, room())
        while free and self.waiting[area]:
            ticket = self.next(area)
            starts = may_start(ticket.person)
            if starts:
                free -= 1
                self.capacity[area].take()
                self.started[area] += 1
                self.waited_days[area] += self.world.today - ticket.since
            yield ticket, starts

    def next(self, area: int) -> Ticket:
        """The first ticket of somebody who is still waiting; the person waits no longer."""
        while True:
            ticket = cast(Ticket, self.stores[area].get().value)
            if ticket.person.tickets.get(self.name) is ticket:
                self.leave(ticket.person)
                return ticket

    def month(self) -> list[tuple[str, str, list[int]]]:
        """What is counted at the end of a month, by area; counts start again."""
        rows = [
            (self.name, "started", self.started),
            (self.name, "waited_days", self.waited_days),
            (self.name, "waiting", list(self.waiting)),
        ]
        in_support = [c.in_use for c in self.capacity if isinstance(c, (Courses, Places))]
        if in_support:
            rows.append((self.name, "in_support", in_support))
        self.started = [0 for _ in self.waiting]
        self.waited_days = [0 for _ in self.waiting]
        return rows
