"""WorkWell: referrals, the wait for a coach, the plan and its sessions, and what support does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER, day_of
from sim.core.world import World
from sim.model import new_world, warm_up
from sim.pathway import return_to_work, sickness
from sim.pathway.person import YEAR, move
from sim.people import read_areas
from sim.scenario import override
from sim.states import Benefit, Condition, Labour
from sim.support import workwell
from sim.support.workwell import (
    AFTER,
    CHECK_IN,
    CONTACTS,
    IN_SUPPORT,
    NOT_IN,
    ROUTES,
    SERVICES,
    WAITING,
)
from tests.pathway.lives import (
    AREAS,
    FAMILY_WISE_ERROR,
    Lives,
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

LIMIT = FAMILY_WISE_ERROR / 46
"""Plans (35), routes (7), take-up, drop-outs (2) and patience."""
PILOT, OTHER_PILOT, ELSEWHERE = AREAS
RATES = {
    "workwell.self_rate": {"in_work": 0.08, "out_of_work": 0.15},
    "workwell.community_rate": {"in_work": 0.06, "out_of_work": 0.12},
    "workwell.jobcentre_rate": 0.4,
    "workwell.employer_rate": 0.07,
    "workwell.gp_referral_share": 0.2,
}
WATCH = (
    "labour",
    "benefit",
    "condition",
    "sick",
    "workwell",
    "workwell_plan",
    "workwell_drops_out",
)


@pytest.fixture(scope="module")
def start() -> World:
    """Some ten thousand people in three areas on the eve of April 2024; not to be changed."""
    base = small(warm_up_years=0.5)
    return warm_up(new_world(base, 1, AREAS, None), day_of(base.start) - 1)


def with_coaches(start: World, coaches: float, **values: Any) -> World:
    """A world in which one area has coaches."""
    values = {f"workwell.{name}": value for name, value in values.items()}
    setting = RATES | {"workwell.coaches": {PILOT: coaches}} | values
    return variant(start, override(small(), setting))


@pytest.fixture(scope="module")
def open_door(start: World) -> Lives:
    """Ten months in which nobody has to wait."""
    return live(with_coaches(start, 1_000), 300, WATCH)


@pytest.fixture(scope="module")
def crowded(start: World) -> Lives:
    """Half a year with three places for many more people."""
    in_use: list[I64] = []
    lives = live(
        with_coaches(start, 20, site_effect_sd=0),
        183,
        (*WATCH, "workwell_since"),
        lambda w: in_use.append(w.services["workwell"].capacity.in_use.copy()),
    )
    lives.evening["in_use"] = np.stack(in_use)
    return lives


def area_number(code: str) -> int:
    return read_areas().code.index(code)


# ---- Referrals ----------------------------------------------------------------------------------


def test_there_is_nothing_where_there_are_no_coaches(open_door: Lives) -> None:
    for event in ("workwell_referral", "workwell_start", "workwell_contact", "workwell_end"):
        who = open_door.events(event)["person"]
        assert len(who) > 100
        assert (open_door.world.people["area"][who] == area_number(PILOT)).all()


def test_without_coaches_nobody_is_referred(start: World) -> None:
    lives = live(with_coaches(start, 0), 60, ())
    assert not lives.log["event"].str.startswith("workwell").any()


def test_only_people_with_a_health_condition_and_not_yet_in_are_referred(
    open_door: Lives,
) -> None:
    referred = open_door.events("workwell_referral")
    assert (open_door.at("workwell", referred, before=1) == NOT_IN).mean() > 0.99
    well = open_door.at("condition", referred, before=1) == Condition.NONE
    well &= open_door.at("sick", referred, before=1) == 0
    # A condition can be new on the very day.
    assert well.mean() < 0.01
    inactive = open_door.at("labour", referred) == Labour.OTHER_INACTIVE
    assert inactive.mean() < 0.01


def eligible(lives: Lives) -> NDArray[np.bool_]:
    """Who could be referred by a route of their own, on the evening before each day."""
    e = {name: column[:-1] for name, column in lives.evening.items()}
    unwell = (e["condition"] != Condition.NONE) | (e["sick"] > 0)
    here = lives.world.people["area"] == area_number(PILOT)
    may: NDArray[np.bool_] = unwell & here & (e["workwell"] == NOT_IN)
    return may & (e["labour"] <= Labour.SICK_INACTIVE)


@pytest.mark.parametrize(
    ("route", "works"),
    [
        ("employer", True),
        ("jobcentre", False),
        ("community", True),
        ("community", False),
        ("self", True),
        ("self", False),
    ],
)
def test_referrals_come_at_the_rate_of_their_route(
    open_door: Lives, route: str, works: bool
) -> None:
    e = {name: column[:-1] for name, column in open_door.evening.items()}
    mine = eligible(open_door) & ((e["labour"] <= Labour.OFF_SICK) == works)
    if route == "jobcentre":
        mine &= (e["benefit"] >= Benefit.UC_SEARCH) & (e["benefit"] <= Benefit.LCW)
    rate = RATES[f"workwell.{route}_rate"]
    if isinstance(rate, dict):
        rate = rate["in_work" if works else "out_of_work"]
    referred = open_door.events("workwell_referral")
    referred = referred[referred["detail"] == ROUTES.index(route)]
    was = open_door.at("labour", referred, before=1) <= Labour.OFF_SICK
    assert rate_p((was == works).sum(), expected(mine * float(rate))) > LIMIT


def test_no_route_refers_those_whom_it_does_not_see(open_door: Lives) -> None:
    referred = open_door.events("workwell_referral")
    works = open_door.at("labour", referred, before=1) <= Labour.OFF_SICK
    benefit = open_door.at("benefit", referred, before=1)
    route = referred["detail"].to_numpy()
    assert works[route == ROUTES.index("employer")].mean() > 0.97
    seen = benefit[route == ROUTES.index("jobcentre")]
    assert ((seen >= Benefit.UC_SEARCH) & (seen <= Benefit.LCW)).mean() > 0.97
    assert not works[route == ROUTES.index("jobcentre")].any()


def test_gps_refer_at_a_share_of_fit_notes(open_door: Lives) -> None:
    notes = open_door.events("fit_note")
    could = eligible(open_door)[notes["day"] - open_door.first - 1, notes["person"]]
    could &= open_door.at("sick", notes) > 0
    referred = open_door.events("workwell_referral")
    referred = referred[referred["detail"] == ROUTES.index("gp")]
    when = set(zip(referred["day"], referred["person"], strict=True))
    happened = [pair in when for pair in zip(notes["day"], notes["person"], strict=True)]
    count = (np.array(happened) & could).sum()
    assert share_p(count, could.sum(), 0.2) > LIMIT


def test_the_share_that_takes_it_up_is_the_parameter(open_door: Lives) -> None:
    referred = open_door.events("workwell_referral")
    joined = open_door.at("workwell", referred) != NOT_IN
    share = float(worth(open_door.world, "workwell.take_up_share"))
    assert share_p(joined.sum(), len(referred), share) > LIMIT


# ---- Plans and sessions -------------------------------------------------------------------------


@pytest.mark.parametrize("condition", range(len(Condition)))
def test_plans_hold_services_as_often_as_the_condition_says(start: World, condition: int) -> None:
    world = with_coaches(start, 1_000)
    ids = some(world, Labour.SEARCHING, Benefit.NONE, 2_000)
    world.people["condition"][ids] = condition
    workwell.start(world, ids)
    plan = world.people["workwell_plan"][ids]
    shares = worth(world, "workwell.plan")[condition]
    held = (plan[:, None] >> np.arange(len(SERVICES))) & 1
    for number, share in enumerate(shares):
        assert share_p(held[:, number].sum(), len(ids), share) > LIMIT, SERVICES[number]
    # Each service is decided on by itself.
    assert abs(np.corrcoef(held.T)[np.triu_indices(len(SERVICES), 1)]).max() < 0.12


def contacts_of_plan(world: World, plan: int) -> list[int]:
    """What the contacts are for, from the assessment to the last session of a plan."""
    sessions = worth(world, "workwell.sessions").astype(int)
    services = [k for k in range(len(SERVICES)) if plan >> k & 1]
    return [0, *(k + 1 for k in services for _ in range(sessions[k]))]


def test_sessions_follow_the_plan_week_by_week_then_check_ins(open_door: Lives) -> None:
    """The whole calendar of contacts of everybody who starts, day by day."""
    w = open_door.world
    assessment, gap, check_in = (
        int(worth(w, f"workwell.{name}"))
        for name in ("assessment_days", "session_gap_days", "check_in_days")
    )
    contacts = open_door.events("workwell_contact")
    made = {who: rows[["day", "detail"]].to_numpy() for who, rows in contacts.groupby("person")}
    ends = {who: d for d, who in open_door.events("workwell_end")[["day", "person"]].to_numpy()}
    starts = open_door.events("workwell_start")
    plans = open_door.at("workwell_plan", starts)
    gone = open_door.log.loc[open_door.log["event"].isin(["death", "pension_age"]), "person"]
    again = (starts["person"].duplicated(keep=False) | starts["person"].isin(gone)).to_numpy()
    stage = open_door.evening["workwell"]
    checked = with_check_ins = cut_short = 0
    for (day, who), plan in zip(
        starts.loc[~again, ["day", "person"]].to_numpy(), plans[~again], strict=True
    ):
        kinds = contacts_of_plan(w, int(plan))
        end = ends.get(who, NEVER)
        on, number, wanted = day + assessment, 0, []
        while on <= w.day and stage[on - open_door.first - 1, who] in (IN_SUPPORT, AFTER):
            in_plan = on <= end and number < len(kinds)
            kind = kinds[number] if in_plan else CHECK_IN
            wanted.append((on, kind))
            on += gap if in_plan else check_in
            number += 1
        found = [tuple(row) for row in made.get(who, np.empty((0, 2), int)).tolist()]
        assert found == wanted
        checked += 1
        with_check_ins += any(kind == CHECK_IN for _, kind in found)
        cut_short += len(found) < len(kinds) and end < w.day
    assert min(checked, with_check_ins, cut_short) > 20


def test_every_kind_of_contact_happens(open_door: Lives) -> None:
    assert set(open_door.events("workwell_contact")["detail"]) == set(range(len(CONTACTS)))


# ---- How long support lasts ---------------------------------------------------------------------


@pytest.mark.parametrize(("works", "name"), [(0, "in_work"), (1, "out_of_work")])
def test_support_lasts_as_planned_unless_people_drop_out(
    open_door: Lives, works: int, name: str
) -> None:
    w = open_door.world
    days = int(worth(w, f"workwell.support_days_{name}"))
    starts = open_door.events("workwell_start").drop_duplicates("person")
    starts = starts[(starts["detail"] == works) & (starts["day"] < w.day - days)]
    ends = open_door.events("workwell_end").drop_duplicates("person").set_index("person")
    left = open_door.log[open_door.log["event"].isin(["death", "pension_age"])]["person"]
    starts = starts[~starts["person"].isin(left)]
    ends = ends.loc[starts["person"]]
    lasted = ends["day"].to_numpy() - starts["day"].to_numpy()
    dropped = ends["detail"].to_numpy() == 1
    assert (lasted[~dropped] == days).all()
    assert (lasted[dropped] < days).all()
    assert (lasted >= 1).all()
    rate = float(worth(w, "workwell.drop_out_rate"))
    assert share_p(dropped.sum(), len(dropped), 1 - np.exp(-rate * days / YEAR)) > LIMIT


def test_only_completed_support_has_an_effect_that_lasts_and_it_fades(start: World) -> None:
    lives = live(with_coaches(start, 1_000, effect_after_days=50), 240, WATCH)
    ends = lives.events("workwell_end")
    stage = lives.at("workwell", ends)
    completed = ends["detail"].to_numpy() == 0
    assert min(completed.sum(), (~completed).sum()) > 30
    assert (stage[completed] == AFTER).mean() > 0.99
    # Who drops out may be referred again, and even start, on the same day.
    assert not (stage[~completed] == AFTER).any()
    after = lives.evening["workwell"] == AFTER
    day = ends["day"].to_numpy() - lives.first
    who = ends["person"].to_numpy()
    soon = completed & (day + 50 <= lives.days)
    assert after[day[soon] + 49, who[soon]].mean() > 0.97
    assert not after[day[soon] + 50, who[soon]].any()


def test_support_without_effect_leaves_lives_as_they_are(start: World) -> None:
    neutral = {f"{on}_hazard_ratio": 1.0 for on in ("return", "job_loss", "job_finding")}
    base = live(variant(start, override(small(), RATES)), 150, ())
    with_them = live(with_coaches(start, 1_000, site_effect_sd=0.0, **neutral), 150, ())
    own = with_them.log["event"].isin(workwell.STEP.events)
    assert own.sum() > 300
    assert with_them.log[~own].reset_index(drop=True).equals(base.log)


def test_nobody_drops_out_at_a_rate_of_zero(start: World) -> None:
    lives = live(with_coaches(start, 1_000, drop_out_rate=0), 183, ())
    ends = lives.events("workwell_end")
    assert len(ends) > 50
    assert (ends["detail"] == 0).all()


# ---- What support does --------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["return", "job_loss", "job_finding"])
def test_effects_during_and_after_support(start: World, on: str) -> None:
    values = {f"{on}_hazard_ratio": 0.5, "effect_after_share": 0.25, "site_effect_sd": 0.1}
    world = with_coaches(start, 10, **values)
    p = world.people
    ids = np.concatenate([np.flatnonzero(p["area"] == a)[:4] for a in np.unique(p["area"])])
    p["workwell"][ids] = np.tile([NOT_IN, WAITING, IN_SUPPORT, AFTER], 3)
    site = world.facts["site_z"][np.unique(p["area"])] * 0.1
    during = np.log(0.5) + (-site if on == "job_loss" else site)
    wanted = np.exp(np.outer(during, [0, 0, 1, 0.25])).ravel()
    ratio = np.ones(len(ids))
    workwell.multiply_effect(world, ids, on, ratio)
    np.testing.assert_allclose(ratio, wanted)


def test_the_same_site_effects_in_every_replication(start: World) -> None:
    other = new_world(small(warm_up_years=0), 2, AREAS)
    np.testing.assert_array_equal(start.facts["site_z"], other.facts["site_z"])
    assert len(set(other.facts["site_z"])) == other.areas
    assert abs(other.facts["site_z"].mean()) < 3 / np.sqrt(other.areas)


def test_support_acts_on_all_four_hazards(start: World) -> None:
    values = {
        "return_hazard_ratio": 1.4,
        "job_loss_hazard_ratio": 0.6,
        "job_finding_hazard_ratio": 1.8,
        "site_effect_sd": 0,
    }
    world = with_coaches(start, 10, **values)
    p = world.people
    works = np.flatnonzero((p["labour"] == Labour.IN_WORK) & (p["benefit"] == Benefit.NONE))[:30]
    searches = some(world, Labour.SEARCHING, Benefit.NONE, 200)[-30:]
    works = works[p["labour"][works] == Labour.IN_WORK]
    if not len(works):
        works = np.flatnonzero((p["labour"] == Labour.IN_WORK) & (p["benefit"] == Benefit.NONE))[
            :30
        ]

    def hazards() -> list[Any]:
        return [
            world.hazard("loses_job", works),
            world.hazard("job_offer", searches),
            return_to_work.recovery_ratio(world, works),
            return_to_work.leaving_ratio(world, works),
        ]

    before = hazards()
    p["workwell"][np.concatenate([works, searches])] = IN_SUPPORT
    for old, new, ratio in zip(before, hazards(), (0.6, 1.8, 1.4, 0.6), strict=True):
        np.testing.assert_allclose(new, old * ratio)


def test_whoever_falls_ill_during_support_is_helped_from_the_first_day(start: World) -> None:
    world = with_coaches(
        start, 10, return_hazard_ratio=1.4, job_loss_hazard_ratio=0.6, site_effect_sd=0
    )
    p = world.people
    ids = np.flatnonzero((p["labour"] == Labour.IN_WORK) & (p["benefit"] == Benefit.NONE))[:30]
    p["workwell"][ids] = IN_SUPPORT
    sickness.fall_ill(world, ids)
    np.testing.assert_allclose(p["recovery_ratio"][ids], 1.4)
    np.testing.assert_allclose(p["leaves_while_sick_ratio"][ids], 0.6)


def test_a_start_in_mid_spell_brings_recovery_nearer_and_an_end_takes_it_away(
    start: World,
) -> None:
    world = with_coaches(
        start, 10, return_hazard_ratio=2.0, job_loss_hazard_ratio=1.0, site_effect_sd=0
    )
    off = np.flatnonzero(world.people["labour"] == Labour.OFF_SICK)
    usual = world.due["recovery"][off].copy()
    workwell.start(world, off)
    world.dusk()
    nearer = world.due["recovery"][off].copy()
    assert (nearer <= usual).all()
    assert (nearer < usual).mean() > 0.8
    world.people["workwell"][off] = NOT_IN
    world.touch(off, "support")
    world.dusk()
    np.testing.assert_array_equal(world.due["recovery"][off], usual)


# ---- Places and waits ---------------------------------------------------------------------------


def test_places_are_never_exceeded_and_never_idle_while_people_wait(crowded: Lives) -> None:
    in_use = crowded.evening["in_use"]
    here = area_number(PILOT)
    assert in_use[:, here].max() == 3
    assert not np.delete(in_use, here, axis=1).any()
    stage = crowded.evening["workwell"][1:]
    np.testing.assert_array_equal((stage == IN_SUPPORT).sum(axis=1), in_use.sum(axis=1))
    waiting = (stage == WAITING).any(axis=1)
    assert waiting.sum() > 150
    assert (in_use[waiting, here] == 3).all()


def test_who_was_referred_first_starts_first(crowded: Lives) -> None:
    starts = crowded.events("workwell_start")
    since = crowded.at("workwell_since", starts).astype(np.int64)
    day = starts["day"].to_numpy()
    days = np.unique(day)
    assert len(days) > 5
    first, last = (np.array([of(since[day == d]) for d in days]) for of in (np.min, np.max))
    assert (last[:-1] <= first[1:]).all()
    assert (day - since).max() > 20


def test_people_who_wait_in_vain_give_up_when_their_patience_ends(start: World) -> None:
    """With hardly a place in sight, the days until giving up have the law of the table."""
    lives = live(with_coaches(start, 0.001, take_up_share=1), 300, ("workwell", "workwell_since"))
    joined = lives.events("workwell_referral")
    joined = joined[joined["day"] <= lives.first + 60]
    gave_up = lives.events("workwell_gave_up")
    since = lives.at("workwell_since", gave_up, before=1).astype(np.int64)
    days = (gave_up["day"].to_numpy() - since)[since <= lives.first + 60]
    started = lives.events("workwell_start")
    died = lives.log[lives.log["event"].isin(["death", "pension_age"])]
    lost = joined["person"].isin(died["person"]) | joined["person"].isin(started["person"])
    assert len(days) > 100
    assert len(joined) - len(days) <= lost.sum() + 1
    table = lives.world.spells["workwell_patience"].table
    edges = np.array([20, 40, 60, 80, 110])
    survival = np.exp(-table.at(np.zeros(len(edges), np.int64), edges))
    counts = np.bincount(np.searchsorted(edges, days, side="left"), minlength=len(edges) + 1)
    assert shares_p(counts, -np.diff(survival, prepend=1.0, append=0.0)) > LIMIT


def test_a_place_is_free_again_when_its_user_dies(start: World) -> None:
    world = with_coaches(start, 20)
    live(world, 60, ())
    users = np.flatnonzero(world.people["workwell"] == IN_SUPPORT)
    waiting = np.flatnonzero(world.people["workwell"] == WAITING)
    service = world.services["workwell"]
    assert len(users) == service.capacity.in_use.sum() == 3
    workwell.leave_for_good(world, np.sort(np.concatenate([users, waiting[:2]])))
    move(world, users, labour=Labour.OUTSIDE, benefit=Benefit.NONE)
    assert service.capacity.in_use.sum() == 0
    assert service.lines.waiting.sum() == len(waiting) - 2
    for clock in ("workwell_contact", "workwell_end", "workwell_patience"):
        assert (world.due[clock][users] == NEVER).all()


# ---- When it runs -------------------------------------------------------------------------------


def pilots(first: dt.date, days: int) -> Lives:
    scenario = override(
        small("workwell_pilots", start=first, warm_up_years=0.05, scale=0.002), RATES
    )
    world = warm_up(new_world(scenario, 1, AREAS, None), day_of(first) - 1)
    return live(world, days, ("workwell",))


def test_pilots_start_on_their_day_and_ramp_up() -> None:
    lives = pilots(dt.date(2024, 9, 1), 150)
    first = day_of(dt.date(2024, 10, 1))
    referred, starts = (lives.events(e) for e in ("workwell_referral", "workwell_start"))
    assert referred["day"].min() >= first
    assert starts["day"].min() >= first
    assert referred["day"].min() < first + 14
    area = lives.world.people["area"][referred["person"]]
    assert set(area.tolist()) == {area_number(PILOT), area_number(OTHER_PILOT)}
    in_support = (lives.evening["workwell"] == IN_SUPPORT).sum(axis=1)
    month = [in_support[first - lives.first + days] for days in (25, 55, 100)]
    assert month == sorted(month)
    assert month[0] < month[2]


def test_after_the_end_nobody_starts_and_support_runs_out() -> None:
    lives = pilots(dt.date(2026, 1, 1), 280)
    last = day_of(dt.date(2026, 4, 1))
    for event in ("workwell_referral", "workwell_start"):
        days = lives.events(event)["day"]
        assert len(days) > 0
        assert days.max() < last
    ends = lives.events("workwell_end")
    assert (ends["day"] >= last).any()
    stage = lives.evening["workwell"]
    assert (stage[last - lives.first] == IN_SUPPORT).any()
    assert not (stage[-1] == IN_SUPPORT).any()
    assert (lives.events("workwell_gave_up")["day"] > last).any()
