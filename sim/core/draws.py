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

_GOLDEN: Final = 0x9E3779B97F4A7C15
_WORD: Final = 2**64 - 1


def _word(number: int) -> U64:
    """An array without dimensions, which numpy takes faster than a number: cohorts are often a few people."""
    word = np.array(number, np.uint64)
    word.flags.writeable = False
    return word


GOLDEN: Final = _word(_GOLDEN)
_MIX_1, _MIX_2 = _word(0xBF58476D1CE4E5B9), _word(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (_word(shift) for shift in (30, 27, 31, 11))
_TO_UNIT: Final = np.array(2.0**-53)
_HALF: Final = np.array(0.5)


def mix(z: U64) -> U64:
    """The SplitMix64 finaliser: a bijection on 64-bit words that scatters neighbours. Writes into ``z``."""
    z ^= z >> _S30
    z *= _MIX_1
    z ^= z >> _S27
    z *= _MIX_2
    z ^= z >> _S31
    return z


@cache
def stream_id(name: str) -> U64:
    """The number of a named stream: the first eight bytes of the SHA-256 of its name; no dimensions."""
    return _word(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))


@cache
def stream_ids(*names: str) -> U64:
    """The numbers of several streams, shape (streams, 1), for draws of all of them at once."""
    return np.array([[stream_id(name)] for name in names], np.uint64)


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


def bits(keys: U64, stream: U64, counter: int | U64 = 0) -> U64:
    """64 random bits at each address ``(key, stream, counter)``; shapes broadcast."""
    return mix(_addresses(keys, stream, counter))


def _addresses(keys: U64, stream: U64, counter: int | U64) -> U64:
    if isinstance(counter, np.ndarray):
        z = keys + (stream + counter * GOLDEN)
    else:
        z = keys + (stream if counter == 0 else stream + _golden_steps(int(counter)))
    return np.atleast_1d(z) if z.ndim == 0 else z


def moved_on(addresses: U64, step: int) -> U64:
    """The addresses whose counters are larger by ``step``, as a new array."""
    return addresses + _golden_steps(step)


@cache
def _golden_steps(counter: int) -> U64:
    return _word(counter * _GOLDEN & _WORD)


def uniforms(keys: U64, stream: U64, counter: int | U64 = 0) -> F64:
    """Uniform numbers in [0, 1) with 53 bits, one at each address."""
    z = bits(keys, stream, counter)
    z >>= _S11
    u = z.astype(np.float64)
    u *= _TO_UNIT
    return u


def exponentials(keys: U64, stream: U64, counter: int | U64 = 0) -> F64:
    """Unit exponential numbers, one at each address; always above zero."""
    logs = logs_at(_addresses(keys, stream, counter))
    return np.negative(logs, out=logs)


def logs_at(addresses: U64) -> F64:
    """Logarithms of uniform numbers at addresses made up before: unit exponentials with a minus sign.

    Writes into the addresses.
    """
    z = mix(addresses)
    z >>= _S11
    u = z.astype(np.float64)
    u += _HALF
    u *= _TO_UNIT
    return np.log(u, out=u)


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
    if cumulative.ndim == 1:
        return cumulative[:-1].searchsorted(u, side="right").astype(np.uint8)
    below: NDArray[np.bool_] = u[:, None] >= cumulative[:, :-1]
    chosen: NDArray[np.uint8] = below.sum(axis=1, dtype=np.uint8)
    return chosen
