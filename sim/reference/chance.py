"""Addressed draws in plain integers: the same numbers at the same addresses as the vectorised engine.

The contract is in ``docs/concepts/randomness.md``. Every number is a pure function of the seed, the person,
the name of a decision and a counter. Shocks have candidate days in layers of doubling rates; spells have one
unit exponential threshold each.

Source: Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA; thinning
after Lewis and Shedler (1979), Naval Research Logistics Quarterly 26:403.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final

WORD: Final = 2**64 - 1
GOLDEN: Final = 0x9E3779B97F4A7C15
ORIGIN: Final = 40_000
"""Days are shifted by this, so that the numbers of blocks are never negative."""
HIGHEST_LAYER: Final = 23


def mix(z: int) -> int:
    """Scatter a 64-bit word: the finaliser of SplitMix64."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


@cache
def stream_number(name: str) -> int:
    """The number of a decision: the first eight bytes of the SHA-256 of its name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def person_key(seed: int, person: int) -> int:
    """What a person adds to every address."""
    seeded = mix((seed * 2 + 1) * GOLDEN & WORD)
    return mix(mix((person * GOLDEN + seeded) & WORD) ^ seeded)


def bits(key: int, stream: int, counter: int) -> int:
    """64 random bits at an address."""
    return mix((key + stream + counter * GOLDEN) & WORD)


def uniform(key: int, stream: int, counter: int) -> float:
    """A number from 0 up to, not including, 1."""
    return (bits(key, stream, counter) >> 11) * 2.0**-53


def exponential(key: int, stream: int, counter: int) -> float:
    """A unit exponential number."""
    return -math.log(((bits(key, stream, counter) >> 11) + 0.5) * 2.0**-53)


def choose(u: float, shares: Sequence[float]) -> int:
    """The outcome, among shares that add up to one, on which a uniform number falls."""
    return sum(u >= running for running in list(accumulate(shares))[:-1])


# ---- The candidate days of a shock ------------------------------------------------------------------------


def layer_rate(base: float, layer: int) -> float:
    """Candidates a day in a layer: layers 0 and 1 have the base rate, each next one twice the last."""
    return base * 2.0 ** max(layer - 1, 0)


def layer_floor(base: float, layer: int) -> float:
    """The hazard at which a layer begins."""
    return 0.0 if layer == 0 else layer_rate(base, layer)


def layer_of(hazard: float, base: float) -> int:
    """The layer that a hazard falls in; hazards up to the base rate fall in layer 0."""
    part, exponent = math.frexp(hazard / base)
    layer = exponent - 1 if part <= 0.5 * (1 + 1e-12) else exponent
    return min(max(layer, 0), HIGHEST_LAYER)


def first_candidate(
    key: int, stream: int, base: float, top: int, after: int, last: int
) -> tuple[int, int]:
    """First candidate strictly after a day in layers ``0..top``: its day and layer; past ``last`` if none."""
    return min(
        (_first_in(key, stream, layer, layer_rate(base, layer), after, last), layer)
        for layer in range(top + 1)
    )


def _first_in(key: int, stream: int, layer: int, rate: float, after: int, last: int) -> int:
    """Gaps between candidates are geometric; every block of days starts them anew."""
    length = math.ceil(1 / rate)
    block = (after + ORIGIN + 1) // length
    while (eve := block * length - ORIGIN - 1) < last:
        day, gap = eve, 0
        while day <= after or gap == 0:
            drawn = exponential(key, stream, layer << 56 | block << 16 | gap) / rate
            day += int(drawn) + 1
            gap += 1
        if day <= eve + length:
            return day
        block += 1
    return last + 1


def strikes(key: int, stream: int, base: float, layer: int, day: int, hazard: float) -> bool:
    """Whether a candidate is an event: so that the chance of one on a day is ``1 - exp(-hazard)``."""
    mark = uniform(key, stream, 1 << 62 | layer << 32 | (day + ORIGIN))
    needed = layer_floor(base, layer) - math.log1p(mark * math.expm1(-layer_rate(base, layer)))
    return hazard > needed
