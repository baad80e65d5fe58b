"""The programmes: who is offered what, lines, starts, effects and ends; about 25 seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import day_of
from sim.core.world import World
from sim.journey_words import SENTENCES
from sim.model import new_world, warm_up
from sim.pathway import demography, return_to_work
from sim.pathway.person import YEAR
from sim.people import read_areas
from sim.run import simulate
from sim.scenario import override
from sim.settings import ParameterSettings
from sim.states import Condition, Labour
from sim.support.programme import (
    AFTER,
    FADING,
    FADING_SHARE,
    HELPED,
    NOT_IN,
    OFFER_DETAILS,
    STARTED,
    WAITING,
    Programme,
)
from sim.support.programmes import PROGRAMMES, SLOTS, multiply_effect
from sim.support.service import Places
from tests.library import parameters
from tests.pathway.lives import (
    AREAS,
    ENOUGH_STAFF,
    FAMILY_WISE_ERROR,
    Lives,
    expected,
    live,
    rate_p,
    share_p,
    small,
    variant,
    worth,
)

I64 = NDArray[np.int64]

NAMES = tuple(PROGRAMMES)
LIMIT = FAMILY_WISE_ERROR / (3 * len(NAMES) + 20)
"""Take-up, drop-outs and patience of each programme, and some routes."""
SLOT_OF = {p.name: slot for slot in SLOTS for p in slot.programmes}
RATE = 3.0
WATCH = (
    *("state", "limiting", "sick", "benefit_since"),
    *(f"{slot.name}_{part}" for slot in SLOTS for part in ("stage", "programme")),
)


@pytest.fixture(scope="module")
def start() -> World:
    """Some ten thousand people in three areas on the eve of April 2024; not to be changed."""
    base = small(warm_up_years=0.5)
    return warm_up(new_world(base, 1, AREAS, None), day_of(base.start) - 1)


def setting(
    *names: str, capacity: float = 1e6, rate: float = RATE, **values: Any
) -> dict[str, Any]:
    """Values under which some programmes have capacity and staff, and every route of theirs is busy."""
    found: dict[str, Any] = dict(ENOUGH_STAFF)
    for name in names:
        programme = PROGRAMMES[name]
        cap = 500_000 if programme.capacity == "starts" else capacity
        found[programme.amount] = min(capacity, cap)
        for route in programme.routes:
            found[route.parameter(name)] = 0.5 if route.occasion else rate
        found |= {f"{name}.{key}": value for key, value in values.items()}
    return found


def world_with(start: World, values: dict[str, Any]) -> World:
    return variant(start, override(small(), values))


@pytest.fixture(scope="module")
def one_of_each(start: World) -> Lives:
    """Nine months with room for everybody in one programme of each slot."""
    names = ("work_coach_support", "ips_primary_care", "employment_adviser", "occupational_health")
    return live(world_with(start, setting(*names, support_days=60)), 270, WATCH)


@pytest.fixture(scope="module")
def the_others(start: World) -> Lives:
    """Nine months with room for everybody in all programmes at once."""
    return live(world_with(start, setting(*NAMES, rate=0.5, support_days=60)), 270, WATCH)


@pytest.fixture(scope="module")
def without(start: World) -> Lives:
    """Half a year of the baseline."""
    return live(variant(start, small()), 180, ())


# ---- Declarations -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_programme_reads_parameters_that_exist_and_is_told_in_words(name: str) -> None:
    programme, known = PROGRAMMES[name], parameters()
    needed = {*programme.offer_reads}
    needed |= {route.parameter(name) for route in programme.routes}
    for on in ("job_finding", "job_loss", "return", "referral"):
        needed |= set(programme.effect_reads(on))
    needed |= {
        f"{name}.{part}"
        for part in (
            *("take_up_share", "patience_days", "support_days", "drop_out_rate", "onset_days"),
            *("effect_after_days", "effect_after_share", "fade_days", "unit_cost"),
            "session_gap_days",
        )
    }
    mine = {p for p in known if p.startswith(f"{name}.")}
    assert needed == mine  # and none that nothing reads
    for event, details in programme.events().items():
        assert set(SENTENCES[event]) == set(details)


@pytest.mark.parametrize("name", NAMES)
def test_the_baseline_has_no_place_beyond_those_of_today(name: str) -> None:
    assert parameters()[PROGRAMMES[name].amount].dated()[0][1] == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_effect_that_was_not_measured_may_be_none(name: str) -> None:
    for on in PROGRAMMES[name].effects:
        parameter = parameters()[f"{name}.{on}_hazard_ratio"]
        assert parameter.uncertainty is not None
        if parameter.grade == "assumption":
            assert parameter.uncertainty.low <= 1 <= parameter.uncertainty.high


# ---- Nothing without capacity -------------------------------------------------------------------


def test_without_capacity_nothing_of_a_programme_matters(start: World, without: Lives) -> None:
    """Whatever the routes and effects: lives are those of the baseline, event for event."""
    closed = setting(*NAMES, capacity=0.0)
    closed |= {f"{n}.{on}_hazard_ratio": 3.0 for n in NAMES for on in PROGRAMMES[n].effects}
    other = live(world_with(start, closed), without.days, ())
    assert len(without.log) > 5_000
    assert without.log.equals(other.log)


@pytest.mark.parametrize("slot", [slot.name for slot in SLOTS])
def test_programmes_without_effect_leave_lives_as_they_are(
    start: World, without: Lives, slot: str
) -> None:
    names = [p.name for s in SLOTS if s.name == slot for p in s.programmes]
    neutral = setting(*names)
    for name in names:
        programme = PROGRAMMES[name]
        neutral |= {f"{name}.{on}_hazard_ratio": 1.0 for on in programme.effects}
        if programme.locks_in:
            neutral[f"{name}.lock_in_ratio"] = 1.0
    with_them = live(world_with(start, neutral), without.days, ())
    own = with_them.log["event"].isin([e for n in names for e in PROGRAMMES[n].events()])
    assert own.sum() > 500
    rest = with_them.log[~own].reset_index(drop=True)
    assert rest.equals(without.log)


# ---- Offers -------------------------------------------------------------------------------------


def allowed(lives: Lives, programme: Programme, rows: Any, before: int) -> NDArray[np.bool_]:
    """Whether people are in a state in which the programme is open to them."""
    state = lives.at("state", rows, before)
    can = programme.states.ravel()[state % programme.states.size]
    if programme.name in ("ips_severe", "access_to_work"):
        can &= lives.at("limiting", rows, before) > 0
    if programme.name == "occupational_health":
        unwell = state % programme.states.size >= programme.states[0].size
        can &= unwell | (lives.at("sick", rows, before) > 0)
    if programme.name == "restart":
        day = rows["day"].to_numpy() - before
        long = day - lives.at("benefit_since", rows, before) >= 183 - 1
        can &= long
    return can


@pytest.mark.parametrize("name", NAMES)
def test_nobody_who_is_not_eligible_is_offered_a_programme(the_others: Lives, name: str) -> None:
    offers = the_others.events(f"{name}_offer")
    assert len(offers) > 10
    now = allowed(the_others, PROGRAMMES[name], offers, 0)
    then = allowed(the_others, PROGRAMMES[name], offers, 1)
    assert (now | then).all()
    assert then.mean() > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_who_starts_is_eligible_on_that_day(the_others: Lives, name: str) -> None:
    starts = the_others.events(f"{name}_start")
    assert len(starts) > 5
    assert allowed(the_others, PROGRAMMES[name], starts, 0).mean() > 0.99


@pytest.mark.parametrize("name", ["work_coach_support", "employment_adviser"])
def test_offers_of_a_stream_come_at_its_rate(one_of_each: Lives, name: str) -> None:
    programme, slot = PROGRAMMES[name], SLOT_OF[name]
    e = {key: column[:-1] for key, column in one_of_each.evening.items()}
    can = programme.states.ravel()[e["state"] % programme.states.size]
    can &= e[f"{slot.name}_stage"] == NOT_IN
    count = len(one_of_each.events(f"{name}_offer"))
    assert rate_p(count, expected(can * RATE)) > LIMIT


def test_an_offer_at_a_fit_note_comes_on_the_day_of_one(one_of_each: Lives) -> None:
    offers = one_of_each.events("occupational_health_offer")
    offers = offers[offers["detail"] == 0]
    notes = one_of_each.events("fit_note")
    days = set(zip(notes["day"], notes["person"], strict=True))
    assert len(offers) > 100
    assert all(pair in days for pair in zip(offers["day"], offers["person"], strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_take_up_is_that_of_the_parameter(the_others: Lives, name: str) -> None:
    offers = len(the_others.events(f"{name}_offer"))
    not_started = the_others.events(f"{name}_not_started")
    declined = (not_started["detail"] == OFFER_DETAILS.index("declined")).sum()
    share = float(worth(the_others.world, f"{name}.take_up_share"))
    assert share_p(offers - declined, offers, share) > LIMIT


def test_an_adviser_makes_the_jobcentre_refer_more(start: World) -> None:
    values = setting("universal_support", rate=0.0, conversation_share=0)
    values |= setting("disability_adviser", rate=20.0, job_finding_hazard_ratio=1)
    values |= {"universal_support.jobcentre_rate": 0.2, "disability_adviser.drop_out_rate": 0}
    values |= {"disability_adviser.support_days": 400, "disability_adviser.onset_days": 1}
    count = {}
    for ratio in (0.2, 1.0, 5.0):
        chosen = values | {"disability_adviser.referral_hazard_ratio": ratio}
        lives = live(world_with(start, chosen), 120, ())
        count[ratio] = len(lives.events("universal_support_offer"))
    assert count[0.2] < 0.6 * count[1.0]
    assert count[5.0] > 2 * count[1.0]


# ---- Lines and capacity -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_it_is_never_over_capacity(start: World, name: str) -> None:
    programme = PROGRAMMES[name]
    in_use: list[I64] = []
    started: list[I64] = []

    def look(w: World) -> None:
        service = w.services[name]
        started.append(service.started.copy())
        if isinstance(service.capacity, Places):
            in_use.append(service.capacity.in_use.copy())

    values = setting(name, capacity=60_000.0, rate=6.0)
    lives = live(world_with(start, values), 120, (), look)
    here = read_areas().numbers(AREAS)
    size = programme.size(lives.world)[here]
    assert len(lives.events(f"{name}_start")) > 3
    assert lives.world.services[name].lines.waiting.sum() > 0  # more want it than there is room for
    if programme.capacity == "places":
        assert (np.stack(in_use)[:, here] <= np.ceil(size) + 1e-9).all()
        assert np.stack(in_use)[-30:, here].mean(axis=0).sum() > 0.8 * size.sum()
    else:
        total = len(lives.events(f"{name}_start"))
        assert 0.8 * size.sum() * 120 - 3 < total <= size.sum() * 120 + len(AREAS)
        assert started  # counted by place


@pytest.mark.parametrize("name", NAMES)
def test_what_happens_to_a_person_has_one_order(the_others: Lives, name: str) -> None:
    """Offer, then a reason or a start, help, an end with its reason, and what lasts; never mixed up."""
    slot = SLOT_OF[name]
    events = [e for p in slot.programmes for e in p.events()]
    log = the_others.log[the_others.log["event"].isin(events)]
    seen = 0
    for _, rows in log.groupby("person", sort=False):
        at = ""
        for event, detail in zip(rows["event"], rows["detail"], strict=True):
            owner = max((p.name for p in slot.programmes if event.startswith(p.name)), key=len)
            what = event[len(owner) + 1 :]
            if what == "offer":
                assert at in ("", "waits")
                at, before = "waits", at
            elif what == "not_started":
                reason = OFFER_DETAILS[detail]
                assert at == "waits"
                if reason == "declined":
                    at = before
                elif reason != "transferred":
                    at = ""
            elif what == "start":
                assert at == "waits"
                at = "started"
            elif what == "effect":
                wanted, then = [("started", "helped"), ("ended", "fading"), ("fading", "")][detail]
                assert at == wanted
                at = then
            else:
                assert at in ("started", "helped")
                at = "ended" if detail == 0 else ""
            seen += owner == name
    assert seen > 20


def test_who_waits_can_be_moved_up_but_who_is_in_support_stays(start: World) -> None:
    """Connect to Work has no room; people in its line are offered Restart's neighbour above it."""
    values = setting("connect_to_work", capacity=50.0, rate=6.0, patience_days=3_000)
    values |= setting("ips_primary_care", rate=2.0)
    lives = live(world_with(start, values), 150, WATCH)
    left = lives.events("connect_to_work_not_started")
    moved = left[left["detail"] == OFFER_DETAILS.index("transferred")]
    assert len(moved) > 20
    offers = lives.events("ips_primary_care_offer")
    days = set(zip(offers["day"], offers["person"], strict=True))
    assert all(pair in days for pair in zip(moved["day"], moved["person"], strict=True))
    up = lives.at("employment_programme", moved)
    assert (up == 3).all()
    stage = lives.at("employment_stage", offers, before=1)
    assert np.isin(stage, (NOT_IN, WAITING)).all()
    assert not lives.events("ips_primary_care_not_started")["detail"].eq(3).any()


