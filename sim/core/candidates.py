"""Candidate days of calendar streams: when a shock could strike, as a pure function of the address.

A shock (falling sick, a job offer, a missed appointment) has a hazard that differs between people and
over time. Its candidates come in *layers* of geometric rates. Layer 0 covers hazards from zero to the
stream's base rate; layer k covers ``base * 2**(k-1)`` to ``base * 2**k``. A person with hazard h sees the
candidates of every layer below h, and those of the layer that h falls in with the probability that makes
the chance of an event on a day exactly ``1 - exp(-h)``. So more than half of the candidates are kept, a
higher hazard only ever adds events, and two copies of a person whose histories have split see the same
future again as soon as their hazards agree.

Each layer is a Bernoulli process over days, cut into blocks of about one candidate. Within a block the
gaps between candidates are geometric, each addressed by (layer, block, gap number), so the next candidate
after any day is found without any stored state.

Source: thinning after Lewis and Shedler (1979), Naval Research Logistics Quarterly 26:403; the layers are
our own arrangement of it, tested against closed forms in ``tests/core/test_candidates.py``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.core.dates import NEVER
from sim.core.draws import F64, U64, exponentials, uniforms

I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

GAPS_IN_FIRST_BLOCK: Final = 5
BLOCKS_AHEAD: Final = 3
PROBE: Final = 255
"""Layer of a day that is no candidate but the end of what was searched: look again then."""
MAX_LAYERS: Final = 24
_HALF: Final = 0.5 * (1 + 1e-12)
_PAIRS_AT_ONCE: Final = 200_000
_ORIGIN: Final = 40_000
"""Days are shifted by this so that block numbers are never negative."""


def top_layer(hazard: F64, base: F64 | float) -> U8:
    """The layer that a hazard falls in; hazards up to the base rate fall in layer 0."""
    # frexp gives hazard / base = m * 2**e with m in [0.5, 1): the layer is e, or e - 1 at a power of two.
    part, exponent = np.frexp(hazard / base)
    layer = exponent - (part <= _HALF)
    return np.minimum(np.maximum(layer, 0), MAX_LAYERS - 1).astype(np.uint8)


def acceptance(hazard: F64, base: float, layer: U8) -> F64:
    """Chance that a candidate of a layer is an event, so that P(event on a day) is ``1 - exp(-hazard)``."""
    rate, share = base * _RATE[layer], hazard - base * _FLOOR[layer]
    np.maximum(share, 0.0, out=share)
    np.minimum(share, rate, out=share)
    chance: F64 = np.expm1(-share) / np.expm1(-rate)
    return chance


def marks(keys: U64, stream: np.uint64 | U64, layer: U8, day: int) -> F64:
    """The mark of a candidate: uniform, addressed by (layer, day); an event if below the acceptance."""
    counter = (np.uint64(1) << np.uint64(62)) | (layer.astype(np.uint64) << np.uint64(32))
    return uniforms(keys, stream, counter | np.uint64(day + _ORIGIN))


_LAYER: Final = np.arange(256)
_RATE: Final = np.exp2(np.clip(_LAYER - 1, 0, MAX_LAYERS))
_FLOOR: Final = np.select([_LAYER == 0, _LAYER == PROBE], [0.0, np.inf], _RATE)
"""Rate of each layer, and the hazard at which it starts, in units of the base rate; no hazard is above
the floor of a probe."""


def next_candidates(keys: U64, streams: U64, base: F64, top: U8, after: int) -> tuple[I64, U8]:
    """First candidate strictly after a day, among layers ``0..top``, for each request.

    Parameters
    ----------
    keys, streams : uint64 arrays, shape (n,)
        Person key and stream number of each request.
    base : float array, shape (n,)
        Base rate of the stream, per day.
    top : uint8 array, shape (n,)
        Highest layer to look in.
    after : int
        Day after which to look.

    Returns
    -------
    day : int64 array, shape (n,)
        Day of the candidate, at most ``NEVER``.
    layer : uint8 array, shape (n,)
        Its layer (the lowest where two fall on one day), or ``PROBE``.
    """
    n = len(keys)
    day, layer = np.empty(n, np.int64), np.empty(n, np.uint8)
    step = max(1, _PAIRS_AT_ONCE // (int(top.max(initial=0)) + 1))
    for start in range(0, n, step):
        part = slice(start, start + step)
        day[part], layer[part] = _next(keys[part], streams[part], base[part], top[part], after)
    return day, layer


def _next(keys: U64, streams: U64, base: F64, top: U8, after: int) -> tuple[I64, U8]:
    layers_of = top.astype(np.int64) + 1
    first = np.cumsum(layers_of) - layers_of
    who = np.repeat(np.arange(len(keys)), layers_of)
    layer = np.arange(len(who)) - first[who]
    day, found = _next_in_layer(keys[who], streams[who], base[who] * _RATE[layer], layer, after)
    # The nearest day wins, then a true candidate before a probe, then the lowest layer.
    tag = np.where(found, layer, PROBE)
    best = np.minimum.reduceat(day * 256 + tag, first)
    return np.minimum(best >> 8, NEVER), (best & 255).astype(np.uint8)


def _next_in_layer(
    keys: U64, streams: U64, rate: F64, layer: I64, after: int
) -> tuple[I64, NDArray[np.bool_]]:
    length = np.ceil(1.0 / rate).astype(np.int64)
    block = (after + _ORIGIN + 1) // length  # the block of the first day looked at
    begin = block * length - _ORIGIN
    end = begin + length
    counter = (layer << 56) | (block << 16)

    gaps = _gaps(keys[:, None], streams[:, None], rate[:, None], counter[:, None] + _FIRST_GAPS)
    position = (begin - 1)[:, None] + np.cumsum(gaps, axis=1)
    fits = (position > after) & (position < end[:, None])
    day = np.where(fits, position, NEVER * 2).min(axis=1)
    found = day < NEVER * 2

    undecided = np.flatnonzero(~found & (position[:, -1] <= after))
    if len(undecided):
        u = undecided
        day[u] = _scan_block(
            keys[u], streams[u], rate[u], counter[u], position[u, -1], end[u], after
        )
        found[u] = day[u] < NEVER * 2

    later = np.flatnonzero(~found)
    if len(later):
        ahead = np.arange(1, BLOCKS_AHEAD + 1)
        counters = (layer[later] << 56)[:, None] | ((block[later, None] + ahead) << 16)
        gaps = _gaps(keys[later, None], streams[later, None], rate[later, None], counters)
        span = length[later, None]
        fits = gaps <= span
        which = fits.argmax(axis=1)
        hit = fits.any(axis=1)
        at = np.arange(len(later))
        # Nothing found: a probe on the last day searched.
        day[later] = (
            end[later]
            - 1
            + np.where(hit, which * span[:, 0] + gaps[at, which], BLOCKS_AHEAD * span[:, 0])
        )
        found[later] = hit
    return day, found


_FIRST_GAPS = np.arange(GAPS_IN_FIRST_BLOCK)


def _gaps(keys: U64, streams: U64, rate: F64, counter: I64) -> I64:
    drawn = exponentials(keys, streams, counter.astype(np.uint64)) / rate
    gaps: I64 = 1 + np.minimum(drawn, 2.0 * NEVER).astype(np.int64)
    return gaps


def _scan_block(
    keys: U64, streams: U64, rate: F64, counter: I64, position: I64, end: I64, after: int
) -> I64:
    """Walk on through a block with more candidates than the first look covers; rare."""
    day = np.full(len(keys), NEVER * 2, np.int64)
    left = np.arange(len(keys))
    gap = GAPS_IN_FIRST_BLOCK
    position = position.copy()
    while len(left):
        position[left] += _gaps(keys[left], streams[left], rate[left], counter[left] + gap)
        gap += 1
        hit = (position[left] > after) & (position[left] < end[left])
        day[left[hit]] = position[left[hit]]
        left = left[position[left] <= after]
    return day
