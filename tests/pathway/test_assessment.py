"""The Work Capability Assessment: referral, the wait, the decision, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.world import World
from sim.pathway import assessment, claims
from sim.pathway.assessment import AWARD, FIRST, ORDERS, OUTCOMES, REPEAT
from sim.pathway.person import YEAR
from sim.scenario import override
from sim.states import Benefit, Labour
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    day_by_day,
    expected,
    live,
    log_of,
    rate_p,
    share_p,
    shares_p,
    small,
    some,
    variant,
    worth,
)

I64 = NDArray[np.int64]

LIMIT = FAMILY_WISE_ERROR / 7
"""Outcomes of first and repeat assessments, reconsidered and searching shares, three rates."""
FIT, LCW, LCWRA = range(len(OUTCOMES))
REFERRAL_DAY, QUESTIONNAIRE = 29, 28


@pytest.fixture(scope="module")
def crowd(start: World) -> Lives:
    """Ten months with many more health claims than there are assessors for."""
    many = {"claims.other_inactive_health_claim_rate": {"no": 0.4, "yes": 1.0}}
    watch = ("labour", "benefit", "wca_since", "wca_ticket")
    return live(variant(start, override(small(), many)), 300, watch)


@pytest.fixture(scope="module")
def quick(start: World) -> Lives:
    """Four months with assessors for everybody, half of whose decisions are soon reconsidered."""
    soon = {
        "claims.other_inactive_health_claim_rate": {"no": 0.4, "yes": 1.0},
        "assessment.decisions_per_month": 500_000,
        "assessment.outcome_first": {"fit": 0.5, "lcw": 0.5, "lcwra": 0},
        "assessment.reconsideration_share": 0.5,
        "assessment.reconsideration_days": 20,
    }
    return live(variant(start, override(small(), soon)), 120, ("benefit", "labour"))


# ---- Referral and wait --------------------------------------------------------------------------


def test_the_referral_is_on_day_29_of_the_claim(crowd: Lives) -> None:
    referred = crowd.events("wca_referral")
    referred = referred[referred["detail"] == FIRST]
    days = []
    for day, person in referred[["day", "person"]].to_numpy():
        noted = crowd.evening["benefit"][: day - crowd.first, person] == Benefit.UC_FIT_NOTE
        if not noted.all():
            days.append(int(np.argmin(noted[::-1])) + 1)
    assert len(days) > 300
    assert set(days) == {REFERRAL_DAY}


def test_whoever_stays_on_the_claim_is_referred(crowd: Lives) -> None:
    """Nobody is on UC with a fit note for more than 28 evenings without a referral."""
    noted = crowd.evening["benefit"] == Benefit.UC_FIT_NOTE
    referred = crowd.events("wca_referral")
    when = set(zip(referred["day"], referred["person"], strict=True))
    begins = np.argwhere(noted[1:-REFERRAL_DAY] & ~noted[: -REFERRAL_DAY - 1])
    stays = 0
    for evening, person in begins:
        if noted[evening + 1 : evening + 1 + REFERRAL_DAY, person].all():
            stays += 1
            assert (crowd.first + evening + REFERRAL_DAY, person) in when
    assert stays > 300


def test_no_decision_before_28_days_after_the_referral_nor_for_who_has_left(crowd: Lives) -> None:
    """Every first decision ends an unbroken claim with one referral; nobody else has one."""
    log = crowd.log[crowd.log["event"].isin(["wca_referral", "wca_decision"])]
    waited = []
    for person, mine in log.groupby("person"):
        asked = None
        for day, event, detail in mine[["day", "event", "detail"]].to_numpy():
            if event == "wca_referral":
                asked = (day, detail)
            elif detail < len(OUTCOMES) and asked is not None:
                assert asked[1] == FIRST
                waited.append(day - asked[0])
                span = slice(asked[0] - crowd.first, day - crowd.first)
                assert (crowd.evening["benefit"][span, person] == Benefit.UC_FIT_NOTE).all()
                asked = None
    assert len(waited) > 50
    assert min(waited) >= QUESTIONNAIRE


def test_where_nobody_waits_the_decision_is_on_the_28th_day_after_the_referral(
    quick: Lives,
) -> None:
    made = quick.events("wca_decision")
    made = made[(made["detail"] < len(OUTCOMES)) & (made["day"] > quick.first + 60)]
    referred = quick.events("wca_referral")
    asked = referred[referred["detail"] == FIRST].drop_duplicates("person", keep=False)
    days = made.merge(asked, on="person", suffixes=("", "_asked")).eval("day - day_asked")
    assert len(days) > 50
    assert (days >= QUESTIONNAIRE).all()
    assert (days == QUESTIONNAIRE).mean() > 0.9


def test_only_people_with_a_reason_stand_in_line(crowd: Lives) -> None:
    waiting = crowd.evening["wca_ticket"] >= 0
    benefit = crowd.evening["benefit"][waiting]
    assert len(benefit) > 10_000
    assert np.isin(benefit, (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA)).all()


def test_who_came_first_is_assessed_first(crowd: Lives) -> None:
    """In each area people are decided on in the order in which they joined, first or repeat."""
    made = crowd.events("wca_decision")
    since = crowd.at("wca_since", made)
    area = crowd.world.people["area"][made["person"]]
    assert {int(d) // len(OUTCOMES) for d in made["detail"]} == set(range(len(ORDERS)))
    for place in np.unique(area):
        here = area == place
        day, joined = made["day"].to_numpy()[here], since[here]
        days = np.unique(day)
        earliest = np.array([joined[day == d].min() for d in days])
        latest = np.array([joined[day == d].max() for d in days])
        assert len(days) > 5
        assert (latest[:-1] <= earliest[1:]).all()


def test_assessors_decide_as_many_cases_as_they_can_and_no_more(crowd: Lives) -> None:
    """With a line everywhere, decisions keep within one case of capacity in every area."""
    w = crowd.world
    daily = assessment.decisions_a_day(w)
    made = crowd.events("wca_decision")
    area = w.people["area"][made["person"]]
    for place in np.unique(w.people["area"]):
        days = made["day"].to_numpy()[area == place] - crowd.first - 1
        so_far = np.cumsum(np.bincount(days, minlength=crowd.days))
        ahead = np.concatenate([[0.0], so_far - daily[place] * np.arange(1, crowd.days + 1)])
        # Between any two evenings: at most one case more than the days in between allow.
        most = (ahead - np.minimum.accumulate(ahead)).max()
        least = (np.maximum.accumulate(ahead) - ahead).max()
        assert most <= 1 + daily[place] + 1e-9
        assert least <= 1 + 1e-9


def test_capacity_is_england_s_by_fit_notes(start: World) -> None:
    w = start
    daily = assessment.decisions_a_day(w)
    monthly = float(worth(w, "assessment.decisions_per_month"))
    england = daily[: w.areas][w.facts["area_share"] > 0]
    scale = float(w.facts["scale"])
    assert england.sum() * YEAR / 12 / scale == pytest.approx(monthly, rel=0.1)


# ---- Decisions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [FIRST, REPEAT])
def test_outcomes_are_as_often_as_published(start: World, order: int) -> None:
    world = variant(start, small())
    benefit = Benefit.LCW if order == REPEAT else Benefit.UC_FIT_NOTE
    ids = some(world, Labour.SICK_INACTIVE, benefit, 4_000)
    assessment.decide(world, ids)
    detail = log_of(world).query("event == 'wca_decision'")["detail"].to_numpy()
    counts = np.bincount(detail - order * len(OUTCOMES), minlength=len(OUTCOMES))
    shares = worth(world, f"assessment.outcome_{ORDERS[order]}")
    assert shares_p(counts, shares) > LIMIT
    after = world.people["benefit"][ids]
    np.testing.assert_array_equal([(after == b).sum() for b in AWARD], counts)


def test_a_change_of_outcomes_moves_only_those_between(start: World) -> None:
    """With fewer LCWRA outcomes nobody gets a better one than before: luck is the same."""
    after = []
    for shares in (
        {"fit": 0.17, "lcw": 0.17, "lcwra": 0.66},
        {"fit": 0.2, "lcw": 0.34, "lcwra": 0.46},
    ):
        world = variant(start, override(small(), {"assessment.outcome_first": shares}))
        ids = some(world, Labour.SICK_INACTIVE, Benefit.UC_FIT_NOTE, 2_000)
        assessment.decide(world, ids)
        after.append(np.searchsorted(AWARD, world.people["benefit"][ids]))
    assert (after[1] <= after[0]).all()
    assert (after[1] < after[0]).mean() == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(
    ("labour", "outcome", "labour_after", "benefit_after"),
    [
        (Labour.SEARCHING, LCWRA, {Labour.SICK_INACTIVE}, Benefit.LCWRA),
        (Labour.SEARCHING, LCW, {Labour.SEARCHING}, Benefit.LCW),
        (Labour.OTHER_INACTIVE, FIT, {Labour.SEARCHING}, Benefit.UC_SEARCH),
        (Labour.SICK_INACTIVE, FIT, {Labour.SEARCHING, Labour.SICK_INACTIVE}, Benefit.UC_SEARCH),
        (Labour.IN_WORK, LCWRA, {Labour.IN_WORK}, Benefit.LCWRA),
    ],
)
def test_what_a_decision_means_for_work_and_benefit(
    start: World, labour: int, outcome: int, labour_after: set[int], benefit_after: int
) -> None:
    world = variant(start, small())
    ids = some(world, labour, Benefit.UC_FIT_NOTE, 300)
    assessment.award(world, ids, np.full(len(ids), AWARD[outcome]))
    assert set(world.people["labour"][ids].tolist()) == {int(x) for x in labour_after}
    assert (world.people["benefit"][ids] == benefit_after).all()
    if len(labour_after) == 2:
        share = float(worth(world, "assessment.fit_searches_share"))
        searches = (world.people["labour"][ids] == Labour.SEARCHING).sum()
        assert share_p(searches, len(ids), share) > LIMIT


@pytest.mark.parametrize("labour", [Labour.IN_WORK, Labour.OFF_SICK])
def test_people_found_fit_in_work_come_into_the_regime_of_their_earnings(
    start: World, labour: int
) -> None:
    world = variant(start, small())
    ids = some(world, labour, Benefit.UC_FIT_NOTE, 300)
    assessment.award(world, ids, np.full(len(ids), AWARD[FIT]))
    assert (world.people["labour"][ids] == labour).all()
    regime = claims.in_work_regime(world, ids)
    np.testing.assert_array_equal(world.people["benefit"][ids], regime)
    assert set(regime.tolist()) == {Benefit.UC_SEARCH, Benefit.UC_LIGHT}


def test_nobody_on_lcwra_ever_searches(year: Lives, crowd: Lives) -> None:
    for lives in (year, crowd):
        on = lives.evening["benefit"] == Benefit.LCWRA
        assert on.sum() > 10_000
        assert (lives.evening["labour"][on] != Labour.SEARCHING).all()


# ---- Reconsideration ----------------------------------------------------------------------------


def test_some_fit_and_lcw_decisions_are_reconsidered_and_no_others(start: World) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SICK_INACTIVE, Benefit.UC_FIT_NOTE, 5_000)
    assessment.decide(world, ids)
    asks = world.due["reconsideration"][ids] != NEVER
    lower = world.people["benefit"][ids] != Benefit.LCWRA
    assert not (asks & ~lower).any()
    share = float(worth(world, "assessment.reconsideration_share"))
    assert share_p(asks.sum(), lower.sum(), share) > LIMIT
    days = int(worth(world, "assessment.reconsideration_days"))
    assert (world.due["reconsideration"][ids[asks]] == world.day + days).all()


def test_a_reconsidered_decision_becomes_lcwra_unless_the_claim_has_changed(start: World) -> None:
    world = variant(start, small())
    groups = [
        some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 10),
        some(world, Labour.SICK_INACTIVE, Benefit.LCW, 10),
        some(world, Labour.IN_WORK, Benefit.UC_LIGHT, 10),
        some(world, Labour.SEARCHING, Benefit.NONE, 10),
    ]
    world.set_due("reconsideration", np.sort(np.concatenate(groups)), world.day + 1)
    live(world, 1, ())
    after = [set(world.people["benefit"][ids].tolist()) for ids in groups]
    lcwra = {int(Benefit.LCWRA)}
    assert after[:2] == [lcwra, lcwra]
    assert not (after[2] | after[3]) & lcwra


def test_reconsiderations_in_the_model_follow_a_decision(start: World, quick: Lives) -> None:
    changed = quick.events("reconsideration")
    changed = changed[start.due["reconsideration"][changed["person"]] == NEVER]
    decided = quick.events("wca_decision")
    decided = decided[decided["detail"] != LCWRA]
    when = set(zip(decided["day"], decided["person"], strict=True))
    assert len(changed) > 30
    assert all((day - 20, who) in when for day, who in changed[["day", "person"]].to_numpy())
    assert (quick.at("benefit", changed) == Benefit.LCWRA).mean() > 0.97


# ---- Reassessment -------------------------------------------------------------------------------


@pytest.mark.parametrize(("group", "benefit"), [(0, Benefit.LCW), (1, Benefit.LCWRA)])
def test_awards_are_reassessed_at_the_rate_of_their_group(
    start: World, group: int, benefit: int
) -> None:
    rates = {"lcw": 1.5, "lcwra": 0.4}
    scenario = override(small(), {"assessment.reassessment_rate": rates})
    lives = live(variant(start, scenario), 60, ("benefit", "wca_ticket"))
    called = lives.events("wca_referral")
    called = called[called["detail"] == REPEAT]
    called = called[lives.at("benefit", called, before=1) == benefit]
    e = {name: column[:-1] for name, column in lives.evening.items()}
    idle = (e["benefit"] == benefit) & (e["wca_ticket"] < 0)
    assert len(called) > 15
    assert rate_p(len(called), expected(idle * list(rates.values())[group])) > LIMIT


def test_reassessments_become_rarer_in_2025(year: Lives) -> None:
    rates = day_by_day(year, "assessment.reassessment_rate")
    e = {name: column[:-1] for name, column in year.evening.items()}
    idle = e["wca_ticket"] < 0
    rate = sum(
        idle * (e["benefit"] == benefit) * rates[:, group, None]
        for group, benefit in enumerate((Benefit.LCW, Benefit.LCWRA))
    )
    called = (year.events("wca_referral")["detail"] == REPEAT).sum()
    assert rate_p(called, expected(np.asarray(rate))) > LIMIT
    assert (rates[-1] < rates[0]).all()


def test_nobody_joins_the_line_twice(crowd: Lives) -> None:
    w = crowd.world
    assert w.services["wca"].lines.waiting.sum() == (w.people["wca_ticket"] >= 0).sum()
    called = crowd.events("wca_referral")
    again = called[called["detail"] == REPEAT]
    assert (crowd.at("wca_ticket", again, before=1) < 0).all()
