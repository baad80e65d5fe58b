"""Variance ratios have intervals that cover, and the replications they save are those of the formulas.

Error rate of each test of chance: :data:`ERROR`.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from results.differences import differences
from results.outcomes import yearly
from results.pairing import COLUMNS, pairing_rows, variance_ratio_interval
from results.replications import Precision, replications_needed
from tests.results.synthetic import run_tables

ERROR = 1e-4


def pairs(rng: np.random.Generator, number: int, spread: tuple[float, float], alike: float):
    """Normal values of base and reform with given standard deviations and correlation."""
    covariance = alike * spread[0] * spread[1]
    matrix = [[spread[0] ** 2, covariance], [covariance, spread[1] ** 2]]
    values = rng.multivariate_normal([100, 103], matrix, number)
    return values[:, 0], values[:, 1]


@pytest.mark.parametrize("number", [3, 4, 10])
@pytest.mark.parametrize(
    ("spread", "alike"),
    [((3.0, 3.0), 0.9), ((3.0, 3.0), 0.0), ((2.0, 5.0), 0.5), ((3.0, 2.9), 0.99)],
)
def test_the_interval_of_the_variance_ratio_covers_it(number, spread, alike):
    fresh = spread[0] ** 2 + spread[1] ** 2
    true = fresh / (fresh - 2 * alike * spread[0] * spread[1])
    rng = np.random.default_rng([number, int(100 * alike)])
    covered = 0
    for _ in range(1_000):
        low, high = variance_ratio_interval(*pairs(rng, number, spread, alike))
        assert 0.5 <= low <= high
        covered += low <= true <= high
    assert stats.binomtest(covered, 1_000, 0.95).pvalue > ERROR


def test_the_interval_holds_the_estimate_and_turns_round_with_the_comparison():
    base, reform = pairs(np.random.default_rng(1), 8, (3.0, 3.5), 0.9)
    low, high = variance_ratio_interval(base, reform)
    estimate = (base.var(ddof=1) + reform.var(ddof=1)) / (reform - base).var(ddof=1)
    assert low < estimate < high
    assert variance_ratio_interval(reform, base) == pytest.approx((low, high))


def test_where_little_is_known_the_interval_says_so():
    assert variance_ratio_interval(np.array([1.0, 2.0]), np.array([2.0, 4.0])) == (0.5, math.inf)
    same = np.array([1.0, 2.0, 3.0])
    assert all(map(math.isnan, variance_ratio_interval(same, same + 4)))
    # Base and reform in exact opposition: nothing is worse to pair.
    assert variance_ratio_interval(same, -same) == (0.5, 0.5)


@pytest.fixture(scope="module")
def values():
    return yearly(run_tables({"base": 0.0, "reform": 400.0}, seeds=range(1, 9)), 0.01)


def test_rows_agree_with_the_table_of_differences(values):
    rows = pairing_rows(values, "base", Precision(0.1, True), ["in_work", "lcwra"], [1, 3])
    assert list(rows.columns) == list(COLUMNS)
    assert rows[["outcome", "year"]].to_numpy().tolist() == [
        ["in_work", 1], ["in_work", 3], ["lcwra", 1], ["lcwra", 3],
    ]  # fmt: skip
    table = differences(values, "base").set_index(["outcome", "year"])
    for row in rows.to_dict("records"):
        same = table.loc[(row["outcome"], row["year"])]
        for name in ("difference", "low", "high", "variance_ratio", "pairs"):
            assert row[name] == pytest.approx(same[name])


def test_replications_needed_are_those_of_the_estimated_spreads(values):
    (row,) = pairing_rows(values, "base", Precision(0.1, True), ["in_work"], [3]).to_dict("records")
    assert row["half_width"] == pytest.approx(0.1 * abs(row["difference"]))
    half = (row["high"] - row["low"]) / 2
    deviation = half / stats.t.ppf(0.975, 7) * math.sqrt(8)
    assert row["paired"] == replications_needed(deviation, row["half_width"])
    fresh = deviation * math.sqrt(row["variance_ratio"])
    assert row["unpaired"] == replications_needed(fresh, row["half_width"], samples=2)
    for name in ("paired", "unpaired"):
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    (number,) = pairing_rows(values, "base", Precision(50.0, False), ["in_work"], [3]).to_dict(
        "records"
    )
    assert number["half_width"] == 50.0


def test_a_share_of_what_cannot_be_told_from_zero_is_no_yardstick(values):
    nothing = values.copy()
    rng = np.random.default_rng(2)
    nothing["value"] += rng.normal(0, 1e6, len(nothing))
    relative = pairing_rows(nothing, "base", Precision(0.1, True), ["in_work"], [1])
    absolute = pairing_rows(nothing, "base", Precision(1e5, False), ["in_work"], [1])
    assert relative[["half_width", "paired", "unpaired"]].isna().all(axis=None)
    assert absolute[["half_width", "paired", "unpaired"]].notna().all(axis=None)


def test_outcomes_that_are_not_available_are_left_out(values):
    gone = values.copy()
    gone.loc[(gone["outcome"] == "lcwra") & (gone["seed"] == 2), "value"] = np.nan
    rows = pairing_rows(gone, "base", Precision(0.1, True), ["in_work", "lcwra"], [1])
    assert rows["outcome"].tolist() == ["in_work"]
