"""Programmes of support: offer, wait, start, effect, end; and the slots of which one is taken at a time.

Somebody whom a route sees, and who is eligible, is offered a programme; who takes it up waits in the line of the
area, until it is their turn or patience runs out. Support first locks in, then helps; it ends as planned or
with a drop-out. A share of its effect stays for a time, and half of that share for some time more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

import simpy

from sim.reference.person import YEAR, Person, Shock
from sim.reference.services import Courses, Places, Service

if TYPE_CHECKING:
    from sim.reference.world import PlainWorld

NOT_IN, WAITING, STARTED, HELPED, AFTER, FADING = range(6)
LONGEST_PATIENCE = 10_000
LEFT_WHILE_FADING = 0.5

Count = Callable[[Person], int]
"""How many occasions of a kind a person had before."""


@dataclass(frozen=True)
class Route:
    """A way to an offer: whom it sees, whether it is made at an occasion or on any day, and by general practice."""

    name: str
    sees: Callable[[Person], bool]
    occasion: str = ""
    by_practice: bool = False


@dataclass(frozen=True)
class Programme:
    """What tells one programme from another.

    ``may_start`` says who is eligible today; ``states`` in which states anybody can be. ``capacity`` is
    ``places`` or ``starts_per_month``; ``by_area`` says whether only some areas have it.
    """

    name: str
    states: Callable[[Person], bool]
    routes: tuple[Route, ...]
    effects: tuple[str, ...]
    capacity: str
    also: Callable[[Person, bool], bool] = lambda p, at_most: True
    by_area: bool = False

    def may_start(self, p: Person, at_most: bool = False) -> bool:
        """Whether somebody is eligible; ``at_most``: or may come to be without a change of state."""
        return self.states(p) and self.also(p, at_most)

    def size(self, world: PlainWorld, area: int) -> float:
        """Capacity of an area today, at the scale of the run: places, or starts a day."""
        national = world.parameters.of_places(f"{self.name}.{self.capacity}")
        here: float = national * world.people_share[area] * world.scale
        if self.by_area:
            here *= world.parameters.of_places(f"{self.name}.coverage")[area]
        return here if self.capacity == "places" else here * (12.0 / YEAR)

    def days(self, p: Person, name: str) -> int:
        """A length in days, at least one."""
        return int(max(p.value(f"{self.name}.{name}"), 1))


@dataclass
class Part:
    """A person's part in a slot: the stage, the programme, when support ends and how, offers so far."""

    stage: int = NOT_IN
    programme: int = 0
    ends: int = 0
    drops_out: bool = False
    offers: int = 0


