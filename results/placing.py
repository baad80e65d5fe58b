"""Where ticks and labels go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def nice_ticks(
    low: float, high: float, smallest: float = 0.0, most: int = 7
) -> tuple[list[float], float]:
    """Round numbers that enclose ``low`` to ``high`` evenly, and their step.

    There are at most ``most``, and they are not nearer to each other than ``smallest``.
    """
    if low == high:
        low, high = low - 1, high + 1
    power = math.floor(math.log10(max((high - low) / most, smallest))) - 1
    for exponent in range(power, power + 4):
        for digit in (1, 2, 5):
            step = float(f"{digit}e{exponent}")
            first, last = math.floor(low / step), math.ceil(high / step)
            if step >= smallest and last - first < most:
                return [float(f"{k * digit}e{exponent}") for k in range(first, last + 1)], step
    raise ValueError(f"no ticks enclose {low} to {high}")


def date_ticks(first_month: int, months: int, room: int) -> list[int]:
    """Months after the start that get a label: Aprils, or more months in a short chart.

    Parameters
    ----------
    first_month : int
        Calendar month of the start, 1 to 12.
    months : int
        Length of the chart.
    room : int
        Months that a label takes.
    """
    aprils = [k for k in range(months + 1) if (first_month - 1 + k) % 12 == 3]
    if len(aprils) > 2:
        return aprils[:: math.ceil(room / 12)]
    for every in (1, 2, 3, 6):
        if every >= room:
            return [k for k in range(months + 1) if (first_month - 4 + k) % every == 0]
    return [0]


def spread(
    wanted: Sequence[float], heights: Sequence[float], gap: float, low: float, high: float
) -> list[float]:
    """Centres of boxes nearest to where they are wanted, ``gap`` apart, from ``low`` to ``high``.

    Least squares under the order of ``wanted``: boxes that are too near form blocks, which stand at
    their mean (the pool-adjacent-violators algorithm).
    """
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], -k))
    below = 0.0
    offsets: list[float] = []
    for k in order:
        offsets.append(below + heights[k] / 2)
        below += heights[k] + gap
    blocks: list[tuple[float, int]] = []
    for k, offset in zip(order, offsets, strict=True):
        mean, count = wanted[k] - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    highest = high - (below - gap)
    starts = [min(max(mean, low), highest) for mean, count in blocks for _ in range(count)]
    centres = dict(zip(order, np.add(starts, offsets), strict=True))
    return [float(centres[k]) for k in range(len(wanted))]