def test_giving_up_follows_the_patience(start: World) -> None:
    """A line that never moves: after so many days the exponential share has given up."""
    values = setting("connect_to_work", capacity=0.5, rate=20.0, patience_days=40, take_up_share=1)
    lives = live(world_with(start, values), 100, ("employment_stage",))
    offers = lives.events("connect_to_work_offer").drop_duplicates("person")
    early = offers[offers["day"] <= lives.first + 30]
    gone = lives.events("connect_to_work_not_started")
    gone = gone[gone["detail"] == OFFER_DETAILS.index("gave_up")].drop_duplicates("person")
    day = gone.set_index("person")["day"].reindex(early["person"]).to_numpy()
    within = (day - early["day"].to_numpy() <= 40).sum()
    left = (lives.world.people["labour"][early["person"]] == Labour.OUTSIDE).sum()
    assert share_p(within, len(early) - left, 1 - np.exp(-1)) > LIMIT


# ---- Effects ------------------------------------------------------------------------------------


def placed(start: World, name: str, stage: int, **values: Any) -> tuple[World, I64]:
    """People put into a stage of a programme by hand."""
    w = world_with(start, {f"{name}.{key}": value for key, value in values.items()})
    slot = SLOT_OF[name]
    ids = np.flatnonzero(w.people["labour"] == Labour.SEARCHING)[:200]
    k = [p.name for p in slot.programmes].index(name) + 1
    w.people[slot.stage][ids], w.people[slot.which][ids] = stage, k
    w.people["helped"][ids] = slot.bit
    return w, ids