class Slot:
    """The programmes of which a person is in one at a time, in order of priority."""

    def __init__(
        self, name: str, programmes: Sequence[Programme], refers: str = "", staff: str = ""
    ) -> None:
        self.name = name
        self.staff = staff
        self.programmes = programmes
        self.refers = refers
        self.entry = f"{name}_next"
        self.shock = Shock(
            f"{name}_offer",
            0.02 / YEAR,
            self.being_offered,
            lambda p: any(programme.states(p) for programme in programmes),
        )
        self.ways = [
            (number, order, route)
            for number, programme in enumerate(programmes)
            for order, route in enumerate(programme.routes)
        ]

    def part(self, p: Person) -> Part:
        """A person's part in this slot."""
        return p.parts.setdefault(self.name, Part())

    # ---- Hazards and effects ----------------------------------------------------------------------------------

    def being_offered(self, p: Person, at_most: bool) -> float:
        """Per day, of an offer that comes at no occasion."""
        return sum(self.offer_rates(p, at_most)) / YEAR

    def offer_rates(self, p: Person, at_most: bool) -> list[float]:
        """Offers a year by each way to one."""
        rates = []
        for number, _, route in self.ways:
            programme = self.programmes[number]
            rate = 0.0
            if not route.occasion and self.can_be_offered(p, number, at_most) and route.sees(p):
                rate = p.value(f"{programme.name}.{route.name}_rate")
                if self.refers and route.name == "jobcentre":
                    rate *= effect(p, self.refers)
            rates.append(rate)
        return rates

    def can_be_offered(self, p: Person, number: int, at_most: bool = False) -> bool:
        """Eligible, where there is capacity, and in no programme of the same or a higher rank."""
        part, programme = self.part(p), self.programmes[number]
        free = part.stage == NOT_IN or (part.stage == WAITING and part.programme > number)
        return free and programme.size(p.world, p.area) > 0 and programme.may_start(p, at_most)

    def effect(self, p: Person, on: str) -> float:
        """Hazard ratio of the slot's programmes on something."""
        part = self.part(p)
        if part.stage in (NOT_IN, WAITING):
            return 1.0
        programme = self.programmes[part.programme]
        if on not in programme.effects:
            return 1.0
        if part.stage == STARTED:
            return p.value(f"{programme.name}.lock_in_ratio") if on == "job_finding" else 1.0
        share = 1.0
        if part.stage in (AFTER, FADING):
            share = p.value(f"{programme.name}.effect_after_share")
        if part.stage == FADING:
            share *= LEFT_WHILE_FADING
        return float(p.value(f"{programme.name}.{on}_hazard_ratio") ** share)

    # ---- Offers -------------------------------------------------------------------------------------------------

    def offer(self, p: Person, number: int, order: int, rank: int) -> None:
        """An offer; who takes it up joins the line, and leaves that of a lower rank for it."""
        if not self.can_be_offered(p, number):
            return
        part, programme = self.part(p), self.programmes[number]
        name, count = programme.name, part.offers
        part.offers += 1
        p.record(f"{name}_offer", programme.routes[order].name)
        if not p.happens(f"{name}.take_up", f"{name}.take_up_share", count):
            p.record(f"{name}_not_started", "declined")
            return
        if part.stage == WAITING:
            self.leave_line(p, "transferred")
        part.stage, part.programme = WAITING, number
        p.world.providers[name].line.join(p, rank)
        patience = math.ceil(
            p.exponential(f"{name}.patience", count) * p.value(f"{name}.patience_days")
        )
        p.plan(self.entry, p.today + min(max(patience, 1), LONGEST_PATIENCE))

    def offer_at(
        self, world: PlainWorld, people: Sequence[Person], occasion: str, count: Count, rank: int
    ) -> None:
        """Offers at a fit note, a conversation or a decision, the so-many-th of each person."""
        for number, order, route in self.ways:
            if route.occasion != occasion:
                continue
            lot = f"{self.programmes[number].name}.{route.name}"
            chosen = [
                p for p in people if route.sees(p) and p.happens(lot, f"{lot}_share", count(p))
            ]
            if route.by_practice:
                can = [p for p in chosen if self.can_be_offered(p, number)]
                chosen = world.visits.refer(can, lot, count)
            for p in chosen:
                self.offer(p, number, order, rank + order)

    # ---- A day --------------------------------------------------------------------------------------------------

    def act(self, p: Person) -> None:
        """Be offered something; go on to what is next."""
        if p.struck(self.shock.name):
            rates = self.offer_rates(p, at_most=False)
            total = sum(rates)
            if total > 0:
                lot = p.chance(f"{self.name}.route", self.part(p).offers)
                way = sum(lot >= running / total for running in list(accumulate(rates))[:-1])
                number, order, _ = self.ways[way]
                self.offer(p, number, order, rank=order)
        if p.due(self.entry):
            self.go_on(p)

    def go_on(self, p: Person) -> None:
        """Give up; be helped from now on; end; keep less and less of the effect."""
        part = self.part(p)
        programme = self.programmes[part.programme]
        name = programme.name
        if part.stage == WAITING:
            self.leave_line(p, "gave_up")
            part.stage = NOT_IN
        elif part.stage == STARTED and part.ends > p.today:
            p.record(f"{name}_effect", "begins")
            part.stage = HELPED
            p.plan(self.entry, part.ends)
        elif part.stage in (STARTED, HELPED):
            self.end(p)
        elif part.stage == AFTER:
            p.record(f"{name}_effect", "fades")
            part.stage = FADING
            p.plan(self.entry, p.today + programme.days(p, "fade_days"))
        else:
            p.record(f"{name}_effect", "over")
            part.stage = NOT_IN

    def start(self, p: Person) -> None:
        """Support starts; its end, planned or early, is drawn."""
        part = self.part(p)
        programme = self.programmes[part.programme]
        name = programme.name
        days = p.value(f"{name}.support_days")
        rate = max(p.value(f"{name}.drop_out_rate"), 1e-9)
        stays = p.exponential(f"{name}.drop_out", part.offers - 1) / rate * YEAR
        part.drops_out = stays < days
        part.ends = p.today + int(max(min(days, stays), 1))
        part.stage = STARTED
        p.record(f"{name}_start", "out_of_work" if p.out_of_work else "in_work")
        p.plan(self.entry, min(p.today + programme.days(p, "onset_days"), part.ends))

    def end(self, p: Person) -> None:
        """As planned, with an effect that lasts for a while; or early, with none."""
        part = self.part(p)
        programme = self.programmes[part.programme]
        p.world.providers[programme.name].line.capacity[p.area].give_back()
        p.record(f"{programme.name}_end", "dropped_out" if part.drops_out else "completed")
        part.stage = NOT_IN if part.drops_out else AFTER
        if not part.drops_out:
            p.plan(self.entry, p.today + programme.days(p, "effect_after_days"))

    def turn_away(self, p: Person) -> None:
        """The turn has come, but the person is no longer eligible."""
        part = self.part(p)
        p.record(f"{self.programmes[part.programme].name}_not_started", "not_eligible")
        p.call_off(self.entry)
        part.stage = NOT_IN

    def leave_line(self, p: Person, why: str) -> None:
        """Stop waiting."""
        name = self.programmes[self.part(p).programme].name
        p.world.providers[name].line.leave(p)
        p.record(f"{name}_not_started", why)

    def leave_for_good(self, p: Person) -> None:
        """Whoever dies or reaches pension age leaves the line or the place."""
        part = self.part(p)
        if part.stage == WAITING:
            self.leave_line(p, "left_population")
        elif part.stage in (STARTED, HELPED):
            name = self.programmes[part.programme].name
            p.world.providers[name].line.capacity[p.area].give_back()
            p.record(f"{name}_end", "left_population")
        p.call_off(self.entry)
        part.stage = NOT_IN


