"""Job loss: the split of absences into going back and leaving, and jobs left for other reasons."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.core.clocks import cumulative_hazard
from sim.core.dates import NEVER
from sim.core.world import World
from sim.model import spell_clocks
from sim.pathway import return_to_work
from sim.pathway.job_loss import (
    AFTER_SICKNESS,
    TENURE_EDGES,
    leave,
    split_absence,
)
from sim.pathway.person import move
from sim.pathway.sickness import fall_ill
from sim.scenario import load_scenario, override
from sim.states import Benefit, Labour
from sim.support import programmes, workwell
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    bench,
    expected,
    lengths,
    live,
    rate_p,
    share_p,
    shares_p,
    small,
    variant,
    worth,
)

F64 = NDArray[np.float64]

LIMIT = FAMILY_WISE_ERROR / 13
"""Nine bands of length, one test of destinations, three of rates."""
BASELINE = load_scenario("baseline")
BANDS = BASELINE.parameters["job_loss.leaving_share"]
FROM_DAY = np.array([int(label.split("-")[0].rstrip("+")) * 7 for label in BANDS.labels[0]])
SHARES = BANDS.dated()[0][1]


# ---- The split of an absence --------------------------------------------------------------------


@given(
    hazards=st.lists(st.floats(0, 2), min_size=5, max_size=60),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=4),
    widths=st.lists(st.integers(1, 20), min_size=4, max_size=4),
)
def test_recovery_and_leaving_add_up_to_the_end_of_an_absence(
    hazards: list[float], shares: list[float], widths: list[int]
) -> None:
    total = np.concatenate([[0.0], np.cumsum(hazards)])[None, :]
    from_day = np.concatenate([[0], np.cumsum(widths)])[: len(shares)]
    recovery, leaving = split_absence(total, np.array(shares), from_day)
    np.testing.assert_allclose(recovery + leaving, total, atol=1e-9)
    assert (np.diff(recovery) >= 0).all()
    assert (np.diff(leaving) >= 0).all()
    day = np.arange(1, total.shape[1])
    band = (day[:, None] >= from_day).sum(axis=1) - 1
    for number, share in enumerate(shares):
        within = band == number
        np.testing.assert_allclose(
            np.diff(leaving)[0, within].sum(),
            share * np.diff(total)[0, within].sum(),
            atol=1e-9,
        )


def test_the_tables_of_the_model_add_up_to_the_published_lengths() -> None:
    clocks = spell_clocks(BASELINE)
    specs = BASELINE.parameters["sickness.duration"].hazard_specs()
    both = clocks["recovery"].table.cumulative + clocks["leaves_while_sick"].table.cumulative
    for cause, spec in enumerate(specs):
        np.testing.assert_allclose(both[cause], cumulative_hazard(spec), rtol=1e-9)


def competing(people: int, ratio: float = 1.0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Lengths of absences for mental health, and whether each ended in leaving; ties go back."""
    clocks = spell_clocks(BASELINE)
    on = bench(people, back=clocks["recovery"].table, leaves=clocks["leaves_while_sick"].table)
    back, leaves = lengths(on, "back", 1), lengths(on, "leaves", 1, ratio)
    return np.minimum(back, leaves), leaves < back


def test_completed_absences_end_in_leaving_as_often_as_published() -> None:
    """The two clocks, run against each other, give back the share of every band of length."""
    days, left = competing(100_000)
    band = np.searchsorted(FROM_DAY, days, side="right") - 1
    for number, share in enumerate(SHARES):
        ended = band == number
        assert ended.sum() > 300
        assert share_p(left[ended].sum(), ended.sum(), share) > LIMIT, BANDS.labels[0][number]


def test_a_ratio_on_leaving_works_against_recovery() -> None:
    """With twice the hazard a share s of ends becomes 2s of 1 + s."""
    days, left = competing(100_000, ratio=2.0)
    band = np.searchsorted(FROM_DAY, days, side="right") - 1
    last = band == len(SHARES) - 1
    wanted = 2 * SHARES[-1] / (1 + SHARES[-1])
    assert left[last].mean() == pytest.approx(wanted, abs=0.04)


# ---- Leaving while sick, in the model -----------------------------------------------------------


@pytest.fixture(scope="module")
def leavers(start: World) -> Lives:
    """Half a year in which people off sick leave ten times as often."""
    often = override(small(), {"job_loss.sick_leaving_hazard_ratio": 10})
    return live(variant(start, often), 183, ("labour", "benefit", "sick", "due/recovery"))


def test_whoever_leaves_while_sick_goes_where_the_shares_say(leavers: Lives) -> None:
    ends = leavers.events("left_work_sick")
    assert len(ends) > 110
    ends = ends[leavers.at("benefit", ends, before=1) != Benefit.LCWRA]
    to = leavers.at("labour", ends)
    counts = [(to == labour).sum() for labour in AFTER_SICKNESS]
    # Who finds a job or falls into another state on the very day is left out.
    assert sum(counts) > 0.98 * len(ends)
    shares = worth(leavers.world, "job_loss.after_sickness_destination")
    assert shares_p(counts, shares) > LIMIT


def test_nobody_on_lcwra_has_to_search_after_leaving(start: World) -> None:
    world = variant(start, small())
    ids = np.flatnonzero(
        (world.people["labour"] == Labour.IN_WORK) & (world.people["benefit"] == Benefit.NONE)
    )[:50]
    move(world, ids, benefit=Benefit.LCWRA)
    fall_ill(world, ids)
    leave(world, ids, np.full(len(ids), Labour.SEARCHING, np.uint8))
    assert (world.people["labour"][ids] == Labour.SICK_INACTIVE).all()
    assert (world.people["sick"][ids] == 0).all()
    assert (world.due["recovery"][ids] == NEVER).all()


