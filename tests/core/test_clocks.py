"""Hazard tables and spell clocks: laws of durations, and changes of the ratio on the way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.core.clocks import TABLE_DAYS, HazardTable, cumulative_hazard
from sim.core.dates import NEVER
from sim.core.draws import exponentials, person_keys, stream_id
from sim.core.recorder import Layout, Recorder
from sim.core.spells import LEAST_RATIO, SpellClock
from sim.core.steps import Step
from sim.core.world import World
from tests.core.toy import FIRST_DAY, PlanSettings

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Spec = Mapping[str, Any]

EXPONENTIAL: Spec = {"distribution": "expon", "scale": 40.0}
WEIBULL: Spec = {"distribution": "weibull_min", "c": 0.7, "scale": 60.0}
RISING: Spec = {"distribution": "weibull_min", "c": 2.5, "scale": 90.0}
LOGNORMAL: Spec = {"distribution": "lognorm", "s": 1.1, "scale": 25.0}
GAMMA: Spec = {"distribution": "gamma", "a": 2.0, "scale": 15.0, "loc": 5.0}
RATES: Spec = {"rates": {0: 0.2, 7: 0.05, 28: 0.01}}
SURVIVAL: Spec = {"survival": {0: 1.0, 7: 0.4, 28: 0.15, 90: 0.02}}
SPECS = (EXPONENTIAL, WEIBULL, RISING, LOGNORMAL, GAMMA, RATES, SURVIVAL)
TABLE = HazardTable.from_specs(SPECS)
ROUNDING = 1e-9
"""Cumulative hazards are told apart to this; it is far below a millionth of a day's chance."""


# ---- Tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [EXPONENTIAL, WEIBULL, RISING, LOGNORMAL, GAMMA])
def test_a_distribution_becomes_its_cumulative_hazard(spec: Spec) -> None:
    numbers = {key: value for key, value in spec.items() if key != "distribution"}
    days = np.arange(TABLE_DAYS + 1)
    expected = -getattr(stats, spec["distribution"]).logsf(days, **numbers)
    assert cumulative_hazard(spec) == pytest.approx(np.minimum(expected, 700))


def test_rates_hold_from_their_day_on() -> None:
    table = cumulative_hazard(RATES, 40)
    assert np.diff(table) == pytest.approx([0.2] * 7 + [0.05] * 21 + [0.01] * 12)


def test_a_survival_curve_goes_through_its_points_with_constant_hazards_between() -> None:
    table = cumulative_hazard(SURVIVAL, 200)
    for day, share in SURVIVAL["survival"].items():
        assert np.exp(-table[day]) == pytest.approx(share)
    for first, last in ((0, 7), (7, 28), (28, 200)):
        steps = np.diff(table[first : last + 1])
        assert steps == pytest.approx(np.full(len(steps), steps[0]))


def test_days_may_stand_in_any_order_and_as_text() -> None:
    shuffled = {"rates": {"28": 0.01, "0": 0.2, "7": 0.05}}
    assert (cumulative_hazard(shuffled) == cumulative_hazard(RATES)).all()


@pytest.mark.parametrize("spec", SPECS)
def test_a_table_starts_at_zero_and_never_falls(spec: Spec) -> None:
    table = cumulative_hazard(spec)
    assert table.shape == (TABLE_DAYS + 1,)
    assert table[0] == 0
    assert (np.diff(table) >= 0).all()
    assert np.isfinite(table).all()


def test_beyond_the_table_the_last_year_goes_on() -> None:
    a_year = (TABLE.cumulative[:, -1] - TABLE.cumulative[:, -366]) / 365
    groups = np.arange(len(SPECS))
    for more in (1, 10, 4_000):
        beyond = TABLE.at(groups, np.full(len(SPECS), TABLE_DAYS + more))
        expected = TABLE.cumulative[:, -1] + np.maximum(a_year, 1e-12) * more
        assert beyond == pytest.approx(expected)


@given(st.integers(0, len(SPECS) - 1), st.floats(0, 40))
def test_a_target_is_reached_on_the_first_day_that_has_it(group: int, target: float) -> None:
    _check_first_day(TABLE, group, target)


SLOW = HazardTable.from_specs(
    [{"distribution": "expon", "scale": 20_000.0}, {"rates": {0: 0.0, 3_000: 1e-4}}, WEIBULL]
)


@given(st.integers(0, 2), st.floats(0, 1.5))
def test_a_target_beyond_the_table_is_reached_on_its_first_day_too(
    group: int, target: float
) -> None:
    _check_first_day(SLOW, group, target)


