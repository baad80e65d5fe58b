"""What every step says about a person: moves between states, and values by time in a state."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.world import World
from sim.pathway.person import YEAR, age_band_on, move, set_cells, step_value
from sim.settings import CELL_DIMENSIONS, CELL_SIZES
from sim.states import AGE_EDGES, Benefit, Labour
from tests.pathway.lives import small, some, variant, worth


@pytest.fixture
def today(start: World) -> World:
    """A world to push people about in."""
    return variant(start, small())


def test_a_pair_that_is_not_possible_is_refused_and_named(today: World) -> None:
    ids = some(today, Labour.SICK_INACTIVE, Benefit.LCWRA, 3)
    words = f"searching with lcwra on day {today.day}, which is not a possible pair"
    with pytest.raises(AssertionError, match=words):
        move(today, ids[1:2], labour=Labour.SEARCHING)
    assert (today.people["labour"][ids] == Labour.SICK_INACTIVE).all()


def test_who_stays_as_they_are_is_left_alone(today: World) -> None:
    ids = some(today, Labour.SEARCHING, Benefit.UC_SEARCH, 4)
    today.people["labour_since"][ids] = today.people["benefit_since"][ids] = today.day - 50
    today.touched, moves = [], len(today.recorder.moves)
    move(today, ids, labour=Labour.SEARCHING, benefit=Benefit.UC_SEARCH)
    assert not today.touched
    assert len(today.recorder.moves) == moves
    move(today, ids, benefit=np.array([Benefit.NONE, *[Benefit.UC_SEARCH] * 3]))
    assert (today.day - today.people["benefit_since"][ids]).tolist() == [0, 50, 50, 50]
    assert (today.day - today.people["labour_since"][ids] == 50).all()


def test_every_group_in_every_area_has_a_cell_of_its_own(today: World) -> None:
    """The numbers are those by which parameters are aimed at some people."""
    sizes = (today.areas, *CELL_SIZES)
    groups = np.indices(sizes).reshape(len(sizes), -1)
    ids = np.arange(groups.shape[1])
    for name, values in zip(("area", *CELL_DIMENSIONS), groups, strict=True):
        today.people[name][ids] = values
    set_cells(today, ids)
    assert (today.people["cell"][ids] == ids).all()


@pytest.mark.parametrize("days", [0, 90, 91, 182, 183, 400])
def test_the_peak_is_the_most_from_now_on(today: World, days: int) -> None:
    """A hazard may rise later in a spell; its bound is known from the first day."""
    name, edges = "job_search.offer_rate", np.array([91, 183, 365])
    ids = np.arange(5)
    rates = worth(today, name)
    band = int(edges.searchsorted(days, side="right"))
    for peak, wanted in ((False, rates[band]), (True, rates[band:].max())):
        found = step_value(today, name, ids, np.full(5, days), edges, peak=peak)
        assert np.broadcast_to(found, 5).tolist() == [wanted] * 5


def test_age_bands_begin_on_birthdays(today: World) -> None:
    born = today.day - np.ceil(np.array(AGE_EDGES) * YEAR).astype(np.int64)
    assert age_band_on(born, today.day).tolist() == [1, 2, 3]
    assert age_band_on(born + 1, today.day).tolist() == [0, 1, 2]
    assert age_band_on(np.array([today.day - 16 * 366]), today.day).tolist() == [0]
