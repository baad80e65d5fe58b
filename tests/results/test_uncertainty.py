"""Chance and parameters apart, where it is known how much of each there is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from results.differences import differences
from results.uncertainty import COLUMNS, by_draw, uncertainty


def values(draws: int, chance: float, parameters: float, seed: int = 1) -> pd.DataFrame:
    """A base of nought, and a reform of 100 with known deviations; two seeds a draw, from seed 11."""
    rng = np.random.default_rng(seed)
    effect = 100 + np.repeat(parameters * rng.standard_normal(draws), 2)
    noisy = effect + chance * rng.standard_normal(2 * draws)
    seeds = np.arange(11, 11 + 2 * draws)
    rows = [("base", s, "in_work", 1, 0.0) for s in seeds]
    rows += [("reform", s, "in_work", 1, v) for s, v in zip(seeds, noisy, strict=True)]
    return pd.DataFrame(rows, columns=["scenario", "seed", "outcome", "year", "value"])


def test_known_deviations_come_back() -> None:
    # 400 draws: a standard deviation is known to about 4%, and with chance beside it to about 5%.
    (row,) = uncertainty(values(400, chance=4, parameters=10), "base").to_dict("records")
    assert list(row) == list(COLUMNS)
    assert row["draws"] == 400
    assert row["parameters"] == pytest.approx(10, rel=0.15)
    assert row["chance"] == pytest.approx(4 / 800**0.5, rel=0.15)
    assert row["high"] - row["low"] == pytest.approx(2 * 1.645 * row["parameters"], rel=1e-3)


def test_chance_alone_is_not_taken_for_parameters() -> None:
    (row,) = uncertainty(values(400, chance=10, parameters=0), "base").to_dict("records")
    assert row["parameters"] < 3
    (sure,) = uncertainty(values(5, chance=0, parameters=10), "base").to_dict("records")
    assert sure["chance"] == 0


def test_intervals_of_differences_count_draws_and_not_seeds() -> None:
    made = values(12, chance=0, parameters=10)
    drawn = by_draw(made)
    assert sorted(drawn["seed"].unique()) == list(range(6, 18))
    (by_draws,) = differences(drawn, "base").to_dict("records")
    (by_seeds,) = differences(made, "base").to_dict("records")
    assert by_draws["pairs"] == 12
    # Two seeds of a draw are alike here: taken as 24 pairs, the error is too small by a root of two.
    ratio = by_draws["standard_error"] / by_seeds["standard_error"]
    assert ratio == pytest.approx((23 / 11) ** 0.5)


def test_a_draw_with_one_seed_is_left_out() -> None:
    made = values(3, chance=1, parameters=1)
    assert set(by_draw(made[made["seed"] > 11])["seed"]) == {7, 8}
