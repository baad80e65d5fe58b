"""Virtual trials: a programme run on its trial's population gives back the effect that was measured.

Everybody eligible on one day is offered support and takes it up; the control arm is the same people with the same
luck and no programme. The ratio of the cumulative hazards of the trial's outcome is set beside the published
one. This is the check that a hazard ratio in a parameter file means what the evidence says. Where nobody measured
an effect, the assumed ratio must come back on its own outcome, and none where there is none. At the assumed size
some of these trials are too small to tell the effect from none (``power``, which each test reports; Restart's is an
example): that the ratio acts is then shown by none, where lives are equal, and by a strong effect, where a trial must
have the power to see it. Effects of which neither is told are tried the same way. About a minute and a half.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.core.dates import day_of
from sim.core.world import World
from sim.model import new_world, warm_up
from sim.scenario import override
from sim.states import Labour
from sim.support import workwell
from sim.support.programmes import PROGRAMMES, SLOTS
from tests.library import library
from tests.pathway.lives import (
    AREAS,
    ENOUGH_STAFF,
    FAMILY_WISE_ERROR,
    Lives,
    live,
    small,
    variant,
    worth,
)

I64 = NDArray[np.int64]
OUT_OF_WORK = (Labour.SEARCHING, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)


@dataclass(frozen=True)
class Trial:
    """A published effect: the programme, outcome, horizon, and the ratio with its interval."""

    programme: str
    outcome: tuple[str, ...]
    days: int
    ratio: float
    interval: tuple[float, float]
    labour: tuple[int, ...] = OUT_OF_WORK
    completers: bool = False
    """Whether the published comparison was of people who completed."""


TRIALS = (
    # Health-led trials and the Work and Health Programme, as hazards over twelve months.
    Trial("universal_support", ("job_start",), 365, 1.15, (0.90, 1.40)),
    Trial("connect_to_work", ("job_start",), 365, 1.15, (0.90, 1.40)),
    Trial("ips_primary_care", ("job_start",), 365, 1.08, (0.90, 1.25)),
    # Reme 2019: 36.6 against 27.1% at twelve months.
    Trial("ips_severe", ("job_start",), 365, 1.44, (1.02, 1.93)),
    # A third more likely to be in work after twelve months.
    Trial("work_coach_support", ("job_start",), 365, 1.33, (1.00, 1.60)),
    # Six points more in work at the end of treatment than with therapy alone.
    Trial("employment_adviser", ("job_start",), 140, 1.48, (1.10, 1.80), completers=True),
    # Within-person change of people who completed.
    Trial("talking_therapies", ("job_start",), 365, 1.09, (1.00, 1.15), completers=True),
    # Avoiding job loss, and return to work: reviews of interventions at the workplace.
    Trial(
        "access_to_work",
        ("job_loss", "left_work_sick"),
        365,
        0.85,
        (0.60, 1.05),
        (Labour.IN_WORK,),
        True,
    ),
    Trial(
        "occupational_health",
        ("return_to_work",),
        28,
        1.20,
        (0.95, 1.55),
        (Labour.OFF_SICK,),
        True,
    ),
)
LIMIT = FAMILY_WISE_ERROR / (len(TRIALS) + 40)
"""Chance that a true model fails one of them."""


@pytest.fixture(scope="module")
def start() -> World:
    """Some thirty thousand people in three areas; not to be changed."""
    base = small(scale=0.01, warm_up_years=0.5)
    return warm_up(new_world(base, 1, AREAS, None), day_of(base.start) - 1)


@pytest.fixture(scope="module")
def control(start: World) -> Lives:
    """A year without any programme."""
    return live(variant(start, small(scale=0.01)), 365, ())


def happened(lives: Lives, trial: Trial, people: I64) -> NDArray[np.bool_]:
    """Which of the people had the outcome within the horizon."""
    log = lives.log
    hit = log[log["event"].isin(trial.outcome) & (log["day"] <= lives.first + trial.days)]
    return np.isin(people, hit["person"].unique())


@dataclass(frozen=True)
class Arm:
    """People who were all treated, those of them who dropped out, and how they lived."""

    people: I64
    dropped_out: NDArray[np.bool_]
    lives: Lives


def treated(
    start: World, name: str, labour: tuple[int, ...], days: int, further: dict[str, float]
) -> Arm:
    """Everybody eligible in some states starts a programme on the first day, as far as there are places."""
    programme = PROGRAMMES[name]
    slot = next(slot for slot in SLOTS if programme in slot.programmes)
    k = slot.programmes.index(programme) + 1
    values: dict[str, float] = {
        programme.amount: 2_000_000 if programme.capacity == "places" else 500_000
    }
    values |= {route.parameter(name): 0 for route in programme.routes}
    values |= {f"{name}.take_up_share": 1, f"{name}.patience_days": 3_650}
    values |= ENOUGH_STAFF
    if programme.by_area:
        values[f"{name}.coverage"] = 20
    world = variant(start, override(small(scale=0.01), values | further))
    chosen = np.flatnonzero(np.isin(world.people["labour"], labour))
    chosen = chosen[programme.eligible(world, chosen)]
    if programme.capacity == "places":  # no more than there are places for in each area
        area = world.people["area"][chosen]
        before = pd.Series(area).groupby(area).cumcount().to_numpy()
        chosen = chosen[before < np.floor(programme.size(world)[area])]
    slot.offer(world, k, 0, chosen)
    if programme.capacity == "starts":  # a month's starts do not come on one day: all begin at once
        service = world.services[name]
        service.leave(world, chosen)
        slot._start(world, k, chosen)
    first = live(world, 1, ())
    assert len(first.events(f"{name}_start")) >= 0.98 * len(chosen)
    drops_out = world.people[f"{slot.name}_drops_out"][chosen]
    lives = live(world, days - 1, ())
    lives.first -= 1
    return Arm(chosen, drops_out, lives)


def ratio_of(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[float, float]:
    """Ratio of cumulative hazards, and the reach of its interval of chance (of the logarithm).

    The arms are the same people: only those whose outcome differs bring error.
    """
    ratio = float(np.log1p(-one.mean()) / np.log1p(-other.mean()))
    error = float(np.sqrt(max((one != other).sum(), 1)) / other.sum())
    return ratio, float(stats.norm.isf(LIMIT)) * error


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.programme)
def test_a_trial_gives_back_the_measured_effect(start: World, control: Lives, trial: Trial) -> None:
    arm = treated(start, trial.programme, trial.labour, trial.days, {})
    people = arm.people[~arm.dropped_out] if trial.completers else arm.people
    with_it, without = happened(arm.lives, trial, people), happened(control, trial, people)
    ratio, reach = ratio_of(with_it, without)
    low, high = trial.interval
    assert without.sum() > 20
    assert np.log(low) - reach <= np.log(ratio) <= np.log(high) + reach
    # And on the side of no effect on which the published one is.
    assert np.sign(np.log(trial.ratio)) * np.log(ratio) > -reach


# ---- Programmes whose effect nobody measured ----------------------------------------------------


@dataclass(frozen=True)
class Assumed:
    """An effect that is an assumption: the programme, the parameter, its outcome and who is treated."""

    programme: str
    effect: str
    outcome: tuple[str, ...]
    labour: tuple[int, ...]
    strong: float = 4.0
    """A ratio that a trial of so many people must be able to see."""


ASSUMED = (
    Assumed("restart", "job_finding", ("job_start",), OUT_OF_WORK, strong=6.0),
    Assumed("pathways_to_work", "job_finding", ("job_start",), OUT_OF_WORK),
    Assumed("disability_adviser", "job_finding", ("job_start",), OUT_OF_WORK, strong=10.0),
    Assumed("mental_health_support", "job_loss", ("job_loss", "left_work_sick"), (Labour.IN_WORK,)),
)
DAYS = 120
"""Days of the trials; support and its effect hold for all of them."""
KEPT = 0.7
"""Least part of an effect that is left in a ratio over the whole time: who finds a job soon finds it anyway."""


def power(ratio: float, reach: float) -> float:
    """Chance that a trial whose effect has this ratio tells it from none, at the error rate of ``LIMIT``."""
    error = reach / stats.norm.isf(LIMIT)
    return float(stats.norm.sf((reach - abs(np.log(ratio))) / error))


def check_assumed(
    size: str,
    wanted: float,
    with_it: NDArray[np.bool_],
    without: NDArray[np.bool_],
    report: Callable[[str, object], None],
) -> None:
    """The ratio of the outcome is the one assumed, less what those who would have had it anyway take away."""
    assert without.sum() > 20
    if size == "none":
        np.testing.assert_array_equal(with_it, without)
        return
    ratio, reach = ratio_of(with_it, without)
    nearest, farthest = sorted([KEPT * np.log(wanted), np.log(wanted)], key=abs)
    low, high = sorted([nearest, farthest])
    report("power", power(wanted, reach))
    assert low - reach <= np.log(ratio) <= high + reach
    if size == "strong":
        assert power(wanted, reach) > 0.9
        assert np.sign(np.log(wanted)) * np.log(ratio) > reach


@pytest.mark.parametrize("size", ["none", "assumed", "strong"])
@pytest.mark.parametrize("trial", ASSUMED, ids=lambda trial: trial.programme)
def test_an_assumed_effect_comes_back_as_assumed(
    start: World,
    control: Lives,
    trial: Assumed,
    size: str,
    record_property: Callable[[str, object], None],
) -> None:
    """With support from the first day to the last, the ratio of the outcome is the ratio assumed."""
    name = trial.programme
    parameter = f"{name}.{trial.effect}_hazard_ratio"
    assumed = float(worth(start, parameter))
    better = np.sign(np.log(assumed))
    wanted = {"none": 1.0, "assumed": assumed, "strong": trial.strong**better}[size]
    whole = {"onset_days": 0, "support_days": 2 * DAYS, "drop_out_rate": 0}
    others = {
        f"{name}.{on}_hazard_ratio": 1 for on in PROGRAMMES[name].effects if on != trial.effect
    }
    whole |= {"lock_in_ratio": 1} if trial.effect == "job_finding" else {}
    values = {f"{name}.{key}": value for key, value in whole.items()} | others
    arm = treated(start, name, trial.labour, DAYS, values | {parameter: wanted})
    measure = Trial(name, trial.outcome, DAYS, wanted, (0, 0), trial.labour)
    with_it, without = (happened(lives, measure, arm.people) for lives in (arm.lives, control))
    check_assumed(size, wanted, with_it, without, record_property)


# ---- Effects of which no trial stands above -----------------------------------------------------


OUTCOMES: dict[str, tuple[str, ...]] = {
    "job_finding": ("job_start",),
    "job_loss": ("job_loss", "left_work_sick"),
    "return": ("return_to_work",),
}
"""What an effect acts on."""
FIRST_STATE = {
    "job_finding": (Labour.SEARCHING, Labour.SICK_INACTIVE),
    "job_loss": (Labour.IN_WORK,),
    "return": (Labour.OFF_SICK,),
}
"""The state in which people are on the first day."""
LONG_OFF_SICK = 28
"""Days after which an absence no longer ends soon in both arms."""
TOLD = {(trial.programme, trial.effect) for trial in ASSUMED} | {
    (trial.programme, effect)
    for trial in TRIALS
    for effect, outcome in OUTCOMES.items()
    if outcome == trial.outcome
}
OTHERS = [("workwell", effect) for effect in OUTCOMES] + [
    (name, effect)
    for name, programme in PROGRAMMES.items()
    for effect in programme.effects
    if effect in OUTCOMES and (name, effect) not in TOLD
]
STRONG = {"job_finding": 3.0, "job_loss": 0.25, "return": 2.5}
DAYS_TREATED = {"job_finding": DAYS, "job_loss": 60, "return": 60}
"""Days of these trials."""


def in_support(start: World, name: str, people: I64, days: int, values: dict[str, float]) -> World:
    """A world in which these people, eligible or not, start support on the first day, and nobody drops out."""
    values = values | {f"{name}.drop_out_rate": 0}
    if name == "workwell":
        values |= {f"workwell.support_days_{where}_work": days + 1 for where in ("in", "out_of")}
        world = variant(start, override(small(scale=0.01), values))
        workwell.start(world, people)
    else:
        values |= {f"{name}.onset_days": 0, f"{name}.support_days": days + 2}
        world = variant(start, override(small(scale=0.01), values))
        slot = next(slot for slot in SLOTS if PROGRAMMES[name] in slot.programmes)
        k = slot.programmes.index(PROGRAMMES[name]) + 1
        world.people[slot.which][people] = k
        slot._start(world, k, people)
    service = world.services[name]
    service.capacity.took(np.bincount(world.place_of(people), minlength=len(service.started)))
    world.dusk()
    return world


@pytest.mark.parametrize(
    ("name", "on", "size"),
    [(*which, size) for which in OTHERS for size in ("assumed", "strong")]
    + [("workwell", on, "none") for on in OUTCOMES],
)
def test_every_other_effect_comes_back_on_its_own_outcome(
    start: World,
    control: Lives,
    name: str,
    on: str,
    size: str,
    record_property: Callable[[str, object], None],
) -> None:
    """Everybody in the state that the effect acts in is in support from the first day to the last."""
    parameter = f"{name}.{on}_hazard_ratio"
    wanted = {"none": 1.0, "assumed": float(worth(start, parameter)), "strong": STRONG[on]}[size]
    effects = OUTCOMES if name == "workwell" else PROGRAMMES[name].effects
    values: dict[str, float] = {f"{name}.{each}_hazard_ratio": 1 for each in effects}
    values |= {parameter: wanted} | ENOUGH_STAFF
    if name == "workwell":
        values["workwell.site_effect_sd"] = 0
    elif "job_finding" in effects:
        values[f"{name}.lock_in_ratio"] = 1
    chosen = np.isin(start.people["labour"], FIRST_STATE[on])
    if on == "return":
        chosen &= start.day - start.people["off_sick_since"] >= LONG_OFF_SICK
    people = chosen.nonzero()[0]
    days = DAYS_TREATED[on]
    lives = live(in_support(start, name, people, days, values), days, ())
    measure = Trial(name, OUTCOMES[on], days, wanted, (0, 0))
    with_it, without = (happened(each, measure, people) for each in (lives, control))
    check_assumed(size, wanted, with_it, without, record_property)


def test_every_effect_has_a_trial() -> None:
    """But for that on being referred, which is no outcome of a life (``test_programmes.py`` tests it)."""
    told = TOLD | set(OTHERS)
    assert {name for name, _ in told} == {*PROGRAMMES, "workwell"}
    for name, programme in PROGRAMMES.items():
        assert {(name, on) for on in programme.effects if on != "referral"} <= told
    assert not {trial.programme for trial in TRIALS} & {trial.programme for trial in ASSUMED}
    parameters = library("baseline").parameters
    for trial in ASSUMED:
        assert parameters[f"{trial.programme}.{trial.effect}_hazard_ratio"].grade == "assumption"
