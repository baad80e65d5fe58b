"""Screening and Sobol indices of functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.likelihood import F64, I64
from calibration.sensitivity import indices, screen

NAMES = ["strong", "weak", "none"]
LUCK = 0.5 * np.random.default_rng(1).standard_normal(8)


def outcome(x: F64, pool: I64) -> F64:
    """3, 1 and 0 a standard deviation, with luck that a seed's draws share."""
    return 10 + 3 * x[:, 0] + x[:, 1] + LUCK[pool]


def test_screening_finds_the_slopes() -> None:
    table = screen(outcome, NAMES, trajectories=6, pool=8, seed=1).set_index("parameter")
    assert list(table.index) == NAMES
    assert table["strength"].tolist() == pytest.approx([3, 1, 0], abs=1e-9)
    assert table["bends"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)


def test_screening_sees_what_bends() -> None:
    def bent(x: F64, pool: I64) -> F64:
        return x[:, 0] * x[:, 1] + 0 * pool

    table = screen(bent, NAMES, trajectories=12, pool=8, seed=1).set_index("parameter")
    assert table.loc["strong", "bends"] > 0.5
    assert table.loc["none", "strength"] == 0


def test_sobol_indices_and_luck() -> None:
    found = indices(outcome, NAMES, draws=80, pool=8, seed=1)
    table = found.table.set_index("parameter")
    # Normal inputs: shares of the variance are 9 and 1 in 10; 1,024 samples leave about 0.03.
    assert table["first"].tolist() == pytest.approx([0.9, 0.1, 0], abs=0.05)
    assert table["total"].tolist() == pytest.approx([0.9, 0.1, 0], abs=0.05)
    # No first-order index is negative beyond its error.
    assert (table["first_high"] > -0.02).all()
    assert found.explained > 0.99
    assert found.noise == pytest.approx(LUCK.var() / (10 + LUCK.var()), rel=0.3)


def test_sobol_indices_share_an_interaction() -> None:
    def bent(x: F64, pool: I64) -> F64:
        return x[:, 0] * x[:, 1] + 0.2 * LUCK[pool]

    table = indices(bent, NAMES, draws=160, pool=8, seed=2).table.set_index("parameter")
    assert table["first"].abs().max() < 0.1
    assert table.loc[["strong", "weak"], "total"].tolist() == pytest.approx([1, 1], abs=0.15)
    assert abs(table.loc["none", "total"]) < 0.05
