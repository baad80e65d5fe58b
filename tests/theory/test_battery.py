"""The core against theory: one decision over all p-values, and two controls of the battery itself."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from scipy import stats

from tests.theory import controls
from tests.theory.battery import FALSE_DISCOVERY_RATE, adjusted, uniform_p, wrong
from tests.theory.checks import THEORIES, Theory
from tests.verification.plugin import Verified


@dataclass
class Battery:
    """P-values of every check, those corrected for all of them, seconds, and what broke down."""

    p_values: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    broken: dict[str, Exception] = field(default_factory=dict)


@cache
def battery() -> Battery:
    """Run every check once; a check that breaks down does not keep the others from a decision."""
    found = Battery()
    for theory in THEORIES:
        start = time.perf_counter()
        try:
            found.p_values[theory.name] = theory.p_values(theory.right)
        except Exception as problem:
            found.broken[theory.name] = problem
        found.seconds[theory.name] = time.perf_counter() - start
    return found


@pytest.mark.parametrize(
    "theory",
    [pytest.param(t, marks=pytest.mark.verification(t.name), id=t.name) for t in THEORIES],
)
def test_theory(theory: Theory, verified: Verified) -> None:
    found = battery()
    if theory.name in found.broken:
        raise found.broken[theory.name]
    mine = found.p_values[theory.name]
    corrected = adjusted(found.p_values)[theory.name]
    assert corrected >= FALSE_DISCOVERY_RATE, mine
    verified(
        f"smallest of {len(mine)} p-values",
        f"{min(mine.values()):.2g}; corrected for all {sum(map(len, found.p_values.values()))}",
        p=corrected,
        seconds=found.seconds[theory.name],
    )


@pytest.mark.verification("power_control")
def test_every_wrong_law_is_found_out(verified: Verified) -> None:
    """Each check is told a slightly wrong law in turn, while all others are told the right ones."""
    right = battery().p_values
    missed = [
        theory.name
        for theory in THEORIES
        if theory.name not in wrong({**right, theory.name: theory.p_values(theory.wrong)})
    ]
    assert not missed
    verified("wrong laws found out", f"{len(THEORIES)} of {len(THEORIES)}")


@pytest.mark.verification("null_control")
@pytest.mark.parametrize("name", controls.SAMPLERS)
def test_samples_drawn_from_the_law_give_uniform_p_values(name: str, verified: Verified) -> None:
    p_values = np.array([controls.SAMPLERS[name](seed) for seed in range(controls.TIMES)])
    chance = uniform_p(p_values)
    assert chance >= FALSE_DISCOVERY_RATE / len(controls.SAMPLERS)
    # No more of them are small than a fair test may give.
    small = int((p_values < 0.05).sum())
    assert stats.binomtest(small, len(p_values), 0.05, alternative="greater").pvalue > (
        FALSE_DISCOVERY_RATE / len(controls.SAMPLERS)
    )
    verified(f"{name}: {len(p_values)} p-values uniform", p=chance)


@pytest.mark.verification("decision_control")
def test_the_decision_keeps_its_error_rate(verified: Verified) -> None:
    """Batteries of uniform p-values are called wrong no more often than declared."""
    rng = np.random.default_rng(1)
    times = 2_000
    called = 0
    for _ in range(times):
        drawn = rng.uniform(size=(5, 12))
        p = {str(k): {str(j): float(u) for j, u in enumerate(row)} for k, row in enumerate(drawn)}
        called += bool(wrong(p))
    rate = stats.binomtest(called, times, FALSE_DISCOVERY_RATE).pvalue
    assert rate > FALSE_DISCOVERY_RATE
    verified(
        "batteries called wrong",
        f"{called} of {times:,} at a rate of {FALSE_DISCOVERY_RATE:g}",
        p=rate,
    )