@pytest.mark.parametrize("name", NAMES)
def test_the_effect_follows_the_stage(start: World, name: str) -> None:
    programme = PROGRAMMES[name]
    for on in programme.effects:
        given = {f"{on}_hazard_ratio": 1.7, "effect_after_share": 0.4}
        lock = 1.0
        if on == "job_finding" and programme.locks_in:
            lock, given["lock_in_ratio"] = 0.8, 0.8
        wanted = {
            STARTED: lock,
            HELPED: 1.7,
            AFTER: 1.7**0.4,
            FADING: 1.7 ** (0.4 * FADING_SHARE),
        }
        for stage, ratio in wanted.items():
            w, ids = placed(start, name, stage, **given)
            found = np.ones(len(w.keys))
            multiply_effect(w, np.arange(len(w.keys)), on, found)
            np.testing.assert_allclose(found[ids], ratio)
            assert (np.delete(found, ids) == 1).all()


def test_effects_of_slots_multiply_and_reach_the_hazards(start: World) -> None:
    ratios = {
        "restart.job_finding_hazard_ratio": 2.0,
        "pathways_to_work.job_finding_hazard_ratio": 1.5,
    }
    w = world_with(start, ratios)
    ids = np.flatnonzero(w.people["labour"] == Labour.SEARCHING)[:300]
    before = w.hazard("job_offer", ids)
    for name, k in (("restart", 1), ("pathways_to_work", 1)):
        slot = SLOT_OF[name]
        w.people[slot.stage][ids], w.people[slot.which][ids] = HELPED, k
        w.people["helped"][ids] |= slot.bit
    np.testing.assert_allclose(w.hazard("job_offer", ids), 3.0 * before)


