"""Job search: people find work, start or stop looking for it, become long-term sick, or cease to be.

Whoever looks for work finds it sooner in the first months than later. The long-term sick seldom do; people
who are inactive for other reasons (students, above all) more often. A condition, a limit on work and some
benefits make it less likely; support can make it more likely. Those who find a job in place of somebody
else are displacement: a stated share, which results take off to show a net figure beside the gross one.

Parameters: ``scenarios/parameters/job_search.yaml``. Evidence: into-work rates of UC claimants (DWP),
quarterly labour-market flows (ONS), re-entry of the long-term sick (Labour Force Survey studies).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.steps import Step, Stream
from sim.core.world import World
from sim.pathway import claims
from sim.pathway.kinds import Kinds, OfKind, by_kind
from sim.pathway.person import NO_JOB, YEAR, in_states, move, multiply, step_value
from sim.states import LABELS, Benefit, Labour
from sim.support import pools, programmes, workwell

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

SEARCH_EDGES: Final = np.array([91, 183, 365])
"""Days of search after which jobs come less often: three, six, twelve months."""

_TOO_ILL: Final = in_states((Labour.SICK_INACTIVE,)) | in_states(
    benefit=(Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA, Benefit.ESA)
)
"""Whoever is on a health benefit starts to search as seldom as the long-term sick, whatever reason for
inactivity they give."""
_AWARDED: Final = np.isin(range(len(Benefit)), (Benefit.LCW, Benefit.LCWRA))

_TO_SICK: Final = (0, 1)
"""Entry of ``job_search.to_inactive_rate``: from searching to long-term sick."""

_OFFER_READS: Final = (
    "job_search.offer_rate",
    "job_search.sick_inactive_offer_rate",
    "job_search.other_inactive_offer_rate",
    "job_search.condition_ratio",
    "job_search.limiting_ratio",
    "job_search.benefit_ratio",
    "job_search.ill_ratio",
    "job_search.hazard_ratio",
    "conditionality.job_offer_hazard_ratio",
    "job_search.award_hazard_ratio",
    *workwell.JOB_FINDING_READS,
    *programmes.effect_reads("job_finding"),
    *pools.LOSS_READS,
)


# ---- Hazards ----------------------------------------------------------------------------------------------


def _searching(k: Kinds) -> F64:
    """Ratio per day of those who search, on their rate by the time that they have."""
    ratio: F64 = k.value("job_search.condition_ratio", k.condition)
    ratio = ratio * k.limited("job_search.limiting_ratio")
    return ratio * k.value("job_search.hazard_ratio") / YEAR


def _inactive(k: Kinds) -> F64:
    """Hazard per day of a job offer that is taken by somebody who is inactive for other reasons."""
    return _searching(k) * k.value("job_search.other_inactive_offer_rate", k.age_band)


def _long_sick(k: Kinds) -> F64:
    """The same of the long-term sick, whose rate is theirs as a group: health is in it already."""
    rate: F64 = k.value("job_search.sick_inactive_offer_rate")
    return rate * k.value("job_search.hazard_ratio") / YEAR


def offer(w: World, ids: I64, peak: bool) -> F64:
    """Rate by the time of search, for those who search; ratios for illness, benefit and support."""
    p = w.people
    labour, benefit = p["labour"][ids], p["benefit"][ids]
    searched = w.day - p["labour_since"][ids].astype(np.int64)
    rate = step_value(w, "job_search.offer_rate", ids, searched, SEARCH_EDGES, peak=peak)
    rate[labour != Labour.SEARCHING] = 1.0
    rest = labour != Labour.SICK_INACTIVE
    multiply(rate, rest & (p["sick"][ids] > 0), w.value("job_search.ill_ratio", ids))
    multiply(rate, rest, w.value("job_search.benefit_ratio", ids, benefit))
    multiply(rate, p["sanctioned"][ids], w.value("conditionality.job_offer_hazard_ratio", ids))
    multiply(rate, _AWARDED[benefit], w.value("job_search.award_hazard_ratio", ids))
    workwell.multiply_effect(w, ids, "job_finding", rate)
    programmes.multiply_effect(w, ids, "job_finding", rate)
    if not peak:
        pools.multiply_loss(w, ids, rate)
    return rate


def _flow(name: str, *entry: int) -> OfKind:
    """A hazard per day that is an entry of a parameter."""

    def rate(k: Kinds) -> F64:
        yearly: F64 = k.value(name, *entry)
        return yearly / YEAR

    return rate


def _searching_to_sick(k: Kinds) -> F64:
    """Hazard per day of becoming long-term sick, while looking for work."""
    rate: F64 = k.value("job_search.to_inactive_rate", *_TO_SICK)
    return rate * claims.area_ratio(k) / YEAR


def _inactive_to_sick(k: Kinds) -> F64:
    """The same, inactive for another reason."""
    rate: F64 = k.value("job_search.become_sick_inactive_rate", k.limiting)
    return rate * claims.area_ratio(k) / YEAR


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's job starts and moves between looking for work and inactivity."""
    _start_work(w, w.strikes("job_offer"))
    _search(w, w.strikes("starts_searching"))
    _stop(w, w.strikes("stops_searching"))
    sick = w.strikes("becomes_long_term_sick")
    w.record("becomes_long_term_sick", sick, w.people["labour"][sick])
    _forget_spell(w, sick)
    claims.become_sick_inactive(w, sick)
    _no_longer_sick(w, w.strikes("stops_being_sick"))


