"""Ticks are round and enclose the data; labels keep apart and stay near where they belong."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from results.placing import date_ticks, nice_ticks, spread

ENDS = st.floats(-1e9, 1e9)


@given(a=ENDS, b=ENDS)
def test_ticks_enclose_the_data_evenly_with_round_steps(a, b):
    low, high = min(a, b), max(a, b)
    if 0 < high - low < 1e-6 * max(abs(low), abs(high)):
        return
    ticks, step = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 7
    np.testing.assert_allclose(np.diff(ticks), step, rtol=1e-6)
    assert f"{step:e}"[0] in "125"
    if high > low:
        assert ticks[0] >= low - step
        assert ticks[-1] <= high + step


@pytest.mark.parametrize(
    ("low", "high", "smallest", "ticks"),
    [
        (0, 4.6, 1, [0, 1, 2, 3, 4, 5]),
        (-3, 9, 1, [-4, -2, 0, 2, 4, 6, 8, 10]),
        (0, 0, 1, [-1, 0, 1]),
        (0, 0.7, 1, [0, 1]),
        (0, 0.007, 0.01, [0, 0.01]),
        (-20, 58_000, 1, [-10_000, 0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]),
    ],
)
def test_ticks_of_typical_ranges(low, high, smallest, ticks):
    found, _ = nice_ticks(low, high, smallest, most=8)
    assert found == ticks


def test_there_is_a_tick_at_zero_when_the_range_has_it():
    for high in np.geomspace(0.01, 1e8, 50):
        assert 0 in nice_ticks(-high / 7, high)[0]


def test_aprils_are_labelled_when_there_are_enough():
    assert date_ticks(4, 60, 6) == [0, 12, 24, 36, 48, 60]
    assert date_ticks(1, 60, 6) == [3, 15, 27, 39, 51]
    assert date_ticks(4, 60, 13) == [0, 24, 48]
    assert date_ticks(4, 240, 30) == list(range(0, 241, 36))


def test_short_charts_label_more_months():
    assert date_ticks(4, 12, 2) == [0, 2, 4, 6, 8, 10, 12]
    assert date_ticks(4, 12, 3) == [0, 3, 6, 9, 12]
    assert date_ticks(6, 12, 3) == [1, 4, 7, 10]
    assert date_ticks(6, 2, 1) == [0, 1, 2]


@given(months=st.integers(1, 400), first=st.integers(1, 12), room=st.integers(1, 60))
def test_dates_are_never_nearer_than_their_labels_are_wide(months, first, room):
    ticks = date_ticks(first, months, room)
    assert all(b - a >= room for a, b in pairwise(ticks))
    assert all(0 <= k <= months for k in ticks)


BOXES = st.lists(st.tuples(st.floats(0, 100), st.floats(5, 25)), min_size=1, max_size=6)


@given(boxes=BOXES, gap=st.floats(0, 5))
def test_boxes_keep_apart_stay_inside_and_keep_their_order(boxes, gap):
    wanted, heights = [w for w, _ in boxes], [h for _, h in boxes]
    room = sum(heights) + gap * (len(boxes) - 1)
    low, high = 0.0, max(100.0, room)
    centres = spread(wanted, heights, gap, low, high)
    order = sorted(range(len(boxes)), key=lambda k: centres[k])
    assert centres[order[0]] - heights[order[0]] / 2 >= low - 1e-9
    assert centres[order[-1]] + heights[order[-1]] / 2 <= high + 1e-9
    for a, b in pairwise(order):
        assert wanted[a] <= wanted[b]
        assert centres[b] - centres[a] >= (heights[a] + heights[b]) / 2 + gap - 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_boxes_move_as_little_as_possible(seed):
    rng = np.random.default_rng(seed)
    wanted, heights = np.sort(rng.uniform(20, 60, 5)), rng.uniform(5, 15, 5)
    gap, low, high = 2.0, 0.0, 80.0
    found = np.array(spread(wanted, heights, gap, low, high))
    apart = (heights[:-1] + heights[1:]) / 2 + gap
    best = minimize(
        lambda x: ((x - wanted) ** 2).sum(),
        np.linspace(10, 70, 5),
        method="SLSQP",
        jac=lambda x: 2 * (x - wanted),
        bounds=list(zip(low + heights / 2, high - heights / 2, strict=True)),
        constraints=LinearConstraint(np.eye(5, k=1)[:4] - np.eye(5)[:4], apart, np.inf),
    )
    np.testing.assert_allclose(found, best.x, atol=1e-3)


def test_boxes_with_room_stay_where_they_are_wanted():
    assert spread([10, 50, 30], [8, 8, 8], 2, 0, 60) == [10, 50, 30]