def test_the_spell_goes_on_only_for_those_who_look_for_work(leavers: Lives) -> None:
    ends = leavers.events("left_work_sick")
    to, sick = leavers.at("labour", ends), leavers.at("sick", ends)
    recovery = leavers.at("due/recovery", ends)
    looks = to == Labour.SEARCHING
    assert looks.sum() > 30
    assert (sick[looks] > 0).all()
    assert (recovery[looks] != NEVER).all()
    inactive = np.isin(to, (Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE))
    assert (sick[inactive] == 0).all()
    assert (recovery[inactive] == NEVER).all()


def test_sick_pay_stops_with_the_job(leavers: Lives) -> None:
    ends = leavers.events("left_work_sick")
    paid = leavers.at("benefit", ends, before=1) == Benefit.SICK_PAY
    assert paid.sum() > 50
    assert (leavers.at("benefit", ends[paid]) != Benefit.SICK_PAY).all()


@pytest.mark.parametrize("support", [programmes, workwell])
def test_support_keeps_jobs_of_people_off_sick(
    start: World, support: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = variant(start, small())
    ids = np.flatnonzero(world.people["labour"] == Labour.OFF_SICK)
    without = return_to_work.leaving_ratio(world, ids)

    def halve(w: World, who: np.ndarray, on: str, ratio: np.ndarray) -> None:
        ratio *= 0.5

    monkeypatch.setattr(support, "multiply_effect", halve)
    np.testing.assert_allclose(return_to_work.leaving_ratio(world, ids), 0.5 * without)


def test_a_change_of_sick_pay_is_called_off_with_the_job(start: World) -> None:
    """Else an absence from the next job could bring sick pay to somebody who has no right to it."""
    world = variant(start, small())
    p = world.people
    ids = np.flatnonzero((p["labour"] == Labour.OFF_SICK) & (world.due["sick_pay"] != NEVER))[:20]
    assert len(ids) > 5
    leave(world, ids, np.full(len(ids), Labour.SEARCHING, np.uint8))
    assert (world.due["sick_pay"][ids] == NEVER).all()


def test_leaving_more_often_shortens_absences_and_nobody_returns_later(
    start: World, leavers: Lives
) -> None:
    usual = live(variant(start, small()), 183)
    assert len(leavers.events("left_work_sick")) > 4 * len(usual.events("left_work_sick"))
    off = [(x.evening["labour"] == Labour.OFF_SICK).sum() for x in (usual, leavers)]
    assert off[1] < off[0]


# ---- Leaving for other reasons ------------------------------------------------------------------


def own_rates(lives: Lives, to: int) -> F64:
    """Rates a year by the parameters alone, on the evening before each day."""
    e = {name: column[:-1] for name, column in lives.evening.items()}
    day = lives.first + np.arange(lives.days)[:, None]
    tenure = np.searchsorted(TENURE_EDGES, day - e["job_since"], side="right")
    rate = worth(lives.world, "job_loss.rate")[to][e["age_band"]]
    rate = rate * worth(lives.world, "job_loss.new_job_ratio")[tenure]
    rate *= np.where(e["limiting"] == 1, worth(lives.world, "job_loss.limiting_ratio"), 1.0)
    return np.where(e["labour"] <= Labour.OFF_SICK, rate, 0.0)


@pytest.mark.parametrize("to", [0, 1])
def test_jobs_are_lost_at_the_rates_of_age_tenure_and_health(year: Lives, to: int) -> None:
    lost = (year.events("job_loss")["detail"] == to).sum()
    assert lost > 150
    assert rate_p(lost, expected(own_rates(year, to))) > LIMIT


def test_new_jobs_are_lost_more_often(year: Lives) -> None:
    lost = year.events("job_loss")
    tenure = lost["day"].to_numpy() - year.at("job_since", lost, before=1)
    new = tenure < TENURE_EDGES[0]
    e = {name: column[:-1] for name, column in year.evening.items()}
    day = year.first + np.arange(year.days)[:, None]
    exposed = (day - e["job_since"] < TENURE_EDGES[0]) & (e["labour"] <= Labour.OFF_SICK)
    rate = own_rates(year, 0) + own_rates(year, 1)
    assert rate_p(new.sum(), expected(np.where(exposed, rate, 0.0))) > LIMIT
    ratio = worth(year.world, "job_loss.new_job_ratio")
    per_day = (
        new.sum() / exposed.sum(),
        (~new).sum() / ((e["labour"] <= Labour.OFF_SICK) & ~exposed).sum(),
    )
    assert per_day[0] > 0.5 * ratio[0] / ratio[2] * per_day[1]


def test_the_lever_multiplies_jobs_lost(start: World) -> None:
    none = live(variant(start, override(small(), {"job_loss.hazard_ratio": 0})), 60)
    assert not len(none.events("job_loss"))


def test_whoever_loses_a_job_is_where_the_loss_leads(year: Lives) -> None:
    lost = year.events("job_loss")
    to = year.at("labour", lost)
    wanted = np.array([Labour.SEARCHING, Labour.OTHER_INACTIVE])[lost["detail"]]
    lcwra = year.at("benefit", lost, before=1) == Benefit.LCWRA
    # Later on the same day a few find work again or take another step.
    assert (to[~lcwra] == wanted[~lcwra]).mean() > 0.98
    assert not (to == Labour.OFF_SICK).any()
