"""Displacement: the share of additional jobs that others would have had, by the slack of the labour market.

The share that a run's parameters state is meant at one rate of unemployment. Where more people search for
work, more of them could have had the job, and the share is higher::

    share = displacement_share x (unemployment / displacement_at_unemployment) ^ displacement_slack_elasticity

The unemployment is that of the base, in the place that a figure is for, over all months of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.outcomes import EMPLOYED, Areas, area_codes
from sim.scenario import Scenario

F64 = NDArray[np.float64]

SHARE: Final = "job_search.displacement_share"
AT: Final = "job_search.displacement_at_unemployment"
ELASTICITY: Final = "job_search.displacement_slack_elasticity"
READS: Final = (SHARE, AT, ELASTICITY)
"""Parameters that displacement takes."""
SEARCHING: Final = ("searching",)


@dataclass(frozen=True)
class Displacement:
    """The share of additional jobs that others would have had, at any rate of unemployment.

    Parameters
    ----------
    share : float
        At the rate ``at``.
    at : float
    elasticity : float
        0: the same everywhere.
    """

    share: float = 0.0
    at: float = 1.0
    elasticity: float = 0.0

    @classmethod
    def of(cls, base: Scenario) -> Displacement:
        """As a scenario's parameters have it."""
        numbers = (base.parameters[name].dated()[0][1] for name in READS)
        return cls(*map(float, numbers))

    def where(self, searching: F64 | float, employed: F64 | float) -> F64:
        """The share where so many people search for work and so many have it."""
        unemployment = np.asarray(searching) / np.maximum(np.add(searching, employed), 1e-9)
        return np.clip(self.share * (unemployment / self.at) ** self.elasticity, 0.0, 1.0)


def displaced(base: Scenario, stocks: pd.DataFrame, areas: Areas, name: str | None = None) -> float:
    """The share for a run's net figures.

    Parameters
    ----------
    base : Scenario
    stocks : DataFrame
        The table of a run.
    areas : str or sequence of str
        The place that the figures are for.
    name : str, optional
        What the base is called in the table, if not by its own name.
    """
    codes = area_codes(stocks["area"], areas)
    rows = stocks[(stocks["scenario"] == (name or base.name)) & stocks["area"].isin(codes)]
    people = rows.groupby(rows["labour"].astype(str))["people"].sum()
    searching, employed = (float(people.reindex(each).sum()) for each in (SEARCHING, EMPLOYED))
    return float(Displacement.of(base).where(searching, employed))
