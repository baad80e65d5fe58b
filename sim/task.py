"""One task of a run: one seed in one shard of areas, for all scenarios.

Scenarios share their history until shortly before the first day on which they differ; there the world
branches into arms that go on side by side. The last week before that day they already live apart, so that
it can be seen that they are alike.
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
from sim.core.dates import date_of, day_of
from sim.core.engine import conduct
from sim.core.recorder import Recorder
from sim.model import EVENTS, layout, new_world
from sim.people import read_areas
from sim.reference.model import plain_world
from sim.scenario import Parameter, Scenario
from sim.settings import ParameterSettings, first_difference
from sim.support.service import Service
from sim.tabulate import Segment, Tabulator
from sim.warm import started_world

DAYS_APART: Final = 7
"""Scenarios live apart for so many days before they may differ, to see that they do not."""
DAYS_WATCHED: Final = 31
"""For so many days from then on everybody is looked at each evening, to see when the first people part."""

I64 = NDArray[np.int64]
Engine = Literal["vectorised", "reference"]


@dataclass(frozen=True)
class Task:
    """One seed in one shard of areas, for all scenarios."""

    scenarios: tuple[Scenario, ...]
    seed: int
    areas: tuple[str, ...]
    by_area: bool
    log_people: int | None
    engine: Engine = "vectorised"


@dataclass
class Done:
    """What a task brings back."""

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    final_labour: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
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
    if task.engine == "reference":
        _live_plainly(task, done)
    else:
        for group in _same_history(task.scenarios):
            _Course(task, group, done).run()
    done.tallies.append(_compared(task, done))
    done.seconds = time.process_time() - began
    return done


def _live_plainly(task: Task, done: Done) -> None:
    """Each scenario by itself, warm-up and all, in the plain engine."""
    for number, scenario in enumerate(task.scenarios):
        settled = new_world(scenario, task.seed, task.areas, task.log_people)
        world = plain_world(settled, scenario, task.seed)
        start = day_of(scenario.start)
        if world.today < start - 1:
            world.run(start - 1)
        world.ledger.begin(start - 1)
        world.run(day_of(scenario.end) - 1)
        people = settled.facts["person"]
        segment = Segment(world.ledger.months, world.ledger.rows(), [[number]], people)
        for name, frame in tabulator(task.by_area).frames(segment, task.seed).items():
            done.frames.setdefault(name, []).append(frame)
        done.final_labour[scenario.name] = np.array([p.labour for p in world.people], np.uint8)
    # The ledger compares stocks with flows when it closes a month; a person checks every move.
    months = len(world.ledger.months)
    done.tallies.append(contracts.Tally({contracts.PEOPLE: months, contracts.STATES: months}))


def _compared(task: Task, done: Done) -> contracts.Tally:
    """Check the months that scenarios share, and say from when the tables of each differ from the first's."""
    names = [scenario.name for scenario in task.scenarios]
    differ = {
        (i, j): shared_until(task.scenarios[i], task.scenarios[j])
        for i, j in combinations(range(len(names)), 2)
    }
    months, first = contracts.check_tables(done.frames, names, differ)
    end = day_of(task.scenarios[0].end)
    partings = [
        {
            "base": names[0],
            "scenario": names[j],
            "values_differ_from": str(date_of(day)) if day < end else None,
            "people_part_on": None,
            "tables_differ_from": f"{date_of(month):%Y-%m}" if month else None,
        }
        for (i, j), day in differ.items()
        if i == 0
        for month in (first[i, j],)
    ]
    return contracts.Tally({contracts.ONE_PAST: months}, partings)


