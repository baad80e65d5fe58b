"""A run at small scale is a small sample of a big one: fractions of a place are carried over, not lost.

WorkWell and the assessment have more people in line than they can serve everywhere, with as many places a
head in every area. At 1 in 1,000 an area has a place or so and a decision every few months; at 1 in 100 ten
times as many; at 1 in 20 the smallest area has some twenty places. Starts per head, waits, what support does
and decisions per head must agree. All is counted after a first year, in which places fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.arms import Arm
from sim.core.engine import conduct
from sim.model import ensemble
from sim.pathway.assessment import decisions_a_day
from sim.pathway.person import YEAR
from sim.people import read_areas
from sim.scenario import override
from sim.states import Labour
from sim.support.workwell import places
from tests.library import library
from tests.pathway.lives import log_of

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

FAMILY_WISE_ERROR: Final = 0.001
"""Chance that a model without any effect of scale fails a test of this file."""
LIMIT: Final = FAMILY_WISE_ERROR / 6
"""Starts, waits and jobs kept, at two pairs of scales each."""


def residents(code: str) -> int:
    """People of an area."""
    here = read_areas()
    return int(here.residents[here.code.index(code)].sum())


DAYS: Final = 365
KEPT_DAYS: Final = 56
COACHES_PER_HEAD: Final = 3e-5
ENGLAND: Final = tuple(code for code in read_areas().code if code.startswith("E"))
ONE: Final = (min(ENGLAND, key=residents),)
PAIRS: Final = {
    "England": ((0.001, ENGLAND, (1, 2, 3)), (0.01, ENGLAND[::5], (1,))),
    "one area": ((0.01, ONE, tuple(range(1, 9))), (0.05, ONE, (1, 2))),
}
"""Two scales each: scale, areas, seeds. Areas differ in who starts, so one area is compared with itself."""

CROWDED: Final = {
    "workwell.self_rate": {"in_work": 0.1, "out_of_work": 0.2},
    "workwell.patience_days": {"distribution": "expon", "scale": 1000},
    "workwell.take_up_share": 1,
    "workwell.job_loss_hazard_ratio": 0.2,
    "workwell.site_effect_sd": 0,
    "job_loss.hazard_ratio": 10,
    "assessment.decisions_per_month": 10_000,
}
"""Far more people than places, who wait patiently, lose jobs easily, and are helped much to keep them."""


@dataclass
class Area:
    """The second year of one area at one scale with one seed."""

    places: float
    starts: int
    waits: F64
    capacity: float
    decisions: int
    kept_job: NDArray[np.bool_]
    kept_job_without: NDArray[np.bool_]


Runs = dict[str, tuple[list[Area], list[Area]]]


@pytest.fixture(scope="module")
def runs() -> Runs:
    """All areas and seeds of both scales of each pair."""
    return {name: (second_year(*one), second_year(*other)) for name, (one, other) in PAIRS.items()}


def second_year(scale: float, areas: tuple[str, ...], seeds: tuple[int, ...]) -> list[Area]:
    """Run two years without a warm-up, all seeds side by side, and count the second by seed and area."""
    base = library("baseline").model_copy(
        update={"scale": scale, "years": 2, "warm_up_years": 0.0, "areas": areas}
    )
    coaches = {code: COACHES_PER_HEAD * residents(code) for code in areas}
    scenario = override(base, CROWDED | {"workwell.coaches": coaches})
    world = ensemble([Arm(scenario, seed) for seed in seeds], areas, None)
    first = world.day + DAYS
    conduct(world, first)
    at_work = np.flatnonzero(world.people["labour"] == Labour.IN_WORK)
    conduct(world, first + DAYS)
    log = log_of(world)
    late = log[log["day"] > first]
    starts, decisions = (late[late["event"] == e] for e in ("workwell_start", "wca_decision"))
    waits = days_waited(log, starts)
    helped = starts[(starts["detail"] == 0) & (starts["day"] <= world.day - KEPT_DAYS)]
    kept = ~loses_job(log, helped["person"].to_numpy(), helped["day"].to_numpy())
    kept_without = ~loses_job(log, at_work, np.full(len(at_work), first))
    place = world.place_of(np.arange(len(world.keys)))
    open_places, daily = places(world), decisions_a_day(world)
    return [
        Area(
            places=float(open_places[here]),
            starts=int((place[starts["person"]] == here).sum()),
            waits=waits[place[starts["person"]] == here].astype(float),
            capacity=float(daily[here]) * DAYS,
            decisions=int((place[decisions["person"]] == here).sum()),
            kept_job=kept[place[helped["person"]] == here],
            kept_job_without=kept_without[place[at_work] == here],
        )
        for here in np.unique(place)
    ]


def days_waited(log: pd.DataFrame, starts: pd.DataFrame) -> I64:
    """Days from the referral to the start; starts are in the order of days."""
    referred = log.loc[log["event"] == "workwell_referral", ["person", "day"]]
    referred = referred.rename(columns={"day": "since"})
    matched = pd.merge_asof(starts, referred, left_on="day", right_on="since", by="person")
    return (matched["day"] - matched["since"]).to_numpy()


def loses_job(log: pd.DataFrame, person: I64, since: I64) -> NDArray[np.bool_]:
    """Who loses or leaves a job within eight weeks of a day."""
    losses = log[log["event"].isin(["job_loss", "left_work_sick"])]
    first_after = pd.merge_asof(
        pd.DataFrame({"person": person, "since": since}).sort_values("since"),
        losses[["person", "day"]].rename(columns={"day": "lost"}).sort_values("lost"),
        left_on="since",
        right_on="lost",
        by="person",
        direction="forward",
        allow_exact_matches=False,
    )
    lost = first_after["lost"] - first_after["since"] <= KEPT_DAYS
    order = np.argsort(since, kind="stable")
    back = np.empty(len(order), bool)
    back[order] = lost.to_numpy()
    return back


def everywhere(runs: Runs) -> list[Area]:
    """All areas of all runs."""
    return [area for pair in runs.values() for areas in pair for area in areas]


def total(areas: list[Area], name: str) -> float:
    """The sum of a number over areas and seeds."""
    return float(sum(getattr(area, name) for area in areas))


# ---- Places -------------------------------------------------------------------------------------


def test_the_runs_are_crowded_and_hold_fractions_of_a_place(runs: Runs) -> None:
    small = np.array([area.places for area in runs["England"][0]])
    assert (small < 1).mean() > 0.2
    assert np.median(small % 1) > 0.2
    assert min(area.places for area in runs["England"][1]) > 5
    waits = np.concatenate([area.waits for area in everywhere(runs)])
    assert waits.min() > 90


@pytest.mark.parametrize("pair", PAIRS)
def test_starts_per_place_do_not_depend_on_scale(runs: Runs, pair: str) -> None:
    """Two counts, given their sum; starts vary less than Poisson counts, so the test errs on the safe side."""
    one, other = runs[pair]
    counts = [int(total(areas, "starts")) for areas in (one, other)]
    share = total(one, "places") / (total(one, "places") + total(other, "places"))
    assert stats.binomtest(counts[0], sum(counts), share).pvalue > LIMIT


def test_starts_are_as_many_as_places_and_the_length_of_support_allow(
    runs: Runs,
) -> None:
    """A place turns over once in a mean stay: planned days cut short by drop-out, at every scale."""
    parameters = library("baseline").parameters
    rate = float(parameters["workwell.drop_out_rate"].dated()[0][1]) / YEAR
    stays = {}
    for status in ("in_work", "out_of_work"):
        days = float(parameters[f"workwell.support_days_{status}"].dated()[0][1])
        stays[status] = (1 - np.exp(-rate * days)) / rate
    for areas in (areas for pair in runs.values() for areas in pair):
        per_place = total(areas, "starts") / total(areas, "places")
        # In between the two lengths of support, whoever comes.
        assert DAYS / stays["out_of_work"] < per_place < DAYS / stays["in_work"]


@pytest.mark.parametrize("pair", PAIRS)
def test_waits_do_not_depend_on_scale(runs: Runs, pair: str) -> None:
    """Mean waits of starters, with errors that allow for one line an area."""
    mean, error = np.transpose([mean_wait(areas) for areas in runs[pair]])
    z = (mean[0] - mean[1]) / np.hypot(*error)
    assert 2 * stats.norm.sf(abs(z)) > LIMIT
    # The test can see a difference of a third.
    assert np.hypot(*error) * stats.norm.isf(LIMIT / 2) < mean[1] / 3


def mean_wait(areas: list[Area]) -> tuple[float, float]:
    """Mean wait over starters and its standard error, between areas.

    Waits grow evenly over the year; a few areas alone have four quarters each that stray from that line.
    """
    groups = [area.waits for area in areas if len(area.waits)]
    everybody = np.concatenate(groups)
    mean = float(everybody.mean())
    if len(groups) < 5:
        orders = [np.arange(len(group)) for group in groups]
        astray = [
            group - np.polyval(np.polyfit(order, group, 1), order)
            for group, order in zip(groups, orders, strict=True)
        ]
        return mean, float(np.concatenate(astray).std(ddof=2) / np.sqrt(4 * len(groups)))
    sums = np.array([(group - mean).sum() for group in groups])
    return mean, float(np.sqrt((sums**2).sum() * len(groups) / (len(groups) - 1)) / len(everybody))


# ---- What support does --------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS)
def test_support_keeps_people_in_work_as_well_at_every_scale(runs: Runs, pair: str) -> None:
    table = []
    for areas in runs[pair]:
        kept = np.concatenate([area.kept_job for area in areas])
        table.append([int(kept.sum()), int((~kept).sum())])
    assert stats.fisher_exact(table).pvalue > LIMIT


def test_support_keeps_people_in_work_at_all(runs: Runs) -> None:
    kept, without = (
        np.concatenate([getattr(area, name) for area in everywhere(runs)])
        for name in ("kept_job", "kept_job_without")
    )
    assert len(kept) > 150
    assert (~kept).mean() < 0.6 * (~without).mean()


# ---- Decisions ----------------------------------------------------------------------------------


def test_each_area_decides_as_many_cases_as_its_capacity_to_within_one(
    runs: Runs,
) -> None:
    for area in everywhere(runs):
        assert abs(area.decisions - area.capacity) <= 1 + area.capacity / DAYS + 1e-9


def test_decisions_per_head_do_not_depend_on_scale(runs: Runs) -> None:
    """Rounding in each area is no loss: over all areas it evens out."""
    for areas in (areas for pair in runs.values() for areas in pair):
        spread = np.sqrt(len(areas) / 6)
        difference = total(areas, "decisions") - total(areas, "capacity")
        assert abs(difference) < 4 * spread + 1
