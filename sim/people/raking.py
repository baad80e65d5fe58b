"""Iterative proportional fitting: scale a table until its margins are as wanted.

Source: Deming and Stephan (1940), "On a least squares adjustment of a sampled frequency table when
the expected marginal totals are known", Annals of Mathematical Statistics 11(4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

OUTSIDE = -1
"""Group of a cell that a margin does not speak of."""


@dataclass(frozen=True, eq=False)
class Margin:
    """Totals wanted for groups of cells.

    Parameters
    ----------
    name : str
        For messages.
    group : int64 array, shape (cells,)
        Group of each cell; ``OUTSIDE`` if it is in none.
    total : float64 array, shape (groups,)
        People wanted in each group.
    """

    name: str
    group: I64
    total: F64

    def sums(self, table: F64) -> F64:
        """People in each group of a table."""
        inside = np.bincount(self.group + 1, weights=table, minlength=len(self.total) + 1)
        sums: F64 = inside[1:].astype(np.float64)
        return sums


def rake(table: F64, margins: Sequence[Margin], tolerance: float = 1e-8, rounds: int = 2000) -> F64:
    """Scale a table until every margin holds.

    Sums are taken cell after cell, so the result does not depend on the processor's vector width.

    Parameters
    ----------
    table : float64 array, shape (cells,)
        Seed: what is not known from the margins, such as which cells can hold people.
    margins : sequence of Margin
    tolerance : float
        Largest difference from a total, as a share of it.
    rounds : int
        Most passes over the margins.

    Returns
    -------
    float64 array, shape (cells,)

    Raises
    ------
    ValueError
        If the margins contradict each other or the cells that can hold people.
    """
    table = np.array(table, np.float64)
    for _ in range(rounds):
        worst, where = 0.0, ""
        for margin in margins:
            sums = margin.sums(table)
            short = (sums <= 0) & (margin.total > 0)
            if short.any():
                raise ValueError(f"nobody can be in a group of {margin.name} that must hold people")
            factor = np.ones(len(sums) + 1)
            np.divide(margin.total, sums, out=factor[1:], where=sums > 0)
            gap = np.abs(factor[1:] - 1).max()
            if gap > worst:
                worst, where = float(gap), margin.name
            table *= factor[margin.group + 1]
        if worst <= tolerance:
            return table
    raise ValueError(
        f"the margins of the population contradict each other at {where} (by {worst:.2%})"
    )