def _check_first_day(table: HazardTable, group: int, target: float) -> None:
    groups = np.array([group])
    day = table.day_reached(groups, np.array([target]))
    assert day[0] >= 1
    assert table.at(groups, day)[0] >= target - ROUNDING
    assert day[0] == 1 or table.at(groups, day - 1)[0] < target + ROUNDING


@given(st.integers(0, len(SPECS) - 1), st.integers(1, TABLE_DAYS))
def test_what_is_reached_on_a_day_is_reached_on_that_day(group: int, day: int) -> None:
    """The table and its inverse agree exactly, at the very value of a day."""
    groups, days = np.array([group]), np.array([day])
    reached = int(TABLE.day_reached(groups, TABLE.at(groups, days))[0])
    assert TABLE.cumulative[group, reached] == pytest.approx(TABLE.cumulative[group, day])
    assert reached <= day


def test_groups_are_answered_together_as_alone() -> None:
    rng = np.random.default_rng(1)
    group, target = rng.integers(0, len(SPECS), 500), rng.exponential(1.0, 500)
    together = TABLE.day_reached(group, target)
    for k in range(len(SPECS)):
        alone = HazardTable.from_specs([SPECS[k]])
        mine = group == k
        here = alone.day_reached(np.zeros(mine.sum(), int), target[mine])
        assert (together[mine] == here).all()


def test_days_are_exact_in_the_last_of_many_groups() -> None:
    """However little a day adds to the hazard, and wherever the group stands."""
    rng = np.random.default_rng(3)
    daily = rng.exponential(1e-13, (3_000, 400))
    cumulative = np.concatenate([np.zeros((3_000, 1)), daily.cumsum(axis=1)], axis=1)
    group, day = rng.integers(0, 3_000, 5_000), rng.integers(1, 400, 5_000)
    table, reached = HazardTable(cumulative), cumulative[group, day]
    assert (table.day_reached(group, reached) == day).all()
    by_hand = [
        row.searchsorted(goal) for row, goal in zip(cumulative[group], reached - 1e-15, strict=True)
    ]
    assert (table.day_reached(group, reached - 1e-15) == np.maximum(by_hand, 1)).all()


# ---- Spells -------------------------------------------------------------------------------------

PEOPLE = 20_000
CLOCK = "illness"
WAIT = Step("spells", "Nothing.", lambda w: None, spells=(CLOCK,))


def world_of_spells(people: int = PEOPLE, seed: int = 1) -> World:
    world = World(
        day=FIRST_DAY,
        last_day=NEVER - 1,
        arms=1,
        people=people,
        areas=1,
        steps=(WAIT,),
        settings=PlanSettings([{}], FIRST_DAY),
        recorder=Recorder.for_steps(Layout(1, 1, 1, 1, np.ones((1, 1), bool)), {}),
    )
    world.keys[:] = person_keys(seed, np.arange(people, dtype=np.uint64))
    world.spells = {CLOCK: SpellClock(CLOCK, TABLE)}
    return world


def begin(w: World, spec: Spec, ratio: F64 | float = 1.0) -> tuple[SpellClock, I64]:
    everybody = np.arange(len(w.keys))
    group = np.full(len(everybody), SPECS.index(spec), np.uint8)
    clock = w.spells[CLOCK]
    clock.start(w, everybody, group, ratio)
    return clock, everybody


def lengths(w: World) -> I64:
    return w.due[CLOCK].astype(np.int64) - FIRST_DAY


def thresholds(w: World, number: int = 0) -> F64:
    """The unit exponential that each person's spell of this number draws."""
    counters = np.full(len(w.keys), number, np.uint64)
    return exponentials(w.keys, stream_id(CLOCK), counters)


@cache
def drawn_lengths(number: int) -> I64:
    w = world_of_spells(seed=100 + number)
    begin(w, SPECS[number])
    return lengths(w)


@pytest.mark.parametrize("spec", SPECS)
def test_lengths_of_spells_have_the_law_of_the_table(spec: Spec) -> None:
    """Spells end by the end of day d with probability F(d): rounded up to whole days."""
    found = drawn_lengths(SPECS.index(spec))
    law = -np.expm1(-cumulative_hazard(spec))
    ended = np.searchsorted(np.sort(found), np.arange(TABLE_DAYS + 1), side="right") / PEOPLE
    # Dvoretzky, Kiefer and Wolfowitz: the chance of a larger distance is below 1 in 10,000.
    assert np.abs(ended - law).max() < np.sqrt(np.log(2 / 1e-4) / (2 * PEOPLE))
    assert found.min() >= 1


