"""Every person is counted once: nearer to work, farther, unchanged or not compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.coupling import ORDER, coupling
from sim.states import Labour

STATES = st.lists(st.tuples(st.sampled_from(Labour), st.sampled_from(Labour)), max_size=60)


def arrays(pairs: list[tuple[Labour, Labour]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, np.uint8).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@given(pairs=STATES)
def test_each_person_is_counted_once(pairs):
    found = coupling(*arrays(pairs))
    order = list(ORDER)
    inside = [(a, b) for a, b in pairs if Labour.OUTSIDE not in (a, b)]
    assert found.better == sum(order.index(b) < order.index(a) for a, b in inside)
    assert found.worse == sum(order.index(b) > order.index(a) for a, b in inside)
    assert found.unchanged == sum(a == b for a, b in inside)
    assert found.not_compared == len(pairs) - len(inside)
    swapped = coupling(*arrays(pairs)[::-1])
    assert (swapped.better, swapped.worse) == (found.worse, found.better)


def test_moves_name_states_and_are_grossed_up():
    pairs = [(Labour.SICK_INACTIVE, Labour.IN_WORK)] * 3 + [(Labour.IN_WORK, Labour.SEARCHING)]
    found = coupling(*arrays(pairs), scale=0.01)
    assert found.moves.loc["sick_inactive", "in_work"] == pytest.approx(300)
    assert found.moves.loc["in_work", "searching"] == pytest.approx(100)
    assert found.moves.to_numpy().sum() == pytest.approx(400)
    assert (found.better, found.worse) == (pytest.approx(300), pytest.approx(100))


def test_the_order_covers_every_state_but_outside():
    assert set(ORDER) == set(Labour) - {Labour.OUTSIDE}


def test_scenarios_must_have_the_same_people():
    with pytest.raises(ValueError, match="people"):
        coupling(np.zeros(2, int), np.zeros(3, int))
