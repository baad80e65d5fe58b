"""One task of a run: arms in one shard of areas.

Arms that share their history live it once, until shortly before the first day on which they differ; there
the world branches into arms that go on side by side. The last week before that day they already live apart,
so that it can be seen that they are alike.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import contracts
from sim.arms import Arm, partings, roots
from sim.core.dates import date_of, day_of
from sim.core.engine import conduct
from sim.core.recorder import Recorder
from sim.core.world import World
from sim.model import EVENTS, ensemble, layout, new_world, warm_up
from sim.pathway import person
from sim.people import read_areas
from sim.reference.model import plain_world
from sim.same_people import U16, evening
from sim.settings import ParameterSettings
from sim.support.service import Service
from sim.tabulate import Segment, Tabulator
from sim.warm import started_world

DAYS_APART: Final = 7
"""Arms live apart for so many days before they may differ, to see that they do not."""
DAYS_WATCHED: Final = 31
"""For so many days from then on everybody is looked at each evening, to see when the first people part."""
MONTHS_AT_ONCE: Final = 6
"""After so many months counts are put into tables, which are smaller."""
DAYS_AT_ONCE: Final = 92

I64 = NDArray[np.int64]
Engine = Literal["vectorised", "reference"]


@dataclass(frozen=True)
class Task:
    """Arms in one shard of areas.

    With ``keep_starts`` the warmed-up starts are read from the cache, or kept there, one by one; without it
    all arms live side by side from the warm-up on and nothing is kept.
    """

    arms: tuple[Arm, ...]
    areas: tuple[str, ...]
    by_area: bool
    log_people: int | None
    engine: Engine = "vectorised"
    keep_starts: bool = True

    @property
    def names(self) -> list[str]:
        """The scenarios by name, each once, in the order of their arms."""
        return list(dict.fromkeys(arm.scenario.name for arm in self.arms))

    def base_of(self, number: int) -> int:
        """The first arm of the same seed as an arm: it is compared with that one."""
        return next(k for k, arm in enumerate(self.arms) if arm.seed == self.arms[number].seed)


@dataclass
class Done:
    """What a task brings back; in the frames, scenarios stand by their number among the task's names.

    ``evenings`` says who everybody is and where on the last evening, by scenario and seed.
    """

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    evenings: dict[tuple[str, int], U16] = field(default_factory=dict)
    tallies: list[contracts.Tally] = field(default_factory=list)
    seconds: float = 0.0
    candidates: dict[str, tuple[int, int]] = field(default_factory=dict)


def run_task(task: Task) -> Done:
    """Simulate one task; a plain function of its argument, so that any process can run it.

    Raises
    ------
    sim.contracts.BrokenContractError
        When something does not hold that must.
    """
    began = time.process_time()
    done = Done()
    groups = roots(task.arms)
    differ = partings(task.arms, groups)
    if task.engine == "reference":
        _live_plainly(task, done)
    else:
        for together in [[group] for group in groups] if task.keep_starts else [groups]:
            _Course(task, together, differ, done).run()
    done.tallies.append(_compared(task, differ, done))
    _name_arms(task, done)
    done.seconds = time.process_time() - began
    return done


def _live_plainly(task: Task, done: Done) -> None:
    """Each arm by itself, warm-up and all, in the plain engine."""
    for number, arm in enumerate(task.arms):
        scenario = arm.scenario
        settled = new_world(scenario, arm.seed, task.areas, task.log_people)
        world = plain_world(settled, scenario, arm.seed)
        start = day_of(scenario.start)
        if world.today < start - 1:
            world.run(start - 1)
        world.ledger.begin(start - 1)
        world.run(day_of(scenario.end) - 1)
        people = settled.facts["person"]
        segment = Segment(world.ledger.months, world.ledger.rows(), [[number]], people)
        for name, frame in tabulator(task.by_area).frames(segment).items():
            done.frames.setdefault(name, []).append(frame)
        states = np.array([person.state_of(p.condition, p.labour, p.benefit) for p in world.people])
        last = _last_evening(settled, states, day_of(scenario.end))
        done.evenings[scenario.name, arm.seed] = last
    # The ledger compares stocks with flows when it closes a month; a person checks every move.
    months = len(world.ledger.months)
    done.tallies.append(contracts.Tally({contracts.PEOPLE: months, contracts.STATES: months}))


def _compared(task: Task, differ: dict[tuple[int, int], int], done: Done) -> contracts.Tally:
    """Check the months that arms share, and say from when the tables of each differ from the base's."""
    names = [arm.scenario.name for arm in task.arms]
    months, first = contracts.check_tables(done.frames, names, differ)
    end = day_of(task.arms[0].scenario.end)
    found = []
    for number in range(len(names)):
        base = task.base_of(number)
        if base == number:
            continue
        # Arms with starts of their own may differ from the first day of results on.
        day = differ.get((base, number), day_of(task.arms[0].scenario.start))
        month = first.get((base, number))
        found.append(
            {
                "base": names[base],
                "scenario": names[number],
                "values_differ_from": str(date_of(day)) if day < end else None,
                "people_part_on": None,
                "tables_differ_from": f"{date_of(month):%Y-%m}" if month else None,
            }
        )
    return contracts.Tally({contracts.ONE_PAST: months}, found)


