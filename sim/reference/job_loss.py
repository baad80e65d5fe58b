"""Job loss: people leave work, because they are off sick too long or for any other reason."""

from __future__ import annotations

from bisect import bisect_right

from sim.reference import claims, return_to_work, support, workwell
from sim.reference.person import YEAR, Person, Shock
from sim.states import Labour

AFTER_SICKNESS = (Labour.SEARCHING, Labour.SICK_INACTIVE, Labour.OTHER_INACTIVE)
TENURE = (122, 365)


# ---- Hazards ----------------------------------------------------------------------------------------------


def to_search(p: Person, at_most: bool) -> float:
    """Per day, of losing a job and looking for another."""
    return _leaving(p, 0, at_most)


def to_inactivity(p: Person, at_most: bool) -> float:
    """Per day, of leaving a job and not looking for another."""
    return _leaving(p, 1, at_most)


def _leaving(p: Person, to: int, at_most: bool) -> float:
    rate = p.value("job_loss.rate", to, p.age_band)
    if p.limiting:
        rate *= p.value("job_loss.limiting_ratio")
    by_tenure = p.value("job_loss.new_job_ratio")
    band = bisect_right(TENURE, p.today - p.job_since)
    rate *= max(by_tenure[band:]) if at_most else by_tenure[band]
    rate *= p.value("job_loss.hazard_ratio") * workwell.effect(p, "job_loss") / YEAR
    return rate * support.effect(p, "job_loss")


def has_job(p: Person) -> bool:
    """In work, or off sick from it."""
    return p.labour in (Labour.IN_WORK, Labour.OFF_SICK)


SHOCKS = (
    Shock("loses_job", 0.01 / YEAR, to_search, has_job),
    Shock("leaves_job", 0.02 / YEAR, to_inactivity, has_job),
)
RATIOS = {"leaves_while_sick": return_to_work.leaving_ratio}


# ---- What happens -----------------------------------------------------------------------------------------


def act(p: Person) -> None:
    """Lose the job by a long absence, or for another reason."""
    if p.due("leaves_while_sick"):
        destination = p.outcome(
            "job_loss.after_sickness", p.value("job_loss.after_sickness_destination"), p.jobs_left
        )
        return_to_work.count_absence(p, "left_work_sick")
        leave(p, AFTER_SICKNESS[destination])
    if p.struck("loses_job"):
        p.record("job_loss", "searching")
        leave(p, Labour.SEARCHING)
    if p.struck("leaves_job"):
        p.record("job_loss", "other_inactive")
        leave(p, Labour.OTHER_INACTIVE)


def leave(p: Person, to: int) -> None:
    """Stop working; who does not look for work is not certified any longer."""
    p.jobs_left += 1
    p.call_off("leaves_while_sick", "sick_pay")
    claims.leave_job(p, to)
    if p.labour != Labour.SEARCHING:
        p.call_off("recovery")
        return_to_work.end_spell(p)
