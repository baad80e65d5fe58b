"""The first evening: absences and claims that are under way are taken up where they stand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.world import World
from sim.model import new_world
from sim.pathway.person import YEAR
from sim.scenario import override
from sim.states import Benefit, Labour
from tests.pathway.lives import AREAS, FAMILY_WISE_ERROR, rate_p, small, worth

I64 = NDArray[np.int64]

CAUSES = 5
LIMIT = FAMILY_WISE_ERROR / (2 * CAUSES)
"""Causes of short and of long absences."""


@pytest.fixture(scope="module")
def evening() -> World:
    """Thirty thousand people on the first evening."""
    return new_world(small(scale=0.009), 1, AREAS)


@pytest.fixture(scope="module")
def absent(evening: World) -> I64:
    """Who is off sick."""
    return np.flatnonzero(evening.people["labour"] == Labour.OFF_SICK)


@pytest.fixture(scope="module")
def noted(evening: World) -> I64:
    """Who is on UC with a fit note."""
    return np.flatnonzero(evening.people["benefit"] == Benefit.UC_FIT_NOTE)


def wide(column: NDArray[np.integer], ids: I64) -> I64:
    return column[ids].astype(np.int64)


def test_absences_go_on_from_their_first_day(evening: World, absent: I64) -> None:
    p = evening.people
    since = wide(p["labour_since"], absent)
    assert len(absent) > 200
    assert (wide(p["off_sick_since"], absent) == since).all()
    assert (since - wide(p["job_since"], absent) == round(3 * YEAR)).all()
    assert np.isin(p["sick"][absent], range(1, CAUSES + 1)).all()
    assert (p["sick_spells"][absent] == 1).all()
    for clock in ("recovery", "leaves_while_sick"):
        assert (wide(p[f"{clock}_start"], absent) == since).all()
        due = wide(evening.due[clock], absent)
        assert ((due > evening.day) & (due < NEVER)).all()
    elsewhere = p["labour"] != Labour.OFF_SICK
    assert not p["sick"][elsewhere].any()
    assert (evening.due["recovery"][elsewhere] == NEVER).all()


@pytest.mark.parametrize("long", [False, True])
def test_causes_weigh_by_their_chance_of_lasting_so_long(
    evening: World, absent: I64, long: bool
) -> None:
    lasted = evening.day - wide(evening.people["labour_since"], absent)
    who = absent[(lasted > 28) == long]
    lasted = evening.day - wide(evening.people["labour_since"], who)
    table = evening.spells["recovery"].table
    stays = np.exp(-np.stack([table.at(np.full(len(who), k), lasted) for k in range(CAUSES)], 1))
    weight = worth(evening, "sickness.cause")[evening.people["condition"][who]] * stays
    wanted = (weight / weight.sum(axis=1, keepdims=True)).sum(axis=0)
    found = np.bincount(evening.people["sick"][who], minlength=CAUSES + 1)[1:]
    assert wanted.max() > 40
    for count, expected in zip(found, wanted, strict=True):
        # Given the weights the counts vary less than Poisson counts: the test errs on the safe side.
        assert rate_p(count, expected) > LIMIT


def test_the_first_note_comes_after_a_week_and_later_ones_within_a_month(
    evening: World, absent: I64
) -> None:
    first = wide(evening.people["labour_since"], absent) + 7
    due = wide(evening.due["fit_note"], absent)
    to_come = first > evening.day
    assert 0 < to_come.sum() < len(absent)
    assert (due[to_come] == first[to_come]).all()
    assert (evening.people["notes_in_spell"][absent] == ~to_come).all()
    later = due[~to_come] - evening.day
    assert (later.min(), later.max()) == (1, 28)


@pytest.mark.parametrize("weeks", [28, 4])
def test_sick_pay_ends_after_its_weeks_or_tomorrow(weeks: int) -> None:
    world = new_world(override(small(), {"return_to_work.ssp_weeks": weeks}), 1, AREAS)
    absent = np.flatnonzero(world.people["labour"] == Labour.OFF_SICK)
    paid = world.people["benefit"][absent] == Benefit.SICK_PAY
    assert 0 < paid.sum() < len(absent)
    due = wide(world.due["sick_pay"], absent)
    assert (due[~paid] == NEVER).all()
    end = wide(world.people["labour_since"], absent) + weeks * 7
    assert (end > world.day + 1)[paid].any()
    assert (end < world.day)[paid].any() == (weeks == 4)
    assert (due[paid] == np.maximum(end, world.day + 1)[paid]).all()


def test_the_backlog_stands_in_line_and_the_others_are_yet_to_be_referred(
    evening: World, noted: I64
) -> None:
    p, w = evening.people, evening
    line = noted[p["wca_ticket"][noted] >= 0]
    assert 0 < len(line) < len(noted)
    assert (p["wca_ticket"] >= 0).sum() == len(line) == w.services["wca"].lines.waiting.sum()
    since = wide(p["benefit_since"], noted)
    in_line = np.isin(noted, line)
    assert (wide(p["wca_since"], line) == np.minimum(since[in_line] + 57, w.day)).all()
    for place in range(w.areas):
        mine = line[w.place_of(line) == place]
        order = np.argsort(p["wca_ticket"][mine], kind="stable")
        assert (np.diff(wide(p["benefit_since"], mine[order])) >= 0).all()
    referral = wide(w.due["wca_referral"], noted)
    assert (referral[in_line] == NEVER).all()
    day = since[~in_line] + 28
    ahead = day > w.day + 1
    assert (referral[~in_line][ahead] == day[ahead]).all()
    soon = referral[~in_line][~ahead] - w.day
    assert soon.min() >= 1
    assert soon.max() <= 28
    note = wide(w.due["fit_note"], noted) - w.day
    assert note.min() >= 1
    assert note.max() <= 28


def test_everybody_has_a_birthday_and_a_day_of_entry_or_a_pension_to_come(evening: World) -> None:
    outside = evening.people["labour"] == Labour.OUTSIDE
    assert 0 < outside.sum() < len(outside) / 2
    assert (evening.due["entry"][outside] > evening.day).all()
    assert (evening.due["entry"][~outside] == NEVER).all()
    assert (evening.due["pension"] > evening.day).all()
    assert (evening.due["pension"] < NEVER).all()
