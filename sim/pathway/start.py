"""The state people start in: clocks of spells, notes, claims and waits that are already running."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.draws import choose
from sim.core.world import World
from sim.pathway import claims, demography, return_to_work
from sim.pathway.person import YEAR, age_band_on, set_cells, state_of
from sim.people import People
from sim.states import Benefit, Labour

I64 = NDArray[np.int64]

_SAME_COLUMNS = (
    "area",
    "sex",
    "birth_day",
    "condition",
    "limiting",
    "labour",
    "labour_since",
    "benefit",
    "benefit_since",
    "earnings_band",
)


def settle(w: World, people: Sequence[People]) -> None:
    """Put the people of each arm into a new world, on its first evening."""
    p = w.people
    for name in _SAME_COLUMNS:
        p[name][:] = _of_all(people, name)
    p["age_band"][:] = age_band_on(p["birth_day"], w.day)
    everybody = np.arange(len(w.keys))
    on_uc = ((p["benefit"] == Benefit.UC_SEARCH) | (p["benefit"] == Benefit.UC_LIGHT)).nonzero()[0]
    works = on_uc[p["labour"][on_uc] <= Labour.OFF_SICK]
    p["benefit"][works] = claims.in_work_regime(w, works)
    p["state"][:] = state_of(p["condition"], p["labour"], p["benefit"])
    p["job_since"][:] = p["labour_since"]
    set_cells(w, everybody)
    _set_birthdays(w, people, everybody)
    _resume_absences(w, np.flatnonzero(p["labour"] == Labour.OFF_SICK))
    _resume_claims(w, np.flatnonzero(p["benefit"] == Benefit.UC_FIT_NOTE))
    w.renew([(name, everybody) for name in w.streams], [])


def _of_all(people: Sequence[People], name: str) -> NDArray[Any]:
    """A column of the people of all arms."""
    return np.concatenate([getattr(of_arm, name) for of_arm in people])


def _set_birthdays(w: World, people: Sequence[People], everybody: I64) -> None:
    outside = np.flatnonzero(w.people["labour"] == Labour.OUTSIDE)
    w.set_due("entry", outside, _of_all(people, "enter_day")[outside].astype(np.int64))
    pension_day = _of_all(people, "pension_day").astype(np.int64)
    w.set_due("pension", everybody, np.minimum(pension_day, NEVER - 1))
    demography.set_next_birthday(w, everybody)


def _resume_absences(w: World, ids: I64) -> None:
    """People off sick: a cause, both clocks, the next note, and the end of sick pay."""
    p = w.people
    since = p["labour_since"][ids]
    # A long absence is seldom a minor illness: causes weigh by their chance of lasting so long.
    shares = np.broadcast_to(w.value("sickness.cause", ids, p["condition"][ids]), (len(ids), 5))
    lasted = np.minimum(w.day - since.astype(np.int64), 3_000)
    causes = np.arange(5)[None, :]
    log_survival = -w.spells["recovery"].accumulated(w, ids[:, None], causes, lasted[:, None])
    weight = shares * np.exp(log_survival - log_survival.max(axis=1, keepdims=True))
    running = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    cause = choose(w.uniform("start.cause", ids), running)
    p["sick"][ids] = cause + 1
    p["sick_spells"][ids] = 1
    p["off_sick_since"][ids] = since
    p["job_since"][ids] = since - round(3 * YEAR)
    w.spells["recovery"].resume(w, ids, cause, return_to_work.recovery_ratio(w, ids), since)
    w.spells["leaves_while_sick"].resume(w, ids, cause, return_to_work.leaving_ratio(w, ids), since)
    first_note = since.astype(np.int64) + 7
    p["notes_in_spell"][ids] = first_note <= w.day
    within_a_month = w.day + 1 + (w.uniform("start.note", ids) * 28).astype(np.int64)
    w.set_due("fit_note", ids, np.where(first_note > w.day, first_note, within_a_month))
    paid = p["benefit"][ids] == Benefit.SICK_PAY
    weeks = np.asarray(w.value("return_to_work.ssp_weeks", ids[paid]))
    last_day = since[paid].astype(np.int64) + (weeks * 7).astype(np.int64)
    w.set_due("sick_pay", ids[paid], np.maximum(last_day, w.day + 1))


def _resume_claims(w: World, ids: I64) -> None:
    """People on UC with a fit note: those of the backlog stand in line, the others are yet to be referred."""
    p = w.people
    running = w.due["fit_note"][ids] != NEVER
    w.set_due(
        "fit_note",
        ids[~running],
        w.day + 1 + (w.uniform("start.note", ids[~running]) * 28).astype(np.int64),
    )
    place = w.place_of(ids)
    national = w.settings.by_arm(w, "assessment.initial_backlog") * w.facts["scale"]
    backlog = np.outer(national, w.facts["area_share"]).ravel()
    here = np.maximum(np.bincount(place, minlength=len(backlog)), 1)
    in_line = w.uniform("start.backlog", ids) < (backlog / here)[place]
    waiting = ids[in_line]
    waiting = waiting[np.argsort(p["benefit_since"][waiting], kind="stable")]
    p["wca_since"][waiting] = np.minimum(p["benefit_since"][waiting] + 57, w.day)
    w.services["wca"].join(w, waiting)
    rest = ids[~in_line]
    day = np.maximum(p["benefit_since"][rest].astype(np.int64) + 28, w.day + 1)
    spread = (w.uniform("start.referral", rest) * 28).astype(np.int64)
    w.set_due("wca_referral", rest, np.where(day > w.day + 1, day, w.day + 1 + spread))
