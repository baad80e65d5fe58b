"""Fit notes: when they are written, what they say, how long they cover, and what follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.world import World
from sim.pathway.fit_notes import KINDS, LENGTH_CLASS_EDGES, LENGTH_CLASSES, ORDERS, issue
from sim.pathway.person import move
from sim.pathway.sickness import fall_ill
from sim.scenario import override
from sim.states import Benefit, Labour
from tests.pathway.lives import (
    ENOUGH_STAFF,
    FAMILY_WISE_ERROR,
    Lives,
    live,
    share_p,
    shares_p,
    small,
    variant,
    worth,
)

LIMIT = FAMILY_WISE_ERROR / 7
"""The kind of notes with and without a conversation, lengths by order, three other shares."""
FIRST, REPEAT = range(len(ORDERS))
SELF_CERTIFIED = 7


def parts(detail: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Kind, order and length class of notes."""
    kind, rest = np.divmod(detail, len(ORDERS) * len(LENGTH_CLASSES))
    order, length = np.divmod(rest, len(LENGTH_CLASSES))
    return kind, order, length


def cover(lives: Lives, notes: Any) -> NDArray[Any]:
    """Days that notes cover."""
    until = lives.at("note_until", notes)
    return np.asarray(until.astype(np.int64) - notes["day"].to_numpy())


# ---- When ---------------------------------------------------------------------------------------


def test_the_first_note_of_an_absence_comes_on_its_eighth_day(year: Lives) -> None:
    notes = year.events("fit_note")
    notes = notes[year.at("labour", notes, before=1) == Labour.OFF_SICK]
    # Who leaves work on the day of a note gets the first one as somebody out of work.
    notes = notes[year.at("labour", notes) == Labour.OFF_SICK]
    order = parts(notes["detail"].to_numpy())[1]
    day_of_spell = notes["day"].to_numpy() - year.at("off_sick_since", notes, before=1)
    assert (order == FIRST).sum() > 500
    assert set(day_of_spell[order == FIRST]) == {SELF_CERTIFIED}
    assert (day_of_spell[order == REPEAT] > SELF_CERTIFIED).all()


def test_whoever_is_off_sick_on_the_eighth_day_has_a_note(year: Lives) -> None:
    """Nobody is off sick for longer than self-certification without one."""
    off = year.evening["labour"] == Labour.OFF_SICK
    day = year.first + np.arange(year.days + 1)[:, None]
    long_off = off & (day - year.evening["off_sick_since"] >= SELF_CERTIFIED)
    assert long_off.sum() > 10_000
    assert (year.evening["notes_in_spell"][long_off] > 0).all()
    since_start = year.evening["off_sick_since"] > year.first
    assert (year.evening["note_until"] > day)[long_off & since_start].all()
    short = off & (day - year.evening["off_sick_since"] < SELF_CERTIFIED)
    assert (year.evening["notes_in_spell"][short] == 0).all()


def test_the_next_note_comes_exactly_when_the_last_runs_out(year: Lives) -> None:
    notes = year.events("fit_note").sort_values(["person", "day"])
    order = parts(notes["detail"].to_numpy())[1]
    until = year.at("note_until", notes).astype(np.int64)
    same = notes["person"].to_numpy()[1:] == notes["person"].to_numpy()[:-1]
    follows = same & (order[1:] == REPEAT)
    assert follows.sum() > 500
    off_sick = year.at("labour", notes, before=1)[1:] == Labour.OFF_SICK
    gap = notes["day"].to_numpy()[1:] - until[:-1]
    assert (gap[follows & off_sick] == 0).all()
    assert (gap[follows] >= 0).all()
    assert (gap[follows] == 0).mean() > 0.95


def test_a_spell_starts_without_notes_of_an_earlier_claim(start: World) -> None:
    world = variant(start, small())
    p = world.people
    ids = np.flatnonzero((p["labour"] == Labour.IN_WORK) & (p["benefit"] == Benefit.NONE))[:20]
    p["notes_in_spell"][ids], p["may_be_fit"][ids], p["adjusted_duties"][ids] = 3, True, True
    fall_ill(world, ids)
    assert not p["notes_in_spell"][ids].any()
    assert not (p["may_be_fit"] | p["adjusted_duties"])[ids].any()
    assert (world.people["recovery_ratio"][ids] == 1).all()


