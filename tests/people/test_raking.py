from __future__ import annotations

import numpy as np
import pytest

from sim.people.raking import OUTSIDE, Margin, rake

ROW, COLUMN = (index.ravel() for index in np.indices((2, 2)))


def test_a_table_of_two_margins():
    rows = Margin("rows", ROW, np.array([30.0, 70.0]))
    columns = Margin("columns", COLUMN, np.array([40.0, 60.0]))
    table = rake(np.array([1.0, 2.0, 3.0, 4.0]), [rows, columns])
    np.testing.assert_allclose(rows.sums(table), rows.total)
    np.testing.assert_allclose(columns.sums(table), columns.total)
    # Raking keeps odds ratios.
    assert table[0] * table[3] / (table[1] * table[2]) == pytest.approx(4 / 6)


def test_no_association_without_one_in_the_seed():
    margins = [
        Margin("rows", ROW, np.array([30.0, 70.0])),
        Margin("columns", COLUMN, np.array([40.0, 60.0])),
    ]
    np.testing.assert_allclose(rake(np.ones(4), margins), [12, 18, 28, 42])


def test_cells_that_a_margin_does_not_speak_of_stay():
    margin = Margin("one", np.array([0, OUTSIDE, OUTSIDE, OUTSIDE]), np.array([9.0]))
    np.testing.assert_allclose(rake(np.array([1.0, 2.0, 3.0, 4.0]), [margin]), [9, 2, 3, 4])


def test_contradicting_margins_are_named():
    margins = [
        Margin("rows", ROW, np.array([30.0, 70.0])),
        Margin("columns", COLUMN, np.array([50.0, 60.0])),
    ]
    with pytest.raises(ValueError, match=r"contradict each other at (rows|columns)"):
        rake(np.ones(4), margins, rounds=50)


def test_a_group_that_nobody_can_be_in_is_named():
    margin = Margin("rows", ROW, np.array([30.0, 70.0]))
    with pytest.raises(ValueError, match="nobody can be in a group of rows"):
        rake(np.array([1.0, 1.0, 0.0, 0.0]), [margin])
