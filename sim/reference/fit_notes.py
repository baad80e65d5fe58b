"""Fit notes: after a week of self-certification a GP signs people off, and again until it is over."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from sim.reference import claims, support, workwell
from sim.reference.person import Person
from sim.states import Benefit, Labour

if TYPE_CHECKING:
    from sim.reference.world import PlainWorld

AFTER_THE_NOTE = 100
"""Rank in a line of those who were offered a programme in the conversation, behind those at the note."""


def act(p: Person) -> None:
    """A certificate runs out today; there is another, if there is still cause."""
    if p.due("fit_note") and needs_note(p):
        p.world.surgeries.requests.append(p)


def needs_note(p: Person) -> bool:
    """Off sick; or ill while looking for work and seen by a GP; or on UC before the assessment."""
    if p.labour == Labour.OUTSIDE:
        return False
    if p.labour == Labour.OFF_SICK or p.benefit == Benefit.UC_FIT_NOTE:
        return True
    seen = p.happens("fit_note.seen_by_gp", "fit_notes.out_of_work_certified_share", p.sick_spells)
    return p.labour == Labour.SEARCHING and p.sick > 0 and seen


def conversation_lot(p: Person) -> float:
    """The lot that decides on a conversation: the lower, the sooner."""
    return p.chance("fit_note.conversation", p.notes_ever)


def asks_for_conversation(p: Person) -> bool:
    """Whether this request is to bring a conversation about work and health."""
    share = p.value("fit_notes.conversation_share") * p.value(
        "fit_notes.conversation_order_ratio", p.notes_in_spell > 0
    )
    return bool(conversation_lot(p) < share)


def issue(p: Person, asked: bool, conversation: bool) -> None:
    """Write a note: after a conversation or not, its kind, its length; then it is handed in."""
    number, repeat = p.notes_ever, p.notes_in_spell > 0
    if asked and not conversation:
        p.record("no_conversation", "no_time")
    if conversation:
        may_be_fit_share = p.value("fit_notes.conversation_may_be_fit_share")
    else:
        may_be_fit_share = 1.0 - p.value("fit_notes.not_fit_share")
    may_be_fit = p.chance("fit_note.kind", number) < may_be_fit_share
    length = p.outcome("fit_note.length", p.value("fit_notes.length", repeat), number)
    days = p.world.note_lengths[length]

    p.notes_in_spell = min(p.notes_in_spell, 254) + 1
    p.notes_ever += 1
    p.may_be_fit = may_be_fit
    offered = p.happens("fit_note.employer_offer", "return_to_work.employer_offer_share", number)
    p.adjusted_duties = may_be_fit and offered
    p.plan("fit_note", p.today + days)
    p.record("fit_note", name_of(may_be_fit, repeat, days))
    if conversation:
        p.record("conversation", "work_and_health")
    claims.hand_in_note(p)


def name_of(may_be_fit: bool, repeat: bool, days: int) -> str:
    """What the note is counted under."""
    kind = "may_be_fit" if may_be_fit else "not_fit"
    order = "repeat" if repeat else "first"
    length = "under_5_weeks" if days < 35 else "5_to_20_weeks" if days < 140 else "20_weeks_plus"
    return f"{kind}_{order}_{length}"


def this_note(p: Person) -> int:
    """How many notes a person had before the one just written."""
    return p.notes_ever - 1


def refer(world: PlainWorld, people: list[Person], talks: list[Person]) -> None:
    """Some patients are referred to WorkWell, more of them after a conversation; some elsewhere."""
    lot = "workwell.gp_referral"
    after = "fit_notes.conversation_referral_share"
    chosen = [
        p
        for p in people
        if p.happens(lot, after if p in talks else f"{lot}_share", this_note(p))
        and workwell.can_be_referred(p)
    ]
    for p in world.visits.refer(chosen, lot, this_note):
        workwell.refer(p, "gp")
    support.offer_at(world, people, "fit_note", this_note)
    support.offer_at(world, talks, "conversation", this_note, rank=AFTER_THE_NOTE)


# ---- The surgeries ----------------------------------------------------------------------------------------


class Surgeries:
    """General practice: notes for everybody who asks, conversations and referrals as far as there is time."""

    def __init__(self, world: PlainWorld) -> None:
        self.world = world
        self.requests: list[Person] = []

    def work(self) -> Generator[simpy.Event, None, None]:
        """Every day: time for conversations goes to the lowest lots; all notes are written; then come referrals."""
        while True:
            yield self.world.next_moment("surgeries")
            asked = [p for p in self.requests if asks_for_conversation(p)]
            talks = self.world.visits.in_time("conversation", asked, conversation_lot)
            for p in self.requests:
                issue(p, p in asked, p in talks)
            refer(self.world, self.requests, talks)
            self.requests = []
