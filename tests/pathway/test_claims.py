"""Claims: who turns to a benefit, moves between benefits, and leaves them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER, date_of
from sim.core.world import World
from sim.pathway import claims
from sim.pathway.person import move
from sim.pathway.sickness import fall_ill
from sim.scenario import override
from sim.states import POSSIBLE_PAIRS, Benefit, Labour
from tests.pathway.lives import (
    FAMILY_WISE_ERROR,
    Lives,
    day_by_day,
    expected,
    live,
    rate_p,
    share_p,
    shares_p,
    small,
    some,
    variant,
    worth,
)

I64 = NDArray[np.int64]

LIMIT = FAMILY_WISE_ERROR / 22
"""Shares after job loss by age (4), a delay, other shares (11), and six rates."""


@pytest.fixture
def today(start: World) -> World:
    """A world to push people about in."""
    return variant(start, small())


# ---- Shares and delays --------------------------------------------------------------------------


def test_a_share_by_age_claims_after_losing_a_job(today: World) -> None:
    ids = some(today, Labour.SEARCHING, Benefit.NONE, 5_000)
    claims.think_of_claiming(today, ids)
    will = today.due["claim"][ids] != NEVER
    age = today.people["age_band"][ids]
    for band, share in enumerate(worth(today, "claims.uc_share_after_job_loss")):
        assert share_p(will[age == band].sum(), (age == band).sum(), share) > LIMIT


def test_claims_follow_after_an_exponential_delay(today: World) -> None:
    ids = some(today, Labour.SEARCHING, Benefit.NONE, 5_000)
    claims.think_of_claiming(today, ids)
    due = today.due["claim"][ids].astype(np.int64)
    waited = due[due != NEVER] - today.day - 1
    assert waited.min() == 0
    mean = float(worth(today, "claims.claim_delay_days"))
    edges = np.array([1, 3, 6, 10, 15, 25])
    counts = np.bincount(np.searchsorted(edges, waited, side="right"), minlength=len(edges) + 1)
    survival = np.concatenate([[1.0], np.exp(-edges / mean), [0.0]])
    assert shares_p(counts, -np.diff(survival)) > LIMIT


def test_a_share_of_the_long_term_sick_claims_and_some_of_them_esa(today: World) -> None:
    ids = some(today, Labour.SICK_INACTIVE, Benefit.NONE, 6_000)
    claims.think_of_claiming(today, ids)
    claimants = ids[today.due["claim"][ids] != NEVER]
    share = float(worth(today, "claims.health_claim_share"))
    assert share_p(len(claimants), len(ids), share) > LIMIT
    claims._claim(today, claimants)
    benefit = today.people["benefit"][claimants]
    assert np.isin(benefit, (Benefit.ESA, Benefit.UC_FIT_NOTE)).all()
    share = float(worth(today, "claims.esa_share"))
    assert share_p((benefit == Benefit.ESA).sum(), len(claimants), share) > LIMIT


def test_every_claim_has_a_lot_of_its_own(today: World) -> None:
    ids = some(today, Labour.SICK_INACTIVE, Benefit.NONE, 5_000)
    esa = []
    for number in (1, 2):
        today.people["claims_considered"][ids] = number
        claims._claim(today, ids)
        esa.append(today.people["benefit"][ids] == Benefit.ESA)
        move(today, ids, benefit=Benefit.NONE)
    share = float(worth(today, "claims.esa_share"))
    assert share_p((esa[0] & esa[1]).sum(), len(ids), share**2) > LIMIT


def test_what_is_claimed_follows_from_the_state_on_the_day_of_the_claim(today: World) -> None:
    well = some(today, Labour.SEARCHING, Benefit.NONE, 20)
    ill = some(today, Labour.SEARCHING, Benefit.NONE, 20)
    certified = some(today, Labour.SEARCHING, Benefit.NONE, 20)
    once_noted = some(today, Labour.SEARCHING, Benefit.NONE, 20)
    off = some(today, Labour.OFF_SICK, Benefit.NONE, 20)
    settled = some(today, Labour.SEARCHING, Benefit.LCW, 20)
    busy = some(today, Labour.IN_WORK, Benefit.NONE, 20)
    p = today.people
    p["sick"][np.concatenate([ill, certified])] = 1
    p["notes_in_spell"][np.concatenate([certified, once_noted])] = 1
    groups = (well, ill, once_noted, certified, off, busy, settled)
    claims._claim(today, np.sort(np.concatenate(groups)))
    after = [set(p["benefit"][ids]) for ids in groups]
    search, noted = {int(Benefit.UC_SEARCH)}, {int(Benefit.UC_FIT_NOTE)}
    assert after == [search, search, search, noted, noted, {int(Benefit.NONE)}, {int(Benefit.LCW)}]


def test_a_claim_asks_for_the_assessment_on_day_29_and_for_a_note(today: World) -> None:
    ids = some(today, Labour.SICK_INACTIVE, Benefit.NONE, 20)
    today.set_due("wca_ready", ids[:10], today.day + 3)
    claims.start_health_claim(today, ids)
    assert (today.due["wca_referral"][ids] == today.day + 28).all()
    assert (today.due["fit_note"][ids] == today.day + 1).all()
    # A questionnaire of an earlier claim does not count for this one.
    assert (today.due["wca_ready"][ids] == NEVER).all()


# ---- Work and benefits --------------------------------------------------------------------------


def test_people_who_start_work_stay_on_uc_as_often_as_their_earnings_say(today: World) -> None:
    ids = some(today, Labour.SEARCHING, Benefit.UC_SEARCH, 3_000)
    claims.take_job(today, ids)
    assert (today.people["labour"][ids] == Labour.IN_WORK).all()
    benefit = today.people["benefit"][ids]
    counts = [(benefit == b).sum() for b in (Benefit.UC_SEARCH, Benefit.UC_LIGHT, Benefit.NONE)]
    stays = float(worth(today, "claims.in_work_uc_share"))
    below = float(worth(today, "claims.below_threshold_share"))
    assert shares_p(counts, [stays * below, stays * (1 - below), 1 - stays]) > LIMIT


@pytest.mark.parametrize(
    ("labour", "benefit", "after"),
    [
        (Labour.SICK_INACTIVE, Benefit.ESA, {Benefit.NONE}),
        (Labour.SEARCHING, Benefit.NONE, {Benefit.NONE}),
        (Labour.SEARCHING, Benefit.LCW, {Benefit.LCW}),
        (Labour.SICK_INACTIVE, Benefit.LCWRA, {Benefit.LCWRA}),
        (Labour.SEARCHING, Benefit.UC_FIT_NOTE, {Benefit.NONE, Benefit.UC_FIT_NOTE}),
    ],
)
def test_other_benefits_on_starting_work(
    today: World, labour: int, benefit: int, after: set[int]
) -> None:
    ids = some(today, labour, benefit, 200)
    claims.take_job(today, ids)
    assert set(today.people["benefit"][ids].tolist()) == {int(b) for b in after}


@pytest.mark.parametrize(
    ("benefit", "to", "labour", "after"),
    [
        (Benefit.UC_LIGHT, Labour.SEARCHING, Labour.SEARCHING, Benefit.UC_SEARCH),
        (Benefit.UC_LIGHT, Labour.OTHER_INACTIVE, Labour.OTHER_INACTIVE, Benefit.UC_LIGHT),
        (Benefit.UC_SEARCH, Labour.OTHER_INACTIVE, Labour.OTHER_INACTIVE, Benefit.UC_LIGHT),
        (Benefit.UC_LIGHT, Labour.SICK_INACTIVE, Labour.SICK_INACTIVE, Benefit.UC_FIT_NOTE),
        (Benefit.SICK_PAY, Labour.SEARCHING, Labour.SEARCHING, Benefit.NONE),
        (Benefit.NONE, Labour.SEARCHING, Labour.SEARCHING, Benefit.NONE),
        (Benefit.LCW, Labour.SEARCHING, Labour.SEARCHING, Benefit.LCW),
        (Benefit.LCWRA, Labour.SEARCHING, Labour.SICK_INACTIVE, Benefit.LCWRA),
        (Benefit.LCWRA, Labour.OTHER_INACTIVE, Labour.OTHER_INACTIVE, Benefit.LCWRA),
    ],
)
def test_benefits_follow_when_a_job_ends(
    today: World, benefit: int, to: int, labour: int, after: int
) -> None:
    ids = some(today, Labour.OFF_SICK, benefit, 30)
    claims.leave_job(today, ids, np.full(len(ids), to, np.uint8))
    assert set(today.people["labour"][ids]) == {labour}
    assert set(today.people["benefit"][ids]) == {after}
    thinks = today.people["claims_considered"][ids] > 0
    assert thinks.all() == (after == Benefit.NONE)
    assert thinks.any() == thinks.all()


def test_well_again_means_back_to_the_regime_of_work_status(today: World) -> None:
    looking = some(today, Labour.SEARCHING, Benefit.UC_FIT_NOTE, 20)
    working = some(today, Labour.IN_WORK, Benefit.UC_FIT_NOTE, 100)
    inactive = some(today, Labour.SICK_INACTIVE, Benefit.UC_FIT_NOTE, 20)
    groups = (looking, working, inactive)
    claims.fit_again(today, np.sort(np.concatenate(groups)))
    after = [set(today.people["benefit"][ids]) for ids in groups]
    assert after == [
        {Benefit.UC_SEARCH},
        {Benefit.UC_SEARCH, Benefit.UC_LIGHT},
        {Benefit.UC_FIT_NOTE},
    ]


# ---- The earnings threshold ---------------------------------------------------------------------


def works_on_uc(world: World) -> NDArray[np.bool_]:
    """Whether each person is in the regime of their earnings."""
    p = world.people
    on_uc = np.isin(p["benefit"], (Benefit.UC_SEARCH, Benefit.UC_LIGHT))
    return on_uc & (p["labour"] <= Labour.OFF_SICK)


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_a_new_threshold_moves_those_between_the_old_and_the_new(
    start: World, share: float
) -> None:
    """On its day, all at once, and nobody else; a threshold that falls moves people back."""
    day = start.day + 4
    before = float(worth(start, "claims.below_threshold_share"))
    old = override(small(), {"claims.below_threshold_share": before})
    dated = {start.day - 5: before, day: share}
    new = override(
        small(), {"claims.below_threshold_share": {date_of(d): v for d, v in dated.items()}}
    )
    columns = ("labour", "benefit", "jobs_taken")
    lives = live(variant(start, new), 8, columns)
    moved = lives.events("threshold_move")
    assert set(moved["day"]) == {day}
    up = share > before
    assert set(moved["detail"]) == {Benefit.UC_SEARCH if up else Benefit.UC_LIGHT}
    control = live(variant(start, old), 8, columns)
    assert control.events("threshold_move").empty
    eve = day - lives.first - 1
    np.testing.assert_array_equal(lives.evening["benefit"][eve], control.evening["benefit"][eve])
    here = np.isin(lives.evening["benefit"][eve], (Benefit.UC_SEARCH, Benefit.UC_LIGHT))
    here &= lives.evening["labour"][eve] <= Labour.OFF_SICK
    assert share_p(len(moved), here.sum(), abs(share - before)) > LIMIT


def test_everybody_on_uc_in_work_is_in_the_regime_of_their_earnings(year: Lives) -> None:
    """At the start and after a year of coming and going, across a rise of the threshold."""
    w = year.world
    ids = np.flatnonzero(works_on_uc(w))
    np.testing.assert_array_equal(w.people["benefit"][ids], claims.in_work_regime(w, ids))
    share = float(worth(w, "claims.below_threshold_share"))
    assert share_p((w.people["benefit"][ids] == Benefit.UC_SEARCH).sum(), len(ids), share) > LIMIT
    assert len(year.events("threshold_move")) > 20


def test_a_job_keeps_its_rank_and_the_next_has_another(today: World) -> None:
    ids = some(today, Labour.IN_WORK, Benefit.UC_LIGHT, 3_000)
    first = claims.in_work_regime(today, ids)
    np.testing.assert_array_equal(claims.in_work_regime(today, ids), first)
    today.people["jobs_taken"][ids] += 1
    both = (claims.in_work_regime(today, ids) == first) & (first == Benefit.UC_SEARCH)
    share = float(worth(today, "claims.below_threshold_share"))
    assert share_p(both.sum(), len(ids), share**2) > LIMIT


def test_becoming_long_term_sick_on_uc_is_a_health_claim(today: World) -> None:
    searching = some(today, Labour.SEARCHING, Benefit.UC_SEARCH, 20)
    light = some(today, Labour.OTHER_INACTIVE, Benefit.UC_LIGHT, 20)
    none = some(today, Labour.SEARCHING, Benefit.NONE, 50)
    everybody = np.sort(np.concatenate([searching, light, none]))
    p = today.people
    p["claims_considered"][everybody] = 0
    claims.become_sick_inactive(today, everybody)
    assert (p["labour"][everybody] == Labour.SICK_INACTIVE).all()
    assert (p["benefit"][np.concatenate([searching, light])] == Benefit.UC_FIT_NOTE).all()
    assert (p["claims_considered"][none] == 1).all()


def test_whoever_finds_work_forgets_the_claim(year: Lives) -> None:
    """Claims by people in work are those of people who come onto UC in the regime of their earnings."""
    made = year.events("claim")
    assert (made["detail"] == Benefit.ESA).any()
    works = made[np.isin(year.at("labour", made), (Labour.IN_WORK, Labour.OFF_SICK))]
    assert not (works["detail"] == Benefit.ESA).any()
    works = works[np.isin(works["detail"], (Benefit.UC_SEARCH, Benefit.UC_LIGHT))]
    share = float(worth(year.world, "claims.below_threshold_share"))
    below = (works["detail"] == Benefit.UC_SEARCH).sum()
    assert len(works) > 50
    assert share_p(below, len(works), share) > LIMIT


# ---- Rates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labour", "name"),
    [
        ((Labour.IN_WORK, Labour.OFF_SICK), "claims.in_work_uc_entry_rate"),
        ((Labour.OTHER_INACTIVE,), "claims.other_inactive_uc_rate"),
    ],
)
def test_people_come_onto_uc_at_the_rates_by_age(
    year: Lives, labour: tuple[int, ...], name: str
) -> None:
    made = year.events("claim")
    made = made[np.isin(made["detail"], (Benefit.UC_LIGHT, Benefit.UC_SEARCH))]
    of = np.isin(year.at("labour", made, before=1), labour)
    e = {column: values[:-1] for column, values in year.evening.items()}
    can = np.isin(e["labour"], labour) & (e["benefit"] == Benefit.NONE)
    rate = np.where(can, worth(year.world, name)[e["age_band"]], 0.0)
    assert of.sum() > 30
    assert rate_p(of.sum(), expected(rate)) > LIMIT


@pytest.mark.parametrize("works", [True, False])
def test_people_leave_benefits_at_the_rates(year: Lives, works: bool) -> None:
    left = year.events("leaves_benefit")
    mine = (year.at("labour", left, before=1) <= Labour.OFF_SICK) == works
    e = {column: values[:-1] for column, values in year.evening.items()}
    working = e["labour"] <= Labour.OFF_SICK
    on = ~np.isin(e["benefit"], (Benefit.NONE, Benefit.SICK_PAY))
    if works:
        rate = np.where(on, worth(year.world, "claims.in_work_uc_exit_rate"), 0.0)
    else:
        rate = worth(year.world, "claims.exit_rate")[e["benefit"]]
    assert mine.sum() > 80
    assert rate_p(mine.sum(), expected(np.where(working == works, rate, 0.0))) > LIMIT


def test_what_people_leave_is_what_they_were_on(year: Lives) -> None:
    left = year.events("leaves_benefit")
    before = year.at("benefit", left, before=1)
    assert (before == left["detail"]).mean() > 0.98
    assert not np.isin(left["detail"], (Benefit.NONE, Benefit.SICK_PAY)).any()


@pytest.mark.parametrize("limiting", [0, 1])
def test_the_otherwise_inactive_bring_notes_at_the_rate_of_their_health_and_area(
    start: World, limiting: int
) -> None:
    often = {"no": 0.2, "yes": 1.0}
    scenario = override(small(), {"claims.other_inactive_health_claim_rate": often})
    lives = live(variant(start, scenario), 60, ("labour", "benefit", "limiting"))
    made = lives.events("claim")
    made = made[made["detail"] == Benefit.UC_FIT_NOTE]
    made = made[lives.at("labour", made) == Labour.OTHER_INACTIVE]
    made = made[lives.at("limiting", made, before=1) == limiting]
    e = {column: values[:-1] for column, values in lives.evening.items()}
    can = (e["labour"] == Labour.OTHER_INACTIVE) & (e["limiting"] == limiting)
    can &= np.isin(e["benefit"], (Benefit.NONE, Benefit.UC_LIGHT))
    w = lives.world
    area = w.facts["area_note_ratio"][w.people["area"]] ** worth(w, "claims.area_exponent")
    rate = can * area * often["yes" if limiting else "no"]
    assert len(made) > 15
    assert rate_p(len(made), expected(rate)) > LIMIT


def test_esa_is_left_for_uc_when_migration_is_under_way(year: Lives) -> None:
    moved = year.events("esa_migration")
    on_esa = year.evening["benefit"][:-1] == Benefit.ESA
    rate = day_by_day(year, "claims.esa_migration_rate")[:, None] * on_esa
    assert len(moved) > 15
    assert rate_p(len(moved), expected(rate)) > LIMIT
    july = year.first + int(np.argmax(day_by_day(year, "claims.esa_migration_rate") > 0)) + 1
    assert (moved["day"] >= july).all()


def test_most_people_moved_from_esa_get_the_group_that_matches_theirs(today: World) -> None:
    ids = some(today, Labour.SICK_INACTIVE, Benefit.ESA, 3_000)
    claims._migrate(today, ids)
    benefit = today.people["benefit"][ids]
    claim = float(worth(today, "claims.esa_migration_claim_share"))
    support = float(worth(today, "claims.esa_support_group_share"))
    counts = [(benefit == b).sum() for b in (Benefit.LCWRA, Benefit.LCW, Benefit.NONE)]
    assert shares_p(counts, [claim * support, claim * (1 - support), 1 - claim]) > LIMIT


# ---- On every evening ---------------------------------------------------------------------------


def test_only_possible_states_are_ever_entered(year: Lives) -> None:
    assert POSSIBLE_PAIRS[year.evening["labour"], year.evening["benefit"]].all()


def test_two_health_claims_on_one_day_are_one(today: World) -> None:
    """A searcher on UC who falls ill, hands in a note and becomes long-term sick claims once."""
    ids = some(today, Labour.SEARCHING, Benefit.UC_SEARCH, 20)
    fall_ill(today, ids)
    claims.hand_in_note(today, ids)
    referral = today.due["wca_referral"][ids].copy()
    today.day += 5
    claims.hand_in_note(today, ids)
    np.testing.assert_array_equal(today.due["wca_referral"][ids], referral)


def test_a_claim_does_not_depend_on_who_else_claims(today: World) -> None:
    ids = some(today, Labour.SEARCHING, Benefit.NONE, 50)
    number = today.people["claims_considered"][ids].copy()
    claims.think_of_claiming(today, ids)
    together = today.due["claim"][ids].copy()
    today.people["claims_considered"][ids] = number
    today.cancel("claim", ids)
    for one in ids:
        claims.think_of_claiming(today, np.array([one]))
    np.testing.assert_array_equal(today.due["claim"][ids], together)