@pytest.mark.parametrize("days", [0, 1, 14])
def test_the_days_of_self_certification_are_a_lever(start: World, days: int) -> None:
    scenario = override(small(), {"fit_notes.self_certification_days": days})
    lives = live(variant(start, scenario), 40, ("labour", "off_sick_since"))
    notes = lives.events("fit_note")
    notes = notes[lives.at("labour", notes, before=1) == Labour.OFF_SICK]
    begun = lives.at("off_sick_since", notes, before=1)
    day_of_spell = notes["day"].to_numpy() - begun
    under_watch = begun > lives.first
    assert under_watch.sum() > 20
    assert day_of_spell[under_watch].min() == max(days, 1)


# ---- What they say ------------------------------------------------------------------------------


def test_the_share_of_not_fit_notes_is_the_parameter(year: Lives) -> None:
    kind = parts(year.events("fit_note")["detail"].to_numpy())[0]
    share = float(worth(year.world, "fit_notes.not_fit_share"))
    assert share_p((kind == KINDS.index("not_fit")).sum(), len(kind), share) > LIMIT


@pytest.mark.parametrize("order", [FIRST, REPEAT])
def test_notes_cover_as_many_days_as_their_order_says(year: Lives, order: int) -> None:
    notes = year.events("fit_note")
    notes = notes[parts(notes["detail"].to_numpy())[1] == order]
    days = cover(year, notes)
    possible = year.world.facts["note_lengths"]
    counts = (days[:, None] == possible).sum(axis=0)
    assert counts.sum() == len(notes)
    shares = worth(year.world, "fit_notes.length")[order]
    assert shares_p(counts, shares) > LIMIT


def test_notes_are_counted_by_their_length(year: Lives) -> None:
    notes = year.events("fit_note")
    _, _, length_class = parts(notes["detail"].to_numpy())
    by_days = np.searchsorted(LENGTH_CLASS_EDGES, cover(year, notes), side="right")
    np.testing.assert_array_equal(length_class, by_days)
    assert set(length_class) == set(range(len(LENGTH_CLASSES)))


def test_a_note_sets_its_kind_until_the_next_and_spells_end_it(year: Lives) -> None:
    notes = year.events("fit_note")
    kind = parts(notes["detail"].to_numpy())[0]
    np.testing.assert_array_equal(year.at("may_be_fit", notes), kind == KINDS.index("may_be_fit"))
    at_work = year.evening["labour"] == Labour.IN_WORK
    certified = year.evening["benefit"] == Benefit.UC_FIT_NOTE
    assert not year.evening["may_be_fit"][at_work & ~certified & (year.evening["sick"] > 0)].any()


# ---- Conversations ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talks(start: World) -> Lives:
    """Half a year in which every request for a note brings a conversation."""
    scenario = override(small(), ENOUGH_STAFF | {"fit_notes.conversation_share": 1})
    return live(variant(start, scenario), 183, ("labour",))


def test_after_a_conversation_more_people_may_be_fit(talks: Lives) -> None:
    kind = parts(talks.events("fit_note")["detail"].to_numpy())[0]
    assert len(talks.events("conversation")) == len(kind) > 1_000
    share = float(worth(talks.world, "fit_notes.conversation_may_be_fit_share"))
    assert share_p((kind == KINDS.index("may_be_fit")).sum(), len(kind), share) > LIMIT


def test_without_the_reform_there_is_no_conversation(year: Lives) -> None:
    assert not len(year.events("conversation"))


