"""Addressed draws: every random number is a pure function of (seed, stream, person, counter).

A *stream* is a named decision; its number is a hash of its name, so a new stream moves no other. A
person's key mixes the seed and the person's identity once. A draw mixes key, stream and counter with
the SplitMix64 finaliser. No draw depends on call order, on other people, on arms or on workers.
The contract is in ``docs/concepts/randomness.md``.

Source: Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA;
finaliser constants of variant 13 from Stafford (2011), "Better bit mixing".
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_TO_UNIT: Final = 2.0**-53


def mix(z: U64) -> U64:
    """The SplitMix64 finaliser: a bijection on 64-bit words that scatters neighbours. Writes into ``z``."""
    z ^= z >> _S30
    z *= _MIX_1
    z ^= z >> _S27
    z *= _MIX_2
    z ^= z >> _S31
    return z


@cache
def stream_id(name: str) -> np.uint64:
    """The number of a named stream: the first eight bytes of the SHA-256 of its name."""
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))


def person_keys(seed: int, person_ids: U64) -> U64:
    """One key a person: the seed and the identity, each mixed, so that near seeds share nothing.

    Parameters
    ----------
    seed : int
        Seed of the replication, 0 to 2**63.
    person_ids : uint64 array, shape (people,)

    Returns
    -------
    uint64 array, shape (people,)
    """
    seeded = mix(np.array([np.uint64(seed) * np.uint64(2) + np.uint64(1)], np.uint64) * GOLDEN)
    return mix(mix(person_ids * GOLDEN + seeded) ^ seeded)


def bits(keys: U64, stream: np.uint64 | U64, counter: int | U64 = 0) -> U64:
    """64 random bits at each address ``(key, stream, counter)``; shapes broadcast."""
    step = np.asarray(counter, np.uint64) * GOLDEN
    z = np.atleast_1d(keys + (stream + step))
    return mix(z)


def uniforms(keys: U64, stream: np.uint64 | U64, counter: int | U64 = 0) -> F64:
    """Uniform numbers in [0, 1) with 53 bits, one at each address."""
    return (bits(keys, stream, counter) >> _S11) * _TO_UNIT


def exponentials(keys: U64, stream: np.uint64 | U64, counter: int | U64 = 0) -> F64:
    """Unit exponential numbers, one at each address; always above zero."""
    return -np.log(((bits(keys, stream, counter) >> _S11) + 0.5) * _TO_UNIT)


def choose(u: F64, cumulative: F64) -> NDArray[np.uint8]:
    """Index of the outcome that each uniform number falls on.

    Parameters
    ----------
    u : float array, shape (n,)
    cumulative : float array, shape (k,) or (n, k)
        Running sums of the outcome shares; the last is 1.

    Returns
    -------
    uint8 array, shape (n,)
    """
    below: NDArray[np.bool_] = u[:, None] >= cumulative[..., :-1]
    chosen: NDArray[np.uint8] = below.sum(axis=1, dtype=np.uint8)
    return chosen
