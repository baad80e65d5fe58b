"""Draws of unit values and effects, by Latin hypercube.

A value with a plausible interval is drawn from a two-piece normal distribution: its median is the
value, its 5% and 95% quantiles are the ends of the interval; draws outside its allowed range are
moved to the end of it. Values are drawn independently of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from results.appraisal.values import centre, is_single, two_piece_normal
from sim.scenario.models import Parameter

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Uncertain:
    """Something that is drawn: its median, 90% plausible interval, and what it can be."""

    name: str
    middle: float
    low: float
    high: float
    allowed: tuple[float, float]

    @classmethod
    def of_value(cls, value: Parameter) -> Uncertain | None:
        """What is uncertain about a unit value: itself if it is one number, else a multiplier."""
        span = value.uncertainty
        if span is None:
            return None
        allowed = value.range if is_single(value) else (0.0, np.inf)
        return cls(value.name, centre(value), span.low, span.high, allowed)

    def at(self, z: F64) -> F64:
        """Value at standard normal quantiles."""
        return quantile(z, self.middle, self.low, self.high, self.allowed)


def quantile(z: F64, middle: float, low: float, high: float, allowed: tuple[float, float]) -> F64:
    """A two-piece normal at standard normal quantiles, kept within what is allowed."""
    return np.clip(two_piece_normal(np.asarray(z, np.float64), middle, low, high), *allowed)


def uncertain_values(values: Iterable[Parameter]) -> list[Uncertain]:
    """All unit values that are drawn."""
    return [found for value in values if (found := Uncertain.of_value(value))]


def standard_normals(names: Sequence[str], size: int, seed: int) -> dict[str, F64]:
    """Standard normal quantiles by name: a Latin hypercube, so each is spread evenly."""
    if not names:
        return {}
    cube = stats.qmc.LatinHypercube(len(names), rng=np.random.default_rng(seed)).random(size)
    return dict(zip(names, stats.norm.ppf(cube).T, strict=True))
