"""Paired differences have the interval that theory gives, and the coverage it promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from results.differences import (
    COLUMNS,
    MONTE_CARLO_NOTE,
    DifferenceError,
    differences,
    paired_difference,
)
from results.outcomes import monthly, yearly
from tests.results.synthetic import run_tables


def arrays(pairs: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, (2, pairs), elements=st.floats(-1e6, 1e6, width=32))


@given(values=st.integers(2, 12).flatmap(arrays), level=st.floats(0.5, 0.999))
def test_the_interval_is_that_of_the_paired_t_test(values, level):
    base, reform = values
    gain = reform - base
    found = paired_difference(base, reform, level)
    scale = np.abs(values).max() + 1
    assert found.mean == pytest.approx(gain.mean(), abs=1e-9 * scale)
    if np.ptp(gain) == 0:
        assert found.low == found.mean == found.high
        return
    expected = stats.ttest_rel(reform, base).confidence_interval(level)
    assert found.low == pytest.approx(expected.low, rel=1e-9, abs=1e-6 * scale)
    assert found.high == pytest.approx(expected.high, rel=1e-9, abs=1e-6 * scale)
    assert found.standard_error == pytest.approx(stats.sem(gain), rel=1e-9, abs=1e-9 * scale)


@given(values=arrays(5), shift=st.integers(-1000, 1000))
def test_what_both_runs_share_does_not_count(values, shift):
    base, reform = np.rint(values)
    found, moved = paired_difference(base, reform), paired_difference(base + shift, reform + shift)
    assert (found.mean, found.low, found.high) == (moved.mean, moved.low, moved.high)
    back = paired_difference(reform, base)
    assert (back.mean, back.low, back.high) == (-found.mean, -found.high, -found.low)


def test_the_variance_ratio_compares_with_fresh_seeds():
    rng = np.random.default_rng(1)
    shared, own = rng.normal(0, 3, 20_000), rng.normal(0, 1, (2, 20_000))
    found = paired_difference(shared + own[0], shared + own[1])
    # Variance of each level 9 + 1, of the paired difference 1 + 1.
    assert found.variance_ratio == pytest.approx(20 / 2, rel=0.03)
    exact = paired_difference(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    assert exact.variance_ratio == np.inf
    assert np.isnan(paired_difference(np.ones(2), np.ones(2)).variance_ratio)


def test_equal_differences_have_no_error_even_when_their_mean_is_rounded():
    found = paired_difference(np.zeros(3), np.full(3, 0.1))
    assert found.standard_error == 0
    assert found.low == found.mean == found.high


@pytest.mark.parametrize("pairs", [2, 4, 10])
def test_the_interval_covers_the_truth_as_often_as_it_says(pairs):
    trials, truth, level = 20_000, 7.0, 0.95
    rng = np.random.default_rng(pairs)
    base = rng.normal(100, 20, (pairs, trials))
    reform = base + rng.normal(truth, 5, (pairs, trials))
    found = paired_difference(base, reform, level)
    covered = int(((found.low <= truth) & (truth <= found.high)).sum())
    # A right interval would fail this with another seed once in a million times.
    low, high = stats.binom(trials, level).ppf([5e-7, 1 - 5e-7])
    assert low <= covered <= high


def test_one_pair_is_refused_with_advice():
    with pytest.raises(DifferenceError, match=r"at least 2 pairs .* replications: 8"):
        paired_difference(np.ones(1), np.ones(1))


def test_differences_of_a_run_are_those_of_its_seeds():
    tables = run_tables({"base": 0.0, "reform": 40.0}, seeds=(3, 1, 2), number_of_months=24)
    values = yearly(tables, 0.1)
    found = differences(values, "base").set_index(["outcome", "year"])
    assert list(found.reset_index().columns.sort_values()) == sorted(COLUMNS)
    row = found.loc[("in_work", 2)]
    wide = values.query("outcome == 'in_work' and year == 2").pivot(
        index="seed", columns="scenario", values="value"
    )
    expected = stats.ttest_rel(wide["reform"], wide["base"]).confidence_interval(0.95)
    assert row["difference"] == pytest.approx((wide["reform"] - wide["base"]).mean())
    assert row["low"] == pytest.approx(expected.low)
    assert row["high"] == pytest.approx(expected.high)
    assert (row["base"], row["reform"]) == pytest.approx(tuple(wide.mean()))
    assert row["pairs"] == 3
    assert not row["identical"]
    assert found.loc[("sanctions", 1), "identical"]
    assert np.isnan(found.loc[("wca_wait", 1), "difference"])
    assert not found.loc[("wca_wait", 1), "identical"]


def test_months_are_compared_like_years():
    tables = run_tables({"base": 0.0, "reform": 40.0}, number_of_months=12)
    by_month = differences(monthly(tables, 0.1), "base").set_index(["outcome", "month"])
    by_year = differences(yearly(tables, 0.1), "base").set_index(["outcome", "year"])
    pd.testing.assert_series_equal(
        by_month.loc[("in_work", "2025-03")], by_year.loc[("in_work", 1)], check_names=False
    )


def test_only_seeds_that_both_have_are_paired():
    values = yearly(run_tables({"base": 0.0, "reform": 40.0}, seeds=(1, 2, 3)), 0.1)
    lost = (values["scenario"] == "base") & (values["seed"] == 2)
    pd.testing.assert_frame_equal(
        differences(values[~lost], "base"), differences(values[values["seed"] != 2], "base")
    )


def test_scenarios_without_two_common_seeds_are_refused():
    values = yearly(run_tables({"base": 0.0, "reform": 1.0}, seeds=(1, 2)), 0.1)
    of_base, seed_1 = values["scenario"] == "base", values["seed"] == 1
    with pytest.raises(DifferenceError, match="Only seed 1 was run in both 'base' and 'reform'"):
        differences(values[of_base | seed_1], "base")
    with pytest.raises(DifferenceError, match="No seed was run in both"):
        differences(values[of_base ^ seed_1], "base")


def test_a_comparison_needs_a_base_and_a_reform():
    values = yearly(run_tables({"base": 0.0}, seeds=(1, 2)), 0.1)
    with pytest.raises(DifferenceError, match=r"no scenario 'baseline'\. It has base"):
        differences(values, "baseline")
    with pytest.raises(DifferenceError, match="only 'base'"):
        differences(values, "base")


def test_the_note_says_what_the_interval_leaves_out():
    assert "Monte Carlo" in MONTE_CARLO_NOTE
    assert "do not include uncertainty about the parameters" in MONTE_CARLO_NOTE


def test_displacement_is_taken_off_the_net_outcome_only():
    rows = [
        {"scenario": name, "seed": seed, "outcome": outcome, "year": 1, "value": value + 3.0 * seed}
        for outcome in ("in_work", "in_work_net")
        for name, value in (("base", 100.0), ("reform", 120.0))
        for seed in (1, 2, 3)
    ]
    rows[-1]["value"] += 6.0
    found = differences(pd.DataFrame(rows), "base", displacement=0.25).set_index("outcome")
    gross = differences(pd.DataFrame(rows), "base").set_index("outcome")
    assert found.loc["in_work", "difference"] == pytest.approx(gross.loc["in_work", "difference"])
    for column in ("difference", "standard_error", "low", "high"):
        net, whole = found.loc["in_work_net", column], gross.loc["in_work_net", column]
        assert net == pytest.approx(0.75 * whole)
    assert found.loc["in_work_net", "reform"] - found.loc["in_work_net", "base"] == pytest.approx(
        found.loc["in_work_net", "difference"]
    )
