"""WorkWell: a coach who joins up work and health, in the areas where it runs.

A GP at a fit note, the employer, the Jobcentre, a community organisation or the person refers. Those who
take it up wait for a coach in their area; a coach has so many people at once. It starts with one
work-and-health assessment, from which a plan follows by condition: physiotherapy, counselling, an HR
adviser, an adjusted workplace, training, social prescribing, advice on debt and housing. Sessions come
week by week, then check-ins after the end; some drop out. While support lasts, and for a time after it,
people off sick go back sooner, jobs are kept more often, and people out of work find jobs sooner: each a
hazard ratio with a site effect. Nobody has measured WorkWell's effect yet, so these are assumptions.

Parameters: ``scenarios/parameters/workwell.yaml``. Evidence: management information on the pilots (DWP),
trials of comparable support.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.core.draws import choose, person_keys, stream_id, uniforms
from sim.core.steps import Columns, Step, Stream
from sim.core.world import World
from sim.pathway.person import HAS_JOB, YEAR, in_states
from sim.states import Benefit, Condition, Labour
from sim.support.service import Places, Service, by_place

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

ROUTES: Final = ("gp", "employer", "jobcentre", "community", "self")
OWN_ROUTES: Final = ROUTES[1:]
"""Routes with a hazard of their own; a GP refers at a fit note."""
SERVICES: Final = (
    "physiotherapy",
    "counselling",
    "hr_adviser",
    "workplace_adjustment",
    "training",
    "social_prescribing",
    "debt_housing_advice",
)
CONTACTS: Final = ("assessment", *SERVICES, "check_in")
CHECK_IN: Final = len(CONTACTS) - 1
NOT_IN, WAITING, IN_SUPPORT, AFTER = range(4)
"""Values of ``workwell``."""

COLUMNS: Final[Columns] = {
    "workwell": (np.uint8, NOT_IN),
    "workwell_ticket": (np.int32, -1),
    "workwell_since": (np.int16, 0),
    "workwell_referrals": (np.uint16, 0),
    "workwell_plan": (np.uint8, 0),
    "workwell_contacts": (np.uint8, 0),
    "workwell_drops_out": (np.bool_, 0),
}

RETURN_READS: Final = (
    "workwell.return_hazard_ratio",
    "workwell.effect_after_share",
    "workwell.site_effect_sd",
)
JOB_LOSS_READS: Final = ("workwell.job_loss_hazard_ratio", *RETURN_READS[1:])
JOB_FINDING_READS: Final = ("workwell.job_finding_hazard_ratio", *RETURN_READS[1:])


# ---- Hazards ----------------------------------------------------------------------------------------------


def multiply_effect(w: World, ids: I64, on: str, ratio: F64) -> None:
    """Multiply hazard ratios, in place, by WorkWell's on ``return``, ``job_loss`` or ``job_finding``.

    It holds during support and for a time after it.
    """
    stage = w.people["workwell"][ids]
    helped = (stage >= IN_SUPPORT).nonzero()[0]
    if not len(helped):
        return
    who = ids[helped]
    strength = np.where(stage[helped] == AFTER, w.value("workwell.effect_after_share", who), 1.0)
    site = w.facts["site_z"][w.people["area"][who]] * w.value("workwell.site_effect_sd", who)
    log_ratio = np.log(w.value(f"workwell.{on}_hazard_ratio", who))
    better = -1.0 if on == "job_loss" else 1.0
    ratio[helped] *= np.exp((log_ratio + better * site) * strength)


def referring(w: World, ids: I64, peak: bool) -> F64:
    """Hazard per day of a referral by employer, Jobcentre, community or oneself."""
    rate = np.zeros(len(ids))
    here = w.settings.kept(w, runs)[w.place_of(ids)].nonzero()[0]
    if len(here):
        can = here[eligible(w, ids[here])]
        rate[can] = _route_rates(w, ids[can]).sum(axis=1) / YEAR
    return rate


def _route_rates(w: World, ids: I64) -> F64:
    """Referrals a year by each route of one's own, shape (people, routes)."""
    p = w.people
    benefit = p["benefit"][ids]
    out_of_work = (p["labour"][ids] > Labour.OFF_SICK).astype(np.int64)
    # Who has LCWRA, or is not on UC, has no appointments at which to be referred.
    seen_at_jobcentre = (
        (benefit >= Benefit.UC_SEARCH) & (benefit <= Benefit.LCW) & (out_of_work == 1)
    )
    return np.stack(
        [
            w.value("workwell.employer_rate", ids) * (out_of_work == 0),
            w.value("workwell.jobcentre_rate", ids) * seen_at_jobcentre,
            w.value("workwell.community_rate", ids, out_of_work),
            w.value("workwell.self_rate", ids, out_of_work),
        ],
        axis=1,
    )


