"""Claims: people turn to Universal Credit, move between its groups, and leave it.

Somebody who loses a job may claim UC and look for work; somebody too ill to work may claim with a fit note
and wait for an assessment, or claim new-style ESA. A claimant who falls ill hands in a note. One who finds
work may stay on UC. Whoever is on UC in work still searches for more of it below the Administrative Earnings
Threshold, and has a light touch above it; when the threshold moves, so do the people between the old one and
the new. People still on ESA are moved over to UC month by month.

Parameters: ``scenarios/parameters/claims.yaml``. Evidence: people on UC by health group and conditionality
(DWP), the ESA caseload and its migration (DWP).
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.steps import Columns, Step, Stream
from sim.core.world import World
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import HAS_JOB, NO_JOB, YEAR, in_states, move
from sim.states import LABELS, Benefit, Labour

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

COLUMNS: Final[Columns] = {
    "claims_considered": (np.uint8, 0),
    "jobs_taken": (np.uint8, 0),
}

_OF_AN_EARLIER_CLAIM: Final = ("wca_ready", "reconsideration")
"""What is called off when a claim with a health condition starts."""


_CAN_CLAIM: Final = np.isin(
    range(len(Labour)), (Labour.OFF_SICK, Labour.SEARCHING, Labour.SICK_INACTIVE)
)
"""Labour-market states of those who claim when they have thought about it."""

_ON_UC: Final = np.isin(range(len(Benefit)), (Benefit.UC_SEARCH, Benefit.UC_LIGHT))
"""Benefits of people on UC without a health condition."""


def _after_job() -> NDArray[np.uint8]:
    """Benefit after a job, by the benefit in it and the labour-market state after it."""
    after = np.repeat(np.arange(len(Benefit), dtype=np.uint8)[:, None], len(Labour), axis=1)
    after[Benefit.SICK_PAY] = Benefit.NONE
    after[_ON_UC, Labour.SEARCHING] = Benefit.UC_SEARCH
    after[_ON_UC, Labour.OTHER_INACTIVE] = Benefit.UC_LIGHT
    # The health claim of people who were on UC starts from searching, which all of them pass through.
    after[_ON_UC, Labour.SICK_INACTIVE] = Benefit.UC_SEARCH
    return after


_AFTER_JOB: Final = _after_job()

_THRESHOLD: Final = "claims.below_threshold_share"

_EXITS: Final = tuple(b for b in Benefit if b not in (Benefit.NONE, Benefit.SICK_PAY))
"""Benefits that people leave for reasons outside the pathway."""


# ---- Hazards ----------------------------------------------------------------------------------------------


def _entering_in_work(k: Kinds) -> F64:
    """Hazard per day of coming onto UC without a change of work, in work."""
    rate: F64 = k.value("claims.in_work_uc_entry_rate", k.age_band)
    return rate / YEAR


def _entering_inactive(k: Kinds) -> F64:
    """The same, inactive."""
    rate: F64 = k.value("claims.other_inactive_uc_rate", k.age_band)
    return rate / YEAR


def _claiming_for_health(k: Kinds) -> F64:
    """Hazard per day of a UC health claim by people who are inactive for another reason."""
    rate: F64 = k.value("claims.other_inactive_health_claim_rate", k.limiting) / YEAR
    return rate * area_ratio(k)


def area_ratio(k: Kinds) -> F64:
    """Ratio by area on becoming long-term sick, and on health claims of the inactive."""
    ratio: F64 = k.facts["area_note_ratio"][k.area] ** k.value("claims.area_exponent")
    return ratio


def _leaving_in_work(k: Kinds) -> F64:
    """Hazard per day of leaving a benefit for a reason outside the pathway, in work."""
    rate: F64 = k.value("claims.in_work_uc_exit_rate")
    return rate / YEAR


def _leaving(k: Kinds, benefit: int) -> F64:
    """The same out of work, where it is slower, by benefit."""
    rate: F64 = k.value("claims.exit_rate", benefit)
    return rate / YEAR


def _migrating(k: Kinds) -> F64:
    """Hazard per day of being moved from ESA to UC."""
    rate: F64 = k.value("claims.esa_migration_rate")
    return rate / YEAR


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's claims, and comings and goings outside the pathway."""
    if w.settings.changes_on(_THRESHOLD, w.day):
        _move_threshold(w)
    _claim(w, w.due_today("claim"))
    _enter(w, w.strikes("enters_uc"))
    health = w.strikes("claims_for_health")
    w.record("claim", health, Benefit.UC_FIT_NOTE)
    start_health_claim(w, health)
    _leave(w, w.strikes("leaves_benefit"))
    _migrate(w, w.strikes("moves_from_esa"))