def test_help_at_the_workplace_reaches_job_loss_and_return(start: World) -> None:
    name = "occupational_health"
    w = world_with(
        start, {f"{name}.job_loss_hazard_ratio": 0.5, f"{name}.return_hazard_ratio": 2.0}
    )
    off = np.flatnonzero(w.people["labour"] == Labour.OFF_SICK)
    back, leaving = return_to_work.recovery_ratio(w, off), return_to_work.leaving_ratio(w, off)
    slot = SLOT_OF[name]
    w.people[slot.stage][off], w.people[slot.which][off] = HELPED, 3
    w.people["helped"][off] = slot.bit
    np.testing.assert_allclose(return_to_work.recovery_ratio(w, off), 2.0 * back)
    np.testing.assert_allclose(return_to_work.leaving_ratio(w, off), 0.5 * leaving)


@pytest.mark.parametrize("name", ["ips_severe", "work_coach_support", "employment_adviser"])
def test_support_that_helps_finds_more_jobs(start: World, name: str) -> None:
    strong = setting(name, rate=12.0, take_up_share=1.0, job_finding_hazard_ratio=6.0)
    none = strong | {f"{name}.job_finding_hazard_ratio": 1.0}
    jobs = [len(live(world_with(start, v), 180, ()).events("job_start")) for v in (strong, none)]
    assert jobs[0] > jobs[1]