def eligible(w: World, ids: I64) -> NDArray[np.bool_]:
    """Anybody of working age with a health condition who is in work, off sick, searching or long-term sick."""
    p = w.people
    unwell = (p["condition"][ids] != Condition.NONE) | (p["sick"][ids] > 0)
    here: NDArray[np.bool_] = (
        unwell & (p["labour"][ids] <= Labour.SICK_INACTIVE) & (p["workwell"][ids] == NOT_IN)
    )
    return here


def can_be_referred(w: World, ids: I64) -> NDArray[np.bool_]:
    """Eligible, where WorkWell runs."""
    can: NDArray[np.bool_] = w.settings.kept(w, runs)[w.place_of(ids)]
    here = can.nonzero()[0]
    if len(here):
        can[here] = eligible(w, ids[here])
    return can


# ---- Capacity ------------------------------------------------------------------------------------------------


def coaches(w: World) -> F64:
    """Coaches in post, by place."""
    return by_place(w.settings.by_arm(w, "workwell.coaches"))


def runs(w: World) -> NDArray[np.bool_]:
    """Whether there is a coach, by place."""
    return coaches(w) > 0


def places(w: World) -> F64:
    """People who can be in support at once, by place, at the scale of the run."""
    caseload = w.settings.by_arm(w, "workwell.caseload_per_coach")
    return coaches(w) * np.repeat(caseload, w.areas) * w.facts["scale"]


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's referrals, people who give up waiting, contacts, ends, and starts in the places then free."""
    ids = w.strikes("workwell_referral")
    if len(ids):
        rates = _route_rates(w, ids)
        open_to = (rates.sum(axis=1) > 0).nonzero()[0]  # some may have lost their way in today
        ids, rates = ids[open_to], rates[open_to]
        running = np.cumsum(rates, axis=1) / rates.sum(axis=1, keepdims=True)
        route = choose(
            w.uniform("workwell.route", ids, w.people["workwell_referrals"][ids]), running
        )
        refer(w, ids, route + 1)
    _give_up(w, w.due_today("workwell_patience"))
    _contact(w, w.due_today("workwell_contact"))
    _end(w, w.due_today("workwell_end"))
    _fade(w, w.due_today("workwell_fade"))
    service = w.services["workwell"]
    if np.count_nonzero(w.settings.kept(w, runs)) or not service.capacity.idle:
        start(w, service.serve(w))


def refer(w: World, ids: I64, route: NDArray[np.uint8] | int) -> None:
    """Referrals where WorkWell runs; those who take it up join the line of their area."""
    if not len(ids):
        return
    p = w.people
    can = can_be_referred(w, ids)
    route = np.broadcast_to(np.asarray(route, np.uint8), ids.shape)[can]
    ids = ids[can]
    number = p["workwell_referrals"][ids]
    p["workwell_referrals"][ids] += 1
    w.record("workwell_referral", ids, route)
    ids = ids[w.uniform("workwell.take_up", ids, number) < w.value("workwell.take_up_share", ids)]
    p["workwell"][ids] = WAITING
    p["workwell_since"][ids] = w.day
    w.services["workwell"].join(w, ids)
    w.spells["workwell_patience"].start(w, ids, np.zeros(len(ids), np.uint8), 1.0)
    w.touch(ids, "support")


def start(w: World, ids: I64) -> None:
    """Support starts with the assessment: a plan by condition, a length by work status, perhaps a drop-out."""
    if not len(ids):
        return
    p = w.people
    number = p["workwell_referrals"][ids]
    w.cancel("workwell_patience", ids)
    p["workwell"][ids] = IN_SUPPORT
    p["workwell_contacts"][ids] = 0
    shares = w.value("workwell.plan", ids, p["condition"][ids])
    lots = w.uniforms([f"workwell.plan.{name}" for name in SERVICES], ids, number)
    p["workwell_plan"][ids] = ((shares > lots.T) << np.arange(len(SERVICES))).sum(axis=1)
    works = p["labour"][ids] <= Labour.OFF_SICK
    days = np.where(
        works,
        w.value("workwell.support_days_in_work", ids),
        w.value("workwell.support_days_out_of_work", ids),
    )
    stays = (
        w.exponential("workwell.drop_out", ids, number)
        / np.maximum(w.value("workwell.drop_out_rate", ids), 1e-9)
        * YEAR
    )
    p["workwell_drops_out"][ids] = stays < days
    w.set_due("workwell_end", ids, w.day + np.maximum(np.minimum(days, stays), 1).astype(np.int64))
    first = w.whole("workwell.assessment_days", ids)
    w.set_due("workwell_contact", ids, w.day + np.maximum(first, 1))
    w.record("workwell_start", ids, (~works).astype(np.int64))
    w.touch(ids, "support")


