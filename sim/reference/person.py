"""A person: what is true of them, what they have in the diary, what chance holds for them, and how they live.

A person sleeps until something is in the diary, until a shock could strike, or until somebody else (a coach,
an assessor, a new policy) rouses them. On such a day they wake in the morning, go through the steps of the
day in order, and look ahead in the evening.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import simpy

from sim.reference.chance import (
    choose,
    exponential,
    first_candidate,
    layer_of,
    stream_number,
    strikes,
    uniform,
)
from sim.reference.durations import Spell
from sim.settings import CELLS_PER_AREA
from sim.states import POSSIBLE_PAIRS, Benefit, Labour

if TYPE_CHECKING:
    from sim.reference.services import Ticket
    from sim.reference.support import Part
    from sim.reference.world import PlainWorld

YEAR: Final = 365.25


@dataclass(frozen=True)
class Shock:
    """Something that can strike on any day: how often, at most how often from now on, and in which states."""

    name: str
    base: float
    hazard: Callable[[Person, bool], float]
    possible: Callable[[Person], bool]


@dataclass(frozen=True)
class Candidate:
    """The next day on which a shock could strike, as far as the layers up to ``top`` go."""

    day: int
    layer: int
    top: int


class Person:
    """Somebody in the model; the attributes are those of the start, such as ``labour`` and ``benefit``."""

    # Who the person is.
    area: int
    sex: int
    birth_day: int
    age_band: int
    condition: int
    limiting: int
    # Work and benefit, and since which day.
    labour: int
    labour_since: int
    job_since: int
    off_sick_since: int
    benefit: int
    benefit_since: int
    # Illness: 0 when well, else 1 + the cause; what the last note said; when the last certified spell ended.
    sick: int
    sick_ended: int
    may_be_fit: bool
    adjusted_duties: bool
    # Jobcentre and WorkWell; whether the log tells of this person.
    sanctioned: bool
    workwell: int
    logged: bool
    # How often a decision has come up: the counters of its draws.
    sick_spells: int
    health_changes: int
    notes_in_spell: int
    notes_ever: int
    jobs_left: int
    jobs_taken: int
    claims_considered: int
    wca_number: int
    missed: int
    sanctions: int
    workwell_referrals: int

    def __init__(
        self, world: PlainWorld, index: int, number: int, key: int, attributes: dict[str, Any]
    ) -> None:
        self.world = world
        self.index, self.number, self.key = index, number, key
        for name in (*Person.__annotations__, *(n for n in attributes if n.endswith("_count"))):
            setattr(self, name, attributes[name])
        self.diary: dict[str, int] = {}
        self.spells: dict[str, Spell] = {}
        self.tickets: dict[str, Ticket] = {}
        self.parts: dict[str, Part] = {}
        self.candidates: dict[str, Candidate] = {}
        self.struck_by: set[str] = set()
        self.coaching: simpy.Process | None = None
        self.alarm: simpy.Event | None = None

    # ---- Parameters, chance, diary ------------------------------------------------------------------------

    @property
    def today(self) -> int:
        """The day."""
        return self.world.today

    @property
    def cell(self) -> int:
        """Which (area, condition, sex, age band, limiting) cell parameters are looked up in."""
        within = ((self.condition * 2 + self.sex) * 4 + self.age_band) * 2 + self.limiting
        return self.area * CELLS_PER_AREA + within

    def value(self, name: str, *index: int) -> Any:
        """What a parameter is worth today for this person."""
        value = self.world.parameters.value(name, self.cell)
        for entry in index:
            value = value[entry]
        return value

    def chance(self, decision: str, counter: int = 0) -> float:
        """The uniform number of a decision."""
        return uniform(self.key, stream_number(decision), counter)

    def exponential(self, decision: str, counter: int = 0) -> float:
        """The unit exponential number of a decision."""
        return exponential(self.key, stream_number(decision), counter)

    def happens(self, decision: str, share: str, counter: int = 0) -> bool:
        """Whether something happens that does to a share of people."""
        return self.chance(decision, counter) < self.value(share)

    def outcome(self, decision: str, shares: list[float], counter: int = 0) -> int:
        """Which of several outcomes it is."""
        return choose(self.chance(decision, counter), shares)

    def due(self, entry: str) -> bool:
        """Whether an entry of the diary is for today; it is crossed out."""
        if self.diary.get(entry) != self.today:
            return False
        del self.diary[entry]
        return True

    def plan(self, entry: str, day: int) -> None:
        """Enter something in the diary, in place of an earlier entry of the same kind."""
        self.diary[entry] = day

    def call_off(self, *entries: str) -> None:
        """Cross entries out."""
        for entry in entries:
            self.diary.pop(entry, None)
            self.spells.pop(entry, None)

    # ---- Spells ----------------------------------------------------------------------------------------------

    def begin_spell(self, name: str, group: int, ratio: float) -> None:
        """A spell starts today; its end goes into the diary."""
        counter = f"{name}_count"
        threshold = self.exponential(name, getattr(self, counter))
        setattr(self, counter, getattr(self, counter) + 1)
        table = self.world.tables[name]
        spell = Spell.begun(table, self.today, self.today, group, threshold, ratio)
        self.spells[name] = spell
        self.plan(name, spell.last_day(table, self.today))

    def renew_ratio(self, name: str, ratio: Callable[[Person], float]) -> None:
        """From tomorrow another hazard ratio may hold; the diary follows."""
        if name in self.diary:
            table, spell = self.world.tables[name], self.spells[name]
            if spell.change_ratio(table, self.today, ratio(self)):
                self.plan(name, spell.last_day(table, self.today))

    # ---- Changes of state ------------------------------------------------------------------------------------

    @property
    def out_of_work(self) -> bool:
        """Neither in work nor off sick from it."""
        return self.labour > Labour.OFF_SICK

    @property
    def looks_for_work_on_uc(self) -> bool:
        """On UC without a health claim, in either regime."""
        return self.benefit in (Benefit.UC_SEARCH, Benefit.UC_LIGHT)

    def record(self, event: str, detail: str) -> None:
        """Something happens that results count."""
        self.world.ledger.event(self, event, detail)

    def move(self, labour: int | None = None, benefit: int | None = None) -> None:
        """Change labour-market state, benefit, or both."""
        labour = self.labour if labour is None else labour
        old_benefit, benefit = self.benefit, self.benefit if benefit is None else benefit
        if (labour, benefit) == (self.labour, old_benefit):
            return
        if not POSSIBLE_PAIRS[labour, benefit]:
            raise AssertionError(
                f"{Labour(labour).name} with {Benefit(benefit).name} is impossible"
            )
        before = self.world.ledger.state_of(self)
        if labour != self.labour:
            self.labour, self.labour_since = labour, self.today
        if benefit != old_benefit:
            self.benefit, self.benefit_since = benefit, self.today
        self.world.ledger.move(before, self)
        if benefit != old_benefit:
            for watch in self.world.watches:
                watch(self)

    def change_health(self, condition: int, limiting: int) -> None:
        """Gain or lose a main condition, or its limit on work."""
        before = self.world.ledger.state_of(self)
        self.condition, self.limiting = condition, limiting
        if self.world.ledger.state_of(self) != before:
            self.world.ledger.move(before, self)

    # ---- Living -------------------------------------------------------------------------------------------------

    def live(self) -> Generator[simpy.Event, None, None]:
        """From the first evening to the last: sleep, wake, go through the day, look ahead."""
        world = self.world
        self.look_ahead()
        while True:
            self.alarm = world.env.event()
            day = self.next_day()
            yield self.alarm if day is None else self.alarm | world.at(day, "morning")
            self.alarm = None
            if world.is_morning:
                self.wake()
            for step in world.steps_left():
                yield world.moment_of(step)
                step.act(self)
            yield world.next_moment("evening")
            self.look_ahead()

    def rouse(self) -> None:
        """Somebody else has changed something: the evening's look ahead must not be slept through."""
        if self.alarm and not self.alarm.triggered:
            self.alarm.succeed()

    def wake(self) -> None:
        """Find out which shocks strike today: what counts is the hazard of the morning."""
        self.struck_by = {
            shock.name
            for shock in self.world.shocks
            if (candidate := self.candidates.get(shock.name))
            and candidate.day == self.today
            and shock.possible(self)
            and strikes(
                self.key,
                stream_number(shock.name),
                shock.base,
                candidate.layer,
                self.today,
                shock.hazard(self, False),
            )
        }

    def struck(self, name: str) -> bool:
        """Whether a shock strikes now: it does unless an earlier step has led to where it cannot."""
        return name in self.struck_by and self.world.shock[name].possible(self)

    def look_ahead(self) -> None:
        """In the evening: hazard ratios of spells that are running, and the next candidate of every shock."""
        today, last = self.today, self.world.last_day
        for name, ratio in self.world.ratios.items():
            self.renew_ratio(name, ratio)
        self.struck_by = set()
        for shock in self.world.shocks:
            most = shock.hazard(self, True) if shock.possible(self) else 0.0
            if most <= 0:
                self.candidates.pop(shock.name, None)
                continue
            top = layer_of(most, shock.base)
            known = self.candidates.get(shock.name)
            if known is None or known.day <= today or known.top != top:
                day, layer = first_candidate(
                    self.key, stream_number(shock.name), shock.base, top, today, last
                )
                self.candidates[shock.name] = Candidate(day, layer, top)

    def next_day(self) -> int | None:
        """The next day on which there is something to do."""
        days = [*self.diary.values(), *(c.day for c in self.candidates.values())]
        return min((day for day in days if day > self.today), default=None)
