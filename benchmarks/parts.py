"""The measurements, one function each; every one prints its findings."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from benchmarks.guards import contracts_cost
from benchmarks.measure import (
    AREA_GROUP,
    baseline,
    conducted,
    cpu_score,
    cpu_seconds,
    last_day,
    nudged,
    peak_megabytes,
    started,
)
from benchmarks.sweeps import sweep_tenth
from sim.core.engine import conduct
from sim.people import read_areas
from sim.run import simulate
from sim.scenario import load_scenario
from sim.settings import ParameterSettings

ARMS = 16


def one_arm(scale: float = 0.01) -> None:
    """England, five years, one arm, from the warmed-up start, on one core."""
    scenario = baseline(scale)
    world = started(scenario)
    before = cpu_score()
    timed = conducted(world, last_day(scenario))
    score = (before + cpu_score()) / 2
    print(f"  people {timed.people:,}; days {timed.days:,}")
    print(
        f"  processor time {timed.seconds:.2f} s; {timed.seconds / timed.days * 1000:.2f} ms a day"
    )
    print(f"  processor score {score:.3f} s; ratio {timed.seconds / score:.1f}")


def many_arms(scale: float = 0.001) -> None:
    """Sixteen arms side by side against the same sixteen one after another."""
    scenario = baseline(scale, years=1)
    arms = [nudged(scenario, number) for number in range(ARMS)]
    start, end, codes = started(scenario), last_day(scenario), read_areas().code

    together = start.branched([0] * ARMS, ParameterSettings(arms, codes, start.day + 1))
    side_by_side = cpu_seconds(lambda: conduct(together, end))
    one_by_one = 0.0
    for number, arm in enumerate(arms):
        alone = start.branched([0], ParameterSettings([arm], codes, start.day + 1))
        one_by_one += cpu_seconds(partial(conduct, alone, end))
        mine = slice(number * start.people_per_arm, (number + 1) * start.people_per_arm)
        if not (alone.people["labour"] == together.people["labour"][mine]).all():
            raise AssertionError(f"arm {number} lives another life alone than side by side")
    print(f"  {ARMS} arms of {start.people_per_arm:,} people, one year")
    print(f"  side by side {side_by_side:.2f} s; one after another {one_by_one:.2f} s")
    print(f"  ratio {one_by_one / side_by_side:.1f}")


def packages(scale: float = 0.01) -> None:
    """Whole packages against the baseline: England, five years, from one start."""
    plain = baseline(scale)
    start, end, codes = started(plain), last_day(plain), read_areas().code
    first = 0.0
    for name in ("baseline", "current_policy", "back_to_work_plan", "welfare_package"):
        arm = load_scenario(name).model_copy(update={"scale": scale})
        world = start.branched([0], ParameterSettings([arm], codes, start.day + 1))
        timed = conducted(world, end)
        first = first or timed.seconds
        print(f"  {name}: {timed.seconds:.2f} s; ratio {timed.seconds / first:.2f}")


def linearity() -> None:
    """Processor time a person and year as the scale grows, for one group of areas."""
    first = 0.0
    for scale in (0.003, 0.01, 0.03):
        scenario = baseline(scale, AREA_GROUP, years=2)
        timed = conducted(started(scenario), last_day(scenario))
        first = first or timed.per_person_year
        print(
            f"  scale {scale:6.1%}: {timed.people:7,} people, "
            f"{timed.per_person_year:6.2f} microseconds a person-year, "
            f"ratio {timed.per_person_year / first:.2f}"
        )


def memory(scale: float = 0.01) -> None:
    """What a person takes in the columns, and the most that one arm of England holds."""
    empty = peak_megabytes()
    scenario = baseline(scale, years=1)
    world = started(scenario)
    conduct(world, last_day(scenario))
    people = len(world.keys)
    print(f"  {world.bytes_a_person} bytes a person in the columns")
    print(
        f"  peak {peak_megabytes():,.0f} MB with {people:,} people, "
        f"{empty:,.0f} MB of it before the start"
    )


def full_england(areas: int) -> None:
    """Every person of some areas of England (all: 42), five years, one arm, two processes."""
    codes = baseline(1.0).areas
    scenario = baseline(1.0, codes[:areas])
    began = time.perf_counter()
    outcome = simulate([scenario], [1], workers=2)
    wall = time.perf_counter() - began
    stocks = outcome.tables.stocks
    people = int(stocks[stocks["month"] == stocks["month"].iloc[0]]["people"].sum())
    seconds = outcome.manifest["replications"][0]["seconds"]
    print(f"  {areas} of {len(codes)} areas, {people:,} people, {scenario.years} years")
    print(
        f"  wall {wall:,.0f} s, of which warm-up if it was not in the cache; processor time {seconds:,.0f} s"
    )
    print(f"  peak {peak_megabytes():,.0f} MB in one process")


PARTS: dict[str, Callable[[], None]] = {
    "one_arm": one_arm,
    "many_arms": many_arms,
    "packages": packages,
    "linearity": linearity,
    "memory": memory,
    "contracts": contracts_cost,
    "sweep_tenth": sweep_tenth,
}