class _Course:
    """Scenarios that share a warmed-up start: one world that branches where they come to differ."""

    def __init__(self, task: Task, group: list[int], done: Done) -> None:
        scenarios = task.scenarios
        self.task, self.done = task, done
        self.start, self.end = day_of(scenarios[0].start), day_of(scenarios[0].end)
        self.differ = _differences(scenarios, group, self.end)
        self.tabulator = tabulator(task.by_area)
        self.times: Counter[str] = Counter()
        self.partings: list[dict[str, Any]] = []
        self.arms = [list(group)]
        self.opening: I64 = np.empty(0, np.int64)
        """People by state before the first month that is not collected yet."""
        self.world = started_world(scenarios[group[0]], task.seed, task.areas, task.log_people)
        if self.world.day >= self.start - 1:
            self._begin()

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
        """First day on which scenarios that share an arm differ."""
        days = (self.differ[i, j] for arm in self.arms for i in arm for j in arm if i < j)
        return min(days, default=self.end)

    def _go_on(self, until: int) -> None:
        """Go on to the evening of a day; counting begins on the first day of results."""
        before = min(until, self.start - 1)
        if self.world.day < before:
            conduct(self.world, before)
            if self.world.day == self.start - 1:
                self._begin()
        if self.world.day < until:
            conduct(self.world, until)

    def _begin(self) -> None:
        world = self.world
        world.recorder.begin(world.day)
        lay = world.recorder.layout
        place = world.place_of(np.arange(len(world.keys)))
        self.opening = np.bincount(
            place * lay.per_area + world.people["state"],
            minlength=world.arms * lay.areas * lay.per_area,
        )

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
        scenarios = [self.task.scenarios[arm[0]] for arm in children]
        settings = ParameterSettings(scenarios, read_areas().code, self.world.day + 1)
        if len(self.opening):
            self.opening = self.opening.reshape(self.world.arms, -1)[parents].ravel()
        self.world, self.arms = self.world.branched(parents, settings), children
        return parents

    def _watch(self, parents: Sequence[int], split: int) -> None:
        """Go on day by day until people part in the arms that part from that of the first scenario."""
        if 0 not in self.arms[0]:
            return
        others = [k for k, parent in enumerate(parents) if k and parent == parents[0]]
        last = min(split + DAYS_WATCHED, self._next_split() - 2 - DAYS_APART, self.end - 1)
        days: dict[int, int] = {}
        while len(days) < len(others) and self.world.day < last:
            self._go_on(self.world.day + 1)
            for k in others:
                if k not in days and contracts.parted(self.world, 0, k):
                    days[k] = self.world.day
        names = [scenario.name for scenario in self.task.scenarios]
        self.partings += [
            {
                "base": names[0],
                "scenario": names[number],
                "values_differ_from": str(date_of(split)),
                "people_part_on": str(date_of(days[k])) if k in days else None,
                "tables_differ_from": None,
            }
            for k in others
            for number in self.arms[k]
        ]

    def _collect(self) -> None:
        """Check the months counted since the last branch, and put them into tables."""
        recorder = self.world.recorder
        if not recorder.months and not recorder.log:
            return
        for name in (contracts.PEOPLE, contracts.STATES):
            self.times[name] += len(recorder.months)
        if recorder.months:
            # The months after the first were compared with the one before when they were counted.
            contracts.check_flows(self.world, recorder.months[0], self.opening)
            self.opening = recorder.months[-1].stocks
        people = self.world.facts["person"]
        segment = Segment(recorder.months, recorder.log, self.arms, people)
        for name, frame in self.tabulator.frames(segment, self.task.seed).items():
            self.done.frames.setdefault(name, []).append(frame)

    def _conclude(self) -> None:
        world, done = self.world, self.done
        labour = world.people["labour"].reshape(world.arms, -1)
        for k, arm in enumerate(self.arms):
            for number in arm:
                done.final_labour[self.task.scenarios[number].name] = labour[k].copy()
        for name in world.streams:
            seen, struck = done.candidates.get(name, (0, 0))
            done.candidates[name] = (
                seen + world.candidates[name],
                struck + world.strikes_so_far[name],
            )
        services = sum(isinstance(service, Service) for service in world.services.values())
        self.times[contracts.CAPACITY] += (self.end - self.start) * services
        done.tallies.append(contracts.Tally(self.times, self.partings))


def tabulator(by_area: bool) -> Tabulator:
    """What puts labels to the counts of a task."""
    places = read_areas()
    wales = (~places.in_england).astype(int)
    return Tabulator(
        Recorder.for_steps(layout(), EVENTS), places.code, wales.tolist(), by_area=by_area
    )


# ---- Which scenarios share a past ---------------------------------------------------------------------------


def shared_until(one: Scenario, other: Scenario) -> int:
    """First day on which two scenarios may differ: the first of the results if their warm-ups may."""
    start, end = day_of(one.start), day_of(one.end)
    if not all(
        _until(parameter, one) == _until(other.parameters[name], one)
        and parameter.specs == other.parameters[name].specs
        for name, parameter in one.parameters.items()
    ):
        return start
    return max(start, first_difference(one, other, read_areas().code, end))


def _until(parameter: Parameter, scenario: Scenario) -> list[Any]:
    """Values of a parameter that are in force at some time before the results."""
    return [n.entries for n in parameter.numbers if n.start is None or n.start < scenario.start]


def _differences(
    scenarios: Sequence[Scenario], group: Sequence[int], end: int
) -> dict[tuple[int, int], int]:
    codes = read_areas().code
    return {
        (i, j): first_difference(scenarios[i], scenarios[j], codes, end)
        for i in group
        for j in group
        if i < j
    }


def _same_history(scenarios: Sequence[Scenario]) -> list[list[int]]:
    """Numbers of the scenarios that agree up to the day before the start, so can share a warmed-up start."""
    codes = read_areas().code
    groups: list[list[int]] = []
    for number, scenario in enumerate(scenarios):
        # Without a warm-up the world begins on the eve of the start, and looks ahead under that day's values.
        seen = day_of(scenario.start) + (scenario.warm_up_years == 0)
        for group in groups:
            first = scenarios[group[0]]
            if (
                _warms_up_alike(first, scenario)
                and first_difference(first, scenario, codes, seen) >= seen
            ):
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def _warms_up_alike(one: Scenario, other: Scenario) -> bool:
    """Whether no parameter differs before the start; a reform cannot reach back, an override can."""
    return all(
        p.numbers == other.parameters[n].numbers and p.specs == other.parameters[n].specs
        for n, p in one.parameters.items()
    )
