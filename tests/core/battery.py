"""A battery of tests of randomness over tables of 64-bit words, with one error rate for all of it.

In every row of a table the address moves along one axis, such as the person or the counter, so that
neighbours in a row are neighbours on that axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

U64 = NDArray[np.uint64]

FAMILY_WISE_ERROR: Final = 0.001
"""Chance that a perfect generator fails anything in a battery (Bonferroni over its p-values)."""

_PAIR_CELLS = 16


def p_values(tables: Mapping[str, U64]) -> dict[str, float]:
    """P-values of every test on every table, by ``table: test``."""
    found: dict[str, float] = {}
    for axis, words in tables.items():
        found |= {f"{axis}: {test}": p for test, p in _of_table(words).items()}
    return found


def failures(p_by_test: Mapping[str, float]) -> dict[str, float]:
    """What fails at the family-wise error rate."""
    return {test: p for test, p in p_by_test.items() if p < FAMILY_WISE_ERROR / len(p_by_test)}


def avalanche(before: U64, after: U64) -> dict[str, float]:
    """P-values that each flipped input bit flips each output bit half of the time.

    Parameters
    ----------
    before, after : uint64 arrays, shape (input bits, samples)
        Words before and after one input bit of the address was flipped.
    """
    samples = before.shape[1]
    flipped = np.stack([_ones(row) for row in before ^ after])
    z = (flipped - samples / 2) / np.sqrt(samples / 4)
    return {
        "every pair of bits": _two_sided_chi2(float((z**2).sum()), z.size),
        "worst pair of bits": min(1.0, float(z.size * 2 * stats.norm.sf(np.abs(z).max()))),
    }


def _of_table(words: U64) -> dict[str, float]:
    flat = words.ravel()
    uniform = (words >> np.uint64(11)) * 2.0**-53
    found = {"uniform": float(stats.kstest(uniform.ravel(), "uniform").pvalue)}
    for k, counts in enumerate(_bytes(flat)):
        found[f"byte {k}"] = float(stats.chisquare(counts).pvalue)
    found["balance of bits"] = _balance(flat)
    found["serial correlation"] = _correlation(uniform)
    found["pairs of neighbours"] = _pairs(uniform)
    found["order of three neighbours"] = _orders(uniform)
    changed = (words[:, ::2] ^ words[:, 1::2]).ravel()
    found["bits that differ between neighbours"] = _balance(changed)
    found["number of bits that differ"] = _popcounts(changed)
    return found


def _bytes(words: U64) -> list[NDArray[np.int64]]:
    return [
        np.bincount((words >> np.uint64(8 * k) & np.uint64(255)).astype(np.int64), minlength=256)
        for k in range(8)
    ]


def _ones(words: U64) -> NDArray[np.int64]:
    """How often each of the 64 bits is set."""
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    return np.concatenate([counts @ bits for counts in _bytes(words)])


def _balance(words: U64) -> float:
    z = (_ones(words) - len(words) / 2) / np.sqrt(len(words) / 4)
    return _two_sided_chi2(float((z**2).sum()), 64)


def _correlation(uniform: NDArray[np.float64]) -> float:
    left, right = uniform[:, :-1] - 0.5, uniform[:, 1:] - 0.5
    # Products of neighbours are uncorrelated with each other, and each has variance 1/144.
    z = (left * right).sum() / np.sqrt(left.size / 144)
    return float(2 * stats.norm.sf(abs(z)))


def _pairs(uniform: NDArray[np.float64]) -> float:
    cell = (uniform * _PAIR_CELLS).astype(np.int64)
    both = (cell[:, ::2] * _PAIR_CELLS + cell[:, 1::2]).ravel()
    return float(stats.chisquare(np.bincount(both, minlength=_PAIR_CELLS**2)).pvalue)


def _orders(uniform: NDArray[np.float64]) -> float:
    wide = uniform[:, : uniform.shape[1] // 3 * 3].reshape(-1, 3)
    order = np.argsort(wide, axis=1) @ np.array([9, 3, 1])
    return float(stats.chisquare(np.unique(order, return_counts=True)[1]).pvalue)


def _popcounts(words: U64) -> float:
    counts = np.bincount(np.bitwise_count(words), minlength=65)
    expected = stats.binom(64, 0.5).pmf(np.arange(65)) * len(words)
    low, high = 20, 44
    observed = np.array([counts[:low].sum(), *counts[low : high + 1], counts[high + 1 :].sum()])
    wanted = np.array([expected[:low].sum(), *expected[low : high + 1], expected[high + 1 :].sum()])
    return float(stats.chisquare(observed, wanted).pvalue)


def _two_sided_chi2(value: float, freedom: int) -> float:
    """Too even is as suspicious as too uneven."""
    law = stats.chi2(freedom)
    return float(min(1.0, 2 * min(law.sf(value), law.cdf(value))))