class Provider:
    """Who runs a programme: a line in every area, and so many places or starts."""

    def __init__(self, world: PlainWorld, slot: Slot, programme: Programme) -> None:
        self.world, self.slot, self.programme = world, slot, programme
        kind = Places if programme.capacity == "places" else Courses
        self.line = Service(world, programme.name, kind)

    def work(self) -> Generator[simpy.Event, None, None]:
        """Every day: start with as many as there is room for; who is not eligible is turned away."""
        while True:
            yield self.world.next_moment(f"{self.slot.name}_starts")
            for area in self.world.inhabited:
                size = self.programme.size(self.world, area)
                may_start, room = self.programme.may_start, None
                time = self.world.staff.get(self.slot.staff)
                if time:
                    room = partial(time.room_for, self.programme.name, area)
                started = 0
                for ticket, starts in self.line.serve(area, size, may_start, room):
                    started += starts
                    if starts:
                        self.slot.start(ticket.person)
                    else:
                        self.slot.turn_away(ticket.person)
                    ticket.person.rouse()
                if time:
                    time.took(self.programme.name, area, started)


def effect(p: Person, on: str) -> float:
    """Hazard ratio of all programmes together on something."""
    ratio = 1.0
    for slot in p.world.slots:
        ratio *= slot.effect(p, on)
    return ratio


def offer_at(
    world: PlainWorld, people: Sequence[Person], occasion: str, count: Count, rank: int = 0
) -> None:
    """Offers of all slots at an occasion of some people."""
    for slot in world.slots:
        slot.offer_at(world, people, occasion, count, rank)


def leave_for_good(p: Person) -> None:
    """Whoever dies or reaches pension age leaves everything."""
    for slot in p.world.slots:
        slot.leave_for_good(p)
