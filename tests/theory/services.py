"""Services against queueing theory: each check gives p-values of a sample of clinics against an exact law.

Every check takes the seed of its sample and the law that it is told; told a wrong law, it must find it out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.engine import conduct
from sim.core.spells import SpellClock
from sim.core.steps import Step, Stream
from sim.core.world import World
from sim.support.service import Places, Service
from tests.core.toy import FIRST_DAY
from tests.theory import laws
from tests.theory.battery import means_p, shares_p
from tests.theory.clinic import Design, Visits, table_of, visits
from tests.theory.laws import Account, Clinic
from tests.theory.worlds import BARE, begin, world

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

DAYS: Final = 120
LONGER: Final = 40
"""Days of arrivals, and days after them on which those in line may still start."""
CLASSES: Final = np.array([0, 1, 2, 3, 5, 8, 13, 21, LONGER + 1])
"""Waits are counted in classes that begin at these days."""


def leaves(mean: float) -> float:
    """Chance a day that an exponential length of this mean is over."""
    return float(-np.expm1(-1.0 / mean))


QUEUES: Final[dict[str, tuple[Design, Clinic, int]]] = {
    "one_server": (Design(1, support=6), Clinic(1, 0.11, leaves(6)), 2_000),
    "four_servers": (Design(4, support=8), Clinic(4, 0.4, leaves(8)), 1_000),
    "giving_up": (
        Design(3, support=8, patience=6),
        Clinic(3, 0.5, leaves(8), gives_up=leaves(6)),
        1_000,
    ),
    "loss": (Design(3, support=8, loses=True), Clinic(3, 0.35, leaves(8), loses=True), 1_000),
    "fixed_length_one": (Design(1, support=4, fixed=True), Clinic(1, 0.2, fixed_days=4), 1_500),
    "fixed_length_three": (
        Design(3, support=4, fixed=True),
        Clinic(3, 0.6, fixed_days=4, most=120),
        1_000,
    ),
}
"""What is built, the law it is told, and how many clinics."""

A_DAY: Final = {"quarter_a_day": (1, 0.2, 1_500), "seven_quarters_a_day": (7, 1.6, 500)}
"""Quarters of a person served a day, arrivals a day, and how many clinics."""


# ---- Open clinics --------------------------------------------------------------------------------


def of_a_queue(name: str, seed: int, told: Clinic | None = None) -> dict[str, float]:
    """Waits of all who came, those who gave up or were turned away, and people there on the last evening."""
    design, law, clinics = QUEUES[name]
    seen = visits(design, clinics, law.arrivals, DAYS, LONGER, seed)
    return against(seen, clinics, expected(told or law))


def of_a_throughput(name: str, seed: int, told: float = 1.0) -> dict[str, float]:
    """The same where so many quarters of a person are served a day; ``told`` is a ratio on arrivals."""
    quarters, rate, clinics = A_DAY[name]
    seen = visits(Design(a_day=quarters / 4), clinics, rate, DAYS, LONGER, seed)
    return against(seen, clinics, expected_a_day(quarters, told * rate))


@cache
def expected(law: Clinic) -> Account:
    """What a law says of these days."""
    return laws.account(law, DAYS, LONGER)


@cache
def expected_a_day(quarters: int, rate: float) -> Account:
    """What a law says of these days."""
    return laws.throughput_account(quarters, rate, DAYS, LONGER, 120)


def against(seen: Visits, clinics: int, told: Account) -> dict[str, float]:
    """P-values of a sample against an account."""
    waited = np.where(seen.waited == -1, LONGER + 1, seen.waited)
    left = (seen.left != -1) & (seen.left - seen.came <= LONGER)
    kind = np.where(left, len(CLASSES) - 1, np.searchsorted(CLASSES, waited, side="right") - 1)
    # Whoever waits longer than is followed is left out, on both sides.
    kept = left | (waited <= LONGER)
    of_kind = np.zeros((clinics, len(CLASSES)))
    np.add.at(of_kind, (seen.clinic[kept], kind[kept]), 1)
    wanted = np.append(np.add.reduceat(told.waits, CLASSES[:-1]), told.gave_up)
    there = ((seen.came <= DAYS) & (_gone(seen) > DAYS)).astype(np.int64)
    law = told.in_clinic
    people = np.bincount(seen.clinic, there, clinics).astype(np.int64)
    counts = np.bincount(np.minimum(people, len(law) - 1), minlength=len(law))
    big = np.maximum(of_kind.mean(axis=0), wanted) > _LEAST_MEAN
    return {"waits": means_p(of_kind[:, big], wanted[big]), "people": shares_p(counts, law)}


_LEAST_MEAN: Final = 0.1


def _gone(seen: Visits) -> I64:
    """The day on which each is neither in line nor in a place any more."""
    over = np.where(seen.ended == -1, 10**6, seen.ended)
    if (seen.ended == -1).all():  # nobody holds a place: starting is the end
        over = np.where(seen.started == -1, 10**6, seen.started)
    return np.where(seen.left == -1, over, seen.left)


# ---- Parts of a place -----------------------------------------------------------------------------

HALVES, PART_SUPPORT, PART_ARRIVALS, PART_CLINICS = 5, 6.0, 0.33, 1_000
"""Places in halves, mean support, arrivals a day, and how many clinics."""


def of_a_part_of_a_place(seed: int, told: float = PART_SUPPORT) -> dict[str, float]:
    """People in line and in support on the last evening, and their person-days, against the exact chain."""
    design = Design(HALVES / 2, support=PART_SUPPORT)
    seen = visits(design, PART_CLINICS, PART_ARRIVALS, DAYS, 0, seed)
    law, in_line, in_use = expected_in_halves(told)
    counts = np.zeros(law.shape)
    np.add.at(counts, (seen.in_line[-1], seen.in_use[-1]), 1)
    days = np.stack([seen.in_line.sum(axis=0), seen.in_use.sum(axis=0)], axis=1)
    return {
        "last evening": shares_p(counts.T, law.T),
        "person-days": means_p(days, [in_line, in_use]),
    }


@cache
def expected_in_halves(support: float) -> tuple[F64, float, float]:
    """What the law says of these days."""
    return laws.half_places(HALVES, leaves(support), PART_ARRIVALS, DAYS)


# ---- A closed clinic: arrivals by calendar streams -------------------------------------------------

PEOPLE, SERVERS, FALLS_ILL, SUPPORT, CLOSED = 12, 3, 0.03, 7.0, 2_000
"""People of each clinic, its places, hazard of falling ill, mean support, number of clinics."""
WELL, ILL = 0, 1
"""States; everybody is well at first."""
WATCHED: Final = (60, 120)


def _act(w: World) -> None:
    p, service = w.people, w.services["clinic"]
    done = w.due_today("support")
    w.cancel("support", done)
    service.release(w, done)
    _turn(w, done, WELL)
    struck = w.strikes("falls_ill")
    _turn(w, struck, ILL)
    p["clinic_since"][struck] = w.day
    service.join(w, struck)
    taken = service.serve(w)
    w.spells["support"].start(w, taken, np.zeros(len(taken), np.uint8), 1.0)


def _turn(w: World, ids: I64, state: int) -> None:
    w.people["state"][ids] = state
    w.touch(ids, "state")


def _falling_ill(w: World, ids: I64, peak: bool) -> F64:
    return np.where(w.people["state"][ids] == WELL, FALLS_ILL, 0.0)


@cache
def closed(seed: int) -> list[I64]:
    """People who are ill in each clinic on the evenings watched."""
    step = Step(
        "clinic",
        "People fall ill, wait, get support, and are well again.",
        _act,
        columns={
            **BARE,
            "clinic_ticket": (np.int32, -1),
            "clinic_since": (np.int16, 0),
        },
        spells=("support",),
        streams=(Stream("falls_ill", 0.01, _falling_ill, feels=("state",)),),
    )
    w = world(step, people=CLOSED * PEOPLE, days=WATCHED[-1], seed=seed, areas=CLOSED, states=2)
    w.people["area"][:] = np.arange(len(w.keys)) // PEOPLE
    w.spells = {"support": SpellClock("support", table_of(SUPPORT))}
    amount = np.full(CLOSED, float(SERVERS))
    capacity = Places(lambda _w: amount, CLOSED)
    w.services["clinic"] = Service(w, "clinic", capacity)
    begin(w, "state")
    found = []
    for day in WATCHED:
        conduct(w, FIRST_DAY + day)
        found.append(np.bincount(w.people["area"], w.people["state"], CLOSED).astype(np.int64))
    return found


def of_a_closed_clinic(seed: int, told: float = FALLS_ILL) -> dict[str, float]:
    """How many are ill on two evenings, together, against the chain of the number of the ill."""
    change = laws.closed_clinic(PEOPLE, SERVERS, leaves(1 / told), leaves(SUPPORT))
    early, late = closed(seed)
    first = np.linalg.matrix_power(change, WATCHED[0])[0]
    onward = np.linalg.matrix_power(change, WATCHED[1] - WATCHED[0])
    both = np.zeros((PEOPLE + 1, PEOPLE + 1))
    np.add.at(both, (early, late), 1)
    return {
        "ill": shares_p(both.sum(axis=0), first @ onward),
        "ill on two evenings": shares_p(both, first[:, None] * onward),
    }


WRONG: Final = {
    name: replace(
        law, ends=law.ends * 0.95, arrivals=law.arrivals * (1.05 if law.fixed_days else 1)
    )
    for name, (_, law, _) in QUEUES.items()
}
"""Laws that are slightly wrong: support a twentieth too long, or a twentieth more who come."""
