"""Deaths of the model against the life table that its parameters imply.

The demography step runs alone on people of the model; the other steps of the day do nothing, so health does
not change. Who is alive at the end follows from day of birth, sex and health at the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final
from unittest import mock

import numpy as np
from numpy.typing import NDArray

import sim.model
from sim.core.dates import day_of
from sim.core.engine import conduct
from sim.model import new_world
from sim.pathway.person import OF_WORKING_AGE, YEAR, age_band_on
from sim.people.pension_age import pension_day
from sim.scenario import load_scenario, override
from sim.states import Labour
from tests.theory.battery import increments_p

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

YEARS: Final = 6
AREAS: Final = ("E54000057", "E54000041")
RATES: Final = {
    "female": {"16-24": 0.01, "25-34": 0.02, "35-49": 0.04, "50+": 0.07},
    "male": {"16-24": 0.015, "25-34": 0.03, "35-49": 0.05, "50+": 0.09},
}
"""Deaths a year, well above those of life, so that there is something to count."""
LIMITED: Final = 1.8
"""Ratio for those whose health limits their work."""


@cache
def lives(seed: int) -> Mapping[str, NDArray[Any]]:
    """Who people were at the start, the day of their death (-1: none), and whether they are still there."""
    values = {"demography.death_rate": RATES, "demography.death_limiting_ratio": LIMITED}
    size = {"scale": 0.01, "years": YEARS, "warm_up_years": 0, "areas": AREAS}
    scenario = override(load_scenario("baseline"), values).model_copy(update=size)
    # Other steps keep their columns, clocks and services, which a death calls off, but do not act.
    steps = tuple(
        step if step.name == "demography" else replace(step, act=_rest, streams=(), ratios=())
        for step in sim.model.STEPS
    )
    with mock.patch.object(sim.model, "STEPS", steps):
        w = new_world(scenario, seed, AREAS, log_people=None)
    p = w.people
    start = {name: p[name].copy() for name in ("birth_day", "sex", "limiting", "labour")}
    entry = w.due["entry"].astype(np.int64)
    first, last = w.day, day_of(scenario.end) - 1
    w.recorder.begin(first)
    conduct(w, last)
    died = np.full(len(w.keys), -1, np.int64)
    number = w.recorder.events["death"]
    for day, _, ids, event, _ in w.recorder.log:
        if event == number:
            died[ids] = day
    there = np.isin(p["labour"], OF_WORKING_AGE)
    return {**start, "entry": entry, "died": died, "there": there, "first": first, "last": last}


def _rest(_w: Any) -> None:
    """Do nothing."""


def days_at_risk(of: Mapping[str, NDArray[Any]]) -> I64:
    """Days on which each person can die, by age band, shape (people, bands).

    The state of the evening before counts: from the day after somebody's first, to the day before pension.
    """
    first, last = int(of["first"]), int(of["last"])
    birth = of["birth_day"].astype(np.int64)
    inside = of["labour"] != Labour.OUTSIDE
    begins = np.where(inside, first, of["entry"]) + 1
    ends = np.minimum(last, pension_day(birth).astype(np.int64) - 1)
    spent = np.zeros((len(birth), 4), np.int64)
    for day in range(first + 1, last + 1):
        here = np.flatnonzero((begins <= day) & (day <= ends))
        spent[here, age_band_on(birth[here], day - 1)] += 1
    return spent


def of_ageing(seed: int, told: float = LIMITED) -> dict[str, float]:
    """Survivors by sex, health and age at the start, against the life table of their days."""
    seen = lives(seed)
    rates = np.array([list(of_sex.values()) for of_sex in RATES.values()])[seen["sex"]]
    hazard = (days_at_risk(seen) * rates).sum(axis=1) / YEAR
    hazard *= np.where(seen["limiting"] == 1, told, 1.0)
    dies = -np.expm1(-hazard)
    died = seen["died"] >= 0
    assert not died[hazard == 0].any()
    age = (seen["first"] - seen["birth_day"]) // (5 * YEAR)
    group = ((age - age.min()) * 2 + seen["sex"]) * 2 + seen["limiting"]
    group = group.astype(np.int64)
    observed, expected = np.bincount(group, died), np.bincount(group, dies)
    variance = np.bincount(group, dies * (1 - dies))
    one = seen["limiting"] == 1
    return {
        "survivors by group": increments_p(observed, expected, variance),
        "limited": increments_p(
            [died[one].sum()], [dies[one].sum()], [(dies * (1 - dies))[one].sum()]
        ),
        "not limited": increments_p(
            [died[~one].sum()], [dies[~one].sum()], [(dies * (1 - dies))[~one].sum()]
        ),
    }