def _start_work(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.record("job_start", ids, w.people["labour"][ids])
    w.cancel("claim", ids)
    _forget_spell(w, ids)
    claims.take_job(w, ids)


def _search(w: World, ids: I64) -> None:
    """Inactive people start to look for work; their benefit follows."""
    if not len(ids):
        return
    w.record("starts_searching", ids, w.people["labour"][ids])
    benefit = w.people["benefit"][ids]
    with_duty = (benefit == Benefit.LCWRA) | (benefit == Benefit.UC_LIGHT)
    to = np.where(with_duty, Benefit.UC_SEARCH, benefit)
    move(
        w, ids, labour=Labour.SEARCHING, benefit=np.where(benefit == Benefit.ESA, Benefit.NONE, to)
    )
    claims.think_of_claiming(w, ids[(benefit == Benefit.NONE) | (benefit == Benefit.ESA)])


def _stop(w: World, ids: I64) -> None:
    """People stop looking for work, to study, to care, to retire."""
    if not len(ids):
        return
    w.record("stops_searching", ids)
    _forget_spell(w, ids)
    w.cancel("claim", ids)
    benefit = w.people["benefit"][ids]
    stays = w.uniform("claims.stays_inactive", ids, w.people["jobs_taken"][ids]) < w.value(
        "claims.inactive_uc_share", ids
    )
    to = np.where(
        benefit == Benefit.UC_SEARCH, np.where(stays, Benefit.UC_LIGHT, Benefit.NONE), benefit
    )
    move(w, ids, labour=Labour.OTHER_INACTIVE, benefit=to)


def _no_longer_sick(w: World, ids: I64) -> None:
    """Long-term sick people become inactive for another reason."""
    if not len(ids):
        return
    w.record("stops_being_sick", ids)
    benefit = w.people["benefit"][ids]
    to = np.where(benefit == Benefit.UC_SEARCH, Benefit.UC_LIGHT, benefit)
    move(w, ids, labour=Labour.OTHER_INACTIVE, benefit=to)


def _forget_spell(w: World, ids: I64) -> None:
    """A spell of illness out of work ends with the search."""
    p = w.people
    ill = ids[p["sick"][ids] > 0]
    w.cancel("recovery", ill)
    p["sick"][ill] = 0
    p["sick_ended"][ill[p["notes_in_spell"][ill] > 0]] = w.day
    p["notes_in_spell"][ill] = 0
    p["may_be_fit"][ill] = False


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="job_search",
    does="People find work, start or stop looking, become long-term sick or cease to be.",
    act=act,
    streams=(
        Stream(
            "job_offer",
            0.03 / YEAR,
            offer,
            _OFFER_READS,
            feels=("work", "health", "benefit", "age", "sanctioned", "support"),
            states=in_states(NO_JOB),
            by_kind=by_kind(
                _searching,
                (in_states((Labour.OTHER_INACTIVE,)), _inactive),
                (in_states((Labour.SICK_INACTIVE,)), _long_sick),
            ),
        ),
        Stream(
            "starts_searching",
            0.04 / YEAR,
            reads=("job_search.search_rate",),
            feels=("work", "benefit"),
            states=in_states((Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)),
            by_kind=by_kind(
                _flow("job_search.search_rate", 0), (_TOO_ILL, _flow("job_search.search_rate", 1))
            ),
        ),
        Stream(
            "stops_searching",
            0.2 / YEAR,
            reads=("job_search.to_inactive_rate",),
            feels=("work",),
            states=in_states((Labour.SEARCHING,)),
            by_kind=by_kind(_flow("job_search.to_inactive_rate", 0, 0)),
        ),
        Stream(
            "becomes_long_term_sick",
            0.01 / YEAR,
            reads=(
                "job_search.become_sick_inactive_rate",
                "job_search.to_inactive_rate",
                "claims.area_exponent",
            ),
            feels=("work", "health"),
            states=in_states((Labour.SEARCHING, Labour.OTHER_INACTIVE)),
            by_kind=by_kind(
                _inactive_to_sick, (in_states((Labour.SEARCHING,)), _searching_to_sick)
            ),
        ),
        Stream(
            "stops_being_sick",
            0.02 / YEAR,
            reads=("job_search.sick_to_other_rate",),
            feels=("work",),
            states=in_states((Labour.SICK_INACTIVE,)),
            by_kind=by_kind(_flow("job_search.sick_to_other_rate")),
        ),
    ),
    events={
        "job_start": LABELS["labour"],
        "starts_searching": LABELS["labour"],
        "stops_searching": ("other_inactive",),
        "becomes_long_term_sick": LABELS["labour"],
        "stops_being_sick": ("other_inactive",),
    },
)
