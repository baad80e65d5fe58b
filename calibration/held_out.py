"""How well the fitted model foresees what it was not fitted to, beside two naive forecasts.

The naive forecasts use only what was published before: the last value, and the line through the last two values.
For an area without earlier figures both are England's number for each resident.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from calibration.likelihood import F64
from calibration.periods import period_bounds
from calibration.targets import errors, used
from sim.people import read_areas

INTERVAL: Final = (0.05, 0.95)


def scores(targets: pd.DataFrame, y: pd.DataFrame) -> pd.DataFrame:
    """Each held-out target beside the model's prediction and the naive forecasts.

    Parameters
    ----------
    targets : DataFrame
        All of them, histories included.
    y : DataFrame
        Simulated over published: a row a posterior draw, a column a target.

    Returns
    -------
    DataFrame
        By target: ``predicted`` (over published) with ``low`` and ``high`` (90%, of draws and of the
        error of the target), ``z`` (published less predicted in standard errors of both), ``inside``,
        and the errors ``last_value`` and ``trend`` of the naive forecasts (over published, less 1; nan
        without a history).
    """
    rows = []
    held = used(targets, "held_out")
    held = held[held["id"].isin(y.columns)].reset_index(drop=True)
    rng = np.random.default_rng(1)
    for target, error in zip(held.to_dict("records"), errors(held), strict=True):
        draws = y[target["id"]].to_numpy(float)
        draws = draws[np.isfinite(draws)]
        noisy = draws[:, None] + error * rng.standard_normal((len(draws), 200))
        low, high = np.quantile(noisy, INTERVAL)
        last, trend = naive(targets, target)
        rows.append(
            {
                **{key: target[key] for key in ("id", "statistic", "area", "period", "value")},
                "error": error,
                "predicted": draws.mean(),
                "low": low,
                "high": high,
                "z": (1 - draws.mean()) / np.hypot(error, draws.std() if len(draws) > 1 else 0),
                "inside": low <= 1 <= high,
                "last_value": last / target["value"] - 1,
                "trend": trend / target["value"] - 1,
            }
        )
    return pd.DataFrame(rows)


def naive(targets: pd.DataFrame, target: dict[str, object]) -> tuple[float, float]:
    """Last value and trend, from what was published for earlier periods; nan without any."""
    wanted = _middle(str(target["period"]))
    same = targets[(targets["statistic"] == target["statistic"]) & (targets["use"] != "shown")]
    here = same[(same["area"] == target["area"]) & same["use"].isin(["fit", "history"])]
    here = here.assign(at=[_middle(str(period)) for period in here["period"]])
    here = here[(here["at"] < wanted) & (here["unit"] == target["unit"])].sort_values("at")
    if here.empty:
        return _from_england(same, target)
    at, value = here["at"].to_numpy(float), here["value"].to_numpy(float)
    if len(at) < 2 or at[-1] == at[-2]:
        return float(value[-1]), np.nan
    slope = (value[-1] - value[-2]) / (at[-1] - at[-2])
    return float(value[-1]), float(value[-1] + slope * (wanted - at[-1]))


def summary(table: pd.DataFrame) -> dict[str, float]:
    """Root mean square errors and coverage over the held-out targets.

    The forecasts are compared over the targets for which all of them exist.
    """
    both = table.dropna(subset=["last_value", "trend"])
    one = table.dropna(subset=["last_value"])

    def size(errors: pd.Series) -> float:
        return float(np.sqrt((errors**2).mean()))

    return {
        "targets": float(len(table)),
        "inside": float(table["inside"].mean()),
        "within_two": float((table["z"].abs() <= 2).mean()),
        "model": size(table["predicted"] - 1),
        "with_last_value": float(len(one)),
        "model_with_last_value": size(one["predicted"] - 1),
        "last_value": size(one["last_value"]),
        "with_trend": float(len(both)),
        "model_with_trend": size(both["predicted"] - 1),
        "trend": size(both["trend"]),
    }


def _from_england(same: pd.DataFrame, target: dict[str, object]) -> tuple[float, float]:
    """England's number for each resident in the same period, for an area."""
    places = read_areas()
    england = same[(same["area"] == "England") & (same["period"] == target["period"])]
    if england.empty or target["area"] not in places.code:
        return np.nan, np.nan
    residents: F64 = np.array([float(r.sum()) for r in places.residents])
    english = [code.startswith("E") for code in places.code]
    share = residents[places.code.index(str(target["area"]))] / residents[english].sum()
    value = float(england["value"].iloc[0] * share)
    return value, value


def _middle(period: str) -> float:
    """The middle of a period in months since year 0; nan when it is too loose."""
    bounds = period_bounds(period)
    return np.nan if bounds is None else sum(bounds) / 2
