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

from sim.core.calendar import first_of_each
from sim.core.dates import NEVER
from sim.core.draws import F64, GOLDEN, U64, logs_at, moved_on, uniforms

I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

BLOCKS_AHEAD: Final = 3
PROBE: Final = 255
"""Layer of a day that is no candidate but the end of what was searched: look again then."""
MAX_LAYERS: Final = 24
_HALF: Final = 0.5 * (1 + 1e-12)
_PAIRS_AT_ONCE: Final = 200_000
_ONE_DAY: Final = np.array(1)  # without dimensions, which numpy takes faster than a number
_FAR: Final = np.array(((2 * NEVER) << 8) | PROBE)
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


def marks(keys: U64, stream: U64, layer: U8, day: int) -> F64:
    """The mark of a candidate: uniform, addressed by (layer, day); an event if below the acceptance."""
    counter = _MARK[layer] + np.array(day + _ORIGIN, np.uint64)
    return uniforms(keys, stream, counter)


_LAYER: Final = np.arange(256)
_RATE: Final = np.exp2(np.clip(_LAYER - 1, 0, MAX_LAYERS))
_FLOOR: Final = np.select([_LAYER == 0, _LAYER == PROBE], [0.0, np.inf], _RATE)
"""Rate of each layer, and the hazard at which it starts, in units of the base rate; no hazard is above
the floor of a probe."""

_MARK: Final = (1 << 62 | _LAYER << 32).astype(np.uint64)
"""What the counter of a mark is before the day is added."""

OUTGROWN: Final = np.select(
    [_LAYER == 0, _LAYER >= MAX_LAYERS], [0.0, np.inf], _HALF * np.exp2(_LAYER.clip(max=MAX_LAYERS))
)
"""Hazard, in units of the base rate, above which so many layers are not enough: no layer covers no
hazard, and nothing outgrows the last."""


class Layers:
    """The layers of candidates of several streams.

    Parameters
    ----------
    streams : uint64 array, shape (streams,)
        Number of each stream.
    base : float array, shape (streams,)
        Its base rate per day.
    """

    def __init__(self, streams: U64, base: F64) -> None:
        self.streams = streams.repeat(MAX_LAYERS)
        self.layer = np.tile(_LAYER[:MAX_LAYERS], len(streams))
        rate: F64 = (base[:, None] * _RATE[:MAX_LAYERS]).ravel()
        self.minus_rate = -rate
        self.length: I64 = np.ceil(1.0 / rate).astype(np.int64)

    def next(self, keys: U64, row: I64, top: U8, after: int) -> tuple[I64, U8]:
        """First candidate strictly after a day, among layers ``0..top``, for each request.

        Parameters
        ----------
        keys : uint64 array, shape (n,)
            Person key of each request.
        row : int64 array, shape (n,)
            Its stream, as a position among the streams.
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
        blocks = _Blocks(self, after)
        step = max(1, _PAIRS_AT_ONCE // (int(top.max(initial=0)) + 1))
        for start in range(0, n, step):
            part = slice(start, start + step)
            day[part], layer[part] = blocks.search(keys[part], row[part], top[part])
        return day, layer


class _Blocks:
    """The block of every layer that the first day looked at falls in, and those after."""

    def __init__(self, layers: Layers, after: int) -> None:
        self.after, self.layer = after, layers.layer
        self.minus_rate, self.length = layers.minus_rate, layers.length
        block = (after + _ORIGIN + 1) // self.length
        self.end = (block + 1) * self.length - _ORIGIN
        counter: U64 = ((layers.layer << 56) | (block << 16)).view(np.uint64)
        self.address: U64 = layers.streams + counter * GOLDEN

    def search(self, keys: U64, row: I64, top: U8) -> tuple[I64, U8]:
        """Day and layer of the nearest candidate of each request."""
        layers_of = top.astype(np.int64) + 1
        request = np.arange(len(keys)).repeat(layers_of)
        first = layers_of.cumsum() - layers_of
        which = (row * MAX_LAYERS - first)[request]
        which += np.arange(len(which))
        address = keys[request] + self.address[which]
        day, end = self._first_after(address, which), self.end[which]
        # The nearest day wins, then a true candidate before a probe, then the lowest layer.
        none = day >= end
        code = np.where(none, _FAR, (day << 8) | self.layer[which])
        best = np.minimum.reduceat(code, first)
        # Later blocks matter only to those whose nearest candidate so far is not in front of them.
        later = (none & (end <= (best >> 8)[request])).nonzero()[0]
        if len(later):
            day, found = self._ahead(address[later], which[later])
            code = (day << 8) | np.where(found, self.layer[which[later]], PROBE)
            of, starts = request[later], first_of_each(request[later]).nonzero()[0]
            best[of[starts]] = np.minimum(best[of[starts]], np.minimum.reduceat(code, starts))
        return np.minimum(best >> 8, NEVER), (best & 255).astype(np.uint8)

    def _first_after(self, address: U64, which: I64) -> I64:
        """First candidate after the day, walking gap by gap; at or past the end if the block has none."""
        minus_rate = self.minus_rate[which]
        day: I64 = (self.end - self.length - 1)[which] + _gaps(address, 0, minus_rate)
        left = (day <= self.after).nonzero()[0]
        address, minus_rate, so_far = address[left], minus_rate[left], day[left]
        gap = 1
        while len(left):
            so_far += _gaps(address, gap, minus_rate)
            day[left] = so_far
            on = (so_far <= self.after).nonzero()[0]
            left, address, minus_rate, so_far = left[on], address[on], minus_rate[on], so_far[on]
            gap += 1
        return day

    def _ahead(self, address: U64, which: I64) -> tuple[I64, NDArray[np.bool_]]:
        """First candidate of the next blocks, or where there is none a probe on their last day."""
        minus_rate, length, before = self.minus_rate[which], self.length[which], self.end[which] - 1
        day, found = before + BLOCKS_AHEAD * length, np.zeros(len(which), bool)
        left = np.arange(len(which))
        for block in range(1, BLOCKS_AHEAD + 1):
            gap = _gaps(address, block << 16, minus_rate)
            inside = gap <= length
            hit, on = inside.nonzero()[0], (~inside).nonzero()[0]
            day[left[hit]] = before[hit] + gap[hit]
            found[left[hit]] = True
            left, address, length = left[on], address[on], length[on]
            minus_rate = minus_rate[on]
            before = before[on] + length
        return day, found


def _gaps(address: U64, step: int, minus_rate: F64) -> I64:
    """Days to the next candidate: geometric, at addresses whose counters are moved on by ``step``."""
    drawn = logs_at(moved_on(address, step))
    drawn /= minus_rate
    gaps: I64 = drawn.astype(np.int64)
    gaps += _ONE_DAY
    return gaps
