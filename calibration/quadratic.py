"""A quadratic over the prior, by Bayesian regression: its coefficients, what seeds add, and how well they are known.

Terms are orthonormal over the prior (Hermite polynomials of standard normal coordinates), so that the square of a
coefficient is the variance that its term brings: B. Sudret (2008), Reliability Engineering & System Safety 93:964-979.

Coefficients have normal priors, whose variances the draws tell (the maximum of the marginal likelihood). Slopes share a
variance, and so do curves and seeds; a weight of each parameter, near one, multiplies those of all its terms, for
parameters that do much alone bend more, too. Curves, of which there are many, are held back as far as the draws do not
speak for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

from calibration.likelihood import F64, I64

_RANGES: Final = ((-18.0, 14.0), (-6.0, 6.0))
"""Of the logarithms of prior variances (over that of the noise), and of weights."""
_START: Final = (0.0, -4.0, 0.0)
_SPREAD: Final = 1.0
"""Standard deviation of the logarithms of the weights."""


@dataclass(frozen=True)
class Coefficients:
    """Coefficients of the terms, one row a draw of what they may be.

    Parameters
    ----------
    slopes : float64 array of shape (draws, parameters)
    curves : float64 array of shape (draws, pairs)
        In the order of :func:`pairs`.
    seeds : float64 array of shape (draws, seeds)
        What each seed adds.
    noise : float64 array of shape (draws,)
        Variance of what is left.
    """

    slopes: F64
    curves: F64
    seeds: F64
    noise: F64


@dataclass(frozen=True)
class Quadratic:
    """What draws tell about the coefficients.

    Parameters
    ----------
    parameters : int
    level : float
        Of the outcome, over the prior.
    mean : float64 array of shape (terms,)
        Of the coefficients: slopes, curves, seeds.
    precision : float64 array of shape (terms, terms)
        Upper triangle of the root of the inverse covariance, where the noise has variance 1.
    rest : float
        Sum of squares that is left, of as many as ``freedom``.
    freedom : int
    priors : float64 array of shape (3 + parameters,)
        Logarithms of the prior variances of slopes, curves and seeds over that of the noise, and of the weights.
    """

    parameters: int
    level: float
    mean: F64
    precision: F64
    rest: float
    freedom: int
    priors: F64

    @classmethod
    def fitted(cls, x: F64, y: F64, seed: I64, seeds: int, start: F64 | None = None) -> Quadratic:
        """Fit it.

        Parameters
        ----------
        x : float64 array of shape (draws, parameters)
            Standard normal coordinates.
        y : float64 array of shape (draws,)
        seed : int64 array of shape (draws,)
            Place of the seed in the pool.
        seeds : int
            Size of the pool.
        start : float64 array of shape (3 + parameters,), optional
            Where to begin to look for the priors.
        """
        size = x.shape[1]
        terms = np.column_stack([x, curved(x), np.eye(seeds)[seed]])
        middle, level = terms.mean(axis=0), float(y.mean())
        terms = terms - middle
        evidence = _Evidence(
            terms.T @ terms,
            terms.T @ (y - level),
            float(((y - level) ** 2).sum()),
            len(y) - 1,
            _priors_of_terms(size, seeds),
        )
        found = minimize(
            evidence,
            np.r_[_START, np.zeros(size)] if start is None else start,
            jac=True,
            method="L-BFGS-B",
            bounds=[_RANGES[0]] * 3 + [_RANGES[1]] * size,
        )
        root, mean, rest = evidence.solved(found.x)
        return cls(size, level - float(middle @ mean), mean, root, rest, len(y) - 1, found.x)

    def __call__(self, x: F64) -> F64:
        """The outcome, mean over seeds, shape (draws,)."""
        terms = np.column_stack([x, curved(x)])
        return np.asarray(self.level + terms @ self.mean[: terms.shape[1]])

    def of_seeds(self, seed: I64) -> F64:
        """What seeds add, shape (draws,)."""
        return np.asarray(self.mean[self._split[1] :][seed])

    def draws(self, number: int, seed: int) -> Coefficients:
        """Coefficients as they may be, given the priors that were found."""
        rng = np.random.default_rng(seed)
        noise = self.rest / rng.chisquare(self.freedom, number)
        spread = solve_triangular(
            self.precision, rng.standard_normal((len(self.mean), number)), lower=False
        )
        drawn = self.mean + (spread * np.sqrt(noise)).T
        slopes, curves, seeds = np.split(drawn, self._split, axis=1)
        return Coefficients(slopes, curves, seeds, noise)

    @property
    def _split(self) -> tuple[int, int]:
        return self.parameters, self.parameters + len(pairs(self.parameters)[0])


@dataclass(frozen=True)
class _Evidence:
    """Less the logarithm of the marginal likelihood of the draws, and its slope, by the priors."""

    squares: F64
    products: F64
    whole: float
    freedom: int
    terms: F64

    def solved(self, priors: F64) -> tuple[F64, F64, float]:
        """Root of the inverse covariance, mean of the coefficients, and sum of squares left."""
        root, _ = cho_factor(self.squares + np.diag(np.exp(-self.terms @ priors)))
        mean = cho_solve((root, False), self.products)
        # What rounding leaves of nought, where terms explain everything, is not below nought.
        rest = max(self.whole - float(self.products @ mean), 1e-14 * self.whole)
        return np.triu(root), np.asarray(mean), rest

    def __call__(self, priors: F64) -> tuple[float, F64]:
        root, mean, rest = self.solved(priors)
        weights = priors * (np.arange(len(priors)) >= len(_START)) / _SPREAD**2
        logarithms = self.terms @ priors
        value = np.log(np.diag(root)).sum() + 0.5 * (logarithms.sum() + weights @ priors)
        value += 0.5 * self.freedom * np.log(rest)
        inverse = solve_triangular(root, np.eye(len(root)), lower=False)
        known = (inverse**2).sum(axis=1) + self.freedom * mean**2 / rest
        slope = 0.5 * (1 - np.exp(-logarithms) * known) @ self.terms + weights
        return float(value), np.asarray(slope)


def _priors_of_terms(parameters: int, seeds: int) -> F64:
    """Which logarithms of priors add up to that of each term, shape (terms, 3 + parameters)."""
    first, second = pairs(parameters)
    each = np.eye(parameters)
    weights = np.vstack([each, each[first] + each[second], np.zeros((seeds, parameters))])
    kinds = np.eye(3)[np.repeat(np.arange(3), (parameters, len(first), seeds))]
    return np.hstack([kinds, weights])


def pairs(parameters: int) -> tuple[I64, I64]:
    """Both parameters of each curve; the same twice for the square of one."""
    first, second = np.triu_indices(parameters)
    return first, second


def curved(x: F64) -> F64:
    """Products of pairs of coordinates, each of mean 0 and variance 1 over the prior, shape (draws, pairs)."""
    first, second = pairs(x.shape[1])
    products = x[:, first] * x[:, second]
    return np.where(first == second, (products - 1) / np.sqrt(2), products)


def explained(x: F64, y: F64, seed: I64, seeds: int, start: F64, folds: int = 10) -> float:
    """Share of the variance of draws left out that is explained, what seeds add taken out.

    Each draw is foretold by a quadratic that was fitted, priors and all, without the tenth of the draws that it
    belongs to. Below nought, it foretells worse than the mean does.
    """
    fold = np.random.default_rng(len(y)).permutation(len(y)) % folds
    missed = unknown = 0.0
    for k in range(folds):
        kept, out = fold != k, fold == k
        fitted = Quadratic.fitted(x[kept], y[kept], seed[kept], seeds, start)
        levelled = y[out] - fitted.of_seeds(seed[out])
        middle = (y[kept] - fitted.of_seeds(seed[kept])).mean()
        missed += float(((levelled - fitted(x[out])) ** 2).sum())
        unknown += float(((levelled - middle) ** 2).sum())
    return 1 - missed / unknown
