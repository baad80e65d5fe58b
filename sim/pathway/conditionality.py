"""Conditionality: appointments at the Jobcentre, missed ones, sanctions, and claims that are closed.

Claimants who must look for work see a work coach. Some miss an appointment; after a share of these, a
decision maker stops the standard allowance until the claimant is back in touch, and for a fixed time after.
Most are back within weeks; some do not come back for months. Where the reform applies, a claim that pays
nothing but the sanctioned allowance is closed at a review after six months. A sanction ends at once when
the person leaves the regime, because of a job, a fit note, or the end of the claim.

Parameters: ``scenarios/parameters/conditionality.yaml``. Evidence: adverse decisions, the rate, reasons and
lengths of sanctions, people disengaged for six months (DWP).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.contracts import check_count
from sim.core.draws import choose
from sim.core.steps import Columns, Ratio, Step, Stream
from sim.core.world import World
from sim.pathway.kinds import Kinds, by_kind
from sim.pathway.person import YEAR, in_states, move
from sim.states import Benefit

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

REASONS: Final = ("missed_appointment", "availability", "employment_programme", "other")
LENGTH_EDGES: Final = np.array([28, 91, 182])
LENGTH_BANDS: Final = ("under_4_weeks", "4_to_13_weeks", "13_to_26_weeks", "over_26_weeks")
SEARCHING: Final = 0
"""The regime of the appointments that can be missed, among those of ``appointments_per_month``."""
USUAL, DISENGAGED = 0, 1
"""Groups of the clock of sanctions: who is back in touch soon, and who stays away."""
REVIEW_DAYS, REVIEW_AGAIN_DAYS = 183, 30
"""A long sanction is looked at after six months and every month from then on, in case closure has come in."""

IN_REGIME: Final = in_states(benefit=(Benefit.UC_SEARCH,))
"""The states in which people must attend appointments and can be sanctioned."""

COLUMNS: Final[Columns] = {
    "sanctioned": (np.bool_, 0),
    "sanctions": (np.uint8, 0),
    "missed": (np.uint16, 0),
}


# ---- Hazards ----------------------------------------------------------------------------------------------


def attending(w: World, ids: I64, peak: bool) -> F64:
    """One for those who must attend appointments, zero for those who are exempt or sanctioned already."""
    exempt = w.uniform("conditionality.exempt", ids) < w.value("conditionality.exempt_share", ids)
    return (~(exempt | w.people["sanctioned"][ids])).astype(float)


def _missing(k: Kinds) -> F64:
    """Hazard per day of missing an appointment."""
    appointments = k.value("conditionality.appointments_per_month", SEARCHING) * 12
    rate = appointments * k.value("conditionality.missed_share")
    rate = rate * k.value("conditionality.sanction_sex_ratio", k.sex)
    return rate * k.value("conditionality.sanction_age_ratio", k.age_band) / YEAR


def sanctioned(w: World, ids: I64, peak: bool) -> F64:
    """One for those who are sanctioned, zero for the others."""
    return w.people["sanctioned"][ids].astype(float)


def _giving_up_claim(k: Kinds) -> F64:
    """Hazard per day of leaving UC without work while sanctioned."""
    rate: F64 = k.value("conditionality.exit_uc_hazard")
    return rate / YEAR


def contact_ratio(w: World, ids: I64) -> F64:
    """Hazard ratio on getting back in touch."""
    return np.full(len(ids), w.value("conditionality.contact_hazard_ratio", ids))


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Today's missed appointments and sanctions, contacts, reviews, and claims given up."""
    _miss(w, w.strikes("misses_appointment"))
    ends = w.due_today("sanction")
    w.cancel("sanction", ends)
    _lift(w, ends)
    _review(w, w.due_today("sanction_review"))
    gives_up = w.strikes("gives_up_claim")
    gives_up = gives_up[w.people["sanctioned"][gives_up]]
    w.record("claim_closed", gives_up, 1)
    _close(w, gives_up)


def _miss(w: World, ids: I64) -> None:
    if not len(ids):
        return
    p = w.people
    number = p["missed"][ids]
    p["missed"][ids] += 1
    coaches = w.services["coach_time"]
    if coaches.crowded(w):
        # An appointment for which no coach has time is not held, and cannot be missed.
        offered = coaches.met(w)[w.place_of(ids)]
        held = w.uniform("conditionality.held", ids, number) < offered
        ids, number = ids[held], number[held]
    w.record("missed_appointment", ids)
    share = w.value("conditionality.decision_share", ids)
    sanctioned = ids[w.uniform("conditionality.decision", ids, number) < share]
    sanction(w, sanctioned)


