"""Which mutants to try: a stratified random sample, and what it says about all of them."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from scipy import stats

LEAST = 8
"""Mutants of a module that are always tried, if it has so many."""


def allotted(population: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many mutants of each module to try: in proportion, but no fewer than ``LEAST`` of each.

    Fractions go to the largest remainders, then to the first names, so that the total is what was asked for,
    or more where the least of each module comes to more.
    """
    everything = sum(population.values())
    wanted = min(wanted, everything)
    least = {name: min(size, LEAST) for name, size in population.items()}
    exact = {name: wanted * size / everything for name, size in population.items()}
    shares = {name: max(least[name], math.floor(exact[name])) for name in population}
    by_remainder = sorted(population, key=lambda name: (shares[name] - exact[name], name))
    for name in by_remainder:
        if sum(shares.values()) >= wanted:
            break
        shares[name] += shares[name] < population[name]
    return shares


def drawn(module: str, size: int, number: int, seed: int) -> list[int]:
    """Numbers of the mutants of a module that are tried; a larger sample holds the smaller ones."""
    order = list(range(size))
    random.Random(f"{seed}:{module}").shuffle(order)
    return order[:number]


def interval(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 95%."""
    low, high = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    return float(low), float(high)