@pytest.mark.parametrize("spec", SPECS)
def test_estimates_from_censored_spells_return_the_table(spec: Spec) -> None:
    """Kaplan-Meier and Nelson-Aalen, where every spell may be stopped for another reason."""
    w = world_of_spells(seed=100 + SPECS.index(spec))
    clock, everybody = begin(w, spec)
    length = lengths(w)
    stopped = np.random.default_rng(2).integers(0, 150, PEOPLE)
    for day in range(150):
        w.day = FIRST_DAY + day
        clock.stop(w, everybody[(stopped == day) & (w.due[CLOCK] > w.day)])
    ends = w.due[CLOCK] != NEVER
    assert 0 < ends.sum() < PEOPLE
    # Whoever is stopped on the evening of a day has been at risk on that day.
    observed = np.where(ends, length, stopped)
    days = np.arange(1, 121)
    at_risk = np.array([(observed >= day).sum() for day in days])
    events = np.array([((observed == day) & ends).sum() for day in days])
    hazards = events / at_risk
    table = cumulative_hazard(spec)[:121]
    nelson_aalen, kaplan_meier = np.cumsum(hazards), np.cumprod(1 - hazards)
    expected = np.cumsum(-np.expm1(-np.diff(table)))
    variance = np.cumsum(hazards * (1 - hazards) / at_risk)
    within = at_risk > 300
    z = (nelson_aalen - expected)[within] / np.sqrt(np.maximum(variance[within], 1e-12))
    assert np.abs(z[events.cumsum()[within] > 50]).max() < 4.5
    assert np.abs(kaplan_meier - np.exp(-table[1:]))[within].max() < 0.02


@pytest.mark.parametrize("ratio", [0.25, 1.0, 4.0])
def test_a_ratio_multiplies_the_hazard(ratio: float) -> None:
    w = world_of_spells()
    begin(w, WEIBULL, ratio)
    by_hand = piecewise_by_hand(thresholds(w), WEIBULL, [(0, ratio)])
    inside = by_hand < TABLE_DAYS
    assert inside.mean() > 0.9
    assert (lengths(w)[inside] == by_hand[inside]).all()


def test_each_spell_draws_its_own_threshold() -> None:
    w = world_of_spells()
    begin(w, EXPONENTIAL)
    first = lengths(w)
    begin(w, EXPONENTIAL)
    second = lengths(w)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    expected = piecewise_by_hand(thresholds(w, 1), EXPONENTIAL, [(0, 1.0)])
    assert (second == expected).all()


def test_a_spell_under_way_has_the_law_of_what_is_left() -> None:
    w = world_of_spells()
    group = np.full(PEOPLE, SPECS.index(RISING), np.uint8)
    lasted = 60
    w.spells[CLOCK].resume(w, np.arange(PEOPLE), group, 1.0, np.int16(FIRST_DAY - lasted))
    left = lengths(w)
    table = cumulative_hazard(RISING)
    law = -np.expm1(table[lasted] - table[lasted:])
    ended = np.searchsorted(np.sort(left), np.arange(len(law)), side="right") / PEOPLE
    assert left.min() >= 1
    assert np.abs(ended - law).max() < np.sqrt(np.log(2 / 1e-4) / (2 * PEOPLE))


# ---- A ratio that changes on the way ------------------------------------------------------------


def closed_form(spec: Spec, days: F64) -> F64:
    """Cumulative hazard of an exponential or Weibull duration."""
    result: F64 = (days / spec["scale"]) ** spec.get("c", 1.0)
    return result


def piecewise_by_hand(threshold: F64, spec: Spec, ratios: list[tuple[int, float]]) -> I64:
    """First whole day on which hazard times ratio adds up to the threshold."""
    days = np.arange(20_001, dtype=float)
    steps = np.diff(closed_form(spec, days))
    of_day = np.zeros(len(steps))
    for start, ratio in ratios:
        of_day[start:] = ratio
    total = np.concatenate([[0.0], np.cumsum(steps * of_day)])
    return np.maximum(np.searchsorted(total, threshold, side="left"), 1)


