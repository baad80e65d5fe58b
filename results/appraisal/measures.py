"""The measures of the headline table, from the account of a reform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from results.appraisal.account import Account
from results.appraisal.columns import MEASURES, TOTAL
from results.appraisal.years import year_name
from results.differences import LEVEL
from results.numbers import NOT_AVAILABLE, rounding_step

F64 = NDArray[np.float64]
Key = tuple[str, str]

NOT_APPLICABLE: Final = "[z]"
LOW_RELIABILITY: Final = "[u]"
SURE: Final = 0.95
"""A ratio is given where its denominator is above nought in at least this share of draws."""
SMALLEST: Final = {
    "people": 1.0, "full-time equivalents": 1.0, "person-years": 1.0, "GBP": 1.0, "year": 1.0,
    "GBP per person-year": 1.0, "GBP per person": 1.0, "GBP per GBP 1": 0.01, "ratio": 0.01,
    "share": 0.01,
}  # fmt: skip
"""The smallest step in which a unit is ever shown."""
_DENOMINATORS: Final = {
    "cost_per_person_year": "person_years_net",
    "cost_per_person_in_work": "in_work_net",
    "exchequer_cost_per_person_year": "person_years_net",
    "return_exchequer": "programme_cost",
    "return_society": "programme_cost",
    "return_society_weighted": "programme_cost",
    "bcr": "exchequer_net_cost",
}
"""The measure that each ratio is divided by."""
_PER_COST: Final = ("cost_per_person_year", "cost_per_person_in_work")
"""Ratios of the cost of delivery, which say nothing of a reform without one."""


@dataclass(frozen=True)
class Outcome:
    """A reform as it is valued: its account, and people in work at the end of some years.

    Parameters
    ----------
    account : Account
        For n draws or changes.
    in_work : float array, shape (n, years shown)
        Additional people in work, gross.
    """

    account: Account
    in_work: F64


def measure(outcome: Outcome, years_shown: tuple[int, ...]) -> dict[Key, F64]:
    """Every measure that is a number of one draw, by name and year, shape (n,)."""
    a = outcome.account
    u = a.values
    kept = 1 - u["job_search.displacement_share"][:, :1]
    part_time = u.one("pay.part_time_share")
    fte = (1 - part_time * (1 - u.one("pay.part_time_hours")))[:, None]
    gross = outcome.in_work
    found: dict[Key, F64] = {}
    for name, people in {
        "in_work_gross": gross,
        "in_work_net": gross * kept,
        "in_work_gross_fte": gross * fte,
        "in_work_net_fte": gross * kept * fte,
    }.items():
        found |= {(name, str(year)): people[:, k] for k, year in enumerate(years_shown)}
    nominal = 0.0 - a.total("exchequer", "nominal")
    found |= {
        ("exchequer_net_cost", year_name(year)): nominal[:, k] for k, year in enumerate(u.years)
    }
    net_years = a.person_years(net=True)
    last = found["in_work_net", str(years_shown[-1])]
    savings = a.delivery - a.exchequer_net_cost
    totals = {
        "person_years_gross": a.person_years(net=False),
        "person_years_net": net_years,
        "programme_cost": a.delivery,
        "exchequer_net_cost": a.exchequer_net_cost,
        "cost_per_person_year": _ratio(a.delivery, net_years),
        "exchequer_cost_per_person_year": _ratio(a.exchequer_net_cost, net_years),
        "return_exchequer": _ratio(savings, a.delivery),
        "return_society": _ratio(a.npsv + a.delivery, a.delivery),
        "return_society_weighted": _ratio(a.npsv_weighted + a.delivery, a.delivery),
        "npsv": a.npsv,
        "npsv_weighted": a.npsv_weighted,
        "bcr": _ratio(a.npsv + a.exchequer_net_cost, a.exchequer_net_cost),
    }
    found |= {(name, TOTAL): value for name, value in totals.items()}
    found["cost_per_person_in_work", str(years_shown[-1])] = _ratio(a.delivery, last)
    return found


def _ratio(number: F64, base: F64) -> F64:
    number, base = np.broadcast_arrays(number, base)
    return np.divide(number, base, out=np.full(number.shape, np.nan), where=base != 0)


def jackknife_error(without_each: F64) -> float:
    """Standard error from estimates that leave one replication out each; NaN from only one.

    Source: Efron and Stein, Annals of Statistics 9 (1981) 586-596. For a mean it is the usual one.
    """
    n = len(without_each)
    if n < 2 or np.isnan(without_each).any():
        return np.nan
    return float(np.sqrt((n - 1) * without_each.var()))


@dataclass(frozen=True)
class Estimate:
    """A measure with its two kinds of uncertainty kept apart, and what to say about it."""

    value: float
    low: float
    high: float
    error: float
    step: float
    note: str


def estimates(
    centre: Mapping[Key, F64], draws: Mapping[Key, F64], left_out: Mapping[Key, F64]
) -> dict[Key, Estimate]:
    """Each measure with its range over draws and its Monte Carlo error.

    Parameters
    ----------
    centre : mapping
        Shape (1,): all values at their centre.
    draws : mapping
        Shape (draws,).
    left_out : mapping
        Shape (replications,): all values at their centre, one replication left out each.
    """
    replications = len(next(iter(left_out.values())))
    width = stats.t.ppf((1 + LEVEL) / 2, replications - 1) if replications > 1 else np.nan
    errors = {key: jackknife_error(value) for key, value in left_out.items()}
    found = {}
    for key, value in centre.items():
        base = _DENOMINATORS.get(key[0])
        at = (base, key[1]) if base else None
        free = key[0] in _PER_COST and not centre["programme_cost", TOTAL].any()
        if free or (at and not _sure(draws[at], float(centre[at][0]), width * errors[at])):
            found[key] = Estimate(np.nan, np.nan, np.nan, np.nan, np.nan, NOT_APPLICABLE)
            continue
        found[key] = _estimate(key, float(value[0]), draws[key], errors[key], width)
    return found


def _estimate(key: Key, value: float, draws: F64, error: float, width: float) -> Estimate:
    low, high = (float(x) for x in np.nanquantile(draws, (0.05, 0.95)))
    half = np.nanmax([(high - low) / 2, width * error])
    step = float(rounding_step(half, SMALLEST[MEASURES[key[0]][1]]))
    if np.isnan(value):
        note = NOT_AVAILABLE
    elif width * error >= abs(value) > 0:
        note = LOW_RELIABILITY
    else:
        note = ""
    return Estimate(value, low, high, error, step, note)


def _sure(draws: F64, value: float, half_width: float) -> bool:
    """Whether a denominator is above nought in nearly all draws, and beyond the simulation error."""
    enough = float((draws > 0).mean()) >= SURE
    # With one replication the error is not known, and the draws alone decide.
    return enough and (np.isnan(half_width) or value > half_width)