def sanction(w: World, ids: I64) -> None:
    """Adverse decisions: a reason, and the clock until the claimant is back in touch."""
    if not len(ids):
        return
    p = w.people
    number = p["sanctions"][ids]
    lots = w.uniforms(("conditionality.reason", "conditionality.disengaged"), ids, number)
    reason = choose(lots[0], w.running("conditionality.reason_share", ids))
    stays_away = lots[1] < w.value("conditionality.disengaged_share", ids)
    p["sanctions"][ids] += 1
    p["sanctioned"][ids] = True
    w.services["conditionality"].count(w, ids, 1)
    w.record("sanction", ids, reason)
    w.spells["sanction"].start(
        w, ids, np.where(stays_away, DISENGAGED, USUAL), contact_ratio(w, ids)
    )
    days = w.whole("conditionality.closure_after_days", ids)
    w.set_due("sanction_review", ids, w.day + np.where(days > 0, days, REVIEW_DAYS))
    w.touch(ids, "sanctioned")


def _lift(w: World, ids: I64) -> None:
    """Sanctions end; their lengths are counted."""
    if not len(ids):
        return
    days = w.day - w.people["sanction_start"][ids].astype(np.int64)
    band = LENGTH_EDGES.searchsorted(days, side="right")
    w.people["sanctioned"][ids] = False
    w.services["conditionality"].count(w, ids, -1)
    w.cancel("sanction", ids)
    w.cancel("sanction_review", ids)
    w.record("sanction_end", ids, band)
    w.recorder.spell(w, "sanction_end", ids, band, days)
    w.touch(ids, "sanctioned")


class Regime:
    """Counts who is sanctioned, and lifts a sanction at the moment at which its person leaves the regime.

    Parameters
    ----------
    places : int
        Arms times areas.
    """

    def __init__(self, places: int) -> None:
        self.sanctioned: I64 = np.zeros(places, np.int64)
        """People who are sanctioned, by place."""

    def count(self, w: World, ids: I64, change: int) -> None:
        """So many more, or fewer, are sanctioned where these people live."""
        np.add.at(self.sanctioned, w.place_of(ids), change)

    def leave(self, w: World, ids: I64) -> None:
        """People leave the regime."""
        _lift(w, ids[w.people["sanctioned"][ids]])

    def month_rows(self, w: World) -> list[tuple[str, str, I64]]:
        """People sanctioned on the last evening of the month."""
        return [("conditionality", "sanctioned", self.sanctioned.copy())]

    def check(self, w: World) -> None:
        """Who is counted as sanctioned is."""
        place = w.place_of(w.people["sanctioned"].nonzero()[0])
        counted = np.bincount(place, minlength=len(self.sanctioned))
        check_count(w, "conditionality", "sanctioned", self.sanctioned, counted)

    def branched(self, new: World, parents: I64) -> Regime:
        """The regime of a branched world: each place has a copy of its parent's count."""
        copy = Regime(0)
        copy.sanctioned = self.sanctioned.reshape(-1, new.areas)[parents].ravel()
        return copy


def begin(w: World) -> None:
    """Open the regime, which people leave with their benefit."""
    w.services["conditionality"] = Regime(w.arms * w.areas)


def _review(w: World, ids: I64) -> None:
    """After six months: where the reform applies, claims that pay nothing else are closed."""
    if not len(ids):
        return
    w.set_due("sanction_review", ids, w.day + REVIEW_AGAIN_DAYS)
    in_force = w.value("conditionality.closure_after_days", ids) > 0
    nil_award = w.uniform("conditionality.nil_award", ids) < w.value(
        "conditionality.closure_nil_award_share", ids
    )
    closed = ids[in_force & nil_award]
    w.record("claim_closed", closed, 0)
    _close(w, closed)


def _close(w: World, ids: I64) -> None:
    """The claim ends, and the sanction with it."""
    move(w, ids, benefit=Benefit.NONE)


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="conditionality",
    does="Claimants miss appointments, are sanctioned, get back in touch; claims are closed.",
    act=act,
    columns=COLUMNS,
    clocks=("sanction_review",),
    spells=("sanction",),
    streams=(
        Stream(
            "misses_appointment",
            0.1 / YEAR,
            attending,
            (
                "conditionality.appointments_per_month",
                "conditionality.missed_share",
                "conditionality.sanction_sex_ratio",
                "conditionality.sanction_age_ratio",
                "conditionality.exempt_share",
            ),
            feels=("benefit", "sanctioned", "age"),
            states=IN_REGIME,
            by_kind=by_kind(_missing),
        ),
        Stream(
            "gives_up_claim",
            0.1 / YEAR,
            sanctioned,
            ("conditionality.exit_uc_hazard",),
            feels=("sanctioned",),
            states=IN_REGIME,
            by_kind=by_kind(_giving_up_claim),
        ),
    ),
    ratios=(Ratio("sanction", contact_ratio, ("conditionality.contact_hazard_ratio",)),),
    events={
        "missed_appointment": ("all",),
        "sanction": REASONS,
        "sanction_end": LENGTH_BANDS,
        "claim_closed": ("after_review", "given_up"),
    },
    begin=begin,
)
