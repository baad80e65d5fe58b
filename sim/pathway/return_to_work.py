"""Return to work: people off sick get better and go back, on sick pay meanwhile.

Somebody off sick goes back when they have recovered. A note that says they may be fit with some help
brings the day nearer, more so when the employer offers adjusted duties, and so can support. Statutory
sick pay starts after the waiting days for those who qualify and lasts at most 28 weeks. People who are
ill while looking for work recover by the same clock.

Parameters: ``scenarios/parameters/return_to_work.yaml`` and the lengths of spells in ``sickness.yaml``.
Evidence: return rates by length of absence (DWP and DHSC), sick pay rules and rates (DWP).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.steps import Columns, Step
from sim.core.world import World
from sim.pathway import claims
from sim.pathway.person import move, multiply
from sim.states import LABELS, Benefit, Labour
from sim.support import programmes, workwell

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

LENGTH_EDGES: Final = np.array([8, 28, 35, 42, 56, 91, 182, 273, 364])
LENGTH_BANDS: Final = (
    "up_to_7_days",
    "8_to_27_days",
    "4_to_5_weeks",
    "5_to_6_weeks",
    "6_to_8_weeks",
    "8_to_13_weeks",
    "13_to_26_weeks",
    "26_to_39_weeks",
    "39_to_52_weeks",
    "over_52_weeks",
)

COLUMNS: Final[Columns] = {
    "off_sick_since": (np.int16, 0),
    "may_be_fit": (np.bool_, 0),
    "adjusted_duties": (np.bool_, 0),
}

_PAID_OR_NOT: Final = np.isin(range(len(Benefit)), (Benefit.NONE, Benefit.SICK_PAY))
"""Benefits of people off sick whom sick pay may come to, or end for."""

RATIO_READS: Final = (
    "sickness.recovery_hazard_ratio",
    "return_to_work.hazard_ratio",
    "fit_notes.may_be_fit_hazard_ratio",
    "return_to_work.employer_offer_hazard_ratio",
    *workwell.RETURN_READS,
    *programmes.effect_reads("return"),
)


# ---- Hazards ----------------------------------------------------------------------------------------------


def recovery_ratio(w: World, ids: I64) -> F64:
    """Hazard ratio on recovery from a spell: policy, the note, the employer, support."""
    p = w.people
    ratio = np.full(len(ids), w.value("sickness.recovery_hazard_ratio", ids))
    off = p["labour"][ids] == Labour.OFF_SICK
    multiply(ratio, off, w.value("return_to_work.hazard_ratio", ids))
    multiply(ratio, p["may_be_fit"][ids], w.value("fit_notes.may_be_fit_hazard_ratio", ids))
    adjusted = off & p["adjusted_duties"][ids]
    multiply(ratio, adjusted, w.value("return_to_work.employer_offer_hazard_ratio", ids))
    workwell.multiply_effect(w, ids, "return", ratio)
    programmes.multiply_effect(w, ids, "return", ratio)
    return ratio


def leaving_ratio(w: World, ids: I64) -> F64:
    """Hazard ratio on leaving work while off sick: policy and support."""
    ratio = np.full(len(ids), w.value("job_loss.sick_leaving_hazard_ratio", ids))
    workwell.multiply_effect(w, ids, "job_loss", ratio)
    programmes.multiply_effect(w, ids, "job_loss", ratio)
    return ratio


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's recoveries, and changes of sick pay."""
    recover(w, w.due_today("recovery"))
    _change_sick_pay(w, w.due_today("sick_pay"))