def think_of_claiming(w: World, ids: I64) -> None:
    """People without a benefit decide whether to claim; those who do claim some days later."""
    if not len(ids):
        return
    p = w.people
    searching = p["labour"][ids] == Labour.SEARCHING
    share = np.where(
        searching,
        w.value("claims.uc_share_after_job_loss", ids, p["age_band"][ids]),
        w.value("claims.health_claim_share", ids),
    )
    number = p["claims_considered"][ids]
    p["claims_considered"][ids] += 1
    will = (w.uniform("claims.considered", ids, number) < share).nonzero()[0]
    ids, number = ids[will], number[will]
    delay = w.exponential("claims.delay", ids, number) * w.value("claims.claim_delay_days", ids)
    w.set_due("claim", ids, w.day + 1 + delay.astype(np.int64))


def start_health_claim(w: World, ids: I64) -> None:
    """People are on UC with a fit note from today; the assessment is asked for on a fixed day of the claim."""
    if len(ids):
        move(w, ids, benefit=Benefit.UC_FIT_NOTE)
        _await_assessment(w, ids)


def _await_assessment(w: World, ids: I64) -> None:
    referral = w.whole("assessment.referral_day", ids)
    w.set_due("wca_referral", ids, w.day + np.maximum(referral - 1, 1))
    for clock in _OF_AN_EARLIER_CLAIM:
        w.cancel(clock, ids)
    no_note = ids[w.due["fit_note"][ids] == NEVER]
    w.set_due("fit_note", no_note, w.day + 1)


def hand_in_note(w: World, ids: I64) -> None:
    """UC claimants with a new note join the health journey; of those in work, a share does."""
    p = w.people
    ids = ids[_ON_UC[p["benefit"][ids]]]
    labour = p["labour"][ids]
    tells = w.uniform("claims.in_work_note", ids, p["sick_spells"][ids]) < w.value(
        "claims.in_work_note_share", ids
    )
    _hand_in(w, ids[(labour == Labour.SEARCHING) | ((labour == Labour.OFF_SICK) & tells)])


def _hand_in(w: World, ids: I64) -> None:
    """A note turns a UC claim into one with a health condition."""
    w.record("hands_in_note", ids, w.people["benefit"][ids])
    start_health_claim(w, ids)


def fit_again(w: World, ids: I64) -> None:
    """People who are well again need no note: back to looking for work, or to the regime of their earnings."""
    p = w.people
    noted = ids[p["benefit"][ids] == Benefit.UC_FIT_NOTE]
    searches = p["labour"][noted] == Labour.SEARCHING
    back = searches | (p["labour"][noted] == Labour.IN_WORK)
    ids, searches = noted[back], searches[back]
    if len(ids):
        move(w, ids, benefit=np.where(searches, Benefit.UC_SEARCH, in_work_regime(w, ids)))


def in_work_regime(w: World, ids: I64) -> NDArray[np.uint8]:
    """The regime of UC that the earnings in their present job put people in.

    What counts is the rank of the job by earnings, among the jobs of all people on UC.
    """
    rank = w.uniform("claims.earnings", ids, w.people["jobs_taken"][ids])
    below = rank < w.value(_THRESHOLD, ids)
    return np.where(below, Benefit.UC_SEARCH, Benefit.UC_LIGHT).astype(np.uint8)


def leave_job(w: World, ids: I64, to: NDArray[np.uint8]) -> None:
    """People stop working: their benefit follows, and those without one may claim."""
    p = w.people
    benefit = p["benefit"][ids]
    # Nobody on LCWRA has to look for work.
    to = np.where((benefit == Benefit.LCWRA) & (to == Labour.SEARCHING), Labour.SICK_INACTIVE, to)
    after = _AFTER_JOB[benefit, to]
    move(w, ids, labour=to, benefit=after)
    _hand_in(w, ids[_ON_UC[benefit] & (to == Labour.SICK_INACTIVE)])
    without = (after == Benefit.NONE) & (to != Labour.OTHER_INACTIVE)
    think_of_claiming(w, ids[without])


def take_job(w: World, ids: I64) -> None:
    """People start work: some stay on UC, in the regime that their earnings put them in."""
    p = w.people
    p["jobs_taken"][ids] += 1
    p["job_since"][ids] = w.day
    benefit = p["benefit"][ids]
    lot = w.uniform("claims.stays_in_work", ids, p["jobs_taken"][ids])
    stays = lot < w.value("claims.in_work_uc_share", ids)
    on_uc = _ON_UC[benefit]
    after = np.where(benefit == Benefit.ESA, Benefit.NONE, benefit)
    after = np.where(on_uc & stays, in_work_regime(w, ids), after)
    after = np.where((on_uc | (benefit == Benefit.UC_FIT_NOTE)) & ~stays, Benefit.NONE, after)
    move(w, ids, labour=Labour.IN_WORK, benefit=after)