def test_conversations_lead_to_workwell_only_where_it_runs(start: World) -> None:
    referring = ENOUGH_STAFF | {
        "fit_notes.conversation_share": 1,
        "workwell.coaches": {"E54000057": 1000},
        **{f"workwell.{route}_rate": 0 for route in ("employer", "jobcentre")},
        "workwell.self_rate": {"in_work": 0, "out_of_work": 0},
        "workwell.community_rate": {"in_work": 0, "out_of_work": 0},
    }
    lives = live(variant(start, override(small(), referring)), 183, ("workwell", "sick", "labour"))
    area = lives.world.people["area"]
    here = area == area[np.flatnonzero(lives.world.people["workwell_referrals"])[0]]
    referred = lives.events("workwell_referral")
    assert len(referred) > 100
    assert here[referred["person"]].all()
    assert (referred["detail"] == 0).all()
    talked = lives.events("conversation")
    # Whoever is already with WorkWell is not referred again; nor is who has no health condition.
    open_to_it = here[talked["person"]] & (lives.at("workwell", talked, before=1) == 0)
    open_to_it &= lives.at("sick", talked, before=1) > 0
    open_to_it &= lives.at("labour", talked, before=1) <= Labour.SICK_INACTIVE
    share = float(worth(lives.world, "fit_notes.conversation_referral_share"))
    followed = set(zip(referred["day"], referred["person"], strict=True))
    happened = [
        (day, person) in followed
        for day, person in talked.loc[open_to_it, ["day", "person"]].to_numpy()
    ]
    assert share_p(sum(happened), len(happened), share) > LIMIT


# ---- Who gets one -------------------------------------------------------------------------------


def test_notes_go_to_the_sick_and_to_claimants_before_their_assessment(year: Lives) -> None:
    notes = year.events("fit_note")
    labour, benefit = (year.at(c, notes, before=1) for c in ("labour", "benefit"))
    sick = year.at("sick", notes, before=1) > 0
    off = labour == Labour.OFF_SICK
    looking = (labour == Labour.SEARCHING) & sick
    claiming = benefit == Benefit.UC_FIT_NOTE
    assert min(off.sum(), looking.sum(), claiming.sum()) > 30
    # A few lost their job, or stopped searching, on the very morning.
    assert (off | looking | claiming).mean() > 0.99
    assert not np.isin(year.at("labour", notes), (Labour.OUTSIDE,)).any()


def test_claimants_are_certified_until_the_decision(year: Lives) -> None:
    """On every evening who waits for an assessment has a note in force or gets one tomorrow."""
    benefit, due = year.evening["benefit"], year.evening["due/fit_note"]
    waits = benefit == Benefit.UC_FIT_NOTE
    day = year.first + np.arange(year.days + 1)[:, None]
    assert waits.sum() > 5_000
    assert (due[waits] != NEVER).all()
    assert (due > day)[waits].all()
    decided = np.isin(benefit, (Benefit.LCW, Benefit.LCWRA))
    notes = year.events("fit_note")
    after = decided[notes["day"].to_numpy() - year.first - 1, notes["person"]]
    off_or_ill = year.at("sick", notes, before=1) > 0
    assert not (after & ~off_or_ill).any()


def test_half_of_those_ill_while_looking_for_work_see_a_gp(year: Lives) -> None:
    sick = year.evening["sick"] > 0
    looking = year.evening["labour"] == Labour.SEARCHING
    off_uc = year.evening["benefit"] == Benefit.NONE
    ill = sick & looking & off_uc
    days = SELF_CERTIFIED
    starts = year.events("sickness_start")
    seen = []
    for day, person in starts[["day", "person"]].to_numpy():
        first = day - year.first
        if first + days <= year.days and ill[first : first + days + 1, person].all():
            seen.append(year.evening["notes_in_spell"][first + days, person] > 0)
    assert len(seen) > 20
    share = float(worth(year.world, "fit_notes.out_of_work_certified_share"))
    assert share_p(sum(seen), len(seen), share) > LIMIT


def test_a_note_on_uc_starts_the_health_journey_of_searchers(start: World) -> None:
    world = variant(start, small())
    p = world.people
    ids = np.flatnonzero((p["labour"] == Labour.SEARCHING) & (p["benefit"] == Benefit.UC_SEARCH))
    ids = ids[p["sick"][ids] == 0][:50]
    off = np.flatnonzero((p["labour"] == Labour.IN_WORK) & (p["benefit"] == Benefit.NONE))[:400]
    move(world, off, benefit=Benefit.UC_LIGHT)
    fall_ill(world, np.concatenate([ids, off]))
    issue(world, np.concatenate([ids, off]))
    assert (p["benefit"][ids] == Benefit.UC_FIT_NOTE).all()
    assert (world.due["wca_referral"][ids] == world.day + 28).all()
    tells = p["benefit"][off] == Benefit.UC_FIT_NOTE
    share = float(worth(world, "claims.in_work_note_share"))
    assert share_p(tells.sum(), len(off), share) > LIMIT
