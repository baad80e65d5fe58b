"""The conductor: which step acts when, and that a run can be cut anywhere."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.core.dates import date_of, day_of
from sim.core.engine import conduct, describe_day, schedule
from sim.core.recorder import Layout, Recorder
from sim.core.steps import Step
from sim.core.world import World
from tests.core.toy import (
    BARE,
    BASELINE,
    FIRST_DAY,
    PlanSettings,
    columns,
    history,
    same,
    toy_world,
)

Seen = list[tuple[int, str]]


def world_of_steps(seen: Seen, day: int) -> World:
    def step(name: str, monthly: bool = False) -> Step:
        return Step(
            name,
            f"{name}.",
            lambda w: seen.append((w.day, name)),
            columns=BARE,
            monthly=monthly,
        )

    return World(
        day=day,
        last_day=day + 1_000,
        arms=1,
        people=1,
        areas=1,
        steps=(step("first"), step("month", monthly=True), step("last")),
        settings=PlanSettings([{}], day),
        recorder=Recorder.for_steps(Layout(1, 1, 1, 1, np.ones((1, 1), bool)), {}),
    )


def expected(first: int, until: int) -> Seen:
    found: Seen = []
    for day in range(first, until + 1):
        found.append((day, "first"))
        if date_of(day + 1).day == 1:
            found.append((day, "month"))
        found.append((day, "last"))
    return found


@pytest.mark.parametrize("eve", [dt.date(2024, 3, 31), dt.date(2024, 4, 29), dt.date(2024, 2, 15)])
def test_steps_act_daily_in_order_and_monthly_on_the_last_day(eve: dt.date) -> None:
    seen: Seen = []
    world = world_of_steps(seen, day_of(eve))
    conduct(world, day_of(eve) + 100)
    assert seen == expected(day_of(eve) + 1, day_of(eve) + 100)
    assert world.day == day_of(eve) + 100


@pytest.mark.parametrize("cut", [1, 16, 29, 30, 31, 59, 99])
def test_a_run_in_two_parts_acts_as_one(cut: int) -> None:
    seen: Seen = []
    eve = day_of(dt.date(2024, 3, 31))
    world = world_of_steps(seen, eve)
    conduct(world, eve + cut)
    assert world.day == eve + cut
    conduct(world, eve + 100)
    assert seen == expected(eve + 1, eve + 100)


@pytest.mark.parametrize("cuts", [(1, 2, 3), (57,), (100, 250)])
def test_people_live_the_same_life_in_one_part_or_in_several(cuts: tuple[int, ...]) -> None:
    whole, parts = toy_world([BASELINE]), toy_world([BASELINE])
    conduct(whole, FIRST_DAY + 300)
    for cut in (*cuts, 300):
        conduct(parts, FIRST_DAY + cut)
    assert len(history(whole)) > 1_000
    assert history(parts) == history(whole)
    assert same(columns(parts), columns(whole))


def test_the_schedule_lists_steps_in_their_order() -> None:
    steps = world_of_steps([], 0).steps
    assert schedule(steps) == [
        (1, "first", "every day", "first."),
        (2, "month", "last day of the month", "month."),
        (3, "last", "every day", "last."),
    ]


def test_a_day_is_written_as_a_reader_would() -> None:
    assert describe_day(day_of(dt.date(2024, 4, 1))) == "1 April 2024"
