"""Value of information against closed forms, with bounds that follow from the number of draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from results.appraisal.information import acceptability, evpi, evppi
from results.appraisal.measures import jackknife_error
from results.appraisal.sensitivity import searched, switching_value

DRAWS = 40_000
Z = 4.4
"""Bounds are so many standard errors: a right estimate is outside them once in 100,000 times."""


def expected_gain(mean: float, sd: float) -> float:
    """EVPI between nought and a normal net benefit: ``E max(X, 0) - max(E X, 0)``."""
    ratio = mean / sd
    return sd * stats.norm.pdf(ratio) + mean * stats.norm.cdf(ratio) - max(mean, 0)


def normal_case(mean: float = 2.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Net benefit of two options, and the two values it depends on: ``mean + 12 x + 6 y``."""
    x, y = np.random.default_rng(1).standard_normal((2, DRAWS))
    return np.column_stack([np.zeros(DRAWS), mean + 12 * x + 6 * y]), x, y


@pytest.mark.parametrize("mean", [-5.0, 0.0, 2.0])
def test_evpi_is_that_of_a_normal_net_benefit(mean: float) -> None:
    benefit, _, _ = normal_case(mean)
    error = benefit.max(axis=1).std() / np.sqrt(DRAWS) + benefit[:, 1].std() / np.sqrt(DRAWS)
    assert abs(evpi(benefit) - expected_gain(mean, np.hypot(12, 6))) < Z * error


@pytest.mark.parametrize(("which", "sd"), [(0, 12.0), (1, 6.0)])
def test_evppi_is_that_of_the_part_that_would_be_known(which: int, sd: float) -> None:
    benefit, *known = normal_case()
    error = 2 * benefit[:, 1].std() / np.sqrt(DRAWS)
    assert abs(evppi(benefit, known[which]) - expected_gain(2, sd)) < Z * error


def test_simulation_noise_would_inflate_evpi_but_not_evppi() -> None:
    benefit, x, _ = normal_case()
    noise = np.random.default_rng(2).normal(0, 30, DRAWS)
    noisy = benefit + np.column_stack([np.zeros(DRAWS), noise])
    assert evpi(noisy) > 1.5 * evpi(benefit)
    error = 2 * noisy[:, 1].std() / np.sqrt(DRAWS)
    assert abs(evppi(noisy, x) - expected_gain(2, 12)) < Z * error


def test_there_is_nothing_to_learn_where_the_choice_is_plain() -> None:
    benefit = np.column_stack([np.zeros(100), np.linspace(1, 2, 100)])
    assert evpi(benefit) == 0
    assert evppi(benefit, benefit[:, 1]) == 0
    assert evppi(benefit, np.ones(100)) == 0


def test_acceptability_is_the_share_of_draws_in_which_an_option_is_best() -> None:
    years = np.column_stack([np.zeros(4), [1.0, 1.0, 1.0, 1.0]])
    cost = np.column_stack([np.zeros(4), [5.0, 15.0, 25.0, 35.0]])
    table = acceptability(["base", "reform"], years, cost, np.array([0.0, 10.0, 30.0, 40.0]))
    reform = table[table["scenario"] == "reform"]
    assert reform["probability"].tolist() == [0.0, 0.25, 0.75, 1.0]
    assert reform["frontier"].tolist() == [False, False, True, True]
    total = table.groupby("threshold")["probability"].sum()
    assert (total == 1).all()


def test_the_jackknife_error_of_a_mean_is_its_standard_error() -> None:
    sample = np.random.default_rng(3).normal(5, 2, 9)
    left_out = (sample.sum() - sample) / 8
    assert jackknife_error(left_out) == pytest.approx(stats.sem(sample))
    assert np.isnan(jackknife_error(left_out[:1]))


def test_a_switching_value_is_where_the_curve_is_nought() -> None:
    points = searched(1.0, 0.5, 2.0, (0.0, 10.0))
    assert points.min() == 0.0
    assert points.max() == 10.0
    assert switching_value(lambda x: 7 - 2 * x, points, 1.0) == pytest.approx(3.5)
    assert np.isnan(switching_value(lambda x: 7 + x, points, 1.0))
    # Of two, the nearer one.
    assert switching_value(lambda x: (x - 1.5) * (x - 8), points, 1.0) == pytest.approx(1.5)
    # A value that does not matter where there is nothing to gain has none.
    assert np.isnan(switching_value(lambda x: 0 * x, points, 1.0))
