"""A programme of support: offer, wait, start, effect, end; one mechanism for all that are alike.

Programmes are grouped into *slots*. A person is in one programme of a slot at a time, so a person's part in
a slot is a few columns whichever programme it is: ``<slot>_stage`` and ``<slot>_programme`` (the number
of the programme in its slot, from 1). Programmes of different slots can be combined.

What happens to a person::

    NOT_IN -> WAITING -> STARTED -> HELPED -> AFTER -> FADING -> NOT_IN

- *Offer.* Somebody whom a route sees and who is eligible is referred where the programme has capacity.
  Who takes it up joins the line of the area; the others have declined.
- *Wait.* First come, first served. Patience is one exponential draw a wait. Whoever is no longer eligible
  when their turn comes is turned away then, and the next is called on the same day.
- *Support.* It starts without an effect, but for the lock-in ratio on finding a job; after
  ``onset_days`` it helps. It ends on the planned day or with a drop-out, drawn at the start.
- *Effect.* A hazard ratio while it helps. After completed support a share of it (of its logarithm) stays
  for ``effect_after_days``, half of that share for ``fade_days`` more. Who drops out keeps nothing.

**Priority and transfer.** Programmes stand in their slot in order of priority. Whoever is in support, or has
an effect that still lasts, gets no other offer in the slot. Whoever waits can be offered a programme of
higher priority (a lower number); taking it up means leaving the first line. Nobody is moved out of support.

**The order within the step**, slot by slot: (1) offers of the calendar stream ``<slot>_offer``; the
programme and route are drawn in proportion to their rates of the moment; (2) the clock
``<slot>_next``: giving up, onset, end, fading, over, in this order; (3) starts, programme by
programme. Offers at a fit note or a decision are made by these steps, earlier in the day.

Draws are addressed by the number of the offer in the slot (``<slot>_offers``, counted when it is made):
``<name>.take_up``, ``<name>.patience``, ``<name>.drop_out``; the programme and route of the stream by
``<slot>.route``; offers at an occasion by ``<name>.<route>`` and the number of the occasion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.core.steps import Columns
from sim.core.world import World
from sim.pathway.person import YEAR

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

NOT_IN, WAITING, STARTED, HELPED, AFTER, FADING = range(6)
"""Values of ``<slot>_stage``."""
FADING_SHARE: Final = 0.5
"""Part of the lasting effect that is left while it fades."""

Effect = Literal["job_finding", "job_loss", "return", "referral"]
"""What support acts on: finding a job, losing or leaving one, recovery of people off sick, and
being referred by the Jobcentre to an employment programme."""
Occasion = Literal["fit_note", "conversation", "wca_decision"]
"""Decision points at which an offer can be made; all other offers come by a calendar stream."""

OFFER_DETAILS: Final = ("declined", "gave_up", "not_eligible", "transferred", "left_population")
END_DETAILS: Final = ("completed", "dropped_out", "left_population")
EFFECT_DETAILS: Final = ("begins", "fades", "over")
START_DETAILS: Final = ("in_work", "out_of_work")


def everybody(w: World, ids: I64, peak: bool) -> Bools:
    """No condition beside the states."""
    return np.ones(len(ids), bool)


@dataclass(frozen=True, eq=False)
class Route:
    """A way to an offer.

    Parameters
    ----------
    name : str
        Who makes the offer, such as ``jobcentre``.
    seen : bool array, shape (conditions, labour states, benefits)
        The states in which people are seen.
    occasion : Occasion or None
        The decision point; None for a calendar stream. A stream reads ``<programme>.<route>_rate`` (per year),
        an occasion ``<programme>.<route>_share``.
    by_practice : bool
        Whether general practice makes the offer, at an occasion, which takes its time.
    """

    name: str
    seen: Bools
    occasion: Occasion | None = None
    by_practice: bool = False

    def parameter(self, programme: str) -> str:
        """The parameter that says how often."""
        return f"{programme}.{self.name}_{'share' if self.occasion else 'rate'}"


@dataclass(frozen=True, eq=False)
class Programme:
    """What tells one programme from another; its numbers are in ``scenarios/parameters/<name>.yaml``.

    Parameters
    ----------
    name : str
        Prefix of its parameters and events.
    title : str
        As a reader knows it.
    who : str
        Who is eligible, in words.
    states : bool array, shape (conditions, labour states, benefits)
        The states in which people are eligible.
    routes : tuple of Route
    effects : tuple of Effect
        Each reads ``<name>.<effect>_hazard_ratio``.
    capacity : {"places", "starts"}
        ``<name>.places`` at once, or ``<name>.starts_per_month``; of England, shared out by residents.
    also : callable
        ``also(world, ids, peak)`` marks the people of these states who are eligible today, or (``peak``)
        may come to be without a change of state.
    by_area : bool
        Whether ``<name>.coverage`` says which areas have it.
    reads : tuple of str
        Parameters that ``also`` reads.
    """

    name: str
    title: str
    who: str
    states: Bools
    routes: tuple[Route, ...]
    effects: tuple[Effect, ...]
    capacity: Literal["places", "starts"]
    also: Callable[[World, I64, bool], Bools] = everybody
    by_area: bool = False
    reads: tuple[str, ...] = ()

    @property
    def amount(self) -> str:
        """The parameter of its capacity."""
        return f"{self.name}.{'places' if self.capacity == 'places' else 'starts_per_month'}"

    @property
    def offer_reads(self) -> tuple[str, ...]:
        """Parameters that the hazard of an offer depends on."""
        streams = [r.parameter(self.name) for r in self.routes if r.occasion is None]
        area = [f"{self.name}.coverage"] if self.by_area else []
        return (self.amount, *area, *streams, *self.reads)

    def effect_reads(self, on: Effect) -> tuple[str, ...]:
        """Parameters that the effect on something depends on."""
        reads: tuple[str, ...] = ()
        if on in self.effects:
            reads = (f"{self.name}.{on}_hazard_ratio", f"{self.name}.effect_after_share")
        if on == "job_finding" and self.locks_in:
            reads = (*reads, f"{self.name}.lock_in_ratio")
        return reads

    @property
    def locks_in(self) -> bool:
        """Whether people look for work less while support has no effect yet."""
        return "job_finding" in self.effects

    def events(self) -> dict[str, tuple[str, ...]]:
        """Its events and their details."""
        return {
            f"{self.name}_offer": tuple(route.name for route in self.routes),
            f"{self.name}_not_started": OFFER_DETAILS,
            f"{self.name}_start": START_DETAILS,
            f"{self.name}_effect": EFFECT_DETAILS,
            f"{self.name}_end": END_DETAILS,
        }

    def size(self, w: World) -> F64:
        """Capacity of each place (arm, area) today, at the scale of the run: places, or starts a day."""
        return w.settings.kept(w, self._size)

    def _size(self, w: World) -> F64:
        national = w.settings.by_arm(w, self.amount)
        if not national.any():
            return np.zeros(w.arms * w.areas)
        here = national[:, None] * w.facts["people_share"] * w.facts["scale"]
        if self.by_area:
            here = here * w.settings.by_arm(w, f"{self.name}.coverage")
        size: F64 = here.reshape(-1)
        return size if self.capacity == "places" else size * (12.0 / YEAR)

    def eligible(self, w: World, ids: I64, peak: bool = False) -> Bools:
        """Whether people are eligible, wherever they live."""
        can = self.states.ravel()[w.people["state"][ids]]
        some = can.nonzero()[0]
        if len(some):
            can[some] = self.also(w, ids[some], peak)
        return can

    def days(self, w: World, name: str, ids: I64) -> I64:
        """A length in days, at least one."""
        return np.maximum(np.asarray(w.value(f"{self.name}.{name}", ids)), 1).astype(np.int64)


def columns(slot: str) -> Columns:
    """What a person carries for a slot."""
    return {
        f"{slot}_stage": (np.uint8, NOT_IN),
        f"{slot}_programme": (np.uint8, 0),
        f"{slot}_ticket": (np.int32, -1),
        f"{slot}_since": (np.int16, 0),
        f"{slot}_ends": (np.int16, 0),
        f"{slot}_offers": (np.uint16, 0),
        f"{slot}_drops_out": (np.bool_, 0),
    }