def go_off_sick(w: World, ids: I64, cause: NDArray[np.uint8]) -> None:
    """People in work go off sick; the clock of losing the job because of it starts too."""
    if not len(ids):
        return
    w.people["off_sick_since"][ids] = w.day
    w.spells["leaves_while_sick"].start(w, ids, cause, leaving_ratio(w, ids))
    move(w, ids, labour=Labour.OFF_SICK)
    on_uc = w.people["benefit"][ids] != Benefit.NONE
    share = w.value("return_to_work.sick_pay_eligible_share", ids)
    eligible = ids[(w.uniform("sick_pay.eligible", ids) < share) & ~on_uc]
    waiting = w.whole("return_to_work.ssp_waiting_days", eligible)
    w.set_due("sick_pay", eligible, w.day + waiting)
    if waiting.min(initial=1) < 1:
        _change_sick_pay(w, eligible[np.broadcast_to(waiting < 1, eligible.shape)])


def recover(w: World, ids: I64) -> None:
    """Spells end: people off sick go back to work, the others are well again."""
    if not len(ids):
        return
    p = w.people
    w.cancel("recovery", ids)
    back = ids[p["labour"][ids] == Labour.OFF_SICK]
    count_absence(w, "return_to_work", back)
    w.cancel("leaves_while_sick", back)
    out_of_work = ids[p["labour"][ids] != Labour.OFF_SICK]
    w.record("recovery", out_of_work, p["labour"][out_of_work])
    end_spell(w, ids)
    on_sick_pay = p["benefit"][back] == Benefit.SICK_PAY
    move(
        w,
        back,
        labour=Labour.IN_WORK,
        benefit=np.where(on_sick_pay, Benefit.NONE, p["benefit"][back]),
    )
    claims.fit_again(w, ids)
    w.touch(ids, "ill")
    # Out of work too: some were ill when an award made them inactive, and find work more easily now.
    w.touch(ids[p["labour"][ids] > Labour.OFF_SICK], "work")


def end_spell(w: World, ids: I64) -> None:
    """Spells are over: notes and sick pay stop; a certified spell is remembered, for it may recur."""
    p = w.people
    p["sick"][ids] = 0
    p["sick_ended"][ids[p["notes_in_spell"][ids] > 0]] = w.day
    p["may_be_fit"][ids] = False
    p["adjusted_duties"][ids] = False
    p["notes_in_spell"][ids] = 0
    w.cancel("sick_pay", ids)


def count_absence(w: World, event: str, ids: I64) -> None:
    """Count absences that end today, by how long they lasted."""
    if not len(ids):
        return
    days = w.day - w.people["off_sick_since"][ids].astype(np.int64)
    band = LENGTH_EDGES.searchsorted(days, side="right")
    w.record(event, ids, band)
    w.recorder.spell(w, event, ids, band, days)


def _change_sick_pay(w: World, ids: I64) -> None:
    """Sick pay starts after the waiting days and stops after 28 weeks; then some claim."""
    if not len(ids):
        return
    p = w.people
    ids = ids[p["labour"][ids] == Labour.OFF_SICK]
    benefit = p["benefit"][ids]
    changes = _PAID_OR_NOT[benefit]
    ids, paid = ids[changes], benefit[changes] == Benefit.SICK_PAY
    starts, ends = ids[~paid], ids[paid]
    days = np.asarray(w.value("return_to_work.ssp_weeks", starts) * 7).astype(np.int64)
    w.set_due("sick_pay", starts, w.day + np.maximum(days, 1))
    w.cancel("sick_pay", ends)
    w.record("sick_pay_starts", starts)
    w.record("sick_pay_ends", ends)
    move(w, ids, benefit=np.where(paid, Benefit.NONE, Benefit.SICK_PAY))
    claims.think_of_claiming(w, ends)


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="return_to_work",
    does="People recover; those off sick go back to work. Sick pay starts and ends.",
    act=act,
    columns=COLUMNS,
    clocks=("sick_pay",),
    spells=("recovery",),
    events={
        "return_to_work": LENGTH_BANDS,
        "recovery": LABELS["labour"],
        "sick_pay_starts": ("off_sick",),
        "sick_pay_ends": ("after_28_weeks",),
    },
)
