"""Demography: people turn 16, grow older, reach State Pension age, die."""

from __future__ import annotations

import math
from bisect import bisect_right

from sim.reference import return_to_work, support, workwell
from sim.reference.person import YEAR, Person, Shock
from sim.states import AGE_EDGES, Benefit, Labour


def dying(p: Person, at_most: bool) -> float:
    """Per day: by sex, age and limits on work."""
    rate = p.value("demography.death_rate", p.sex, p.age_band)
    if p.limiting:
        rate *= p.value("demography.death_limiting_ratio")
    return rate / YEAR


SHOCKS = (Shock("dies", 0.0005 / YEAR, dying, lambda p: p.labour != Labour.OUTSIDE),)


def act(p: Person) -> None:
    """A sixteenth birthday, a birthday that matters, a pension, a death."""
    if p.due("entry"):
        turn_16(p)
    if p.due("birthday"):
        p.age_band = bisect_right(AGE_EDGES, (p.today - p.birth_day) / YEAR)
        if p.age_band < len(AGE_EDGES):
            p.plan("birthday", math.ceil(p.birth_day + AGE_EDGES[p.age_band] * YEAR))
    if p.due("pension") and p.labour != Labour.OUTSIDE:
        leave(p, "pension_age", "reached")
    if p.struck("dies"):
        leave(p, "death", "all")


def turn_16(p: Person) -> None:
    """Into the working-age population, most of them into education."""
    p.job_since = p.today
    p.record("entry", "age_16")
    p.move(labour=p.outcome("demography.entry", p.value("demography.entry_labour_share")))


def leave(p: Person, event: str, detail: str) -> None:
    """Out of the working-age population; all that is waited for is called off."""
    p.record(event, detail)
    workwell.leave_for_good(p)
    support.leave_for_good(p)
    return_to_work.end_spell(p)
    p.call_off("recovery", "leaves_while_sick", "fit_note", "claim")
    p.call_off("wca_referral", "wca_ready", "reconsideration")
    p.move(labour=Labour.OUTSIDE, benefit=Benefit.NONE)
