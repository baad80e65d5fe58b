"""Attribution: how much of what a package does is due to each of its parts.

Parts meet: they share lines, people and rules, so what each does alone does not add up to what they do
together. Three answers are given for each part: what it does *alone*; what is lost when it is *taken out*
of the whole; and its *Shapley share*, the mean of what it adds over all orders in which the parts could be
brought in. Shapley shares add up to the whole.

Source: Shapley, L. S. (1953), "A value for n-person games", Contributions to the Theory of Games II,
307-317; sampled orders after Castro, Gomez and Tejada (2009), Computers & Operations Research 36:1726.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

F64 = NDArray[np.float64]
Subset = frozenset[int]


@dataclass(frozen=True)
class Design:
    """Which combinations of parts are to be run.

    Parameters
    ----------
    parts : int
    orders : tuple of tuple of int, or None
        The sampled orders; None where every combination is run, and Shapley shares are exact.
    """

    parts: int
    orders: tuple[tuple[int, ...], ...] | None

    @property
    def whole(self) -> Subset:
        """All parts together."""
        return frozenset(range(self.parts))

    @property
    def subsets(self) -> list[Subset]:
        """Every combination that is needed, smallest first."""
        if self.orders is None:
            found = {
                frozenset(chosen)
                for size in range(self.parts + 1)
                for chosen in itertools.combinations(range(self.parts), size)
            }
        else:
            found = {frozenset(order[:k]) for order in self.orders for k in range(self.parts + 1)}
            found |= {frozenset({part}) for part in self.whole}
            found |= {self.whole - {part} for part in self.whole}
        return sorted(found, key=lambda subset: (len(subset), sorted(subset)))


def design(parts: int, most_exact: int, orders: int, seed: int = 1) -> Design:
    """Every combination where parts are few, else sampled orders, each with its reverse.

    An order and its reverse are drawn together: what a part adds early in one it adds late in the other.

    Raises
    ------
    ValueError
        If there is nothing to tell apart.
    """
    if parts < 2:
        raise ValueError("A package needs at least two parts to be told apart.")
    if parts <= most_exact:
        return Design(parts, None)
    rng = np.random.default_rng(seed)
    drawn = [tuple(int(k) for k in rng.permutation(parts)) for _ in range(math.ceil(orders / 2))]
    pairs = [each for order in drawn for each in (order, order[::-1])]
    return Design(parts, tuple(pairs))


@dataclass(frozen=True)
class Share:
    """Mean over seeds, and the half-width of its 95% interval; shape (quantities,)."""

    mean: F64
    half_width: F64


@dataclass(frozen=True)
class Attribution:
    """What each part does; lists are in the order of the parts."""

    alone: list[Share]
    taken_out: list[Share]
    shapley: list[Share]
    whole: Share

    @property
    def interaction(self) -> F64:
        """The whole less the sum of what the parts do alone."""
        result: F64 = self.whole.mean - sum(share.mean for share in self.alone)
        return result


def attribute(plan: Design, values: Mapping[Subset, F64], level: float = 0.95) -> Attribution:
    """Attribute the effect of a package to its parts.

    Parameters
    ----------
    plan : Design
    values : mapping
        By combination, the values of the quantities by seed, shape (seeds, quantities); equal rows
        have equal seeds in all.
    level : float
        Coverage of the intervals, which hold the error of chance over seeds and, where orders are
        sampled, that of the orders.

    Returns
    -------
    Attribution
    """
    base, whole = values[frozenset()], values[plan.whole]
    parts = range(plan.parts)
    alone = [_share(values[frozenset({k})] - base, level) for k in parts]
    taken_out = [_share(whole - values[plan.whole - {k}], level) for k in parts]
    if plan.orders is None:
        shapley = [_share(_exact(plan, values, k), level) for k in parts]
    else:
        shapley = [_sampled(plan.orders, values, k, level) for k in parts]
    return Attribution(alone, taken_out, shapley, _share(whole - base, level))


def _exact(plan: Design, values: Mapping[Subset, F64], part: int) -> F64:
    """The Shapley value of a part by seed: what it adds to each combination of the others, weighted."""
    others = sorted(plan.whole - {part})
    n = plan.parts
    total = np.zeros_like(values[frozenset()])
    for size in range(n):
        weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
        for chosen in itertools.combinations(others, size):
            before = frozenset(chosen)
            total += weight * (values[before | {part}] - values[before])
    return total


def _sampled(
    orders: Sequence[tuple[int, ...]], values: Mapping[Subset, F64], part: int, level: float
) -> Share:
    """The mean over sampled orders; pairs of an order and its reverse are the units of its error."""
    added = []
    for order in orders:
        before = frozenset(order[: order.index(part)])
        added.append(values[before | {part}] - values[before])
    pairs = np.stack(added).reshape(len(orders) // 2, 2, *added[0].shape).mean(axis=1)
    seeds = _share(pairs.mean(axis=0), level)
    by_pair = _share(pairs.mean(axis=1), level)
    return Share(seeds.mean, np.hypot(seeds.half_width, by_pair.half_width))


def _share(gain: F64, level: float) -> Share:
    """Mean over the first axis with the half-width of its t interval; infinite with one row."""
    rows = len(gain)
    if rows < 2:
        return Share(gain.mean(axis=0), np.full(gain.shape[1:], np.inf))
    error = gain.std(axis=0, ddof=1) / math.sqrt(rows)
    return Share(gain.mean(axis=0), stats.t.ppf((1 + level) / 2, rows - 1) * error)
