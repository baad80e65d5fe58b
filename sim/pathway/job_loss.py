"""Job loss: people leave work, because they are off sick too long or for any other reason.

The longer somebody is off sick, the likelier it is that the job is gone before they are back: the chance
that an absence ends in leaving, by its length, is published, and splits the hazard of the absence ending.
Others lose or leave jobs for other reasons: to look for another, or to be inactive (study, family,
retirement). New jobs are lost more easily, and so are jobs of people whose health limits their work.

Parameters: ``scenarios/parameters/job_loss.yaml``. Evidence: leaving rates by length of absence (DWP and
DHSC), quarterly flows out of employment (ONS Labour Force Survey).
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import choose
from sim.core.steps import Columns, Ratio, Step, Stream
from sim.core.world import World
from sim.pathway import claims, return_to_work
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import HAS_JOB, YEAR, in_states, step_value
from sim.states import Labour
from sim.support import programmes, workwell

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

TO: Final = np.array([Labour.SEARCHING, Labour.OTHER_INACTIVE], np.uint8)
"""Where people go whose job is lost, or left."""
AFTER_SICKNESS: Final = np.array(
    [Labour.SEARCHING, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE], np.uint8
)
TENURE_EDGES: Final = np.array([122, 365])
"""Days in a job after which it is less easily lost: four months, a year."""

COLUMNS: Final[Columns] = {"job_since": (np.int16, -20_000), "jobs_left": (np.uint8, 0)}

_READS: Final = (
    "job_loss.rate",
    "job_loss.limiting_ratio",
    "job_loss.new_job_ratio",
    "job_loss.hazard_ratio",
    *workwell.JOB_LOSS_READS,
    *programmes.effect_reads("job_loss"),
)
_FEELS: Final = ("work", "health", "age", "support")
_SICK_READS: Final = (
    "job_loss.sick_leaving_hazard_ratio",
    *workwell.JOB_LOSS_READS,
    *programmes.effect_reads("job_loss"),
)


def split_absence(total: F64, leaving_share: F64, from_day: NDArray[np.integer]) -> tuple[F64, F64]:
    """Split the hazard of an absence ending into going back and leaving.

    Parameters
    ----------
    total : float array, shape (causes, days + 1)
        Cumulative hazard of the end of an absence.
    leaving_share : float array, shape (bands,)
        Share of the absences that end in a band of lengths that end in leaving work.
    from_day : int array, shape (bands,)
        First day of each band.

    Returns
    -------
    recovery, leaving : float arrays, shape (causes, days + 1)
    """
    day = np.arange(1, total.shape[1])
    share = leaving_share[np.searchsorted(from_day, day, side="right") - 1]
    ends = np.diff(total, axis=1)
    start = np.zeros((len(total), 1))
    leaving = np.concatenate([start, np.cumsum(ends * share, axis=1)], axis=1)
    recovery = np.concatenate([start, np.cumsum(ends * (1 - share), axis=1)], axis=1)
    return recovery, leaving


# ---- Hazards ----------------------------------------------------------------------------------------------


def _leaving(k: Kinds, to: int) -> F64:
    """Hazard per day of leaving a job, to look for another or to be inactive."""
    rate: F64 = k.value("job_loss.rate", to, k.age_band)
    return rate * k.limited("job_loss.limiting_ratio") * k.value("job_loss.hazard_ratio") / YEAR


def leaving_job_ratio(w: World, ids: I64, peak: bool) -> F64:
    """Ratio on leaving a job: new jobs, and support."""
    tenure = w.day - w.people["job_since"][ids].astype(np.int64)
    ratio = step_value(w, "job_loss.new_job_ratio", ids, tenure, TENURE_EDGES, peak=peak)
    workwell.multiply_effect(w, ids, "job_loss", ratio)
    programmes.multiply_effect(w, ids, "job_loss", ratio)
    return ratio


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's job losses, after sickness or for other reasons."""
    sick = w.due_today("leaves_while_sick")
    others, which = w.strikes_of("loses_job", "leaves_job")
    # Whoever leaves because of sickness today has no job any more to lose or leave.
    has_job = w.due["leaves_while_sick"][others] != w.day
    others, which = others[has_job], which[has_job]
    w.record("job_loss", others, which)
    leave(w, np.concatenate([sick, others]), np.concatenate([after_sickness(w, sick), TO[which]]))


def after_sickness(w: World, ids: I64) -> NDArray[np.uint8]:
    """An absence ends the job; some look for another, more are long-term sick."""
    drawn = choose(
        w.uniform("job_loss.after_sickness", ids, w.people["jobs_left"][ids]),
        w.running("job_loss.after_sickness_destination", ids),
    )
    return_to_work.count_absence(w, "left_work_sick", ids)
    return AFTER_SICKNESS[drawn]


def leave(w: World, ids: I64, to: NDArray[np.uint8]) -> None:
    """People stop working; sick pay stops; who is not looking for work is not certified any longer."""
    if not len(ids):
        return
    p = w.people
    p["jobs_left"][ids] += 1
    w.cancel("leaves_while_sick", ids)
    w.cancel("sick_pay", ids)
    claims.leave_job(w, ids, to)
    settled = ids[p["labour"][ids] != Labour.SEARCHING]
    w.cancel("recovery", settled)
    return_to_work.end_spell(w, settled)


# ---- The step -----------------------------------------------------------------------------------------------


def _stream(name: str, base: float, to: int) -> Stream:
    of_kind = by_kind(partial(_leaving, to=to))
    return Stream(
        name, base, leaving_job_ratio, _READS, _FEELS, in_states(HAS_JOB), by_kind=of_kind
    )


STEP: Final = Step(
    name="job_loss",
    does="People lose or leave their jobs, while off sick or for other reasons.",
    act=act,
    columns=COLUMNS,
    spells=("leaves_while_sick",),
    streams=(
        _stream("loses_job", 0.01 / YEAR, 0),
        _stream("leaves_job", 0.02 / YEAR, 1),
    ),
    ratios=(
        Ratio("leaves_while_sick", return_to_work.leaving_ratio, _SICK_READS, feels=("support",)),
    ),
    events={
        "job_loss": ("searching", "other_inactive"),
        "left_work_sick": return_to_work.LENGTH_BANDS,
    },
)
