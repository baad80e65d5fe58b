"""Job search: who finds work and how soon, and who starts or stops looking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.world import World
from sim.pathway import job_search
from sim.pathway.job_search import SEARCH_EDGES
from sim.pathway.person import YEAR, set_cells
from sim.scenario import override
from sim.states import LABELS, Benefit, Labour
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    expected,
    live,
    rate_p,
    share_p,
    small,
    some,
    variant,
    worth,
)

F64 = NDArray[np.float64]

LIMIT = FAMILY_WISE_ERROR / 18
"""Job starts by search time (4), age (4) and of the long-term sick (2); seven flows; a share."""


def today(lives: Lives) -> dict[str, NDArray[Any]]:
    """Columns on the evening before each day."""
    return {name: column[:-1] for name, column in lives.evening.items()}


def offer_rates(lives: Lives) -> F64:
    """Rates a year of starting a job of those who search, by the parameters alone."""
    w, e = lives.world, today(lives)
    day = lives.first + 1 + np.arange(lives.days)[:, None]
    band = np.searchsorted(SEARCH_EDGES, day - e["labour_since"].astype(np.int64), side="right")
    rate = worth(w, "job_search.offer_rate")[band]
    rate = rate * health_ratios(lives)
    return np.where(e["labour"] == Labour.SEARCHING, rate, 0.0)


def health_ratios(lives: Lives) -> F64:
    """Ratios by condition, limit on work, illness, benefit and sanction."""
    w, e = lives.world, today(lives)
    ratio = worth(w, "job_search.condition_ratio")[e["condition"]]
    ratio = ratio * worth(w, "job_search.benefit_ratio")[e["benefit"]]
    for marked, name in (
        (e["limiting"] == 1, "job_search.limiting_ratio"),
        (e["sick"] > 0, "job_search.ill_ratio"),
        (e["sanctioned"], "conditionality.job_offer_hazard_ratio"),
    ):
        ratio = ratio * np.where(marked, worth(w, name), 1.0)
    return np.asarray(ratio)


def started(lives: Lives, labour: int) -> Any:
    """Job starts out of a state."""
    starts = lives.events("job_start")
    return starts[starts["detail"] == labour]


# ---- Finding work -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eager(start: World) -> Lives:
    """A year in which the long-term sick start to work as often as others do."""
    scenario = override(small(), {"job_search.sick_inactive_offer_rate": 0.4})
    return live(variant(start, scenario), 300, ("labour", "labour_since", "benefit", "limiting"))


@pytest.mark.parametrize("settled", [False, True])
def test_the_long_term_sick_find_work_at_a_constant_rate(eager: Lives, settled: bool) -> None:
    """Whatever their health or benefit, and however long they have been sick."""
    e = today(eager)
    sick = e["labour"] == Labour.SICK_INACTIVE
    day = eager.first + 1 + np.arange(eager.days)[:, None]
    mine = sick & ((day - e["labour_since"].astype(np.int64) > 3 * YEAR) == settled)
    starts = started(eager, Labour.SICK_INACTIVE)
    count = mine[starts["day"] - eager.first - 1, starts["person"]].sum()
    assert count > 40
    assert rate_p(count, expected(0.4 * mine)) > LIMIT


@pytest.mark.parametrize("band", range(len(SEARCH_EDGES) + 1))
def test_those_who_search_find_work_at_the_rate_of_their_months_of_search(
    year: Lives, band: int
) -> None:
    e = today(year)
    day = year.first + 1 + np.arange(year.days)[:, None]
    bands = np.searchsorted(SEARCH_EDGES, day - e["labour_since"].astype(np.int64), side="right")
    rate = np.where(bands == band, offer_rates(year), 0.0)
    starts = started(year, Labour.SEARCHING)
    count = (bands == band)[starts["day"] - year.first - 1, starts["person"]].sum()
    wanted = expected(rate)
    assert wanted > 10
    assert rate_p(count, wanted) > LIMIT


@pytest.mark.parametrize(
    ("days", "band"),
    [(1, 0), (90, 0), (91, 1), (182, 1), (183, 2), (364, 2), (365, 3), (2_000, 3)],
)
def test_jobs_come_less_often_after_three_six_and_twelve_months(
    start: World, days: int, band: int
) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 50)
    world.people["labour_since"][ids] = world.day
    at_first = world.hazard("job_offer", ids)
    world.people["labour_since"][ids] = world.day - days
    rates = worth(world, "job_search.offer_rate")
    assert len(set(rates)) == len(SEARCH_EDGES) + 1
    np.testing.assert_allclose(world.hazard("job_offer", ids), at_first * rates[band] / rates[0])


def test_a_sanction_and_an_award_change_how_often_jobs_are_found(start: World) -> None:
    values = {"conditionality.job_offer_hazard_ratio": 1.5, "job_search.award_hazard_ratio": 0.25}
    world = variant(start, override(small(), values))
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 50)
    free = world.hazard("job_offer", ids)
    world.people["sanctioned"][ids] = True
    np.testing.assert_allclose(world.hazard("job_offer", ids), 1.5 * free)
    for benefit in (Benefit.LCW, Benefit.LCWRA):
        awarded = some(world, Labour.SICK_INACTIVE, benefit, 20)
        sick = some(world, Labour.SICK_INACTIVE, Benefit.UC_FIT_NOTE, 20)
        found, without = (world.hazard("job_offer", who) for who in (awarded, sick))
        np.testing.assert_allclose(found, 0.25 * without)


@pytest.mark.parametrize("age", range(4))
def test_the_otherwise_inactive_find_work_at_the_rate_of_their_age(year: Lives, age: int) -> None:
    e = today(year)
    mine = (e["labour"] == Labour.OTHER_INACTIVE) & (e["age_band"] == age)
    rate = worth(year.world, "job_search.other_inactive_offer_rate")[age] * health_ratios(year)
    starts = started(year, Labour.OTHER_INACTIVE)
    count = (mine)[starts["day"] - year.first - 1, starts["person"]].sum()
    assert rate_p(count, expected(np.where(mine, rate, 0.0))) > LIMIT


def test_each_ratio_is_applied_once_and_only_to_those_it_is_for(start: World) -> None:
    world = variant(start, small())
    searching = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 400)
    sick = some(world, Labour.SICK_INACTIVE, Benefit.LCWRA, 400)
    p = world.people
    rate = {}
    for condition in range(len(LABELS["condition"])):
        for limiting in (0, 1):
            for ids in (searching, sick):
                p["condition"][ids], p["limiting"][ids], p["sick"][ids] = condition, limiting, 0
                p["age_band"][ids], p["labour_since"][ids] = 1, world.day
                set_cells(world, ids)
                rate[condition, limiting, ids[0]] = world.hazard("job_offer", ids)
    conditions = worth(world, "job_search.condition_ratio")
    limit = float(worth(world, "job_search.limiting_ratio"))
    base = rate[0, 0, searching[0]]
    benefit = worth(world, "job_search.benefit_ratio")[Benefit.UC_SEARCH]
    np.testing.assert_allclose(
        base, worth(world, "job_search.offer_rate")[0] * benefit / YEAR, rtol=1e-12
    )
    for (condition, limiting, who), found in rate.items():
        ratio = conditions[condition] * (limit if limiting else 1.0)
        expected_ratio = ratio if who == searching[0] else 1.0
        np.testing.assert_allclose(found, rate[0, 0, who] * expected_ratio, rtol=1e-12)


def test_the_bound_of_a_hazard_holds_for_the_whole_search(start: World) -> None:
    """What is looked up ahead is never below what the hazard will be in later months."""
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.NONE, 50)
    peak = world.hazard("job_offer", ids, peak=True)
    for later in (0, 60, 91, 183, 365, 2_000):
        world.people["labour_since"][ids] = world.day - later
        assert (world.hazard("job_offer", ids) <= peak * (1 + 1e-12)).all()


def test_the_lever_stops_all_job_starts(start: World) -> None:
    lives = live(variant(start, override(small(), {"job_search.hazard_ratio": 0})), 60, ())
    assert not len(lives.events("job_start"))


def test_whoever_starts_a_job_is_in_work_and_well(year: Lives) -> None:
    starts = year.events("job_start")
    assert len(starts) > 500
    assert (year.at("labour", starts, before=1) == starts["detail"]).mean() > 0.99
    after = year.at("labour", starts)
    assert np.isin(after, (Labour.IN_WORK, Labour.OFF_SICK)).mean() > 0.99
    at_work = after == Labour.IN_WORK
    assert (year.at("sick", starts)[at_work] == 0).all()
    np.testing.assert_array_equal(year.at("job_since", starts), starts["day"])


def test_a_new_job_ends_claims_and_spells_under_way(start: World) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.NONE, 30)
    p = world.people
    p["sick"][ids], p["notes_in_spell"][ids], p["may_be_fit"][ids] = 2, 1, True
    world.set_due("recovery", ids, world.day + 10)
    world.set_due("claim", ids, world.day + 5)
    job_search._start_work(world, ids)
    for clock in ("recovery", "claim"):
        assert (world.due[clock][ids] == NEVER).all()
    assert not (p["sick"][ids] | p["notes_in_spell"][ids]).any()
    assert not p["may_be_fit"][ids].any()
    assert (p["sick_ended"][ids] == world.day).all()


# ---- Looking, and not looking any more ----------------------------------------------------------


def flow(lives: Lives, of: int, to: int) -> int:
    """People in one state on an evening and in another on the next."""
    labour = lives.evening["labour"]
    return int(((labour[:-1] == of) & (labour[1:] == to)).sum())


def test_people_stop_looking_at_their_rate(year: Lives) -> None:
    rate = worth(year.world, "job_search.to_inactive_rate")[0, 0]
    searching = year.evening["labour"][:-1] == Labour.SEARCHING
    count = flow(year, Labour.SEARCHING, Labour.OTHER_INACTIVE)
    assert count > 200
    assert rate_p(count, expected(rate * searching)) > LIMIT


@pytest.mark.parametrize("too_ill", [False, True])
def test_the_inactive_start_to_look_seldom_if_sick_or_on_a_health_benefit(
    start: World, too_ill: bool
) -> None:
    rates = {"other_inactive": 0.5, "sick_inactive": 0.2}
    scenario = override(small(), {"job_search.search_rate": rates})
    lives = live(variant(start, scenario), 183, ("labour", "benefit"))
    labour, benefit = (lives.evening[name][:-1] for name in ("labour", "benefit"))
    ill = (labour == Labour.SICK_INACTIVE) | (benefit >= Benefit.UC_FIT_NOTE)
    inactive = np.isin(labour, (Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE))
    mine = inactive & (ill == too_ill)
    # A decision that finds a person fit for work can lead to search as well.
    decided = np.zeros_like(mine)
    made = lives.events("wca_decision")
    decided[made["day"] - lives.first - 1, made["person"]] = True
    began = mine & (lives.evening["labour"][1:] == Labour.SEARCHING) & ~decided
    assert began.sum() > 50
    assert rate_p(began.sum(), expected(mine * (0.2 if too_ill else 0.5))) > LIMIT


def test_the_long_term_sick_become_otherwise_inactive_at_their_rate(year: Lives) -> None:
    rate = float(worth(year.world, "job_search.sick_to_other_rate"))
    there = year.evening["labour"][:-1] == Labour.SICK_INACTIVE
    count = flow(year, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)
    # Those whose health no longer limits their work come on top.
    better = year.events("health_improves")
    was = year.at("labour", better, before=1) == Labour.SICK_INACTIVE
    now = year.at("labour", better) == Labour.OTHER_INACTIVE
    count -= int((was & now & (better["detail"] == 1)).sum())
    assert count > 20
    assert rate_p(count, expected(rate * there)) > LIMIT


@pytest.mark.parametrize("limiting", [0, 1])
def test_the_otherwise_inactive_become_long_term_sick_at_the_rate_of_their_health(
    start: World, limiting: int
) -> None:
    rates = {"no": 0.2, "yes": 1.0}
    scenario = override(small(), {"job_search.become_sick_inactive_rate": rates})
    lives = live(variant(start, scenario), 60, ("labour", "limiting", "benefit"))
    e, w = today(lives), lives.world
    mine = (e["labour"] == Labour.OTHER_INACTIVE) & (e["limiting"] == limiting)
    area = w.facts["area_note_ratio"][w.people["area"]] ** worth(w, "claims.area_exponent")
    became = lives.events("becomes_long_term_sick")
    became = became[became["detail"] == Labour.OTHER_INACTIVE]
    count = mine[became["day"] - lives.first - 1, became["person"]].sum()
    assert count > 20
    assert rate_p(count, expected(mine * area * rates["yes" if limiting else "no"])) > LIMIT


def test_searchers_become_long_term_sick_at_their_rate(start: World) -> None:
    rates = {"searching": {"other_inactive": 1.3, "sick_inactive": 1.0}}
    scenario = override(small(), {"job_search.to_inactive_rate": rates})
    lives = live(variant(start, scenario), 120, ("labour",))
    w = lives.world
    area = w.facts["area_note_ratio"][w.people["area"]] ** worth(w, "claims.area_exponent")
    became = lives.events("becomes_long_term_sick")
    count = (became["detail"] == Labour.SEARCHING).sum()
    searching = lives.evening["labour"][:-1] == Labour.SEARCHING
    assert count > 30
    assert rate_p(count, expected(searching * area)) > LIMIT


@pytest.mark.parametrize(
    ("labour", "before", "after"),
    [
        (Labour.OTHER_INACTIVE, Benefit.UC_LIGHT, Benefit.UC_SEARCH),
        (Labour.SICK_INACTIVE, Benefit.LCWRA, Benefit.UC_SEARCH),
        (Labour.SICK_INACTIVE, Benefit.LCW, Benefit.LCW),
        (Labour.SICK_INACTIVE, Benefit.ESA, Benefit.NONE),
        (Labour.OTHER_INACTIVE, Benefit.NONE, Benefit.NONE),
    ],
)
def test_the_benefit_follows_when_people_start_to_look(
    start: World, labour: int, before: int, after: int
) -> None:
    world = variant(start, small())
    ids = some(world, labour, before, 20)
    world.people["claims_considered"][ids] = 0
    job_search._search(world, ids)
    assert (world.people["labour"][ids] == Labour.SEARCHING).all()
    assert (world.people["benefit"][ids] == after).all()
    thinks = world.people["claims_considered"][ids] == 1
    assert thinks.all() == (after == Benefit.NONE)


def test_a_share_of_claimants_stays_on_uc_when_they_stop_looking(start: World) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 2_000)
    job_search._stop(world, ids)
    benefit = world.people["benefit"][ids]
    assert set(benefit.tolist()) == {int(Benefit.UC_LIGHT), int(Benefit.NONE)}
    share = float(worth(world, "claims.inactive_uc_share"))
    assert share_p((benefit == Benefit.UC_LIGHT).sum(), len(ids), share) > LIMIT