def _name_arms(task: Task, done: Done) -> None:
    """Put the number of the scenario, and the seed, in place of the number of the arm."""
    numbers = {name: number for number, name in enumerate(task.names)}
    scenario = np.array([numbers[arm.scenario.name] for arm in task.arms])
    seed = np.array([arm.seed for arm in task.arms])
    for frames in done.frames.values():
        for frame in frames:
            arm = frame.pop("arm").to_numpy()
            frame.insert(0, "scenario", scenario[arm])
            frame.insert(1, "seed", seed[arm])


class _Course:
    """Groups of arms that share a warmed-up start: one world that branches where arms come to differ."""

    def __init__(
        self,
        task: Task,
        groups: list[list[int]],
        differ: dict[tuple[int, int], int],
        done: Done,
    ) -> None:
        first = task.arms[groups[0][0]].scenario
        self.task, self.done, self.differ = task, done, differ
        self.start, self.end = day_of(first.start), day_of(first.end)
        self.tabulator = tabulator(task.by_area)
        self.times: Counter[str] = Counter()
        self.partings: list[dict[str, Any]] = []
        self.arms = groups
        self.world = self._started()
        if self.world.day >= self.start - 1:
            self._begin()

    def _started(self) -> World:
        """A world with one arm a group on the evening two days before the start."""
        task = self.task
        firsts = [task.arms[group[0]] for group in self.arms]
        if task.keep_starts:
            return started_world(firsts[0], task.areas, task.log_people)
        world = ensemble(firsts, task.areas, task.log_people)
        return warm_up(world, self.start - 2)

    def run(self) -> None:
        """Go on to the end, branching on the way, and leave everything in what is done."""
        while (split := self._next_split()) < self.end:
            # Tomorrow's policy comes into force in the evening: two evenings before the split all are alike.
            eve = split - 2
            self._go_on(eve - DAYS_APART)
            parents, branched_on = self._branch(split), self.world.day
            self._go_on(eve)
            if self.world.day > branched_on:
                self.times[contracts.ONE_PAST] += contracts.check_alike(self.world, parents)
            self._watch(parents, split)
        self._go_on(self.end - 1)
        contracts.check_everybody(self.world)
        self._collect()
        self._conclude()

    def _next_split(self) -> int:
        """First day on which arms that still share a life differ."""
        days = (self.differ[pair] for arm in self.arms for pair in combinations(arm, 2))
        return min(days, default=self.end)

    def _go_on(self, until: int) -> None:
        """Go on to the evening of a day; counting begins on the first day of results."""
        before = min(until, self.start - 1)
        if self.world.day < before:
            conduct(self.world, before)
            if self.world.day == self.start - 1:
                self._begin()
        while self.world.day < until:
            conduct(self.world, min(until, self.world.day + DAYS_AT_ONCE))
            if len(self.world.recorder.months) >= MONTHS_AT_ONCE:
                self._collect()

    def _begin(self) -> None:
        recorder = self.world.recorder
        recorder.begin(self.world.day)
        recorder.opening = recorder.stocks(self.world)

    def _branch(self, split: int) -> list[int]:
        """Give scenarios that differ from a day on an arm each; those that still agree share one."""
        self._collect()
        parents, children = [], []
        for parent, arm in enumerate(self.arms):
            parts: list[list[int]] = []
            for i in arm:
                for part in parts:
                    if self.differ[part[0], i] > split:
                        part.append(i)
                        break
                else:
                    parts.append([i])
            parents += [parent] * len(parts)
            children += parts
        scenarios = [self.task.arms[arm[0]].scenario for arm in children]
        settings = ParameterSettings(scenarios, read_areas().code, self.world.day + 1)
        self.world, self.arms = self.world.branched(parents, settings), children
        return parents

    def _watch(self, parents: Sequence[int], split: int) -> None:
        """Go on day by day until people part in every arm that parts from that of its base."""
        place = {number: k for k, arm in enumerate(self.arms) for number in arm}
        base = [place.get(self.task.base_of(arm[0]), k) for k, arm in enumerate(self.arms)]
        others = [k for k, b in enumerate(base) if k != b and parents[k] == parents[b]]
        last = min(split + DAYS_WATCHED, self._next_split() - 2 - DAYS_APART, self.end - 1)
        days: dict[int, int] = {}
        while len(days) < len(others) and self.world.day < last:
            self._go_on(self.world.day + 1)
            for k in others:
                if k not in days and contracts.parted(self.world, base[k], k):
                    days[k] = self.world.day
        names = [arm.scenario.name for arm in self.task.arms]
        self.partings += [
            {
                "base": names[self.task.base_of(number)],
                "scenario": names[number],
                "values_differ_from": str(date_of(split)),
                "people_part_on": str(date_of(days[k])) if k in days else None,
                "tables_differ_from": None,
            }
            for k in others
            for number in self.arms[k]
        ]

    def _collect(self) -> None:
        """Put the months counted since the last time into tables."""
        recorder = self.world.recorder
        if not recorder.months and not recorder.log:
            return
        for name in (contracts.PEOPLE, contracts.STATES):
            self.times[name] += len(recorder.months)
        people = self.world.facts["person"]
        segment = Segment(recorder.months, recorder.log, self.arms, people)
        for name, frame in self.tabulator.frames(segment).items():
            self.done.frames.setdefault(name, []).append(frame)
        recorder.months, recorder.log = [], []

    def _conclude(self) -> None:
        world, done = self.world, self.done
        evenings = _last_evening(world, world.people["state"], self.end).reshape(world.arms, -1)
        for k, arm in enumerate(self.arms):
            for number in arm:
                of = self.task.arms[number]
                done.evenings[of.scenario.name, of.seed] = evenings[k].copy()
        for name in world.streams:
            seen, struck = done.candidates.get(name, (0, 0))
            done.candidates[name] = (
                seen + world.candidates[name],
                struck + world.strikes_so_far[name],
            )
        services = sum(isinstance(service, Service) for service in world.services.values())
        self.times[contracts.CAPACITY] += (self.end - self.start) * services
        done.tallies.append(contracts.Tally(self.times, self.partings))


def _last_evening(world: World, states: NDArray[np.integer], end: int) -> U16:
    """Who everybody is and where on the evening before the end."""
    p = world.people
    age_band = person.age_band_on(p["birth_day"], end - 1)
    return evening(age_band, p["sex"], p["earnings_band"], states)


def tabulator(by_area: bool) -> Tabulator:
    """What puts labels to the counts of a task."""
    places = read_areas()
    wales = (~places.in_england).astype(int)
    return Tabulator(
        Recorder.for_steps(layout(), EVENTS), places.code, wales.tolist(), by_area=by_area
    )
