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

from sim.core.steps import Rate, Step, Stream
from sim.core.world import World
from sim.pathway import claims
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import NO_JOB, YEAR, in_states, move, multiply, step_value
from sim.states import LABELS, Benefit, Labour
from sim.support import pools, programmes, workwell

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

SEARCH_EDGES: Final = np.array([91, 183, 365])
"""Days of search after which jobs come less often: three, six, twelve months."""

_TOO_ILL: Final = np.isin(
    range(len(Benefit)), (Benefit.UC_FIT_NOTE, Benefit.LCW, Benefit.LCWRA, Benefit.ESA)
)
"""Benefits for people who are too ill to work."""

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


def offer(w: World, ids: I64, peak: bool) -> F64:
    """Hazard per day of a job offer that is taken."""
    p = w.people
    labour = p["labour"][ids]
    searched = w.day - p["labour_since"][ids].astype(np.int64)
    searching = step_value(w, "job_search.offer_rate", ids, searched, SEARCH_EDGES, peak=peak)
    inactive = w.value("job_search.other_inactive_offer_rate", ids, p["age_band"][ids])
    rate = np.where(labour == Labour.SEARCHING, searching, inactive)
    rate *= _health_ratio(w, ids, peak)
    multiply(rate, p["sick"][ids], w.value("job_search.ill_ratio", ids))
    rate *= w.value("job_search.benefit_ratio", ids, p["benefit"][ids])
    # The rate of the long-term sick is theirs as a group: health is in it already.
    rate = np.where(
        labour == Labour.SICK_INACTIVE, w.value("job_search.sick_inactive_offer_rate", ids), rate
    )
    multiply(rate, p["sanctioned"][ids], w.value("conditionality.job_offer_hazard_ratio", ids))
    awarded = (p["benefit"][ids] == Benefit.LCW) | (p["benefit"][ids] == Benefit.LCWRA)
    multiply(rate, awarded, w.value("job_search.award_hazard_ratio", ids))
    rate *= w.value("job_search.hazard_ratio", ids) * workwell.effect(w, ids, "job_finding") / YEAR
    rate *= programmes.effect(w, ids, "job_finding") * pools.loss(w, ids, peak)
    return rate


@by_kind
def _health_ratio(k: Kinds) -> F64:
    ratio: F64 = k.value("job_search.condition_ratio", k.condition)
    return ratio * k.limited("job_search.limiting_ratio")


def _flow(name: str, *entry: int) -> tuple[Rate, tuple[str, ...]]:
    """A rate per year that is the same in every state in which it applies: an entry of a parameter."""

    def rate(w: World, ids: I64, peak: bool) -> F64:
        return np.full(len(ids), w.value(name, ids, *entry) / YEAR)

    return rate, (name,)


def becoming_sick(w: World, ids: I64, peak: bool) -> F64:
    """Hazard per day of becoming long-term sick, for people searching or otherwise inactive."""
    searching = w.people["labour"][ids] == Labour.SEARCHING
    return np.where(searching, _searching_to_sick(w, ids, peak), _inactive_to_sick(w, ids, peak))


@by_kind
def _searching_to_sick(k: Kinds) -> F64:
    return k.value("job_search.to_inactive_rate", *_TO_SICK) * claims.area_ratio(k) / YEAR


@by_kind
def _inactive_to_sick(k: Kinds) -> F64:
    rate: F64 = k.value("job_search.become_sick_inactive_rate", k.limiting)
    return rate * claims.area_ratio(k) / YEAR


def starting_to_search(w: World, ids: I64, peak: bool) -> F64:
    """Hazard per day of starting to look for work, for people who are inactive.

    Whoever is on a health benefit starts as seldom as the long-term sick, whatever reason for
    inactivity they give.
    """
    p = w.people
    too_ill = (p["labour"][ids] == Labour.SICK_INACTIVE) | _TOO_ILL[p["benefit"][ids]]
    result: F64 = w.value("job_search.search_rate", ids, too_ill.view(np.uint8)) / YEAR
    return result


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

_stop_rate, _stop_reads = _flow("job_search.to_inactive_rate", 0, 0)
_better_rate, _better_reads = _flow("job_search.sick_to_other_rate")

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
        ),
        Stream(
            "starts_searching",
            0.04 / YEAR,
            starting_to_search,
            ("job_search.search_rate",),
            feels=("work", "benefit"),
            states=in_states((Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)),
        ),
        Stream(
            "stops_searching",
            0.2 / YEAR,
            _stop_rate,
            _stop_reads,
            feels=("work",),
            states=in_states((Labour.SEARCHING,)),
        ),
        Stream(
            "becomes_long_term_sick",
            0.01 / YEAR,
            becoming_sick,
            (
                "job_search.become_sick_inactive_rate",
                "job_search.to_inactive_rate",
                "claims.area_exponent",
            ),
            feels=("work", "health"),
            states=in_states((Labour.SEARCHING, Labour.OTHER_INACTIVE)),
        ),
        Stream(
            "stops_being_sick",
            0.02 / YEAR,
            _better_rate,
            _better_reads,
            feels=("work",),
            states=in_states((Labour.SICK_INACTIVE,)),
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
