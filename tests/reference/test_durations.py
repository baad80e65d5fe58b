"""Spells of the plain engine end on the days on which those of the vectorised engine end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.core.clocks import HazardTable
from sim.reference.durations import Spell, Table

SPECS = (
    {"distribution": "weibull_min", "c": 0.8, "scale": 40},
    {"distribution": "lognorm", "s": 1.2, "scale": 20},
    {"rates": {0: 0.0, 8: 0.05, 100: 0.001}},
    {"survival": {0: 1.0, 7: 0.6, 28: 0.3, 364: 0.05}},
)
VECTOR = HazardTable.from_specs(SPECS)
PLAIN = Table(VECTOR)
GROUPS = st.integers(0, len(SPECS) - 1)


@given(group=GROUPS, day=st.integers(0, 6_000))
def test_accumulated_hazard(group: int, day: int) -> None:
    assert PLAIN.at(group, day) == VECTOR.at(np.array([group]), np.array([day]))[0]


@given(group=GROUPS, goal=st.floats(1e-6, 50))
def test_day_reached(group: int, goal: float) -> None:
    day = PLAIN.day_reached(group, goal)
    # The tables of the vectorised engine lie end to end, so a goal at an edge may round to its neighbour.
    assert abs(day - VECTOR.day_reached(np.array([group]), np.array([goal]))[0]) <= (
        0 if _clear(group, goal) else 1
    )


def _clear(group: int, goal: float) -> bool:
    row = np.asarray(PLAIN.rows[group])
    return bool(np.abs(row - goal).min() > 1e-9)


@given(
    group=GROUPS,
    threshold=st.floats(0.001, 10),
    ratio=st.floats(0.01, 5),
    day=st.integers(1, 300),
)
def test_changing_a_ratio_and_back_changes_nothing(
    group: int, threshold: float, ratio: float, day: int
) -> None:
    spell = Spell.begun(PLAIN, 0, 0, group, threshold, 1.0)
    before = spell.goal
    spell.change_ratio(PLAIN, day, ratio)
    spell.change_ratio(PLAIN, day, 1.0)
    np.testing.assert_allclose(spell.goal, before, rtol=1e-12)
