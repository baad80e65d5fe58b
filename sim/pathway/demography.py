"""Demography: people turn 16, grow older, reach State Pension age, die.

The population is open. Young people come in on their sixteenth birthday, most of them into education.
Everybody moves up an age band on a birthday. At State Pension age people leave the working-age
population, and their benefit ends. Some die before, more of those whose health limits their work.

Parameters: ``scenarios/parameters/demography.yaml``. Evidence: population by age (ONS), State Pension age
(Pensions Act 2014).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import choose
from sim.core.steps import Step, Stream
from sim.core.world import World
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import OF_WORKING_AGE, YEAR, age_band_on, in_states, move, set_cells
from sim.pathway.return_to_work import end_spell
from sim.states import AGE_EDGES, Benefit, Labour
from sim.support import programmes, workwell

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Hazards ----------------------------------------------------------------------------------------------


def _dying(k: Kinds) -> F64:
    """Hazard of death, per day."""
    rate: F64 = k.value("demography.death_rate", k.sex, k.age_band)
    return rate * k.limited("demography.death_limiting_ratio") / YEAR


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's sixteenth birthdays, later birthdays that matter, pensions and deaths."""
    _enter(w, w.due_today("entry"))
    _grow_older(w, w.due_today("birthday"))
    pension, dead = w.due_today("pension"), w.strikes("dies")
    dead = dead[w.due["pension"][dead] != w.day]  # whoever retires today leaves by that
    w.cancel("pension", pension)
    retired = pension[w.people["labour"][pension] != Labour.OUTSIDE]
    w.record("pension_age", retired)
    w.record("death", dead)
    _leave(w, np.concatenate([retired, dead]))


def _enter(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.cancel("entry", ids)
    state = choose(
        w.uniform("demography.entry", ids), w.running("demography.entry_labour_share", ids)
    )
    w.people["job_since"][ids] = w.day
    w.record("entry", ids)
    move(w, ids, labour=state)
    w.touch(ids, "entry")


def _grow_older(w: World, ids: I64) -> None:
    if not len(ids):
        return
    w.people["age_band"][ids] = age_band_on(w.people["birth_day"][ids], w.day)
    set_cells(w, ids)
    set_next_birthday(w, ids)
    w.touch(ids, "age")


def set_next_birthday(w: World, ids: I64) -> None:
    """Enter the next birthday at which the age band changes; nobody in the last band has one."""
    birth, band = w.people["birth_day"][ids], w.people["age_band"][ids]
    young = band < len(AGE_EDGES)
    years = np.array(AGE_EDGES)[band[young]]
    w.set_due("birthday", ids[young], np.ceil(birth[young] + years * YEAR).astype(np.int64))


def _leave(w: World, ids: I64) -> None:
    """People leave the working-age population; everything that they wait for is called off."""
    if not len(ids):
        return
    workwell.leave_for_good(w, ids)
    programmes.leave_for_good(w, ids)
    end_spell(w, ids)
    for clock in (
        "recovery",
        "leaves_while_sick",
        "fit_note",
        "claim",
        "wca_referral",
        "wca_ready",
        "reconsideration",
    ):
        w.cancel(clock, ids)
    move(w, ids, labour=Labour.OUTSIDE, benefit=Benefit.NONE)


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="demography",
    does="People turn 16, change age band, reach State Pension age, die.",
    act=act,
    clocks=("entry", "birthday", "pension"),
    streams=(
        Stream(
            "dies",
            0.0005 / YEAR,
            reads=("demography.death_rate", "demography.death_limiting_ratio"),
            feels=("health", "age", "entry"),
            states=in_states(OF_WORKING_AGE),
            by_kind=by_kind(_dying),
        ),
    ),
    events={"entry": ("age_16",), "pension_age": ("reached",), "death": ("all",)},
)
