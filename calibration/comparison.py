"""A finished run beside the published statistics."""

from __future__ import annotations

import numpy as np
import pandas as pd

from calibration.monthly import Monthly
from calibration.simulated import simulated
from calibration.targets import errors, read_targets, used
from sim.tables import RunTables

WITHIN: float = 1.96


def compare(tables: RunTables, scale: float, scenario: str) -> pd.DataFrame:
    """Every target that is scored, beside one scenario of a run.

    Parameters
    ----------
    tables : RunTables
    scale : float
        Simulated people for each person.
    scenario : str

    Returns
    -------
    DataFrame
        The targets that the tables can tell, with ``simulated`` (people grossed up), its Monte Carlo
        ``standard_error`` (nan for one replication), the published 95% interval ``low`` to ``high``,
        discrepancy included, and ``z``: simulated less published in standard errors of both.
    """
    every = read_targets()
    targets = pd.concat([used(every, "fit"), used(every, "held_out")], ignore_index=True)
    values = simulated(Monthly.of(tables, scale, [scenario]), targets)
    return beside(targets, values)


def beside(targets: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Targets beside simulated values (a row a run), as :func:`compare` gives them."""
    mean = values.mean().to_numpy(float)
    chance = (values.std(ddof=1) / np.sqrt(len(values))).to_numpy(float)
    published = (errors(targets) * targets["value"]).to_numpy(float)
    value = targets["value"].to_numpy(float)
    rows = targets.assign(
        simulated=mean,
        standard_error=chance,
        ratio=mean / value,
        low=value - WITHIN * published,
        high=value + WITHIN * published,
        z=(mean - value) / np.hypot(published, np.nan_to_num(chance)),
    )
    return rows[rows["simulated"].notna()].reset_index(drop=True)