def become_sick_inactive(w: World, ids: I64) -> None:
    """People outside work become long-term sick: UC claimants hand in a note, others may claim."""
    if not len(ids):
        return
    benefit = w.people["benefit"][ids]
    on_uc = (benefit == Benefit.UC_SEARCH) | (benefit == Benefit.UC_LIGHT)
    move(w, ids, labour=Labour.SICK_INACTIVE, benefit=np.where(on_uc, Benefit.UC_SEARCH, benefit))
    _hand_in(w, ids[on_uc])
    think_of_claiming(w, ids[benefit == Benefit.NONE])


def _claim(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.cancel("claim", ids)
    w.cancel("reconsideration", ids)
    p = w.people
    ids = ids[p["benefit"][ids] == Benefit.NONE]
    ids = ids[_CAN_CLAIM[p["labour"][ids]]]
    labour = p["labour"][ids]
    ill = (p["sick"][ids] > 0) & (p["notes_in_spell"][ids] > 0)
    search = (labour == Labour.SEARCHING) & ~ill
    lot = w.uniform("claims.new_style_esa", ids, p["claims_considered"][ids])
    esa = (labour == Labour.SICK_INACTIVE) & (lot < w.value("claims.esa_share", ids))
    to = np.where(esa, Benefit.ESA, np.where(search, Benefit.UC_SEARCH, Benefit.UC_FIT_NOTE))
    w.record("claim", ids, to)
    move(w, ids, benefit=to)
    _await_assessment(w, ids[to == Benefit.UC_FIT_NOTE])


def _enter(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.cancel("reconsideration", ids)
    works = w.people["labour"][ids] <= Labour.OFF_SICK
    to = np.where(works, in_work_regime(w, ids), Benefit.UC_LIGHT)
    w.record("claim", ids, to)
    move(w, ids, benefit=to)


def _move_threshold(w: World) -> None:
    """Everybody on UC in work comes into the regime in which the threshold of today puts them."""
    p = w.people
    ids = (_ON_UC[p["benefit"]] & (p["labour"] <= Labour.OFF_SICK)).nonzero()[0]
    to = in_work_regime(w, ids)
    ids, to = ids[to != p["benefit"][ids]], to[to != p["benefit"][ids]]
    w.record("threshold_move", ids, to)
    move(w, ids, benefit=to)


def _leave(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.record("leaves_benefit", ids, w.people["benefit"][ids])
    move(w, ids, benefit=Benefit.NONE)


def _migrate(w: World, ids: I64) -> None:
    """ESA ends; nearly all claim UC, most of them in the group that matches the support group."""
    if not len(ids):
        return
    claims = w.uniform("claims.esa_claims_uc", ids) < w.value(
        "claims.esa_migration_claim_share", ids
    )
    support = w.uniform("claims.esa_support_group", ids) < w.value(
        "claims.esa_support_group_share", ids
    )
    group = np.where(support, Benefit.LCWRA, Benefit.LCW)
    to = np.where(claims, group, Benefit.NONE)
    w.record("esa_migration", ids, to)
    move(w, ids, benefit=to)


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="claims",
    does="People claim UC or ESA, come onto UC in work, leave benefits, move from ESA.",
    act=act,
    columns=COLUMNS,
    clocks=("claim",),
    streams=(
        Stream(
            "enters_uc",
            0.01 / YEAR,
            reads=("claims.in_work_uc_entry_rate", "claims.other_inactive_uc_rate"),
            feels=("work", "benefit", "age"),
            states=in_states((*HAS_JOB, Labour.OTHER_INACTIVE), (Benefit.NONE,)),
            by_kind=by_kind(
                _entering_in_work, (in_states((Labour.OTHER_INACTIVE,)), _entering_inactive)
            ),
        ),
        Stream(
            "claims_for_health",
            0.01 / YEAR,
            reads=("claims.other_inactive_health_claim_rate", "claims.area_exponent"),
            feels=("work", "benefit", "health"),
            states=in_states((Labour.OTHER_INACTIVE,), (Benefit.NONE, Benefit.UC_LIGHT)),
            by_kind=by_kind(_claiming_for_health),
        ),
        Stream(
            "leaves_benefit",
            0.03 / YEAR,
            reads=("claims.in_work_uc_exit_rate", "claims.exit_rate"),
            feels=("work", "benefit"),
            states=in_states(benefit=_EXITS),
            by_kind=by_kind(
                _leaving_in_work,
                *((in_states(NO_JOB, (b,)), partial(_leaving, benefit=b)) for b in _EXITS),
            ),
        ),
        Stream(
            "moves_from_esa",
            0.1 / YEAR,
            reads=("claims.esa_migration_rate",),
            feels=("benefit",),
            states=in_states(benefit=(Benefit.ESA,)),
            by_kind=by_kind(_migrating),
        ),
    ),
    events={
        "claim": LABELS["benefit"],
        "hands_in_note": LABELS["benefit"],
        "threshold_move": LABELS["benefit"],
        "leaves_benefit": LABELS["benefit"],
        "esa_migration": LABELS["benefit"],
    },
)
