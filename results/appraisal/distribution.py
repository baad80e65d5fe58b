"""Who gains and who loses: by what people are, people further from work, and the budget.

The monthly tables tell people apart by condition and area; by earnings, age and sex it is known where the
same people are on the last evening, with the reform and without it. Sanctions are told by area only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.appraisal.account import Account
from results.appraisal.columns import TOTAL, names
from results.appraisal.incomes import AMOUNTS, incomes, person_by_person
from results.appraisal.measures import LOW_RELIABILITY, jackknife_error
from results.appraisal.quantities import CONDITIONS, EVENTS, Change, cells
from results.appraisal.study import Reform, Study
from results.appraisal.years import year_name
from results.differences import paired_difference
from results.numbers import NOT_AVAILABLE
from results.opened import Opened

F64 = NDArray[np.float64]

_COUNTED: Final = {
    "sanction": ("sanctions", "Additional sanctions", "sanctions"),
    "sanctioned_year": ("sanctioned_years", "Additional years under a sanction", "person-years"),
    "claim_closed": ("claims_closed", "Additional claims closed", "claims"),
}
_COUPLED: Final = {
    "nearer": "People nearer to work on the last day, all areas of the run",
    "further": "People further from work on the last day, all areas of the run",
    "unchanged": "People in the same state on the last day, all areas of the run",
}


def distribution(study: Study, run: Opened) -> pd.DataFrame:
    """Gains by group, with Monte Carlo intervals over the replications.

    Over the whole run by main condition and area; on the last evening, person by person, by fifth of
    earnings, age, sex and main condition.
    """
    rows = [row for reform in study.reforms for row in _distribution_rows(study, reform)]
    if run.tables.same_people is not None:
        income = incomes(study.values)
        for reform in study.reforms:
            rows += _row_each(reform.name, person_by_person(run, reform.name, income))
    return pd.DataFrame(rows, columns=names("distribution"))


def _row_each(
    scenario: str, found: Iterable[tuple[str, str, str, F64]]
) -> Iterator[dict[str, Any]]:
    for dimension, group, measure, by_seed in found:
        value, low, high = _interval(by_seed)
        yield {
            "scenario": scenario, "dimension": dimension, "group": group, "measure": measure,
            "unit": "GBP a year" if measure in AMOUNTS else "people", "value": value,
            "low": max(low, 0.0) if low == low else low, "high": high, "note": "",
        }  # fmt: skip


def _distribution_rows(study: Study, reform: Reform) -> Iterator[dict[str, Any]]:
    for number, condition in enumerate(CONDITIONS):
        yield from _group(study, reform, "condition", condition, reform.change.of_condition(number))
    if len(study.counts.areas) > 1:
        for number, area in enumerate(study.counts.areas):
            change = study.counts.difference(reform.name, study.base, [number])
            yield from _group(study, reform, "area", area, change)


def _group(
    study: Study, reform: Reform, dimension: str, group: str, change: Change
) -> Iterator[dict[str, Any]]:
    account = Account(change, study.values, study.options.health)
    present = {
        who: account.total(who, "present_value").sum(axis=1) for who in ("participant", "exchequer")
    }
    gains = {"person_years": account.person_years(net=False), **present}
    for measure, by_seed in gains.items():
        value, low, high = _interval(by_seed)
        yield {
            "scenario": reform.name, "dimension": dimension, "group": group, "measure": measure,
            "unit": "person-years" if measure == "person_years" else "GBP", "value": value,
            "low": low, "high": high, "note": LOW_RELIABILITY if low < 0 < high else "",
        }  # fmt: skip


def _interval(by_seed: F64) -> tuple[float, float, float]:
    """Mean over replications with its t interval; without an interval from only one."""
    if len(by_seed) < 2:
        return float(by_seed[0]), np.nan, np.nan
    found = paired_difference(np.zeros_like(by_seed), by_seed)
    return float(found.mean), float(found.low), float(found.high)


def losers(study: Study, run: Opened) -> pd.DataFrame:
    """People nearer to and further from work, sanctions, claims closed and LCWRA not awarded."""
    rows = [row for reform in study.reforms for row in _loser_rows(study, reform, run)]
    return pd.DataFrame(rows, columns=names("losers"))


def _loser_rows(study: Study, reform: Reform, run: Opened) -> Iterator[dict[str, Any]]:
    def row(measure: str, label: str, unit: str, by_seed: F64) -> dict[str, Any]:
        n = len(by_seed)
        left_out = (by_seed.sum() - by_seed) / max(n - 1, 1)
        return {
            "scenario": reform.name, "measure": measure, "label": label, "unit": unit,
            "value": float(by_seed.mean()), "error": jackknife_error(left_out),
        }  # fmt: skip

    coupled = [
        pair
        for replication in run.manifest["replications"]
        for pair in replication.get("coupling", ())
        if (pair["base"], pair["reform"]) == (study.base, reform.name)
    ]
    for measure, label in _COUPLED.items() if coupled else ():
        people = np.array([pair[measure] for pair in coupled], np.float64)
        yield row(measure, label, "people", people)
    for event, (measure, label, unit) in _COUNTED.items():
        counts = reform.change.events[..., EVENTS.index(event)].sum(axis=1)
        yield row(measure, label, unit, counts)
    with_lcwra = (reform.change.states.sum(axis=-1) @ cells(benefit="lcwra")).sum(axis=1)
    yield row("lcwra_years", "Additional person-years with LCWRA", "person-years", with_lcwra)


def budget(study: Study) -> pd.DataFrame:
    """Spending on each measure by financial year in money of the year, beside its envelope."""
    rows: list[pd.DataFrame] = []
    spending = [line for line in study.lines if line.kind in ("delivery", "administration")]
    years = [*map(year_name, study.values.years), TOTAL]
    for reform in study.reforms:
        accounts = study.accounts(reform)
        for line in spending:
            centre, draws, left_out = (_with_sum(a.amounts[line.name]) for a in accounts)
            low, high = np.quantile(draws, (0.05, 0.95), axis=0)
            envelope = reform.envelopes.get(line.name, np.nan)
            rows.append(
                pd.DataFrame(
                    {
                        "scenario": reform.name, "measure": line.name, "label": line.label,
                        "year": years, "value": centre[0], "low": low, "high": high,
                        "error": [jackknife_error(column) for column in left_out.T],
                        "envelope": [np.nan] * (len(years) - 1) + [envelope],
                        "note": [""] * (len(years) - 1)
                        + [NOT_AVAILABLE if np.isnan(envelope) else ""],
                    }
                )
            )  # fmt: skip
    return pd.concat(rows, ignore_index=True)[names("budget")]


def _with_sum(amounts: F64) -> F64:
    return np.column_stack([amounts, amounts.sum(axis=1)])
