"""The programmes at work: four slots, their steps, and what the rest of the pathway asks of them.

The baseline holds the programmes of April 2024 at the size they had: what they do is in the flows to which it
is fitted. What is modelled here is *more* of them, and programmes that came later. So every capacity is zero
in the baseline, and a reform that adds places adds what those places do and nothing that is there already.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.steps import Step
from sim.core.world import World
from sim.support.pools import COACH_TIME, THERAPY_TIME
from sim.support.programme import Bools, Effect, Occasion, Programme
from sim.support.referrals import COACH, EMPLOYMENT, THERAPY, WORKPLACE
from sim.support.slot import Slot

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


class EmploymentSlot(Slot):
    """Employment programmes: advisers and coaches change how often the Jobcentre offers them."""

    def referral_ratio(self, w: World, ids: I64) -> F64:
        """Ratio on the Jobcentre's offers."""
        ratio = np.ones(len(ids))
        multiply_effect(w, ids, "referral", ratio)
        return ratio


SLOTS: Final = (
    Slot(
        "coach",
        0,
        "Advisers and coaches: offers, starts, ends of support.",
        COACH,
        pool=COACH_TIME.name,
    ),
    EmploymentSlot(
        "employment", 1, "Employment programmes: offers, waits, starts, ends.", EMPLOYMENT
    ),
    Slot("therapy", 2, "Therapy: offers, waits, courses.", THERAPY, pool=THERAPY_TIME.name),
    Slot("workplace", 3, "Help at the workplace: applications, decisions, ends.", WORKPLACE),
)
PROGRAMMES: Final[dict[str, Programme]] = {
    programme.name: programme for slot in SLOTS for programme in slot.programmes
}
"""Every programme, by name."""


def multiply_effect(w: World, ids: I64, on: Effect, ratio: F64) -> None:
    """Multiply hazard ratios on something, in place, by those of all programmes that people are in."""
    helped = w.people["helped"][ids]
    if not np.count_nonzero(helped):
        return
    for slot in SLOTS:
        mine = (helped & slot.bit).nonzero()[0]
        if len(mine):
            part = np.ones(len(mine))
            slot.multiply_effect(w, ids[mine], on, part)
            ratio[mine] *= part


def effect_reads(on: Effect) -> tuple[str, ...]:
    """Parameters that the effect on something depends on."""
    return tuple(name for programme in PROGRAMMES.values() for name in programme.effect_reads(on))


def offer_at(w: World, occasion: Occasion, ids: I64, number: NDArray[np.integer]) -> None:
    """Offers at a fit note, a conversation or a decision; ``number`` counts it in each person's life."""
    for slot in w.settings.kept(w, _open):
        slot.offer_at(w, occasion, ids, number)


def _open(w: World) -> list[Slot]:
    """Slots with a programme that has capacity anywhere today."""
    return [slot for slot in SLOTS if slot.open_programmes(w)]


def leave_for_good(w: World, ids: I64) -> None:
    """People who die or reach pension age leave everything."""
    for slot in SLOTS:
        slot.leave_for_good(w, ids)


def _states(slot: Slot) -> Bools:
    """The states in which anybody can be offered a programme of a slot."""
    return np.logical_or.reduce([programme.states for programme in slot.programmes])


STEPS: Final[tuple[Step, ...]] = tuple(slot.step(_states(slot)) for slot in SLOTS)
