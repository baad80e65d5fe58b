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


def needed_hazard(mark: F64, base: F64, layer: U8) -> F64:
    """Hazard above which a candidate with this mark is an event: ``mark < acceptance`` turned round."""
    rate, floor = base * _RATE[layer], base * _FLOOR[layer]
    return floor - np.log1p(mark * np.expm1(-rate))


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
    first = layers_of.cumsum() - layers_of
    who = np.arange(len(keys)).repeat(layers_of)
    layer = np.arange(len(who)) - first[who]
    blocks = _Blocks(keys[who], streams[who], base[who] * _RATE[layer], layer, after)
    day = blocks.first_after(after)
    found = day < blocks.end
    # Later blocks matter only to those whose nearest candidate so far is not in front of them.
    nearest = np.minimum.reduceat(np.where(found, day, 2 * NEVER), first)
    later = (~found & (blocks.end <= nearest[who])).nonzero()[0]
    day[later], found[later] = blocks.ahead(later)
    # The nearest day wins, then a true candidate before a probe, then the lowest layer.
    best = np.minimum.reduceat(day * 256 + np.where(found, layer, PROBE), first)
    return np.minimum(best >> 8, NEVER), (best & 255).astype(np.uint8)


class _Blocks:
    """The blocks that a day falls in, one for each pair of a request and a layer, and those after."""

    def __init__(self, keys: U64, streams: U64, rate: F64, layer: I64, after: int) -> None:
        self.keys, self.streams, self.rate = keys, streams, rate
        self.length = np.ceil(1.0 / rate).astype(np.int64)
        block = (after + _ORIGIN + 1) // self.length  # the block of the first day looked at
        self.counter: U64 = ((layer << 56) | (block << 16)).view(np.uint64)
        self.end = (block + 1) * self.length - _ORIGIN

    def first_after(self, after: int) -> I64:
        """First candidate after a day, walking gap by gap; at or past ``end`` if the block has none."""
        day = self.end - self.length - 1 + self._gaps(slice(None), 0)
        left = (day <= after).nonzero()[0]
        gap = 1
        while len(left):
            further = day[left] + self._gaps(left, gap)
            day[left] = further
            left = left[(further <= after).nonzero()[0]]
            gap += 1
        return day

    def ahead(self, which: I64) -> tuple[I64, NDArray[np.bool_]]:
        """First candidate of the next blocks, or where there is none a probe on their last day."""
        before, length = self.end[which] - 1, self.length[which]
        day, found = before + BLOCKS_AHEAD * length, np.zeros(len(which), bool)
        left = np.arange(len(which))
        for block in range(BLOCKS_AHEAD):
            if not len(left):
                break
            gap = self._gaps(which[left], (block + 1) << 16)
            inside = gap <= length[left]
            hit = left[inside]
            day[hit] = before[hit] + block * length[hit] + gap[inside]
            found[hit] = True
            left = left[~inside]
        return day, found

    def _gaps(self, which: I64 | slice, step: int) -> I64:
        """Days to the next candidate: geometric, at the counters moved on by ``step``."""
        counter = self.counter[which] + np.uint64(step)
        drawn = exponentials(self.keys[which], self.streams[which], counter)
        drawn /= self.rate[which]
        np.minimum(drawn, 2.0 * NEVER, out=drawn)
        gaps: I64 = drawn.astype(np.int64)
        gaps += 1
        return gaps
