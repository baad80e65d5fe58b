"""The laws of days tend to the formulas of continuous time as the day gets short.

The day is halved again and again, and the limit is estimated from the series (Richardson). What is left is
rounding: the formulas must come out to nine digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import null_space

from tests.theory import chains, laws
from tests.theory.laws import Clinic, erlang_a, erlang_b, erlang_c
from tests.verification.plugin import Verified

F64 = NDArray[np.float64]

HALVINGS = 7
ROUNDING = 1e-9
ARRIVALS, SUPPORT, SERVERS, PATIENCE = 0.4, 8.0, 4, 6.0


def limit(of_day: Callable[[float], float]) -> tuple[float, float]:
    """The value at a day of one, and the limit for short days."""
    values = [of_day(2.0**-k) for k in range(HALVINGS)]
    return values[0], extrapolated(values)


def extrapolated(values: Sequence[float]) -> float:
    """The limit of values at days of 1, 1/2, 1/4, ..., freed of one power of the day after another.

    Source: Richardson (1911), Philosophical Transactions A 210:307.
    """
    row, power = list(values), 1
    while len(row) > 1:
        row = [b + (b - a) / (2**power - 1) for a, b in pairwise(row)]
        power += 1
    return row[0]


def clinic(day: float, *, patience: bool = False, loses: bool = False) -> Clinic:
    """Four places in days of some length."""
    return Clinic(
        SERVERS,
        ARRIVALS * day,
        ends=-np.expm1(-day / SUPPORT),
        gives_up=-np.expm1(-day / PATIENCE) if patience else 0.0,
        loses=loses,
        most=SERVERS if loses else 160,
    )


def has_to_wait(of: Clinic) -> float:
    """Share of those who come and cannot start on the day, in the long run."""
    ends = laws.after_ends(of)
    evening = laws.stationary(ends @ laws.after_arrivals(of))
    found = laws.met(of, evening @ ends)
    return float(found[of.servers :].sum() / found.sum())


def mean_wait(of: Clinic) -> float:
    """Mean wait in days of one, in the long run, from the length of the line (Little, 1961)."""
    evening = laws.stationary(laws.after_ends(of) @ laws.after_arrivals(of))
    line = np.maximum(np.arange(len(evening)) - of.servers, 0)
    return float(evening @ line / ARRIVALS)


LOAD = ARRIVALS * SUPPORT
FORMULAS: dict[str, tuple[Callable[[float], float], float]] = {
    "Erlang C, chance to wait": (lambda day: has_to_wait(clinic(day)), erlang_c(SERVERS, LOAD)),
    "Erlang C, mean wait": (
        lambda day: mean_wait(clinic(day)),
        erlang_c(SERVERS, LOAD) * SUPPORT / (SERVERS - LOAD),
    ),
    "Erlang A, chance to wait": (
        lambda day: has_to_wait(clinic(day, patience=True)),
        erlang_a(SERVERS, LOAD, PATIENCE / SUPPORT),
    ),
    "Erlang B, chance to be turned away": (
        lambda day: has_to_wait(clinic(day, loses=True)),
        erlang_b(SERVERS, LOAD),
    ),
}


@pytest.mark.verification("erlang_limits")
@pytest.mark.parametrize("name", FORMULAS)
def test_clinics_in_short_days_obey_erlang(name: str, verified: Verified) -> None:
    of_day, formula = FORMULAS[name]
    in_days, limiting = limit(of_day)
    assert limiting == pytest.approx(formula, abs=ROUNDING)
    verified(
        name, f"{in_days:.4f} in whole days, {limiting:.9f} in the limit, {formula:.9f} by formula"
    )


@pytest.mark.verification("erlang_limits")
def test_fixed_support_obeys_pollaczek_and_khinchine(verified: Verified) -> None:
    """The law of people there is the same in whole days as in continuous time (Crommelin), so no limit is due."""
    of = Clinic(1, 0.2, fixed_days=4, most=200)
    evening = laws.account(of, 4_000, 1).in_clinic
    line = np.maximum(np.arange(len(evening)) - 1, 0)
    use = of.arrivals * of.fixed_days
    formula = use * of.fixed_days / (2 * (1 - use))
    found = float(evening @ line) / of.arrivals
    assert found == pytest.approx(formula, abs=ROUNDING)
    verified("M/D/1, mean wait", f"{found:.9f}, by formula {formula:.9f}")


def in_short_days(chain: chains.Chain, day: float) -> F64:
    """Transitions of a chain in days of some length."""
    return chains.transitions(
        replace(chain, exits=tuple(replace(out, hazard=out.hazard * day) for out in chain.exits))
    )


@pytest.mark.verification("chain_limits")
def test_shocks_in_short_days_compete_by_their_hazards(verified: Verified) -> None:
    def first(day: float) -> float:
        leaving = in_short_days(chains.COMPETING, day)[0, 1:]
        return float(leaving[0] / leaving.sum())

    hazards = [out.hazard for out in chains.COMPETING.exits]
    in_days, limiting = limit(first)
    formula = hazards[0] / sum(hazards)
    assert limiting == pytest.approx(formula, abs=ROUNDING)
    verified(
        "share of the first of three shocks",
        f"{in_days:.4f} in whole days, {limiting:.9f} in the limit, {formula:.9f} by formula",
    )


@pytest.mark.verification("chain_limits")
def test_states_in_short_days_settle_as_the_generator_says(verified: Verified) -> None:
    null = null_space(chains.generator(chains.ROUND).T)[:, 0]
    formula = null / null.sum()
    limiting = np.array(
        [
            limit(lambda day, k=k: float(laws.stationary(in_short_days(chains.ROUND, day))[k]))[1]
            for k in range(chains.ROUND.states)
        ]
    )
    np.testing.assert_allclose(limiting, formula, atol=ROUNDING)
    verified("largest difference of five shares in the limit", f"below {ROUNDING:g}")