# ---- Ends, deaths and arms ----------------------------------------------------------------------


def test_who_leaves_the_population_leaves_everything(the_others: Lives) -> None:
    w = the_others.world
    out = w.people["labour"] == Labour.OUTSIDE
    for slot in SLOTS:
        assert (w.people[slot.stage][out] == NOT_IN).all()
    assert (w.people["helped"][out] == 0).all()
    some = np.flatnonzero(~out & (w.people["helped"] > 0))[:50]
    waiting = {n: w.services[n].lines.waiting.sum() for n in NAMES}
    assert isinstance(w.settings, ParameterSettings)
    copy = variant(w, w.settings.scenarios[0])
    demography._leave(copy, some)
    assert (copy.people["helped"][some] == 0).all()
    assert {n: w.services[n].lines.waiting.sum() for n in NAMES} == waiting


@pytest.mark.parametrize("name", NAMES)
def test_the_number_in_support_is_the_number_of_places_in_use(the_others: Lives, name: str) -> None:
    w, slot = the_others.world, SLOT_OF[name]
    k = [p.name for p in slot.programmes].index(name) + 1
    mine = w.people[slot.which] == k
    stage = w.people[slot.stage]
    service = w.services[name]
    assert service.lines.waiting.sum() == (mine & (stage == WAITING)).sum()
    if isinstance(service.capacity, Places):
        in_support = mine & ((stage == STARTED) | (stage == HELPED))
        assert service.capacity.in_use.sum() == in_support.sum()
    assert ((w.people["helped"] & slot.bit > 0) == (stage >= STARTED)).all()


@pytest.mark.parametrize("name", NAMES)
def test_drop_outs_come_at_their_rate(the_others: Lives, name: str) -> None:
    rate = float(worth(the_others.world, f"{name}.drop_out_rate"))
    starts = the_others.events(f"{name}_start")
    early = starts[starts["day"] <= the_others.world.day - 62]
    ends = the_others.events(f"{name}_end").drop_duplicates("person")
    first = early.drop_duplicates("person")
    how = ends.set_index("person")["detail"].reindex(first["person"]).to_numpy()
    died = (how == 2).sum()
    share = 1 - np.exp(-rate * 60 / YEAR)
    assert share_p((how == 1).sum(), len(first) - died, share) > LIMIT


def test_two_arms_side_by_side_are_each_what_they_are_alone() -> None:
    base = small(scale=0.001, warm_up_years=0)
    on = override(base, setting("connect_to_work", "talking_therapies", rate=1.0))
    crowded = setting("connect_to_work", "talking_therapies", rate=2.0, capacity=20_000.0)
    other = override(base, crowded)
    on, other = (s.model_copy(update={"name": n}) for s, n in ((on, "on"), (other, "other")))
    together = simulate([on, other], [1]).tables.events
    for scenario in (on, other):
        alone = simulate([scenario], [1]).tables.events
        mine = together[together["scenario"] == scenario.name].reset_index(drop=True)
        assert mine.astype(str).equals(alone.astype(str))
    assert Condition.MENTAL_HEALTH == 1
