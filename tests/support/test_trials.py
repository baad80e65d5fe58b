"""Virtual trials: a programme run on its trial's population gives back the effect that was measured.

Everybody eligible on one day is offered support and takes it up; the control arm is the same people with the same
luck and no programme. The ratio of the cumulative hazards of the trial's outcome is set beside the published
one. This is the check that a hazard ratio in a parameter file means what the evidence says. About a minute.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.core.dates import day_of
from sim.core.world import World
from sim.model import new_world, warm_up
from sim.scenario import override
from sim.states import Labour
from sim.support.programmes import PROGRAMMES, SLOTS
from tests.pathway.lives import AREAS, ENOUGH_STAFF, FAMILY_WISE_ERROR, Lives, live, small, variant

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
LIMIT = FAMILY_WISE_ERROR / len(TRIALS)
"""Chance that a true model fails one of them."""


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "FITFLOW_CACHE", str(tmp_path_factory.mktemp("starts")))
        yield


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


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.programme)
def test_a_trial_gives_back_the_measured_effect(start: World, control: Lives, trial: Trial) -> None:
    name = trial.programme
    programme = PROGRAMMES[name]
    slot = next(slot for slot in SLOTS if programme in slot.programmes)
    k = slot.programmes.index(programme) + 1
    values = {programme.amount: 2_000_000 if programme.capacity == "places" else 500_000}
    values |= {route.parameter(name): 0 for route in programme.routes}
    values |= {f"{name}.take_up_share": 1, f"{name}.patience_days": 3_650}
    values |= ENOUGH_STAFF
    if programme.by_area:
        values[f"{name}.coverage"] = 20
    world = variant(start, override(small(scale=0.01), values))
    chosen = np.flatnonzero(np.isin(world.people["labour"], trial.labour))
    chosen = chosen[programme.eligible(world, chosen)]
    slot.offer(world, k, 0, chosen)
    if programme.capacity == "starts":  # a month's starts do not come on one day: all begin at once
        service = world.services[name]
        service.leave(world, chosen)
        slot._start(world, k, chosen)
    first = live(world, 1, ())
    assert len(first.events(f"{name}_start")) >= 0.98 * len(chosen)
    drops_out = world.people[f"{slot.name}_drops_out"][chosen]
    lives = live(world, trial.days - 1, ())
    lives.first = control.first
    people = chosen[~drops_out] if trial.completers else chosen
    treated, untreated = happened(lives, trial, people), happened(control, trial, people)
    ratio = np.log1p(-treated.mean()) / np.log1p(-untreated.mean())
    # The arms are the same people: only those whose outcome differs bring error.
    error = np.sqrt((treated != untreated).sum()) / untreated.sum()
    reach = stats.norm.isf(LIMIT) * error
    low, high = trial.interval
    assert untreated.sum() > 20
    assert np.log(low) - reach <= np.log(ratio) <= np.log(high) + reach
    # And on the side of no effect on which the published one is.
    assert np.sign(np.log(trial.ratio)) * np.log(ratio) > -reach
