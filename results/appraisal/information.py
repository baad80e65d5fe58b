"""What information would be worth, and how sure a choice is.

Net benefits are of the whole population and the whole run already: nothing is multiplied up. Draws
hold means over replications, since chance in the simulation is not something to be learned about
the world, and would inflate the value of information.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

F64 = NDArray[np.float64]

DEGREE = 3
"""Degree of the polynomial by which net benefit is explained by one value."""


def evpi(net_benefit: F64) -> float:
    """Expected value of perfect information: ``mean(max NB) - max(mean NB)``.

    Parameters
    ----------
    net_benefit : float array, shape (draws, options)
    """
    return float(net_benefit.max(axis=1).mean() - net_benefit.mean(axis=0).max())


def evppi(net_benefit: F64, known: F64) -> float:
    """Expected value of knowing one value, by regression on it.

    The expected net benefit at each value of what is known is a cubic polynomial fitted to the
    draws; then as for perfect information. Source: Strong, Oakley and Brennan, Medical Decision
    Making 34 (2014) 311-326.

    Parameters
    ----------
    net_benefit : float array, shape (draws, options)
    known : float array, shape (draws,)
    """
    # Draws at an end of what is allowed are alike: a polynomial needs at least as many others.
    degree = min(DEGREE, len(np.unique(known)) - 1)
    spread = known.std()
    if degree < 1 or spread == 0:
        return 0.0
    scaled = (known - known.mean()) / spread
    design = np.vander(scaled, degree + 1)
    fitted = design @ np.linalg.lstsq(design, net_benefit, rcond=None)[0]
    worth = evpi(fitted)
    # Less than the rounding of the sums is nothing.
    return worth if worth > 1e-9 * np.abs(net_benefit).max() else 0.0


def acceptability(
    options: Sequence[str], person_years: F64, cost: F64, thresholds: F64
) -> pd.DataFrame:
    """Probability that each option is the best, by the value of an additional person-year in work.

    Net benefit is ``threshold x person-years - net cost to the Exchequer``.

    Parameters
    ----------
    options : sequence of str
        Names, the base first.
    person_years, cost : float array, shape (draws, options)
    thresholds : float array
        GBP per person-year.

    Returns
    -------
    DataFrame
        Columns scenario, threshold, probability, frontier.
    """
    rows = []
    for threshold in thresholds:
        benefit = threshold * person_years - cost
        best = np.bincount(benefit.argmax(axis=1), minlength=len(options)) / len(benefit)
        on_average = int(benefit.mean(axis=0).argmax())
        rows += [
            (name, float(threshold), float(best[k]), k == on_average)
            for k, name in enumerate(options)
        ]
    return pd.DataFrame(rows, columns=["scenario", "threshold", "probability", "frontier"])