def next_contact(w: World, ids: I64) -> I64:
    """What the next contact is for: the assessment, the sessions of the plan in turn, then check-ins."""
    p = w.people
    in_plan = (p["workwell_plan"][ids, None] >> np.arange(len(SERVICES))) & 1
    sessions = np.broadcast_to(w.value("workwell.sessions", ids, slice(None)), in_plan.shape)
    held_by_then = 1 + np.cumsum(in_plan * sessions, axis=1)
    contacts = p["workwell_contacts"][ids, None]
    kind: I64 = (contacts >= 1).astype(np.int64)[:, 0] + (contacts >= held_by_then).sum(axis=1)
    return np.where(p["workwell"][ids] == AFTER, CHECK_IN, kind)


def _contact(w: World, ids: I64) -> None:
    """The assessment, a session of the plan, or a check-in; then the next is arranged."""
    if not len(ids):
        return
    kind = next_contact(w, ids)
    w.record("workwell_contact", ids, kind)
    w.people["workwell_contacts"][ids] += 1
    gap = np.where(
        kind < CHECK_IN,
        w.value("workwell.session_gap_days", ids),
        w.value("workwell.check_in_days", ids),
    )
    w.set_due("workwell_contact", ids, w.day + np.maximum(gap, 1).astype(np.int64))


def _end(w: World, ids: I64) -> None:
    """Support ends: as planned, with an effect that lasts for a while; or early, with none."""
    if not len(ids):
        return
    p = w.people
    w.cancel("workwell_end", ids)
    stayed = ~p["workwell_drops_out"][ids]
    w.services["workwell"].release(w, ids)
    w.record("workwell_end", ids, (~stayed).astype(np.int64))
    done = ids[stayed]
    p["workwell"][done] = AFTER
    lasts = w.whole("workwell.effect_after_days", done)
    w.set_due("workwell_fade", done, w.day + np.maximum(lasts, 1))
    _fade(w, ids[~stayed])
    w.touch(ids, "support")


def _fade(w: World, ids: I64) -> None:
    w.people["workwell"][ids] = NOT_IN
    w.cancel("workwell_fade", ids)
    w.cancel("workwell_contact", ids)
    w.touch(ids, "support")


def _give_up(w: World, ids: I64) -> None:
    """People who have waited too long leave the line."""
    if not len(ids):
        return
    w.cancel("workwell_patience", ids)
    ids = ids[w.services["workwell"].lines.is_waiting(ids)]
    w.services["workwell"].leave(w, ids)
    w.people["workwell"][ids] = NOT_IN
    w.record("workwell_gave_up", ids)
    w.touch(ids, "support")


def leave_for_good(w: World, ids: I64) -> None:
    """People who die or reach pension age leave the line or their place."""
    p = w.people
    ids = ids[p["workwell"][ids] != NOT_IN]
    if not len(ids):
        return
    w.services["workwell"].leave(w, ids)
    w.services["workwell"].release(w, ids[p["workwell"][ids] == IN_SUPPORT])
    p["workwell"][ids] = NOT_IN
    for clock in (*STEP.clocks, *STEP.spells):
        w.cancel(clock, ids)


def begin(w: World) -> None:
    """Open the service; site effects are drawn once, the same in every arm and replication."""
    places_in_all = w.arms * w.areas
    w.services["workwell"] = Service(
        w,
        "workwell",
        Places(lambda world: world.settings.kept(world, places), places_in_all),
        users=lambda world: world.people["workwell"] == IN_SUPPORT,
    )
    sites = person_keys(0, np.arange(w.areas, dtype=np.uint64))
    w.facts["site_z"] = ndtri(uniforms(sites, stream_id("workwell.site")))


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="workwell",
    does="Referrals to WorkWell, starts with a coach, sessions and check-ins, ends.",
    act=act,
    columns=COLUMNS,
    clocks=("workwell_contact", "workwell_end", "workwell_fade"),
    spells=("workwell_patience",),
    streams=(
        Stream(
            "workwell_referral",
            0.02 / YEAR,
            referring,
            (
                "workwell.employer_rate",
                "workwell.jobcentre_rate",
                "workwell.community_rate",
                "workwell.self_rate",
                "workwell.coaches",
            ),
            feels=("work", "health", "ill", "benefit", "support"),
            states=in_states((*HAS_JOB, Labour.SEARCHING, Labour.SICK_INACTIVE)),
            places=runs,
        ),
    ),
    events={
        "workwell_referral": ROUTES,
        "workwell_start": ("in_work", "out_of_work"),
        "workwell_contact": CONTACTS,
        "workwell_end": ("completed", "dropped_out"),
        "workwell_gave_up": ("waiting",),
    },
    begin=begin,
)
