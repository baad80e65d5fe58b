"""Replications are taken out of a run and put together without a difference."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.replications import combine, of_seeds
from sim.tables import RunFolderError
from tests.results.synthetic import run_tables


@pytest.mark.parametrize("groups", [[[1, 2, 3, 4]], [[4], [1, 3], [2]], [[3, 4], [1, 2]]])
def test_replications_join_into_the_whole(groups: list[list[int]]) -> None:
    tables = run_tables({"base": 0.0, "reform": 20.0}, number_of_months=2)
    parts = [of_seeds(tables, group) for group in groups]
    assert [sorted(part.stocks["seed"].unique()) for part in parts] == groups
    whole = combine(parts)
    for table, frame in tables.items():
        pd.testing.assert_frame_equal(getattr(whole, table.name), frame)
    assert whole.log is None


def test_a_replication_is_not_counted_twice() -> None:
    tables = run_tables({"base": 0.0}, number_of_months=1)
    with pytest.raises(RunFolderError, match="more than one row"):
        combine([tables, of_seeds(tables, [1])])
