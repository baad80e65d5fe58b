"""Fit notes: after seven days of self-certification a GP signs people off, and again until it is over.

On the eighth day of a spell a patient asks for a note. Nearly all say "not fit for work"; some say "may be
fit" with adjustments, which an employer may or may not offer. When a note runs out and the patient is
still ill, there is another, usually a longer one. People who claim UC with a health condition need notes
until their assessment. Where a trailblazer runs, asking for a note can bring a conversation about work and
health instead: more people are told they may be fit, and some are referred to WorkWell.

Parameters: ``scenarios/parameters/fit_notes.yaml``. Evidence: fit notes issued in England, their kind and
length (NHS England).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import choose
from sim.core.steps import Columns, Step
from sim.core.world import World
from sim.pathway import claims
from sim.states import Benefit, Labour
from sim.support import programmes, workwell
from sim.support.pools import time_to_refer

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# ---- Declarations ---------------------------------------------------------------------------------------

KINDS: Final = ("not_fit", "may_be_fit")
ORDERS: Final = ("first", "repeat")
LENGTH_CLASSES: Final = ("under_5_weeks", "5_to_20_weeks", "20_weeks_plus")
LENGTH_CLASS_EDGES: Final = np.array([35, 140])

COLUMNS: Final[Columns] = {
    "notes_in_spell": (np.uint8, 0),
    "notes_ever": (np.uint16, 0),
    "note_until": (np.int16, -20_000),
}


# ---- Action -------------------------------------------------------------------------------------------------


def act(w: World) -> None:
    """Everybody whose certificate runs out today gets another, if there is still cause."""
    ids = w.due_today("fit_note")
    if not len(ids):
        return
    w.cancel("fit_note", ids)
    ids = ids[_needs_note(w, ids)]
    if len(ids):
        issue(w, ids)


def _needs_note(w: World, ids: I64) -> NDArray[np.bool_]:
    """Off sick; or ill while looking for work and seen by a GP; or on UC before the assessment."""
    p = w.people
    labour = p["labour"][ids]
    before_assessment = p["benefit"][ids] == Benefit.UC_FIT_NOTE
    needs: NDArray[np.bool_] = (labour == Labour.OFF_SICK) | before_assessment
    doubtful = ((labour == Labour.SEARCHING) & (p["sick"][ids] > 0)).nonzero()[0]
    who = ids[doubtful]
    needs[doubtful] |= w.uniform("fit_note.seen_by_gp", who, p["sick_spells"][who]) < w.value(
        "fit_notes.out_of_work_certified_share", who
    )
    return needs & (labour != Labour.OUTSIDE)


def issue(w: World, ids: I64) -> None:
    """Write the notes: conversation or not, kind, length; then what follows from them."""
    p = w.people
    number = p["notes_ever"][ids]
    repeat = (p["notes_in_spell"][ids] > 0).astype(np.int64)
    conversation_lot, kind_lot, length_lot, offer_lot, referral_lot = w.uniforms(
        (
            "fit_note.conversation",
            "fit_note.kind",
            "fit_note.length",
            "fit_note.employer_offer",
            "workwell.gp_referral",
        ),
        ids,
        number,
    )
    conversation_share = w.value("fit_notes.conversation_share", ids) * w.value(
        "fit_notes.conversation_order_ratio", ids, repeat
    )
    conversation = conversation_lot < conversation_share
    asks = conversation.nonzero()[0]
    if len(asks):
        conversation[asks] = w.services["gp_time"].grant(
            w, "conversation", ids[asks], conversation_lot[asks]
        )
        w.record("no_conversation", ids[asks[~conversation[asks]]])
    may_be_fit_share = np.where(
        conversation,
        w.value("fit_notes.conversation_may_be_fit_share", ids),
        1.0 - w.value("fit_notes.not_fit_share", ids),
    )
    may_be_fit = kind_lot < may_be_fit_share
    length = choose(length_lot, w.running("fit_notes.length", ids, repeat))
    days = w.facts["note_lengths"][length]

    p["notes_in_spell"][ids] = np.minimum(p["notes_in_spell"][ids], 254) + 1
    p["notes_ever"][ids] += 1
    p["note_until"][ids] = w.day + days
    w.touch(ids[p["may_be_fit"][ids] | may_be_fit], "note")
    p["may_be_fit"][ids] = may_be_fit
    offered = offer_lot < w.value("return_to_work.employer_offer_share", ids)
    p["adjusted_duties"][ids] = may_be_fit & offered
    w.set_due("fit_note", ids, w.day + days)
    length_class = LENGTH_CLASS_EDGES.searchsorted(days, side="right")
    w.record("fit_note", ids, (may_be_fit * 2 + repeat) * 3 + length_class)
    w.record("conversation", ids[conversation])
    claims.hand_in_note(w, ids)
    _refer(w, ids, conversation, number, referral_lot)


def _refer(
    w: World, ids: I64, conversation: NDArray[np.bool_], number: NDArray[np.uint16], lot: F64
) -> None:
    """Some patients are referred to WorkWell, more of them after a conversation; some to other programmes."""
    share = np.where(
        conversation,
        w.value("fit_notes.conversation_referral_share", ids),
        w.value("workwell.gp_referral_share", ids),
    )
    chosen = (lot < share).nonzero()[0]
    chosen = chosen[workwell.can_be_referred(w, ids[chosen])]
    chosen = chosen[time_to_refer(w, ids[chosen], lot[chosen])]
    workwell.refer(w, ids[chosen], workwell.ROUTES.index("gp"))
    programmes.offer_at(w, "fit_note", ids, number)
    programmes.offer_at(w, "conversation", ids[conversation], number[conversation])


# ---- The step -----------------------------------------------------------------------------------------------

STEP: Final = Step(
    name="fit_notes",
    does="GPs issue fit notes to people whose self-certification or last note runs out.",
    act=act,
    columns=COLUMNS,
    clocks=("fit_note",),
    events={
        "fit_note": tuple(f"{k}_{o}_{c}" for k in KINDS for o in ORDERS for c in LENGTH_CLASSES),
        "conversation": ("work_and_health",),
        "no_conversation": ("no_time",),
        "no_referral": ("no_time",),
    },
)
