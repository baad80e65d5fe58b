"""Conditionality: who is sanctioned, for how long, and when a claim is closed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.core.dates import NEVER
from sim.core.world import World
from sim.model import spell_clocks
from sim.pathway import conditionality
from sim.pathway.conditionality import DISENGAGED, LENGTH_BANDS, LENGTH_EDGES, REASONS, USUAL
from sim.pathway.person import move
from sim.scenario import override
from sim.states import Benefit, Labour
from tests.library import library
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    bench,
    expected,
    lengths,
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

LIMIT = FAMILY_WISE_ERROR / 12
"""Three rates, four shares, two tables tested twice each, and lengths in the model."""
REVIEW = 183
AFTER_REVIEW, GIVEN_UP = 0, 1


MANY = {"conditionality.missed_share": 0.15}
"""Five times as many missed appointments as usual."""


@pytest.fixture(scope="module")
def strict(start: World) -> Lives:
    """A year in which many appointments are missed."""
    scenario = override(small(), MANY)
    watch = ("labour", "benefit", "sanctioned", "age_band", "sanction_group", "sanction_start")
    return live(variant(start, scenario), 365, watch)


# ---- Who is sanctioned --------------------------------------------------------------------------


def test_only_people_who_must_search_are_sanctioned_and_only_while_they_must(
    year: Lives, strict: Lives
) -> None:
    for lives in (year, strict):
        sanctioned = lives.evening["sanctioned"]
        assert sanctioned.sum() > 1_000
        assert (lives.evening["benefit"][sanctioned] == Benefit.UC_SEARCH).all()


@pytest.mark.parametrize("sex", [0, 1])
def test_appointments_are_missed_at_the_rate_by_sex_and_age(strict: Lives, sex: int) -> None:
    w = strict.world
    missed = strict.events("missed_appointment")
    e = {name: column[:-1] for name, column in strict.evening.items()}
    exposed = (e["benefit"] == Benefit.UC_SEARCH) & ~e["sanctioned"]
    rate = 12 * worth(w, "conditionality.appointments_per_month")[0] * 0.15
    rate *= worth(w, "conditionality.sanction_sex_ratio")[sex]
    by_age = rate * worth(w, "conditionality.sanction_age_ratio")[e["age_band"]]
    mine = w.people["sex"] == sex
    count = mine[missed["person"]].sum()
    assert count > 60
    assert rate_p(count, expected(exposed * mine * by_age)) > LIMIT


def test_a_share_of_missed_appointments_ends_in_a_sanction(strict: Lives) -> None:
    missed = len(strict.events("missed_appointment"))
    share = float(worth(strict.world, "conditionality.decision_share"))
    assert share_p(len(strict.events("sanction")), missed, share) > LIMIT


def test_a_decision_for_every_missed_appointment_or_for_none(start: World) -> None:
    for share in (0, 1):
        values = MANY | {"conditionality.decision_share": share}
        lives = live(variant(start, override(small(), values)), 60, ())
        missed = lives.events("missed_appointment")
        assert len(missed) > 20
        assert len(lives.events("sanction")) == share * len(missed)


def test_nobody_is_sanctioned_twice_at_once(strict: Lives) -> None:
    made = strict.events("sanction")
    assert not strict.at("sanctioned", made, before=1).any()
    # A few stay for no evening: the review of their claim, or a job, is on the same day.
    assert strict.at("sanctioned", made).mean() > 0.99


def test_reasons_are_as_often_as_published(start: World) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 5_000)
    conditionality.sanction(world, ids)
    counts = np.bincount(log_of(world)["detail"], minlength=len(REASONS))
    assert shares_p(counts, worth(world, "conditionality.reason_share")) > LIMIT
    stays_away = world.people["sanction_group"][ids] == DISENGAGED
    share = float(worth(world, "conditionality.disengaged_share"))
    assert share_p(stays_away.sum(), len(ids), share) > LIMIT


def test_exempt_people_are_never_sanctioned(start: World) -> None:
    exempt = {
        **MANY,
        "conditionality.exempt_share": 0.5,
    }
    world = variant(start, override(small(), exempt))
    lives = live(world, 183, ())
    everybody = np.arange(len(world.keys))
    spared = world.uniform("conditionality.exempt", everybody) < 0.5
    made = np.concatenate([lives.events(e)["person"] for e in ("missed_appointment", "sanction")])
    assert len(made) > 80
    assert not spared[made].any()


# ---- How long -----------------------------------------------------------------------------------


@pytest.mark.parametrize("group", [USUAL, DISENGAGED])
def test_lengths_have_the_law_of_their_table(group: int) -> None:
    """Thresholds are unit exponential numbers, and days their whole-day image under the table."""
    table = spell_clocks(library("baseline"))["sanction"].table
    people = 20_000
    on = bench(people, sanction=table)
    days = lengths(on, "sanction", group)
    assert stats.kstest(on.people["sanction_goal"], "expon").pvalue > LIMIT
    groups = np.full(5, group)
    edges = table.day_reached(groups, -np.log([0.9, 0.75, 0.5, 0.25, 0.05]))
    counts = np.bincount(np.searchsorted(edges, days, side="left"), minlength=len(edges) + 1)
    survival = np.exp(-table.at(groups, edges))
    assert shares_p(counts, -np.diff(survival, prepend=1.0, append=0.0)) > LIMIT


def test_lengths_in_the_model_follow_the_table_while_people_stay(strict: Lives) -> None:
    """One-sample log-rank: ends by contact against the hazard that was lived through."""
    table = strict.world.spells["sanction"].table
    made = strict.events("sanction")
    made = made[strict.at("sanctioned", made)]
    observed, wanted = 0, 0.0
    for day, person in made[["day", "person"]].to_numpy():
        on = strict.evening["sanctioned"][day - strict.first :, person]
        group = strict.evening["sanction_group"][day - strict.first, person]
        lasted = len(on) - 1 if on.all() else int(np.argmin(on))
        benefit = strict.evening["benefit"][day - strict.first + lasted, person]
        # Who has left the regime on the day has not been seen to comply.
        ended = not on.all() and benefit == Benefit.UC_SEARCH
        left = not on.all() and not ended
        daily = np.diff(table.cumulative[group, : lasted - left + 1])
        observed += ended
        wanted += float(-np.expm1(-daily).sum())
    assert observed > 80
    assert rate_p(observed, wanted) > LIMIT


def test_ends_are_counted_by_their_length(strict: Lives) -> None:
    ends = strict.events("sanction_end")
    days = ends["day"].to_numpy() - strict.at("sanction_start", ends, before=1).astype(np.int64)
    same_day = days < 0
    days[same_day] = 0
    band = np.searchsorted(LENGTH_EDGES, days, side="right")
    np.testing.assert_array_equal(band[~same_day], ends["detail"].to_numpy()[~same_day])
    assert len(set(band)) >= len(LENGTH_BANDS) - 1


@pytest.mark.parametrize(
    ("labour", "benefit"),
    [
        (Labour.IN_WORK, Benefit.UC_LIGHT),
        (Labour.IN_WORK, Benefit.NONE),
        (Labour.SEARCHING, Benefit.UC_FIT_NOTE),
        (Labour.OTHER_INACTIVE, Benefit.UC_LIGHT),
        (Labour.OUTSIDE, Benefit.NONE),
    ],
)
def test_a_sanction_ends_at_the_moment_of_leaving_the_regime(
    start: World, labour: int, benefit: int
) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 20)
    conditionality.sanction(world, ids)
    world.day += 40
    move(world, ids, labour=labour, benefit=benefit)
    assert not world.people["sanctioned"][ids].any()
    for clock in ("sanction", "sanction_review"):
        assert (world.due[clock][ids] == NEVER).all()
    ends = log_of(world).query("event == 'sanction_end'")
    assert (ends["detail"] == LENGTH_BANDS.index("4_to_13_weeks")).all()
    assert len(ends) == len(ids)


def test_a_sanction_goes_on_in_low_paid_work(start: World) -> None:
    world = variant(start, small())
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 20)
    conditionality.sanction(world, ids)
    move(world, ids, labour=Labour.IN_WORK)
    assert world.people["sanctioned"][ids].all()


def test_more_contact_shortens_sanctions(start: World, strict: Lives) -> None:
    values = {
        **MANY,
        "conditionality.contact_hazard_ratio": 3.0,
    }
    sooner = live(variant(start, override(small(), values)), 365, ("sanctioned",))
    per_sanction = [
        x.evening["sanctioned"].sum() / len(x.events("sanction")) for x in (sooner, strict)
    ]
    assert per_sanction[0] < 0.7 * per_sanction[1]


# ---- Claims that end ----------------------------------------------------------------------------


def test_some_sanctioned_people_give_up_their_claim(start: World) -> None:
    values = {
        **MANY,
        "conditionality.exit_uc_hazard": 3.0,
    }
    lives = live(variant(start, override(small(), values)), 183, ("sanctioned", "benefit"))
    closed = lives.events("claim_closed")
    assert (closed["detail"] == GIVEN_UP).all()
    assert len(closed) > 15
    assert rate_p(len(closed), expected(3.0 * lives.evening["sanctioned"][:-1])) > LIMIT
    assert (lives.at("benefit", closed) != Benefit.UC_SEARCH).all()


def test_without_the_reform_no_claim_is_closed_at_a_review(year: Lives, strict: Lives) -> None:
    for lives in (year, strict):
        assert not (lives.events("claim_closed")["detail"] == AFTER_REVIEW).any()


STAYS_AWAY = {
    "conditionality.disengaged_share": 1,
    "conditionality.contact_hazard_ratio": 0,
    "conditionality.exit_uc_hazard": 0,
    "job_search.hazard_ratio": 0,
    "job_search.to_inactive_rate": {"searching": {"other_inactive": 0, "sick_inactive": 0}},
}


def away(start: World, closure: int = 0) -> tuple[Lives, NDArray[np.int64]]:
    """Seven months after many people lost touch with the Jobcentre for good, and who they are."""
    values = STAYS_AWAY | {"conditionality.closure_after_days": closure}
    world = variant(start, override(small(), values))
    ids = some(world, Labour.SEARCHING, Benefit.UC_SEARCH, 1_500)
    conditionality.sanction(world, ids)
    world.dusk()
    world.recorder.begin(world.day)  # counting starts with people as they are now
    return live(world, REVIEW + 35, ("sanctioned", "benefit")), ids


def test_after_six_months_claims_that_pay_nothing_else_are_closed(start: World) -> None:
    lives, ids = away(start, REVIEW)
    on = lives.evening["sanctioned"][:, ids]
    stayed = ids[on[:REVIEW].all(axis=0)]
    assert len(stayed) > 800
    closed = lives.events("claim_closed")
    closed = closed[np.isin(closed["person"], stayed)]
    assert (closed["day"] == lives.first + REVIEW).all()
    assert (closed["detail"] == AFTER_REVIEW).all()
    share = float(worth(lives.world, "conditionality.closure_nil_award_share"))
    assert share_p(len(closed), len(stayed), share) > LIMIT
    assert (lives.at("benefit", closed) == Benefit.NONE).all()


@pytest.mark.parametrize("days", [60, 120])
def test_closure_may_come_sooner(start: World, days: int) -> None:
    lives, ids = away(start, days)
    closed = lives.events("claim_closed")
    closed = closed[np.isin(closed["person"], ids)]
    assert (closed.drop_duplicates("person")["day"] == lives.first + days).mean() > 0.95
    assert closed["day"].min() == lives.first + days


def test_a_sanction_under_way_is_reviewed_when_closure_comes_in(start: World) -> None:
    """Sanctions imposed before the reform are closed at a monthly review after it, not never."""
    lives, ids = away(start)
    assert not (lives.events("claim_closed")["detail"] == AFTER_REVIEW).any()
    on = lives.evening["sanctioned"][:, ids].all(axis=0)
    values = STAYS_AWAY | {"conditionality.closure_after_days": REVIEW}
    scenario = override(small(), values)
    again = conditionality.REVIEW_AGAIN_DAYS
    later = live(variant(lives.world, scenario), again, ("sanctioned", "benefit"))
    closed = later.events("claim_closed")
    closed = closed[np.isin(closed["person"], ids[on])]
    assert (closed["detail"] == AFTER_REVIEW).mean() > 0.98
    share = float(worth(later.world, "conditionality.closure_nil_award_share"))
    assert len(closed) > 0.9 * share * on.sum()