@pytest.mark.parametrize("spec", [EXPONENTIAL, WEIBULL, RISING])
@pytest.mark.parametrize(
    "ratios",
    [
        [(0, 1.0), (10, 3.0)],
        [(0, 1.0), (10, 0.2)],
        [(0, 2.0), (5, 0.5), (30, 1.0), (31, 4.0)],
    ],
)
def test_a_change_on_the_way_is_exact(spec: Spec, ratios: list[tuple[int, float]]) -> None:
    """Against the closed form, for every single person, with no fresh draw."""
    w = world_of_spells(4_000)
    clock, everybody = begin(w, spec, ratios[0][1])
    for evening, ratio in ratios[1:]:
        w.day = FIRST_DAY + evening
        running = everybody[w.due[CLOCK] > w.day]
        clock.change_ratio(w, running, np.full(len(running), ratio))
    by_hand = piecewise_by_hand(thresholds(w), spec, ratios)
    inside = by_hand < TABLE_DAYS
    assert inside.sum() > 3_900
    assert (lengths(w)[inside] == by_hand[inside]).all()


@given(st.integers(1, 80), st.floats(0.01, 50), st.floats(0.01, 50), st.sampled_from(SPECS))
def test_there_and_back_on_one_evening_changes_nothing(
    evening: int, ratio: float, other: float, spec: Spec
) -> None:
    """The day stays; what is left of the spell stays but for the last digits of a number."""
    w = world_of_spells(50)
    clock, everybody = begin(w, spec, ratio)
    due, goal = w.due[CLOCK].copy(), w.people[f"{CLOCK}_goal"].copy()
    w.day = FIRST_DAY + evening
    running = everybody[due > w.day]
    clock.change_ratio(w, running, np.full(len(running), other))
    clock.change_ratio(w, running, np.full(len(running), ratio))
    assert (w.due[CLOCK] == due).all()
    assert w.people[f"{CLOCK}_goal"] == pytest.approx(goal, rel=1e-12)


def test_the_same_ratio_again_touches_nothing() -> None:
    w = world_of_spells(200)
    clock, everybody = begin(w, LOGNORMAL, 1.7)
    before = {name: column.copy() for name, column in w.people.items()}
    due = w.due[CLOCK].copy()
    w.day = FIRST_DAY + 9
    clock.change_ratio(w, everybody, np.full(len(everybody), 1.7))
    assert all((w.people[name] == column).all() for name, column in before.items())
    assert (w.due[CLOCK] == due).all()


@given(st.integers(0, 40), st.integers(0, 40), st.floats(1.0, 20), st.sampled_from(SPECS))
def test_a_higher_ratio_for_a_time_never_lengthens_a_spell(
    evening: int, days: int, ratio: float, spec: Spec
) -> None:
    w = world_of_spells(100)
    clock, everybody = begin(w, spec)
    usual = w.due[CLOCK].copy()
    for at, value in ((evening, ratio), (evening + days, 1.0)):
        w.day = FIRST_DAY + at
        running = everybody[w.due[CLOCK] > w.day]
        clock.change_ratio(w, running, np.full(len(running), value))
        assert (w.due[CLOCK][running] > w.day).all()
    assert (w.due[CLOCK] <= usual).all()


def test_a_ratio_of_zero_stops_the_clock_until_it_rises_again() -> None:
    """For a constant hazard a pause of 30 days puts the end off by exactly 30 days."""
    w = world_of_spells(3_000)
    clock, everybody = begin(w, EXPONENTIAL)
    usual = lengths(w)
    w.day = FIRST_DAY + 10
    running = everybody[usual > 10]
    clock.change_ratio(w, running, np.zeros(len(running)))
    assert (w.people[f"{CLOCK}_ratio"][running] == LEAST_RATIO).all()
    w.day = FIRST_DAY + 40
    running = running[w.due[CLOCK][running] > w.day]
    clock.change_ratio(w, running, np.ones(len(running)))
    later = lengths(w)[running] - usual[running]
    assert (later <= 30).all()
    # What the least ratio lets through in a pause is a hazard of 30 / 40 in a million.
    assert (later == 30).mean() > 0.999


def test_a_spell_that_outlasts_the_calendar_is_due_just_before_its_end() -> None:
    w = world_of_spells(100)
    clock, everybody = begin(w, EXPONENTIAL, 0.0)
    assert (w.due[CLOCK] == NEVER - 1).any()
    assert (w.due[CLOCK] < NEVER).all()
    assert len(clock.running(w, everybody)) == 100


def test_a_survival_curve_that_falls_to_zero_ends_every_spell_by_then() -> None:
    table = HazardTable.from_specs([{"survival": {0: 1.0, 10: 0.5, 28: 0.0}}])
    assert np.isfinite(table.cumulative).all()
    targets = np.array([0.1, 1.0, 20.0, 300.0])
    assert (table.day_reached(np.zeros(4, int), targets) <= 28).all()
