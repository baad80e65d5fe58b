"""Robust choice: how each option does over everything that is not known, and what it would have missed.

The regret of an option in one state of the world is how far it falls short of the best option there. An option with
a small largest regret is never far from the best, whatever turns out to be true.

Source: L. J. Savage (1951), "The theory of statistical decision", Journal of the American Statistical Association
46:55-67; R. J. Lempert, S. W. Popper and S. C. Bankes (2003), Shaping the Next One Hundred Years, RAND MR-1626.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

COLUMNS: Final = {
    "mean": "Mean over all states of the world, each counted alike.",
    "worst": "The least good value.",
    "best_share": "Share of states in which no option does better.",
    "mean_regret": "Mean distance from the best option of each state.",
    "largest_regret": "The largest such distance.",
}


def regrets(values: pd.DataFrame, levers: Sequence[str], more_is_better: bool) -> pd.DataFrame:
    """How every option does over the states of the world.

    Parameters
    ----------
    values : DataFrame
        Columns ``value``, one for each lever, and one for each uncertainty; a row a point.
    levers : sequence of str
        Factors that make up an option; the others make up a state of the world.
    more_is_better : bool

    Returns
    -------
    DataFrame
        A row an option, with its levers and the columns of :data:`COLUMNS`; the smallest largest regret first.

    Raises
    ------
    ValueError
        If some option was not tried in some state: then regrets cannot be compared.
    """
    states = [name for name in values.columns if name not in (*levers, "value")]
    if states:
        wide = values.pivot(index=list(levers), columns=states, values="value")
    else:
        wide = values.set_index(list(levers))[["value"]]
    if wide.isna().any(axis=None):
        raise ValueError("not every option was tried in every state of the world")
    table = wide.to_numpy(float) if more_is_better else -wide.to_numpy(float)
    regret = table.max(axis=0) - table
    sign = 1 if more_is_better else -1
    found = pd.DataFrame(
        {
            "mean": sign * table.mean(axis=1),
            "worst": sign * table.min(axis=1),
            "best_share": (regret == 0).mean(axis=1),
            "mean_regret": regret.mean(axis=1),
            "largest_regret": regret.max(axis=1),
        },
        index=wide.index,
    )
    order = np.lexsort((found["mean_regret"], found["largest_regret"]))
    return found.iloc[order].reset_index()
