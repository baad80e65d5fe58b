"""What the contracts cost: the time spent on checks, as a share of the run that they guard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import sim.model
import sim.run
import sim.support.service
import sim.task
from benchmarks.measure import baseline, nudged
from sim import contracts
from sim.run import simulate

CHECKS: tuple[tuple[ModuleType, str], ...] = (
    (sim.support.service, "check_starts"),
    (sim.model, "check_month"),
    (contracts, "check_flows"),
    (contracts, "check_everybody"),
    (contracts, "check_alike"),
    (contracts, "parted"),
    (contracts, "check_tables"),
)
"""Every check of a run, where it is called from."""


def contracts_cost() -> None:
    """Time spent on contracts in a comparison of two scenarios over five years, at two scales."""
    for scale in (0.001, 0.01):
        base = baseline(scale)
        pair = [base, nudged(base, 1).model_copy(update={"name": "nudged"})]
        simulate(pair, [1])  # the warmed-up start is in the cache from now on
        with _timed() as spent:
            began = time.process_time()
            simulate(pair, [1])
            whole = time.process_time() - began
        # The second arm also lives a week longer than it needs to, to be compared.
        week = sim.task.DAYS_APART / (2 * 365.25 * base.years)
        for name, seconds in spent.items():
            print(f"  scale {scale:5.1%}: {name:16} {seconds / whole:7.2%} of the run")
        print(f"  scale {scale:5.1%}: {'a week apart':16} {week:7.2%}")
        total = sum(spent.values()) / whole + week
        print(f"  scale {scale:5.1%}: {'all contracts':16} {total:7.2%} of {whole:.1f} s")


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Add up the processor time inside each check while the block runs."""
    spent = {name: 0.0 for _, name in CHECKS}
    kept = [(module, name, getattr(module, name)) for module, name in CHECKS]
    for module, name, check in kept:
        setattr(module, name, _watched(check, name, spent))
    try:
        yield spent
    finally:
        for module, name, check in kept:
            setattr(module, name, check)


def _watched(check: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def watched(*given: Any) -> Any:
        began = time.process_time()
        try:
            return check(*given)
        finally:
            spent[name] += time.process_time() - began

    return watched
