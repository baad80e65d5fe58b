"""The Work Capability Assessment: who waits for it, and what it decides.

On day 29 of a UC claim with a health condition the claimant is referred. The questionnaire has four weeks;
then the claimant waits for an assessor, in an area whose assessors decide so many cases a month and start
with a backlog. The decision is fit for work, limited capability for work (LCW), or for work-related
activity as well (LCWRA). Some decisions are changed on reconsideration. People with an award are reassessed
now and then. Whoever recovers or leaves the claim leaves the line.

Parameters: ``scenarios/parameters/assessment.yaml``. Evidence: referrals outstanding, assessments a month,
outcome shares of first and repeat assessments (DWP).
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import choose
from sim.core.steps import Columns, Step, Stream
from sim.core.world import World
from sim.pathway import claims
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import YEAR, in_states, move
from sim.states import Benefit, Labour
from sim.support import programmes
from sim.support.service import Service, Throughput, by_place

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

ORDERS: Final = ("first", "repeat")
OUTCOMES: Final = ("fit", "lcw", "lcwra")
AWARD: Final = np.array([Benefit.UC_SEARCH, Benefit.LCW, Benefit.LCWRA], np.uint8)
FIRST, REPEAT = 0, 1
"""New claims and reassessments, which stand in one line: who came first is assessed first."""

COLUMNS: Final[Columns] = {
    "wca_ticket": (np.int32, -1),
    "wca_since": (np.int16, 0),
    "wca_number": (np.uint8, 0),
}


# ---- Hazards ----------------------------------------------------------------------------------------------


def out_of_line(w: World, ids: I64, peak: bool) -> F64:
    """One for those who do not wait for an assessment, zero for those who do."""
    return (w.people["wca_ticket"][ids] < 0).astype(float)


def _reassessing(k: Kinds, award: int) -> F64:
    """Hazard per day of being called to a repeat assessment."""
    rate: F64 = k.value("assessment.reassessment_rate", award)
    return rate / YEAR


# ---- Capacity ------------------------------------------------------------------------------------------------


def decisions_a_day(w: World) -> F64:
    """Decisions that the assessors of each place make in a day, at the scale of the run."""
    monthly = w.settings.by_arm(w, "assessment.decisions_per_month")
    return by_place(np.outer(monthly * (12.0 / YEAR) * w.facts["scale"], w.facts["area_share"]))


def begin(w: World) -> None:
    """Open the assessment centres; the line keeps whoever is on a fit note or has an award."""
    capacity = Throughput(
        lambda world: world.settings.kept(world, decisions_a_day), w.arms * w.areas
    )
    w.services["wca"] = Service(w, "wca", capacity)


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's referrals, those ready for an assessor, decisions, and reconsiderations."""
    _refer(w, w.due_today("wca_referral"))
    _join(w, w.due_today("wca_ready"), w.strikes("reassessed"))
    decide(w, w.services["wca"].serve(w))
    _reconsider(w, w.due_today("reconsideration"))


def _refer(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.cancel("wca_referral", ids)
    ids = ids[w.people["benefit"][ids] == Benefit.UC_FIT_NOTE]
    w.record("wca_referral", ids, FIRST)
    days = w.whole("assessment.minimum_days_to_assessment", ids)
    w.set_due("wca_ready", ids, w.day + np.maximum(days, 1))


def _join(w: World, first: I64, repeat: I64) -> None:
    """New claims that still stand and reassessments join the line."""
    p = w.people
    w.cancel("wca_ready", first)
    first = first[(p["benefit"][first] == Benefit.UC_FIT_NOTE) & (p["wca_ticket"][first] < 0)]
    w.record("wca_referral", repeat, REPEAT)
    ids = np.concatenate([first, repeat])
    p["wca_since"][ids] = w.day
    w.services["wca"].join(w, ids)


def decide(w: World, ids: I64) -> None:
    """Decisions for the people whom the assessors have reached."""
    if not len(ids):
        return
    p = w.people
    repeat = p["benefit"][ids] != Benefit.UC_FIT_NOTE
    lots = w.uniforms(("assessment.outcome", "assessment.reconsidered"), ids, p["wca_number"][ids])
    shares = np.where(
        repeat[:, None],
        w.running("assessment.outcome_repeat", ids),
        w.running("assessment.outcome_first", ids),
    )
    outcome = choose(lots[0], shares)
    changes = lots[1] < w.value("assessment.reconsideration_share", ids)
    p["wca_number"][ids] += 1
    w.record("wca_decision", ids, repeat * len(OUTCOMES) + outcome.astype(np.int64))
    award(w, ids, AWARD[outcome])
    w.touch(ids[repeat], "benefit")
    programmes.offer_at(w, "wca_decision", ids, p["wca_number"][ids])
    asks = ids[changes & (outcome != OUTCOMES.index("lcwra"))]
    days = w.whole("assessment.reconsideration_days", asks)
    w.set_due("reconsideration", asks, w.day + np.maximum(days, 1))


def award(w: World, ids: I64, benefit: NDArray[np.uint8]) -> None:
    """Put people into the group decided on; their labour-market state follows where it must."""
    labour = w.people["labour"][ids]
    works = (labour == Labour.IN_WORK) | (labour == Labour.OFF_SICK)
    # Nobody on LCWRA has to look for work; whoever is found fit and is otherwise inactive has to.
    labour = np.where(
        (benefit == Benefit.LCWRA) & (labour == Labour.SEARCHING), Labour.SICK_INACTIVE, labour
    )
    fit = benefit == Benefit.UC_SEARCH
    labour = np.where(fit & (labour == Labour.OTHER_INACTIVE), Labour.SEARCHING, labour)
    found_fit = w.uniform("assessment.fit_searches", ids, w.people["wca_number"][ids]) < w.value(
        "assessment.fit_searches_share", ids
    )
    labour = np.where(fit & found_fit & (labour == Labour.SICK_INACTIVE), Labour.SEARCHING, labour)
    in_work, benefit = (fit & works).nonzero()[0], benefit.copy()
    benefit[in_work] = claims.in_work_regime(w, ids[in_work])
    move(w, ids, labour=labour, benefit=benefit)


def _reconsider(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.cancel("reconsideration", ids)
    benefit = w.people["benefit"][ids]
    ids = ids[(benefit == Benefit.UC_SEARCH) | (benefit == Benefit.LCW)]
    w.record("reconsideration", ids)
    award(w, ids, np.full(len(ids), Benefit.LCWRA, np.uint8))


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="assessment",
    does="Claimants are referred to the WCA, wait for an assessor, get a decision.",
    act=act,
    columns=COLUMNS,
    clocks=("wca_referral", "wca_ready", "reconsideration"),
    streams=(
        Stream(
            "reassessed",
            0.01 / YEAR,
            out_of_line,
            ("assessment.reassessment_rate",),
            feels=("benefit",),
            states=in_states(benefit=(Benefit.LCW, Benefit.LCWRA)),
            by_kind=by_kind(
                partial(_reassessing, award=0),
                (in_states(benefit=(Benefit.LCWRA,)), partial(_reassessing, award=1)),
            ),
        ),
    ),
    events={
        "wca_referral": ORDERS,
        "wca_decision": tuple(f"{order}_{outcome}" for order in ORDERS for outcome in OUTCOMES),
        "reconsideration": ("to_lcwra",),
    },
    begin=begin,
)
